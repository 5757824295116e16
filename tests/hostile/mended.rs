//! What libzmq 4.3.5 does wrong when a peer means harm, and the vendored one does not:
//! each of these ended the process, told a stranger what is none of its business, or
//! kept what the stranger had left.

use std::net::TcpListener;
use std::thread;

use zmq::auth::Authenticator;
use zmq::{Context, CurveKeyPair, Kind, MonitorEventKind, ProtocolError, Pull, Push, Rep, Req};
use zmq::{Router, Socket, SocketType, Sub, XPub, DONTWAIT, POLLIN};

use crate::common::{bind, bind_tcp, timed, Monitor, LIMIT};
use crate::measure::{alone, among_others, bounded, rss, under};
use crate::target::HANDSHAKE;
use crate::wire::{command, frame, masked, old_frame, ready, ready_as, upgrade, Wire};
use crate::wire::{COMMAND, MORE, SIGNATURE};

/// A ROUTER numbers the peers that have no routing id. A peer that had taken the next
/// number for its own made it abort at the one after (router.cpp, identify_peer).
#[test]
fn a_routing_id_may_be_the_next_number() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let router = context.socket(Router).unwrap();
        let endpoint = bind_tcp(&router);
        let peer = |identity: &[u8]| {
            let mut peer = Wire::connect(&endpoint);
            peer.join(&ready_as("DEALER", identity));
            peer.send(0, b"here");
            let id = router.recv_bytes(0).unwrap();
            assert_eq!(router.recv_bytes(0).unwrap(), b"here");
            (id, peer)
        };
        let next = |id: &[u8], by: u32| {
            let number = u32::from_be_bytes(id[1..].try_into().unwrap());
            [&[0][..], &number.wrapping_add(by).to_be_bytes()].concat()
        };
        let (first, _first) = peer(b"");
        let (second, _second) = peer(&next(&first, 1));
        let (third, _third) = peer(&next(&first, 2));
        assert_eq!((second, third), (next(&first, 1), next(&first, 2)));
        let (fourth, mut last) = peer(b"");
        assert_eq!(fourth, next(&first, 3));
        router.send_multipart([&fourth[..], b"there"], 0).unwrap();
        assert_eq!(last.frame(), (0, b"there".to_vec()));
    });
}

/// The two bytes after a PING's name are how long the peer lives, the rest is answered.
/// Of a PING that ends before, libzmq answered with what memory held after it
/// (zmtp_engine.cpp, process_heartbeat_message).
#[test]
fn a_short_ping_is_not_answered_with_memory() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let pull = context.socket(Pull).unwrap();
        let endpoint = bind_tcp(&pull);
        for short in [&b""[..], b"\0"] {
            let mut peer = Wire::connect(&endpoint);
            peer.join(&ready("PUSH"));
            // What would be found there.
            peer.send(0, b"a secret that is as long as it is");
            assert_eq!(
                pull.recv_bytes(0).unwrap(),
                b"a secret that is as long as it is"
            );
            peer.send(COMMAND, &command("PING", short));
            peer.send(COMMAND, &command("PING", b"\0\0me"));
            assert_eq!(peer.frame(), (COMMAND, command("PONG", b"me")));
        }
    });
}

/// A server that sends READY before WELCOME is none: the client has no key yet to open it
/// with, and took what memory held instead (curve_client.cpp, process_ready).
#[test]
fn a_curve_server_may_not_skip_its_welcome() {
    if zmq::has("curve") != Some(true) {
        return;
    }
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let keys = CurveKeyPair::new().unwrap();
        let client = context.socket(Req).unwrap();
        client.set_curve_serverkey(&keys.public_key).unwrap();
        client.set_curve_publickey(&keys.public_key).unwrap();
        client.set_curve_secretkey(&keys.secret_key).unwrap();
        client.set_linger(0).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let monitor = Monitor::new(&client);
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        client.connect(&endpoint).unwrap();
        let mut server = Wire::accept(&listener);
        server.greet(1, "CURVE");
        let hello = server.frame();
        assert_eq!((hello.0, &hello.1[..6]), (COMMAND, &b"\x05HELLO"[..]));
        server.send(COMMAND, &command("READY", &[0; 64]));
        server.closed();
        let error = ProtocolError::ZmtpUnexpectedCommand;
        let failed = MonitorEventKind::HandshakeFailedProtocol { error };
        assert_eq!(monitor.handshake(), failed);
    });
}

