//! Monitors: every event is provoked, and no order of dropping and stopping
//! makes libzmq wait for a reader that is gone.

mod common;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use common::{bind_tcp, inproc, timed, LIMIT};
use zmq::{
    Context, Error, Kind, MonitorEvent, MonitorEventKind, MonitorSocket, Pair, ProtocolError, Pull,
    Push, Rep, Req, Socket, SocketEvent, ZapStatus, POLLIN,
};
use MonitorEventKind::*;

const ALL: i32 = SocketEvent::ALL as i32;

fn watch<K: Kind>(socket: &Socket<K>) -> MonitorSocket {
    socket.monitor_socket(ALL).unwrap()
}

#[track_caller]
fn next(monitor: &MonitorSocket) -> MonitorEvent {
    monitor.recv_timeout(LIMIT / 2).expect("no event in time")
}

/// The next event that `wanted` picks something from; others pass.
#[track_caller]
fn find<T>(
    monitor: &MonitorSocket,
    wanted: impl Fn(&MonitorEventKind) -> Option<T>,
) -> (T, MonitorEvent) {
    loop {
        let event = next(monitor);
        if let Some(found) = wanted(&event.kind) {
            return (found, event);
        }
    }
}

/// The next event of the given kind: its value, and its endpoint as text.
macro_rules! find {
    ($monitor:expr, $kind:ident) => {
        find($monitor, |kind| (*kind == $kind).then_some(()))
            .1
            .endpoint()
            .into_owned()
    };
    ($monitor:expr, $kind:ident.$field:ident) => {{
        let (value, event) = find($monitor, |kind| match kind {
            $kind { $field } => Some(*$field),
            _ => None,
        });
        (value, event.endpoint().into_owned())
    }};
}

/// Whether the number is an open file's.
fn is_open(fd: zmq_sys::RawFd) -> bool {
    #[cfg(unix)]
    // SAFETY: asks for flags.
    return unsafe { libc::fcntl(fd, libc::F_GETFD) } != -1;
    #[cfg(windows)]
    return fd != !0;
}

#[test]
fn numbers_are_libzmqs() {
    let events = [
        (SocketEvent::CONNECTED, 0x1),
        (SocketEvent::CONNECT_DELAYED, 0x2),
        (SocketEvent::CONNECT_RETRIED, 0x4),
        (SocketEvent::LISTENING, 0x8),
        (SocketEvent::BIND_FAILED, 0x10),
        (SocketEvent::ACCEPTED, 0x20),
        (SocketEvent::ACCEPT_FAILED, 0x40),
        (SocketEvent::CLOSED, 0x80),
        (SocketEvent::CLOSE_FAILED, 0x100),
        (SocketEvent::DISCONNECTED, 0x200),
        (SocketEvent::MONITOR_STOPPED, 0x400),
        (SocketEvent::HANDSHAKE_FAILED_NO_DETAIL, 0x800),
        (SocketEvent::HANDSHAKE_SUCCEEDED, 0x1000),
        (SocketEvent::HANDSHAKE_FAILED_PROTOCOL, 0x2000),
        (SocketEvent::HANDSHAKE_FAILED_AUTH, 0x4000),
        (SocketEvent::ALL, 0xffff),
    ];
    for raw in 0..=u16::MAX {
        let event = events.iter().find(|(_, number)| *number == raw);
        let event = event.map(|(event, _)| *event);
        assert_eq!(SocketEvent::try_from(raw), event.ok_or(Error::EINVAL));
        assert_eq!(
            SocketEvent::from_raw(raw),
            event.unwrap_or(SocketEvent::ALL)
        );
    }
    for (event, raw) in events {
        assert_eq!((event.to_raw(), event as u16), (raw, raw));
    }
}

#[test]
fn protocol_errors_and_statuses_are_libzmqs() {
    for raw in (0x1000_0000..0x1000_0020)
        .chain(0x1100_0000..0x1100_0004)
        .chain(0x2000_0000..0x2000_0008)
        .chain(0x3000_0000..0x3000_0002)
    {
        let error = ProtocolError::from_raw(raw);
        assert_eq!(error.to_raw(), raw);
        let named = matches!(
            raw,
            0x1000_0000..=0x1000_0003
                | 0x1000_0011..=0x1000_0018
                | 0x1100_0001..=0x1100_0002
                | 0x2000_0000..=0x2000_0005
                | 0x3000_0000
        );
        assert_eq!(error != ProtocolError::Other(raw), named, "{raw:#x}");
        assert_eq!(error.to_string().contains("0x"), !named, "{error}");
    }
    for (raw, status) in [
        (300, ZapStatus::TemporaryError),
        (400, ZapStatus::AuthenticationFailure),
        (500, ZapStatus::InternalError),
        (200, ZapStatus::Other(200)),
    ] {
        assert_eq!((ZapStatus::from_raw(raw), status.to_raw()), (status, raw));
    }
}

