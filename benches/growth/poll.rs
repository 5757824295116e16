//! One wait for many sockets of which one, the last, is ready.

use std::hint::black_box;
use std::time::Instant;

use zmq::{Context, Poller, POLLIN};

use crate::micros_each;

pub fn measure(count: usize, messages: usize) -> Vec<f64> {
    let context = Context::new();
    let open = |number: usize| {
        let socket = context.socket(zmq::Pull).unwrap();
        socket.bind(&format!("inproc://{number}")).unwrap();
        socket
    };
    let sockets: Vec<_> = (0..count).map(open).collect();
    // It is never received, so that its socket stays ready.
    let push = context.socket(zmq::Push).unwrap();
    push.connect(&format!("inproc://{}", count - 1)).unwrap();
    push.send("ready", 0).unwrap();

    let waits = (messages / count).max(1);
    let mut items: Vec<_> = sockets.iter().map(|s| s.as_poll_item(POLLIN)).collect();
    let begin = Instant::now();
    for _ in 0..waits {
        assert_eq!(zmq::poll(&mut items, -1).unwrap(), 1);
    }
    let poll = micros_each(begin, waits);

    let mut poller = Poller::new().unwrap();
    for (number, socket) in sockets.iter().enumerate() {
        poller.add(socket, POLLIN, number).unwrap();
    }
    let begin = Instant::now();
    for _ in 0..waits {
        let mut ready = poller.wait(-1).unwrap();
        let event = black_box(ready.next()).unwrap();
        assert_eq!(*event.token, count - 1);
    }
    vec![poll, micros_each(begin, waits)]
}
