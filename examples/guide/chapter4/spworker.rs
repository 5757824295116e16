//! Simple Pirate, a worker: a REQ whose requests are "I am ready" and, from then on, its
//! replies, and whose replies are the work. What it gets comes with the client's envelope,
//! which is sent back as it is. After a few requests it crashes, or is too slow, by chance.
//!
//! `cargo run -p zmq-guide --bin spworker [tcp://localhost:5556]`, with `spqueue`. In the
//! environment, `TROUBLE` may choose what happens to it: none, crash or overload.

use std::error::Error;

use zmq_guide::chapter4::{survives, work};

const READY: &str = "\x01";

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let worker = context.socket(zmq::Req)?;
    let name = format!("{:04X}-{:04X}", fastrand::u16(..), fastrand::u16(..));
    worker.set_identity(name.as_bytes())?; // for people who read a trace
    worker.connect(&zmq_guide::endpoint(1, "tcp://localhost:5556"))?;
    println!("I: ({name}) is ready");
    worker.send(READY, 0)?;
    for n in 1.. {
        let request = worker.recv_frames(0)?;
        if !survives(n)? {
            break;
        }
        println!("I: ({name}) replies");
        work()?;
        worker.send_frames(request, 0)?;
    }
    Ok(())
}
