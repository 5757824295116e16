//! Idle sockets in one context, and a pair among them that is in use.

use std::time::Instant;

use zmq::Context;

use crate::{connected, messages_per_second, micros_each, resident};

pub fn measure(count: usize, messages: usize) -> Vec<f64> {
    let context = Context::new();
    // The pair, and one that libzmq has for itself.
    context.set_max_sockets(count as i32 + 3).unwrap();
    let (push, pull) = connected(&context);

    let mut sockets = Vec::with_capacity(count);
    let before = resident();
    let begin = Instant::now();
    sockets.extend((0..count).map(|_| context.socket(zmq::Pull).unwrap()));
    let open = micros_each(begin, count);
    let memory = (resident() - before) / 1024.0 / count as f64;

    let rate = messages_per_second(push, &pull, messages);

    let begin = Instant::now();
    drop(sockets);
    vec![open, memory, rate, micros_each(begin, count)]
}