#[test]
fn a_connection_comes_and_goes() {
    timed(|| {
        let context = Context::new();
        let (server, client) = (context.socket(Rep).unwrap(), context.socket(Req).unwrap());
        let (server_side, client_side) = (watch(&server), watch(&client));

        let endpoint = bind_tcp(&server);
        let (listener, at) = find!(&server_side, Listening.fd);
        assert_eq!(at, endpoint);
        assert!(is_open(listener));

        client.connect(&endpoint).unwrap();
        assert_eq!(next(&client_side).kind, ConnectDelayed);
        let (fd, at) = find!(&client_side, Connected.fd);
        assert_eq!(at, endpoint);
        assert!(is_open(fd));
        assert_eq!(find!(&client_side, HandshakeSucceeded), endpoint);

        let (accepted, at) = find!(&server_side, Accepted.fd);
        assert_eq!(at, endpoint);
        assert!(is_open(accepted) && accepted != listener && accepted != fd);
        assert_eq!(find!(&server_side, HandshakeSucceeded), endpoint);

        drop(client);
        assert_eq!(find!(&client_side, MonitorStopped), "");
        assert_eq!(
            find!(&server_side, Disconnected.fd),
            (accepted, endpoint.clone())
        );
        server.unbind(&endpoint).unwrap();
        assert_eq!(find!(&server_side, Closed.fd), (listener, endpoint));

        server.stop_monitor().unwrap();
        assert_eq!(find!(&server_side, MonitorStopped), "");
        assert_eq!(server_side.recv(zmq::DONTWAIT), Err(Error::EAGAIN));
    });
}

#[test]
fn a_failed_bind_says_why() {
    timed(|| {
        let context = Context::new();
        let (first, second) = (context.socket(Rep).unwrap(), context.socket(Rep).unwrap());
        let endpoint = bind_tcp(&first);
        let monitor = watch(&second);
        // What `bind` itself says, libzmq may overwrite when it reports the event.
        let error = second.bind(&endpoint).unwrap_err();
        assert!(matches!(error, Error::EADDRINUSE | Error::EAGAIN));
        let (error, at) = find!(&monitor, BindFailed.error);
        assert_eq!(error, Error::EADDRINUSE);
        assert_eq!(format!("tcp://{at}"), endpoint);
    });
}

#[cfg(unix)]
#[test]
fn attempts_to_connect_are_counted_out() {
    timed(|| {
        let client = Context::new().socket(Req).unwrap();
        client.set_reconnect_ivl(20).unwrap();
        let monitor = watch(&client);
        let endpoint = common::ipc(); // where nobody is
        client.connect(&endpoint).unwrap();
        for _ in 0..3 {
            let (fd, at) = find!(&monitor, Closed.fd);
            assert!(fd > 2);
            assert_eq!(at, endpoint);
            let (interval, at) = find!(&monitor, ConnectRetried.interval);
            // libzmq adds up to as much again, by chance.
            assert!((20..40).contains(&interval.as_millis()), "{interval:?}");
            assert_eq!(at, endpoint);
        }
    });
}

