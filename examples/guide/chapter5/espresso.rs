//! Espresso: see what flows. Between publishers and subscribers stands a proxy of XSUB and
//! XPUB, which passes messages one way and subscriptions the other; all that it passes it
//! also sends to a third socket, the capture, where one can look on, count or keep a log.
//!
//! All in one process here. The publisher has news on ten topics, A to J; as nobody
//! subscribes to others, the proxy gets those on A and B only. When the subscriber has its
//! five messages it ends the proxy, by a handle, and with it the program.
//!
//! `cargo run -p zmq-guide --bin espresso [tcp://127.0.0.1:6000 tcp://127.0.0.1:6001]
//! [MILLISECONDS between messages = 100]`

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::{Context, Proxy, ProxyHandle};
use zmq_guide::text;

fn main() -> Result<(), Box<dyn Error>> {
    let news = zmq_guide::endpoint(1, "tcp://127.0.0.1:6000");
    let served = zmq_guide::endpoint(2, "tcp://127.0.0.1:6001");
    let pause = Duration::from_millis(zmq_guide::argument::<u32>(3, 100)?.into());
    let context = Context::new();
    let handle = ProxyHandle::new()?;

    let publisher = context.socket(zmq::Pub)?;
    publisher.bind(&news)?;
    let publishing = thread::spawn(move || publish(publisher, pause));

    let listener = context.socket(zmq::Pair)?;
    listener.bind("inproc://capture")?;
    let listening = thread::spawn(move || listen(listener));

    // The sockets of the proxy.
    let (xsub, xpub) = (context.socket(zmq::XSub)?, context.socket(zmq::XPub)?);
    let capture = context.socket(zmq::Pair)?;
    xsub.connect(&news)?;
    xpub.bind(&served)?;
    capture.connect("inproc://capture")?;

    let subscriber = context.socket(zmq::Sub)?;
    subscriber.connect(&served)?;
    let subscribing = thread::spawn({
        let handle = handle.clone();
        move || subscribe(subscriber, handle)
    });

    Proxy::new(&xsub, &xpub)
        .capture(&capture)
        .handle(&handle)
        .run()?;
    capture.send("", 0)?; // that was all
    listening.join().expect("it does not panic")?;
    subscribing.join().expect("it does not panic")?;
    context.shutdown()?; // ends the publisher
    let _ = publishing.join();
    Ok(())
}

fn publish(publisher: zmq::Socket<zmq::Pub>, pause: Duration) -> zmq::Result<()> {
    loop {
        let topic = fastrand::char('A'..='J');
        publisher.send(format!("{topic}-{:05}", fastrand::u32(..100_000)), 0)?;
        thread::sleep(pause);
    }
}

fn subscribe(subscriber: zmq::Socket<zmq::Sub>, proxy: ProxyHandle) -> zmq::Result<()> {
    for topic in ["A", "B"] {
        subscriber.set_subscribe(topic.as_bytes())?;
    }
    for _ in 0..5 {
        println!("received {}", text(&subscriber.recv_msg(0)?));
    }
    proxy.terminate();
    Ok(())
}

/// What passes the proxy: messages, and subscriptions as their own, a byte 1 and the topic.
fn listen(listener: zmq::Socket<zmq::Pair>) -> zmq::Result<()> {
    loop {
        match &listener.recv_msg(0)?[..] {
            [] => return Ok(()),
            [1, topic @ ..] => println!("captured a subscription to {}", text(topic)),
            [0, topic @ ..] => println!("captured the end of a subscription to {}", text(topic)),
            message => println!("captured {}", text(message)),
        }
    }
}
