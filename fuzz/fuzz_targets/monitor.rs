//! Messages of monitors: an event has all in it that the message has, and what is none is
//! refused.

#![no_main]

use std::os::fd::RawFd;

use libfuzzer_sys::fuzz_target;
use zmq::fuzzing::monitor_event;
use zmq::{Error, MonitorEventKind as Kind, SocketEvent};
use zmq_fuzz::frames;

fuzz_target!(|bytes: &[u8]| {
    let frames = frames(bytes);
    let Some(event) = monitor_event(&frames) else {
        assert!(!is_event(&frames), "{frames:?}");
        return;
    };
    assert!(is_event(&frames), "{event:?}");
    let (number, values) = match (&frames[..], event.ends()) {
        ([head, endpoint], None) => {
            assert_eq!(event.endpoint_bytes(), endpoint);
            let (number, value) = head.split_at(2);
            let value = u32::from_ne_bytes(value.try_into().unwrap());
            (
                u16::from_ne_bytes(number.try_into().unwrap()).into(),
                vec![value.into()],
            )
        }
        ([number, _, values @ .., one, other], Some((local, remote))) => {
            assert_eq!((&one[..], &other[..]), (local, remote));
            let end = if remote.is_empty() { local } else { remote };
            assert_eq!(event.endpoint_bytes(), end);
            (
                u64_of(number),
                values.iter().map(|value| u64_of(value)).collect(),
            )
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(event.kind.to_raw(), number);
    assert_eq!(
        event.endpoint(),
        String::from_utf8_lossy(event.endpoint_bytes())
    );
    if let Kind::Unknown { values: told, .. } = &event.kind {
        assert_eq!(*told, values);
        // A known number has other values than it should.
        assert!(known(number).is_none() || values.len() != 1);
    } else {
        let [value] = values[..] else {
            panic!("{event:?}");
        };
        has_value(&event.kind, value as u32);
    }
    if let Some(known) = known(number) {
        assert_eq!(u64::from(known.to_raw()), number);
    }
    assert!(format!("{event:?}").starts_with("MonitorEvent { kind: "));
});

/// Version 1: 2 bytes and 4, and an endpoint. Version 2: a number, how many values, the
/// values, each 8 bytes; and two endpoints.
fn is_event(frames: &[Vec<u8>]) -> bool {
    match frames {
        [head, _] => head.len() == 6,
        [number, count, values @ .., _, _] => {
            number.len() == 8
                && count[..] == (values.len() as u64).to_ne_bytes()
                && values.iter().all(|value| value.len() == 8)
        }
        _ => false,
    }
}

fn u64_of(frame: &[u8]) -> u64 {
    u64::from_ne_bytes(frame.try_into().unwrap())
}

/// The event of this number, if it is a single one.
fn known(number: u64) -> Option<SocketEvent> {
    let event = SocketEvent::try_from(u16::try_from(number).ok()?).ok()?;
    (event != SocketEvent::ALL).then_some(event)
}

/// Whether an event that has a value has this one.
fn has_value(kind: &Kind, value: u32) {
    match *kind {
        Kind::Connected { fd }
        | Kind::Listening { fd }
        | Kind::Accepted { fd }
        | Kind::Closed { fd }
        | Kind::Disconnected { fd } => assert_eq!(fd, value as RawFd),
        Kind::BindFailed { error }
        | Kind::AcceptFailed { error }
        | Kind::CloseFailed { error }
        | Kind::HandshakeFailedNoDetail { error } => {
            assert_eq!(error, Error::from_raw(value as i32))
        }
        Kind::ConnectRetried { interval } => assert_eq!(interval.as_millis() as u32, value),
        Kind::HandshakeFailedProtocol { error } => assert_eq!(error.to_raw(), value),
        Kind::HandshakeFailedAuth { status } => assert_eq!(status.to_raw(), value),
        _ => {}
    }
}
