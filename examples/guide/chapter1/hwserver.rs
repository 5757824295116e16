//! Hello World, the server. A REP socket takes turns: it receives a request, and has to
//! send its reply before it can receive the next. Whose reply it is, it knows by itself,
//! so any number of clients may ask.
//!
//! `cargo run -p zmq-guide --bin hwserver [tcp://*:5555]`, and then `hwclient`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let server = context.socket(zmq::Rep)?;
    server.bind(&zmq_guide::endpoint(1, "tcp://*:5555"))?;
    loop {
        let request = server.recv_msg(0)?;
        println!("received {}", zmq_guide::text(&request));
        server.send("World", 0)?;
    }
}
