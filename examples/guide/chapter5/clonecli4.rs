//! Clone, model four: a client that wants a part of the hashmap. It subscribes to the keys
//! that begin with a prefix, and names the same prefix when it asks for the snapshot. The
//! numbers of the updates that it gets have gaps then; they still grow.
//!
//! It has to subscribe to hugs too, as their key has another beginning: the server hugs who
//! is new, and when that arrives the subscriptions are in effect, and it is time to ask for
//! the snapshot.
//!
//! `cargo run -p zmq-guide --bin clonecli4 [tcp://localhost:5556] [MILLISECONDS between
//! updates = 1000] [SUBTREE = /client/]`, beside `clonesrv4`

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
            KvMsg::random(&subtree).send(&publisher)?;
            alarm += pause;
        }
    }
}
