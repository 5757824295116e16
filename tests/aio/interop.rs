//! Tasks on both sides: a mirror in Python's asyncio passes on what tasks send here, and
//! it must arrive here as it was.

use std::sync::Arc;

use zmq::aio::AsyncSocket;
use zmq::{Context, CurveKeyPair, Multipart, SocketType};

use crate::common::peer::{Lang, Peer};
use crate::common::{bind, ipc, noise, timed};
use crate::runtimes::{Runtime, Work};

/// A socket here, the two of the mirror, and another here.
type Scene = (SocketType, [&'static str; 2], SocketType);

#[test]
fn push_pull() {
    over_all((zmq::PUSH, ["PULL", "PUSH"], zmq::PULL));
}

#[test]
fn req_rep() {
    over_all((zmq::REQ, ["REP", "REQ"], zmq::REP));
}

#[test]
fn dealer_router() {
    over_all((zmq::DEALER, ["ROUTER", "DEALER"], zmq::ROUTER));
}

#[test]
fn pair() {
    over_all((zmq::PAIR, ["PAIR", "PAIR"], zmq::PAIR));
}

#[test]
fn pub_to_asyncio() {
    over_all((zmq::XPUB, ["SUB", "PUSH"], zmq::PULL));
}

#[test]
fn pub_from_asyncio() {
    over_all((zmq::PUSH, ["PULL", "XPUB"], zmq::SUB));
}

#[test]
fn with_curve() {
    if zmq::has("curve") != Some(true) {
        println!("skipped: this libzmq is built without CURVE");
        return;
    }
    let keys = [(); 2].map(|_| CurveKeyPair::new().unwrap());
    let scene = (zmq::DEALER, ["ROUTER", "DEALER"], zmq::ROUTER);
    in_all(move |runtime| mirror(runtime, scene, || "tcp://127.0.0.1:*".into(), Some(&keys)));
}

fn over_all(scene: Scene) {
    in_all(move |runtime| {
        mirror(runtime, scene, || "tcp://127.0.0.1:*".into(), None);
        mirror(runtime, scene, ipc, None);
    });
}

fn in_all(test: impl Fn(Runtime) + Send + 'static) {
    Lang::Python.prepare();
    timed(move || [Runtime::Tokio, Runtime::Smol].into_iter().for_each(test));
}

/// Frames that are empty, large, or not text, and many messages one after the other.
fn messages() -> Vec<Multipart> {
    let large: Vec<u8> = noise(1).take(1 << 20).collect();
    let mut messages = vec![
        Multipart::from([""]),
        Multipart::from(["", ""]),
        Multipart::from(["a", "", "c"]),
        Multipart::from([&b"\xff\xfe\x00"[..], b"no UTF-8"]),
        Multipart::from([large.clone()]),
        Multipart::from([&b"before"[..], &large, b"", b"behind"]),
    ];
    messages.extend((0..100).map(|i| Multipart::from([format!("message {i}")])));
    messages
}

/// `assert_eq` that does not print megabytes.
fn assert_same(received: &Multipart, sent: &Multipart) {
    let lens = |message: &Multipart| message.iter().map(|frame| frame.len()).collect::<Vec<_>>();
    assert_eq!(lens(received), lens(sent));
    assert!(received == sent, "{:?} bytes, and others", lens(sent));
}

fn mirror(
    runtime: Runtime,
    (one, mirrors, other): Scene,
    endpoint: fn() -> String,
    keys: Option<&[CurveKeyPair; 2]>,
) {
    println!("{runtime:?}");
    let context = Context::new();
    let sockets = [one, other].map(|kind| context.socket(kind).unwrap());
    let mut arguments = Vec::new();
    for (socket, kind) in sockets.iter().zip(mirrors) {
        if let Some([server, _]) = keys {
            socket.set_curve_server(true).unwrap();
            socket.set_curve_secretkey(&server.secret_key).unwrap();
        }
        match socket.get_socket_type().unwrap() {
            zmq::DEALER => socket.set_identity(HERE.as_bytes()).unwrap(),
            zmq::SUB => socket.set_subscribe(b"").unwrap(),
            _ => {}
        }
        if !arguments.is_empty() {
            arguments.push("--".into());
        }
        arguments.extend([kind.into(), "connect".into(), bind(socket, &endpoint())]);
        match kind {
            "DEALER" => arguments.push(format!("routing_id={THERE}")),
            "SUB" => arguments.push("subscribe=".into()),
            _ => {}
        }
        if let Some([server, client]) = keys {
            arguments.push(format!("curve_serverkey={}", server.public_key_z85()));
            arguments.push(format!("curve_publickey={}", client.public_key_z85()));
            arguments.push(format!("curve_secretkey={}", &client.secret_key_z85()[..]));
        }
    }
    let mut command = Lang::Python.program("asyncio_mirror");
    command.args(arguments);
    let _mirror = Peer::spawn(command);
    runtime.block_on(async {
        let [one, other] = sockets.map(|socket| Arc::new(runtime.socket(socket)));
        runtime.together(tasks(one, other)).await;
    });
}

/// What ROUTERs call this side's DEALER and the mirror's.
const HERE: &str = "here";
const THERE: &str = "there";

/// All messages go from `one` to `other`, and if they can answer, come back the other
/// way around.
fn tasks(one: Arc<AsyncSocket>, other: Arc<AsyncSocket>) -> Vec<Work> {
    let kind = one.socket().get_socket_type().unwrap();
    let answers = matches!(kind, zmq::REQ | zmq::DEALER | zmq::PAIR);
    let receives = Box::pin(async move {
        let all = messages();
        for (message, answer) in all.iter().zip(all.iter().rev()) {
            let mut received = other.recv_frames().await.unwrap();
            let mut answer = answer.clone();
            if kind == zmq::DEALER {
                for expected in [THERE, HERE] {
                    let id = received.pop_front().unwrap();
                    assert_eq!(id.as_str(), Some(expected));
                }
                answer.push_front(HERE);
                answer.push_front(THERE);
            }
            assert_same(&received, message);
            if answers {
                other.send_frames(answer).await.unwrap();
            }
        }
    });
    if kind == zmq::REQ {
        let asks = Box::pin(async move {
            let all = messages();
            for (message, answer) in all.iter().zip(all.iter().rev()) {
                one.send_frames(message.clone()).await.unwrap();
                assert_same(&one.recv_frames().await.unwrap(), answer);
            }
        });
        return vec![receives, asks];
    }
    let sends = Arc::clone(&one);
    let sends = Box::pin(async move {
        if kind == zmq::XPUB {
            // Who has not subscribed yet gets nothing.
            assert_eq!(sends.recv_bytes().await.unwrap(), b"\x01");
        }
        for message in messages() {
            sends.send_multipart(message).await.unwrap();
        }
    });
    let mut work: Vec<Work> = vec![receives, sends];
    if answers {
        work.push(Box::pin(async move {
            for answer in messages().iter().rev() {
                assert_same(&one.recv_frames().await.unwrap(), answer);
            }
        }));
    }
    work
}
