//! Whatever goes wrong keeps peers out.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::Arc;
#[cfg(unix)]
use std::{
    thread,
    time::{Duration, Instant},
};

use zmq::auth::{Authenticator, Claim, CurveClients, Peer, Reason};
use zmq::{Context, MonitorEventKind, Pull, Req, Socket, ZapStatus};

use crate::common::{bind_tcp, timed};
use crate::{anybody, curve_client, curve_server, keys, log, login, Server, NULL, PLAIN};

#[test]
fn a_function_that_panics_lets_nobody_in() {
    timed(|| {
        let server = Server::new(PLAIN);
        server
            .auth
            .configure_plain_callback("*", |_, username, _| -> bool {
                match username {
                    "alice" => true,
                    _ => panic!("a panic that the test wants"),
                }
            })
            .unwrap();
        for _ in 0..2 {
            let decision = server.refuses(Reason::FunctionPanicked, login("mallory", "?"));
            assert_eq!(decision.status(), Some(ZapStatus::InternalError));
            // Nor does it keep others out.
            server.admits(login("alice", "?"));
        }
    });
}

/// What is not written down does not happen.
#[test]
fn a_log_that_panics_lets_nobody_in() {
    timed(|| {
        let server = Server::new(NULL);
        let (entries, log_) = mpsc::channel();
        server.auth.on_decision(move |decision| {
            entries.send(decision.clone()).unwrap();
            panic!("a panic that the test wants");
        });
        let client = server.client("an intruder", anybody);
        assert_eq!(log_.recv().unwrap().reason, Reason::Allowed);
        let status = ZapStatus::InternalError;
        let failed = MonitorEventKind::HandshakeFailedAuth { status };
        assert_eq!(client.events.handshake(), failed);
        let server = Server {
            log: log(&server.auth),
            ..server
        };
        assert_eq!(server.events.handshake(), failed);
        server.admits(anybody);
    });
}

/// A function that says when it is asked, and waits for what to answer.
fn waits_for_an_answer(server: &Server) -> (Receiver<()>, Sender<bool>) {
    let (asked, is_asked) = mpsc::channel();
    let (answer, answers) = mpsc::channel();
    let function = move |_: &Peer, _: &str, _: &str| {
        asked.send(()).unwrap();
        answers.recv().unwrap()
    };
    let auth = &server.auth;
    auth.configure_plain_callback::<bool>("*", function)
        .unwrap();
    (is_asked, answer)
}

/// Its answer comes when the peer was sent away.
#[test]
fn a_function_that_is_slow_lets_nobody_in() {
    timed(|| {
        let server = Server::new(|socket| {
            PLAIN(socket);
            socket.set_handshake_ivl(1000).unwrap();
        });
        let (is_asked, answer) = waits_for_an_answer(&server);
        let client = server.client("an intruder", login("mallory", "?"));
        is_asked.recv().unwrap();
        for events in [&server.events, &client.events] {
            let outcome = events.handshake();
            let sent_away = matches!(outcome, MonitorEventKind::HandshakeFailedNoDetail { .. });
            assert!(sent_away, "{outcome:?}");
        }
        // Too late.
        answer.send(true).unwrap();
        assert_eq!(server.decision().reason, Reason::Allowed);
        // The same function, in time.
        answer.send(true).unwrap();
        server.admits(login("alice", "?"));
    });
}

/// While a function is asked, the policy changes.
#[test]
fn what_changes_meanwhile_counts() {
    timed(|| {
        let server = Server::new(PLAIN);
        let (is_asked, answer) = waits_for_an_answer(&server);
        let client = server.client("an intruder", login("mallory", "?"));
        is_asked.recv().unwrap();
        server.auth.deny(["127.0.0.1"]).unwrap();
        answer.send(true).unwrap();
        assert_eq!(server.decision().reason, Reason::AddressDenied);
        let status = ZapStatus::AuthenticationFailure;
        let failed = MonitorEventKind::HandshakeFailedAuth { status };
        assert_eq!(client.events.handshake(), failed);
        assert_eq!(server.events.handshake(), failed);

        // Another one is to be asked by now.
        server.auth.reset_addresses();
        let client = server.client("an intruder", login("mallory", "?"));
        is_asked.recv().unwrap();
        server
            .auth
            .configure_plain_callback("*", |_, username, _| username == "alice")
            .unwrap();
        answer.send(true).unwrap();
        let denied = Reason::Denied("the function said no".into());
        assert_eq!(server.decision().reason, denied);
        assert_eq!(client.events.handshake(), failed);
        assert_eq!(server.events.handshake(), failed);

        // Another one that has nothing against the same peer.
        server.admits(login("alice", "?"));
    });
}

