//! Majordomo, the broker: services with names. Workers say which service they offer, and
//! clients which they want; requests for one nobody offers wait. Both connect to one
//! socket of the broker. It is Paranoid Pirate, with services: broker and workers tell each
//! other by heartbeats that they are alive.
//!
//! The protocol is MDP/0.1, and clients and workers of any language will do. What a broker
//! does is in `chapter4/mdp/broker.rs`.
//!
//! `cargo run -p zmq-guide --bin mdbroker [tcp://*:5555]`, with `mdworker` and `mdclient`.
//! `HEARTBEAT` in the environment is the time between two, in milliseconds, `LIVENESS` how
//! many may be missed; the workers' are to be the same.

use std::error::Error;

use zmq_guide::chapter4::mdp::Broker;

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://*:5555");
    let mut broker = Broker::new(&zmq::Context::new())?;
    broker.bind(&endpoint)?;
    println!("I: the broker is at {endpoint}");
    broker.run()?;
    Ok(())
}
