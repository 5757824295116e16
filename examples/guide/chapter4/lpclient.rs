//! Lazy Pirate, the client. Reliability without any help: the client does not wait for a
//! reply for ever, but sends its request again, a few times, before it gives up.
//!
//! A REQ socket insists on its turns: having sent, it must receive. To send again, the
//! client throws the socket away, and with it the reply that may still come, late; a new
//! socket is not confused by that. `Socket::request` of this crate does the same in one
//! call and keeps its socket, but needs servers that return an envelope of more frames
//! than usual, as REP does.
//!
//! The server may get a request more than once. What it does must bear that.
//!
//! `cargo run -p zmq-guide --bin lpclient [tcp://localhost:5555]`, with `lpserver`, which
//! may be stopped and started meanwhile. `TIMEOUT` in the environment is how long the
//! client waits, in milliseconds, `RETRIES` how often it sends a request again.

use std::error::Error;
use std::time::Duration;

use zmq::{Context, Req, Socket};
use zmq_guide::chapter4::{milliseconds, setting};

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://localhost:5555");
    let timeout = milliseconds("TIMEOUT", 2500)?;
    let retries: u32 = setting("RETRIES", 3)?;
    let context = Context::new();
    println!("I: connecting to the server");
    let mut client = connect(&context, &endpoint, timeout)?;
    for sequence in 1_u64.. {
        let request = sequence.to_string();
        let mut left = retries;
        loop {
            client.send(&request, 0)?;
            match client.recv_string(0) {
                Ok(Ok(reply)) if reply == request => {
                    println!("I: server replied ({reply})");
                    break;
                }
                Ok(reply) => println!("E: the reply to {request} is {reply:?}"),
                Err(zmq::Error::EAGAIN) => println!("W: no reply in time"),
                Err(e) => return Err(e.into()),
            }
            if left == 0 {
                println!("E: the server seems to be gone");
                return Ok(());
            }
            left -= 1;
            println!("I: trying again");
            client = connect(&context, &endpoint, timeout)?;
        }
    }
    Ok(())
}

fn connect(context: &Context, endpoint: &str, timeout: Duration) -> zmq::Result<Socket<Req>> {
    let client = context.socket(Req)?;
    client.set_rcvtimeo(timeout.as_millis() as i32)?;
    client.set_linger(0)?; // what it has not sent goes with it
    client.connect(endpoint)?;
    Ok(client)
}
