//! Peers of ZMTP 3.1, 3.0, 2.0 and 1.0, byte by byte: they connect to a socket, and a
//! socket connects to them.

use std::net::TcpListener;
use std::thread;

use zmq::{Context, Dealer, Kind, Pull, Push, Rep, Req, Router, Socket, Sub, XPub};

use crate::common::{bind_tcp, timed};
use crate::measure::among_others;
use crate::wire::{command, frame, greeting, old_frame, ready, ready_as, Wire};
use crate::wire::{COMMAND, MORE, SIGNATURE};

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Version {
    V1,
    V2,
    V30,
    V31,
}
use Version::*;

/// A kind of socket, and its number in ZMTP 2.0.
type Type = (&'static str, u8);

const SUB: Type = ("SUB", 2);
const PUB: Type = ("PUB", 1);
const REQ: Type = ("REQ", 3);
const REP: Type = ("REP", 4);
const DEALER: Type = ("DEALER", 5);
const ROUTER: Type = ("ROUTER", 6);
const PULL: Type = ("PULL", 7);
const PUSH: Type = ("PUSH", 8);
const XPUB: Type = ("XPUB", 9);

/// Runs `test` with peers of every version, that connect and that are connected to.
fn each(test: impl Fn(&Context, Version, bool) + Send + 'static) {
    let _others = among_others();
    timed(move || {
        let context = Context::new();
        for version in [V31, V30, V2, V1] {
            for connects in [true, false] {
                println!("{version:?}, the peer connects: {connects}");
                test(&context, version, connects);
            }
        }
    });
}

fn open<K: Kind>(context: &Context, kind: K) -> Socket<K> {
    let socket = context.socket(kind).unwrap();
    socket.set_linger(0).unwrap();
    socket
}

/// The other end of a socket's connection.
struct Peer {
    wire: Wire,
    version: Version,
}

impl Peer {
    /// Makes the connection, and shakes hands: `me` is what this peer is, with a routing
    /// id, and `socket` is `theirs`, with another.
    fn new<K: Kind>(
        socket: &Socket<K>,
        version: Version,
        connects: bool,
        (me, my_id): (Type, &[u8]),
        (theirs, their_id): (Type, &[u8]),
    ) -> Peer {
        let wire = if connects {
            Wire::connect(&bind_tcp(socket))
        } else {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
            socket.connect(&endpoint).unwrap();
            Wire::accept(&listener)
        };
        let mut peer = Peer { wire, version };
        peer.shake_hands(me, my_id, theirs, their_id);
        peer
    }

    fn shake_hands(&mut self, me: Type, my_id: &[u8], theirs: Type, their_id: &[u8]) {
        // What every version of today begins with is, to one of 1.0, the routing id.
        let mut signature = SIGNATURE;
        signature[1..9].copy_from_slice(&(their_id.len() as u64 + 1).to_be_bytes());
        match self.version {
            V1 => {
                self.wire.write(&old_frame(0, my_id));
                self.expect(&signature);
                self.expect(their_id);
            }
            V2 => {
                self.wire.write(&[&SIGNATURE[..], &[1, me.1]].concat());
                self.expect(&[&signature[..], &[3, theirs.1]].concat());
                self.wire.write(&frame(0, my_id));
                self.expect(&frame(0, their_id));
            }
            V30 | V31 => {
                let minor = (self.version == V31).into();
                self.wire.write(&greeting(minor, "NULL"));
                let mut expected = greeting(1, "NULL");
                expected[..10].copy_from_slice(&signature);
                self.expect(&expected);
                self.wire.write(&frame(COMMAND, &ready_as(me.0, my_id)));
                let ready = match theirs {
                    REQ | DEALER | ROUTER => ready_as(theirs.0, their_id),
                    _ => ready(theirs.0),
                };
                self.expect(&frame(COMMAND, &ready));
            }
        }
    }

    fn expect(&mut self, bytes: &[u8]) {
        assert_eq!(self.wire.read(bytes.len()), bytes);
    }

    /// The bytes of a message.
    fn bytes(&self, frames: &[&[u8]]) -> Vec<u8> {
        let last = frames.len() - 1;
        let each = frames.iter().enumerate().map(|(n, body)| {
            let flags = if n < last { MORE } else { 0 };
            match self.version {
                V1 => old_frame(flags, body),
                _ => frame(flags, body),
            }
        });
        each.collect::<Vec<_>>().concat()
    }

    fn send(&mut self, frames: &[&[u8]]) {
        let bytes = self.bytes(frames);
        self.wire.write(&bytes);
    }

    /// What arrives is this message, and nothing before.
    fn receives(&mut self, frames: &[&[u8]]) {
        let bytes = self.bytes(frames);
        self.expect(&bytes);
    }

    /// The bytes of a subscription, or of its end.
    fn subscription(&self, begins: bool, topic: &[u8]) -> Vec<u8> {
        match (self.version, begins) {
            (V31, true) => frame(COMMAND, &command("SUBSCRIBE", topic)),
            (V31, false) => frame(COMMAND, &command("CANCEL", topic)),
            _ => self.bytes(&[&[&[begins.into()], topic].concat()]),
        }
    }
}

#[test]
fn requests_and_replies() {
    each(|context, version, connects| {
        let rep = open(context, Rep);
        let mut peer = Peer::new(&rep, version, connects, (REQ, b""), (REP, b""));
        peer.send(&[b"", b"question"]);
        assert_eq!(rep.recv_bytes(0).unwrap(), b"question");
        rep.send("answer", 0).unwrap();
        peer.receives(&[b"", b"answer"]);
        // An envelope comes back as it was.
        peer.send(&[b"from", b"afar", b"", b"another", b"question"]);
        assert_eq!(
            rep.recv_multipart(0).unwrap(),
            [&b"another"[..], b"question"]
        );
        rep.send("another answer", 0).unwrap();
        peer.receives(&[b"from", b"afar", b"", b"another answer"]);

        let req = open(context, Req);
        let mut peer = Peer::new(&req, version, connects, (REP, b""), (REQ, b""));
        req.send("question", 0).unwrap();
        peer.receives(&[b"", b"question"]);
        peer.send(&[b"", b"answer"]);
        assert_eq!(req.recv_bytes(0).unwrap(), b"answer");
    });
}

#[test]
fn subscriptions_in_the_form_of_the_version() {
    each(|context, version, connects| {
        let xpub = open(context, XPub);
        let mut peer = Peer::new(&xpub, version, connects, (SUB, b""), (XPUB, b""));
        if version == V1 {
            // Those of old filter for themselves: everything is sent to them.
            assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01");
        }
        let bytes = peer.subscription(true, b"a");
        peer.wire.write(&bytes);
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01a");
        for fruit in ["banana", "apple"] {
            xpub.send_multipart([fruit, "of today"], 0).unwrap();
        }
        if version == V1 {
            peer.receives(&[b"banana", b"of today"]);
        }
        peer.receives(&[b"apple", b"of today"]);
        let bytes = peer.subscription(false, b"a");
        peer.wire.write(&bytes);
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\0a");

        let sub = open(context, Sub);
        sub.set_subscribe(b"a").unwrap();
        let mut peer = Peer::new(&sub, version, connects, (PUB, b""), (SUB, b""));
        let bytes = peer.subscription(true, b"a");
        thread::scope(|scope| {
            let expected = scope.spawn(|| peer.expect(&bytes));
            // The thread that has the socket says so to who is new.
            while !expected.is_finished() {
                sub.poll(zmq::POLLIN, 1).unwrap();
            }
            expected.join().unwrap();
        });
        peer.send(&[b"banana"]);
        peer.send(&[b"apple", b"of today"]);
        assert_eq!(sub.recv_multipart(0).unwrap(), [&b"apple"[..], b"of today"]);
        // A topic so long that its length takes eight bytes with the command's name only.
        sub.set_subscribe(&[b'l'; 250]).unwrap();
        let bytes = peer.subscription(true, &[b'l'; 250]);
        peer.expect(&bytes);
        sub.set_unsubscribe(b"a").unwrap();
        let bytes = peer.subscription(false, b"a");
        peer.expect(&bytes);
    });
}

#[test]
fn messages_of_several_frames() {
    each(|context, version, connects| {
        let dealer = open(context, Dealer);
        let mut peer = Peer::new(&dealer, version, connects, (DEALER, b""), (DEALER, b""));
        let (long, longer) = ([7; 300], vec![8; 70_000]);
        let message: [&[u8]; 5] = [b"", b"short", &long, b"", &longer];
        dealer.send_multipart(message, 0).unwrap();
        peer.receives(&message);
        peer.send(&message);
        assert_eq!(dealer.recv_multipart(0).unwrap(), message);
    });
}

#[test]
fn frames_of_every_length() {
    each(|context, version, connects| {
        let push = open(context, Push);
        let mut end = Peer::new(&push, version, connects, (PULL, b""), (PUSH, b""));
        let pull = open(context, Pull);
        let mut begin = Peer::new(&pull, version, connects, (PUSH, b""), (PULL, b""));
        for len in [
            0,
            1,
            253,
            254,
            255,
            256,
            8191,
            8192,
            8193,
            65_535,
            65_536,
            1 << 20,
        ] {
            let body = vec![len as u8; len];
            // More than the system takes at once: both must go on meanwhile.
            push.send(&body, 0).unwrap();
            end.receives(&[&body]);
            begin.send(&[&body]);
            assert_eq!(pull.recv_bytes(0).unwrap(), body);
        }
    });
}

#[test]
fn routing_ids() {
    each(|context, version, connects| {
        let router = open(context, Router);
        let mut peer = Peer::new(&router, version, connects, (DEALER, b"me"), (ROUTER, b""));
        peer.send(&[b"hello"]);
        assert_eq!(router.recv_multipart(0).unwrap(), [&b"me"[..], b"hello"]);
        router.send_multipart(["me", "hello", "too"], 0).unwrap();
        peer.receives(&[b"hello", b"too"]);

        for id in [&b"them"[..], &[b'i'; 254], &[b'i'; 255]] {
            let dealer = open(context, Dealer);
            dealer.set_identity(id).unwrap();
            let mut peer = Peer::new(&dealer, version, connects, (ROUTER, b"me"), (DEALER, id));
            dealer.send("hello", 0).unwrap();
            peer.receives(&[b"hello"]);
        }
    });
}

#[test]
fn pings_are_answered_and_sent() {
    for connects in [true, false] {
        let _others = among_others();
        timed(move || {
            let context = Context::new();
            let pull = open(&context, Pull);
            let mut peer = Peer::new(&pull, V31, connects, (PUSH, b""), (PULL, b""));
            for content in [&b""[..], b"me", &[7; 16]] {
                let ping = [b"\0\0", content].concat();
                peer.wire.write(&frame(COMMAND, &command("PING", &ping)));
                peer.expect(&frame(COMMAND, &command("PONG", content)));
            }
            // One that lives for a tenth of a second after its last word.
            peer.wire
                .write(&frame(COMMAND, &command("PING", b"\0\x01")));
            peer.expect(&frame(COMMAND, &command("PONG", b"")));
            peer.wire.closed();

            let pull = open(&context, Pull);
            pull.set_heartbeat_ivl(30).unwrap();
            pull.set_heartbeat_ttl(1500).unwrap();
            pull.set_heartbeat_timeout(30_000).unwrap();
            let mut peer = Peer::new(&pull, V31, connects, (PUSH, b""), (PULL, b""));
            for _ in 0..3 {
                // The time to live is in tenths of a second.
                peer.expect(&frame(COMMAND, &command("PING", &[0, 15])));
                peer.wire.write(&frame(COMMAND, &command("PONG", b"")));
            }
            peer.send(&[b"alive"]);
            assert_eq!(pull.recv_bytes(0).unwrap(), b"alive");

            // Who does not answer is given up.
            let pull = open(&context, Pull);
            pull.set_heartbeat_ivl(30).unwrap();
            let mut peer = Peer::new(&pull, V31, connects, (PUSH, b""), (PULL, b""));
            peer.expect(&frame(COMMAND, &command("PING", b"\0\0")));
            peer.wire.closed();
        });
    }
}
