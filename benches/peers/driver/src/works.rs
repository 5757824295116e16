//! The works: what each of their two ends does, the one that binds and the one that
//! connects. One of the two measures.
//!
//! The first byte of a message says which part of the work it belongs to.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use crate::{Kind, Peer, Socket};

/// A task. What it measured, if it did, are numbers to be printed.
pub type End = Pin<Box<dyn Future<Output = Option<Vec<f64>>> + Send>>;

#[derive(Clone, Copy)]
pub enum Work {
    /// From a PUSH to a PULL.
    Push(Way),
    Curve,
    /// From an XPUB to that many SUBs.
    Publish(usize),
    /// A REQ and a REP.
    Ask,
    /// A DEALER and a ROUTER.
    AskMany,
}

/// How a message is made and sent.
#[derive(Clone, Copy)]
pub enum Way {
    /// From bytes that are there.
    Slice,
    /// From a buffer that is made for it.
    Copy,
    /// The same, and the library gets the buffer.
    HandOver,
    Multipart,
}

/// The frames of a message that has several.
const FRAMES: usize = 10;
/// The questions of a DEALER that are under way.
const WINDOW: usize = 100;
/// A publisher has no high water mark, at which it would drop messages. Instead it waits
/// until all subscribers have what it has sent but the last few blocks of messages.
const BLOCK: u64 = 100;
const BLOCKS_UNDERWAY: u64 = 10;

impl Work {
    pub fn of(name: &str) -> Option<Work> {
        Some(match name {
            "push-pull" => Work::Push(Way::Slice),
            "copy" => Work::Push(Way::Copy),
            "hand-over" => Work::Push(Way::HandOver),
            "multipart" => Work::Push(Way::Multipart),
            "curve" => Work::Curve,
            "pub-sub-1" => Work::Publish(1),
            "pub-sub-10" => Work::Publish(10),
            "pub-sub-100" => Work::Publish(100),
            "req-rep" => Work::Ask,
            "dealer-router" => Work::AskMany,
            _ => return None,
        })
    }

    /// The end that binds, and where it is bound; none if the peer does not offer it.
    /// `place` gives endpoints to bind to, each another one.
    pub async fn bind<P: Peer>(
        self,
        peer: &P,
        mut place: impl FnMut() -> String,
        amount: Amount,
    ) -> Option<(End, String)> {
        let kind = match self {
            Work::Push(_) => Kind::Pull,
            Work::Curve => Kind::CurvePull,
            Work::Publish(_) => Kind::XPub,
            Work::Ask => Kind::Rep,
            Work::AskMany => Kind::Router,
        };
        let (socket, endpoint) = peer.bind(kind, &place()).await?;
        let end: End = match self {
            Work::Push(Way::Multipart) => Box::pin(pull_frames(socket, amount)),
            Work::Push(_) | Work::Curve => Box::pin(pull(socket, amount)),
            Work::Publish(subscribers) => {
                let (acks, place) = peer.bind(Kind::Pull, &place()).await?;
                let end = publish(socket, acks, subscribers, amount);
                return Some((Box::pin(end), format!("{endpoint} {place}")));
            }
            Work::Ask => Box::pin(answer(socket, amount)),
            Work::AskMany => Box::pin(answer_all(socket, amount)),
        };
        Some((end, endpoint))
    }

    /// The end that connects.
    pub async fn connect<P: Peer>(self, peer: &P, endpoint: &str, amount: Amount) -> Option<End> {
        let socket = |kind| peer.connect(kind, endpoint);
        Some(match self {
            Work::Push(way) => Box::pin(push(socket(Kind::Push).await?, way, amount)),
            Work::Curve => Box::pin(push(socket(Kind::CurvePush).await?, Way::Slice, amount)),
            Work::Publish(subscribers) => {
                let (endpoint, place) = endpoint.split_once(' ')?;
                let acks = peer.connect(Kind::Push, place).await?;
                let mut sockets = Vec::new();
                for _ in 0..subscribers {
                    sockets.push(peer.connect(Kind::Sub, endpoint).await?);
                }
                Box::pin(subscribe(sockets, acks, amount))
            }
            Work::Ask => Box::pin(ask(socket(Kind::Req).await?, 1, amount)),
            Work::AskMany => Box::pin(ask(socket(Kind::Dealer).await?, WINDOW, amount)),
        })
    }
}

