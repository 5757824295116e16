//! Majordomo, a client that asks `echo` again and again, and waits for each reply. How it
//! asks, and asks again, is in `chapter4/mdp/client.rs`. `mdclient2` does not wait.
//!
//! `cargo run -p zmq-guide --bin mdclient [tcp://localhost:5555] [100000]`, with `mdbroker`
//! and `mdworker`. In the environment, `TIMEOUT` is how long it waits for a reply, in
//! milliseconds, `RETRIES` how often it asks again.

use std::error::Error;

use zmq_guide::chapter4::mdp::Client;

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://localhost:5555");
    let requests = zmq_guide::argument(2, 100_000)?;
    let mut client = Client::new(&zmq::Context::new(), &endpoint)?;
    let mut replies = 0;
    while replies < requests {
        match client.request("echo", format!("Hello world {replies}")) {
            Ok(_) => replies += 1,
            Err(zmq::Error::EAGAIN) => break,
            Err(e) => return Err(e.into()),
        }
    }
    println!("{replies} requests and replies");
    Ok(())
}