#[test]
fn a_connection_that_is_not_accepted_is_an_event() {
    timed(|| {
        let context = Context::new();
        let mut server = context.socket(Rep).unwrap();
        let nobody_here = b"10.11.12.13";
        // SAFETY: the socket is open, and libzmq reads as many bytes.
        let rc = unsafe {
            zmq_sys::zmq_setsockopt(
                server.as_mut_ptr(),
                zmq_sys::ZMQ_TCP_ACCEPT_FILTER as i32,
                nobody_here.as_ptr().cast(),
                nobody_here.len(),
            )
        };
        assert_eq!(rc, 0);
        let monitor = watch(&server);
        let endpoint = bind_tcp(&server);
        let _client = tcp(&endpoint);
        let (error, at) = find!(&monitor, AcceptFailed.error);
        // What an earlier call left behind: libzmq has no error of its own here.
        assert_eq!(Error::from_raw(error.to_raw()), error);
        assert_eq!(at, endpoint);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_listener_whose_file_is_gone_fails_to_close() {
    timed(|| {
        let server = Context::new().socket(Rep).unwrap();
        let monitor = watch(&server);
        let endpoint = common::bind(&server, "ipc://*");
        assert_eq!(find!(&monitor, Listening.fd).1, endpoint);
        let file = std::path::Path::new(endpoint.strip_prefix("ipc://").unwrap());
        std::fs::remove_file(file).unwrap();
        server.unbind(&endpoint).unwrap();
        assert_eq!(
            find!(&monitor, CloseFailed.error),
            (Error::ENOENT, endpoint.clone())
        );
        let _ = std::fs::remove_dir(file.parent().unwrap());
    });
}

/// A connection that does not speak ZMTP.
fn tcp(endpoint: &str) -> TcpStream {
    TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap()
}

/// What a ZMTP 3.0 peer with the mechanism NULL begins with.
fn greeting() -> Vec<u8> {
    let mut greeting = b"\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL".to_vec();
    greeting.resize(64, 0);
    greeting
}

#[test]
fn handshakes_fail_with_strangers() {
    timed(|| {
        let server = Context::new().socket(Rep).unwrap();
        let monitor = watch(&server);
        let endpoint = bind_tcp(&server);

        // One that leaves.
        let stranger = tcp(&endpoint);
        stranger.shutdown(Shutdown::Write).unwrap();
        let (error, at) = find!(&monitor, HandshakeFailedNoDetail.error);
        #[cfg(unix)]
        assert_eq!(error, Error::from_raw(libc::EPIPE));
        assert_ne!(error.to_raw(), 0);
        assert_eq!(at, endpoint);
        assert_eq!(find!(&monitor, Disconnected.fd).1, endpoint);

        // Ones that break the protocol.
        for (command, expected) in [
            (&b"\x03FOO"[..], ProtocolError::ZmtpUnexpectedCommand),
            (b"\x05ERROR", ProtocolError::ZmtpMalformedError),
        ] {
            let mut stranger = tcp(&endpoint);
            stranger.write_all(&greeting()).unwrap();
            stranger.write_all(&[4, command.len() as u8]).unwrap();
            stranger.write_all(command).unwrap();
            let failed = find!(&monitor, HandshakeFailedProtocol.error);
            assert_eq!(failed, (expected, endpoint.clone()));
            assert_eq!(find!(&monitor, Disconnected.fd).1, endpoint);
            // The server hangs up, with or without a word before.
            let _ = stranger.read_to_end(&mut Vec::new());
        }
    });
}

#[test]
fn a_handshake_of_two_mechanisms_fails() {
    timed(|| {
        let context = Context::new();
        let (server, client) = (context.socket(Rep).unwrap(), context.socket(Req).unwrap());
        server.set_plain_server(true).unwrap();
        let (server_side, client_side) = (watch(&server), watch(&client));
        let endpoint = bind_tcp(&server);
        client.connect(&endpoint).unwrap();
        for monitor in [&server_side, &client_side] {
            assert_eq!(
                find!(monitor, HandshakeFailedProtocol.error),
                (ProtocolError::ZmtpMechanismMismatch, endpoint.clone())
            );
        }
    });
}

#[test]
fn who_is_not_let_in_learns_the_status() {
    timed(|| {
        for (status, server_sees, client_sees) in [
            ("300", ZapStatus::TemporaryError, None),
            (
                "400",
                ZapStatus::AuthenticationFailure,
                Some(ZapStatus::AuthenticationFailure),
            ),
            (
                "500",
                ZapStatus::InternalError,
                Some(ZapStatus::InternalError),
            ),
        ] {
            let context = Context::new();
            let handler = context.socket(Rep).unwrap();
            handler.bind("inproc://zeromq.zap.01").unwrap();
            let answering = thread::spawn(move || {
                while let Ok(request) = handler.recv_multipart(0) {
                    let reply = [
                        &request[0][..],
                        &request[1],
                        status.as_bytes(),
                        b"",
                        b"",
                        b"",
                    ];
                    let _ = handler.send_multipart(reply, 0);
                }
            });
            let (server, client) = (context.socket(Rep).unwrap(), context.socket(Req).unwrap());
            server.set_plain_server(true).unwrap();
            server.set_zap_domain("monitor").unwrap();
            client.set_plain_username(Some("guest")).unwrap();
            client.set_plain_password(Some("secret")).unwrap();
            let (server_side, client_side) = (watch(&server), watch(&client));
            let endpoint = bind_tcp(&server);
            client.connect(&endpoint).unwrap();
            assert_eq!(
                find!(&server_side, HandshakeFailedAuth.status),
                (server_sees, endpoint.clone())
            );
            if let Some(status) = client_sees {
                assert_eq!(
                    find!(&client_side, HandshakeFailedAuth.status),
                    (status, endpoint)
                );
            }
            context.shutdown().unwrap();
            answering.join().unwrap();
        }
    });
}

#[test]
fn only_the_events_asked_for_come() {
    timed(|| {
        let server = Context::new().socket(Rep).unwrap();
        let monitor = server.monitor_socket(SocketEvent::CLOSED as i32).unwrap();
        let endpoint = bind_tcp(&server);
        server.unbind(&endpoint).unwrap();
        assert!(matches!(next(&monitor).kind, Closed { .. }));
        server.stop_monitor().unwrap();
        assert_eq!(next(&monitor).kind, MonitorStopped);

        for wrong in [0x1_0000, -1] {
            assert_eq!(server.monitor_socket(wrong).unwrap_err(), Error::EINVAL);
        }
    });
}

/// Sends the frames as a monitor would, and returns what arrives.
fn feed(frames: &[&[u8]]) -> zmq::Result<MonitorEvent> {
    let context = Context::new();
    let sender = context.socket(Pair).unwrap();
    let endpoint = inproc();
    sender.bind(&endpoint).unwrap();
    let monitor = MonitorSocket::connect(&context, &endpoint).unwrap();
    sender.send_multipart(frames, 0).unwrap();
    monitor.recv_timeout(LIMIT / 2)
}

/// The first frame of an event.
fn head(event: u16, value: u32) -> Vec<u8> {
    [&event.to_ne_bytes()[..], &value.to_ne_bytes()].concat()
}

#[test]
fn unknown_events_and_values_are_kept() {
    timed(|| {
        let event = feed(&[&head(0x8000, u32::MAX), b"tcp://somewhere"]).unwrap();
        let values = vec![u64::from(u32::MAX)];
        let unknown = Unknown {
            event: 0x8000,
            values,
        };
        assert_eq!((&event.kind, event.kind.to_raw()), (&unknown, 0x8000));
        assert_eq!(event.endpoint(), "tcp://somewhere");

        let kind = |event, value| feed(&[&head(event, value), b""]).unwrap().kind;
        let error = ProtocolError::Other(77);
        assert_eq!(kind(0x2000, 77), HandshakeFailedProtocol { error });
        let status = ZapStatus::Other(404);
        assert_eq!(kind(0x4000, 404), HandshakeFailedAuth { status });
        let error = Error::Other(12345);
        assert_eq!(kind(0x40, 12345), AcceptFailed { error });
        assert_eq!(kind(0x40, 12345).to_raw(), 0x40);
    });
}

#[test]
fn endpoints_need_not_be_text() {
    timed(|| {
        let path = b"ipc:///tmp/\xff\xfe";
        let event = feed(&[&head(1, 5), path]).unwrap();
        assert_eq!(event.kind, Connected { fd: 5 });
        assert_eq!(event.endpoint_bytes(), path);
        assert_eq!(event.endpoint(), "ipc:///tmp/\u{fffd}\u{fffd}");
        assert_eq!(event.ends(), None);
        let text = format!("{event:?}");
        assert!(text.contains("fd: 5") && text.contains("/tmp/"), "{text}");
    });
}

#[test]
fn events_of_version_2_name_both_ends() {
    timed(|| {
        let [event, none, one, two, many] = [1, 0, 1, 2, u64::MAX].map(u64::to_ne_bytes);
        let connected = feed(&[&event, &one, &one, b"local", b"remote"]).unwrap();
        assert_eq!(connected.kind, Connected { fd: 1 });
        assert_eq!(connected.ends(), Some((&b"local"[..], &b"remote"[..])));
        assert_eq!(connected.endpoint(), "remote");
        let text = format!("{connected:?}");
        assert!(text.contains(r#"local: "local""#), "{text}");
        let bound = feed(&[&event, &one, &one, b"local", b""]).unwrap();
        assert_eq!(bound.endpoint(), "local");

        // Another number of values than the event has.
        let kind = |frames: &[&[u8]]| feed(frames).unwrap().kind;
        let unknown = |values| Unknown { event: 1, values };
        assert_eq!(kind(&[&event, &none, b"", b""]), unknown(vec![]));
        assert_eq!(
            kind(&[&event, &two, &one, &two, b"", b""]),
            unknown(vec![1, 2])
        );

        for malformed in [
            &[&event[..], &one, &one, b"local"][..],
            &[&event, &two, &one, b"", b""],
            &[&event, &many, &one, b"", b""],
            &[&event, &many, b"", b""],
            &[&event, &one, b"short", b"", b""],
            &[&event, b"short", b"", b""],
            &[b"short", &none, b"", b""],
        ] {
            assert_eq!(feed(malformed), Err(Error::EPROTO), "{malformed:?}");
        }
    });
}

#[test]
fn what_is_no_event_is_an_error() {
    timed(|| {
        let good = head(1, 5);
        for malformed in [
            &[&b""[..]][..],
            &[&good],
            &[&good[..5], b"endpoint"],
            &[&[&good[..], b"x"].concat(), b"endpoint"],
            &[b"", b""],
            &[&good, b"endpoint", b"more"],
        ] {
            assert_eq!(feed(malformed), Err(Error::EPROTO), "{malformed:?}");
        }
    });
}

#[test]
fn a_malformed_event_does_not_end_the_rest() {
    timed(|| {
        let context = Context::new();
        let (sender, reader) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        let endpoint = inproc();
        sender.bind(&endpoint).unwrap();
        reader.connect(&endpoint).unwrap();
        let monitor = MonitorSocket::from_socket(reader);
        sender.send("no event", 0).unwrap();
        sender.send_multipart([head(0x400, 0), vec![]], 0).unwrap();
        let mut events = monitor.iter();
        assert_eq!(events.next(), Some(Err(Error::EPROTO)));
        assert_eq!(events.next().unwrap().unwrap().kind, MonitorStopped);
        assert_eq!(events.next(), None);
    });
}

#[test]
fn events_are_polled_and_waited_for() {
    timed(|| {
        let server = Context::new().socket(Rep).unwrap();
        let monitor = watch(&server);
        let mut items = [monitor.as_poll_item(POLLIN), server.as_poll_item(POLLIN)];
        assert_eq!(zmq::poll(&mut items, 0), Ok(0));
        assert_eq!(monitor.recv(zmq::DONTWAIT), Err(Error::EAGAIN));
        for none in [Duration::ZERO, Duration::from_micros(1)] {
            assert_eq!(monitor.recv_timeout(none), Err(Error::EAGAIN));
        }

        bind_tcp(&server);
        assert_eq!(zmq::poll(&mut items, -1), Ok(1));
        assert!(items[0].is_readable() && items[0].has_socket(monitor.as_socket()));
        assert!(matches!(
            monitor.recv_timeout(Duration::MAX).unwrap().kind,
            Listening { .. }
        ));
        monitor.as_socket().set_rcvtimeo(1).unwrap();
        assert_eq!(monitor.recv(0), Err(Error::EAGAIN));
    });
}

/// Runs `end` while another thread goes through the events; returns the last.
fn last_event(end: impl FnOnce(Socket<Rep>, Context)) -> Option<MonitorEventKind> {
    let context = Context::new();
    let server = context.socket(Rep).unwrap();
    let monitor = watch(&server);
    let reading = thread::spawn(move || {
        let events = (&monitor).into_iter().map(|event| event.unwrap().kind);
        events.last()
    });
    end(server, context);
    reading.join().unwrap()
}

#[test]
fn the_events_end() {
    timed(|| {
        let stopped = last_event(|server, _context| server.stop_monitor().unwrap());
        assert_eq!(stopped, Some(MonitorStopped));
        let dropped = last_event(|server, context| {
            drop(context);
            drop(server);
        });
        assert_eq!(dropped, Some(MonitorStopped));
        last_event(|server, mut context| {
            context.shutdown().unwrap();
            drop(server);
            context.destroy().unwrap();
        });
    });
}

/// Whether the context's I/O thread and reaper still work, and the socket too.
fn is_well(context: &Context, server: &Socket<Rep>) {
    let endpoint = bind_tcp(server);
    for _ in 0..2 {
        let client = context.socket(Req).unwrap();
        client.connect(&endpoint).unwrap();
        client.send("question", 0).unwrap();
        assert_eq!(server.recv_bytes(0).unwrap(), b"question");
        server.send("answer", 0).unwrap();
        assert_eq!(client.recv_bytes(0).unwrap(), b"answer");
    }
    server.unbind(&endpoint).unwrap();
}

#[test]
fn a_dropped_monitor_stops_nothing() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Rep).unwrap();
        is_well(&context, &server);
        drop(watch(&server));
        is_well(&context, &server);

        // In another thread, with unread events, while more happens.
        let monitor = watch(&server);
        bind_tcp(&server);
        let dropping = thread::spawn(move || drop(monitor));
        is_well(&context, &server);
        dropping.join().unwrap();
        is_well(&context, &server);

        // After its socket, whose connections are then closed.
        let monitor = watch(&server);
        let _client = tcp(&bind_tcp(&server));
        drop(server);
        drop(monitor);
        is_well(&context, &context.socket(Rep).unwrap());
    });
}

#[test]
fn a_socket_and_its_monitor_are_dropped_at_once() {
    timed(|| {
        let context = Context::new();
        for _ in 0..200 {
            let server = context.socket(Rep).unwrap();
            let monitor = watch(&server);
            let _client = tcp(&bind_tcp(&server));
            let dropping = thread::spawn(move || drop(monitor));
            drop(server);
            dropping.join().unwrap();
        }
        is_well(&context, &context.socket(Rep).unwrap());
    });
}

#[cfg(unix)]
#[test]
fn a_forked_child_leaves_the_monitor_alone() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Rep).unwrap();
        let monitor = watch(&server);

        // SAFETY: the child drops what it inherited, and ends by `_exit`.
        let child = unsafe { libc::fork() };
        assert_ne!(child, -1);
        if child == 0 {
            // SAFETY: a plain system call; a child that hangs ends by the alarm.
            unsafe { libc::alarm(LIMIT.as_secs() as u32) };
            drop(monitor);
            server.into_raw();
            drop(context);
            // SAFETY: as above.
            unsafe { libc::_exit(0) };
        }
        let mut status = 0;
        // SAFETY: waits for the child above.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert!(libc::WIFEXITED(status), "the child died: {status:#x}");

        let endpoint = bind_tcp(&server);
        assert_eq!(next(&monitor).endpoint(), endpoint);
        is_well(&context, &server);
    });
}