/// WebSocket has a protocol without any mechanism. libzmq aborted when such a peer was to
/// be sent a heartbeat (stream_engine_base.cpp, pull_and_encode).
#[test]
fn heartbeats_are_for_peers_with_a_mechanism() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let pull = context.socket(Pull).unwrap();
        pull.set_heartbeat_ivl(20).unwrap();
        pull.set_heartbeat_timeout(LIMIT.as_millis() as i32)
            .unwrap();
        let endpoint = bind(&pull, "ws://127.0.0.1:*");
        let mut bare = Wire::connect(&endpoint);
        bare.upgrade("ZWS2.0");
        // A routing id each.
        bare.send(0, b"");
        assert_eq!(bare.frame(), (0, vec![]));
        let mut peer = Wire::connect(&endpoint);
        peer.join(&ready("PUSH"));
        for _ in 0..3 {
            assert_eq!(peer.read(2), [0x89, 0]);
            peer.write(&masked(0x8a, b""));
        }
        for peer in [&mut bare, &mut peer] {
            peer.send(0, b"still here");
            assert_eq!(pull.recv_bytes(0).unwrap(), b"still here");
        }
    });
}

/// libzmq gives up a handshake that takes too long, but not over WebSocket (ws_engine.cpp,
/// plug_internal).
#[test]
fn a_websocket_handshake_may_not_take_for_ever() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let pull = context.socket(Pull).unwrap();
        pull.set_handshake_ivl(HANDSHAKE.as_millis() as i32)
            .unwrap();
        let endpoint = bind(&pull, "ws://127.0.0.1:*");
        let mut silent = Wire::connect(&endpoint);
        let mut slow = Wire::connect(&endpoint);
        slow.write(&upgrade("ZWS2.0/NULL").as_bytes()[..40]);
        let mut late = Wire::connect(&endpoint);
        late.greet(1, "NULL");
        for peer in [&mut silent, &mut slow, &mut late] {
            peer.closed();
        }
        // One in time is not given up.
        let push = context.socket(Push).unwrap();
        push.connect(&endpoint).unwrap();
        push.send("in time", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"in time");
    });
}

/// What is no frame of WebSocket is an error of the protocol. libzmq did not say so, and
/// then did what the error before had been about: often, it stopped to read, and never
/// closed (ws_decoder.cpp).
#[test]
fn what_is_no_websocket_frame_ends_the_connection() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let pull = context.socket(Pull).unwrap();
        let endpoint = bind(&pull, "ws://127.0.0.1:*");
        let wrong: [&[u8]; 6] = [
            // A fragment; text; an opcode that is none; not masked; no flags, in three
            // forms of a length.
            &[0x02, 0x80, 0, 0, 0, 0],
            &[0x81, 0x80, 0, 0, 0, 0],
            &[0x87, 0x80, 0, 0, 0, 0],
            &[0x82, 0x01, 0],
            &[0x82, 0x80, 0, 0, 0, 0],
            &[0x82, 0xfe, 0, 0, 0, 0, 0, 0],
        ];
        for bytes in wrong {
            let mut peer = Wire::connect(&endpoint);
            peer.join(&ready("PUSH"));
            // Let it have nothing to read for once.
            peer.write(&masked(0x89, b""));
            assert_eq!(peer.read(2), [0x8a, 0]);
            peer.write(bytes);
            peer.closed();
        }
    });
}

