//! Encrypted both ways, and only clients whose certificates are in a folder get in.
//!
//! ```sh
//! mkdir clients
//! cargo run --example zmq_keygen server
//! cargo run --example zmq_keygen clients/alice name=Alice
//! cargo run --example ironhouse server server.key_secret clients
//! cargo run --example ironhouse client clients/alice.key_secret server.key
//! ```
//!
//! The folder may change while the server runs.

use std::error::Error;

use zmq::auth::{Authenticator, Certificate, CurveClients};

const ENDPOINT: &str = "tcp://127.0.0.1:5556";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", own, clients, at @ ..] => serve(own, clients, at.first().unwrap_or(&ENDPOINT)),
        ["client", own, server, at @ ..] => ask(own, server, at.first().unwrap_or(&ENDPOINT)),
        _ => Err("usage: ironhouse server SECRET CLIENTS|client SECRET SERVER [ENDPOINT]".into()),
    }
}

fn serve(own: &str, clients: &str, endpoint: &str) -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let auth = Authenticator::start(&context)?; // before anything is bound
    auth.configure_curve("*", CurveClients::directory(clients)?)?;
    auth.on_decision(|decision| eprintln!("{decision}"));

    let server = context.socket(zmq::Rep)?;
    let own = Certificate::load(own)?;
    own.warning().inspect(|warning| eprintln!("{warning}"));
    own.apply(&server)?;
    server.set_curve_server(true)?;
    server.bind(endpoint)?;
    eprintln!("listening on {}", server.get_last_endpoint()?.unwrap());
    loop {
        let request = server.recv_msg(0)?;
        let name = request.property("name").unwrap_or("somebody"); // its certificate's, if that has one
        let answer = format!("{name} said {:?}", String::from_utf8_lossy(&request));
        server.send(&answer, 0)?;
    }
}

fn ask(own: &str, server: &str, endpoint: &str) -> Result<(), Box<dyn Error>> {
    let client = zmq::Context::new().socket(zmq::Req)?;
    Certificate::load(own)?.apply(&client)?;
    client.set_curve_serverkey(Certificate::load(server)?.public_key())?;
    client.set_rcvtimeo(3_000)?; // who is refused gets no answer
    client.set_linger(0)?;
    client.connect(endpoint)?;
    client.send("hello", 0)?;
    println!("{}", String::from_utf8_lossy(&client.recv_msg(0)?));
    Ok(())
}
