//! The kinds of socket, and of message, of libzmq's draft API.
#![cfg(feature = "draft")]

mod common;

use std::collections::HashMap;
use std::thread;

use common::{bind, bind_tcp, inproc, ipc, timed, Monitor};
use zmq::{Context, Error, Kind, Message, Multipart, Socket, SocketType};

fn open<K: Kind>(context: &Context, kind: K) -> Socket<K> {
    context.socket(kind).unwrap()
}

/// Every transport that the new kinds can use, with an endpoint of its own.
fn endpoints() -> [String; 3] {
    [inproc(), ipc(), "tcp://127.0.0.1:*".into()]
}

#[test]
fn a_server_knows_its_clients() {
    timed(|| {
        let context = Context::new();
        for endpoint in endpoints() {
            let server = open(&context, zmq::Server);
            let endpoint = bind(&server, &endpoint);
            let clients: Vec<_> = (0..3)
                .map(|_| {
                    let client = open(&context, zmq::Client);
                    client.connect(&endpoint).unwrap();
                    client
                })
                .collect();
            for (i, client) in clients.iter().enumerate() {
                client.send(format!("client {i}"), 0).unwrap();
            }
            let questions: Vec<_> = clients
                .iter()
                .map(|_| server.recv_msg(0).unwrap())
                .collect();
            for question in questions {
                let id = question.routing_id().unwrap();
                let answer = [b"you are ", &question[..]].concat();
                let answer = Message::from(answer).with_routing_id(id).unwrap();
                server.send(answer, 0).unwrap();
            }
            for (i, client) in clients.iter().enumerate() {
                let answer = client.recv_string(0).unwrap().unwrap();
                assert_eq!(answer, format!("you are client {i}"));
            }
        }
    });
}

#[test]
fn a_server_cannot_send_to_nobody() {
    let server = open(&Context::new(), zmq::Server);
    assert_eq!(server.send("to whom?", 0), Err(Error::EHOSTUNREACH));
    let message = Message::from("gone").with_routing_id(7).unwrap();
    let refused = server.send_message(message, 0).unwrap_err();
    assert_eq!(refused.error, Error::EHOSTUNREACH);
    assert_eq!(refused.message.routing_id(), Some(7));
    let none = Message::new().set_routing_id(0);
    assert_eq!(none, Err(Error::EINVAL));
}

