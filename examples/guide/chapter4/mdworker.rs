//! Majordomo, a worker, whose service is `echo`. Which broker it talks to, and whether that
//! is alive, `chapter4/mdp/worker.rs` sees to.
//!
//! `cargo run -p zmq-guide --bin mdworker [tcp://localhost:5555]`, any number of them, with
//! `mdbroker`. In the environment, `HEARTBEAT` is the time between two, in milliseconds,
//! `LIVENESS` how many of the broker's may be missed, `RECONNECT` how long the worker then
//! waits.

use std::error::Error;

use zmq_guide::chapter4::mdp::{Request, Worker};

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://localhost:5555");
    let mut worker = Worker::new(&zmq::Context::new(), &endpoint, "echo")?;
    loop {
        let Request { client, body } = worker.recv()?;
        worker.reply(client, body)?;
    }
}
