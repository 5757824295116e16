//! Clone, model four: subtrees. A client that needs a part of the hashmap asks for that part.
//! Keys are paths, like `/client/7`, and a part is what begins with a prefix, like
//! `/client/`: a SUB filters updates by such a prefix anyway, the key being the first frame.
//! The request for a snapshot names the prefix in a second frame, and the server answers with
//! the keys that begin with it. This is what is new to model three; as there, clients send
//! updates, the server numbers and publishes them, and hugs who is new.
//!
//! `cargo run -p zmq-guide --bin clonesrv4 [tcp://*:5556]`, and then some `clonecli4`

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
                    // Who asks, and for which subtree.
                    if let Some(request) = kvmap::recv_request(&snapshots)? {
                        map.send_snapshot(&snapshots, request)?;
                    }
                }
                Ready::Subscription => kvmap::welcome(&publisher)?,
            }
        }
    }
}
