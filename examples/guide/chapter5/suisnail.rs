//! Suicidal snail: a subscriber that is too slow ends itself. Its publisher does not wait for
//! it; messages pile up in queues, become old there, and are dropped when a queue is full.
//! The publisher could not help it. The subscriber can: messages carry the time at which they
//! were sent, and if one is too old on arrival, to stop with an error is better than to go on
//! with what is not so any more.
//!
//! `cargo run -p zmq-guide --bin suisnail [tcp://127.0.0.1:5556] [MILLISECONDS that a message
//! may be late = 1000] [MILLISECONDS of work for each = 2]`; with 0 of work it keeps up

use std::error::Error;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://127.0.0.1:5556");
    let allowed = Duration::from_millis(zmq_guide::argument::<u32>(2, 1000)?.into());
    let work = Duration::from_millis(zmq_guide::argument::<u32>(3, 2)?.into());

    let context = zmq::Context::new();
    let publisher = context.socket(zmq::Pub)?;
    publisher.bind(&endpoint)?;
    thread::spawn(move || publish(publisher));
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.set_subscribe(b"")?;
    subscriber.connect(&endpoint)?;
    let late = snail(subscriber, allowed, work)?;
    println!("cannot keep up: a message is {} ms late", late.as_millis());
    context.shutdown()?; // ends the publisher
    Ok(())
}

/// The time, a thousand times a second.
fn publish(publisher: zmq::Socket<zmq::Pub>) -> zmq::Result<()> {
    loop {
        publisher.send(now().as_micros().to_string(), 0)?;
        thread::sleep(Duration::from_millis(1));
    }
}

/// Takes its time over each message, until one comes too late, and says how late.
fn snail(
    subscriber: zmq::Socket<zmq::Sub>,
    allowed: Duration,
    work: Duration,
) -> Result<Duration, Box<dyn Error>> {
    let mut count = 0;
    loop {
        let message = subscriber.recv_msg(0)?;
        let sent = message.as_str().ok_or("not a time")?.parse()?;
        let late = now().saturating_sub(Duration::from_micros(sent));
        if late > allowed {
            return Ok(late);
        }
        thread::sleep(work.mul_f64(0.5 + fastrand::f64()));
        count += 1;
        if count % 100 == 0 {
            println!("keeps up: {count} messages");
        }
    }
}

fn now() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("it is not 1969")
}
