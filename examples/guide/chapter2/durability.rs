//! What somebody who goes and comes back gets. A publisher has a queue for each subscriber
//! that is connected, and none for who is not: what is published meanwhile is missed, also
//! by who has the same routing id as before. (How to catch up, the clone pattern of chapter
//! 5 shows.) A pipeline loses less: a PUSH that connects keeps its queue while the peer is
//! away, and delivers it when somebody binds there again.
//!
//! No queue survives its process. What is on its way, or was received and not read yet, is
//! lost with who was to read it.
//!
//! `cargo run -p zmq-guide --bin durability`

use zmq::{Context, Pull, Socket, Sub};
use zmq_guide::text;

fn main() -> zmq::Result<()> {
    let context = Context::new();

    let publisher = context.socket(zmq::XPub)?; // a PUB that receives subscriptions
    publisher.bind("tcp://127.0.0.1:*")?;
    let endpoint = publisher.get_last_endpoint()?.unwrap_or_default();
    let subscriber = subscribe(&context, &endpoint)?;
    publisher.recv_msg(0)?; // it has come
    publisher.send("update 1", 0)?;
    println!("subscriber: {}", text(&subscriber.recv_msg(0)?));
    drop(subscriber);
    publisher.recv_msg(0)?; // it has gone
    publisher.send("update 2", 0)?;
    let subscriber = subscribe(&context, &endpoint)?;
    publisher.recv_msg(0)?; // it is back
    publisher.send("update 3", 0)?;
    println!("subscriber: {}", text(&subscriber.recv_msg(0)?));

    let worker = work(&context, "tcp://127.0.0.1:*")?;
    let endpoint = worker.get_last_endpoint()?.unwrap_or_default();
    let ventilator = context.socket(zmq::Push)?;
    ventilator.connect(&endpoint)?;
    ventilator.send("task 1", 0)?;
    println!("worker: {}", text(&worker.recv_msg(0)?));
    let events = ventilator.monitor_socket(zmq::SocketEvent::DISCONNECTED as i32)?;
    drop(worker);
    events.recv(0)?; // it has gone
    ventilator.send("task 2", 0)?;
    let worker = work(&context, &endpoint)?;
    println!("worker: {}", text(&worker.recv_msg(0)?));
    Ok(())
}

fn subscribe(context: &Context, endpoint: &str) -> zmq::Result<Socket<Sub>> {
    let subscriber = context.socket(Sub)?;
    subscriber.set_subscribe(b"")?;
    subscriber.connect(endpoint)?;
    Ok(subscriber)
}

fn work(context: &Context, endpoint: &str) -> zmq::Result<Socket<Pull>> {
    let worker = context.socket(Pull)?;
    worker.bind(endpoint)?;
    Ok(worker)
}