/// How much is to be done.
#[derive(Clone, Copy)]
pub struct Amount {
    pub size: usize,
    pub warm_up: Duration,
    pub measured: Duration,
}

/// The length that messages have at least: some have a number in them.
pub const SHORTEST: usize = 16;

/// Not 0: memory full of zeros `vec!` need not fill, and what is sent from it nobody has touched.
const WARM_UP: u8 = 1;
const MEASURED: u8 = 2;
const LAST: u8 = 3;

impl Amount {
    fn parts(self) -> [(u8, Duration); 2] {
        [(WARM_UP, self.warm_up), (MEASURED, self.measured)]
    }
}

fn write_number(message: &mut [u8], number: u64) {
    message[8..16].copy_from_slice(&number.to_le_bytes());
}

fn number(message: &[u8]) -> u64 {
    u64::from_le_bytes(message[8..16].try_into().unwrap())
}

async fn push(mut socket: impl Socket, way: Way, amount: Amount) -> Option<Vec<f64>> {
    // A look at the clock takes a good part of the time that a small message takes.
    let between_looks = if amount.size < 1 << 16 { 32 } else { 1 };
    let mut message = vec![0; amount.size];
    let mut sent = 0_u64;
    for (part, time) in amount.parts() {
        message[0] = part;
        let begin = Instant::now();
        while begin.elapsed() < time {
            for _ in 0..between_looks {
                match way {
                    Way::Slice => socket.send(&message).await,
                    Way::Copy => socket.send(&vec![part; amount.size]).await,
                    Way::HandOver => socket.give(vec![part; amount.size]).await,
                    Way::Multipart => socket.send_frames(&[&message[..]; FRAMES]).await,
                }
            }
            sent += between_looks;
        }
    }
    message[0] = LAST;
    write_number(&mut message, sent);
    match way {
        Way::Multipart => socket.send_frames(&[&message[..]; FRAMES]).await,
        _ => socket.send(&message).await,
    }
    // Not closed: what is under way has to arrive whatever the library does then.
    std::mem::forget(socket);
    None
}

/// Counts the messages that arrive.
struct Tally {
    size: usize,
    arrived: u64,
    measured: u64,
    begin: Instant,
}

impl Tally {
    fn new(amount: Amount) -> Tally {
        Tally {
            size: amount.size,
            arrived: 0,
            measured: 0,
            begin: Instant::now(),
        }
    }

    /// With the last message, how many came per second, from the first that is measured.
    fn count(&mut self, message: &[u8]) -> Option<Vec<f64>> {
        assert_eq!(message.len(), self.size, "the length of a message");
        match message[0] {
            WARM_UP => {}
            MEASURED => {
                if self.measured == 0 {
                    self.begin = Instant::now();
                }
                self.measured += 1;
            }
            _ => {
                let took = self.begin.elapsed();
                assert_eq!(self.arrived, number(message), "how many messages arrived");
                return Some(vec![self.measured as f64 / took.as_secs_f64()]);
            }
        }
        self.arrived += 1;
        None
    }
}

async fn pull<S: Socket>(mut socket: S, amount: Amount) -> Option<Vec<f64>> {
    let mut tally = Tally::new(amount);
    loop {
        let measured = socket.look(|message| tally.count(message)).await;
        if measured.is_some() {
            return measured;
        }
    }
}

async fn pull_frames<S: Socket>(mut socket: S, amount: Amount) -> Option<Vec<f64>> {
    let mut tally = Tally::new(amount);
    loop {
        let frames = socket.receive_frames().await;
        let length = |i| S::frame(&frames, i).map(|frame| frame.len());
        for i in 1..FRAMES {
            assert_eq!(length(i), Some(amount.size), "the length of frame {i}");
        }
        assert_eq!(length(FRAMES), None, "a frame too many");
        let measured = tally.count(&S::frame(&frames, 0).unwrap());
        if measured.is_some() {
            return measured;
        }
    }
}

