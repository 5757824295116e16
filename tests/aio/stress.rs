//! Many sockets with queues of one message, busy in both directions. A wake-up that is
//! lost makes somebody wait for ever, which is seen, and what then can be known is
//! printed.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use zmq::aio::{AsyncSocket, RecvHalf, SendHalf};
use zmq::{Context, Multipart, PollItem, Socket, SocketType, POLLIN};

use crate::common::{bind, inproc, ipc, noise};
use crate::runtimes::{tiny_queues, Runtime, Work};

/// In all four tests together.
const MESSAGES: u32 = 1_000_000;
const EACH: u32 = MESSAGES / 4;

/// How long it may be that nothing arrives anywhere, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn no_wake_up_is_lost_in_one_thread() {
    stress(Runtime::Tokio);
}

#[test]
fn no_wake_up_is_lost_among_threads() {
    stress(Runtime::TokioThreads);
}

#[test]
fn no_wake_up_is_lost_in_smol() {
    stress(Runtime::Smol);
}

#[test]
fn no_wake_up_is_lost_by_the_thread() {
    stress(Runtime::Thread);
}

const KINDS: [(SocketType, SocketType); 5] = [
    (zmq::DEALER, zmq::DEALER),
    (zmq::ROUTER, zmq::DEALER),
    (zmq::PAIR, zmq::PAIR),
    (zmq::PUSH, zmq::PULL),
    (zmq::REQ, zmq::REP),
];

/// As a ROUTER knows the one that it is connected with.
const PEER: &str = "the peer";

fn stress(runtime: Runtime) {
    let pairs = Arc::new(OnceLock::new());
    let (done, ended) = mpsc::channel::<()>();
    let runner = thread::spawn({
        let pairs = Arc::clone(&pairs);
        move || {
            runtime.block_on(async {
                let pairs = pairs.get_or_init(|| all_pairs(runtime));
                runtime
                    .together(pairs.iter().flat_map(Pair::work).collect())
                    .await;
            });
            drop(done);
        }
    });
    watch(&pairs, &ended);
    if let Err(panic) = runner.join() {
        // To drop the sockets would be to wait for what nobody receives any more.
        std::mem::forget(pairs);
        std::panic::resume_unwind(panic);
    }
    let received: u32 = pairs.get().unwrap().iter().map(Pair::received).sum();
    assert!(received >= EACH, "{received}");
}

/// Each kind of pair over each transport, and one more.
fn all_pairs(runtime: Runtime) -> Vec<Pair> {
    let context = Context::new();
    let transports: [fn() -> String; 3] = [|| "tcp://127.0.0.1:*".into(), ipc, inproc];
    let kinds = KINDS.iter().chain([&KINDS[0]]);
    let each = kinds.flat_map(|kinds| transports.map(|endpoint| (*kinds, endpoint())));
    (0..16)
        .zip(each)
        .map(|(number, (kinds, endpoint))| Pair::new(runtime, &context, kinds, &endpoint, number))
        .collect()
}

/// Two sockets that are connected.
struct Pair {
    kinds: (SocketType, SocketType),
    endpoint: String,
    ends: [Arc<End>; 2],
    /// From the first end to the second, and the way back if there is one.
    lines: Vec<Arc<Line>>,
}

impl Pair {
    fn new(
        runtime: Runtime,
        context: &Context,
        kinds: (SocketType, SocketType),
        endpoint: &str,
        number: u32,
    ) -> Pair {
        let one = context.socket(kinds.0).unwrap();
        let other = context.socket(kinds.1).unwrap();
        tiny_queues(&one, &other);
        if kinds.1 == zmq::REP {
            // It drops answers when its queue is full, and may hear too late that it
            // no longer is.
            other.set_sndhwm(1000).unwrap();
        }
        let endpoint = bind(&one, endpoint);
        if kinds.0 == zmq::ROUTER {
            one.set_router_mandatory(true).unwrap();
            other.set_identity(PEER.as_bytes()).unwrap();
        }
        other.connect(&endpoint).unwrap();
        if kinds.0 == zmq::ROUTER {
            // It cannot send to whom it does not know.
            other.send("hello", 0).unwrap();
            assert_eq!(one.recv_frames(0).unwrap(), [PEER, "hello"]);
        }
        let directions = if kinds.0 == zmq::PUSH { 1 } else { 2 };
        let line = |direction| {
            Arc::new(Line {
                number: 2 * number + direction,
                // All pairs but the three of PUSH and PULL have two.
                messages: EACH.div_ceil(16 * 2 - 3),
                sent: AtomicU32::new(0),
                received: AtomicU32::new(0),
            })
        };
        let is_split = number % 2 == 0;
        Pair {
            kinds,
            endpoint,
            ends: [
                End::new(runtime, one, is_split),
                End::new(runtime, other, !is_split),
            ],
            lines: (0..directions).map(line).collect(),
        }
    }

