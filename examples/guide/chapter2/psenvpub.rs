//! Publishes with envelopes. A message may have several frames, and arrives with all or
//! not at all; subscriptions are compared with the first alone, so the key can be kept
//! apart from the content.
//!
//! `cargo run -p zmq-guide --bin psenvpub [tcp://*:5563 [1000]]`, and then `psenvsub`; the
//! number is how many milliseconds pass between updates

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq_guide::{argument, endpoint};

fn main() -> Result<(), Box<dyn Error>> {
    let pause = Duration::from_millis(argument(2, 1000)?);
    let context = zmq::Context::new();
    let publisher = context.socket(zmq::Pub)?;
    publisher.bind(&endpoint(1, "tcp://*:5563"))?;
    loop {
        publisher.send_multipart(["A", "We don't want to see this"], 0)?;
        publisher.send_multipart(["B", "We would like to see this"], 0)?;
        thread::sleep(pause);
    }
}
