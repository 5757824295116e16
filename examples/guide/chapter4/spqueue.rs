//! Simple Pirate, the queue: clients and workers, many of each, that do not know each
//! other. Each worker says when it is ready, and again by each reply; the queue gives a
//! request to the one that has waited longest, and takes no request while none is ready.
//!
//! So a worker that is dead or slow costs one request, which its client sends again
//! (`lpclient`), and workers may come and go. What is missing: the queue does not notice
//! that an idle worker died, and workers do not notice that the queue did. See `ppqueue`.
//!
//! `cargo run -p zmq-guide --bin spqueue [tcp://*:5555] [tcp://*:5556]`, for clients and
//! for workers, with any number of `spworker` and `lpclient`

use std::collections::VecDeque;

use zmq::{Message, Router, POLLIN};

const READY: &str = "\x01";

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let frontend = context.socket(Router)?;
    let backend = context.socket(Router)?;
    frontend.bind(&zmq_guide::endpoint(1, "tcp://*:5555"))?;
    backend.bind(&zmq_guide::endpoint(2, "tcp://*:5556"))?;
    let mut ready: VecDeque<Message> = VecDeque::new();
    loop {
        let polled = if ready.is_empty() { 1 } else { 2 };
        let mut items = [backend.as_poll_item(POLLIN), frontend.as_poll_item(POLLIN)];
        zmq::poll(&mut items[..polled], -1)?;

        if items[0].is_readable() {
            // The worker, an empty frame, and READY or a reply in its envelope.
            let mut message = backend.recv_frames(0)?;
            let worker = message.pop_front();
            message.pop_front();
            ready.extend(worker);
            if message != [READY] {
                frontend.send_frames(message, 0)?;
            }
        }
        if items[1].is_readable() {
            let mut request = frontend.recv_frames(0)?;
            if let Some(worker) = ready.pop_front() {
                request.push_front("");
                request.push_front(worker);
                backend.send_frames(request, 0)?;
            }
        }
    }
}
