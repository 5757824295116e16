//! Clone, model three: clients change the hashmap. They send key and value to a third socket
//! of the server, a PULL, and the server gives each change a number and publishes it, to all,
//! the one who sent it included. What two clients do at the same time has an order then, and
//! it is the same for everybody: who comes last has his way.
//!
//! The publisher is an XPUB, which sees subscriptions. It hugs who is new: a client that has
//! its hug knows that it misses no update from now on, and may ask for the snapshot.
//!
//! `cargo run -p zmq-guide --bin clonesrv3 [tcp://*:5556]`, which publishes at the port
//! after, and collects updates at the one after that; and then some `clonecli3`

mod kvmap;
mod kvmsg;

use std::error::Error;

use kvmap::KvMap;
use kvmsg::{endpoint, KvMsg};
use zmq::{Poller, POLLIN};

enum Ready {
    Update,
    Request,
    Subscription,
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = zmq_guide::endpoint(1, "tcp://*:5556");
    let context = zmq::Context::new();
    let snapshots = kvmap::snapshots(&context, &server)?;
    let publisher = kvmap::publisher(&context, &endpoint(&server, 1)?)?;
    let collector = context.socket(zmq::Pull)?;
    collector.bind(&endpoint(&server, 2)?)?;

    let mut poller = Poller::new()?;
    poller.add(&collector, POLLIN, Ready::Update)?;
    poller.add(&snapshots, POLLIN, Ready::Request)?;
    poller.add(&publisher, POLLIN, Ready::Subscription)?;
    let mut map = KvMap::default();
    loop {
        for ready in poller.wait(-1)? {
            match ready.token {
                Ready::Update => {
                    if let Some(update) = KvMsg::recv_update(&collector)? {
                        let update = map.commit(update);
                        update.send(&publisher)?;
                        println!("{update}");
                    }
                }
                Ready::Request => {
                    if let Some((client, _)) = kvmap::recv_request(&snapshots)? {
                        map.send_snapshot(&snapshots, (client, String::new()))?;
                    }
                }
                Ready::Subscription => kvmap::welcome(&publisher)?,
            }
        }
    }
}
