//! Messages of many frames of 16 bytes, from a PUSH to a PULL over tcp.

use std::thread;
use std::time::Instant;

use zmq::Context;

use crate::{connected, micros_each};

pub fn measure(count: usize, messages: usize) -> Vec<f64> {
    let context = Context::new();
    let (push, pull) = connected(&context);
    let send = move || {
        let frames = (0..count).map(|_| &[7_u8; 16][..]);
        push.send_multipart(frames, 0).unwrap();
    };
    let receive = || assert_eq!(pull.recv_frames(0).unwrap().len(), count);

    send();
    receive();
    let messages = (messages / count).max(1);
    let begin = Instant::now();
    let sender = thread::spawn(move || {
        (0..messages).for_each(|_| send());
        send
    });
    (0..messages).for_each(|_| receive());
    let time = micros_each(begin, messages);
    drop(sender.join().unwrap());
    vec![time, time * 1e3 / count as f64]
}