#[test]
fn nobody_waits_for_a_slow_reader() {
    timed(|| {
        let context = Context::new();
        let (first, second) = (context.socket(Rep).unwrap(), context.socket(Rep).unwrap());
        let endpoint = bind_tcp(&first);
        let monitor = watch(&second);
        // More than the default marks of both ends, 2000, together.
        for _ in 0..3000 {
            second.bind(&endpoint).unwrap_err();
        }
        is_well(&context, &second);
        for _ in 0..3000 {
            assert_eq!(find!(&monitor, BindFailed.error).0, Error::EADDRINUSE);
        }
    });
}

#[test]
fn a_socket_has_one_monitor_at_a_time() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Rep).unwrap();
        server.stop_monitor().unwrap(); // There is none.
        let first = watch(&server);
        let second = watch(&server);
        assert_eq!(next(&first).kind, MonitorStopped);
        drop(first);
        // That is not the end of the second.
        let endpoint = bind_tcp(&server);
        assert_eq!(find!(&second, Listening.fd).1, endpoint);

        // One that cannot start ends it, like one that does.
        let taken = context.socket(Pair).unwrap();
        let name = inproc();
        taken.bind(&name).unwrap();
        assert_eq!(server.monitor(&name, ALL), Err(Error::EADDRINUSE));
        assert_eq!(next(&second).kind, MonitorStopped);
        drop(second);
        is_well(&context, &server);
    });
}

