//! Request and reply through a broker, a worker. It is the server of Hello World, but
//! that it connects, so any number of them may come and go.
//!
//! `cargo run -p zmq-guide --bin rrworker [tcp://localhost:5560]`, beside `rrbroker` and
//! `rrclient`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let worker = context.socket(zmq::Rep)?;
    worker.connect(&zmq_guide::endpoint(1, "tcp://localhost:5560"))?;
    loop {
        let request = worker.recv_msg(0)?;
        println!("received {}", zmq_guide::text(&request));
        worker.send("World", 0)?;
    }
}
