//! Pathological publisher: a message on each of a thousand topics at once, and from then on
//! one on some topic from time to time. Who subscribes to one of them a moment too late waits
//! long for the next; see `lvcache` for what helps.
//!
//! The first of them waits until somebody listens. A plain PUB would not know: this is an
//! XPUB, which receives subscriptions.
//!
//! `cargo run -p zmq-guide --bin pathopub [tcp://*:5556] [MILLISECONDS between messages =
//! 1000]`, and then `pathosub`; or `pathopub tcp://*:5557`, behind `lvcache`

use std::error::Error;
use std::thread;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let publisher = context.socket(zmq::XPub)?;
    publisher.bind(&zmq_guide::endpoint(1, "tcp://*:5556"))?;
    let pause = Duration::from_millis(zmq_guide::argument::<u32>(2, 1000)?.into());

    publisher.recv_msg(0)?;
    for topic in 0..1000 {
        publisher.send_multipart([format!("{topic:03}").as_str(), "Save Roger"], 0)?;
    }
    println!("sent a message on each topic");
    loop {
        thread::sleep(pause);
        let topic = format!("{:03}", fastrand::u32(0..1000));
        publisher.send_multipart([topic.as_str(), "Off with his head!"], 0)?;
    }
}
