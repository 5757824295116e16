//! Clone, model three: a client that also changes the hashmap. It gets its copy as in model
//! two: it subscribes, asks for a snapshot, and applies the updates that follow. From time to
//! time it sends the server a value for some key, by a PUSH. Its own copy has that when the
//! server publishes it, in the same place among the updates as for everybody.
//!
//! `cargo run -p zmq-guide --bin clonecli3 [tcp://localhost:5556] [MILLISECONDS between
//! updates = 1000]`, beside `clonesrv3`; more than one

mod kvmap;
mod kvmsg;

use std::error::Error;
use std::time::{Duration, Instant};

use kvmap::{millis, until, KvMap};
use kvmsg::{endpoint, KvMsg};

fn main() -> Result<(), Box<dyn Error>> {
    let server = zmq_guide::endpoint(1, "tcp://localhost:5556");
    let pause = Duration::from_millis(zmq_guide::argument::<u32>(2, 1000)?.into());
    let context = zmq::Context::new();
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.set_subscribe(b"")?;
    subscriber.connect(&endpoint(&server, 1)?)?;
    let snapshot = context.socket(zmq::Dealer)?;
    snapshot.connect(&server)?;
    let publisher = context.socket(zmq::Push)?;
    publisher.connect(&endpoint(&server, 2)?)?;

    let mut map = KvMap::join(&snapshot, &subscriber, "")?;
    println!("{map}");
    let mut alarm = Instant::now() + pause;
    loop {
        if subscriber.poll(zmq::POLLIN, millis(Some(until(alarm))))? > 0 {
            if let Some(update) = KvMsg::recv(&subscriber)? {
                if map.apply(&update) {
                    println!("{update}");
                }
            }
        }
        if until(alarm).is_zero() {
            KvMsg::random("").send(&publisher)?;
            alarm += pause;
        }
    }
}
