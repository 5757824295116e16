//! The three patterns in one process: request and reply, publish and subscribe,
//! pipeline.
//!
//! `cargo run --example tour`

use std::thread;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    request_and_reply(&context)?;
    publish_and_subscribe(&context)?;
    pipeline(&context)
}

/// A server in a thread of its own; client and server take turns.
fn request_and_reply(context: &zmq::Context) -> zmq::Result<()> {
    println!("request and reply:");
    let server = context.socket(zmq::Rep)?;
    server.bind("tcp://127.0.0.1:*")?; // any free port
    let endpoint = server.get_last_endpoint()?.unwrap_or_default();

    let questions = ["hello", "how are you?"];
    let serving = thread::spawn(move || -> zmq::Result<()> {
        for _ in questions {
            println!("  server hears {:?}", hear(&server)?);
            server.send("server response!", 0)?;
        }
        Ok(())
    });

    let client = context.socket(zmq::Req)?;
    client.connect(&endpoint)?;
    client.set_rcvtimeo(10_000)?; // should the server be gone
    for question in questions {
        client.send(question, 0)?;
        println!("  client hears {:?}", hear(&client)?);
    }
    serving.join().expect("the server does not panic")
}

/// One publisher, and two subscribers that hear what begins with their prefix.
fn publish_and_subscribe(context: &zmq::Context) -> zmq::Result<()> {
    println!("publish and subscribe:");
    // XPUB is a PUB that receives the subscriptions.
    let publisher = context.socket(zmq::XPub)?;
    publisher.bind("tcp://127.0.0.1:*")?;
    let endpoint = publisher.get_last_endpoint()?.unwrap_or_default();

    let mut subscribers = Vec::new();
    for prefix in ["sport", "weather"] {
        let subscriber = context.socket(zmq::Sub)?;
        subscriber.set_subscribe(prefix.as_bytes())?;
        subscriber.connect(&endpoint)?;
        // What is published before this arrives would be missed.
        publisher.recv_msg(0)?;
        subscribers.push((prefix, subscriber));
    }
    for news in ["sport: 2 to 1", "politics: no news", "weather: sunny"] {
        println!("  publisher says {news:?}");
        publisher.send(news, 0)?;
    }
    for (prefix, subscriber) in subscribers {
        println!("  subscriber to {prefix:?} hears {:?}", hear(&subscriber)?);
    }
    Ok(())
}

/// Work goes to the workers in turn; their results come together again.
fn pipeline(context: &zmq::Context) -> zmq::Result<()> {
    println!("pipeline:");
    // Nothing goes over the network here: inproc is for one process.
    let client = context.socket(zmq::Push)?;
    client.bind("inproc://work")?;
    let server = context.socket(zmq::Pull)?;
    server.bind("inproc://results")?;

    for worker in 1..=2 {
        let work = context.socket(zmq::Pull)?;
        work.connect("inproc://work")?;
        let results = context.socket(zmq::Push)?;
        results.connect("inproc://results")?;
        thread::spawn(move || -> zmq::Result<()> {
            loop {
                let job = hear(&work)?; // until the context is shut down
                results.send(format!("{job} done by worker {worker}"), 0)?;
            }
        });
    }
    let jobs = ["job 1", "job 2", "job 3", "job 4"];
    for job in jobs {
        client.send(job, 0)?;
    }
    let mut results = Vec::new();
    for _ in jobs {
        results.push(hear(&server)?);
    }
    // The workers are at it at the same time, and finish in any order.
    results.sort();
    for result in results {
        println!("  server hears {result:?}");
    }
    context.shutdown()
}

/// The next message, as text.
fn hear<K: zmq::CanRecv>(socket: &zmq::Socket<K>) -> zmq::Result<String> {
    let message = socket.recv_msg(0)?;
    Ok(String::from_utf8_lossy(&message).into_owned())
}