#[test]
fn a_dish_hears_the_groups_that_it_joined() {
    timed(|| {
        let context = Context::new();
        let long = "g".repeat(255);
        for endpoint in endpoints() {
            let (radio, dish) = (open(&context, zmq::Radio), open(&context, zmq::Dish));
            let endpoint = bind(&dish, &endpoint);
            for group in ["sport", &long, "left"] {
                dish.join(group).unwrap();
            }
            dish.leave("left").unwrap();
            let events = Monitor::new(&radio);
            radio.connect(&endpoint).unwrap();
            if !endpoint.starts_with("inproc") {
                events.wait_for(zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
            }
            // The groups travel to the radio after that; until they are there, it
            // drops what it sends.
            let publish = |text: &str, group: &str| {
                radio
                    .send(Message::from(text).with_group(group).unwrap(), 0)
                    .unwrap();
            };
            let mut first = Err(Error::EAGAIN);
            while first.is_err() {
                publish("not joined", "politics");
                publish("left again", "left");
                publish("2 to 1", "sport");
                dish.set_rcvtimeo(10).unwrap();
                first = dish.recv_msg(0);
            }
            dish.set_rcvtimeo(-1).unwrap();
            let first = first.unwrap();
            assert_eq!(first.as_str(), Some("2 to 1"));
            assert_eq!(first.group(), Some("sport"));
            publish("a long name", &long);
            let mut message = dish.recv_msg(0).unwrap();
            while message.group() == Some("sport") {
                message = dish.recv_msg(0).unwrap();
            }
            assert_eq!(message.as_str(), Some("a long name"));
            assert_eq!(message.group(), Some(&long[..]));
        }
    });
}

#[test]
fn groups_that_cannot_be_are_refused() {
    let dish = open(&Context::new(), zmq::Dish);
    dish.join("twice").unwrap();
    assert_eq!(dish.join("twice"), Err(Error::EINVAL));
    assert_eq!(dish.leave("never joined"), Err(Error::EINVAL));
    for bad in ["a\0b", &"x".repeat(256)] {
        assert_eq!(dish.join(bad), Err(Error::EINVAL));
        assert_eq!(dish.leave(bad), Err(Error::EINVAL));
        assert_eq!(Message::new().set_group(bad), Err(Error::EINVAL));
    }
    let not_a_dish = open(&Context::new(), zmq::PULL);
    assert_eq!(not_a_dish.join("group"), Err(Error::ENOTSUP));
}

/// libzmq 4.3.5 keeps a group of over 14 bytes elsewhere, and takes the bytes of
/// a short one that is set afterwards for where that is.
#[test]
fn a_group_may_be_set_again_and_again() {
    let names = [
        "",
        "short",
        &"l".repeat(15),
        "fourteen bytes",
        &"m".repeat(255),
        "",
    ];
    let content = vec![7; 5000];
    for first in names {
        for second in names {
            let mut message = Message::from(content.clone());
            message.set_routing_id(9).unwrap();
            for group in [first, second, first] {
                message.set_group(group).unwrap();
                assert_eq!(message.group().unwrap_or(""), group);
                // A clone has a group of its own.
                let mut clone = message.clone();
                clone.set_group("another").unwrap();
                assert_eq!(clone.group(), Some("another"));
                assert_eq!(message.group().unwrap_or(""), group);
                assert_eq!(clone[..], content);
                assert_eq!(clone.routing_id(), Some(9));
            }
            assert_eq!(message[..], content);
            assert_eq!(message.routing_id(), Some(9));
        }
    }
}

#[test]
fn writing_to_a_shared_message_keeps_its_address() {
    let long = "l".repeat(100);
    for group in ["short", &long] {
        let mut message = Message::from(vec![7; 5000]).with_group(group).unwrap();
        message.set_routing_id(9).unwrap();
        let original = message.clone();
        message[0] = 1;
        assert_eq!((message[0], original[0]), (1, 7));
        assert_eq!(
            (message.group(), message.routing_id()),
            (Some(group), Some(9))
        );
    }
}

#[test]
fn scatter_deals_out_and_gather_collects() {
    timed(|| {
        let context = Context::new();
        for endpoint in endpoints() {
            let scatter = open(&context, zmq::Scatter);
            let endpoint = bind(&scatter, &endpoint);
            let events = Monitor::new(&scatter);
            let gathers = [open(&context, zmq::Gather), open(&context, zmq::Gather)];
            for gather in &gathers {
                gather.connect(&endpoint).unwrap();
                if !endpoint.starts_with("inproc") {
                    events.wait_for(zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
                }
            }
            for i in 0..10_u8 {
                scatter.send([i], 0).unwrap();
            }
            let mut all = Vec::new();
            for gather in &gathers {
                let got: Vec<u8> = (0..5).map(|_| gather.recv_msg(0).unwrap()[0]).collect();
                assert!(got.windows(2).all(|pair| pair[1] == pair[0] + 2), "{got:?}");
                all.extend(got);
            }
            all.sort();
            assert_eq!(all, (0..10).collect::<Vec<_>>());
        }
    });
}

#[test]
fn channel_talks_to_one_peer() {
    timed(|| {
        let context = Context::new();
        for endpoint in endpoints() {
            let (one, other) = (open(&context, zmq::Channel), open(&context, zmq::Channel));
            other.connect(&bind(&one, &endpoint)).unwrap();
            other.send("there", 0).unwrap();
            assert_eq!(one.recv_bytes(0).unwrap(), b"there");
            one.send("and back", 0).unwrap();
            assert_eq!(other.recv_bytes(0).unwrap(), b"and back");
        }
    });
}

#[test]
fn peers_learn_whom_they_connect_to() {
    timed(|| {
        let context = Context::new();
        for endpoint in endpoints() {
            let servers = [open(&context, zmq::Peer), open(&context, zmq::Peer)];
            let peer = open(&context, zmq::Peer);
            let mut ids = HashMap::new();
            for (i, server) in servers.iter().enumerate() {
                let endpoint = match i {
                    0 => bind(server, &endpoint),
                    _ => bind_tcp(server),
                };
                ids.insert(i, peer.connect_peer(&endpoint).unwrap());
            }
            assert_ne!(ids[&0], ids[&1]);
            for (i, server) in servers.iter().enumerate() {
                let message = Message::from(&format!("for {i}"));
                peer.send(message.with_routing_id(ids[&i]).unwrap(), 0)
                    .unwrap();
                let received = server.recv_msg(0).unwrap();
                assert_eq!(received.as_str(), Some(&format!("for {i}")[..]));
                let answer = Message::from("answer");
                let id = received.routing_id().unwrap();
                server.send(answer.with_routing_id(id).unwrap(), 0).unwrap();
                let answer = peer.recv_msg(0).unwrap();
                assert_eq!(answer.routing_id(), Some(ids[&i]));
            }
        }
        let peer = open(&context, zmq::Peer);
        assert_eq!(
            peer.connect_peer("tcp://127.0.0.1:65537"),
            Err(Error::EINVAL)
        );
        assert_eq!(peer.connect_peer("tcp://127.0.0.1"), Err(Error::EINVAL));
        assert_eq!(peer.connect_peer("inproc://a\0b"), Err(Error::EINVAL));
        peer.set_immediate(true).unwrap();
        assert_eq!(peer.connect_peer(&inproc()), Err(Error::EFAULT));
        let not_a_peer = open(&context, zmq::DEALER);
        assert_eq!(not_a_peer.connect_peer(&inproc()), Err(Error::ENOTSUP));
    });
}

#[test]
fn the_state_of_a_routers_peers() {
    timed(|| {
        let context = Context::new();
        let router = open(&context, zmq::Router);
        assert_eq!(router.get_peer_state(b"nobody"), Err(Error::EHOSTUNREACH));
        let dealer = open(&context, zmq::Dealer);
        dealer.set_identity(b"dealer").unwrap();
        dealer.connect(&bind_tcp(&router)).unwrap();
        dealer.send("hello", 0).unwrap();
        router.recv_multipart(0).unwrap();
        let state = router.get_peer_state(b"dealer").unwrap();
        assert!(state.contains(zmq::POLLOUT), "{state:?}");
        assert_eq!(
            open(&context, zmq::DEALER).get_peer_state(b"dealer"),
            Err(Error::ENOTSUP)
        );
    });
}

/// What the table of kinds says of threads, libzmq says too.
#[test]
fn thread_safe_kinds_are_those_of_libzmq() {
    fn is_thread_safe(context: &Context, kind: SocketType) -> bool {
        let mut socket = context.socket(kind).unwrap();
        let (mut value, mut len) = (-1_i32, 4);
        let option = zmq_sys::ZMQ_THREAD_SAFE as i32;
        // SAFETY: the socket is open and there is room for the option's int.
        let rc = unsafe {
            let to = std::ptr::from_mut(&mut value).cast();
            zmq_sys::zmq_getsockopt(socket.as_mut_ptr(), option, to, &mut len)
        };
        assert_eq!(rc, 0);
        value == 1
    }
    fn shared<K: zmq::ThreadSafe>(kind: K) -> SocketType {
        kind.socket_type()
    }
    let context = Context::new();
    for kind in [
        shared(zmq::Client),
        shared(zmq::Server),
        shared(zmq::Radio),
        shared(zmq::Dish),
        shared(zmq::Gather),
        shared(zmq::Scatter),
        shared(zmq::Peer),
        shared(zmq::Channel),
    ] {
        assert!(is_thread_safe(&context, kind), "{kind:?}");
    }
    for kind in [
        zmq::PAIR,
        zmq::PUB,
        zmq::SUB,
        zmq::REQ,
        zmq::REP,
        zmq::DEALER,
        zmq::ROUTER,
        zmq::PULL,
        zmq::PUSH,
        zmq::XPUB,
        zmq::XSUB,
        zmq::STREAM,
        zmq::DGRAM,
    ] {
        assert!(!is_thread_safe(&context, kind), "{kind:?}");
    }
}

#[test]
fn threads_share_sockets() {
    const THREADS: usize = 8;
    const EACH: usize = 2000;

    fn share(endpoint: &str) {
        let context = Context::new();
        let (client, server) = (open(&context, zmq::Client), open(&context, zmq::Server));
        client.connect(&bind(&server, endpoint)).unwrap();
        // Everybody sends and receives over the same two sockets, in any order.
        let mut answers: Vec<_> = thread::scope(|scope| {
            let mut threads = Vec::new();
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        let message = server.recv_msg(0).unwrap();
                        server.send(message, 0).unwrap();
                    }
                });
            }
            for thread in 0..THREADS {
                let client = &client;
                threads.push(scope.spawn(move || {
                    let mut got = Vec::new();
                    for i in 0..EACH {
                        let number = thread * EACH + i;
                        client.send(&number.to_ne_bytes()[..], 0).unwrap();
                        got.push(client.recv_bytes(0).unwrap());
                    }
                    got
                }));
            }
            threads
                .into_iter()
                .flat_map(|t| t.join().unwrap())
                .collect()
        });
        answers.sort_by_key(|bytes| usize::from_ne_bytes(bytes[..].try_into().unwrap()));
        let expected: Vec<_> = (0..THREADS * EACH)
            .map(|n| n.to_ne_bytes().to_vec())
            .collect();
        assert_eq!(answers, expected);
    }

    timed(|| share("tcp://127.0.0.1:*"));
    // As it is released, libzmq has them wait for each other.
    if cfg!(zmq_vendored) {
        timed(|| share(&inproc()));
    }
}

