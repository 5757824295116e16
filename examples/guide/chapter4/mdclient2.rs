//! Majordomo, a client that does not wait for one reply before it asks `echo` again, which
//! takes a fraction of the time of `mdclient`. It does not ask twice, either: what was lost
//! when the broker went down is lost.
//!
//! It stops when 500 replies are due. The broker is a ROUTER, which drops what it has for a
//! peer whose queue is full, and queues hold 1000 messages.
//!
//! `cargo run -p zmq-guide --bin mdclient2 [tcp://localhost:5555] [100000]`, with
//! `mdbroker` and `mdworker`. `TIMEOUT` in the environment is how long it waits for the
//! next reply, in milliseconds.

use std::error::Error;

use zmq_guide::chapter4::mdp::AsyncClient;

const AHEAD: usize = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://localhost:5555");
    let requests = zmq_guide::argument(2, 100_000)?;
    let client = AsyncClient::new(&zmq::Context::new(), &endpoint)?;
    let (mut sent, mut replies) = (0, 0);
    while replies < requests {
        while sent < requests && sent < replies + AHEAD {
            client.send("echo", format!("Hello world {sent}"))?;
            sent += 1;
        }
        match client.recv() {
            Ok(_) => replies += 1,
            Err(zmq::Error::EAGAIN) => break,
            Err(e) => return Err(e.into()),
        }
    }
    println!("{replies} replies to {sent} requests");
    Ok(())
}