#[test]
fn a_function_may_change_the_policy() {
    timed(|| {
        let server = Server::new(PLAIN);
        let auth = Arc::downgrade(&server.auth);
        // Who fails once is not asked again.
        server
            .auth
            .configure_plain_callback("*", move |peer, _, password| {
                let allowed = password == "secret";
                if !allowed {
                    auth.upgrade().unwrap().deny([&peer.address]).unwrap();
                }
                allowed
            })
            .unwrap();
        server.admits(login("alice", "secret"));
        server.refuses(Reason::AddressDenied, login("mallory", "guess"));
        server.refuses(Reason::AddressDenied, login("mallory", "secret"));
        // A log that changes it, too.
        let auth = Arc::downgrade(&server.auth);
        server
            .auth
            .on_decision(move |_| auth.upgrade().unwrap().reset_addresses());
        let client = server.client("an intruder", login("mallory", "secret"));
        let status = ZapStatus::AuthenticationFailure;
        let failed = MonitorEventKind::HandshakeFailedAuth { status };
        assert_eq!(client.events.handshake(), failed);
        assert_eq!(server.events.handshake(), failed);
        let log = log(&server.auth);
        Server { log, ..server }.admits(login("alice", "secret"));
    });
}

/// Anybody in the process can ask, and need not be libzmq.
#[test]
fn questions_that_are_none_are_refused() {
    timed(|| {
        let context = Context::new();
        let auth = Authenticator::start(&context).unwrap();
        auth.configure_plain_callback("*", |_, _, _| true).unwrap();
        auth.configure_gssapi("*", ["alice@EXAMPLE.ORG"]).unwrap();
        auth.configure_curve("*", CurveClients::any()).unwrap();
        let log = log(&auth);
        let asks = context.socket(Req).unwrap();
        asks.connect("inproc://zeromq.zap.01").unwrap();

        let request = |mechanism: &'static [u8], credentials: &[&'static [u8]]| {
            let head: [&[u8]; 6] = [b"1.0", b"id", b"domain", b"1.2.3.4", b"", mechanism];
            [&head[..], credentials].concat()
        };
        let (ok, denied) = ("200", "400");
        for (question, status, reason) in [
            (request(b"NULL", &[]), ok, Reason::Allowed),
            (request(b"PLAIN", &[b"alice", b"x"]), ok, Reason::Allowed),
            (request(b"CURVE", &[&[7; 32]]), ok, Reason::Allowed),
            (
                request(b"GSSAPI", &[b"alice@EXAMPLE.ORG"]),
                ok,
                Reason::Allowed,
            ),
            (
                request(b"GSSAPI", &[b"bob@EXAMPLE.ORG"]),
                denied,
                Reason::UnknownPrincipal,
            ),
            (
                request(b"NULL", &[b"x"]),
                denied,
                Reason::InvalidCredentials,
            ),
            (
                request(b"PLAIN", &[b"alice"]),
                denied,
                Reason::InvalidCredentials,
            ),
            (
                request(b"PLAIN", &[b"alice", b"x", b"y"]),
                denied,
                Reason::InvalidCredentials,
            ),
            // Not to be taken for somebody else, by whom reads up to the NUL.
            (
                request(b"PLAIN", &[b"root\0x", b"x"]),
                denied,
                Reason::InvalidCredentials,
            ),
            (
                request(b"PLAIN", &[b"\xff", b"x"]),
                denied,
                Reason::InvalidCredentials,
            ),
            (
                request(b"PLAIN", &[b"alice", b"\xff"]),
                denied,
                Reason::InvalidCredentials,
            ),
            (
                request(b"CURVE", &[b"short"]),
                denied,
                Reason::InvalidCredentials,
            ),
            (request(b"CURVE", &[]), denied, Reason::InvalidCredentials),
            (
                request(b"GSSAPI", &[b"a\0"]),
                denied,
                Reason::InvalidCredentials,
            ),
            (request(b"GSSAPI", &[]), denied, Reason::InvalidCredentials),
            (request(b"null", &[]), denied, Reason::UnknownMechanism),
            (request(b"", &[]), denied, Reason::UnknownMechanism),
            (
                vec![b"2.0", b"id", b"", b"", b"", b"NULL"],
                denied,
                Reason::InvalidRequest,
            ),
            (
                vec![b"1.0", b"id", b"", b"", b""],
                denied,
                Reason::InvalidRequest,
            ),
            (vec![b"1.0"], denied, Reason::InvalidRequest),
            (vec![b""], denied, Reason::InvalidRequest),
        ] {
            asks.send_multipart(&question, 0).unwrap();
            let answer = asks.recv_multipart(0).unwrap();
            let decision = log.recv().unwrap();
            assert_eq!(decision.reason, reason, "{question:?}");
            let id = question.get(1).copied().unwrap_or_default();
            let user_id = decision.user_id.clone().unwrap_or_default();
            let text = reason.to_string();
            let expected = [
                "1.0".as_bytes(),
                id,
                status.as_bytes(),
                text.as_bytes(),
                user_id.as_bytes(),
                b"",
            ];
            assert_eq!(answer, expected, "{question:?}");
        }
        // Whoever asks, nobody may do without a user id.
        asks.send_multipart(request(b"PLAIN", &[b"", b""]), 0)
            .unwrap();
        assert_eq!(asks.recv_multipart(0).unwrap()[4], b"anonymous");
        let username = String::new();
        assert_eq!(log.recv().unwrap().claim, Claim::Plain { username });
    });
}

