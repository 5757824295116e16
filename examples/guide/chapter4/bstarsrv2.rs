//! Binary Star, a server again: what makes it one of two, which `bstarsrv` shows, is in
//! `chapter4/bstar.rs` now, and what is left is the service. It gets the requests that it
//! is to answer, which are none while it is passive.
//!
//! `cargo run -p zmq-guide --bin bstarsrv2 -- -p`, the same with `-b`, and `bstarcli`. Three
//! endpoints may follow, as for `bstarsrv`, which also tells what the environment may have.

use std::error::Error;

use zmq_guide::chapter4::{BinaryStar, Place};

fn main() -> Result<(), Box<dyn Error>> {
    let place = Place::from_arguments()?;
    let context = zmq::Context::new();
    let server = context.socket(zmq::Router)?;
    server.bind(&place.clients)?;
    let mut binary_star = BinaryStar::new(&context, &place)?;
    println!("I: {:?}, waiting for the other", place.state);
    loop {
        let request = binary_star.recv(&server)?;
        server.send_frames(request, 0)?; // the reply, in a real server
    }
}
