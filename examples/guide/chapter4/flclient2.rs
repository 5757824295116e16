//! Freelance, model 2, a client: it sends each request to all servers at once, by a DEALER,
//! and takes the first reply. A server that goes down is not even noticed. The price is
//! that every server does all the work.
//!
//! Requests are numbered, and replies to those before are dropped. The empty frame in front
//! is what the servers, which are REP, take for the end of an envelope.
//!
//! `cargo run -p zmq-guide --bin flclient2 tcp://localhost:5555 [more endpoints]`, with
//! `flserver2` at each or some of them. In the environment, `REQUESTS` is how many it makes,
//! `TIMEOUT` how long it waits for the reply to one, in milliseconds.

use std::error::Error;
use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Socket, POLLIN};
use zmq_guide::chapter4::{milliseconds, setting};

fn main() -> Result<(), Box<dyn Error>> {
    let servers: Vec<String> = std::env::args().skip(1).collect();
    let timeout = milliseconds("TIMEOUT", 2500)?;
    let requests: u32 = setting("REQUESTS", 10_000)?;
    let context = Context::new();
    let client = context.socket(Dealer)?;
    client.set_linger(0)?;
    for server in &servers {
        client.connect(server)?;
    }
    let start = Instant::now();
    for number in 1..=requests {
        let number = number.to_string();
        for _ in &servers {
            // To each in turn, as a DEALER does. It leaves out who does not take any more.
            client.send_multipart(["", &number, "a name"], zmq::DONTWAIT)?;
        }
        if !hears_reply(&client, &number, timeout)? {
            return Err(format!("no reply to request {number}").into());
        }
    }
    println!(
        "I: {requests} replies, {:?} each",
        start.elapsed() / requests.max(1)
    );
    Ok(())
}

/// Waits for the reply to a request.
fn hears_reply(client: &Socket<Dealer>, number: &str, timeout: Duration) -> zmq::Result<bool> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if client.poll(POLLIN, left.as_millis() as i64)? == 0 {
            return Ok(false);
        }
        if client.recv_frames(0)? == ["", number, "OK"] {
            return Ok(true);
        }
    }
}