/// Over inproc there is no thread between: whoever sends tells the other socket, which may
/// be in use, and by somebody who tells this one.
#[test]
#[cfg(zmq_vendored)]
fn threads_share_sockets_that_are_connected_directly() {
    const EACH: u32 = 20_000;

    fn send(from: &Socket<zmq::Channel>) {
        for number in 0..EACH {
            from.send(&number.to_ne_bytes()[..], 0).unwrap();
        }
    }

    timed(|| {
        for connect_first in [false, true] {
            let (context, endpoint) = (Context::new(), inproc());
            let (one, other) = (open(&context, zmq::Channel), open(&context, zmq::Channel));
            if connect_first {
                other.connect(&endpoint).unwrap();
                one.bind(&endpoint).unwrap();
            } else {
                one.bind(&endpoint).unwrap();
                other.connect(&endpoint).unwrap();
            }
            thread::scope(|scope| {
                for socket in [&one, &other] {
                    scope.spawn(move || send(socket));
                    scope.spawn(move || {
                        for number in 0..EACH {
                            assert_eq!(socket.recv_bytes(0).unwrap(), number.to_ne_bytes());
                        }
                    });
                }
            });
        }
    });
}

#[test]
fn threads_share_scatter_gather_radio_and_dish() {
    const THREADS: usize = 4;
    const EACH: usize = 2000;

    timed(|| {
        let context = Context::new();
        let (scatter, gather) = (open(&context, zmq::Scatter), open(&context, zmq::Gather));
        let (radio, dish) = (open(&context, zmq::Radio), open(&context, zmq::Dish));
        let (one, other) = (inproc(), inproc());
        gather.bind(&one).unwrap();
        scatter.connect(&one).unwrap();
        // Without marks, RADIO drops nothing.
        radio.set_sndhwm(0).unwrap();
        dish.set_rcvhwm(0).unwrap();
        dish.join("all").unwrap();
        radio.bind(&other).unwrap();
        dish.connect(&other).unwrap();
        let received: usize = thread::scope(|scope| {
            for thread in 0..THREADS {
                let (scatter, radio, dish) = (&scatter, &radio, &dish);
                scope.spawn(move || {
                    for i in 0..EACH {
                        scatter.send([7], 0).unwrap();
                        radio
                            .send(Message::from([7]).with_group("all").unwrap(), 0)
                            .unwrap();
                        // Options, groups and endpoints may change meanwhile.
                        if i % 100 == 0 {
                            let group = format!("{thread}-{i}");
                            dish.join(&group).unwrap();
                            dish.leave(&group).unwrap();
                            scatter.set_sndtimeo(60_000 + i as i32).unwrap();
                            let endpoint = inproc();
                            radio.bind(&endpoint).unwrap();
                            radio.unbind(&endpoint).unwrap();
                        }
                    }
                });
            }
            let receivers: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        let mut sum = 0;
                        for _ in 0..EACH {
                            sum += usize::from(gather.recv_msg(0).unwrap()[0]);
                            sum += usize::from(dish.recv_msg(0).unwrap()[0]);
                        }
                        sum
                    })
                })
                .collect();
            receivers.into_iter().map(|r| r.join().unwrap()).sum()
        });
        assert_eq!(received, 2 * 7 * THREADS * EACH);
    });
}