    /// What its tasks do.
    fn work(&self) -> Vec<Work> {
        let [one, other] = self.ends.each_ref().map(Arc::clone);
        let there = Arc::clone(&self.lines[0]);
        let back = self.lines.last().map(Arc::clone).unwrap();
        if self.kinds.0 == zmq::REQ {
            let (requests, answers) = (Arc::clone(&there), Arc::clone(&back));
            let asks = async move {
                for _ in 0..requests.messages {
                    requests.send(&one).await;
                    answers.receive(&one).await;
                }
            };
            let serves = async move {
                for _ in 0..there.messages {
                    there.receive(&other).await;
                    back.send(&other).await;
                }
            };
            return vec![Box::pin(asks), Box::pin(serves)];
        }
        let mut work = one_way(there, Arc::clone(&one), Arc::clone(&other));
        if self.lines.len() > 1 {
            work.extend(one_way(back, other, one));
        }
        work
    }

    fn received(&self) -> u32 {
        self.lines.iter().map(|line| line.received()).sum()
    }

    /// Prints what it is at, unless it is done.
    fn tell(&self) {
        if self.lines.iter().all(|line| line.is_done()) {
            return;
        }
        // First, for to look at a socket's events wakes who waits for it.
        let signals = self.ends.each_ref().map(|end| end.has_signal());
        eprintln!("{:?} over {}:", self.kinds, self.endpoint);
        self.lines.iter().for_each(|line| line.tell());
        for (end, has_signal) in self.ends.iter().zip(signals) {
            end.tell(has_signal);
        }
    }
}

fn one_way(line: Arc<Line>, from: Arc<End>, to: Arc<End>) -> Vec<Work> {
    let receives = Arc::clone(&line);
    vec![
        Box::pin(async move {
            for _ in 0..line.messages {
                line.send(&from).await;
            }
        }),
        Box::pin(async move {
            for _ in 0..receives.messages {
                receives.receive(&to).await;
            }
        }),
    ]
}

/// The messages of one direction.
struct Line {
    number: u32,
    messages: u32,
    sent: AtomicU32,
    received: AtomicU32,
}

impl Line {
    fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    fn received(&self) -> u32 {
        self.received.load(Ordering::Relaxed)
    }

    fn is_done(&self) -> bool {
        self.received() == self.messages
    }

