//! A load-balancing broker: each request goes to the worker that has been free for
//! longest, and requests wait with the broker's queue while none is free. Both sides are
//! REQ: the clients ask for service, the workers for work, and a worker's next request
//! brings the reply to the last.
//!
//! ```text
//!  client     client     client      (REQ)
//!        \       |       /
//!             frontend               (ROUTER)
//!            free workers
//!             backend                (ROUTER)
//!        /       |       \
//!  worker     worker     worker      (REQ)
//! ```
//!
//! From a worker comes `[worker, "", "READY"]`, or `[worker, "", client, "", reply]`: the
//! client's envelope travels inside the worker's.
//!
//! `cargo run -p zmq-guide --bin lbbroker`

use std::collections::VecDeque;
use std::thread;

use zmq::{Context, Multipart, Req, POLLIN};
use zmq_guide::text;

const CLIENTS: usize = 10;
const WORKERS: usize = 3;

fn main() -> zmq::Result<()> {
    let context = Context::new();
    let frontend = context.socket(zmq::Router)?;
    frontend.bind("inproc://frontend")?;
    let backend = context.socket(zmq::Router)?;
    backend.bind("inproc://backend")?;
    let spawn = |n, task: fn(usize, &Context) -> zmq::Result<()>| {
        let context = context.clone();
        thread::spawn(move || task(n, &context))
    };
    let clients: Vec<_> = (1..=CLIENTS).map(|n| spawn(n, client)).collect();
    let workers: Vec<_> = (1..=WORKERS).map(|n| spawn(n, worker)).collect();

    let mut free = VecDeque::new();
    let mut replies = 0;
    while replies < CLIENTS {
        // Clients are heard only when there is a worker for them.
        let mut items = [backend.as_poll_item(POLLIN), frontend.as_poll_item(POLLIN)];
        let heard = if free.is_empty() { 1 } else { 2 };
        zmq::poll(&mut items[..heard], -1)?;
        if items[0].is_readable() {
            let mut message = backend.recv_frames(0)?;
            free.push_back(message.take_envelope());
            if message != ["READY"] {
                frontend.send_frames(message, 0)?;
                replies += 1;
            }
        }
        if items[1].is_readable() {
            let mut request = frontend.recv_frames(0)?;
            request.put_envelope(free.pop_front().expect("there is one, or we had not asked"));
            backend.send_frames(request, 0)?;
        }
    }
    for client in clients {
        client.join().expect("no client panics")?;
    }
    // The workers wait for work. This makes an error of it, `ETERM`, by which they end.
    context.shutdown()?;
    for worker in workers {
        let _ = worker.join();
    }
    Ok(())
}

fn client(n: usize, context: &Context) -> zmq::Result<()> {
    let client = context.socket(Req)?;
    client.connect("inproc://frontend")?;
    client.send(format!("HELLO from client {n}"), 0)?;
    println!("client {n}: {}", text(&client.recv_msg(0)?));
    Ok(())
}

fn worker(n: usize, context: &Context) -> zmq::Result<()> {
    let worker = context.socket(Req)?;
    worker.connect("inproc://backend")?;
    worker.send("READY", 0)?;
    loop {
        let mut request = worker.recv_frames(0)?;
        let client = request.take_envelope();
        let mut reply = Multipart::from(format!("OK to {:?} by worker {n}", text(&request[0])));
        reply.put_envelope(client);
        worker.send_frames(reply, 0)?;
    }
}
