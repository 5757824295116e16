//! Ends on Ctrl-C as a server should: it stops waiting, and what it has already sent is
//! delivered. The handler shuts the context down, whereupon each call that waits, in any
//! thread, returns `ETERM`; one that the signal itself interrupts may return `EINTR`
//! before.
//!
//! `cargo run -p zmq-guide --bin interrupt [tcp://*:5555]`, with `hwclient`

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    ctrlc::set_handler({
        let context = context.clone();
        move || {
            let _ = context.shutdown();
        }
    })?;
    let server = context.socket(zmq::Rep)?;
    server.bind(&zmq_guide::endpoint(1, "tcp://*:5555"))?;
    println!("Ctrl-C ends me");
    match serve(&server) {
        Err(zmq::Error::ETERM | zmq::Error::EINTR) => println!("interrupted"),
        other => other?,
    }
    // The server and the context are dropped, and so end in good order.
    Ok(())
}

fn serve(server: &zmq::Socket<zmq::Rep>) -> zmq::Result<()> {
    loop {
        server.recv_msg(0)?;
        server.send("World", 0)?;
    }
}