#[test]
fn a_monitor_may_be_started_by_hand() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Rep).unwrap();
        for name in [inproc(), inproc()] {
            server.monitor(&name, ALL).unwrap();
            let monitor = MonitorSocket::connect(&context, &name).unwrap();
            let endpoint = bind_tcp(&server);
            assert_eq!(find!(&monitor, Listening.fd).1, endpoint);
            server.stop_monitor().unwrap();
            assert_eq!(next(&monitor).kind, MonitorStopped);
        }
        is_well(&context, &server);
    });
}

#[test]
fn a_monitor_ends_when_its_socket_is_given_away() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Rep).unwrap();
        let monitor = watch(&server);
        let raw = server.into_raw();
        assert_eq!(next(&monitor).kind, MonitorStopped);
        // SAFETY: it came from `into_raw`, and nobody else has it.
        let server = unsafe { Socket::from_raw(raw) };
        let again = watch(&server);
        drop(monitor);
        let endpoint = bind_tcp(&server);
        assert_eq!(find!(&again, Listening.fd).1, endpoint);
    });
}

#[test]
fn a_socket_from_outside_has_no_context_for_a_monitor() {
    timed(|| {
        // SAFETY: plain calls of libzmq, closed in order.
        unsafe {
            let context = zmq_sys::zmq_ctx_new();
            let open = |kind| Socket::from_raw(zmq_sys::zmq_socket(context, kind as i32));
            let (server, events) = (open(zmq_sys::ZMQ_REP), open(zmq_sys::ZMQ_PAIR));
            assert_eq!(server.monitor_socket(ALL).unwrap_err(), Error::EFAULT);
            // By hand it can have one.
            let name = inproc();
            server.monitor(&name, ALL).unwrap();
            events.connect(&name).unwrap();
            let monitor = MonitorSocket::from_socket(events);
            let endpoint = bind_tcp(&server);
            assert_eq!(find!(&monitor, Listening.fd).1, endpoint);
            drop(server);
            assert_eq!(find!(&monitor, MonitorStopped), "");
            drop(monitor);
            assert_eq!(zmq_sys::zmq_ctx_term(context), 0);
        }
    });
}

