//! A bridge for weather updates: subscribers of one network connect to it, and it to the
//! publisher in another. XSUB and XPUB are SUB and PUB to which subscriptions are messages
//! too, so the proxy can pass them on: it receives only what somebody here wants.
//!
//! `cargo run -p zmq-guide --bin wuproxy [tcp://localhost:5556 [tcp://*:8100]]`, beside
//! `wuserver`, and then `wuclient -- tcp://localhost:8100`

use zmq_guide::endpoint;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let publisher = context.socket(zmq::XSub)?;
    publisher.connect(&endpoint(1, "tcp://localhost:5556"))?;
    let subscribers = context.socket(zmq::XPub)?;
    subscribers.bind(&endpoint(2, "tcp://*:8100"))?;
    zmq::proxy(&publisher, &subscribers)
}