/// With CURVE over WebSocket, libzmq sent subscriptions in a form that it does not read there:
/// nobody heard anything (ws_engine.cpp, select_protocol).
#[test]
fn subscriptions_go_by_curve_over_websocket() {
    if zmq::has("curve") != Some(true) {
        return;
    }
    let _others = among_others();
    timed(|| {
        // Who binds has the key that is known.
        for publisher_binds in [true, false] {
            let context = Context::new();
            let (publisher, subscriber) =
                (context.socket(XPub).unwrap(), context.socket(Sub).unwrap());
            subscriber.set_subscribe(b"news").unwrap();
            let keys = CurveKeyPair::new().unwrap();
            if publisher_binds {
                let endpoint = bind_with_key(&publisher, &keys);
                connect_with_key(&subscriber, &keys, &endpoint);
            } else {
                let endpoint = bind_with_key(&subscriber, &keys);
                connect_with_key(&publisher, &keys, &endpoint);
            }
            publisher.set_rcvtimeo(10).unwrap();
            let first = loop {
                // Who binds is told here of who comes, and then says what it wants.
                subscriber.get_events().unwrap();
                if let Ok(first) = publisher.recv_bytes(0) {
                    break first;
                }
            };
            assert_eq!(first, b"\x01news");
            publisher.set_rcvtimeo(-1).unwrap();
            publisher.send("weather", 0).unwrap();
            publisher.send("news for all", 0).unwrap();
            assert_eq!(subscriber.recv_bytes(0).unwrap(), b"news for all");
            subscriber.set_unsubscribe(b"news").unwrap();
            assert_eq!(publisher.recv_bytes(0).unwrap(), b"\0news");
        }
    });

    fn bind_with_key<K: Kind>(socket: &Socket<K>, keys: &CurveKeyPair) -> String {
        socket.set_curve_server(true).unwrap();
        socket.set_curve_secretkey(&keys.secret_key).unwrap();
        bind(socket, "ws://127.0.0.1:*")
    }

    fn connect_with_key<K: Kind>(socket: &Socket<K>, keys: &CurveKeyPair, endpoint: &str) {
        socket.set_curve_serverkey(&keys.public_key).unwrap();
        socket.set_curve_publickey(&keys.public_key).unwrap();
        socket.set_curve_secretkey(&keys.secret_key).unwrap();
        socket.connect(endpoint).unwrap();
    }
}

/// An authenticator that lets somebody in says under what name. libzmq passed that on before
/// the first message, and a REQ's connection took it for a reply out of turn, and ended
/// (stream_engine_base.cpp, write_credential).
#[test]
fn who_listens_hears_replies_of_those_with_a_name() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let auth = Authenticator::start(&context).unwrap();
        auth.configure_plain("*", [("me", "secret")]).unwrap();
        let req = context.socket(Req).unwrap();
        req.set_plain_server(true).unwrap();
        let rep = context.socket(Rep).unwrap();
        rep.set_plain_username(Some("me")).unwrap();
        rep.set_plain_password(Some("secret")).unwrap();
        // Whose connection ends gets no other.
        rep.set_reconnect_ivl(-1).unwrap();
        rep.connect(&bind_tcp(&req)).unwrap();
        for _ in 0..2 {
            req.send("question", 0).unwrap();
            assert_eq!(rep.recv_bytes(0).unwrap(), b"question");
            rep.send("answer", 0).unwrap();
            let answer = req.recv_msg(0).unwrap();
            assert_eq!(&answer[..], b"answer");
            assert_eq!(answer.property("User-Id"), Some("me"));
        }
    });
}

/// A request has an empty frame before it. Of one that had not, and whose sender was gone, a REP
/// kept in mind that its reply was not finished: that to the next was taken for the rest of
/// it, and lost (router.cpp, rollback).
#[test]
fn a_malformed_request_does_not_cost_others_their_reply() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let rep = context.socket(Rep).unwrap();
        let endpoint = bind_tcp(&rep);
        let monitor = Monitor::new(&rep);
        let mut peer = Wire::connect(&endpoint);
        peer.join(&ready("REQ"));
        peer.send(0, b"no empty frame before it");
        drop(peer);
        monitor.wait_for(zmq_sys::ZMQ_EVENT_DISCONNECTED);
        let mut peer = Wire::connect(&endpoint);
        peer.join(&ready("REQ"));
        for _ in 0..2 {
            peer.send(MORE, b"");
            peer.send(0, b"question");
            assert_eq!(rep.recv_bytes(0).unwrap(), b"question");
            rep.send("answer", 0).unwrap();
            assert_eq!(peer.frame(), (MORE, vec![]));
            assert_eq!(peer.frame(), (0, b"answer".to_vec()));
            // Who is still there gets nothing for such a request.
            peer.send(MORE, b"neither frame");
            peer.send(0, b"is empty");
        }
    });
}

/// A ROUTER does not talk to peers with the routing id of another. What they had sent when they
/// went stayed, with all of their connection but the descriptor (router.cpp, identify_peer).
#[test]
fn who_has_the_routing_id_of_another_leaves_nothing() {
    let _alone = alone();
    timed(|| {
        let context = Context::new();
        let router = context.socket(Router).unwrap();
        let endpoint = bind_tcp(&router);
        let peer = || {
            let mut peer = Wire::connect(&endpoint);
            peer.join(&ready_as("DEALER", b"me"));
            peer.send(0, b"here");
            peer
        };
        let mut first = peer();
        assert_eq!(router.recv_bytes(0).unwrap(), b"me");
        assert_eq!(router.recv_bytes(0).unwrap(), b"here");
        let before = rss();
        for _ in 0..2000 {
            let mut other = peer();
            other.send(0, &[7; 2000]);
            drop(other);
            assert!(router.recv_bytes(zmq::DONTWAIT).is_err());
        }
        let grown = rss().saturating_sub(before);
        bounded(grown, 8 << 20);
        router.send_multipart([b"me", &b"there"[..]], 0).unwrap();
        assert_eq!(first.frame(), (0, b"there".to_vec()));
    });
}

