//! Clone, model one: the client. It applies the changes that the server publishes to a
//! hashmap of its own, each once and in order, which the numbers that they carry tell. What
//! was published before it came it does not have.
//!
//! `cargo run -p zmq-guide --bin clonecli1 [tcp://localhost:5556]`, beside `clonesrv1`

mod kvmap;
mod kvmsg;

use kvmap::KvMap;
use kvmsg::KvMsg;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.set_subscribe(b"")?;
    subscriber.connect(&zmq_guide::endpoint(1, "tcp://localhost:5556"))?;
    let mut map = KvMap::default();
    loop {
        if let Some(update) = KvMsg::recv(&subscriber)? {
            if map.apply(&update) {
                println!("{update}");
            }
        }
    }
}
