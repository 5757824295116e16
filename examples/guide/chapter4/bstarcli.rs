//! Binary Star, a client: it knows both servers and talks to one. If there is no reply it
//! goes over to the other, as a lazy pirate does, with a new socket, and back again if
//! there is none from that either. Before it does it waits until the servers have had time
//! to notice that one of them has gone.
//!
//! `cargo run -p zmq-guide --bin bstarcli [tcp://localhost:5001] [tcp://localhost:5002]`,
//! with two `bstarsrv` or `bstarsrv2`. In the environment, in milliseconds: `TIMEOUT`, how
//! long it waits for a reply, `SETTLE`, before it goes over, `PAUSE`, between requests.

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::{Context, Req, Socket};
use zmq_guide::chapter4::milliseconds;

fn main() -> Result<(), Box<dyn Error>> {
    let servers = [
        zmq_guide::endpoint(1, "tcp://localhost:5001"),
        zmq_guide::endpoint(2, "tcp://localhost:5002"),
    ];
    let timeout = milliseconds("TIMEOUT", 1000)?;
    let settle = milliseconds("SETTLE", 2000)?;
    let pause = milliseconds("PAUSE", 1000)?;
    let context = Context::new();
    let mut server = 0;
    let mut client = connect(&context, &servers[server], timeout)?;
    for sequence in 1_u64.. {
        let request = sequence.to_string();
        loop {
            client.send(&request, 0)?;
            match client.recv_string(0) {
                Ok(Ok(reply)) if reply == request => break,
                Ok(reply) => println!("E: the reply to {request} is {reply:?}"),
                Err(zmq::Error::EAGAIN) => println!("W: no reply in time"),
                Err(e) => return Err(e.into()),
            }
            thread::sleep(settle);
            server = 1 - server;
            println!("I: going over to {}", servers[server]);
            client = connect(&context, &servers[server], timeout)?;
        }
        println!("I: server replied ({request})");
        thread::sleep(pause);
    }
    Ok(())
}

fn connect(context: &Context, endpoint: &str, timeout: Duration) -> zmq::Result<Socket<Req>> {
    let client = context.socket(Req)?;
    client.set_rcvtimeo(timeout.as_millis() as i32)?;
    client.set_linger(0)?;
    client.connect(endpoint)?;
    Ok(client)
}
