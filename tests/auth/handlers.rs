//! ZAP handlers that programs write themselves, and what libzmq makes of nonsense.

use std::thread;

use zmq::{Context, MonitorEventKind, ProtocolError, Pull, Push, Rep, Socket, ZapStatus};

use crate::common::{bind_tcp, say, timed, Monitor};
use crate::{curve_client, curve_server, keys, login, NULL, PLAIN};

/// Connects one client to a server with such a handler, and says how the handshake
/// ended for the server. No message arrives.
fn outcome(
    context: &Context,
    server: impl FnOnce(&Socket<Pull>),
    client: impl FnOnce(&Socket<Push>),
) -> MonitorEventKind {
    let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
    server(&pull);
    client(&push);
    push.set_linger(0).unwrap();
    push.set_reconnect_ivl(-1).unwrap();
    let events = Monitor::new(&pull);
    push.connect(&bind_tcp(&pull)).unwrap();
    say(&push, "an intruder");
    let outcome = events.handshake();
    assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(zmq::Error::EAGAIN));
    outcome
}

#[test]
fn answers_that_are_nonsense_let_nobody_in() {
    let keys = keys::<2>();
    timed(move || {
        let protocol = |error| MonitorEventKind::HandshakeFailedProtocol { error };
        let auth = |status| MonitorEventKind::HandshakeFailedAuth { status };
        for (answer, expected) in [
            (
                &["1.0", "1", "300", "", "", ""][..],
                auth(ZapStatus::TemporaryError),
            ),
            (
                &["1.0", "1", "400", "", "", ""],
                auth(ZapStatus::AuthenticationFailure),
            ),
            (
                &["1.0", "1", "500", "", "", ""],
                auth(ZapStatus::InternalError),
            ),
            (
                &["1.0", "1", "201", "", "", ""],
                protocol(ProtocolError::ZapInvalidStatusCode),
            ),
            (
                &["1.0", "1", "600", "", "", ""],
                protocol(ProtocolError::ZapInvalidStatusCode),
            ),
            (
                &["1.0", "1", "", "", "", ""],
                protocol(ProtocolError::ZapInvalidStatusCode),
            ),
            (
                &["1.0", "2", "200", "", "", ""],
                protocol(ProtocolError::ZapBadRequestId),
            ),
            (
                &["2.0", "1", "200", "", "", ""],
                protocol(ProtocolError::ZapBadVersion),
            ),
            (
                &["1.0", "1", "200", "", "", "?"],
                protocol(ProtocolError::ZapInvalidMetadata),
            ),
            (
                &["1.0", "1", "200", "", ""],
                protocol(ProtocolError::ZapMalformedReply),
            ),
            (
                &["1.0", "1", "200", "", "", "", ""],
                protocol(ProtocolError::ZapMalformedReply),
            ),
            (&["200"], protocol(ProtocolError::ZapMalformedReply)),
            (&[""], protocol(ProtocolError::ZapMalformedReply)),
        ] {
            let context = Context::new();
            let handler = context.socket(Rep).unwrap();
            handler.bind("inproc://zeromq.zap.01").unwrap();
            let answers = thread::spawn(move || {
                while handler.recv_multipart(0).is_ok() {
                    let _ = handler.send_multipart(answer, 0);
                }
            });
            let null = outcome(&context, NULL, |_| {});
            assert_eq!(null, expected, "{answer:?}");
            let plain = outcome(&context, PLAIN, login("mallory", "?"));
            assert_eq!(plain, expected, "{answer:?}");
            if let Some([server, client]) = &keys {
                let curve = outcome(&context, curve_server(server), curve_client(client, server));
                assert_eq!(curve, expected, "{answer:?}");
            }
            context.shutdown().unwrap();
            answers.join().unwrap();
        }
    });
}

/// One that has died takes the door with it, unless the server has a domain and
/// insists.
#[test]
fn a_handler_that_is_gone_lets_nobody_in_where_one_is_required() {
    #[cfg(feature = "draft")]
    let keys = keys::<2>();
    timed(move || {
        let context = Context::new();
        let handler = context.socket(Rep).unwrap();
        handler.bind("inproc://zeromq.zap.01").unwrap();
        let dies = thread::spawn(move || {
            let _request = handler.recv_multipart(0).unwrap();
            panic!("a panic that the test wants");
        });
        // Is asked, and does not answer.
        let silent = outcome(
            &context,
            |server| {
                PLAIN(server);
                server.set_handshake_ivl(200).unwrap();
            },
            login("mallory", "?"),
        );
        let sent_away = matches!(silent, MonitorEventKind::HandshakeFailedNoDetail { .. });
        assert!(sent_away, "{silent:?}");
        assert!(dies.join().is_err());

        let nobody = MonitorEventKind::HandshakeFailedNoDetail {
            error: zmq::Error::EFAULT,
        };
        assert_eq!(outcome(&context, PLAIN, login("mallory", "?")), nobody);
        // What requires a handler everywhere is in libzmq's draft API.
        #[cfg(feature = "draft")]
        let insists = |server: &Socket<Pull>| {
            server.set_zap_domain("test").unwrap();
            server.set_zap_enforce_domain(true).unwrap();
        };
        #[cfg(feature = "draft")]
        assert_eq!(outcome(&context, insists, |_| {}), nobody);
        #[cfg(feature = "draft")]
        if let Some([server_keys, client_keys]) = &keys {
            let curve = |server: &Socket<Pull>| {
                curve_server(server_keys)(server);
                insists(server);
            };
            let client = curve_client(client_keys, server_keys);
            assert_eq!(outcome(&context, curve, client), nobody);
        }
    });
}
