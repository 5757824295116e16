//! High water marks: how many messages may wait for a peer that does not keep up. When the
//! queue is full, a PUB drops what does not fit, for this subscriber alone, and a PUSH
//! waits, or with `DONTWAIT` returns `EAGAIN`. 0 means no limit, which means as much
//! memory as it takes.
//!
//! Each side has a mark of its own. Over inproc there is one queue, of both together; over
//! a network, what the kernels have on the way comes on top. The marks are set before
//! `bind` and `connect`.
//!
//! `cargo run -p zmq-guide --bin hwm`

use zmq::{CanRecv, Error, Socket, DONTWAIT};

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();

    let publisher = context.socket(zmq::XPub)?; // a PUB that receives subscriptions
    publisher.set_sndhwm(100)?;
    publisher.bind("inproc://updates")?;
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.set_rcvhwm(50)?;
    subscriber.connect("inproc://updates")?;
    subscriber.set_subscribe(b"")?;
    publisher.recv_msg(0)?; // it is there, but does not read yet
    for n in 1..=1000 {
        publisher.send(n.to_string(), 0)?;
    }
    println!("PUB: 1000 sent, {} received", read_all(&subscriber)?);
    publisher.poll(zmq::POLLOUT, -1)?; // hears that there is room again
    publisher.send("again", 0)?;
    println!("PUB: 1 more sent, {} received", read_all(&subscriber)?);

    let ventilator = context.socket(zmq::Push)?;
    ventilator.set_sndhwm(100)?;
    ventilator.bind("inproc://tasks")?;
    let worker = context.socket(zmq::Pull)?;
    worker.set_rcvhwm(50)?;
    worker.connect("inproc://tasks")?;
    let mut sent = 0;
    while ventilator.poll(zmq::POLLOUT, 0)? > 0 {
        ventilator.send("task", 0)?;
        sent += 1;
    }
    let refused = ventilator.send("task", DONTWAIT) == Err(Error::EAGAIN);
    println!("PUSH: {sent} sent, one more refused: {refused}");
    println!("PUSH: {} received", read_all(&worker)?);
    Ok(())
}

/// How many messages there are by now.
fn read_all<K: CanRecv>(socket: &Socket<K>) -> zmq::Result<u32> {
    let mut count = 0;
    loop {
        match socket.recv_msg(DONTWAIT) {
            Ok(_) => count += 1,
            Err(Error::EAGAIN) => return Ok(count),
            Err(e) => return Err(e),
        }
    }
}
