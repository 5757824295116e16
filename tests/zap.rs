//! Who may be a ZAP handler, and what libzmq makes of its answers: nobody gets in
//! by an answer that is about somebody else, and none ends the process.

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use common::{bind_tcp, enforce_zap_domain, timed, Monitor, LIMIT};
use zmq::{Context, CurveKeyPair, Error, Pull, Push, Socket};
use zmq_sys::{
    ZMQ_EVENT_DISCONNECTED as DISCONNECTED, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH as FAILED_AUTH,
    ZMQ_EVENT_HANDSHAKE_SUCCEEDED as SUCCEEDED,
};

const HANDLER: &str = "inproc://zeromq.zap.01";

/// Whether libzmq tells of handshakes.
fn has_handshake_events() -> bool {
    zmq::version() >= (4, 3, 0)
}

/// The answer to a request, of which `id` is the id.
fn answer<'a>(id: &'a [u8], status: &'a str) -> [&'a [u8]; 6] {
    [b"1.0", id, status.as_bytes(), b"", b"", b""]
}

#[test]
fn only_who_can_answer_binds_as_handler() {
    timed(|| {
        let context = Context::new();
        let refused = [
            zmq::PAIR,
            zmq::PUB,
            zmq::SUB,
            zmq::REQ,
            zmq::DEALER,
            zmq::PULL,
            zmq::PUSH,
            zmq::XPUB,
            zmq::XSUB,
        ];
        for kind in refused {
            let socket = context.socket(kind).unwrap();
            assert_eq!(socket.bind(HANDLER), Err(Error::EINVAL), "{kind:?}");
            // Another name, for libzmq.
            socket.bind("inproc://ZeroMQ.zap.01").unwrap();
            socket.unbind("inproc://ZeroMQ.zap.01").unwrap();
            // The events of a socket are reported by a PAIR.
            let events = zmq::SocketEvent::ALL as i32;
            assert_eq!(socket.monitor(HANDLER, events), Err(Error::EINVAL));
        }
        for kind in [zmq::REP, zmq::ROUTER] {
            let socket = context.socket(kind).unwrap();
            socket.bind(HANDLER).unwrap();
            socket.unbind(HANDLER).unwrap();
        }
        #[cfg(feature = "draft")]
        if zmq::has("draft") == Some(true) {
            context.socket(zmq::Server).unwrap().bind(HANDLER).unwrap();
        }
    });
}

/// A server that must ask a handler, but has no domain, asks in the empty one.
#[cfg(zmq_vendored)]
#[test]
fn who_must_ask_asks() {
    timed(|| {
        for mechanism in ["plain", "curve"] {
            let context = Context::new();
            let mut pull = context.socket(Pull).unwrap();
            let keys = CurveKeyPair::new();
            let mut key = None;
            match (mechanism, keys) {
                ("plain", _) => pull.set_plain_server(true).unwrap(),
                (_, Ok(keys)) => {
                    pull.set_curve_server(true).unwrap();
                    pull.set_curve_secretkey(&keys.secret_key).unwrap();
                    key = Some(keys.public_key);
                }
                (_, Err(_)) => continue,
            }
            enforce_zap_domain(&mut pull);
            let monitor = Monitor::new(&pull);
            let server = Server {
                is_plain: mechanism == "plain",
                key,
                endpoint: bind_tcp(&pull),
            };
            let unasked = client(&context, &server, "nobody is asked");
            let error = Error::EFAULT;
            let refused = zmq::MonitorEventKind::HandshakeFailedNoDetail { error };
            assert_eq!(monitor.handshake(), refused, "{mechanism}");
            assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
            drop(unasked);

            let handler = context.socket(zmq::Rep).unwrap();
            handler.bind(HANDLER).unwrap();
            let _asked = client(&context, &server, "somebody is");
            let request = handler.recv_multipart(0).unwrap();
            assert_eq!(
                (&request[2][..], &request[3][..]),
                (&b""[..], &b"127.0.0.1"[..])
            );
            handler
                .send_multipart(answer(&request[1], "200"), 0)
                .unwrap();
            assert_eq!(pull.recv_bytes(0).unwrap(), b"somebody is");
        }
    });
}

/// Without a mechanism nobody is asked unless there is a domain, whatever must be.
#[test]
fn who_has_no_mechanism_nor_domain_asks_nobody() {
    if !has_handshake_events() {
        println!("skipped: this libzmq has no ZMQ_ZAP_ENFORCE_DOMAIN");
        return;
    }
    timed(|| {
        let context = Context::new();
        let mut pull = context.socket(Pull).unwrap();
        enforce_zap_domain(&mut pull);
        let server = Server {
            is_plain: false,
            key: None,
            endpoint: bind_tcp(&pull),
        };
        let _client = client(&context, &server, "nobody is asked");
        assert_eq!(pull.recv_bytes(0).unwrap(), b"nobody is asked");
    });
}

