//! Hello World, the client. A REQ socket takes turns: it sends a request, and has to
//! receive its reply before it can send the next. It may be started before the server:
//! the request waits until there is one.
//!
//! `cargo run -p zmq-guide --bin hwclient [tcp://localhost:5555]`, beside `hwserver`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let client = context.socket(zmq::Req)?;
    client.connect(&zmq_guide::endpoint(1, "tcp://localhost:5555"))?;
    for n in 1..=10 {
        println!("sending request {n}");
        client.send("Hello", 0)?;
        let reply = client.recv_msg(0)?;
        println!("received reply {n}: {}", zmq_guide::text(&reply));
    }
    Ok(())
}
