//! ROUTER to REQ: work goes to whoever asks for it, so that each worker has as much as it
//! can do. (A PUSH or DEALER would deal it out in turn, to the slow and the fast alike.) The
//! worker's request says that it is free; the reply is work.
//!
//! The ROUTER sees three frames, the routing id, the empty frame of the REQ and the
//! request, and replies the same way: to the id, an empty frame, and the work.
//!
//! `cargo run -p zmq-guide --bin rtreq [1000]`; the number is how many tasks there are

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::{Req, Socket};

const WORKERS: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let tasks = zmq_guide::argument(1, 1000)?;
    let context = zmq::Context::new();
    let broker = context.socket(zmq::Router)?;
    broker.bind("inproc://workers")?;
    let mut workers = Vec::new();
    for n in 1..=WORKERS {
        let worker = context.socket(Req)?;
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

fn work(n: u32, worker: &Socket<Req>) -> zmq::Result<()> {
    let mut done = 0;
    loop {
        worker.send("Hi Boss", 0)?;
        if &worker.recv_msg(0)?[..] == b"Fired!" {
            println!("worker {n}: {done} tasks done");
            return Ok(());
        }
        thread::sleep(Duration::from_millis(fastrand::u64(1..50)));
        done += 1;
    }
}
