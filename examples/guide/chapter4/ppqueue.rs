//! Paranoid Pirate, the queue: as `spqueue`, and it and its workers tell each other by
//! heartbeats that they are alive. The queue forgets workers that it has not heard for a
//! while, before it gives them work; workers that do not hear the queue connect anew.
//!
//! What a worker sends (the protocol is PPP, RFC 6): READY, HEARTBEAT, or a reply with the
//! client's envelope. Each says that it lives. A heartbeat also counts as READY, so that
//! workers need not notice that the queue was restarted.
//!
//! `cargo run -p zmq-guide --bin ppqueue [tcp://*:5555] [tcp://*:5556]`, for clients and
//! for workers, with any number of `ppworker` and `lpclient`. `HEARTBEAT` in the
//! environment is the time between two, in milliseconds, `LIVENESS` how many may be missed;
//! the workers' are to be the same.

use std::collections::VecDeque;
use std::error::Error;
use std::time::Instant;

use zmq::{Message, Router, POLLIN};
use zmq_guide::chapter4::Heartbeat;

const READY: &str = "\x01";
const HEARTBEAT: &str = "\x02";

/// A worker that waits for work.
struct Worker {
    address: Message,
    expiry: Instant,
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let frontend = context.socket(Router)?;
    let backend = context.socket(Router)?;
    frontend.bind(&zmq_guide::endpoint(1, "tcp://*:5555"))?;
    backend.bind(&zmq_guide::endpoint(2, "tcp://*:5556"))?;
    let mut ready: VecDeque<Worker> = VecDeque::new();
    let mut beat = Heartbeat::new(1000, 3)?;
    loop {
        let polled = if ready.is_empty() { 1 } else { 2 };
        let mut items = [backend.as_poll_item(POLLIN), frontend.as_poll_item(POLLIN)];
        zmq::poll(&mut items[..polled], beat.timeout_ms())?;

        if items[0].is_readable() {
            let mut message = backend.recv_frames(0)?;
            let address = message.pop_front().unwrap_or_default();
            let is_reply = message.len() > 1;
            if is_reply || message == [READY] || message == [HEARTBEAT] {
                if message == [READY] {
                    println!("I: worker {} is ready", zmq_guide::text(&address));
                }
                ready.retain(|worker| worker.address != address);
                let expiry = beat.expiry();
                ready.push_back(Worker { address, expiry });
            } else {
                println!("E: a worker said {message:?}");
            }
            if is_reply {
                frontend.send_frames(message, 0)?;
            }
        }
        if items[1].is_readable() {
            let mut request = frontend.recv_frames(0)?;
            if let Some(worker) = ready.pop_front() {
                request.push_front(worker.address);
                backend.send_frames(request, 0)?;
            }
        }
        if beat.is_due() {
            for worker in &ready {
                backend.send_multipart([&worker.address[..], HEARTBEAT.as_bytes()], 0)?;
            }
        }
        ready.retain(|worker| {
            let lives = Instant::now() < worker.expiry;
            if !lives {
                println!("W: worker {} is silent", zmq_guide::text(&worker.address));
            }
            lives
        });
    }
}
