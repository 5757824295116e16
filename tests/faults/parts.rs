//! The parts that sockets play while something fails around them. Each is played by a
//! thread of the test, or by a process of its own, which may be killed.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use zmq::{
    CanMultipart, CanRecv, CanSend, Context, Dealer, Error, Kind, Pair, Pull, Push, Rep, Req,
    Router, Socket, SocketEvent, Sub, XPub, DONTWAIT,
};

use crate::common::peer::Peer;
use crate::ledger::{Ledger, Place, Tally};
use crate::messages::{message, read, LEAST};
use crate::programs;

/// Messages that wait on either side of a connection.
pub const MARK: i32 = 100;
/// What is asked for the kernel's buffers on either side; it takes twice that.
const BUFFER: i32 = 64 << 10;
/// What libzmq writes and reads at once.
const BATCHES: u64 = (63 + 128) << 10;
/// The most messages that a connection has taken from the sender's queue and not given to
/// the receiver: what waits there, what the kernel has, and what libzmq has in its hands.
pub const ON_THE_WAY: u64 = MARK as u64 + (4 * BUFFER as u64 + BATCHES) / LEAST;
/// Questions that who asks leaves unanswered at a time.
pub const WINDOW: usize = 16;

/// A ping every tenth of a second.
const PING: i32 = 100;
/// Milliseconds without an answer after which the peer is dead.
pub const DEAD: i32 = 300;

/// What is said to who plays a part.
#[derive(Clone)]
pub struct Part {
    pub name: &'static str,
    pub endpoint: String,
    /// Which of those that play this part one after another.
    pub who: u64,
    /// Whether it pings its peers. If only one side does, its pings tell the other one when
    /// to expect the next.
    pub pings: bool,
}

/// The parts: who binds, and who connects to it.
const NAMES: [[&str; 2]; 6] = [
    ["pull", "push"],
    ["pull", "push-once"],
    ["xpub", "sub"],
    ["rep", "req"],
    ["router", "dealer"],
    ["pair", "asking-pair"],
];

/// The part in a thread of this process.
pub struct Here {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    ledger: Place,
}

impl Here {
    pub fn start(part: Part) -> Here {
        let (stop, ledger) = (Arc::<AtomicBool>::default(), Place::new());
        let (stopped, path) = (Arc::clone(&stop), ledger.path().to_owned());
        let thread = thread::spawn(move || {
            Playing {
                part,
                path,
                stopped,
            }
            .play()
        });
        Here {
            stop,
            thread,
            ledger,
        }
    }

    pub fn tally(&self) -> Tally {
        self.ledger.tally()
    }

    /// Has it send no more, and waits until all that it has sent is gone.
    pub fn end(self) -> Tally {
        self.stop.store(true, Ordering::SeqCst);
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
        self.ledger.tally()
    }

    /// It is to go on by itself.
    pub fn check(&self) {
        assert!(!self.thread.is_finished(), "the survivor has ended");
    }
}

/// The part in a process.
pub struct There {
    peer: Peer,
    ledger: Place,
}

impl There {
    pub fn start(part: &Part) -> There {
        There::start_by(part, programs::again)
    }

    pub fn start_by(part: &Part, program: impl FnOnce(&[&str]) -> Command) -> There {
        let (ledger, who) = (Place::new(), part.who.to_string());
        let path = ledger.path().to_str().unwrap();
        let pings = part.pings.to_string();
        let words = ["part", part.name, &part.endpoint, &who, &pings, path];
        There {
            peer: Peer::spawn(program(&words)),
            ledger,
        }
    }

    pub fn tally(&self) -> Tally {
        self.ledger.tally()
    }

    pub fn kill(self) -> Tally {
        self.peer.kill();
        self.ledger.tally()
    }

    /// Has it send no more, and waits until all that it has sent is gone.
    pub fn end(mut self) -> Tally {
        self.peer.end_input();
        let end = self.peer.end();
        assert_eq!(end.status, Some(0), "{:?} {:?}", end.output, end.errors);
        self.ledger.tally()
    }
}

