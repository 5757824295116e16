//! Divide and conquer, the sink: it collects the results of all workers, and says how long
//! that took, which is less the more workers there are. A PULL socket hears those who push
//! to it in turn, so that none is kept waiting by a busy one.
//!
//! `cargo run -p zmq-guide --bin tasksink [tcp://*:5558 [100]]`, beside `taskvent` and
//! `taskwork`; the number is how many tasks there are

use std::error::Error;
use std::time::Instant;

use zmq_guide::{argument, endpoint};

fn main() -> Result<(), Box<dyn Error>> {
    let tasks = argument(2, 100)?;
    let context = zmq::Context::new();
    let sink = context.socket(zmq::Pull)?;
    sink.bind(&endpoint(1, "tcp://*:5558"))?;

    sink.recv_msg(0)?; // the ventilator begins
    let begin = Instant::now();
    for task in 1..=tasks {
        sink.recv_msg(0)?;
        println!("{task} of {tasks} done");
    }
    println!("total elapsed time: {} ms", begin.elapsed().as_millis());
    Ok(())
}
