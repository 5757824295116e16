//! Socket options: each differs from its default once it is set, and those that
//! cannot be read back are seen to work.

mod common;

use common::{bind_tcp, inproc, timed, Monitor};
use zmq::{Context, Error, Mechanism};

/// One line an option: the default, then a value that is set and read back, on a
/// typed socket and on a dynamic one.
macro_rules! round_trips {
    ($($kind:ident $variant:ident: $getter:ident $setter:ident $default:expr => $value:expr;)*) => {$(
        #[test]
        fn $setter() {
            let context = Context::new();
            let socket = context.socket(zmq::$kind).unwrap();
            assert_eq!(socket.$getter(), Ok($default));
            socket.$setter($value).unwrap();
            assert_eq!(socket.$getter(), Ok($value));
            let socket = context.socket(zmq::$variant).unwrap();
            assert_eq!(socket.$getter(), Ok($default));
            socket.$setter($value).unwrap();
            assert_eq!(socket.$getter(), Ok($value));
        }
    )*};
}

round_trips! {
    Pair PAIR: get_linger set_linger -1 => 250;
    Pair PAIR: get_affinity set_affinity 0 => 1 << 40;
    Pair PAIR: get_maxmsgsize set_maxmsgsize -1 => 1 << 40;
    Pair PAIR: is_immediate set_immediate false => true;
    Pair PAIR: is_ipv6 set_ipv6 false => true;
    Pair PAIR: get_reconnect_ivl set_reconnect_ivl 100 => 7;
    Pair PAIR: get_reconnect_ivl_max set_reconnect_ivl_max 0 => 7;
    Pair PAIR: get_connect_timeout set_connect_timeout 0 => 7;
    Pair PAIR: get_handshake_ivl set_handshake_ivl 30_000 => 7;
    Pair PAIR: get_heartbeat_ivl set_heartbeat_ivl 0 => 7;
    Pair PAIR: get_heartbeat_ttl set_heartbeat_ttl 0 => 6_553_500;
    Pair PAIR: get_heartbeat_timeout set_heartbeat_timeout -1 => 7;
    Pair PAIR: get_backlog set_backlog 100 => 7;
    Pair PAIR: get_sndbuf set_sndbuf -1 => 70_000;
    Pair PAIR: get_rcvbuf set_rcvbuf -1 => 70_000;
    Pair PAIR: get_tos set_tos 0 => 8;
    Pair PAIR: get_tcp_keepalive set_tcp_keepalive -1 => 1;
    Pair PAIR: get_tcp_keepalive_cnt set_tcp_keepalive_cnt -1 => 7;
    Pair PAIR: get_tcp_keepalive_idle set_tcp_keepalive_idle -1 => 7;
    Pair PAIR: get_tcp_keepalive_intvl set_tcp_keepalive_intvl -1 => 7;
    Pair PAIR: get_tcp_maxrt set_tcp_maxrt 0 => 7;
    Pair PAIR: get_rate set_rate 100 => 7;
    Pair PAIR: get_recovery_ivl set_recovery_ivl 10_000 => 7;
    Pair PAIR: get_multicast_hops set_multicast_hops 1 => 7;
    Pair PAIR: is_plain_server set_plain_server false => true;
    Push PUSH: get_sndhwm set_sndhwm 1000 => 7;
    Push PUSH: get_sndtimeo set_sndtimeo -1 => 7;
    Push PUSH: is_conflate set_conflate false => true;
    Pull PULL: get_rcvhwm set_rcvhwm 1000 => 7;
    Pull PULL: get_rcvtimeo set_rcvtimeo -1 => 7;
}

/// The same for texts, whose getters have a second `Result`.
macro_rules! texts {
    ($($getter:ident $setter:ident: $set:expr => $text:expr;)*) => {$(
        #[test]
        fn $setter() {
            let socket = Context::new().socket(zmq::Dealer).unwrap();
            assert_eq!(socket.$getter(), Ok(Ok(String::new())));
            socket.$setter($set).unwrap();
            assert_eq!(socket.$getter(), Ok(Ok($text.to_owned())));
        }
    )*};
}

texts! {
    get_socks_proxy set_socks_proxy: Some("proxy:1080") => "proxy:1080";
    get_zap_domain set_zap_domain: "domain" => "domain";
    get_plain_username set_plain_username: Some("user") => "user";
    get_plain_password set_plain_password: Some("secret") => "secret";
}

#[test]
fn texts_can_be_unset() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    socket.set_socks_proxy(Some("proxy:1080")).unwrap();
    socket.set_socks_proxy(None).unwrap();
    assert_eq!(socket.get_socks_proxy(), Ok(Ok(String::new())));
    socket.set_plain_username(Some("user")).unwrap();
    assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_PLAIN));
    socket.set_plain_username(None).unwrap();
    assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_NULL));
    // 255 bytes are the most that the protocol can carry.
    assert_eq!(
        socket.set_plain_username(Some(&"x".repeat(256))),
        Err(Error::EINVAL)
    );
}

