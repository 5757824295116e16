//! Divide and conquer, a worker: it takes tasks from the ventilator, and gives results to
//! the sink. It connects to both, so workers may come and go while those two stay. A PULL
//! socket that is connected to several ventilators takes from each in turn.
//!
//! `cargo run -p zmq-guide --bin taskwork [tcp://localhost:5557 [tcp://localhost:5558]]`,
//! beside `taskvent` and `tasksink`

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq_guide::{endpoint, text};

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let tasks = context.socket(zmq::Pull)?;
    tasks.connect(&endpoint(1, "tcp://localhost:5557"))?;
    let results = context.socket(zmq::Push)?;
    results.connect(&endpoint(2, "tcp://localhost:5558"))?;
    loop {
        let milliseconds = text(&tasks.recv_msg(0)?);
        println!("working for {milliseconds} ms");
        thread::sleep(Duration::from_millis(milliseconds.parse()?));
        results.send("", 0)?;
    }
}
