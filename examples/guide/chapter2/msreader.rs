//! Reads from two sockets without a poller: it asks each whether there is something, and
//! sleeps a little when neither has anything. That favours the first socket, and makes
//! each message wait for the end of the sleep; `mspoller` does it better.
//!
//! `cargo run -p zmq-guide --bin msreader [tcp://localhost:5557 [tcp://localhost:5556]]`,
//! beside `taskvent` and `wuserver`

use std::thread;
use std::time::Duration;

use zmq::{CanRecv, Error, Socket};
use zmq_guide::{endpoint, text};

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let tasks = context.socket(zmq::Pull)?;
    tasks.connect(&endpoint(1, "tcp://localhost:5557"))?;
    let weather = context.socket(zmq::Sub)?;
    weather.connect(&endpoint(2, "tcp://localhost:5556"))?;
    weather.set_subscribe(b"10001")?;
    loop {
        read_all(&tasks, "task")?;
        read_all(&weather, "weather")?;
        thread::sleep(Duration::from_millis(1));
    }
}

/// Reads what there is by now. `DONTWAIT` makes an error of what would have to wait.
fn read_all<K: CanRecv>(socket: &Socket<K>, what: &str) -> zmq::Result<()> {
    loop {
        match socket.recv_msg(zmq::DONTWAIT) {
            Ok(message) => println!("{what}: {}", text(&message)),
            Err(Error::EAGAIN) => return Ok(()),
            Err(e) => return Err(e),
        }
    }
}
