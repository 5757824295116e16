//! Clone, model six: a client of two servers, of which one may die. All that it takes is in
//! `clone.rs`; this is how it is used. Type `/client/NAME=VALUE` to set a value, or
//! `/client/NAME=VALUE 30` to set it for 30 seconds; `/client/NAME=` to delete it;
//! `/client/NAME` to get it. What the client hears of the servers it tells on standard error.
//! Start two, kill the server that they follow, and go on.
//!
//! `cargo run -p zmq-guide --bin clonecli6 [tcp://localhost:5556 tcp://localhost:5566]
//! [MILLISECONDS of silence after which a server is gone = 5000] [SUBTREE = /client/]`

mod clone;
mod kvmap;
mod kvmsg;
mod replica;

use std::error::Error;
use std::time::Duration;

use clone::Client;
use zmq_guide::text;

fn main() -> Result<(), Box<dyn Error>> {
    let servers = [
        zmq_guide::endpoint(1, "tcp://localhost:5556"),
        zmq_guide::endpoint(2, "tcp://localhost:5566"),
    ];
    let patience = Duration::from_millis(zmq_guide::argument::<u32>(3, 5000)?.into());
    let subtree = zmq_guide::argument::<String>(4, "/client/".into())?;
    let client = Client::new(&servers, &subtree, patience)?;
    for line in std::io::stdin().lines() {
        let line = line?;
        let Some((key, value)) = line.split_once('=') else {
            println!("{line}={}", text(&client.get(&line)?));
            continue;
        };
        let (value, ttl) = value.rsplit_once(' ').unwrap_or((value, "0"));
        let ttl = ttl
            .parse()
            .map_err(|e| format!("{ttl:?} seconds: {e}").into());
        if let Err(e) = ttl.and_then(|ttl| client.set(key, value, ttl)) {
            eprintln!("not set: {e}");
        }
    }
    Ok(())
}
