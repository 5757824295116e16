//! Endpoints as values: what is one, what is wrong with others, and that libzmq
//! agrees.

mod common;

use std::net::SocketAddr;

use common::{bind, inproc, ipc, noise, timed};
use zmq::EndpointProblem::*;
use zmq::{Context, Dealer, Endpoint, EndpointError, EndpointProblem, Error, Transport};

fn parse(text: &str) -> Result<Endpoint, EndpointError> {
    text.parse()
}

/// What is refused: the endpoint, why, and the part that is wrong.
const WRONG: &[(&str, EndpointProblem, &str)] = &[
    ("", NoTransport, ""),
    ("localhost:5555", NoTransport, ""),
    ("tcp:127.0.0.1:5555", NoTransport, ""),
    ("://127.0.0.1:5555", NoTransport, ""),
    ("http://127.0.0.1:80", UnknownTransport, "http"),
    ("TCP://127.0.0.1:5555", UnknownTransport, "TCP"),
    ("inproc://a\0b", NulByte, "\0"),
    ("inproc://", NoName, ""),
    ("ipc://", NoPath, ""),
    ("ipc://@", NoPath, ""),
    ("tcp://", NoHost, ""),
    ("tcp://:5555", NoHost, ""),
    ("tcp://[]:5555", NoHost, ""),
    ("tcp://127.0.0.1:0;:5555", NoHost, ""),
    ("tcp://127.0.0.1", NoPort, ""),
    ("tcp://127.0.0.1:", NoPort, ""),
    ("tcp://[::1]", NoPort, ""),
    ("tcp://127.0.0.1;127.0.0.1:5555", NoPort, ""),
    ("tcp://127.0.0.1:http", BadPort, "http"),
    ("tcp://127.0.0.1:5555x", BadPort, "5555x"),
    ("tcp://127.0.0.1: 5555", BadPort, " 5555"),
    ("tcp://127.0.0.1:+5555", BadPort, "+5555"),
    ("tcp://127.0.0.1:-1", BadPort, "-1"),
    ("tcp://127.0.0.1:5555/path", BadPort, "5555/path"),
    ("tcp://127.0.0.1:00", BadPort, "00"),
    ("tcp://127.0.0.1:**", BadPort, "**"),
    ("tcp://127.0.0.1:65536", PortTooLarge, "65536"),
    (
        "tcp://127.0.0.1:99999999999999999999",
        PortTooLarge,
        "99999999999999999999",
    ),
    ("tcp://127.0.0.1:65536;127.0.0.1:1", PortTooLarge, "65536"),
    ("tcp://[::1:5555", OpenBracket, "[::1:5555"),
    ("tcp://[::1]x:5555", BadHost, "[::1]x:5555"),
    ("tcp://::1]:5555", BadHost, "::1]"),
    ("tcp://::1", BadHost, ":"),
    ("tcp://fe80::1%:5555", BadHost, "fe80::1%"),
    ("tcp://127.0.0.1 :5555", BadHost, "127.0.0.1 "),
    ("tcp://127.0.0.1/8:5555", BadHost, "127.0.0.1/8"),
    (
        "tcp://127.0.0.1:1;127.0.0.1:2;127.0.0.1:3",
        BadHost,
        "127.0.0.1:1;127.0.0.1",
    ),
    ("udp://", NoHost, ""),
    ("udp://127.0.0.1", NoPort, ""),
    ("udp://eth0;239.0.0.1", NoPort, ""),
    ("udp://;239.0.0.1:5555", NoHost, ""),
    ("udp://127.0.0.1:70000", PortTooLarge, "70000"),
    ("ws://127.0.0.1", NoPort, ""),
    ("ws://127.0.0.1/path", NoPort, ""),
    ("ws://127.0.0.1/path:80", NoPort, ""),
    ("ws://:80/path", NoHost, ""),
    ("ws://127.0.0.1:99999/path", PortTooLarge, "99999"),
    ("wss://127.0.0.1:x/path", BadPort, "x"),
    ("tipc://", BadService, ""),
    ("tipc://5560,0,0", BadService, "5560,0,0"),
    ("tipc://{5560}", BadService, "{5560}"),
    ("tipc://{5560,0,0", BadService, "{5560,0,0"),
    ("tipc://{5560,0,0,0}", BadService, "{5560,0,0,0}"),
    ("tipc://{5560,7,3}", BadService, "{5560,7,3}"),
    ("tipc://{5560,a}", BadService, "{5560,a}"),
    ("tipc://{5560,4294967296}", BadService, "{5560,4294967296}"),
    ("tipc://{5560,0}@1.2", BadService, "1.2"),
    ("tipc://{63,0,0}", ReservedService, "{63,0,0}"),
    ("tipc://{64,0}", ReservedService, "{64,0}"),
    ("tipc://<1.2:3>", BadService, "<1.2:3>"),
    ("tipc://<1.2.3>", BadService, "<1.2.3>"),
    ("pgm://239.192.0.1:7500", NoInterface, ""),
    ("pgm://eth0;239.192.0.1", NoPort, ""),
    ("epgm://eth0;239.192.0.1:*", Wildcard, "*"),
    ("epgm://eth0;:7500", NoHost, ""),
    ("norm://x,eth0;239.192.0.1:7500", BadNumber, "x"),
    ("norm://eth0;239.192.0.1", NoPort, ""),
    ("vmci://", NoHost, ""),
    ("vmci://2", NoPort, ""),
    ("vmci://2:", NoPort, ""),
    ("vmci://:5555", NoHost, ""),
    ("vmci://x:5555", BadNumber, "x"),
    ("vmci://2:@", BadNumber, "@"),
    ("vmci://2:4294967296", BadNumber, "4294967296"),
];

