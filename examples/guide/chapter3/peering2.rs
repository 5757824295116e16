//! Brokers that know each other, part 2: the flow of requests. Each has clients and
//! workers of its own, and balances the load as `lbbroker` does; now and then it gives a
//! request to a peer instead.
//!
//! ```text
//!     clients                          clients
//!        |                                |
//!     frontend                         frontend
//!       DC1   cloud_out --> cloud_in     DC2
//!             cloud_in <-- cloud_out
//!     backend                          backend
//!        |                                |
//!     workers                          workers
//! ```
//!
//! All of a broker's sockets are ROUTER, so that it can choose to which peer it sends, by
//! name. A peer takes a request from `cloud_in` as it does from a client, except
//! that it never gives it away again; and the name that comes before it is where the
//! reply goes. Each link adds a frame on the way there, and takes it off on the way back.
//!
//! `cargo run -p zmq-guide --bin peering2 DC1 DC2`, and `peering2 DC2 DC1`; press Enter
//! when all run

use std::collections::VecDeque;
use std::error::Error;
use std::io;
use std::thread;
use std::time::Duration;

use zmq::{Context, Multipart, Req, Router, Socket, POLLIN};
use zmq_guide::text;

const CLIENTS: usize = 10;
const WORKERS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let (name, peers) = names.split_first().ok_or("usage: peering2 NAME PEER...")?;

    let context = Context::new();
    let cloud_in = context.socket(Router)?;
    cloud_in.set_identity(name.as_bytes())?;
    cloud_in.bind(&format!("ipc://{name}.cloud"))?;
    let cloud_out = context.socket(Router)?;
    cloud_out.set_identity(name.as_bytes())?;
    cloud_out.set_router_mandatory(true)?; // says when a peer is not there
    cloud_out.set_immediate(true)?; // nothing is kept for one that has gone
    for peer in peers {
        cloud_out.connect(&format!("ipc://{peer}.cloud"))?;
    }
    let frontend = context.socket(Router)?;
    frontend.bind("inproc://frontend")?;
    let backend = context.socket(Router)?;
    backend.bind("inproc://backend")?;

    println!("press Enter when all brokers run");
    io::stdin().read_line(&mut String::new())?;
    for n in 1..=WORKERS {
        let (name, worker) = (name.clone(), context.socket(Req)?);
        thread::spawn(move || work(&format!("worker {n} of {name}"), &worker));
    }
    for n in 1..=CLIENTS {
        let client = context.socket(Req)?;
        thread::spawn(move || ask(n, &client));
    }

    let mut free = VecDeque::new();
    loop {
        let mut items =
            [&backend, &cloud_out, &cloud_in, &frontend].map(|socket| socket.as_poll_item(POLLIN));
        // Requests are heard only when there is a worker for them.
        let heard = if free.is_empty() { 2 } else { 4 };
        zmq::poll(&mut items[..heard], -1)?;
        let [from_worker, from_peer, for_peer, for_client] = items.map(|item| item.is_readable());

        // Replies: of a worker, in an envelope that says which, or of a peer, likewise.
        let mut replies = Vec::new();
        if from_worker {
            let mut message = backend.recv_frames(0)?;
            free.push_back(message.take_envelope());
            if message != ["READY"] {
                replies.push(message);
            }
        }
        if from_peer {
            let mut message = cloud_out.recv_frames(0)?;
            message.pop_front();
            replies.push(message);
        }
        for reply in replies {
            let to = reply.front().and_then(|id| id.as_str());
            let is_peer = to.is_some_and(|id| peers.iter().any(|peer| peer == id));
            let by = if is_peer { &cloud_in } else { &frontend };
            by.send_frames(reply, 0)?;
        }

        // Requests, those of peers first.
        let mut request = match (for_peer, for_client) {
            (true, _) => cloud_in.recv_frames(0)?,
            (_, true) => frontend.recv_frames(0)?,
            _ => continue,
        };
        let away = !for_peer && fastrand::u32(..5) == 0;
        if let Some(peer) = fastrand::choice(peers).filter(|_| away) {
            request.push_front(peer.as_str());
            match cloud_out.send_frames(request, 0) {
                Ok(()) => continue,
                // It is not there, and the request comes back: done here, then.
                Err(refused) => request = refused.message,
            }
            request.pop_front();
        }
        let worker = free.pop_front().expect("one is free, or we had not asked");
        request.put_envelope(worker);
        backend.send_frames(request, 0)?;
    }
}

fn ask(n: usize, client: &Socket<Req>) -> zmq::Result<()> {
    client.connect("inproc://frontend")?;
    loop {
        client.send("HELLO", 0)?;
        println!("client {n}: {}", text(&client.recv_msg(0)?));
        thread::sleep(Duration::from_millis(fastrand::u64(1..100)));
    }
}

fn work(who: &str, worker: &Socket<Req>) -> zmq::Result<()> {
    worker.connect("inproc://backend")?;
    worker.send("READY", 0)?;
    loop {
        let mut request = worker.recv_frames(0)?;
        let envelope = request.take_envelope();
        let mut reply = Multipart::from(format!("OK by {who}"));
        reply.put_envelope(envelope);
        worker.send_frames(reply, 0)?;
    }
}