#[test]
fn set_identity() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    assert_eq!(socket.get_identity().unwrap(), b"");
    let longest = [0xff; 255];
    socket.set_identity(&longest).unwrap();
    assert_eq!(socket.get_identity().unwrap(), longest);
    assert_eq!(socket.set_identity(&[1; 256]), Err(Error::EINVAL));
    assert_eq!(socket.get_identity().unwrap(), longest);
}

#[test]
fn curve_keys_are_bytes_or_text() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    if zmq::has("curve") != Some(true) {
        assert_eq!(socket.set_curve_server(true), Err(Error::EINVAL));
        return;
    }
    assert_eq!(socket.is_curve_server(), Ok(false));
    assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_NULL));
    // The key pair of the test case in libzmq's manual, zmq_curve_keypair(3).
    let text = b"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
    let key = [
        0xbb, 0x88, 0x47, 0x1d, 0x65, 0xe2, 0x65, 0x9b, 0x30, 0xc5, 0x5a, 0x53, 0x21, 0xce, 0xbb,
        0x5a, 0xab, 0x2b, 0x70, 0xa3, 0x98, 0x64, 0x5c, 0x26, 0xdc, 0xa2, 0xb2, 0xfc, 0xb4, 0x3f,
        0xc5, 0x18,
    ];
    socket.set_curve_publickey(text).unwrap();
    assert_eq!(socket.get_curve_publickey().unwrap(), key);
    socket.set_curve_secretkey(&key).unwrap();
    assert_eq!(socket.get_curve_secretkey().unwrap(), key);
    socket
        .set_curve_serverkey(&[&text[..], b"\0"].concat())
        .unwrap();
    assert_eq!(socket.get_curve_serverkey().unwrap(), key);
    assert_eq!(socket.get_mechanism(), Ok(Mechanism::ZMQ_CURVE));
    // Without a NUL at its end, C would read on beyond the 41.
    for wrong in [&[b'a'; 41][..], &key[..31], b"", &text[..39]] {
        assert_eq!(socket.set_curve_publickey(wrong), Err(Error::EINVAL));
        assert_eq!(socket.set_curve_secretkey(wrong), Err(Error::EINVAL));
        assert_eq!(socket.set_curve_serverkey(wrong), Err(Error::EINVAL));
    }
    let server = Context::new().socket(zmq::Rep).unwrap();
    server.set_curve_server(true).unwrap();
    assert_eq!(server.is_curve_server(), Ok(true));
}

#[test]
fn gssapi_options_need_gssapi() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    if zmq::has("gssapi") == Some(true) {
        assert_eq!(socket.is_gssapi_server(), Ok(false));
        socket.set_gssapi_server(true).unwrap();
        assert_eq!(socket.is_gssapi_server(), Ok(true));
        socket.set_gssapi_plaintext(true).unwrap();
        assert_eq!(socket.is_gssapi_plaintext(), Ok(true));
        socket.set_gssapi_principal("host@here").unwrap();
        assert_eq!(socket.get_gssapi_principal(), Ok(Ok("host@here".into())));
        socket
            .set_gssapi_service_principal("service@there")
            .unwrap();
        assert_eq!(
            socket.get_gssapi_service_principal(),
            Ok(Ok("service@there".into()))
        );
        return;
    }
    assert_eq!(socket.is_gssapi_server(), Err(Error::EINVAL));
    assert_eq!(socket.set_gssapi_server(true), Err(Error::EINVAL));
    assert_eq!(socket.set_gssapi_plaintext(true), Err(Error::EINVAL));
    assert_eq!(socket.set_gssapi_principal("host@here"), Err(Error::EINVAL));
    assert_eq!(
        socket.set_gssapi_service_principal("service@there"),
        Err(Error::EINVAL)
    );
}

#[test]
fn a_wrong_value_is_refused_and_changes_nothing() {
    let socket = Context::new().socket(zmq::Dealer).unwrap();
    assert_eq!(socket.set_linger(-2), Err(Error::EINVAL));
    assert_eq!(socket.get_linger(), Ok(-1));
    assert_eq!(socket.set_sndhwm(-1), Err(Error::EINVAL));
    assert_eq!(socket.get_sndhwm(), Ok(1000));
    assert_eq!(socket.set_tcp_keepalive(2), Err(Error::EINVAL));
    assert_eq!(socket.set_heartbeat_ttl(6_553_600), Err(Error::EINVAL));
}

