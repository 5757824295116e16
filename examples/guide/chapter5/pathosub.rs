//! Pathological subscriber: subscribes to one topic of a thousand, and prints what it hears
//! on it. If it comes after the first messages of `pathopub`, that is nothing for a long
//! time; unless there is a last value cache, `lvcache`, to which it then connects.
//!
//! `cargo run -p zmq-guide --bin pathosub [tcp://localhost:5556] [TOPIC = 000 to 999]`

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let topic = zmq_guide::argument(2, format!("{:03}", fastrand::u32(0..1000)))?;
    let context = zmq::Context::new();
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.set_subscribe(topic.as_bytes())?;
    subscriber.connect(&zmq_guide::endpoint(1, "tcp://localhost:5556"))?;
    println!("subscribed to {topic}");
    loop {
        let message = subscriber.recv_frames(0)?;
        let frames: Vec<_> = message.iter().map(|frame| zmq_guide::text(frame)).collect();
        println!("{}", frames.join(": "));
    }
}
