//! Asynchronous clients and server: a client may send further requests before it has its
//! replies, and a request may have several replies. Nobody takes turns, so they are
//! DEALER, and the server's frontend is a ROUTER.
//!
//! ```text
//!  client     client     client      (DEALER)
//!        \       |       /
//!              server                (ROUTER)
//!              proxy
//!              server                (DEALER)
//!        /       |       \
//!  worker     worker     worker      (DEALER)
//! ```
//!
//! A worker sees the client's routing id and the request, and puts the id before each
//! reply.
//!
//! `cargo run -p zmq-guide --bin asyncsrv [tcp://127.0.0.1:5570 [5 [1000]]]`; the numbers
//! are how many requests each client sends, and the milliseconds from one to the next

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Multipart, POLLIN};
use zmq_guide::{argument, endpoint, text};

const CLIENTS: u32 = 3;
const WORKERS: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = endpoint(1, "tcp://127.0.0.1:5570");
    let requests = argument(2, 5)?;
    let pause = Duration::from_millis(argument(3, 1000)?);
    let context = Context::new();

    let frontend = context.socket(zmq::Router)?;
    frontend.bind(&endpoint)?;
    let backend = context.socket(Dealer)?;
    backend.bind("inproc://backend")?;
    for _ in 0..WORKERS {
        let context = context.clone();
        thread::spawn(move || worker(&context, pause));
    }
    thread::spawn(move || zmq::proxy(&frontend, &backend));

    let mut clients = Vec::new();
    for n in 1..=CLIENTS {
        let (context, endpoint) = (context.clone(), endpoint.clone());
        clients.push(thread::spawn(move || {
            client(n, &context, &endpoint, requests, pause)
        }));
    }
    for client in clients {
        client.join().expect("no client panics")?;
    }
    Ok(context.shutdown()?) // ends the server's threads
}

/// Sends a request whenever it is time to, and meanwhile hears replies.
fn client(n: u32, context: &Context, at: &str, requests: u32, pause: Duration) -> zmq::Result<()> {
    let client = context.socket(Dealer)?;
    client.set_identity(format!("client {n}").as_bytes())?;
    client.connect(at)?;
    let (mut sent, mut answered) = (0, 0);
    let mut due = Instant::now();
    while answered < requests {
        if sent < requests && Instant::now() >= due {
            sent += 1;
            client.send(format!("request {sent}"), 0)?;
            due += pause;
        }
        let left = due.saturating_duration_since(Instant::now());
        let timeout = if sent < requests {
            left.as_millis() as i64
        } else {
            -1
        };
        if client.poll(POLLIN, timeout)? > 0 {
            let reply = client.recv_frames(0)?;
            println!("client {n}: {}, {}", text(&reply[0]), text(&reply[1]));
            if &reply[1][..] == b"last reply" {
                answered += 1;
            }
        }
    }
    Ok(())
}

/// Replies to each request up to five times, with pauses.
fn worker(context: &Context, pause: Duration) -> zmq::Result<()> {
    let worker = context.socket(Dealer)?;
    worker.connect("inproc://backend")?;
    loop {
        let request = worker.recv_frames(0)?; // from whom, and what
        let replies = fastrand::u32(1..=5);
        for reply in 1..=replies {
            thread::sleep(pause.mul_f64(fastrand::f64() / 5.0));
            let which = match reply {
                last if last == replies => "last reply".to_owned(),
                n => format!("reply {n}"),
            };
            let mut message: Multipart = request.clone();
            message.push_back(which);
            worker.send_frames(message, 0)?;
        }
    }
}
