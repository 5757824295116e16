//! Our proxy against libzmq's: the same work, side by side, in turns.
//!
//! `cargo bench --bench proxy` prints, for each kind of work, the medians of
//! both and their ratio; over 1 ours is the faster.

use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Socket};

const ROUNDS: usize = 15;

type RunProxy = fn(Socket, Socket);

fn ours(frontend: Socket, backend: Socket) {
    assert_eq!(zmq::proxy(&frontend, &backend), Err(zmq::Error::ETERM));
}

fn libzmqs(mut frontend: Socket, mut backend: Socket) {
    let (front, back) = (frontend.as_mut_ptr(), backend.as_mut_ptr());
    // SAFETY: both sockets are open and this thread's.
    let rc = unsafe { zmq_sys::zmq_proxy(front, back, std::ptr::null_mut()) };
    assert_eq!(rc, -1);
}

/// Binds two sockets for a proxy and starts it.
fn start(
    context: &Context,
    types: [zmq::SocketType; 2],
    transport: &str,
    run: RunProxy,
) -> [String; 2] {
    let sockets = types.map(|kind| context.socket(kind).unwrap());
    let endpoints = [0, 1].map(|i: usize| {
        match transport {
            "inproc" => sockets[i].bind(&format!("inproc://{i}")).unwrap(),
            _ => sockets[i].bind("tcp://127.0.0.1:*").unwrap(),
        }
        sockets[i].get_last_endpoint().unwrap().unwrap()
    });
    let [frontend, backend] = sockets;
    thread::spawn(move || run(frontend, backend));
    endpoints
}

/// How long it takes until `count` messages of `size` bytes went from a PUSH
/// through the proxy to a PULL.
fn streamer(transport: &str, size: usize, count: usize, run: RunProxy) -> Duration {
    let mut context = Context::new();
    let [front, back] = start(&context, [zmq::PULL, zmq::PUSH], transport, run);
    let (push, pull) = (
        context.socket(zmq::Push).unwrap(),
        context.socket(zmq::Pull).unwrap(),
    );
    push.connect(&front).unwrap();
    pull.connect(&back).unwrap();
    let data = vec![7; size];
    push.send(&data[..], 0).unwrap();
    pull.recv_msg(0).unwrap();
    let begin = Instant::now();
    let sender = thread::spawn(move || {
        for _ in 0..count {
            push.send(&data[..], 0).unwrap();
        }
    });
    let mut message = zmq::Message::new();
    for _ in 0..count {
        pull.recv(&mut message, 0).unwrap();
    }
    let took = begin.elapsed();
    sender.join().unwrap();
    drop(pull);
    context.destroy().unwrap();
    took
}

/// How long `count` round trips of `size` bytes take, from a REQ through ROUTER
/// and DEALER to a REP and back.
fn broker(transport: &str, size: usize, count: usize, run: RunProxy) -> Duration {
    let mut context = Context::new();
    let [front, back] = start(&context, [zmq::ROUTER, zmq::DEALER], transport, run);
    let (req, rep) = (
        context.socket(zmq::Req).unwrap(),
        context.socket(zmq::Rep).unwrap(),
    );
    req.connect(&front).unwrap();
    rep.connect(&back).unwrap();
    let worker = thread::spawn(move || {
        let mut message = zmq::Message::new();
        while rep.recv(&mut message, 0).is_ok() {
            if rep.send(std::mem::take(&mut message), 0).is_err() {
                break;
            }
        }
    });
    let data = vec![7; size];
    let mut reply = zmq::Message::new();
    let mut begin = Instant::now();
    for i in 0..=count {
        if i == 1 {
            begin = Instant::now();
        }
        req.send(&data[..], 0).unwrap();
        req.recv(&mut reply, 0).unwrap();
    }
    let took = begin.elapsed();
    drop(req);
    context.shutdown().unwrap();
    worker.join().unwrap();
    context.destroy().unwrap();
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn compare(what: &str, count: usize, work: impl Fn(RunProxy) -> Duration) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Who goes first changes.
        if round % 2 == 0 {
            a.push(work(ours));
            b.push(work(libzmqs));
        } else {
            b.push(work(libzmqs));
            a.push(work(ours));
        }
    }
    let per_message = |times| median(times).as_nanos() as f64 / count as f64;
    let (a, b) = (per_message(a), per_message(b));
    println!(
        "{what:28} ours {a:8.0} ns   zmq_proxy {b:8.0} ns   ratio {:.3}",
        b / a
    );
}

fn main() {
    // `cargo test --benches` only wants to know that it can run.
    let is_test = !std::env::args().any(|arg| arg == "--bench");
    let scale = if is_test { 1000 } else { 1 };
    for (transport, size, count) in [
        ("inproc", 64, 500_000),
        ("inproc", 4096, 200_000),
        ("tcp", 64, 500_000),
        ("tcp", 4096, 100_000),
    ] {
        let count = count / scale;
        let what = format!("streamer, {transport}, {size} B");
        compare(&what, count, |run| streamer(transport, size, count, run));
    }
    for (transport, count) in [("inproc", 20_000), ("tcp", 5_000)] {
        let count = count / scale;
        let what = format!("round trips, {transport}, 64 B");
        compare(&what, count, |run| broker(transport, 64, count, run));
    }
}
