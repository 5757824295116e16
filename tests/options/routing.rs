//! Options of ROUTER and STREAM sockets and their peers.

use std::io::{Read, Write};
use std::net::TcpStream;

use zmq::{Context, Error};

use crate::common::{bind_tcp, inproc, timed};

#[test]
fn router_mandatory_reports_unknown_peers() {
    let router = Context::new().socket(zmq::Router).unwrap();
    router.send_multipart(["nobody", "dropped"], 0).unwrap();
    router.set_router_mandatory(true).unwrap();
    assert_eq!(
        router.send("nobody", zmq::SNDMORE),
        Err(Error::EHOSTUNREACH)
    );
}

#[test]
fn router_handover_lets_a_new_peer_take_over() {
    timed(|| {
        let context = Context::new();
        let router = context.socket(zmq::Router).unwrap();
        router.set_router_handover(true).unwrap();
        let endpoint = bind_tcp(&router);
        let mut connected = Vec::new();
        for name in ["old", "new"] {
            let dealer = context.socket(zmq::Dealer).unwrap();
            dealer.set_identity(b"same").unwrap();
            dealer.connect(&endpoint).unwrap();
            dealer.send(name, 0).unwrap();
            let received = router.recv_multipart(0).unwrap();
            assert_eq!(received, [b"same", name.as_bytes()]);
            // The old one stays connected. Without `handover`, the new one's
            // messages would never arrive.
            connected.push(dealer);
        }
    });
}

/// What a peer has sent is read when it is gone, too: of the first with a routing id, and of who
/// takes it over.
#[test]
fn what_peers_have_sent_before_they_left_is_read() {
    timed(|| {
        for handover in [false, true] {
            let context = Context::new();
            let router = context.socket(zmq::Router).unwrap();
            router.set_router_handover(handover).unwrap();
            let endpoint = inproc();
            router.bind(&endpoint).unwrap();
            let [first, second] = [(); 2].map(|()| {
                let dealer = context.socket(zmq::Dealer).unwrap();
                dealer.set_identity(b"same").unwrap();
                dealer
            });
            let received = || router.recv_multipart(0).unwrap();
            if handover {
                first.connect(&endpoint).unwrap();
                first.send("still here", 0).unwrap();
                assert_eq!(received(), [&b"same"[..], b"still here"]);
            }
            second.connect(&endpoint).unwrap();
            for text in ["one", "two"] {
                second.send(text, 0).unwrap();
            }
            // The router is told both at once, that it has come and that it has gone.
            second.disconnect(&endpoint).unwrap();
            for text in ["one", "two"] {
                assert_eq!(received(), [b"same", text.as_bytes()]);
            }
        }
    });
}

#[test]
fn probe_router_announces_a_peer() {
    timed(|| {
        let context = Context::new();
        let router = context.socket(zmq::Router).unwrap();
        let dealer = context.socket(zmq::Dealer).unwrap();
        dealer.set_identity(b"me").unwrap();
        dealer.set_probe_router(true).unwrap();
        dealer.connect(&bind_tcp(&router)).unwrap();
        assert_eq!(router.recv_multipart(0).unwrap(), [&b"me"[..], b""]);
    });
}

#[test]
fn req_relaxed_and_req_correlate_drop_late_replies() {
    timed(|| {
        let context = Context::new();
        let (req, rep) = (
            context.socket(zmq::Req).unwrap(),
            context.socket(zmq::Rep).unwrap(),
        );
        req.set_req_relaxed(true).unwrap();
        req.set_req_correlate(true).unwrap();
        req.connect(&bind_tcp(&rep)).unwrap();
        req.send("first", 0).unwrap();
        req.send("second", 0).unwrap(); // EFSM without `relaxed`
        for request in ["first", "second"] {
            assert_eq!(rep.recv_bytes(0).unwrap(), request.as_bytes());
            rep.send(request, 0).unwrap();
        }
        // Without `correlate` this would be the reply to the first.
        assert_eq!(req.recv_bytes(0).unwrap(), b"second");
    });
}

