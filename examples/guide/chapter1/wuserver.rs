//! Weather updates, the server. A PUB socket sends each update to whoever has subscribed
//! to what it begins with, and never waits: it neither knows nor cares who listens. An
//! update that nobody wants goes nowhere.
//!
//! `cargo run -p zmq-guide --bin wuserver [tcp://*:5556]`, and then `wuclient`

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let publisher = context.socket(zmq::Pub)?;
    publisher.bind(&zmq_guide::endpoint(1, "tcp://*:5556"))?;
    loop {
        let zip_code = fastrand::u32(..100_000);
        let temperature = fastrand::i32(-80..135);
        let humidity = fastrand::u32(10..60);
        // What is subscribed to comes first.
        publisher.send(format!("{zip_code:05} {temperature} {humidity}"), 0)?;
    }
}