#[test]
fn shutting_down_wakes_every_thread() {
    timed(|| {
        let context = Context::new();
        let server = open(&context, zmq::Server);
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| server.recv_bytes(0)))
                .collect();
            context.shutdown().unwrap();
            for thread in waiting {
                assert_eq!(thread.join().unwrap(), Err(Error::ETERM));
            }
        });
    });
}

#[test]
fn kinds_without_multipart_refuse_it() {
    let context = Context::new();
    let client = open(&context, zmq::CLIENT);
    client.connect(&inproc()).unwrap();
    assert_eq!(
        client.send("more follows", zmq::SNDMORE),
        Err(Error::EINVAL)
    );
    let refused = client
        .send_frames(Multipart::from(["one", "two"]), 0)
        .unwrap_err();
    assert_eq!(refused.error, Error::EINVAL);
    assert_eq!(refused.message, ["one", "two"]);
}

// ---- UDP ----------------------------------------------------------------------

/// A UDP endpoint with a port that was free a moment ago: wildcards are not for
/// UDP.
fn udp(host: &str) -> String {
    let probe = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    format!("udp://{host}:{}", probe.local_addr().unwrap().port())
}

#[test]
fn radio_and_dish_over_udp() {
    timed(|| {
        let context = Context::new();
        let (radio, dish) = (open(&context, zmq::Radio), open(&context, zmq::Dish));
        let group = "g".repeat(200); // from 128 on, libzmq 4.3.5 once aborted
        dish.join(&group).unwrap();
        let endpoint = udp("127.0.0.1");
        dish.bind(&endpoint).unwrap();
        // Datagrams may be lost, and libzmq itself says so of large messages.
        let publish = |size: usize| {
            let message = Message::from(vec![7; size]).with_group(&group).unwrap();
            radio.send_message(message, 0)
        };
        publish(1 << 20).unwrap(); // to nobody
        radio.connect(&endpoint).unwrap();
        dish.set_rcvtimeo(100).unwrap();
        let largest = 8192 - 1 - group.len();
        let mut received = dish.recv_msg(zmq::DONTWAIT);
        while received.is_err() {
            publish(largest).unwrap();
            received = dish.recv_msg(0);
        }
        let received = received.unwrap();
        assert_eq!(
            (received.len(), received.group()),
            (largest, Some(&group[..]))
        );
        let refused = publish(largest + 1).unwrap_err();
        assert_eq!(refused.error, Error::EMSGSIZE);
        assert_eq!(refused.message.len(), largest + 1);
        assert_eq!(publish(1 << 20).unwrap_err().error, Error::EMSGSIZE);
    });
}