/// A plain tcp connection to where a socket is bound.
fn plain(endpoint: &str) -> TcpStream {
    TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap()
}

#[test]
fn stream_notify_tells_who_comes_and_goes() {
    timed(|| {
        if zmq::version() < (4, 2, 0) {
            return;
        }
        for notify in [true, false] {
            let stream = Context::new().socket(zmq::Stream).unwrap();
            stream.set_stream_notify(notify).unwrap();
            let mut peer = plain(&bind_tcp(&stream));
            peer.write_all(b"data").unwrap();
            if notify {
                assert_eq!(stream.recv_multipart(0).unwrap()[1], b"");
            }
            assert_eq!(stream.recv_multipart(0).unwrap()[1], b"data");
            drop(peer);
            if notify {
                assert_eq!(stream.recv_multipart(0).unwrap()[1], b"");
            }
        }
    });
}

#[test]
fn router_raw_talks_to_anybody() {
    timed(|| {
        let router = Context::new().socket(zmq::Router).unwrap();
        router.set_router_raw(true).unwrap();
        let mut peer = plain(&bind_tcp(&router));
        peer.write_all(b"question").unwrap();
        let id = loop {
            // Some versions tell first that somebody has connected.
            let [id, data] = router.recv_multipart(0).unwrap().try_into().unwrap();
            if !data.is_empty() {
                assert_eq!(data, b"question");
                break id;
            }
        };
        router.send_multipart([&id[..], b"answer"], 0).unwrap();
        let mut answer = [0; 6];
        peer.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"answer");
        // An empty message hangs up, once the socket has heard that all is sent.
        router.send_multipart([&id[..], b""], 0).unwrap();
        peer.set_nonblocking(true).unwrap();
        while !matches!(peer.read(&mut answer), Ok(0)) {
            router.get_events().unwrap();
        }
    });
}

/// libzmq aborts over the empty messages that would be sent: by a probe, or by who
/// has turned it off again.
#[test]
fn router_raw_is_for_good_and_does_not_probe() {
    let context = Context::new();
    let router = context.socket(zmq::Router).unwrap();
    router.set_router_raw(true).unwrap();
    assert_eq!(router.set_router_raw(false), Err(Error::EINVAL));
    assert_eq!(router.set_probe_router(true), Err(Error::EINVAL));
    let router = context.socket(zmq::Router).unwrap();
    router.set_probe_router(true).unwrap();
    assert_eq!(router.set_router_raw(true), Err(Error::EINVAL));
    router.set_probe_router(false).unwrap();
    router.set_router_raw(true).unwrap();
    // A REP is a ROUTER inside.
    assert_eq!(
        context.socket(zmq::REP).unwrap().set_router_raw(true),
        Err(Error::EINVAL)
    );
}

#[test]
fn connect_routing_id_names_the_peer() {
    timed(|| {
        let context = Context::new();
        let (dealer, router) = (
            context.socket(zmq::Dealer).unwrap(),
            context.socket(zmq::Router).unwrap(),
        );
        router.set_connect_routing_id(b"peer").unwrap();
        router.connect(&bind_tcp(&dealer)).unwrap();
        router.send_multipart(["peer", "hello"], 0).unwrap();
        assert_eq!(dealer.recv_bytes(0).unwrap(), b"hello");
        dealer.send("world", 0).unwrap();
        assert_eq!(
            router.recv_multipart(0).unwrap(),
            [b"peer".to_vec(), b"world".to_vec()]
        );

        let (stream, server) = (
            context.socket(zmq::Stream).unwrap(),
            std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
        );
        stream.set_connect_routing_id(b"server").unwrap();
        stream
            .connect(&format!("tcp://{}", server.local_addr().unwrap()))
            .unwrap();
        let mut peer = server.accept().unwrap().0;
        stream.send_multipart(["server", "hello"], 0).unwrap();
        let mut hello = [0; 5];
        peer.read_exact(&mut hello).unwrap();
        assert_eq!(&hello, b"hello");
    });
}