#[test]
fn what_libzmq_cannot_read_back_is_an_error() {
    let socket = Context::new().socket(zmq::ROUTER).unwrap();
    assert_eq!(socket.is_probe_router(), Err(Error::EINVAL));
    assert_eq!(socket.is_router_mandatory(), Err(Error::EINVAL));
    assert_eq!(socket.is_router_handover(), Err(Error::EINVAL));
}

#[test]
fn timeouts_end_waiting() {
    timed(|| {
        let socket = Context::new().socket(zmq::Dealer).unwrap();
        socket.set_rcvtimeo(1).unwrap();
        socket.set_sndtimeo(1).unwrap();
        assert_eq!(socket.recv_bytes(0), Err(Error::EAGAIN));
        assert_eq!(socket.send("to nobody", 0), Err(Error::EAGAIN));
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
fn subscriptions_come_and_go() {
    timed(|| {
        let context = Context::new();
        let (xpub, sub) = (
            context.socket(zmq::XPub).unwrap(),
            context.socket(zmq::Sub).unwrap(),
        );
        let endpoint = inproc();
        xpub.bind(&endpoint).unwrap();
        sub.connect(&endpoint).unwrap();
        sub.set_subscribe(b"A").unwrap();
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
        xpub.send("B, not wanted", 0).unwrap();
        xpub.send("A, wanted", 0).unwrap();
        assert_eq!(sub.recv_bytes(0).unwrap(), b"A, wanted");
        sub.set_unsubscribe(b"A").unwrap();
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x00A");
    });
}

#[test]
fn xpub_verbose_shows_every_subscription() {
    timed(|| {
        let context = Context::new();
        let xpub = context.socket(zmq::XPub).unwrap();
        let endpoint = inproc();
        xpub.bind(&endpoint).unwrap();
        let subscribe = |topic: &[u8]| {
            let sub = context.socket(zmq::Sub).unwrap();
            sub.connect(&endpoint).unwrap();
            sub.set_subscribe(topic).unwrap();
            sub
        };
        let _subs = [subscribe(b"A"), subscribe(b"A"), subscribe(b"B")];
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
        assert_eq!(
            xpub.recv_bytes(0).unwrap(),
            b"\x01B",
            "the second A is hidden"
        );
        xpub.set_xpub_verbose(true).unwrap();
        let _sub = subscribe(b"A");
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
    });
}

#[test]
fn xpub_welcome_msg_greets_subscribers() {
    timed(|| {
        let context = Context::new();
        let (xpub, sub) = (
            context.socket(zmq::XPub).unwrap(),
            context.socket(zmq::Sub).unwrap(),
        );
        xpub.set_xpub_welcome_msg(Some("W")).unwrap();
        let endpoint = inproc();
        xpub.bind(&endpoint).unwrap();
        sub.set_subscribe(b"W").unwrap();
        sub.connect(&endpoint).unwrap();
        // The publisher greets when it takes up the subscription.
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01W");
        assert_eq!(sub.recv_bytes(0).unwrap(), b"W");
        xpub.set_xpub_welcome_msg(None).unwrap();
    });
}

#[test]
fn conflate_keeps_the_last_message() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (
            context.socket(zmq::Push).unwrap(),
            context.socket(zmq::Pull).unwrap(),
        );
        // Over inproc, the option of the side that connects is what counts.
        push.set_conflate(true).unwrap();
        let endpoint = inproc();
        pull.bind(&endpoint).unwrap();
        push.connect(&endpoint).unwrap();
        for i in 0..100_u8 {
            push.send([i], 0).unwrap();
        }
        assert_eq!(pull.recv_bytes(0).unwrap(), [99]);
    });
}

#[test]
fn maxmsgsize_disconnects_who_sends_more() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (
            context.socket(zmq::Push).unwrap(),
            context.socket(zmq::Pull).unwrap(),
        );
        pull.set_maxmsgsize(100).unwrap();
        let events = Monitor::new(&pull);
        push.connect(&bind_tcp(&pull)).unwrap();
        push.send(vec![0; 100], 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), [0; 100]);
        push.send(vec![0; 101], 0).unwrap();
        events.wait_for(zmq_sys::ZMQ_EVENT_DISCONNECTED);
    });
}

#[test]
fn immediate_does_not_queue_for_who_is_not_there() {
    let context = Context::new();
    let (port, push) = (
        std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
        context.socket(zmq::Push).unwrap(),
    );
    push.set_linger(0).unwrap();
    push.set_immediate(true).unwrap();
    // It accepts connections, but never greets.
    push.connect(&format!("tcp://{}", port.local_addr().unwrap()))
        .unwrap();
    assert_eq!(push.send("to nobody", zmq::DONTWAIT), Err(Error::EAGAIN));
}
