//! Questions of libzmq to the authenticator: who asks is who the frames say, and only
//! what is a question is taken for one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use zmq::auth::{Claim, Reason};
use zmq::fuzzing::ZapRequest;
use zmq::Multipart;
use zmq_fuzz::frames;

fuzz_target!(|bytes: &[u8]| {
    let frames = frames(bytes);
    let request = ZapRequest::read(Multipart::from(frames.clone()));
    let frame = |i: usize| frames.get(i).map_or(&b""[..], |frame| frame);
    let text = |i| String::from_utf8_lossy(frame(i));
    let is_name = |i| std::str::from_utf8(frame(i)).is_ok_and(|name| !name.contains('\0'));
    assert_eq!(request.peer().domain, text(2));
    assert_eq!(request.peer().address, text(3));
    assert_eq!(request.peer().routing_id, frame(4));
    // The answer repeats the id even of what is no question.
    let [version, id, ..] = request.answer(Reason::Allowed, None, &[]);
    assert_eq!((&version[..], &id[..]), (&b"1.0"[..], frame(1)));

    // As in RFC 27: six frames, and as many as the mechanism has after them.
    let is_asked = frames.len() >= 6 && frame(0) == b"1.0";
    let is_known = [&b"NULL"[..], b"PLAIN", b"CURVE", b"GSSAPI"].contains(&frame(5));
    let is_whole = match (frame(5), frames.len()) {
        (b"NULL", 6) => true,
        (b"PLAIN", 8) => is_name(6) && std::str::from_utf8(frame(7)).is_ok(),
        (b"CURVE", 7) => frame(6).len() == 32,
        (b"GSSAPI", 7) => is_name(6),
        _ => false,
    };
    let problem = match (is_asked, is_known, is_whole) {
        (false, ..) => Some(Reason::InvalidRequest),
        (_, false, _) => Some(Reason::UnknownMechanism),
        (.., false) => Some(Reason::InvalidCredentials),
        _ => None,
    };
    assert_eq!(request.problem(), problem.as_ref());
    match request.claim() {
        Claim::Null => assert!(is_asked && frame(5) == b"NULL"),
        Claim::Plain { username } => assert_eq!(*username, text(6)),
        Claim::Curve { public_key } => assert_eq!(public_key, frame(6)),
        Claim::Gssapi { principal } => assert_eq!(*principal, text(6)),
        Claim::Unknown { mechanism } => {
            assert_eq!(*mechanism, text(5));
            assert!(problem.is_some());
        }
        other => panic!("{other:?}"),
    }
    let is_plain = matches!(request.claim(), Claim::Plain { .. });
    let password = if is_plain { frame(7) } else { b"" };
    assert_eq!(
        request.password(),
        std::str::from_utf8(password).unwrap_or("")
    );
    // A log has one line of it, whatever it says.
    assert!(!format!("{}", request.claim()).contains(['\n', '\r', '\0']));
});