/// What is accepted: the endpoint, its host, port, path and source.
type Parts = (
    Option<&'static str>,
    Option<u16>,
    Option<&'static str>,
    Option<&'static str>,
);
const RIGHT: &[(&str, Parts)] = &[
    ("inproc://name", (None, None, Some("name"), None)),
    ("inproc:// a b://c ", (None, None, Some(" a b://c "), None)),
    ("ipc:///tmp/feed", (None, None, Some("/tmp/feed"), None)),
    (
        "ipc://relative file",
        (None, None, Some("relative file"), None),
    ),
    ("ipc://@abstract", (None, None, Some("@abstract"), None)),
    ("ipc://*", (None, None, Some("*"), None)),
    ("tcp://*:*", (Some("*"), None, None, None)),
    ("tcp://127.0.0.1:0", (Some("127.0.0.1"), None, None, None)),
    (
        "tcp://127.0.0.1:65535",
        (Some("127.0.0.1"), Some(65535), None, None),
    ),
    (
        "tcp://127.0.0.1:0080",
        (Some("127.0.0.1"), Some(80), None, None),
    ),
    (
        "tcp://localhost:5555",
        (Some("localhost"), Some(5555), None, None),
    ),
    (
        "tcp://my_host.example.org:1",
        (Some("my_host.example.org"), Some(1), None, None),
    ),
    ("tcp://eth0:1", (Some("eth0"), Some(1), None, None)),
    // An interface's second address.
    (
        "tcp://eth0:1:5555",
        (Some("eth0:1"), Some(5555), None, None),
    ),
    ("tcp://[::1]:5555", (Some("::1"), Some(5555), None, None)),
    ("tcp://[::]:*", (Some("::"), None, None, None)),
    (
        "tcp://[::ffff:127.0.0.1]:1",
        (Some("::ffff:127.0.0.1"), Some(1), None, None),
    ),
    (
        "tcp://[fe80::1%eth0]:1",
        (Some("fe80::1%eth0"), Some(1), None, None),
    ),
    (
        "tcp://[fe80::1%3]:1",
        (Some("fe80::1%3"), Some(1), None, None),
    ),
    ("tcp://[*]:1", (Some("*"), Some(1), None, None)),
    ("tcp://::1:5555", (Some("::1"), Some(5555), None, None)),
    (
        "tcp://10.0.0.1:0;10.0.0.2:5555",
        (Some("10.0.0.2"), Some(5555), None, Some("10.0.0.1:0")),
    ),
    (
        "tcp://[::1]:*;[::1]:5555",
        (Some("::1"), Some(5555), None, Some("[::1]:*")),
    ),
    ("udp://*:5555", (Some("*"), Some(5555), None, None)),
    (
        "udp://eth0;239.0.0.1:5555",
        (Some("239.0.0.1"), Some(5555), None, Some("eth0")),
    ),
    (
        "udp://[ff02::1]:5555",
        (Some("ff02::1"), Some(5555), None, None),
    ),
    (
        "ws://127.0.0.1:80",
        (Some("127.0.0.1"), Some(80), None, None),
    ),
    (
        "ws://127.0.0.1:*/a:1/b",
        (Some("127.0.0.1"), None, Some("/a:1/b"), None),
    ),
    (
        "wss://[::1]:443/",
        (Some("::1"), Some(443), Some("/"), None),
    ),
    ("tipc://{5560,0,0}", (None, None, None, None)),
    ("tipc://{64, 3, 7}", (None, None, None, None)),
    ("tipc://{65,0}", (None, None, None, None)),
    ("tipc://{5560,0}@1.2.3", (None, None, None, None)),
    ("tipc://<1.2.3:4>", (None, None, None, None)),
    ("tipc://<*>", (None, None, None, None)),
    (
        "pgm://eth0;239.192.0.1:7500",
        (Some("239.192.0.1"), Some(7500), None, Some("eth0")),
    ),
    (
        "pgm://;[fe80::1%en0]:7500",
        (Some("fe80::1%en0"), Some(7500), None, Some("")),
    ),
    (
        "norm://1,eth0;239.0.0.1:7",
        (Some("239.0.0.1"), Some(7), None, Some("eth0")),
    ),
    (
        "norm://239.0.0.1:7",
        (Some("239.0.0.1"), Some(7), None, None),
    ),
    ("vmci://2:70000", (Some("2"), None, None, None)),
    ("vmci://@:*", (Some("@"), None, None, None)),
];