async fn publish<S: Socket>(
    mut socket: S,
    mut acks: S,
    subscribers: usize,
    amount: Amount,
) -> Option<Vec<f64>> {
    for _ in 0..subscribers {
        let subscription = socket.receive().await;
        assert_eq!(
            *S::bytes(&subscription),
            [1],
            "a subscription to everything"
        );
    }
    let mut message = vec![0; amount.size];
    let mut sent = 0;
    for (part, time) in [amount.parts().as_slice(), &[(LAST, Duration::ZERO)]].concat() {
        message[0] = part;
        let begin = Instant::now();
        // At least one block of each part.
        loop {
            if sent >= BLOCK * BLOCKS_UNDERWAY {
                acks.receive().await;
            }
            for _ in 0..BLOCK {
                write_number(&mut message, sent);
                socket.send(&message).await;
                sent += 1;
            }
            if begin.elapsed() >= time {
                break;
            }
        }
    }
    // As in `push`.
    std::mem::forget((socket, acks));
    None
}

/// Messages per second that arrive, at all subscribers together.
async fn subscribe<S: Socket>(
    mut sockets: Vec<S>,
    mut acks: S,
    amount: Amount,
) -> Option<Vec<f64>> {
    let (mut arrived, mut measured) = (0, 0);
    let mut begin = Instant::now();
    let mut end = begin;
    loop {
        let mut part = LAST;
        for i in 0..BLOCK {
            // One message each: some libraries go on only when all have taken the last.
            for socket in &mut sockets {
                part = socket
                    .look(|message| {
                        assert_eq!(message.len(), amount.size, "the length of a message");
                        assert_eq!(number(message), arrived + i, "which message arrived");
                        message[0]
                    })
                    .await;
            }
        }
        arrived += BLOCK;
        match part {
            WARM_UP => begin = Instant::now(),
            MEASURED => {
                end = Instant::now();
                measured += BLOCK * sockets.len() as u64;
            }
            _ => return Some(vec![measured as f64 / (end - begin).as_secs_f64()]),
        }
        acks.send(&[0; SHORTEST]).await;
    }
}

/// Round trips per second, and how long they take in microseconds: their median, 99th and
/// 99.9th percentile, and the longest.
async fn ask<S: Socket>(mut socket: S, window: usize, amount: Amount) -> Option<Vec<f64>> {
    let mut message = vec![0; amount.size];
    let mut trips = Vec::with_capacity(1 << 20);
    // When the questions were asked that are under way.
    let mut asked = VecDeque::with_capacity(window);
    let mut end = Duration::ZERO;
    for (_, time) in amount.parts() {
        trips.clear();
        end = Duration::ZERO;
        let begin = Instant::now();
        while end < time || !asked.is_empty() {
            while asked.len() < window && end < time {
                asked.push_back(end);
                socket.send(&message).await;
            }
            let check = |reply: &[u8]| assert_eq!(*reply, *message, "the reply");
            // One that comes alone is not received as one of many.
            if window > 1 {
                socket.look(check).await;
            } else {
                check(&S::bytes(&socket.receive().await));
            }
            end = begin.elapsed();
            trips.push(end - asked.pop_front().unwrap());
        }
    }
    message[0] = LAST;
    socket.send(&message).await;
    let reply = socket.receive().await;
    assert_eq!(*S::bytes(&reply), *message, "the reply");
    trips.sort_unstable();
    let percentile = |n: f64| {
        let i = (trips.len() - 1) as f64 * n / 100.0;
        trips[i as usize].as_secs_f64() * 1e6
    };
    let rate = trips.len() as f64 / end.as_secs_f64();
    let percentiles = [50.0, 99.0, 99.9, 100.0].map(percentile);
    Some([&[rate], &percentiles[..]].concat())
}

async fn answer<S: Socket>(mut socket: S, amount: Amount) -> Option<Vec<f64>> {
    let mut reply = vec![0; amount.size];
    while reply[0] != LAST {
        let message = socket.receive().await;
        // Panics if it has another length.
        reply.copy_from_slice(&S::bytes(&message));
        socket.send(&reply).await;
    }
    // As in `push`.
    std::mem::forget(socket);
    None
}

/// As `answer`, to whoever asked.
async fn answer_all<S: Socket>(mut socket: S, amount: Amount) -> Option<Vec<f64>> {
    let (mut name, mut reply) = (Vec::new(), vec![0; amount.size]);
    while reply[0] != LAST {
        socket.answer(&mut name, &mut reply).await;
    }
    std::mem::forget(socket);
    None
}
