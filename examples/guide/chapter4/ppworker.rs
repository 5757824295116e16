//! Paranoid Pirate, a worker: a DEALER, because heartbeats do not take turns with requests
//! as a REQ would want them to. If it does not hear the queue for a while it opens a new
//! socket, after a pause that gets longer each time, and says again that it is ready.
//!
//! After a few requests it crashes, or is too slow, by chance.
//!
//! `cargo run -p zmq-guide --bin ppworker [tcp://localhost:5556]`, with `ppqueue`. In the
//! environment, `HEARTBEAT` is the time between two, in milliseconds, `LIVENESS` how many
//! the queue may miss, `RECONNECT` the first pause; `TROUBLE` may choose what happens to
//! it: none, crash or overload.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Socket, POLLIN};
use zmq_guide::chapter4::{milliseconds, survives, work, Heartbeat};

const READY: &str = "\x01";
const HEARTBEAT: &str = "\x02";
const LONGEST_PAUSE: Duration = Duration::from_secs(32);

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://localhost:5556");
    let first_pause = milliseconds("RECONNECT", 1000)?;
    let mut beat = Heartbeat::new(1000, 3)?;
    let context = Context::new();
    let mut worker = connect(&context, &endpoint)?;
    let mut expiry = beat.expiry();
    let mut pause = first_pause;
    let mut requests = 0;
    loop {
        if worker.poll(POLLIN, beat.timeout_ms())? > 0 {
            let message = worker.recv_frames(0)?;
            if message.len() >= 3 {
                // The client's envelope, an empty frame, the request.
                requests += 1;
                if !survives(requests)? {
                    return Ok(());
                }
                println!("I: replying");
                work()?;
                worker.send_frames(message, 0)?;
            } else if message != [HEARTBEAT] {
                println!("E: the queue said {message:?}");
            }
            expiry = beat.expiry();
            pause = first_pause;
        } else if Instant::now() >= expiry {
            println!("W: the queue is silent, reconnecting in {pause:?}");
            thread::sleep(pause);
            pause = LONGEST_PAUSE.min(pause * 2);
            worker = connect(&context, &endpoint)?;
            expiry = beat.expiry();
        }
        if beat.is_due() {
            worker.send(HEARTBEAT, 0)?;
        }
    }
}

fn connect(context: &Context, endpoint: &str) -> zmq::Result<Socket<Dealer>> {
    let worker = context.socket(Dealer)?;
    worker.set_linger(0)?; // a READY that was not sent must not come late
    worker.connect(endpoint)?;
    worker.send(READY, 0)?;
    println!("I: ready");
    Ok(worker)
}
