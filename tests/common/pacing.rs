//! What tells how far who sends is ahead.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

use zmq::{Context, Pull, Push, Socket};

use super::bind_tcp;

/// Sixteen of these are as much as may be ahead of a fast connection.
pub const LEN: usize = 64 << 10;

/// How many messages are sent to see how far ahead one is.
pub const COUNT: usize = 2000;

/// A message like no other.
pub fn message(number: usize) -> Vec<u8> {
    let mut message = vec![7; LEN];
    message[..8].copy_from_slice(&number.to_ne_bytes());
    message
}

/// By how many messages who sends is ahead of who receives, as a rule: `send` sends `count` of
/// `len` bytes, and says so after each. Some were sent before on other terms.
pub fn lead(
    len: usize,
    count: usize,
    paces: bool,
    send: impl FnOnce(Socket<Push>, &mut dyn FnMut()),
) -> usize {
    // As many as are twice too much.
    let before = 1.max((2 << 20) / len);
    let (context, peers) = (Context::new(), Context::new());
    let (push, pull) = (context.socket(Push).unwrap(), peers.socket(Pull).unwrap());
    // Next to nothing waits anywhere else than in the queue of who sends.
    pull.set_rcvhwm(1).unwrap();
    pull.set_rcvbuf(LEN as i32).unwrap();
    push.set_sndbuf(LEN as i32).unwrap();
    push.set_pacing(!paces);
    push.connect(&bind_tcp(&pull)).unwrap();
    for _ in 0..before {
        push.send(vec![0; len], 0).unwrap();
    }
    push.set_pacing(paces);
    let received = Arc::new(AtomicUsize::new(0));
    let receives = thread::spawn({
        let received = Arc::clone(&received);
        move || {
            for _ in 0..before {
                pull.recv_msg(0).unwrap();
            }
            for _ in 0..count {
                assert_eq!(pull.recv_msg(0).unwrap().len(), len);
                received.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let mut leads = Vec::new();
    send(push, &mut || {
        let sent = leads.len() + 1;
        leads.push(sent.saturating_sub(received.load(Ordering::Relaxed)));
    });
    receives.join().unwrap();
    leads.sort();
    leads[count / 2]
}

/// Sees who paces itself wait. A connection is not fast while others have the processors, so
/// this may take some times.
pub fn see(mut lead: impl FnMut(bool) -> usize) {
    while 4 * lead(true) >= lead(false) {}
}
