//! Connections over tcp: what an idle one keeps of memory at its two ends, after some
//! small messages.
//!
//! The two ends are two processes, as each has a descriptor for each connection.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use zmq::{Context, Message, Push, Socket};

use crate::{micros_each, resident};

/// What the process that sends is told by.
pub const SENDER: &str = "--sender";

/// How many messages go over each connection.
const EACH: usize = 4;

pub fn measure(count: usize, _messages: usize) -> Vec<f64> {
    let context = Context::new();
    let pull = context.socket(zmq::Pull).unwrap();
    // Room for all that connect at a time.
    pull.set_backlog(count as i32).unwrap();
    pull.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = pull.get_last_endpoint().unwrap().unwrap();
    let mut sender = Command::new(env::current_exe().unwrap())
        .args([SENDER, &endpoint, &count.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut orders = sender.stdin.take().unwrap();
    let mut message = Message::new();
    let mut receive = |count: usize| {
        for _ in 0..EACH * count {
            pull.recv(&mut message, 0).unwrap();
        }
    };

    receive(1);
    let before = resident();
    let begin = Instant::now();
    writeln!(orders, "connect").unwrap();
    receive(1 + count);
    let time = micros_each(begin, count);
    let memory = kib_each(before, count);

    writeln!(orders, "say what it took").unwrap();
    let mut answer = String::new();
    let mut answers = BufReader::new(sender.stdout.take().unwrap());
    answers.read_line(&mut answer).unwrap();
    sender.wait().unwrap();
    vec![time, memory, answer.trim().parse().unwrap()]
}

/// The other process. The first connection, with what libzmq allocates only once, is
/// not counted.
pub fn sender(endpoint: &str, count: usize) {
    crate::raise_descriptor_limit();
    let context = Context::new();
    let push = context.socket(zmq::Push).unwrap();
    push.connect(endpoint).unwrap();
    send(&push, 1);
    let before = resident();
    wait_for_order();
    for _ in 0..count {
        push.connect(endpoint).unwrap();
    }
    send(&push, 1 + count);
    // Until all have arrived.
    wait_for_order();
    println!("{}", kib_each(before, count));
}

/// A PUSH gives each of its connections a message in turn.
fn send(push: &Socket<Push>, connections: usize) {
    for _ in 0..EACH * connections {
        push.send(&[7; 16][..], 0).unwrap();
    }
}

fn wait_for_order() {
    io::stdin().read_line(&mut String::new()).unwrap();
}

fn kib_each(before: f64, count: usize) -> f64 {
    (resident() - before) / 1024.0 / count as f64
}
