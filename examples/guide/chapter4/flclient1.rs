//! Freelance, model 1, a client: it asks one server after the other until one replies. That
//! is simple, but each dead server costs its whole timeout; models 2 and 3 do better.
//!
//! With one server it is a lazy pirate, which asks three times. `Socket::request` does that:
//! it sends a request again until it is answered, by the same socket.
//!
//! `cargo run -p zmq-guide --bin flclient1 tcp://localhost:5555 [more endpoints]`, with
//! `flserver1` at each or some of them. `TIMEOUT` in the environment is how long it waits
//! for a server, in milliseconds.

use std::error::Error;

use zmq_guide::chapter4::milliseconds;

fn main() -> Result<(), Box<dyn Error>> {
    let servers: Vec<String> = std::env::args().skip(1).collect();
    let timeout = milliseconds("TIMEOUT", 1000)?;
    let retries = if servers.len() == 1 { 2 } else { 0 };
    let context = zmq::Context::new();
    for server in &servers {
        println!("I: trying the service at {server}");
        let client = context.socket(zmq::Req)?;
        client.set_linger(0)?; // what was sent in vain goes with the socket
        client.connect(server)?;
        match client.request("Hello world", timeout, retries) {
            Ok(reply) => {
                println!("I: the service replied {}", zmq_guide::text(&reply[0]));
                return Ok(());
            }
            Err(zmq::Error::EAGAIN) => println!("W: no reply in time"),
            Err(e) => return Err(e.into()),
        }
    }
    Err("there is no service, or no endpoint was given".into())
}