/// A peer without a mechanism says who it is once it is greeted. When the socket was being closed
/// by then, libzmq aborted (zmtp_engine.cpp and ws_engine.cpp, process_routing_id_msg).
#[test]
fn who_says_late_who_it_is_may_find_the_socket_closed() {
    let _others = among_others();
    timed(|| {
        // ZMTP 2.0; 1.0, where a PUB takes it for one that wants all; WebSocket.
        type Step = fn(&mut Wire);
        let ways: [(SocketType, &str, Step, Step); 3] = [
            (
                SocketType::ROUTER,
                "tcp://127.0.0.1:*",
                |peer| {
                    peer.write(&[&SIGNATURE[..], &[1, 5]].concat());
                    // A greeting with its type, and its routing id, which it has not.
                    assert_eq!(peer.read(14)[11..], [6, 0, 0]);
                },
                |peer| peer.write(&frame(0, b"")),
            ),
            (
                SocketType::PUB,
                "tcp://127.0.0.1:*",
                |peer| {
                    peer.write(&old_frame(0, b"")[..1]);
                    peer.read(SIGNATURE.len());
                },
                |peer| peer.write(&old_frame(0, b"")[1..]),
            ),
            (
                SocketType::ROUTER,
                "ws://127.0.0.1:*",
                |peer| peer.upgrade("ZWS2.0"),
                |peer| peer.send(0, b""),
            ),
        ];
        for (kind, endpoint, begin, identify) in ways {
            for _ in 0..30 {
                let context = Context::new();
                let socket = context.socket(kind).unwrap();
                let endpoint = bind(&socket, endpoint);
                let mut peers: Vec<_> = (0..50).map(|_| Wire::connect(&endpoint)).collect();
                peers.iter_mut().for_each(begin);
                thread::scope(|scope| {
                    scope.spawn(|| peers.iter_mut().for_each(identify));
                    drop(socket);
                });
            }
        }
    });
}

/// A PAIR has one peer. libzmq sent others away, but left the connection of each open, and
/// kept it for good if the peer had said more by then (session_base.cpp, pipe_terminated).
/// A PAIR that waits for its turn in this way gets it.
fn a_second_peer_may_not_stay(kind: SocketType, name: &str) {
    for endpoint in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"] {
        let context = Context::new();
        let socket = context.socket(kind).unwrap();
        let endpoint = bind(&socket, endpoint);
        let monitor = Monitor::new(&socket);
        let mut first = Wire::connect(&endpoint);
        first.join(&ready(name));
        first.send(0, b"first");
        assert_eq!(socket.recv_bytes(0).unwrap(), b"first");
        for _ in 0..3 {
            let mut second = Wire::connect(&endpoint);
            second.join(&ready(name));
            second.send(0, b"second");
            let closed = thread::spawn(move || second.closed());
            // It looks what there is to do, and hears nothing.
            while !closed.is_finished() {
                assert_eq!(socket.poll(POLLIN, 1), Ok(0));
            }
            closed.join().unwrap();
        }
        socket.send("still here", 0).unwrap();
        assert_eq!(first.frame(), (0, b"still here".to_vec()));

        let waiting = context.socket(kind).unwrap();
        let its = Monitor::new(&waiting);
        waiting.connect(&endpoint).unwrap();
        while !its.has_seen(zmq_sys::ZMQ_EVENT_DISCONNECTED) {
            assert_eq!(socket.poll(POLLIN, 1), Ok(0));
        }
        drop(first);
        monitor.wait_for(zmq_sys::ZMQ_EVENT_DISCONNECTED);
        // It has done with the first when it has read all, and takes no other before. What
        // it sends meanwhile is lost.
        while waiting.poll(POLLIN, 10) == Ok(0) {
            assert_eq!(socket.poll(POLLIN, 0), Ok(0));
            let _ = socket.send("welcome", DONTWAIT);
        }
        assert_eq!(waiting.recv_bytes(0).unwrap(), b"welcome");
    }
}

