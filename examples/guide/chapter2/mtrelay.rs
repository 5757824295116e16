//! Threads that wait for each other: the first step tells the second when it is ready, the
//! second the third. A PAIR talks to exactly one other, so nobody else can come between,
//! and a signal that is sent early waits for its receiver.
//!
//! `cargo run -p zmq-guide --bin mtrelay`

use std::thread;

use zmq::{Context, Pair};

fn main() -> zmq::Result<()> {
    let context = Context::new();
    // Bound before there is a thread that connects.
    let from_step_2 = context.socket(Pair)?;
    from_step_2.bind("inproc://step3")?;
    let step_2 = thread::spawn({
        let context = context.clone();
        move || step_2(&context)
    });
    from_step_2.recv_msg(0)?;
    println!("step 3 has its signal: the relay works");
    step_2.join().expect("no step panics")
}

fn step_2(context: &Context) -> zmq::Result<()> {
    let from_step_1 = context.socket(Pair)?;
    from_step_1.bind("inproc://step2")?;
    let step_1 = thread::spawn({
        let context = context.clone();
        move || step_1(&context)
    });
    from_step_1.recv_msg(0)?;
    let to_step_3 = context.socket(Pair)?;
    to_step_3.connect("inproc://step3")?;
    println!("step 2 is ready, and signals step 3");
    to_step_3.send("READY", 0)?;
    step_1.join().expect("no step panics")
}

fn step_1(context: &Context) -> zmq::Result<()> {
    let to_step_2 = context.socket(Pair)?;
    to_step_2.connect("inproc://step2")?;
    println!("step 1 is ready, and signals step 2");
    to_step_2.send("READY", 0)
}