#[cfg(not(zmq_vendored))]
#[test]
fn who_must_ask_needs_a_domain() {
    if zmq::version() < (4, 3, 0) {
        println!("skipped: this libzmq has no ZMQ_ZAP_ENFORCE_DOMAIN");
        return;
    }
    timed(|| {
        let context = Context::new();
        for mechanism in ["plain", "curve"] {
            let mut pull = context.socket(Pull).unwrap();
            match mechanism {
                "plain" => pull.set_plain_server(true).unwrap(),
                _ if zmq::has("curve") == Some(true) => pull.set_curve_server(true).unwrap(),
                _ => continue,
            }
            bind_tcp(&pull);
            enforce_zap_domain(&mut pull);
            for endpoint in ["tcp://127.0.0.1:*", &common::inproc()] {
                assert_eq!(pull.bind(endpoint), Err(Error::EINVAL), "{mechanism}");
            }
            assert_eq!(pull.connect("tcp://127.0.0.1:9"), Err(Error::EINVAL));
            pull.set_zap_domain("a domain").unwrap();
            bind_tcp(&pull);
            pull.connect("tcp://127.0.0.1:9").unwrap();
        }
        // Who asks nobody may.
        let mut pull = context.socket(Pull).unwrap();
        enforce_zap_domain(&mut pull);
        bind_tcp(&pull);
    });
}

/// A client that shows a password, or a key that is new.
fn client(context: &Context, server: &Server, password: &str) -> Socket<Push> {
    let push = context.socket(Push).unwrap();
    push.set_linger(0).unwrap();
    match &server.key {
        Some(key) => {
            let own = CurveKeyPair::new().unwrap();
            push.set_curve_serverkey(key).unwrap();
            push.set_curve_publickey(&own.public_key).unwrap();
            push.set_curve_secretkey(&own.secret_key).unwrap();
        }
        None if server.is_plain => {
            push.set_plain_username(Some("anybody")).unwrap();
            push.set_plain_password(Some(password)).unwrap();
        }
        None => {}
    }
    push.connect(&server.endpoint).unwrap();
    push.send(password, 0).unwrap();
    push
}

struct Server {
    is_plain: bool,
    key: Option<[u8; 32]>,
    endpoint: String,
}

#[test]
fn a_second_reply_changes_nothing() {
    if !has_handshake_events() {
        println!("skipped: this libzmq does not tell of handshakes");
        return;
    }
    timed(|| {
        for mechanism in ["null", "plain", "curve"] {
            if mechanism == "curve" && zmq::has("curve") != Some(true) {
                continue;
            }
            let context = Context::new();
            let handler = context.socket(zmq::Router).unwrap();
            handler.bind(HANDLER).unwrap();
            let pull = context.socket(Pull).unwrap();
            pull.set_zap_domain("a domain").unwrap();
            let mut key = None;
            match mechanism {
                "plain" => pull.set_plain_server(true).unwrap(),
                "curve" => {
                    let keys = CurveKeyPair::new().unwrap();
                    pull.set_curve_server(true).unwrap();
                    pull.set_curve_secretkey(&keys.secret_key).unwrap();
                    key = Some(keys.public_key);
                }
                _ => {}
            }
            let monitor = Monitor::new(&pull);
            let server = Server {
                is_plain: mechanism == "plain",
                key,
                endpoint: bind_tcp(&pull),
            };
            let reply = |answers: &[&str]| {
                let request = handler.recv_multipart(0).unwrap();
                let [peer, _, version, id, ..] = &request[..] else {
                    panic!("{request:?}")
                };
                assert_eq!(version, b"1.0");
                for status in answers {
                    let frames = [&[&peer[..], b""], &answer(id, status)[..]].concat();
                    handler.send_multipart(frames, 0).unwrap();
                }
            };
            let intruder = client(&context, &server, "intruder");
            reply(&["400", "200", "200"]);
            assert_eq!(
                monitor.first_of(&[SUCCEEDED, FAILED_AUTH]),
                FAILED_AUTH,
                "{mechanism}"
            );
            drop(intruder);
            let guest = client(&context, &server, "guest");
            reply(&["200", "400", "nonsense", "200"]);
            assert_eq!(pull.recv_bytes(0).unwrap(), b"guest", "{mechanism}");
            guest.send("again", 0).unwrap();
            assert_eq!(pull.recv_bytes(0).unwrap(), b"again", "{mechanism}");
            assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
        }
    });
}

/// A connection that says by itself what a PLAIN client says.
struct PlainPeer(TcpStream);

impl PlainPeer {
    /// Waits for a connection, and for the first words of who connects.
    fn accept(listener: &TcpListener) -> PlainPeer {
        let stream = listener.accept().unwrap().0;
        stream.set_read_timeout(Some(LIMIT / 2)).unwrap();
        let mut peer = PlainPeer(stream);
        assert_eq!(peer.read(10)[0], 0xff);
        peer
    }

