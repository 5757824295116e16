//! Divide and conquer, a worker that can be told to end. It waits for two sockets: for
//! tasks, and for the sink's signal that there will be no more.
//!
//! A signal that is published before a worker has subscribed would be missed. So it first
//! waits for the greeting that the sink gives to each new subscriber, and takes tasks
//! only then.
//!
//! `cargo run -p zmq-guide --bin taskwork2 [tcp://localhost:5557 [tcp://localhost:5558
//! [tcp://localhost:5559]]]`, beside `taskvent` and `tasksink2`

use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::{Poller, POLLIN};
use zmq_guide::{endpoint, text};

enum From {
    Ventilator,
    Controller,
}

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let controller = context.socket(zmq::Sub)?;
    controller.connect(&endpoint(3, "tcp://localhost:5559"))?;
    controller.set_subscribe(b"")?;
    controller.recv_msg(0)?; // a greeting, whoever it is for: the subscription has arrived
    println!("ready");

    let results = context.socket(zmq::Push)?;
    results.connect(&endpoint(2, "tcp://localhost:5558"))?;
    let tasks = context.socket(zmq::Pull)?;
    tasks.connect(&endpoint(1, "tcp://localhost:5557"))?;

    let mut poller = Poller::new()?;
    poller.add(&tasks, POLLIN, From::Ventilator)?;
    poller.add(&controller, POLLIN, From::Controller)?;
    loop {
        for ready in poller.wait(-1)? {
            match ready.token {
                From::Ventilator => {
                    let milliseconds = text(&tasks.recv_msg(0)?);
                    println!("working for {milliseconds} ms");
                    thread::sleep(Duration::from_millis(milliseconds.parse()?));
                    results.send("", 0)?;
                }
                // It may as well greet another worker.
                From::Controller if &controller.recv_msg(0)?[..] == b"KILL" => return Ok(()),
                From::Controller => {}
            }
        }
    }
}
