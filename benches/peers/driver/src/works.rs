//! The works: what each of their two ends does, the one that binds and the one that
//! connects. One of the two measures.
//!
//! The first byte of a message says which part of the work it belongs to.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use crate::{Peer, Receives, Sends};

/// A task. What it measured, if it did, are numbers to be printed.
pub type End = Pin<Box<dyn Future<Output = Option<Vec<f64>>> + Send>>;

/// The end of a work that binds, and where it is bound.
pub async fn bind<P: Peer>(peer: &P, work: &str, endpoint: &str, amount: Amount) -> (End, String) {
    match work {
        "push-pull" => {
            let (socket, endpoint) = peer.pull(endpoint).await;
            (Box::pin(pull(socket, amount)), endpoint)
        }
        "req-rep" => {
            let (socket, endpoint) = peer.rep(endpoint).await;
            (Box::pin(answer(socket, amount)), endpoint)
        }
        _ => panic!("no such work: {work}"),
    }
}

/// The end of a work that connects.
pub async fn connect<P: Peer>(peer: &P, work: &str, endpoint: &str, amount: Amount) -> End {
    match work {
        "push-pull" => Box::pin(push(peer.push(endpoint).await, amount)),
        "req-rep" => Box::pin(ask(peer.req(endpoint).await, amount)),
        _ => panic!("no such work: {work}"),
    }
}

/// How much is to be done.
#[derive(Clone, Copy)]
pub struct Amount {
    pub size: usize,
    pub warm_up: Duration,
    pub measured: Duration,
}

/// The length that messages have at least: the last one says how many went before.
pub const SHORTEST: usize = 16;

const WARM_UP: u8 = 0;
const MEASURED: u8 = 1;
const LAST: u8 = 2;

impl Amount {
    fn parts(self) -> [(u8, Duration); 2] {
        [(WARM_UP, self.warm_up), (MEASURED, self.measured)]
    }
}

async fn push(mut socket: impl Sends, amount: Amount) -> Option<Vec<f64>> {
    // A look at the clock takes a good part of the time that a small message takes.
    const BETWEEN_LOOKS: u64 = 32;
    let mut message = vec![0; amount.size];
    let mut sent = 0_u64;
    for (part, time) in amount.parts() {
        message[0] = part;
        let begin = Instant::now();
        while begin.elapsed() < time {
            for _ in 0..BETWEEN_LOOKS {
                socket.send(&message).await;
            }
            sent += BETWEEN_LOOKS;
        }
    }
    message[0] = LAST;
    message[8..16].copy_from_slice(&sent.to_le_bytes());
    socket.send(&message).await;
    // Not closed: what is under way has to arrive whatever the library does then.
    std::mem::forget(socket);
    None
}

/// Messages per second, from the first that is measured to the last.
async fn pull<S: Receives>(mut socket: S, amount: Amount) -> Option<Vec<f64>> {
    let (mut arrived, mut measured) = (0_u64, 0_u64);
    let mut begin = Instant::now();
    loop {
        let message = socket.receive().await;
        let message = S::bytes(&message);
        assert_eq!(message.len(), amount.size, "the length of a message");
        match message[0] {
            WARM_UP => {}
            MEASURED => {
                if measured == 0 {
                    begin = Instant::now();
                }
                measured += 1;
            }
            _ => {
                let took = begin.elapsed();
                let sent = u64::from_le_bytes(message[8..16].try_into().unwrap());
                assert_eq!(arrived, sent, "how many messages arrived");
                return Some(vec![measured as f64 / took.as_secs_f64()]);
            }
        }
        arrived += 1;
    }
}

/// Round trips per second, and their median, their 99th percentile and the longest in
/// microseconds.
async fn ask(mut socket: impl Sends + Receives, amount: Amount) -> Option<Vec<f64>> {
    let mut message = vec![0; amount.size];
    let mut trips = Vec::with_capacity(1 << 20);
    let mut end = Duration::ZERO;
    for (part, time) in amount.parts() {
        message[0] = part;
        trips.clear();
        end = Duration::ZERO;
        let begin = Instant::now();
        while end < time {
            trip(&mut socket, &message).await;
            let now = begin.elapsed();
            trips.push(now - end);
            end = now;
        }
    }
    message[0] = LAST;
    trip(&mut socket, &message).await;
    trips.sort_unstable();
    let percentile = |n: usize| trips[(trips.len() - 1) * n / 100].as_secs_f64() * 1e6;
    let rate = trips.len() as f64 / end.as_secs_f64();
    Some(vec![rate, percentile(50), percentile(99), percentile(100)])
}

async fn trip<S: Sends + Receives>(socket: &mut S, message: &[u8]) {
    socket.send(message).await;
    let reply = socket.receive().await;
    assert_eq!(*S::bytes(&reply), *message, "the reply");
}

async fn answer<S: Sends + Receives>(mut socket: S, amount: Amount) -> Option<Vec<f64>> {
    let mut reply = vec![0; amount.size];
    loop {
        let message = socket.receive().await;
        // Panics if it has another length.
        reply.copy_from_slice(&S::bytes(&message));
        socket.send(&reply).await;
        if reply[0] == LAST {
            // As in `push`.
            std::mem::forget(socket);
            return None;
        }
    }
}
