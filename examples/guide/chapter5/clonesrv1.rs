//! Clone, model one: a hashmap on a server, of which each client has a copy. The server
//! publishes every change as a message of key and value; clients apply the same changes in
//! the same order and have the same hashmap, if they are there from the beginning. One that
//! comes late lacks what was published before, and does not know: that is for model two.
//!
//! `cargo run -p zmq-guide --bin clonesrv1 [tcp://*:5556] [MILLISECONDS between updates =
//! 100]`, and then `clonecli1`

mod kvmap;
mod kvmsg;

use std::error::Error;
use std::thread;
use std::time::Duration;

use kvmap::KvMap;
use kvmsg::KvMsg;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let publisher = context.socket(zmq::Pub)?;
    publisher.bind(&zmq_guide::endpoint(1, "tcp://*:5556"))?;
    let pause = Duration::from_millis(zmq_guide::argument::<u32>(2, 100)?.into());
    let mut map = KvMap::default();
    loop {
        let update = map.commit(KvMsg::random(""));
        update.send(&publisher)?;
        println!("{update}");
        thread::sleep(pause);
    }
}
