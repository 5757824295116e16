//! ROUTER to ROUTER: everybody talks to everybody by name. A ROUTER cannot begin: it must
//! have heard of a peer before it can send to it. So each gives itself a routing id, and
//! one side probes: when it connects, it sends an empty message, by which the other learns
//! its name. The side that connects learns the name of the other by the connection itself,
//! but not when; hence it lets the other speak first.
//!
//! What is sent to a name that nobody has is dropped, or with `set_router_mandatory` is
//! `EHOSTUNREACH`.
//!
//! `cargo run -p zmq-guide --bin rtrouter`

use std::thread;

use zmq::{Context, Router, Socket};
use zmq_guide::text;

fn main() -> zmq::Result<()> {
    let context = Context::new();
    let hub = router(&context, "hub")?;
    hub.set_router_mandatory(true)?;
    hub.bind("inproc://hub")?;
    println!(
        "to nobody: {:?}",
        hub.send_multipart(["nobody", "hello"], 0)
    );

    let names = ["Ann", "Bob", "Eve"];
    for name in names {
        let peer = router(&context, name)?;
        peer.set_probe_router(true)?;
        peer.connect("inproc://hub")?;
        thread::spawn(move || answer(name, &peer));
    }
    for _ in names {
        hub.recv_frames(0)?; // a name, and an empty frame
    }
    for name in names {
        hub.send_multipart([name, "who are you?"], 0)?;
        let reply = hub.recv_frames(0)?;
        println!("{}: {}", text(&reply[0]), text(&reply[1]));
    }
    Ok(())
}

fn router(context: &Context, name: &str) -> zmq::Result<Socket<Router>> {
    let router = context.socket(Router)?;
    router.set_identity(name.as_bytes())?;
    Ok(router)
}

fn answer(name: &str, peer: &Socket<Router>) -> zmq::Result<()> {
    let question = peer.recv_frames(0)?; // from whom, and what
    let answer = format!("I am {name}, {}", text(&question[0]));
    peer.send_multipart([&question[0][..], answer.as_bytes()], 0)
}