#[test]
fn what_is_wrong_is_said() {
    for &(text, problem, part) in WRONG {
        let error = parse(text).unwrap_err();
        assert_eq!((error.problem(), error.part()), (problem, part), "{text:?}");
        assert_eq!(error.endpoint(), text);
        assert!(text[error.position()..].starts_with(part), "{text:?}");
        assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
    }
    // Where something is missing.
    for (text, position) in [
        ("tcp://127.0.0.1", 15),
        ("tcp://:5555", 6),
        ("ws://127.0.0.1/path", 14),
        ("tcp://[::1]", 11),
    ] {
        assert_eq!(parse(text).unwrap_err().position(), position, "{text}");
    }
    assert_eq!(
        parse("tcp://127.0.0.1").unwrap_err().to_string(),
        r#"endpoint "tcp://127.0.0.1": the port is missing, at byte 15"#
    );
    assert_eq!(
        parse("tpc://[::1]:1").unwrap_err().to_string(),
        r#"endpoint "tpc://[::1]:1": there is no such transport: "tpc" at byte 0; is it "tcp"?"#
    );
}

#[test]
fn a_misspelt_transport_is_recognised() {
    for (name, meant) in [
        ("TCP", Some(Transport::Tcp)),
        ("tpc", Some(Transport::Tcp)),
        ("tcp6", Some(Transport::Tcp)),
        ("in-proc", Some(Transport::Inproc)),
        ("inporc", Some(Transport::Inproc)),
        ("ip", Some(Transport::Ipc)),
        ("w", Some(Transport::Ws)),
        ("wsss", Some(Transport::Wss)),
        ("http", None),
        ("quic", None),
        ("é", None),
    ] {
        let error = parse(&format!("{name}://x")).unwrap_err();
        assert_eq!(error.suggestion(), meant, "{name}");
    }
    assert_eq!(parse("tcp://").unwrap_err().suggestion(), None);
}