#[test]
fn the_limit_of_udp_stays_with_a_socket_that_is_handed_out() {
    let context = Context::new();
    let radio = open(&context, zmq::RADIO);
    radio.connect(&udp("127.0.0.1")).unwrap();
    let raw = radio.into_raw();
    // SAFETY: it was just given up.
    let radio = unsafe { Socket::from_raw(raw) };
    assert_eq!(radio.send(vec![7; 8192], 0), Err(Error::EMSGSIZE));
    // Of a stranger, nobody knows whether it uses UDP.
    let stranger = open(&context, zmq::RADIO);
    stranger.send(vec![7; 8192], 0).unwrap();
}

#[test]
fn dgram_sends_and_receives_datagrams() {
    timed(|| {
        let context = Context::new();
        let peer = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        peer.set_read_timeout(Some(common::LIMIT / 2)).unwrap();
        let (dgram, endpoint) = (open(&context, zmq::Dgram), udp("127.0.0.1"));
        dgram.bind(&endpoint).unwrap();
        let address = endpoint.strip_prefix("udp://").unwrap();
        // It is bound in the background, and what comes earlier is lost.
        dgram.set_rcvtimeo(10).unwrap();
        let received = loop {
            peer.send_to(b"hello", address).unwrap();
            if let Ok(received) = dgram.recv_multipart(0) {
                break received;
            }
        };
        assert_eq!(received[1], b"hello");
        // The address comes with a NUL, and may be sent back as it is.
        let from = format!("{}\0", peer.local_addr().unwrap());
        assert_eq!(received[0], from.as_bytes());
        let mut datagram = vec![0; 10_000];
        for size in [0, 5, 8192] {
            dgram
                .send_multipart([received[0].clone(), vec![7; size]], 0)
                .unwrap();
            let (len, _) = peer.recv_from(&mut datagram).unwrap();
            assert_eq!(datagram[..len], vec![7; size]);
        }
        dgram.send(&received[0], zmq::SNDMORE).unwrap();
        assert_eq!(dgram.send(vec![7; 8193], 0), Err(Error::EMSGSIZE));
        // The message can still be ended.
        dgram.send("short", 0).unwrap();
        let (len, _) = peer.recv_from(&mut datagram).unwrap();
        assert_eq!(datagram[..len], *b"short");
    });
}

