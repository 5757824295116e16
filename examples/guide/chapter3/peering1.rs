//! Brokers that know each other, part 1: the flow of state. Each publishes how many of its
//! workers are free, here a number made up now and then, and subscribes to all others.
//!
//! A broker is known by its name, which is also the path to its sockets: `DC1.state` is
//! the one of this part.
//!
//! `cargo run -p zmq-guide --bin peering1 DC1 DC2 DC3`, and likewise the two others, each
//! with its own name first

use std::error::Error;
use std::time::{Duration, Instant};

use zmq_guide::text;

const PAUSE: Duration = Duration::from_millis(200);

fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let (name, peers) = names.split_first().ok_or("usage: peering1 NAME PEER...")?;

    let context = zmq::Context::new();
    let state_out = context.socket(zmq::Pub)?;
    state_out.bind(&format!("ipc://{name}.state"))?;
    let state_in = context.socket(zmq::Sub)?;
    state_in.set_subscribe(b"")?;
    for peer in peers {
        state_in.connect(&format!("ipc://{peer}.state"))?;
    }

    let mut due = Instant::now();
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            state_out.send_multipart([name, &fastrand::u32(..10).to_string()], 0)?;
            due += PAUSE;
        } else if state_in.poll(zmq::POLLIN, left.as_millis() as i64)? > 0 {
            let state = state_in.recv_frames(0)?;
            println!("{} has {} workers free", text(&state[0]), text(&state[1]));
        }
    }
}
