//! Every pattern carries every kind of message, byte for byte.

use zmq::{CanMultipart, CanRecv, CanSend, Context, Socket};

use crate::common::peer::Lang;
use crate::common::{bind, ipc, timed, LIMIT};
use crate::{mirror, socket};

type Frames = Vec<Vec<u8>>;

/// Sizes on both sides of where libzmq stores or frames messages differently,
/// bytes that are not text, and empty frames in every position.
fn messages() -> Vec<Frames> {
    let sizes = [0, 1, 33, 34, 255, 256, 1 << 16, 1 << 24];
    let sized = sizes.map(|size| vec![(0..size).map(|i| (i % 251) as u8).collect()]);
    let parted = [
        &["", "b", "c"][..],
        &["a", "", "c"],
        &["a", "b", ""],
        &["", ""],
        &["", "", ""],
        &["a", "", "", "d"],
    ];
    let parted = parted.map(|frames| frames.iter().map(|f| f.as_bytes().to_vec()).collect());
    let binary = vec![vec![0xff, 0xfe, 0x00, 0xc0], vec![0x80; 300]];
    sized.into_iter().chain(parted).chain([binary]).collect()
}

/// Sends `frames` one way; they arrive as they were.
fn pass(
    from: &Socket<impl CanSend + CanMultipart>,
    to: &Socket<impl CanRecv + CanMultipart>,
    frames: &Frames,
) {
    from.send_multipart(frames, 0).unwrap();
    assert_same(&to.recv_multipart(0).unwrap(), frames);
}

/// `assert_eq` that does not print megabytes.
fn assert_same(received: &Frames, sent: &Frames) {
    let lens = |frames: &Frames| frames.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(lens(received), lens(sent));
    assert!(
        received == sent,
        "same lengths {:?}, other bytes",
        lens(sent)
    );
}

fn push_pull(lang: Lang, endpoints: [String; 2]) {
    let context = Context::new();
    let (push, pull) = (socket(&context, zmq::Push), socket(&context, zmq::Pull));
    let (from, to) = (bind(&push, &endpoints[0]), bind(&pull, &endpoints[1]));
    let _mirror = mirror(
        lang,
        &["PULL", "connect", &from, "--", "PUSH", "connect", &to],
    );
    for message in messages() {
        pass(&push, &pull, &message);
    }
}

fn pub_sub(lang: Lang, endpoints: [String; 2]) {
    let context = Context::new();
    let (publisher, subscriber) = (socket(&context, zmq::Pub), socket(&context, zmq::Sub));
    subscriber.set_subscribe(b"").unwrap();
    let (from, to) = (
        bind(&publisher, &endpoints[0]),
        bind(&subscriber, &endpoints[1]),
    );
    let arguments = [
        "SUB",
        "connect",
        &from,
        "subscribe=",
        "--",
        "PUB",
        "connect",
        &to,
    ];
    let _mirror = mirror(lang, &arguments);

    let tries = LIMIT.as_millis() / 50;
    let joined = (0..tries).any(|_| {
        publisher.send("joined?", 0).unwrap();
        subscriber.poll(zmq::POLLIN, 50).unwrap() == 1
    });
    assert!(joined, "nothing comes back");
    publisher.send("joined!", 0).unwrap();
    while subscriber.recv_bytes(0).unwrap() != b"joined!" {}

    for message in messages() {
        pass(&publisher, &subscriber, &message);
    }
}

fn req_rep(lang: Lang, endpoints: [String; 2]) {
    let context = Context::new();
    let (req, rep) = (socket(&context, zmq::Req), socket(&context, zmq::Rep));
    let (from, to) = (bind(&req, &endpoints[0]), bind(&rep, &endpoints[1]));
    let _mirror = mirror(
        lang,
        &["REP", "connect", &from, "--", "REQ", "connect", &to],
    );
    for message in messages() {
        pass(&req, &rep, &message);
        pass(&rep, &req, &message);
    }
}

fn dealer_router(lang: Lang, endpoints: [String; 2]) {
    let context = Context::new();
    let (dealer, router) = (socket(&context, zmq::Dealer), socket(&context, zmq::Router));
    dealer.set_identity(b"the dealer").unwrap();
    let (from, to) = (bind(&dealer, &endpoints[0]), bind(&router, &endpoints[1]));
    let (there, back) = (
        ["ROUTER", "connect", &from, "--"],
        ["DEALER", "connect", &to],
    );
    let identity = "routing_id=the mirror";
    let _mirror = mirror(lang, &[&there[..], &back, &[identity]].concat());
    for message in messages() {
        dealer.send_multipart(&message, 0).unwrap();
        // Each ROUTER on the way has put in front who it was from.
        let mut routed = vec![b"the mirror".to_vec(), b"the dealer".to_vec()];
        routed.extend_from_slice(&message);
        assert_same(&router.recv_multipart(0).unwrap(), &routed);
        // Each takes it off again.
        router.send_multipart(&routed, 0).unwrap();
        assert_same(&dealer.recv_multipart(0).unwrap(), &message);
    }
}

fn pair(lang: Lang, endpoints: [String; 2]) {
    let context = Context::new();
    let (one, other) = (socket(&context, zmq::Pair), socket(&context, zmq::Pair));
    let (from, to) = (bind(&one, &endpoints[0]), bind(&other, &endpoints[1]));
    let _mirror = mirror(
        lang,
        &["PAIR", "connect", &from, "--", "PAIR", "connect", &to],
    );
    for message in messages() {
        pass(&one, &other, &message);
        pass(&other, &one, &message);
    }
}

/// The same with the peer as the one that listens.
fn a_peer_that_binds(lang: Lang, endpoints: [String; 2]) {
    let [one, other] = &endpoints;
    let mirror = mirror(lang, &["PULL", "bind", one, "--", "PUSH", "bind", other]);
    let context = Context::new();
    let (push, pull) = (socket(&context, zmq::Push), socket(&context, zmq::Pull));
    push.connect(&mirror.endpoint()).unwrap();
    pull.connect(&mirror.endpoint()).unwrap();
    for message in messages() {
        pass(&push, &pull, &message);
    }
}

fn tcp() -> String {
    "tcp://127.0.0.1:*".into()
}

macro_rules! patterns {
    ($($pattern:ident)*) => {$(
        mod $pattern {
            use super::*;

            #[test]
            fn with_python_over_tcp() {
                Lang::Python.prepare();
                timed(|| super::$pattern(Lang::Python, [tcp(), tcp()]));
            }

            #[test]
            fn with_python_over_ipc() {
                Lang::Python.prepare();
                timed(|| super::$pattern(Lang::Python, [ipc(), ipc()]));
            }

            #[test]
            fn with_c_over_tcp() {
                Lang::C.prepare();
                timed(|| super::$pattern(Lang::C, [tcp(), tcp()]));
            }

            #[test]
            fn with_c_over_ipc() {
                Lang::C.prepare();
                timed(|| super::$pattern(Lang::C, [ipc(), ipc()]));
            }
        }
    )*};
}

patterns! { push_pull pub_sub req_rep dealer_router pair a_peer_that_binds }
