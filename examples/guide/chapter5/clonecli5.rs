//! Clone, model five: a client whose values expire. Each update that it sends has a `ttl`, a
//! random number of seconds; 0 is for ever. It does not watch the time: when it is over, the
//! server publishes an update with an empty value, and every client deletes the key.
//!
//! The rest is as in model four: subscribe to a subtree and to hugs, wait for the hug, ask
//! for a snapshot of the subtree, apply what is published after it.
//!
//! `cargo run -p zmq-guide --bin clonecli5 [tcp://localhost:5556] [MILLISECONDS between
//! updates = 1000] [SUBTREE = /client/] [SECONDS at most = 30]`, beside `clonesrv5`

mod kvmap;
mod kvmsg;

use std::error::Error;
use std::time::{Duration, Instant};

use kvmap::{millis, until, KvMap};
use kvmsg::{endpoint, KvMsg, HUGZ};

fn main() -> Result<(), Box<dyn Error>> {
    let server = zmq_guide::endpoint(1, "tcp://localhost:5556");
    let pause = Duration::from_millis(zmq_guide::argument::<u32>(2, 1000)?.into());
    let subtree = zmq_guide::argument::<String>(3, "/client/".into())?;
    let longest = zmq_guide::argument::<u32>(4, 30)?;
    let context = zmq::Context::new();
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.set_subscribe(subtree.as_bytes())?;
    subscriber.set_subscribe(HUGZ.as_bytes())?;
    subscriber.connect(&endpoint(&server, 1)?)?;
    let snapshot = context.socket(zmq::Dealer)?;
    snapshot.connect(&server)?;
    let publisher = context.socket(zmq::Push)?;
    publisher.connect(&endpoint(&server, 2)?)?;

    let mut map = KvMap::join(&snapshot, &subscriber, &subtree)?;
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
            let ttl = fastrand::u32(0..=longest).into();
            let update = KvMsg::random(&subtree).with_ttl(ttl);
            println!("set {} for {ttl} s", update.key);
            update.send(&publisher)?;
            alarm += pause;
        }
    }
}
