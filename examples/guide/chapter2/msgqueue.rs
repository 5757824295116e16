//! Request and reply through a broker, as `rrbroker`, by the proxy that is built in: it
//! passes on what either socket receives by the other, for ever.
//!
//! `cargo run -p zmq-guide --bin msgqueue [tcp://*:5559 [tcp://*:5560]]`, and then
//! `rrworker` and `rrclient`

use zmq_guide::endpoint;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let frontend = context.socket(zmq::Router)?;
    frontend.bind(&endpoint(1, "tcp://*:5559"))?;
    let backend = context.socket(zmq::Dealer)?;
    backend.bind(&endpoint(2, "tcp://*:5560"))?;
    zmq::proxy(&frontend, &backend)
}