#[test]
fn parts_are_told() {
    for &(text, parts) in RIGHT {
        let endpoint = parse(text).unwrap();
        let (host, port) = (endpoint.host(), endpoint.port());
        assert_eq!(
            (host, port, endpoint.path(), endpoint.source()),
            parts,
            "{text}"
        );
        assert_eq!(
            endpoint.transport().name(),
            text.split("://").next().unwrap()
        );
        assert_eq!(
            format!("{}://{}", endpoint.transport(), endpoint.address()),
            text
        );
        assert_eq!(endpoint.to_string(), text);
    }
}

#[test]
fn endpoints_are_values() {
    use std::collections::HashSet;

    let endpoint = parse("tcp://[::1]:5555").unwrap();
    assert_eq!(
        endpoint,
        Endpoint::try_from(String::from("tcp://[::1]:5555")).unwrap()
    );
    assert_eq!(endpoint, Endpoint::tcp("::1", 5555).unwrap());
    assert_eq!(endpoint, Endpoint::tcp("[::1]", 5555).unwrap());
    assert_eq!(endpoint, "[::1]:5555".parse::<SocketAddr>().unwrap().into());
    assert_eq!(HashSet::from([endpoint.clone(), endpoint.clone()]).len(), 1);
    assert_eq!(format!("{endpoint:?}"), r#"Endpoint("tcp://[::1]:5555")"#);
    assert_eq!(format!("{endpoint:>18}"), "  tcp://[::1]:5555");
    assert_eq!(endpoint.as_ref().len(), 16);
    assert_eq!(String::from(endpoint), "tcp://[::1]:5555");

    for (address, text) in [
        ("1.2.3.4:0", "tcp://1.2.3.4:0"),
        ("[fe80::1%3]:80", "tcp://[fe80::1%3]:80"),
        ("[::ffff:1.2.3.4]:80", "tcp://[::ffff:1.2.3.4]:80"),
        ("[::]:80", "tcp://[::]:80"),
    ] {
        let address: SocketAddr = address.parse().unwrap();
        assert_eq!(Endpoint::from(address).as_str(), text);
    }
}

#[test]
fn parts_make_endpoints() {
    assert_eq!(&*Endpoint::tcp("*", 0).unwrap(), "tcp://*:*");
    assert_eq!(&*Endpoint::inproc("a:b").unwrap(), "inproc://a:b");
    assert_eq!(&*Endpoint::ipc("/run/x").unwrap(), "ipc:///run/x");
    for (wrong, problem) in [
        (Endpoint::tcp("", 1), NoHost),
        (Endpoint::tcp("a b", 1), BadHost),
        (Endpoint::tcp("[::1", 1), OpenBracket),
        (Endpoint::tcp("a\0", 1), NulByte),
        // No part brings other parts along.
        (Endpoint::tcp("[a]:1;b", 1), BadHost),
        (Endpoint::tcp("a:1;b", 1), OpenBracket),
        (Endpoint::inproc(""), NoName),
        (Endpoint::ipc(""), NoPath),
        (Endpoint::ipc("a\0"), NulByte),
        (Endpoint::ipc("x".repeat(1000)), PathTooLong),
    ] {
        assert_eq!(wrong.unwrap_err().problem(), problem);
    }
}

#[cfg(unix)]
#[test]
fn a_path_must_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let error = Endpoint::ipc(OsStr::from_bytes(b"/tmp/\xff")).unwrap_err();
    assert_eq!(error.problem(), NotUtf8);
    assert_eq!(error.part(), "/tmp/\u{fffd}");
}

#[test]
fn the_linked_libzmq_may_lack_a_transport() {
    for &(text, _) in RIGHT {
        let endpoint = parse(text).unwrap();
        let transport = endpoint.transport();
        if transport.is_built_in() {
            continue;
        }
        for checked in [endpoint.check_bind(), endpoint.check_connect()] {
            let error = checked.unwrap_err();
            assert_eq!(
                (error.problem(), error.part()),
                (NotBuiltIn, transport.name())
            );
            assert_eq!(Error::from(error), Error::EPROTONOSUPPORT);
        }
        let socket = Context::new().socket(Dealer).unwrap();
        assert_eq!(
            socket.bind(&endpoint),
            Err(Error::EPROTONOSUPPORT),
            "{text}"
        );
        assert_eq!(
            socket.connect(&endpoint),
            Err(Error::EPROTONOSUPPORT),
            "{text}"
        );
    }
    assert!(Transport::Tcp.is_built_in() && Transport::Inproc.is_built_in());
}