/// libzmq aborts when it comes upon a routing id twice.
#[test]
fn connect_routing_id_is_given_once() {
    timed(|| {
        let context = Context::new();
        let router = context.socket(zmq::Router).unwrap();
        for wrong in [&b""[..], b"\0made up", &[1; 256]] {
            assert_eq!(router.set_connect_routing_id(wrong), Err(Error::EINVAL));
        }
        router.set_connect_routing_id(&[1; 255]).unwrap();
        router.set_connect_routing_id(b"peer").unwrap();
        // The connection is refused, the name is not used up.
        assert_eq!(router.connect("tcp://nowhere"), Err(Error::EINVAL));
        let endpoint = inproc();
        router.connect(&endpoint).unwrap();
        assert_eq!(
            router.set_connect_routing_id(b"peer"),
            Err(Error::EADDRINUSE)
        );
        // Without a name of its own, the next gets one as ever.
        router.connect(&inproc()).unwrap();
        router.set_connect_routing_id(b"other").unwrap();
        let dealer = context.socket(zmq::Dealer).unwrap();
        dealer.bind(&endpoint).unwrap();
        router.send_multipart(["peer", "hello"], 0).unwrap();
        assert_eq!(dealer.recv_bytes(0).unwrap(), b"hello");
    });
}

#[test]
fn connect_routing_id_waits_for_a_connection_that_is_queued_for() {
    timed(|| {
        let context = Context::new();
        let (dealer, router) = (
            context.socket(zmq::Dealer).unwrap(),
            context.socket(zmq::Router).unwrap(),
        );
        router.set_connect_routing_id(b"peer").unwrap();
        router.set_immediate(true).unwrap();
        router.connect("tcp://127.0.0.1:1").unwrap();
        router.set_immediate(false).unwrap();
        router.connect(&bind_tcp(&dealer)).unwrap();
        router.send_multipart(["peer", "hello"], 0).unwrap();
        assert_eq!(dealer.recv_bytes(0).unwrap(), b"hello");
        assert_eq!(
            router.set_connect_routing_id(b"peer"),
            Err(Error::EADDRINUSE)
        );
    });
}

#[cfg(any(zmq_vendored, feature = "draft"))]
#[test]
fn connect_routing_id_is_not_that_of_a_peer() {
    timed(|| {
        let context = Context::new();
        let (dealer, router) = (
            context.socket(zmq::Dealer).unwrap(),
            context.socket(zmq::Router).unwrap(),
        );
        dealer.set_identity(b"mine").unwrap();
        dealer.connect(&bind_tcp(&router)).unwrap();
        dealer.send("hello", 0).unwrap();
        assert_eq!(router.recv_multipart(0).unwrap()[0], b"mine");
        router.set_connect_routing_id(b"mine").unwrap();
        assert_eq!(router.connect(&inproc()), Err(Error::EADDRINUSE));
    });
}

#[cfg(feature = "draft")]
mod draft {
    use zmq::RouterNotify;

    use super::*;
    use crate::common::{Monitor, LIMIT};

    #[test]
    fn router_notify_tells_who_comes_and_goes() {
        timed(|| {
            let context = Context::new();
            let (dealer, router) = (
                context.socket(zmq::Dealer).unwrap(),
                context.socket(zmq::Router).unwrap(),
            );
            router
                .set_router_notify(RouterNotify::CONNECT | RouterNotify::DISCONNECT)
                .unwrap();
            dealer.set_identity(b"me").unwrap();
            dealer.connect(&bind_tcp(&router)).unwrap();
            assert_eq!(router.recv_multipart(0).unwrap(), [&b"me"[..], b""]);
            drop(dealer);
            assert_eq!(router.recv_multipart(0).unwrap(), [&b"me"[..], b""]);
        });
    }