    async fn send(&self, end: &End) {
        let mut message = self.message(self.sent());
        if end.kind == zmq::ROUTER {
            message.push_front(PEER);
        }
        end.send(message).await;
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    async fn receive(&self, end: &End) {
        let mut message = end.receive().await;
        if end.kind == zmq::ROUTER {
            assert_eq!(message.pop_front().unwrap().as_str(), Some(PEER));
        }
        // `assert_eq` would print both, which may be long.
        assert!(
            message == self.message(self.received()),
            "line {}: {:?} is not the {}th",
            self.number,
            &message[0][..8],
            self.received()
        );
        self.received.fetch_add(1, Ordering::Relaxed);
    }

    /// Its `i`th message: which it is, and noise of it, mostly little, in a frame or
    /// a few.
    fn message(&self, i: u32) -> Multipart {
        static NOISE: OnceLock<Vec<u8>> = OnceLock::new();
        let sea = NOISE.get_or_init(|| noise(1).take(2 << 16).collect());
        let mut dice = noise(i ^ self.number << 20).map(usize::from);
        let mut roll = || dice.next().unwrap() << 8 | dice.next().unwrap();
        let mut part = || {
            let most = match roll() % 1000 {
                0..5 => 40 << 10,
                5..50 => 4000,
                _ => 200,
            };
            let (start, len) = (roll(), roll() % (most + 1));
            &sea[start..start + len]
        };
        let which = [self.number.to_ne_bytes(), i.to_ne_bytes()].concat();
        let mut message = Multipart::from([[&which[..], part()].concat()]);
        for _ in 0..(part().len() % 6).saturating_sub(2) {
            message.push_back(part());
        }
        message
    }

    fn tell(&self) {
        for (what, count) in [("sent", self.sent()), ("received", self.received())] {
            if count < self.messages {
                let next = self.message(count);
                let lens: Vec<_> = next.into_iter().map(|frame| frame.len()).collect();
                eprintln!(
                    "  line {}: {count} of {} {what}; the next has {lens:?} bytes",
                    self.number, self.messages
                );
            }
        }
    }
}

/// A socket that two tasks use.
struct End {
    kind: SocketType,
    fd: i32,
    form: Form,
}

enum Form {
    Whole(AsyncSocket),
    /// As a sink and a stream. Nobody else waits for the locks, but who tells of them.
    Halves(Mutex<SendHalf>, Mutex<RecvHalf>),
}

impl End {
    fn new(runtime: Runtime, socket: Socket, is_split: bool) -> Arc<End> {
        let (kind, fd) = (socket.get_socket_type().unwrap(), socket.get_fd().unwrap());
        let socket = runtime.socket(socket);
        let form = if is_split {
            let (sends, receives) = socket.into_split();
            Form::Halves(Mutex::new(sends), Mutex::new(receives))
        } else {
            Form::Whole(socket)
        };
        Arc::new(End { kind, fd, form })
    }

    async fn send(&self, message: Multipart) {
        match &self.form {
            Form::Whole(socket) => socket.send_frames(message).await.unwrap(),
            Form::Halves(sends, _) => {
                poll_fn(|task| sends.lock().unwrap().poll_ready_unpin(task))
                    .await
                    .unwrap();
                sends.lock().unwrap().start_send_unpin(message).unwrap();
                poll_fn(|task| sends.lock().unwrap().poll_flush_unpin(task))
                    .await
                    .unwrap();
            }
        }
    }

    async fn receive(&self) -> Multipart {
        match &self.form {
            Form::Whole(socket) => socket.recv_frames().await.unwrap(),
            Form::Halves(_, receives) => {
                poll_fn(|task| receives.lock().unwrap().poll_next_unpin(task))
                    .await
                    .unwrap()
                    .unwrap()
            }
        }
    }

    /// Whether its descriptor has something to say.
    fn has_signal(&self) -> bool {
        zmq::poll(&mut [PollItem::from_fd(self.fd, POLLIN)], 0) == Ok(1)
    }

    fn tell(&self, has_signal: bool) {
        let events = match &self.form {
            Form::Whole(socket) => socket.socket().get_events(),
            Form::Halves(sends, _) => sends.lock().unwrap().socket().socket().get_events(),
        };
        let form = match self.form {
            Form::Whole(_) => "whole",
            Form::Halves(..) => "in halves",
        };
        let descriptor = if has_signal { "readable" } else { "quiet" };
        eprintln!(
            "  {:?}, {form}: its descriptor is {descriptor}; it is ready for {events:?}",
            self.kind
        );
    }
}

/// Returns when all is done. If nothing arrives any more it tells what it can.
fn watch(pairs: &Arc<OnceLock<Vec<Pair>>>, ended: &Receiver<()>) {
    let (mut last, mut since) = (None, Instant::now());
    while ended.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
        let received = pairs
            .get()
            .map(|pairs| pairs.iter().map(Pair::received).sum::<u32>());
        if received != last {
            (last, since) = (received, Instant::now());
        }
        if since.elapsed() > PATIENCE {
            let pairs = Arc::clone(pairs);
            // In a thread, for whoever is stuck may have the lock of a socket.
            let (told, tells) = mpsc::channel::<()>();
            thread::spawn(move || {
                pairs.get().into_iter().flatten().for_each(Pair::tell);
                drop(told);
            });
            let _ = tells.recv_timeout(Duration::from_secs(5));
            panic!("nothing arrives any more, after {last:?} messages");
        }
    }
}