    fn read(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Sends the greeting, then name and password.
    fn hello(&mut self) {
        let mut greeting = [0; 64];
        greeting[..12].copy_from_slice(&[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]);
        greeting[12..17].copy_from_slice(b"PLAIN");
        self.0.write_all(&greeting).unwrap();
        assert_eq!(&self.read(54)[2..7], b"PLAIN");
        let hello = b"\x05HELLO\x05alice\x06secret";
        self.0.write_all(&[4, hello.len() as u8]).unwrap();
        self.0.write_all(hello).unwrap();
    }
}

/// A server may be the one that connects. Its handler takes its time, and the
/// first peer is gone when it answers.
#[test]
fn a_late_reply_is_not_for_the_next_peer() {
    if !cfg!(zmq_vendored) {
        println!("skipped: another libzmq is not mended, and aborts");
        return;
    }
    timed(|| {
        for before_the_next in [false, true] {
            let context = Context::new();
            let handler = context.socket(zmq::Rep).unwrap();
            handler.bind(HANDLER).unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let pull = context.socket(Pull).unwrap();
            pull.set_zap_domain("a domain").unwrap();
            pull.set_plain_server(true).unwrap();
            let pause = if before_the_next { 300 } else { 1 };
            pull.set_reconnect_ivl(pause).unwrap();
            let monitor = Monitor::new(&pull);
            pull.connect(&format!("tcp://{}", listener.local_addr().unwrap()))
                .unwrap();

            let mut first = PlainPeer::accept(&listener);
            first.hello();
            let request = handler.recv_multipart(0).unwrap();
            drop(first);
            monitor.wait_for(DISCONNECTED);
            let late = || {
                handler
                    .send_multipart(answer(&request[1], "200"), 0)
                    .unwrap()
            };
            if before_the_next {
                late();
            }
            let mut next = PlainPeer::accept(&listener);
            if !before_the_next {
                late();
            }
            next.hello();
            let request = handler.recv_multipart(0).unwrap();
            handler
                .send_multipart(answer(&request[1], "400"), 0)
                .unwrap();
            monitor.wait_for(FAILED_AUTH);
            let frame = next.read(2);
            // libzmq 4.3.5 sends "^RROR" for an ERROR of PLAIN.
            assert!(next.read(frame[1].into()).ends_with(b"RROR\x03400"));
        }
    });
}

/// A handler goes, another comes: each connection asks the one that is there.
#[test]
fn handlers_may_change() {
    timed(|| {
        let context = Context::new();
        let pull = context.socket(Pull).unwrap();
        pull.set_zap_domain("a domain").unwrap();
        pull.set_plain_server(true).unwrap();
        let server = Server {
            is_plain: true,
            key: None,
            endpoint: bind_tcp(&pull),
        };
        for password in ["first", "second"] {
            let handler = context.socket(zmq::Rep).unwrap();
            handler.bind(HANDLER).unwrap();
            let answers = thread::spawn(move || {
                let request = handler.recv_multipart(0).unwrap();
                handler
                    .send_multipart(answer(&request[1], "200"), 0)
                    .unwrap();
                // The name is free again.
                handler.unbind(HANDLER).unwrap();
                request[7].clone()
            });
            let _client = client(&context, &server, password);
            assert_eq!(answers.join().unwrap(), password.as_bytes());
            assert_eq!(pull.recv_bytes(0).unwrap(), password.as_bytes());
        }
    });
}

/// The line to a handler is not that to the peer: a PAIR keeps its peer when the handler goes.
#[test]
fn a_pair_keeps_its_peer_without_the_handler() {
    timed(|| {
        let context = Context::new();
        context.set_max_sockets(3).unwrap();
        let handler = context.socket(zmq::Rep).unwrap();
        handler.bind(HANDLER).unwrap();
        let server = context.socket(zmq::Pair).unwrap();
        server.set_zap_domain("a domain").unwrap();
        let client = context.socket(zmq::Pair).unwrap();
        // Whose connection ends gets no other.
        client.set_reconnect_ivl(-1).unwrap();
        client.set_linger(0).unwrap();
        client.connect(&bind_tcp(&server)).unwrap();
        let request = handler.recv_multipart(0).unwrap();
        handler
            .send_multipart(answer(&request[1], "200"), 0)
            .unwrap();
        client.send("before", 0).unwrap();
        assert_eq!(server.recv_bytes(0).unwrap(), b"before");
        drop(handler);
        // Its place is free when the line has ended.
        while context.socket(zmq::Pair).is_err() {
            thread::yield_now();
        }
        for text in ["after", "and after that"] {
            client.send(text, 0).unwrap();
            assert_eq!(server.recv_bytes(0).unwrap(), text.as_bytes());
        }
    });
}