#[test]
fn a_second_peer_of_a_pair_may_not_stay() {
    let _others = among_others();
    timed(|| a_second_peer_may_not_stay(zmq::PAIR, "PAIR"));
}

#[cfg(feature = "draft")]
#[test]
fn a_second_peer_of_a_channel_may_not_stay() {
    let _others = among_others();
    timed(|| a_second_peer_may_not_stay(zmq::CHANNEL, "CHANNEL"));
}

/// Nor does the connection of a peer stay whose routing id a ROUTER has handed over to another.
#[test]
fn whose_name_a_router_hands_over_may_not_stay() {
    let _others = among_others();
    timed(|| {
        for endpoint in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"] {
            let context = Context::new();
            let router = context.socket(Router).unwrap();
            router.set_router_handover(true).unwrap();
            let endpoint = bind(&router, endpoint);
            let peer = || {
                let mut peer = Wire::connect(&endpoint);
                peer.join(&ready_as("DEALER", b"me"));
                peer.send(0, b"here");
                assert_eq!(router.recv_bytes(0).unwrap(), b"me");
                assert_eq!(router.recv_bytes(0).unwrap(), b"here");
                peer
            };
            let mut last = peer();
            for _ in 0..3 {
                let mut before = std::mem::replace(&mut last, peer());
                let closed = thread::spawn(move || before.closed());
                while !closed.is_finished() {
                    assert_eq!(router.poll(POLLIN, 1), Ok(0));
                }
                closed.join().unwrap();
            }
            router.send_multipart([b"me", &b"there"[..]], 0).unwrap();
            assert_eq!(last.frame(), (0, b"there".to_vec()));
        }
    });
}

/// Nor does one who was sent away leave anything.
#[test]
fn who_is_sent_away_by_a_pair_leaves_nothing() {
    let _alone = alone();
    timed(|| {
        let context = Context::new();
        let pair = context.socket(zmq::PAIR).unwrap();
        let endpoint = bind_tcp(&pair);
        let mut first = Wire::connect(&endpoint);
        first.join(&ready("PAIR"));
        first.send(0, b"first");
        assert_eq!(pair.recv_bytes(0).unwrap(), b"first");
        let send_away = |count| {
            let strangers = || {
                for _ in 0..count {
                    let mut second = Wire::connect(&endpoint);
                    second.join(&ready("PAIR"));
                    second.closed();
                }
            };
            under(strangers, || assert_eq!(pair.poll(POLLIN, 1), Ok(0)));
        };
        send_away(500);
        let before = rss();
        send_away(5000);
        let grown = rss().saturating_sub(before);
        bounded(grown, 4 << 20);
    });
}

/// A PAIR that connects to two peers sends one of them away, but keeps the connection. Who says
/// late who it is has no place then; and when the connection is made again, it may be that
/// peer's turn.
#[test]
fn whom_a_pair_has_connected_to_may_come_again() {
    let _others = among_others();
    timed(|| {
        for late in [true, false] {
            let context = Context::new();
            let pair = context.socket(zmq::PAIR).unwrap();
            pair.set_reconnect_ivl(1).unwrap();
            let another = context.socket(Pull).unwrap();
            let endpoint = bind_tcp(&another);
            // The I/O thread greets who comes after it has done what it was told.
            let settle = || {
                for _ in 0..3 {
                    pair.get_events().unwrap();
                    Wire::connect(&endpoint).greet(1, "NULL");
                }
            };
            let [(here, its), (there, _)] = [(); 2].map(|()| {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
                pair.connect(&endpoint).unwrap();
                (listener, endpoint)
            });
            let mut first = Wire::accept(&here);
            first.join(&ready("PAIR"));
            first.send(0, b"first");
            assert_eq!(pair.recv_bytes(0).unwrap(), b"first");
            let mut second = Wire::accept(&there);
            if late {
                // By ZMTP 2.0.
                second.write(&[&SIGNATURE[..], &[1, 0]].concat());
                assert_eq!(second.read(14)[11..], [0, 0, 0]);
                settle();
                second.write(&frame(0, b""));
            } else {
                second.join(&ready("PAIR"));
            }
            settle();
            first.send(0, b"still here");
            assert_eq!(pair.recv_bytes(0).unwrap(), b"still here");
            if late {
                continue;
            }
            pair.disconnect(&its).unwrap();
            settle();
            drop(second);
            let mut second = Wire::accept(&there);
            second.join(&ready("PAIR"));
            second.send(0, b"second");
            assert_eq!(pair.recv_bytes(0).unwrap(), b"second");
        }
    });
}