/// The process's side of `There`. It stops when its input ends.
pub fn play(words: &[&str]) {
    let [name, endpoint, who, pings, path] = words else {
        panic!("{words:?}")
    };
    let part = Part {
        name: NAMES
            .into_iter()
            .flatten()
            .find(|known| known == name)
            .unwrap(),
        endpoint: endpoint.to_string(),
        who: who.parse().unwrap(),
        pings: pings.parse().unwrap(),
    };
    let stopped = Arc::<AtomicBool>::default();
    thread::spawn({
        let stopped = Arc::clone(&stopped);
        move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            stopped.store(true, Ordering::SeqCst);
        }
    });
    let path = Path::new(path).to_owned();
    Playing {
        part,
        path,
        stopped,
    }
    .play();
}

/// Whether part `name` has something to send by itself: it is the first to be stopped.
pub fn is_sender(name: &str) -> bool {
    ["push", "xpub", "req", "dealer", "asking-pair"].contains(&name)
}

struct Playing {
    part: Part,
    path: PathBuf,
    stopped: Arc<AtomicBool>,
}

impl Playing {
    fn play(self) {
        let mut context = Context::new();
        match self.part.name {
            "pull" => self.pull(&self.socket(&context, Pull)),
            "push" | "push-once" => self.push(&self.socket(&context, Push)),
            "xpub" => self.publish(&self.socket(&context, XPub)),
            "sub" => self.subscribe(&self.socket(&context, Sub)),
            "rep" => self.answer(&self.socket(&context, Rep)),
            "req" => self.request(&self.socket(&context, Req)),
            "router" => self.answer(&self.socket(&context, Router)),
            "dealer" => self.ask(&self.socket(&context, Dealer)),
            "pair" => self.answer(&self.socket(&context, Pair)),
            "asking-pair" => self.ask(&self.socket(&context, Pair)),
            unknown => panic!("{unknown}?"),
        }
        // Waits until what was sent is gone.
        context.destroy().unwrap();
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.path)
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// A socket with small queues, which never waits for long, and how many of its
    /// connections have broken.
    fn socket<K: Kind>(&self, context: &Context, kind: K) -> (Socket<K>, Arc<AtomicUsize>) {
        let socket = context.socket(kind).unwrap();
        // Not all kinds have all of these.
        let any = socket.as_dyn();
        for set in [Socket::set_sndhwm, Socket::set_rcvhwm] {
            let _ = set(any, MARK);
        }
        for set in [Socket::set_sndbuf, Socket::set_rcvbuf] {
            set(any, BUFFER).unwrap();
        }
        for set in [Socket::set_sndtimeo, Socket::set_rcvtimeo] {
            let _ = set(any, 20);
        }
        any.set_reconnect_ivl(5).unwrap();
        any.set_connect_timeout(1000).unwrap();
        any.set_handshake_ivl(5000).unwrap();
        if self.part.pings {
            any.set_heartbeat_ivl(PING).unwrap();
            any.set_heartbeat_timeout(DEAD).unwrap();
            any.set_heartbeat_ttl(DEAD).unwrap();
            // A ping waits behind what the kernel does not take: then this decides.
            any.set_tcp_maxrt(DEAD).unwrap();
        }
        let broken = Arc::<AtomicUsize>::default();
        let monitor = socket
            .monitor_socket(SocketEvent::DISCONNECTED as i32)
            .unwrap();
        thread::spawn({
            let (broken, ledger) = (Arc::clone(&broken), self.ledger());
            let disconnected = u64::from(zmq_sys::ZMQ_EVENT_DISCONNECTED);
            move || {
                while let Ok(event) = monitor.recv(0) {
                    if event.kind.to_raw() == disconnected {
                        ledger.broken(broken.fetch_add(1, Ordering::SeqCst) + 1);
                    }
                }
            }
        });
        if NAMES.iter().any(|[binds, _]| *binds == self.part.name) {
            socket.bind(&self.part.endpoint).unwrap();
        } else {
            socket.connect(&self.part.endpoint).unwrap();
        }
        (socket, broken)
    }

    fn push(&self, (socket, _): &(Socket<Push>, Arc<AtomicUsize>)) {
        let (ledger, mut sent) = (self.ledger(), 0);
        while !self.is_stopped() {
            if self.part.name == "push-once" && sent == 1 {
                thread::sleep(Duration::from_millis(20));
            } else if went(socket.send_multipart(message(self.part.who, sent).iter(), 0)) {
                sent += 1;
                ledger.sent(sent);
            }
        }
    }

