//! Lazy Pirate, the server: a REP that knows nothing of reliability. It echoes requests,
//! and after a few it crashes, or is too slow, by chance. That is what its clients, as
//! `lpclient`, put up with.
//!
//! `cargo run -p zmq-guide --bin lpserver [tcp://*:5555]`, again whenever it has crashed.
//! In the environment, `TROUBLE` may choose what happens to it: none, crash or overload.

use std::error::Error;

use zmq_guide::chapter4::{survives, work};

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let server = context.socket(zmq::Rep)?;
    server.bind(&zmq_guide::endpoint(1, "tcp://*:5555"))?;
    for n in 1.. {
        let request = server.recv_msg(0)?;
        if !survives(n)? {
            break;
        }
        println!("I: request ({})", zmq_guide::text(&request));
        work()?;
        server.send(request, 0)?;
    }
    Ok(())
}
