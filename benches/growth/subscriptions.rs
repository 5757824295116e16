//! Subscriptions of one SUB at one XPUB, over tcp, and messages that each match one.

use std::thread;
use std::time::Instant;

use zmq::{Context, Message};

use crate::{micros_each, resident};

pub fn measure(count: usize, messages: usize) -> Vec<f64> {
    let context = Context::new();
    let (publisher, subscriber) = (
        context.socket(zmq::XPub).unwrap(),
        // Subscriptions, which it sends, have a high water mark that only the kind at
        // run time lets one set.
        context.socket(zmq::SUB).unwrap(),
    );
    // Neither subscriptions nor messages are dropped.
    publisher.set_rcvhwm(0).unwrap();
    publisher.set_sndhwm(0).unwrap();
    subscriber.set_rcvhwm(0).unwrap();
    subscriber.set_sndhwm(0).unwrap();
    publisher.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = publisher.get_last_endpoint().unwrap().unwrap();
    subscriber.connect(&endpoint).unwrap();
    // One more, after which both are connected.
    let mut message = Message::new();
    subscriber.set_subscribe(b"first").unwrap();
    publisher.recv(&mut message, 0).unwrap();

    let before = resident();
    let begin = Instant::now();
    let subscribing = thread::spawn(move || {
        for number in 0..count {
            subscriber.set_subscribe(&topic(number)).unwrap();
        }
        subscriber
    });
    for _ in 0..count {
        publisher.recv(&mut message, 0).unwrap();
    }
    let time = micros_each(begin, count);
    let subscriber = subscribing.join().unwrap();
    let memory = (resident() - before) / count as f64;

    let begin = Instant::now();
    let publishing = thread::spawn(move || {
        // A prime, so that the topics come in no order that caches like.
        const STEP: usize = 7_368_787;
        for number in 0..messages {
            publisher
                .send(&topic(number * STEP % count)[..], 0)
                .unwrap();
        }
        publisher
    });
    for _ in 0..messages {
        subscriber.recv(&mut message, 0).unwrap();
    }
    let rate = messages as f64 / begin.elapsed().as_secs_f64();
    publishing.join().unwrap();
    vec![time, memory, rate]
}

/// A prefix of its own for each, of 16 bytes.
fn topic(number: usize) -> [u8; 16] {
    let mut topic = *b"topic of        ";
    for (place, byte) in topic[8..].iter_mut().rev().enumerate() {
        *byte = b'0' + (number / 10_usize.pow(place as u32) % 10) as u8;
    }
    topic
}
