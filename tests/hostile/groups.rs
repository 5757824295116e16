//! What libzmq 4.3.5 does wrong with RADIO and DISH when a peer means harm, or is gone in the
//! middle of a message; as `mended.rs`, for the two kinds whose messages are for a group.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use zmq::auth::Authenticator;
use zmq::{Context, Dish, Message, Radio, Socket};

use crate::common::{bind_tcp, timed};
use crate::measure::{alone, among_others, bounded, rss};
use crate::wire::{command, property, ready, Wire, COMMAND, MORE};

/// Groups have up to 255 bytes. libzmq aborted when a peer joined a longer one
/// (radio.cpp, push_msg).
#[test]
fn a_group_that_is_joined_may_be_too_long() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let radio = context.socket(Radio).unwrap();
        let endpoint = bind_tcp(&radio);
        for name in ["JOIN", "LEAVE"] {
            let mut peer = Wire::connect(&endpoint);
            peer.join(&ready("DISH"));
            peer.send(COMMAND, &command(name, &[b'g'; 256]));
            peer.closed();
        }
        let mut peer = Wire::connect(&endpoint);
        peer.join(&ready("DISH"));
        let group = "g".repeat(255);
        peer.send(COMMAND, &command("JOIN", group.as_bytes()));
        // What is read together is passed on together: the second comes after it.
        for _ in 0..2 {
            peer.send(COMMAND, &command("PING", b"\0\0"));
            assert_eq!(peer.frame(), (COMMAND, command("PONG", b"")));
        }
        // It is read by the thread that has the socket.
        radio.get_events().unwrap();
        let news = Message::from("news").with_group(&group).unwrap();
        radio.send_message(news, 0).unwrap();
        assert_eq!(peer.frame(), (MORE, group.into_bytes()));
        assert_eq!(peer.frame(), (0, b"news".to_vec()));
    });
}

/// An honest peer of `dish`, which has joined the news.
fn hears(dish: &Socket<Dish>, mut peer: Wire) {
    peer.join(&ready("RADIO"));
    peer.send(MORE, b"news");
    peer.send(0, b"for all");
    assert_eq!(dish.recv_bytes(0).unwrap(), b"for all");
}

/// A message is for a group, which may be the empty one. When one of that was what a
/// full DISH had no place for, libzmq aborted once there was (dish.cpp, push_msg).
#[test]
fn messages_of_no_group_wait_for_their_turn() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let dish = context.socket(Dish).unwrap();
        dish.set_rcvhwm(5).unwrap();
        dish.join("news").unwrap();
        let endpoint = bind_tcp(&dish);
        let mut peer = Wire::connect(&endpoint);
        peer.join(&ready("RADIO"));
        for _ in 0..100 {
            peer.send(MORE, b"");
            peer.send(0, b"for nobody");
        }
        peer.send(MORE, b"news");
        peer.send(0, b"for all");
        let message = dish.recv_msg(0).unwrap();
        assert_eq!(
            (&message[..], message.group()),
            (&b"for all"[..], Some("news"))
        );
    });
}

/// A message is two frames, of which the first is a group.
#[test]
fn what_is_no_message_for_a_group_ends_the_connection() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let dish = context.socket(Dish).unwrap();
        dish.join("news").unwrap();
        let endpoint = bind_tcp(&dish);
        let long = [b'g'; 256];
        let wrong: [&[(u8, &[u8])]; 3] = [
            &[(MORE, &long)],
            &[(0, b"news")],
            // A message of three frames; what follows it would be one.
            &[(MORE, b"news"), (MORE, b"more"), (MORE, b"news"), (0, b"")],
        ];
        for frames in wrong {
            let mut peer = Wire::connect(&endpoint);
            peer.join(&ready("RADIO"));
            for (flags, body) in frames {
                peer.send(*flags, body);
            }
            peer.closed();
        }
        hears(&dish, Wire::connect(&endpoint));
    });
}

/// What waits for a place in a DISH takes no more memory each time that there is none.
#[test]
fn a_message_is_for_its_group_once() {
    let _alone = alone();
    timed(|| {
        let context = Context::new();
        let dish = context.socket(Dish).unwrap();
        dish.set_rcvhwm(1).unwrap();
        let group = "g".repeat(255);
        dish.join(&group).unwrap();
        let endpoint = bind_tcp(&dish);
        let mut peer = Wire::connect(&endpoint);
        peer.join(&ready("RADIO"));
        let mut pass = |count| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    for _ in 0..count {
                        peer.send(MORE, group.as_bytes());
                        peer.send(0, b"for all");
                    }
                });
                for _ in 0..count {
                    assert_eq!(dish.recv_bytes(0).unwrap(), b"for all");
                }
            });
        };
        pass(10_000);
        let before = rss();
        pass(50_000);
        let grown = rss().saturating_sub(before);
        bounded(grown, 4 << 20);
    });
}

/// A RADIO's heartbeat is no message; libzmq took it for one without a group, and hung
/// up (dish.cpp, push_msg).
#[test]
fn a_dish_hears_heartbeats() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let dish = context.socket(Dish).unwrap();
        dish.join("news").unwrap();
        let endpoint = bind_tcp(&dish);
        let mut peer = Wire::connect(&endpoint);
        peer.join(&ready("RADIO"));
        let ping = |peer: &mut Wire, context: &[u8]| {
            peer.send(COMMAND, &command("PING", &[b"\0\0", context].concat()));
            assert_eq!(peer.frame(), (COMMAND, command("PONG", context)));
        };
        ping(&mut peer, b"before a message");
        peer.send(MORE, b"news");
        ping(&mut peer, b"within it");
        peer.send(0, b"for all");
        assert_eq!(dish.recv_bytes(0).unwrap(), b"for all");
    });
}

