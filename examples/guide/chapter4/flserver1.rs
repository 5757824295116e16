//! Freelance, model 1, a server: a REP that echoes. Clients know several such servers, and
//! no broker is between them.
//!
//! `cargo run -p zmq-guide --bin flserver1 [tcp://*:5555]`, and others at other endpoints,
//! with `flclient1`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let server = context.socket(zmq::Rep)?;
    server.bind(&zmq_guide::endpoint(1, "tcp://*:5555"))?;
    println!("I: the service is ready");
    loop {
        let request = server.recv_frames(0)?;
        server.send_frames(request, 0)?;
    }
}
