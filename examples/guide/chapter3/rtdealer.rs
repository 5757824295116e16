//! ROUTER to DEALER: `rtreq`, with workers that need not take turns, as they might want to
//! ask for more than one task at a time. A DEALER adds no frame of its own: to the ROUTER
//! it looks like a REQ if it sends, and expects, the empty frame itself.
//!
//! `cargo run -p zmq-guide --bin rtdealer [1000]`; the number is how many tasks there are

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::{Dealer, Socket};

const WORKERS: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let tasks = zmq_guide::argument(1, 1000)?;
    let context = zmq::Context::new();
    let broker = context.socket(zmq::Router)?;
    broker.bind("inproc://workers")?;
    let mut workers = Vec::new();
    for n in 1..=WORKERS {
        let worker = context.socket(Dealer)?;
        worker.connect("inproc://workers")?;
        workers.push(thread::spawn(move || work(n, &worker)));
    }

    let (mut dealt, mut fired) = (0, 0);
    while fired < WORKERS {
        let mut request = broker.recv_frames(0)?;
        let what = if dealt < tasks {
            dealt += 1;
            "Work harder"
        } else {
            fired += 1;
            "Fired!"
        };
        let mut reply = zmq::Multipart::from(what);
        reply.put_envelope(request.take_envelope());
        broker.send_frames(reply, 0)?;
    }
    for worker in workers {
        worker.join().expect("no worker panics")?;
    }
    Ok(())
}

fn work(n: u32, worker: &Socket<Dealer>) -> zmq::Result<()> {
    let mut done = 0;
    loop {
        worker.send_multipart(["", "Hi Boss"], 0)?;
        let message = worker.recv_frames(0)?; // the empty frame, and what to do
        if message == ["", "Fired!"] {
            println!("worker {n}: {done} tasks done");
            return Ok(());
        }
        thread::sleep(Duration::from_millis(fastrand::u64(1..50)));
        done += 1;
    }
}
