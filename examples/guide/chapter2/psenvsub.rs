//! Subscribes to what has the envelope B. A subscription is a prefix: an envelope "Bee"
//! would come too.
//!
//! `cargo run -p zmq-guide --bin psenvsub [tcp://localhost:5563]`, beside `psenvpub`

use zmq_guide::{endpoint, text};

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.connect(&endpoint(1, "tcp://localhost:5563"))?;
    subscriber.set_subscribe(b"B")?;
    loop {
        let message = subscriber.recv_frames(0)?;
        let frames: Vec<String> = message.iter().map(|frame| text(frame)).collect();
        println!("[{}] {}", frames[0], frames[1..].join(" "));
    }
}
