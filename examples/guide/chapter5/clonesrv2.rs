//! Clone, model two: who comes late gets a snapshot. A second socket, a ROUTER, takes
//! requests for it, `ICANHAZ?`, and answers with a message for each key, and one more,
//! `KTHXBAI`, which ends the snapshot and says which update was the last in it. Clients
//! subscribe first and ask then, and begin with the update after that one.
//!
//! One thread does both: a snapshot has exactly what was published before it.
//!
//! `cargo run -p zmq-guide --bin clonesrv2 [tcp://*:5556] [MILLISECONDS between updates =
//! 100]`, which publishes at the port after; and then `clonecli2`

mod kvmap;
mod kvmsg;

use std::error::Error;

use kvmap::KvMap;
use kvmsg::{endpoint, KvMsg};
use zmq::POLLIN;

fn main() -> Result<(), Box<dyn Error>> {
    let server = zmq_guide::endpoint(1, "tcp://*:5556");
    let pause = zmq_guide::argument::<u32>(2, 100)?;
    let context = zmq::Context::new();
    let snapshots = kvmap::snapshots(&context, &server)?;
    let publisher = context.socket(zmq::Pub)?;
    publisher.set_sndhwm(0)?; // a client would not notice that something was dropped
    publisher.bind(&endpoint(&server, 1)?)?;
    let mut map = KvMap::default();
    loop {
        let update = map.commit(KvMsg::random(""));
        update.send(&publisher)?;
        println!("{update}");
        if snapshots.poll(POLLIN, pause.into())? > 0 {
            if let Some(request) = kvmap::recv_request(&snapshots)? {
                map.send_snapshot(&snapshots, request)?;
            }
        }
    }
}
