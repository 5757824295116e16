//! Clone, model two: a client that may come late. It subscribes to the updates, then asks for
//! a snapshot by a DEALER, and waits for the message that ends it, `KTHXBAI`. Updates that
//! were published meanwhile wait in its queue. Those that the snapshot has already are known
//! by their numbers; the first after it is the next to be applied.
//!
//! `cargo run -p zmq-guide --bin clonecli2 [tcp://localhost:5556]`, beside `clonesrv2`

mod kvmap;
mod kvmsg;

use std::error::Error;

use kvmap::KvMap;
use kvmsg::{endpoint, KvMsg};

fn main() -> Result<(), Box<dyn Error>> {
    let server = zmq_guide::endpoint(1, "tcp://localhost:5556");
    let context = zmq::Context::new();
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.set_subscribe(b"")?;
    subscriber.connect(&endpoint(&server, 1)?)?;
    let snapshot = context.socket(zmq::Dealer)?;
    snapshot.connect(&server)?;

    let mut map = KvMap::join(&snapshot, &subscriber, "")?;
    println!("{map}");
    loop {
        if let Some(update) = KvMsg::recv(&subscriber)? {
            if map.apply(&update) {
                println!("{update}");
            }
        }
    }
}