/// A peer may say itself who its user is, as long as nobody else does.
#[test]
fn a_user_id_cannot_be_claimed() {
    timed(|| {
        // By hand: libzmq leaves a program properties with other names only.
        let ready = b"\x05READY\x0bSocket-Type\0\0\0\x04PUSH\x07User-Id\0\0\0\x04root";
        let claim = |socket: &Socket<Pull>, endpoint: &str| {
            let mut peer = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
            let mut greeting = [0; 64];
            (greeting[0], greeting[9], greeting[10]) = (0xff, 0x7f, 3);
            greeting[12..16].copy_from_slice(b"NULL");
            let frame = |flags, frame: &[u8]| [&[flags, frame.len() as u8], frame].concat();
            peer.write_all(&greeting).unwrap();
            peer.write_all(&frame(4, ready)).unwrap();
            // Not before the server has said that it is ready.
            let mut answer = [0; 64 + 2];
            peer.read_exact(&mut answer).unwrap();
            peer.write_all(&frame(0, b"trust me")).unwrap();
            let mut message = socket.recv_msg(0).unwrap();
            assert_eq!(&message[..], b"trust me");
            message.gets("User-Id").unwrap().to_owned()
        };
        let pull = Context::new().socket(Pull).unwrap();
        assert_eq!(claim(&pull, &bind_tcp(&pull)), "root");
        let server = Server::new(NULL);
        assert_eq!(claim(&server.socket, &server.endpoint), "anonymous");
    });
}

/// WebSocket has, besides those of ZMTP, a protocol without any mechanism, in which
/// nobody would be asked.
#[test]
fn nobody_goes_round_the_authenticator_by_websocket() {
    if !cfg!(zmq_vendored) {
        // One that is not mended: there may be no WebSocket where there is a domain.
        let socket = Context::new().socket(Pull).unwrap();
        NULL(&socket);
        let bound = socket.bind("ws://127.0.0.1:*");
        assert_eq!(bound, Err(zmq::Error::ENOTSUP));
        return;
    }
    timed(|| {
        let server = Server::bound("ws://127.0.0.1:*", NULL);
        let address = server.endpoint.strip_prefix("ws://").unwrap();
        let address = address.split('/').next().unwrap();
        let knock = |protocol: &str| {
            let mut peer = TcpStream::connect(address).unwrap();
            let request = format!(
                "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
                 Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 Sec-WebSocket-Protocol: {protocol}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            );
            peer.write_all(request.as_bytes()).unwrap();
            // Binary frames with a mask of zeros: a routing id, a message.
            let frame = |content: &[u8]| {
                let head = [0x82, 0x80 | (content.len() as u8 + 1), 0, 0, 0, 0, 0];
                [&head[..], content].concat()
            };
            // The server may have hung up by now.
            let _ = peer.write_all(&frame(b""));
            let _ = peer.write_all(&frame(b"an intruder"));
            let mut answer = [0; 12];
            let answered = peer.read_exact(&mut answer).is_ok();
            (answered && &answer == b"HTTP/1.1 101", peer)
        };
        server.auth.deny(["127.0.0.1"]).unwrap();
        server.socket.set_rcvtimeo(200).unwrap();
        for protocols in ["ZWS2.0", "ZWS2.0/PLAIN, ZWS2.0"] {
            let (upgraded, _peer) = knock(protocols);
            assert_eq!(server.socket.recv_bytes(0), Err(zmq::Error::EAGAIN));
            assert!(!upgraded);
        }
        // Who goes the right way is asked about.
        let _client = server.client("an intruder", anybody);
        assert_eq!(server.decision().reason, Reason::AddressDenied);
        server.auth.reset_addresses();
        let _client = server.client("a guest", anybody);
        assert_eq!(server.decision().reason, Reason::Allowed);
        server.socket.set_rcvtimeo(-1).unwrap();
        assert_eq!(server.socket.recv_bytes(0).unwrap(), b"a guest");
    });
}

