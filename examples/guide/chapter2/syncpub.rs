//! A publisher that waits for its subscribers. A subscription takes its time to arrive,
//! and what is published meanwhile is missed. So it says hello until as many subscribers
//! as it expects have answered, by request and reply, that they hear it; only then comes
//! what nobody is to miss.
//!
//! `cargo run -p zmq-guide --bin syncpub [tcp://*:5561 [tcp://*:5562 [10 [1000000]]]]`,
//! and ten of `syncsub`; the numbers are those of subscribers and of updates

use std::error::Error;

use zmq_guide::{argument, endpoint};

fn main() -> Result<(), Box<dyn Error>> {
    let (subscribers, updates) = (argument(3, 10)?, argument(4, 1_000_000)?);
    let context = zmq::Context::new();
    let publisher = context.socket(zmq::Pub)?;
    publisher.set_sndhwm(0)?; // no limit to what waits for a subscriber, so nothing is dropped
    publisher.bind(&endpoint(1, "tcp://*:5561"))?;
    let sync = context.socket(zmq::Rep)?;
    sync.bind(&endpoint(2, "tcp://*:5562"))?;

    println!("waiting for {subscribers} subscribers");
    let mut ready = 0;
    while ready < subscribers {
        publisher.send("HELLO", 0)?;
        if sync.poll(zmq::POLLIN, 10)? > 0 {
            sync.recv_msg(0)?;
            sync.send("", 0)?;
            ready += 1;
        }
    }
    println!("publishing {updates} updates");
    for _ in 0..updates {
        publisher.send("Rhubarb", 0)?;
    }
    publisher.send("END", 0)?;
    Ok(())
}
