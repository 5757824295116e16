//! Answers to libzmq about a peer: they are read as RFC 27 says, and have in them what
//! was decided.

#![no_main]

use libfuzzer_sys::fuzz_target;
use zmq::auth::Reason;
use zmq::fuzzing::ZapRequest;
use zmq::Multipart;
use zmq_fuzz::{frames, pairs};

/// What only libzmq says of a peer.
const RESERVED: &str = "identity peer-address resource routing-id socket-type user-id";

// The first byte says why, the first frame what the function said, or who the peer is;
// the rest are properties.
fuzz_target!(|bytes: &[u8]| {
    let Some((&why, rest)) = bytes.split_first() else {
        return;
    };
    let frames = frames(rest);
    let Some((words, rest)) = frames.split_first() else {
        return;
    };
    let properties = pairs(rest);
    let words = String::from_utf8_lossy(words).into_owned();
    let (expected, reason, user_id) = match why % 5 {
        0 => ("200", Reason::Allowed, Some(words.clone())),
        1 => ("400", Reason::Denied(words), None),
        2 => ("300", Reason::NotNow(words), None),
        3 => ("500", Reason::CertificatesUnreadable(words), None),
        _ => ("400", Reason::UnknownKey, None),
    };
    let request = ZapRequest::read(Multipart::from(["1.0", "17", "", "::1", "", "NULL"]));
    let [version, id, status, text, user, metadata] =
        request.answer(reason, user_id.clone(), &properties);
    assert_eq!(
        (&version[..], &id[..], &status[..]),
        (&b"1.0"[..], &b"17"[..], expected.as_bytes())
    );
    assert!(!String::from_utf8(text)
        .unwrap()
        .contains(['\n', '\r', '\0']));
    assert_eq!(user, user_id.unwrap_or_default().as_bytes());

    let is_written = |(name, _): &(&str, &str)| {
        let is_reserved = RESERVED
            .split(' ')
            .any(|reserved| reserved == name.to_lowercase());
        !is_reserved && !name.starts_with("__") && (1..256).contains(&name.len())
    };
    let expected: Vec<_> = properties.into_iter().filter(is_written).collect();
    assert_eq!(read(&metadata), expected);
});

/// ZMTP's properties: a byte and a name of that length, four bytes and a value.
fn read(mut bytes: &[u8]) -> Vec<(&str, &str)> {
    let mut properties = Vec::new();
    while let [length, rest @ ..] = bytes {
        let (name, rest) = rest.split_at((*length).into());
        let (length, rest) = rest.split_first_chunk().unwrap();
        let (value, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        properties.push((
            std::str::from_utf8(name).unwrap(),
            std::str::from_utf8(value).unwrap(),
        ));
        bytes = rest;
    }
    properties
}
