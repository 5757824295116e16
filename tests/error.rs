//! Errors: numbers, texts, conversions.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use zmq::{Context, Error};

#[test]
fn numbers_come_back_as_they_were() {
    for raw in (-1..200)
        .chain(156_384_712..156_384_800)
        .chain([i32::MIN, i32::MAX])
    {
        let error = Error::from_raw(raw);
        let again = Error::from_raw(error.to_raw());
        assert_eq!(error, again, "{raw}");
        if let Error::Other(number) = error {
            assert_eq!(number, raw);
        }
    }
    assert_eq!(Error::from_raw(libc::EAGAIN), Error::EAGAIN);
    assert_eq!(Error::from_raw(zmq_sys::errno::EFSM), Error::EFSM);
    // What libzmq uses where a platform has no such number.
    assert_eq!(
        Error::from_raw(zmq_sys::errno::EADDRINUSE_ALT),
        Error::EADDRINUSE
    );
}

#[test]
fn texts_say_what_it_means_for_a_socket() {
    assert_eq!(Error::EINTR.message(), "Interrupted system call");
    for (error, text) in [
        (
            Error::EFSM,
            "Operation cannot be accomplished in current state (EFSM): A REQ socket must receive \
             the reply before it sends again, and send before it receives; a REP socket must \
             receive a request before it sends, and reply before it receives again",
        ),
        (
            Error::EINVAL,
            "Invalid argument (EINVAL): The endpoint is malformed (`zmq::Endpoint` says how), or \
             the option, the value or multipart messages are not for this socket",
        ),
        (
            Error::EHOSTUNREACH,
            "Host unreachable (EHOSTUNREACH): No peer with this routing id is connected",
        ),
        (
            Error::EADDRINUSE,
            "Address already in use (EADDRINUSE): Another socket is bound to this endpoint",
        ),
        (
            Error::ENODEV,
            "No such device (ENODEV): The endpoint names a network interface or address that this \
             machine does not have",
        ),
        (
            Error::ETERM,
            "Context was terminated (ETERM): The context was shut down or destroyed; the socket \
             can only be dropped now",
        ),
        (
            Error::ENOTSUP,
            "Operation not supported (ENOTSUP): Sockets of this type cannot do this, or libzmq was \
             built without CURVE",
        ),
        (
            Error::EPROTONOSUPPORT,
            "Protocol not supported (EPROTONOSUPPORT): libzmq was built without this transport, or \
             does not know it; a monitor's is inproc",
        ),
        (
            Error::ENOCOMPATPROTO,
            "The protocol is not compatible with the socket type (ENOCOMPATPROTO): PGM and NORM \
             are for publishers and subscribers, UDP is for RADIO, DISH and DGRAM",
        ),
        (
            Error::EFAULT,
            "Bad address (EFAULT): The context or an argument is not valid. Of a handshake that \
             failed: nobody is bound to `inproc://zeromq.zap.01` to authenticate peers",
        ),
        (
            Error::EINPROGRESS,
            "Operation in progress (EINPROGRESS): The connection is being made in the background, \
             as a monitor tells",
        ),
        (
            Error::ENOMEM,
            "Cannot allocate memory (ENOMEM): There is no memory left, or none for as many sockets \
             (`ZMQ_MAX_SOCKETS`)",
        ),
        (
            Error::EMTHREAD,
            "No thread available (EMTHREAD): The context has no I/O threads (`ZMQ_IO_THREADS`), or \
             none that the socket's affinity allows",
        ),
        (Error::EBUSY, "Device or resource busy"),
    ] {
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(
        format!("{:?}", Error::EBUSY),
        "EBUSY: Device or resource busy"
    );
}

/// That the texts say what happened, where they name more than one cause.
#[test]
fn libzmq_says_so() {
    let context = Context::new();
    let socket = |kind| context.socket(kind).unwrap();

    let (req, rep) = (socket(zmq::REQ), socket(zmq::REP));
    assert_eq!(req.recv_bytes(zmq::DONTWAIT), Err(Error::EFSM));
    assert_eq!(rep.send("reply", 0), Err(Error::EFSM));

    // No I/O thread at all, and none that is allowed: there is one, not two.
    let threadless = Context::new();
    threadless.set_io_threads(0).unwrap();
    let pair = threadless.socket(zmq::PAIR).unwrap();
    assert_eq!(pair.bind("tcp://127.0.0.1:*"), Err(Error::EMTHREAD));
    let pair = socket(zmq::PAIR);
    pair.set_affinity(0b10).unwrap();
    assert_eq!(pair.bind("tcp://127.0.0.1:*"), Err(Error::EMTHREAD));

    let router = socket(zmq::ROUTER);
    router.set_router_mandatory(true).unwrap();
    assert_eq!(
        router.send_multipart(["nobody", "hello"], 0),
        Err(Error::EHOSTUNREACH)
    );
    let stream = socket(zmq::STREAM);
    assert_eq!(
        stream.send_multipart(["nobody", "hello"], 0),
        Err(Error::EHOSTUNREACH)
    );

    assert_eq!(
        pair.bind("udp://127.0.0.1:5555"),
        Err(Error::ENOCOMPATPROTO)
    );
    assert_eq!(
        pair.monitor("tcp://127.0.0.1:*", 1),
        Err(Error::EPROTONOSUPPORT)
    );
    assert_eq!(pair.bind("tcp://no-such-nic:1"), Err(Error::EMTHREAD));
    assert_eq!(req.bind("tcp://no-such-nic:1"), Err(Error::ENODEV));
}

#[cfg(target_os = "linux")]
#[test]
fn an_unnamed_number_has_the_systems_text() {
    let error = Error::from_raw(libc::EDOM);
    assert_eq!(error, Error::Other(libc::EDOM));
    let text = error.to_string();
    assert!(
        text.starts_with("Numerical argument out of domain"),
        "{text}"
    );
    assert_eq!(error.message(), "Unnamed error number");
}

#[test]
fn an_io_error_keeps_it() {
    for (error, kind) in [
        (Error::ENOENT, ErrorKind::NotFound),
        (Error::EACCES, ErrorKind::PermissionDenied),
        (Error::ECONNREFUSED, ErrorKind::ConnectionRefused),
        (Error::ENOTCONN, ErrorKind::NotConnected),
        (Error::EADDRINUSE, ErrorKind::AddrInUse),
        (Error::EADDRNOTAVAIL, ErrorKind::AddrNotAvailable),
        (Error::EAGAIN, ErrorKind::WouldBlock),
        (Error::EINVAL, ErrorKind::InvalidInput),
        (Error::EINTR, ErrorKind::Interrupted),
        (Error::EFSM, ErrorKind::Other),
        (Error::Other(12345), ErrorKind::Other),
    ] {
        let io = io::Error::from(error);
        assert_eq!(io.kind(), kind);
        let kept = io.get_ref().unwrap().downcast_ref::<Error>();
        assert_eq!(kept, Some(&error));
        assert!(error.source().is_none());
    }
}
