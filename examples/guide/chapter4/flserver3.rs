//! Freelance, model 3, a server: a ROUTER, whose clients are ROUTER sockets, too, and send
//! each request to the server of their choice. To that end it has a name, which is the
//! endpoint that clients connect to. It answers PING with PONG, and a request, which begins
//! with a number, with this number and OK.
//!
//! `cargo run -p zmq-guide --bin flserver3 [tcp://*:5555] [tcp://localhost:5555]`, where it
//! binds to and its name, and others at other endpoints, with `flclient3`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let server = context.socket(zmq::Router)?;
    let endpoint = zmq_guide::endpoint(1, "tcp://*:5555");
    let name = zmq_guide::endpoint(2, &endpoint.replace('*', "localhost"));
    server.set_identity(name.as_bytes())?;
    server.bind(&endpoint)?;
    println!("I: the service is ready at {name}");
    loop {
        let mut request = server.recv_frames(0)?;
        let client = request.pop_front().unwrap_or_default();
        let control = request.pop_front().unwrap_or_default();
        match &control[..] {
            b"PING" => server.send_multipart([&client[..], b"PONG"], 0)?,
            number => server.send_multipart([&client[..], number, b"OK"], 0)?,
        }
    }
}
