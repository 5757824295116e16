//! Titanic, a client: it leaves its request for `echo` with `titanic.request`, remembers
//! the number that it gets for it, and asks `titanic.reply` for the reply until there is
//! one. Broker, Titanic and worker may come and go meanwhile.
//!
//! `cargo run -p zmq-guide --bin ticlient [tcp://localhost:5555]`, with `mdbroker`,
//! `mdworker` and `titanic`. In the environment, `PAUSE` is how often it asks, in
//! milliseconds, `TIMEOUT` how long it waits for an answer, `RETRIES` how often it asks
//! again if there is none.

use std::error::Error;
use std::thread;

use zmq::{Context, Multipart};
use zmq_guide::chapter4::mdp::Client;
use zmq_guide::chapter4::milliseconds;

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://localhost:5555");
    let pause = milliseconds("PAUSE", 5000)?;
    let mut client = Client::new(&Context::new(), &endpoint)?;

    let left = call(&mut client, "titanic.request", ["echo", "Hello world"])?;
    let id = left.front().cloned().unwrap_or_default();
    println!("I: request {}", zmq_guide::text(&id));
    let reply = loop {
        match call(&mut client, "titanic.reply", id.clone()) {
            Ok(reply) => break reply,
            Err(status) if status == "400" => return Err("Titanic has lost the request".into()),
            Err(status) => println!("I: no reply yet: {status}"),
        }
        thread::sleep(pause);
    };
    for frame in &reply {
        println!("I: reply {}", zmq_guide::text(frame));
    }
    call(&mut client, "titanic.close", id)?;
    println!("I: closed");
    Ok(())
}

/// Asks Titanic, and returns what follows the status if that is 200; else the status, or
/// why there is none.
fn call(
    client: &mut Client,
    service: &str,
    body: impl Into<Multipart>,
) -> Result<Multipart, String> {
    let mut reply = client.request(service, body).map_err(|e| e.to_string())?;
    match reply.pop_front() {
        Some(status) if *status == *b"200" => Ok(reply),
        status => Err(zmq_guide::text(&status.unwrap_or_default())),
    }
}