#[test]
fn a_context_that_was_shut_down_monitors_nothing() {
    timed(|| {
        let context = Context::new();
        let (server, other) = (context.socket(Rep).unwrap(), context.socket(Rep).unwrap());
        let monitor = watch(&server);
        context.shutdown().unwrap();
        assert_eq!(other.monitor_socket(ALL).unwrap_err(), Error::ETERM);
        assert!(monitor.iter().all(|event| event.is_ok()));
    });
}

#[cfg(feature = "draft")]
mod draft {
    use super::*;

    const ALL_V2: u64 = zmq_sys::ZMQ_EVENT_ALL_V2 as u64;

    #[test]
    fn a_connection_is_told_by_both_ends() {
        timed(|| {
            let context = Context::new();
            let (server, client) = (context.socket(Rep).unwrap(), context.socket(Req).unwrap());
            let server_side = server.monitor_socket_v2(ALL_V2).unwrap();
            let client_side = client.monitor_socket_v2(ALL_V2).unwrap();
            let endpoint = bind_tcp(&server);
            let listening = next(&server_side);
            assert!(matches!(listening.kind, Listening { fd } if is_open(fd)));
            assert_eq!(listening.ends(), Some((endpoint.as_bytes(), &b""[..])));

            client.connect(&endpoint).unwrap();
            let delayed = next(&client_side);
            assert_eq!(delayed.kind, ConnectDelayed);
            assert_eq!(delayed.ends(), Some((&b""[..], endpoint.as_bytes())));
            let is = |kind: &MonitorEventKind| (*kind == HandshakeSucceeded).then_some(());
            let at_client = find(&client_side, is).1;
            let at_server = find(&server_side, is).1;
            let (here, there) = at_client.ends().unwrap();
            assert_eq!(there, endpoint.as_bytes());
            assert_eq!(at_server.ends(), Some((there, here)));

            drop(server);
            assert_eq!(find!(&server_side, MonitorStopped), "");
        });
    }

