//! Freelance, model 2, a server: its clients send each request to all servers, and number
//! them to know which reply is to which. The number comes first and is sent back, before OK.
//!
//! `cargo run -p zmq-guide --bin flserver2 [tcp://*:5555]`, and others at other endpoints,
//! with `flclient2`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let server = context.socket(zmq::Rep)?;
    server.bind(&zmq_guide::endpoint(1, "tcp://*:5555"))?;
    println!("I: the service is ready");
    loop {
        let mut request = server.recv_frames(0)?;
        let number = request.pop_front().unwrap_or_default();
        server.send_multipart([&number[..], b"OK"], 0)?;
    }
}