#[test]
fn some_are_for_one_side_only() {
    let problem = |checked: Result<(), EndpointError>| {
        checked
            .err()
            .map(|error| (error.problem(), error.part().to_owned()))
    };
    let fault = |problem, part: &str| Some((problem, part.to_owned()));
    for (text, bind, connect) in [
        ("tcp://*:5555", None, fault(Wildcard, "*")),
        ("tcp://[*]:5555", None, fault(Wildcard, "*")),
        ("tcp://127.0.0.1:*", None, fault(Wildcard, "*")),
        ("tcp://127.0.0.1:0", None, fault(Wildcard, "0")),
        ("tcp://127.0.0.1:5555", None, None),
        (
            "tcp://127.0.0.1:*;127.0.0.1:1",
            fault(Source, "127.0.0.1:*"),
            None,
        ),
        ("tcp://_dmz:5555", None, fault(BadHost, "_")),
        ("tcp://ethé:5555", None, fault(BadHost, "é")),
        ("inproc://*", None, None),
        ("udp://*:5555", None, fault(Wildcard, "*")),
        ("udp://eth0;239.0.0.1:5555", None, None),
    ] {
        let endpoint = parse(text).unwrap();
        assert_eq!(problem(endpoint.check_bind()), bind, "bind {text}");
        assert_eq!(problem(endpoint.check_connect()), connect, "connect {text}");
        assert_eq!(
            endpoint.has_wildcard(),
            connect.is_some_and(|(problem, _)| problem == Wildcard),
            "{text}"
        );
    }
    if Transport::Ipc.is_built_in() {
        let endpoint = parse("ipc://*").unwrap();
        assert_eq!(endpoint.check_bind(), Ok(()));
        assert_eq!(problem(endpoint.check_connect()), fault(Wildcard, "*"));
    }
    if Transport::Tipc.is_built_in() {
        let endpoint = parse("tipc://<1.2.3:4>").unwrap();
        assert_eq!(
            problem(endpoint.check_bind()),
            fault(PortIdentity, "<1.2.3:4>")
        );
        assert_eq!(endpoint.check_connect(), Ok(()));
        let endpoint = parse("tipc://<*>").unwrap();
        assert_eq!(endpoint.check_bind(), Ok(()));
        assert_eq!(problem(endpoint.check_connect()), fault(Wildcard, "<*>"));
    }
}

/// How the linked libzmq binds and connects: a name that is taken is well formed.
fn libzmq_takes(context: &Context, endpoint: &str) -> (bool, bool) {
    let takes = |result| matches!(result, Ok(()) | Err(Error::EADDRINUSE | Error::EACCES));
    let [binding, connecting] = [(); 2].map(|()| context.socket(Dealer).unwrap());
    connecting.set_linger(0).unwrap();
    (
        takes(binding.bind(endpoint)),
        takes(connecting.connect(endpoint)),
    )
}