/// Nor does the name that an authenticator has given to a RADIO come before its first message
/// (stream_engine_base.cpp, write_credential).
#[test]
fn a_dish_that_listens_hears_those_with_a_name() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let auth = Authenticator::start(&context).unwrap();
        auth.configure_plain("*", [("me", "secret")]).unwrap();
        let dish = context.socket(Dish).unwrap();
        dish.set_plain_server(true).unwrap();
        dish.join("news").unwrap();
        let endpoint = bind_tcp(&dish);
        let mut peer = Wire::connect(&endpoint);
        peer.greet(1, "PLAIN");
        peer.send(COMMAND, &command("HELLO", b"\x02me\x06secret"));
        assert_eq!(peer.frame(), (COMMAND, command("WELCOME", b"")));
        let socket_type = property("Socket-Type", b"RADIO");
        peer.send(COMMAND, &command("INITIATE", &socket_type));
        let (flags, theirs) = peer.frame();
        assert_eq!((flags, &theirs[..6]), (COMMAND, &b"\x05READY"[..]));
        for _ in 0..2 {
            peer.send(MORE, b"news");
            peer.send(0, b"for all");
            let message = dish.recv_msg(0).unwrap();
            assert_eq!(&message[..], b"for all");
            assert_eq!(message.property("User-Id"), Some("me"));
        }
    });
}

/// A DISH that has read half a message when it loses its peer reads whole ones from the
/// next.
#[test]
fn half_a_message_is_of_one_connection() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let dish = context.socket(Dish).unwrap();
        dish.join("news").unwrap();
        dish.set_reconnect_ivl(1).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        dish.connect(&endpoint).unwrap();
        let mut peer = Wire::accept(&listener);
        peer.join(&ready("RADIO"));
        assert_eq!(peer.frame(), (COMMAND, command("JOIN", b"news")));
        peer.send(MORE, b"other");
        peer.send(COMMAND, &command("PING", b"\0\0"));
        assert_eq!(peer.frame(), (COMMAND, command("PONG", b"")));
        drop(peer);
        hears(&dish, Wire::accept(&listener));
    });
}

/// A RADIO that has sent half a message when its peer goes begins with a whole one at the
/// next, and frees the other half: libzmq kept it (radio.cpp, reset).
#[test]
fn half_a_message_is_not_kept_for_the_next() {
    let _others = among_others();
    timed(|| {
        let context = Context::new();
        let radio = context.socket(Radio).unwrap();
        radio.set_linger(0).unwrap();
        radio.set_sndhwm(0).unwrap();
        radio.set_sndbuf(8192).unwrap();
        radio.set_reconnect_ivl(1).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        radio.connect(&endpoint).unwrap();
        // So much of what is written at a time is groups that it mostly ends in one.
        let group = "g".repeat(255);
        let body: Arc<[u8]> = Arc::new([7; 20]);
        for round in 0..10 {
            let mut peer = Wire::accept(&listener);
            peer.join(&ready("DISH"));
            if round == 0 {
                peer.send(COMMAND, &command("JOIN", group.as_bytes()));
                // What is read together is passed on together: the second comes after it.
                for _ in 0..2 {
                    peer.send(COMMAND, &command("PING", b"\0\0"));
                    assert_eq!(peer.frame(), (COMMAND, command("PONG", b"")));
                }
                // It is read by the thread that has the socket.
                radio.get_events().unwrap();
                // More than all connections take, which nobody reads.
                for _ in 0..20_000 {
                    let message = Message::from_owner(Arc::clone(&body));
                    let message = message.with_group(&group).unwrap();
                    radio.send_message(message, 0).unwrap();
                }
            }
            assert_eq!(peer.frame(), (MORE, group.clone().into_bytes()));
            assert_eq!(peer.frame(), (0, body.to_vec()));
        }
        drop(radio);
        drop(context);
        assert_eq!(Arc::strong_count(&body), 1);
    });
}

/// A message that ends after its group is given up with the connection; libzmq kept the
/// group, and the buffer that it was read into (dish.cpp).
#[test]
fn half_a_message_leaves_nothing() {
    let _alone = alone();
    timed(|| {
        let context = Context::new();
        let dish = context.socket(Dish).unwrap();
        let endpoint = bind_tcp(&dish);
        let connect_many = |count| {
            for _ in 0..count {
                let mut peer = Wire::connect(&endpoint);
                peer.join(&ready("RADIO"));
                peer.send(MORE, &[b'g'; 100]);
                // It has been read, and its buffer is not needed for another.
                for _ in 0..2 {
                    peer.send(COMMAND, &command("PING", b"\0\0"));
                    assert_eq!(peer.frame(), (COMMAND, command("PONG", b"")));
                }
                // What is gone is given up by the thread that has the socket.
                drop(peer);
                dish.get_events().unwrap();
            }
        };
        connect_many(100);
        let before = rss();
        connect_many(1000);
        let grown = rss().saturating_sub(before);
        bounded(grown, 4 << 20);
    });
}
