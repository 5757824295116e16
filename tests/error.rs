//! Errors: numbers, texts, conversions.

use std::error::Error as _;
use std::io::{self, ErrorKind};

use zmq::Error;

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
    let text = Error::EFSM.to_string();
    assert_eq!(
        text,
        "Operation cannot be accomplished in current state (EFSM): A REQ socket must receive \
         the reply before it sends again; a REP socket must receive a request before it sends"
    );
    assert_eq!(
        format!("{:?}", Error::EBUSY),
        "EBUSY: Device or resource busy"
    );
    assert_eq!(Error::EBUSY.to_string(), "Device or resource busy");
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