    fn pull(&self, (socket, _): &(Socket<Pull>, Arc<AtomicUsize>)) {
        let mut ledger = self.ledger();
        loop {
            match socket.recv_frames(0) {
                Ok(message) => ledger.received(read(&message)),
                Err(Error::EAGAIN) if self.is_stopped() => return,
                Err(error) => assert_eq!(error, Error::EAGAIN),
            }
        }
    }

    /// Begins when there is a subscriber.
    fn publish(&self, (socket, _): &(Socket<XPub>, Arc<AtomicUsize>)) {
        let (ledger, mut sent, mut subscribed) = (self.ledger(), 0, false);
        while !self.is_stopped() {
            let flags = if subscribed { DONTWAIT } else { 0 };
            while let Ok(subscription) = socket.recv_bytes(flags) {
                subscribed = subscription == [1];
            }
            for _ in 0..if subscribed { 20 } else { 0 } {
                assert!(went(
                    socket.send_multipart(message(self.part.who, sent).iter(), 0)
                ));
                sent += 1;
            }
            ledger.sent(sent);
            // No more than a subscriber can receive: a publisher waits for nobody.
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn subscribe(&self, (socket, _): &(Socket<Sub>, Arc<AtomicUsize>)) {
        socket.set_subscribe(b"").unwrap();
        let mut ledger = self.ledger();
        while !self.is_stopped() {
            match socket.recv_frames(0) {
                Ok(message) => ledger.received(read(&message)),
                Err(error) => assert_eq!(error, Error::EAGAIN),
            }
        }
    }

    /// By `Socket::request`: it asks until it is answered.
    fn request(&self, (socket, _): &(Socket<Req>, Arc<AtomicUsize>)) {
        let (mut ledger, who, mut sent) = (self.ledger(), self.part.who, 0);
        let timeout = Duration::from_millis(250);
        while !self.is_stopped() {
            match socket.request(message(who, sent), timeout, 10) {
                Ok(answer) => {
                    assert_eq!((read(&answer), answer.len()), ((who, sent), 3));
                    ledger.received((who, sent));
                    sent += 1;
                    ledger.sent(sent);
                }
                Err(error) => assert_eq!(error, Error::EAGAIN),
            }
        }
    }

    fn answer<K: Kind + CanSend + CanRecv + CanMultipart>(
        &self,
        (socket, _): &(Socket<K>, Arc<AtomicUsize>),
    ) {
        let mut ledger = self.ledger();
        while !self.is_stopped() {
            match socket.recv_frames(0) {
                Ok(question) => {
                    if self.part.name == "rep" {
                        ledger.received_again(read(&question));
                    } else {
                        ledger.received(read(&question));
                    }
                    // Who asked may be gone.
                    went(socket.send_multipart(question.iter(), 0));
                }
                Err(error) => assert_eq!(error, Error::EAGAIN),
            }
        }
    }

    /// Several questions at a time. What was under way when a connection broke may never
    /// be answered; whatever else is asked must be.
    fn ask<K: Kind + CanSend + CanRecv + CanMultipart>(
        &self,
        (socket, broken): &(Socket<K>, Arc<AtomicUsize>),
    ) {
        let (mut ledger, mut sent, who) = (self.ledger(), 0, self.part.who);
        let (mut unanswered, mut open, mut seen) = (BTreeSet::new(), 0_usize, 0);
        loop {
            let by_now = broken.load(Ordering::SeqCst);
            if by_now > seen {
                (open, seen) = (0, by_now);
            }
            if self.is_stopped() && open == 0 {
                return;
            }
            if !self.is_stopped()
                && open < WINDOW
                && went(socket.send_multipart(message(who, sent).iter(), DONTWAIT))
            {
                unanswered.insert(sent);
                sent += 1;
                open += 1;
                ledger.sent(sent);
            } else {
                match socket.recv_frames(0) {
                    Ok(answer) => {
                        assert_eq!(read(&answer).0, who);
                        assert!(unanswered.remove(&read(&answer).1), "answered twice");
                        ledger.received(read(&answer));
                        open = open.saturating_sub(1);
                    }
                    Err(error) => assert_eq!(error, Error::EAGAIN),
                }
            }
            ledger.unanswered(unanswered.len());
        }
    }
}

/// Whether it was sent; that there is no room for it now is the only reason why not.
fn went(sent: zmq::Result<()>) -> bool {
    sent.inspect_err(|&error| assert_eq!(error, Error::EAGAIN))
        .is_ok()
}