/// A panic has something with it that is dropped, which may panic in turn.
#[test]
fn a_panic_within_a_panic_lets_nobody_in() {
    struct Bomb(u8);
    impl Drop for Bomb {
        fn drop(&mut self) {
            if self.0 > 0 {
                std::panic::panic_any(Bomb(self.0 - 1));
            }
        }
    }
    timed(|| {
        let mut server = Server::new(PLAIN);
        for size in 0..5 {
            server
                .auth
                .configure_plain_callback("*", move |_, username, _| -> bool {
                    match username {
                        "alice" => true,
                        _ => std::panic::panic_any(Bomb(size)),
                    }
                })
                .unwrap();
            server.refuses(Reason::FunctionPanicked, login("mallory", "?"));
            let denies = move |_: &_| std::panic::panic_any(Bomb(size));
            server.auth.on_decision(denies);
            let client = server.client("an intruder", login("alice", "?"));
            let status = ZapStatus::InternalError;
            let failed = MonitorEventKind::HandshakeFailedAuth { status };
            assert_eq!(client.events.handshake(), failed);
            assert_eq!(server.events.handshake(), failed);
            server.log = log(&server.auth);
            server.admits(login("alice", "?"));
        }
    });
}

/// A signal may interrupt the thread at the door while it answers, too.
#[cfg(unix)]
#[test]
fn signals_do_not_shut_the_door() {
    extern "C" fn nothing(_signal: libc::c_int) {}
    timed(|| {
        // SAFETY: a handler that does nothing, for a signal that nobody else uses; it
        // is all zeros but for that, which are no flags and an empty mask.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as usize;
            assert_eq!(
                libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut()),
                0
            );
        }
        let context = Context::new();
        let auth = Authenticator::start(&context).unwrap();
        let (tell, told) = mpsc::channel();
        auth.configure_plain_callback("*", move |_, _, _| {
            // SAFETY: asks for the thread that calls.
            tell.send(unsafe { libc::pthread_self() } as usize).unwrap();
            // libzmq looks whether there is news once in some milliseconds.
            let asked = Instant::now();
            while asked.elapsed() < Duration::from_millis(3) {}
            true
        })
        .unwrap();
        let asks = context.socket(Req).unwrap();
        asks.set_rcvtimeo(5000).unwrap();
        asks.connect("inproc://zeromq.zap.01").unwrap();
        let ask = || {
            let request: [&[u8]; 8] = [b"1.0", b"1", b"", b"", b"", b"PLAIN", b"alice", b"?"];
            asks.send_multipart(request, 0)?;
            asks.recv_multipart(0)
        };
        ask().unwrap();
        let keeper = told.recv().unwrap();
        let (stop, stopped) = mpsc::channel::<()>();
        let signals = thread::spawn(move || {
            while let Err(mpsc::TryRecvError::Empty) = stopped.try_recv() {
                // SAFETY: the thread is there as long as the context.
                unsafe { libc::pthread_kill(keeper as libc::pthread_t, libc::SIGUSR2) };
            }
        });
        let answers: Result<Vec<_>, _> = (0..300).map(|_| ask()).collect();
        drop(stop);
        signals.join().unwrap();
        assert_eq!(answers.unwrap().len(), 300);
    });
}

#[test]
fn secrets_are_in_no_text() {
    let Some([server_keys, client_keys]) = keys() else {
        return;
    };
    timed(move || {
        let server = Server::new(PLAIN);
        let auth = &server.auth;
        auth.configure_plain("*", [("alice", "open sesame")])
            .unwrap();
        let (allowed, message) = server.admits(login("alice", "open sesame"));
        let denied = server.refuses(Reason::InvalidPassword, login("alice", "open says me"));
        let shown = format!("{allowed} {allowed:?} {denied} {denied:?} {auth:?} {message:?}");
        assert!(shown.contains("alice"), "{shown}");
        assert!(!shown.contains("open"), "{shown}");

        let server = Server::new(curve_server(&server_keys));
        let denied = server.refuses(
            Reason::UnknownDomain,
            curve_client(&client_keys, &server_keys),
        );
        let shown = format!("{denied} {denied:?} {server_keys:?} {client_keys:?}");
        assert!(shown.contains(&client_keys.public_key_z85()), "{shown}");
        for keys in [&server_keys, &client_keys] {
            assert!(!shown.contains(&keys.secret_key_z85()[..]), "{shown}");
        }
    });
}
