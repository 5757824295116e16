//! Clone, model five: values that expire. An update may have the property `ttl`, for how
//! many seconds its value is to be kept; then the server deletes the key, and publishes that
//! as it publishes everything: an update with an empty value. A client that keeps saying what
//! it has to say is heard of as long as it lives, and forgotten soon after. A newer value for
//! the same key has its own `ttl`, or none.
//!
//! The rest is as in model four: clients send updates, the server numbers and publishes them,
//! answers requests for snapshots of a subtree, and hugs who is new.
//!
//! `cargo run -p zmq-guide --bin clonesrv5 [tcp://*:5556]`, and then some `clonecli5`

mod kvmap;
mod kvmsg;

use std::error::Error;

use kvmap::{millis, KvMap};
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
    let publish = |update: KvMsg| {
        println!("{update}");
        update.send(&publisher)
    };
    loop {
        for ready in poller.wait(millis(map.until_expiry()))? {
            match ready.token {
                Ready::Update => {
                    if let Some(update) = KvMsg::recv_update(&collector)? {
                        publish(map.commit(update))?;
                    }
                }
                Ready::Request => {
                    if let Some(request) = kvmap::recv_request(&snapshots)? {
                        map.send_snapshot(&snapshots, request)?;
                    }
                }
                Ready::Subscription => kvmap::welcome(&publisher)?,
            }
        }
        while let Some(deletion) = map.expire() {
            publish(deletion)?;
        }
    }
}