    #[test]
    fn a_publishing_monitor_needs_no_reader() {
        timed(|| {
            let context = Context::new();
            let server = context.socket(Rep).unwrap();
            server
                .monitor_versioned(&inproc(), ALL_V2, 2, zmq::PUB)
                .unwrap();
            is_well(&context, &server);
            let name = inproc();
            server
                .monitor_versioned(&name, ALL as u64, 1, zmq::PUSH)
                .unwrap();
            let reader = context.socket(Pull).unwrap();
            reader.connect(&name).unwrap();
            let monitor = MonitorSocket::from_socket(reader);
            let endpoint = bind_tcp(&server);
            assert_eq!(find!(&monitor, Listening.fd).1, endpoint);
            drop(server);
            assert_eq!(find!(&monitor, MonitorStopped), "");
        });
    }

    #[test]
    fn wrong_monitors_are_refused() {
        let server = Context::new().socket(Rep).unwrap();
        let name = inproc();
        for (endpoint, events, version, kind, error) in [
            (&name[..], 1, 0, zmq::PAIR, Error::EINVAL),
            (&name, 1, 3, zmq::PAIR, Error::EINVAL),
            (&name, 1, 2, zmq::REP, Error::EINVAL),
            (&name, ALL_V2, 1, zmq::PAIR, Error::EINVAL),
            ("a\0b", 1, 2, zmq::PAIR, Error::EINVAL),
            ("tcp://*:*", 1, 2, zmq::PAIR, Error::EPROTONOSUPPORT),
        ] {
            let refused = server.monitor_versioned(endpoint, events, version, kind);
            assert_eq!(
                refused,
                Err(error),
                "{endpoint:?} {events} {version} {kind:?}"
            );
        }
    }