/// libzmq 4.3.5 closes the message that it says it has not sent, and goes on
/// using it.
#[test]
fn dgram_without_an_endpoint_keeps_the_message() {
    timed(|| {
        let dgram = open(&Context::new(), zmq::Dgram);
        let refused = dgram.send_message("precious".into(), zmq::DONTWAIT | zmq::SNDMORE);
        let refused = refused.unwrap_err();
        assert_eq!(refused.error, Error::EAGAIN);
        assert_eq!(refused.message.as_str(), Some("precious"));
        dgram.set_sndtimeo(10).unwrap();
        assert_eq!(
            dgram.send("127.0.0.1:5555", zmq::SNDMORE),
            Err(Error::EAGAIN)
        );
    });
}

/// libzmq 4.3.5 aborts if the second half of a message meets another endpoint.
#[test]
fn dgram_changes_its_endpoint_between_messages_only() {
    timed(|| {
        let dgram = open(&Context::new(), zmq::Dgram);
        let endpoint = udp("127.0.0.1");
        dgram.bind(&endpoint).unwrap();
        dgram.send("127.0.0.1:9", zmq::SNDMORE).unwrap();
        assert_eq!(dgram.unbind(&endpoint), Err(Error::EFSM));
        assert_eq!(dgram.bind(&udp("127.0.0.1")), Err(Error::EFSM));
        assert_eq!(dgram.send("three frames", zmq::SNDMORE), Err(Error::EINVAL));
        dgram.send("second half", 0).unwrap();
        assert_eq!(dgram.send("one frame", 0), Err(Error::EINVAL));
        // libzmq 4.3.5 does not find the endpoints of UDP again.
        assert_eq!(dgram.unbind(&endpoint), Err(Error::ENOENT));
    });
}

/// libzmq 4.3.5 aborts when a datagram arrives by IPv6.
#[test]
fn dgram_refuses_ipv6() {
    let dgram = open(&Context::new(), zmq::Dgram);
    dgram.set_ipv6(true).unwrap();
    assert_eq!(dgram.bind(&udp("[::1]")), Err(Error::ENOTSUP));
    assert_eq!(dgram.bind(&udp("*")), Err(Error::ENOTSUP));
    dgram.set_ipv6(false).unwrap();
    dgram.bind(&udp("127.0.0.1")).unwrap();
}
