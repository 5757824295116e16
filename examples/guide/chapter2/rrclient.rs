//! Request and reply through a broker, the client. It is that of Hello World, and knows
//! the broker only: how many workers there are, and where, is no concern of its own.
//!
//! `cargo run -p zmq-guide --bin rrclient [tcp://localhost:5559]`, beside `rrbroker` and
//! `rrworker`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let client = context.socket(zmq::Req)?;
    client.connect(&zmq_guide::endpoint(1, "tcp://localhost:5559"))?;
    for n in 1..=10 {
        client.send("Hello", 0)?;
        let reply = client.recv_msg(0)?;
        println!("received reply {n}: {}", zmq_guide::text(&reply));
    }
    Ok(())
}