#[test]
fn libzmq_refuses_what_is_refused() {
    timed(|| {
        let context = Context::new();
        for &(text, problem, _) in WRONG {
            let takes = libzmq_takes(&context, text);
            // The exceptions, as the documentation of `Endpoint` gives them.
            let expected = match (text, problem) {
                // It takes the digits it finds, if these characters may be in a
                // host when it connects.
                ("tcp://127.0.0.1:5555x", _) => (true, true),
                ("tcp://127.0.0.1:5555/path", _) => (true, false),
                ("tcp://127.0.0.1: 5555" | "tcp://127.0.0.1:+5555", _) => (true, false),
                // It looks for them later.
                (
                    "tcp://:5555"
                    | "tcp://[]:5555"
                    | "tcp://127.0.0.1:0;:5555"
                    | "tcp://127.0.0.1;127.0.0.1:5555"
                    | "tcp://127.0.0.1:00"
                    | "tcp://127.0.0.1:65536;127.0.0.1:1"
                    | "tcp://[::1]"
                    | "tcp://[::1:5555"
                    | "tcp://[::1]x:5555"
                    | "tcp://::1]:5555"
                    | "tcp://::1"
                    | "tcp://fe80::1%:5555"
                    | "tcp://127.0.0.1:1;127.0.0.1:2;127.0.0.1:3",
                    _,
                ) => (false, true),
                // It reads no further than the third number, and numbers of 32
                // bits. Few machines could bind to it.
                ("tipc://{5560,0,0" | "tipc://{5560,0,0,0}" | "tipc://{5560,4294967296}", _)
                    if Transport::Tipc.is_built_in() =>
                {
                    (takes.0, true)
                }
                _ => (false, false),
            };
            assert_eq!(takes, expected, "{text:?}");
        }
    });
}

#[test]
fn what_libzmq_takes_is_an_endpoint() {
    timed(|| {
        let context = Context::new();
        let connects_ipc = Transport::Ipc.is_built_in();
        let long = |prefix: &str, len| format!("{prefix}{}", "x".repeat(len));
        let mut endpoints: Vec<String> = RIGHT.iter().map(|(text, _)| text.to_string()).collect();
        endpoints.extend([inproc(), ipc(), long("inproc://", 5000)]);
        // Around the most that a path may have, on every system.
        for len in 90..120 {
            endpoints.push(long("ipc://@", len));
            endpoints.push(long("ipc:///no-such-folder/", len));
            endpoints.push(long("ipc://*", len));
        }
        for text in endpoints {
            let parsed = parse(&text);
            if text.starts_with("ipc://relative") {
                continue; // would be left in this folder
            }
            let (binds, connects) = libzmq_takes(&context, &text);
            assert!(parsed.is_ok() || !(binds || connects), "{text}");
            // The longest path is the same.
            if text.starts_with("ipc://") && !text.starts_with("ipc://*") && connects_ipc {
                assert_eq!(parsed.is_ok(), connects, "{text}");
            }
            // Where we see no reason against it, libzmq connects; what is multicast
            // is not for this type of socket.
            if parsed.is_ok_and(|endpoint| endpoint.check_connect().is_ok()) {
                let multicast = ["udp", "pgm", "epgm", "norm"];
                let transport = text.split("://").next().unwrap();
                assert!(connects || multicast.contains(&transport), "{text}");
            }
        }
    });
}

#[test]
fn where_a_socket_is_bound_is_an_endpoint() {
    timed(|| {
        let context = Context::new();
        for text in [
            "tcp://127.0.0.1:*",
            "tcp://*:*",
            "tcp://lo:*",
            "tcp://[::1]:*",
            "tcp://*:0",
            "ipc://*",
            "ws://127.0.0.1:*",
            "ws://127.0.0.1:*/path",
            &inproc(),
            &ipc(),
        ] {
            let endpoint = parse(text).unwrap();
            let socket = context.socket(Dealer).unwrap();
            socket.set_ipv6(text.contains("::")).unwrap();
            match socket.bind(&endpoint) {
                Err(Error::EPROTONOSUPPORT) => continue,
                // Not every machine has IPv6, or this interface.
                Err(Error::EADDRNOTAVAIL | Error::ENODEV | Error::Other(_)) => continue,
                other => other.unwrap(),
            }
            let bound = socket.get_last_endpoint().unwrap().unwrap();
            let bound = Endpoint::try_from(bound).unwrap();
            assert_eq!(bound.transport(), endpoint.transport());
            assert!(!bound.has_wildcard() || text.contains("*:"), "{bound}");
            let is_ip = bound.host().is_some();
            assert_eq!(bound.port().is_some(), is_ip, "{bound}");
            assert_eq!(bound.check_connect(), Ok(()), "{bound}");
        }
    });
}

