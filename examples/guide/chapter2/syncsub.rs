//! A subscriber that misses nothing. Once it has heard its publisher say hello, the
//! subscription has arrived; it says so by a request, and what follows is complete.
//!
//! `cargo run -p zmq-guide --bin syncsub [tcp://localhost:5561 [tcp://localhost:5562]]`,
//! beside `syncpub`

use zmq_guide::endpoint;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.set_rcvhwm(0)?; // no limit here either
    subscriber.connect(&endpoint(1, "tcp://localhost:5561"))?;
    subscriber.set_subscribe(b"")?;
    subscriber.recv_msg(0)?; // the first hello

    let sync = context.socket(zmq::Req)?;
    sync.connect(&endpoint(2, "tcp://localhost:5562"))?;
    sync.send("", 0)?;
    sync.recv_msg(0)?;

    let mut updates = 0;
    loop {
        match &subscriber.recv_msg(0)?[..] {
            b"HELLO" => {} // to those that come later
            b"END" => break,
            _ => updates += 1,
        }
    }
    println!("received {updates} updates");
    Ok(())
}
