//! Binary Star, a server. There are two, a primary and a backup, and only one of them is
//! active: it serves the clients. Each tells the other by PUB and SUB, again and again, what
//! it is. If the active one goes down, the passive one takes over, once two things are so:
//! it does not hear the other, and a client comes to it, because that does not hear the
//! other either. Where only the line between the two servers is cut, nothing happens;
//! that is what keeps both from being active.
//!
//! A server that comes back finds the other active and is passive. Both active, or both
//! passive, is an error, and ends them: somebody has to look. All these rules are in
//! `chapter4/bstar.rs`, and `bstarsrv2` is this program with the loop there as well.
//!
//! `cargo run -p zmq-guide --bin bstarsrv -- -p`, the same with `-b`, and `bstarcli`. Three
//! endpoints may follow: for clients (`tcp://*:5001`, of the backup 5002), for what it is
//! (`tcp://*:5003`, 5004), and where the other says that. `HEARTBEAT` in the environment is
//! how often it does, in milliseconds, `LIVENESS` how many may be missed.

use std::error::Error;

use zmq::{Pub, Router, Sub, POLLIN};
use zmq_guide::chapter4::{Heartbeat, Place, Side};

fn main() -> Result<(), Box<dyn Error>> {
    let place = Place::from_arguments()?;
    let context = zmq::Context::new();
    let server = context.socket(Router)?;
    server.bind(&place.clients)?;
    let publisher = context.socket(Pub)?;
    publisher.bind(&place.local)?;
    let subscriber = context.socket(Sub)?;
    subscriber.set_subscribe(b"")?;
    subscriber.connect(&place.remote)?;

    let mut beat = Heartbeat::new(1000, 2)?;
    let mut side = Side::new(place.state, beat.expiry());
    println!("I: {:?}, waiting for the other", place.state);
    loop {
        let mut items = [subscriber.as_poll_item(POLLIN), server.as_poll_item(POLLIN)];
        zmq::poll(&mut items, beat.timeout_ms())?;
        // First, for what the other says may be all that keeps this one from taking over.
        if items[0].is_readable() {
            side.hear(&subscriber.recv_msg(0)?, beat.expiry())?;
        } else if items[1].is_readable() {
            let request = server.recv_frames(0)?;
            if side.accepts() {
                server.send_frames(request, 0)?; // the reply, in a real server
            }
        }
        if beat.is_due() {
            publisher.send(&side.state().frame()[..], 0)?;
        }
    }
}
