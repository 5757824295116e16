//! Binary Star, a server again: what makes it one of two, which `bstarsrv` shows, is in
//! `chapter4/bstar.rs` now, and what is left is the service. It gets the requests that it
//! is to answer, which are none while it is passive.
//!
//! `cargo run -p zmq-guide --bin bstarsrv2 -- -p`, the same with `-b`, and `bstarcli`. Three
//! endpoints may follow, as for `bstarsrv`, which also tells what the environment may have.

use std::error::Error;

use zmq_guide::chapter4::{BinaryStar, Star};

fn main() -> Result<(), Box<dyn Error>> {
    let (star, defaults) = match std::env::args().nth(1).as_deref() {
        Some("-p") => (
            Star::Primary,
            ["tcp://*:5001", "tcp://*:5003", "tcp://localhost:5004"],
        ),
        Some("-b") => (
            Star::Backup,
            ["tcp://*:5002", "tcp://*:5004", "tcp://localhost:5003"],
        ),
        _ => return Err("bstarsrv2 -p for the primary, -b for the backup".into()),
    };
    let [local, remote] = [3, 4].map(|n| zmq_guide::endpoint(n, defaults[n - 2]));
    let context = zmq::Context::new();
    let server = context.socket(zmq::Router)?;
    server.bind(&zmq_guide::endpoint(2, defaults[0]))?;
    let mut binary_star = BinaryStar::new(&context, star, &local, &remote)?;
    println!("I: {star:?}, waiting for the other");
    loop {
        let request = binary_star.recv(&server)?;
        server.send_frames(request, 0)?; // the reply, in a real server
    }
}