#[test]
fn endpoints_are_what_sockets_take() {
    timed(|| {
        let context = Context::new();
        let (server, client) = (
            context.socket(zmq::Rep).unwrap(),
            context.socket(zmq::Req).unwrap(),
        );
        let anywhere = Endpoint::tcp("127.0.0.1", 0).unwrap();
        let endpoint = parse(&bind(&server, &anywhere)).unwrap();
        client.connect(&endpoint).unwrap();
        client.send("hello", 0).unwrap();
        assert_eq!(server.recv_bytes(0).unwrap(), b"hello");
        client.disconnect(&endpoint).unwrap();
        server.unbind(&endpoint).unwrap();
    });
}

#[test]
fn errors_become_libzmqs() {
    fn endpoint(text: &str) -> zmq::Result<Endpoint> {
        Ok(text.parse::<Endpoint>()?)
    }
    let long = format!("ipc:///{}", "x".repeat(1000));
    for (text, error) in [
        ("tcp://127.0.0.1", Error::EINVAL),
        ("http://127.0.0.1", Error::EPROTONOSUPPORT),
        (&long, Error::ENAMETOOLONG),
    ] {
        assert_eq!(endpoint(text), Err(error));
        let socket = Context::new().socket(Dealer).unwrap();
        assert_eq!(socket.connect(text), Err(error), "{text}");
    }
}

/// libzmq refuses them, and leaves in errno what was there: `EAGAIN`, mostly.
#[test]
fn malformed_tipc_addresses_have_an_error_of_their_own() {
    let context = Context::new();
    let socket = context.socket(Dealer).unwrap();
    let error = match Transport::Tipc.is_built_in() {
        true => Error::EINVAL,
        false => Error::EPROTONOSUPPORT,
    };
    for text in ["tipc://nonsense", "tipc://{1,2,3}", "tipc://{5560,7,3}"] {
        assert_eq!(socket.bind(text), Err(error), "{text}");
        assert_eq!(socket.connect(text), Err(error), "{text}");
    }
    context.shutdown().unwrap();
    assert_eq!(socket.bind("tipc://nonsense"), Err(Error::ETERM));
}

/// Whatever the text, there is no panic, and what is an endpoint stays as it is.
#[test]
fn any_text_can_be_read() {
    let pieces: Vec<&str> = RIGHT
        .iter()
        .map(|(text, _)| *text)
        .chain("tcp://|ws://|udp://|tipc://|vmci://|norm://|://|:|;|[|]|{|}|<|>|*|@|%|/|,|.|-1|0|80|65536|::1|127.0.0.1|é|🦀| |\0|".split('|'))
        .collect();
    let mut noise = noise(85);
    let mut next = move |below: usize| {
        let (high, low) = (noise.next().unwrap(), noise.next().unwrap());
        usize::from(u16::from_be_bytes([high, low])) % below
    };
    let mut accepted = 0;
    for _ in 0..50_000 {
        let mut text = String::new();
        for _ in 0..=next(5) {
            text += pieces[next(pieces.len())];
        }
        // And cut somewhere.
        let cut = next(text.len() + 1);
        if next(2) == 0 && text.is_char_boundary(cut) {
            text.truncate(cut);
        }
        match parse(&text) {
            Ok(endpoint) => {
                accepted += 1;
                assert_eq!(endpoint.to_string(), text);
                assert_eq!(parse(&text), Ok(endpoint.clone()));
                let parts = [endpoint.host(), endpoint.path(), endpoint.source()];
                assert!(parts.into_iter().flatten().all(|part| text.contains(part)));
                for checked in [endpoint.check_bind(), endpoint.check_connect()] {
                    if let Err(error) = checked {
                        assert!(error.to_string().contains(error.part()) || text.contains('\0'));
                    }
                }
            }
            Err(error) => {
                assert_eq!(error.endpoint(), text);
                assert!(!error.to_string().is_empty());
                assert!(text[error.position()..].starts_with(error.part()));
                error.suggestion();
            }
        }
    }
    assert!(accepted > 1000, "{accepted}");
}