    #[test]
    fn messages_for_who_comes_goes_and_is_lost() {
        timed(|| {
            let context = Context::new();
            let router = context.socket(zmq::Router).unwrap();
            router.set_hello_msg(b"welcome").unwrap();
            router.set_disconnect_msg(b"gone").unwrap();
            let endpoint = bind_tcp(&router);
            let [visitor, guest] = ["visitor", "guest"].map(|name| {
                let dealer = context.socket(zmq::Dealer).unwrap();
                dealer.set_identity(name.as_bytes()).unwrap();
                dealer.set_hello_msg(b"hello").unwrap();
                dealer.set_hiccup_msg(b"lost").unwrap();
                dealer.connect(&endpoint).unwrap();
                assert_eq!(dealer.recv_bytes(0).unwrap(), b"welcome");
                let received = router.recv_multipart(0).unwrap();
                assert_eq!(received, [name.as_bytes(), b"hello"]);
                dealer
            });
            drop(visitor);
            let received = router.recv_multipart(0).unwrap();
            assert_eq!(received, [&b"visitor"[..], b"gone"]);
            drop(router);
            assert_eq!(guest.recv_bytes(0).unwrap(), b"lost");
        });
    }

    /// libzmq aborts over a peer that connected before and has gone again, and
    /// writes to the pipe of another thread.
    #[test]
    fn who_binds_to_inproc_has_no_hello_or_disconnect_msg() {
        timed(|| {
            let context = Context::new();
            let router = context.socket(zmq::Router).unwrap();
            let endpoint = inproc();
            let early = context.socket(zmq::Dealer).unwrap();
            early.connect(&endpoint).unwrap();
            early.send("kept", 0).unwrap();
            drop(early);
            router.set_hello_msg(b"hello").unwrap();
            assert_eq!(router.bind(&endpoint), Err(Error::ENOTSUP));
            router.set_hello_msg(b"").unwrap();
            router.set_disconnect_msg(b"gone").unwrap();
            assert_eq!(router.bind(&endpoint), Err(Error::ENOTSUP));
            router.set_disconnect_msg(b"").unwrap();
            router.bind(&endpoint).unwrap();
            assert_eq!(router.recv_multipart(0).unwrap()[1], b"kept");
            // Who connects may.
            let dealer = context.socket(zmq::Dealer).unwrap();
            dealer.set_hello_msg(b"hello").unwrap();
            dealer.connect(&endpoint).unwrap();
            assert_eq!(router.recv_multipart(0).unwrap()[1], b"hello");
        });
    }

    #[test]
    fn metadata_is_seen_by_the_peer() {
        timed(|| {
            let context = Context::new();
            let (dealer, router) = (
                context.socket(zmq::Dealer).unwrap(),
                context.socket(zmq::Router).unwrap(),
            );
            dealer.set_metadata("X-Color:blue").unwrap();
            dealer.set_metadata("X-Size:7").unwrap();
            dealer.connect(&bind_tcp(&router)).unwrap();
            dealer.send("hello", 0).unwrap();
            let message = router.recv_msg(0).unwrap();
            assert_eq!(message.property("X-Color"), Some("blue"));
            assert_eq!(message.property("X-Size"), Some("7"));
        });
    }

    #[test]
    fn zap_enforce_domain_refuses_without_a_handler() {
        timed(|| {
            for enforce in [false, true] {
                let context = Context::new();
                let (dealer, router) = (
                    context.socket(zmq::Dealer).unwrap(),
                    context.socket(zmq::Router).unwrap(),
                );
                router.set_zap_domain("domain").unwrap();
                router.set_zap_enforce_domain(enforce).unwrap();
                router.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
                let events = Monitor::new(&router);
                dealer.set_linger(0).unwrap();
                dealer.connect(&bind_tcp(&router)).unwrap();
                events.wait_for(match enforce {
                    false => zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED,
                    true => zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL,
                });
            }
        });
    }
}
