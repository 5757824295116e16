//! Divide and conquer, a sink that tells the workers when all is done. One message ends
//! them all, however many there are: it is published.
//!
//! XPUB is a PUB that receives the subscriptions. It greets each, and so a worker knows
//! that it is heard, and will hear the signal.
//!
//! `cargo run -p zmq-guide --bin tasksink2 [tcp://*:5558 [tcp://*:5559 [100]]]`, beside
//! `taskvent` and `taskwork2`; the number is how many tasks there are

use std::error::Error;
use std::time::Instant;

use zmq::{Poller, POLLIN};
use zmq_guide::{argument, endpoint};

enum From {
    Workers,
    Subscribers,
}

fn main() -> Result<(), Box<dyn Error>> {
    let tasks = argument(3, 100)?;
    let context = zmq::Context::new();
    let sink = context.socket(zmq::Pull)?;
    sink.bind(&endpoint(1, "tcp://*:5558"))?;
    let controller = context.socket(zmq::XPub)?;
    controller.set_xpub_verbose(true)?; // all of them, though they are the same
    controller.bind(&endpoint(2, "tcp://*:5559"))?;

    let mut poller = Poller::new()?;
    poller.add(&sink, POLLIN, From::Workers)?;
    poller.add(&controller, POLLIN, From::Subscribers)?;
    let (mut begin, mut done) = (None, 0);
    while done < tasks {
        for ready in poller.wait(-1)? {
            match ready.token {
                From::Workers => {
                    sink.recv_msg(0)?;
                    if begin.is_none() {
                        begin = Some(Instant::now()); // that was the ventilator
                    } else {
                        done += 1;
                        println!("{done} of {tasks} done");
                    }
                }
                From::Subscribers => {
                    controller.recv_msg(0)?;
                    controller.send("WELCOME", 0)?;
                }
            }
        }
    }
    let elapsed = begin.map_or(0, |begin| begin.elapsed().as_millis());
    println!("total elapsed time: {elapsed} ms");
    controller.send("KILL", 0)?;
    Ok(())
}
