//! Freelance, model 3, a client: it sends a request to one server, and knows from what it
//! hears of them which are alive. A thread of its own pings servers, chooses one, and goes
//! over to another when that falls silent; the program only connects and asks. See
//! `chapter4/freelance.rs`.
//!
//! `cargo run -p zmq-guide --bin flclient3 [endpoints]`, which are 5555, 5556 and 5557 at
//! `tcp://localhost` if none are given, with `flserver3` at each or some of them. In the
//! environment, `REQUESTS` is how many it makes, and, in milliseconds, `TIMEOUT` how long it
//! waits for the reply to one, `PING` how often it pings a silent server, and `TTL` when
//! that is dead.

use std::error::Error;
use std::time::Instant;

use zmq_guide::chapter4::{setting, Freelance};

fn main() -> Result<(), Box<dyn Error>> {
    let mut servers: Vec<String> = std::env::args().skip(1).collect();
    if servers.is_empty() {
        servers = [5555, 5556, 5557]
            .map(|port| format!("tcp://localhost:{port}"))
            .into();
    }
    let requests: u32 = setting("REQUESTS", 1000)?;
    let client = Freelance::new(&zmq::Context::new(), &servers)?;
    let start = Instant::now();
    for number in 1..=requests {
        let reply = client.request("a name")?;
        if reply != ["OK"] {
            return Err(format!("the reply to request {number} is {reply:?}").into());
        }
    }
    println!(
        "I: {requests} replies, {:?} each",
        start.elapsed() / requests.max(1)
    );
    Ok(())
}
