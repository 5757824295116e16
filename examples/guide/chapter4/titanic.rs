//! Titanic: requests that sink nowhere. A client gives its request for a service to
//! `titanic.request`, which writes it to the disk and returns a number for it. From then
//! on everything may go down and come back, client and workers never need to be there at
//! the same time. The client asks `titanic.reply` for the reply to its number now and
//! then, and tells `titanic.close` when it has it.
//!
//! To the broker of Majordomo, Titanic is a worker, of three services, and a client, which
//! hands each request on as soon as somebody offers its service. What it says is TSP
//! (<https://rfc.zeromq.org/spec/9/>): first 200 for yes, 300 for not yet, 400 for a number
//! nobody knows, 500 if the disk fails. If it goes down between a service's reply and
//! the disk, the service gets the request again.
//!
//! `cargo run -p zmq-guide --bin titanic [tcp://localhost:5555] [.titanic]`, with
//! `mdbroker`, `mdworker` and `ticlient`; the second is its folder. In the environment,
//! `PAUSE` is how often it looks for services that have come, in milliseconds, and what
//! workers and clients of Majordomo have there.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::{io, process, thread};

use zmq::{Context, Multipart};
use zmq_guide::chapter4::mdp::{Client, Request, Worker};
use zmq_guide::chapter4::{milliseconds, Id, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://localhost:5555");
    let store = Store::open(zmq_guide::argument(2, String::from(".titanic"))?)?;
    let pause = milliseconds("PAUSE", 1000)?;
    let context = Context::new();
    let mut pending = VecDeque::from(store.pending()?);
    println!("I: requests on disk: {}", pending.len());

    let (added, new) = mpsc::channel();
    let offer = |service, answer| offer(&context, &endpoint, &store, service, answer);
    offer(
        "titanic.request",
        Box::new(move |store, request| {
            // The service, and what is asked of it.
            if request.len() < 2 || request[0].as_str().is_none() {
                return Ok("400".into());
            }
            let id = store.add(&request)?;
            let _ = added.send(id.clone()); // nobody hears it if the program is ending
            Ok(["200", &id.to_string()].into())
        }),
    )?;
    offer("titanic.reply", Box::new(reply))?;
    offer("titanic.close", Box::new(close))?;

    let mut client = Client::new(&context, &endpoint)?;
    loop {
        match new.recv_timeout(pause) {
            Ok(id) => pending.push_back(id),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err("nobody takes requests".into()),
        }
        for id in std::mem::take(&mut pending) {
            match execute(&mut client, &store, &id) {
                Ok(true) => println!("I: done {id}"),
                Ok(false) => pending.push_back(id),
                // It stays on the disk, for somebody to look at.
                Err(e) => println!("E: {id}: {e}"),
            }
        }
    }
}

fn reply(store: &Store, request: Multipart) -> io::Result<Multipart> {
    let Some(id) = id(&request) else {
        return Ok("400".into());
    };
    Ok(match (store.reply(&id)?, store.request(&id)?) {
        (Some(mut reply), _) => {
            reply.push_front("200");
            reply
        }
        (None, Some(_)) => "300".into(),
        (None, None) => "400".into(),
    })
}

fn close(store: &Store, request: Multipart) -> io::Result<Multipart> {
    if let Some(id) = id(&request) {
        store.remove(&id)?;
    }
    Ok("200".into())
}

/// What a service of Titanic makes of a request.
type Answer = Box<dyn Fn(&Store, Multipart) -> io::Result<Multipart> + Send>;

/// Offers a service, in a thread.
fn offer(
    context: &Context,
    broker: &str,
    store: &Store,
    service: &'static str,
    answer: Answer,
) -> Result<(), Box<dyn Error>> {
    let mut worker = Worker::new(context, broker, service)?;
    let store = store.clone();
    let mut serve = move || -> zmq::Result<()> {
        loop {
            let Request { client, body } = worker.recv()?;
            let reply = answer(&store, body).unwrap_or_else(|e| {
                println!("E: {service}: {e}");
                "500".into()
            });
            worker.reply(client, reply)?;
        }
    };
    thread::spawn(move || {
        let Err(e) = serve() else { return };
        eprintln!("{service}: {e}");
        process::exit(1);
    });
    Ok(())
}

fn id(request: &Multipart) -> Option<Id> {
    request.front()?.as_str()?.parse().ok()
}

/// Whether there is nothing more to do for a request.
fn execute(client: &mut Client, store: &Store, id: &Id) -> Result<bool, Box<dyn Error>> {
    let Some(mut request) = store.request(id)? else {
        return Ok(true); // it was closed
    };
    let name = request.pop_front().unwrap_or_default();
    let service = name.as_str().unwrap_or_default();
    // With the broker, a request for a service that nobody offers would wait, as often as
    // it is tried.
    let reply = match client.request("mmi.service", service) {
        Ok(status) if status == ["200"] => client.request(service, request),
        Ok(_) => return Ok(false),
        Err(e) => Err(e),
    };
    match reply {
        Ok(reply) => store.set_reply(id, &reply)?,
        Err(zmq::Error::EAGAIN) => return Ok(false),
        Err(e) => return Err(e.into()),
    }
    Ok(true)
}