    /// One of them is the socket's; none reaches for it when it is gone.
    #[test]
    fn threads_that_share_a_socket_may_all_watch_it() {
        timed(|| {
            let context = Context::new();
            for _ in 0..100 {
                let server = context.socket(zmq::Server).unwrap();
                let monitors: Vec<_> = thread::scope(|scope| {
                    let starting: Vec<_> = (0..4)
                        .map(|_| scope.spawn(|| server.monitor_socket(ALL)))
                        .collect();
                    starting.into_iter().map(|t| t.join().unwrap()).collect()
                });
                let monitors: Vec<_> = monitors.into_iter().map(Result::unwrap).collect();
                drop(server);
                for monitor in monitors {
                    let last = monitor.iter().last().unwrap().unwrap();
                    assert_eq!(last.kind, MonitorEventKind::MonitorStopped);
                }
            }
        });
    }

    #[test]
    fn the_lengths_of_queues_come_when_asked_for() {
        timed(|| {
            let context = Context::new();
            let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
            let endpoint = bind_tcp(&pull);
            if !cfg!(zmq_vendored) {
                assert_eq!(push.monitor_pipes_stats(), Err(Error::ENOTSUP));
                return;
            }
            assert_eq!(push.monitor_pipes_stats(), Err(Error::EINVAL));
            let monitor = push.monitor_socket_v2(ALL as u64).unwrap();
            assert_eq!(push.monitor_pipes_stats(), Err(Error::EINVAL));
            drop(monitor);
            let monitor = push.monitor_socket_v2(ALL_V2).unwrap();
            assert_eq!(push.monitor_pipes_stats(), Err(Error::EAGAIN));
            let shared = context.socket(zmq::Client).unwrap();
            assert_eq!(shared.monitor_pipes_stats(), Err(Error::ENOTSUP));

            push.connect(&endpoint).unwrap();
            find!(&monitor, HandshakeSucceeded);
            for _ in 0..3 {
                push.send("message", 0).unwrap();
            }
            push.monitor_pipes_stats().unwrap();
            let stats = loop {
                // The socket must be used for the event to come.
                push.get_events().unwrap();
                match monitor.recv_timeout(Duration::from_millis(1)) {
                    Err(Error::EAGAIN) => {}
                    event => break event.unwrap(),
                }
            };
            let (outbound, inbound) = (3, 0);
            assert_eq!(stats.kind, PipesStats { outbound, inbound });
            assert_eq!(stats.kind.to_raw(), zmq_sys::ZMQ_EVENT_PIPES_STATS.into());
            assert_eq!(stats.endpoint(), endpoint);
        });
    }

    /// The other end of a connection that is over may be freed; libzmq asked it all the same
    /// (pipe.cpp, send_stats_to_peer).
    #[cfg(zmq_vendored)]
    #[test]
    fn the_lengths_of_queues_are_asked_for_while_peers_leave() {
        timed(|| {
            let context = Context::new();
            let pull = context.socket(Pull).unwrap();
            let endpoint = bind_tcp(&pull);
            let stats = zmq_sys::ZMQ_EVENT_PIPES_STATS as u64;
            let monitor = pull.monitor_socket_v2(stats).unwrap();
            for _ in 0..300 {
                let peers: Vec<_> = (0..4)
                    .map(|_| {
                        let push = context.socket(Push).unwrap();
                        push.connect(&endpoint).unwrap();
                        push.send("hello", 0).unwrap();
                        push
                    })
                    .collect();
                for _ in &peers {
                    pull.recv_bytes(0).unwrap();
                }
                drop(peers);
                // The ends of the connections are worked off, one by one.
                for _ in 0..20 {
                    let _ = pull.recv_bytes(zmq::DONTWAIT);
                    let asked = pull.monitor_pipes_stats();
                    assert!(matches!(asked, Ok(()) | Err(Error::EAGAIN)), "{asked:?}");
                    while let Ok(event) = monitor.recv_timeout(Duration::ZERO) {
                        let (outbound, inbound) = (0, 1);
                        assert_eq!(event.kind, PipesStats { outbound, inbound });
                    }
                }
            }
        });
    }
}
