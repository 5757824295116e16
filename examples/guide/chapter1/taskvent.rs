//! Divide and conquer, the ventilator: it deals out tasks, each of which takes some time.
//! A PUSH socket gives each message to one of the workers that are connected, in turn.
//! Hence Enter: begun at once, all tasks would go to whichever worker connects first.
//!
//! ```text
//!              taskvent (PUSH)
//!       tasks /       |       \
//!     taskwork     taskwork     taskwork     (PULL, PUSH)
//!     results \       |       /
//!              tasksink (PULL)
//! ```
//!
//! `cargo run -p zmq-guide --bin taskvent [tcp://*:5557 [tcp://localhost:5558 [100]]]`,
//! beside `tasksink` and any number of `taskwork`; the number is how many tasks there are

use std::error::Error;
use std::io;

use zmq_guide::{argument, endpoint};

fn main() -> Result<(), Box<dyn Error>> {
    let tasks = argument(3, 100)?;
    let context = zmq::Context::new();
    let ventilator = context.socket(zmq::Push)?;
    ventilator.bind(&endpoint(1, "tcp://*:5557"))?;
    let sink = context.socket(zmq::Push)?;
    sink.connect(&endpoint(2, "tcp://localhost:5558"))?;

    println!("press Enter when the workers are ready");
    io::stdin().read_line(&mut String::new())?;

    sink.send("0", 0)?; // tells it to take the time
    let mut total = 0;
    for _ in 0..tasks {
        let milliseconds = fastrand::u32(1..=100);
        total += milliseconds;
        ventilator.send(milliseconds.to_string(), 0)?;
    }
    println!("total expected cost: {total} ms");
    // The context ends when everything has been delivered.
    Ok(())
}
