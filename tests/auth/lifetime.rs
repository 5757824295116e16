//! Authenticators begin and end, alone or with their context.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

use zmq::auth::{Authenticator, CurveClients, Reason};
use zmq::{Context, Error, MonitorEventKind, Pull, Push, Rep, ZapStatus};

#[cfg(all(unix, zmq_vendored))]
use crate::common::ipc;
use crate::common::{bind_tcp, inproc, pipeline, say, timed, Monitor, LIMIT};
use crate::{curve_client, curve_server, keys, log, login, Server, NULL, PLAIN};

const ENDPOINT: &str = "inproc://zeromq.zap.01";

#[test]
fn a_context_has_one_authenticator() {
    timed(|| {
        let context = Context::new();
        let first = Authenticator::start(&context).unwrap();
        let second = Authenticator::start(&context.clone());
        assert_eq!(second.err(), Some(Error::EADDRINUSE));
        let other = Context::new();
        drop(Authenticator::start(&other).unwrap());
        first.stop();
        let again = Authenticator::start(&context).unwrap();
        context.shutdown().unwrap();
        drop(again);
        assert_eq!(Authenticator::start(&context).err(), Some(Error::ETERM));
        // Somebody's own handler.
        let context = Context::new();
        let handler = context.socket(Rep).unwrap();
        handler.bind(ENDPOINT).unwrap();
        let occupied = Authenticator::start(&context);
        assert_eq!(occupied.err(), Some(Error::EADDRINUSE));
        handler.unbind(ENDPOINT).unwrap();
        Authenticator::start(&context).unwrap();
    });
}

/// libzmq by itself would let CURVE peers in, and those with a domain and nothing
/// else, as soon as nobody is there to be asked.
#[test]
fn who_has_stopped_lets_nobody_in() {
    let Some([server_keys, client_keys]) = keys() else {
        return;
    };
    timed(move || {
        let client = || curve_client(&client_keys, &server_keys);
        let mut server = Server::new(curve_server(&server_keys));
        server
            .auth
            .configure_curve("*", CurveClients::any())
            .unwrap();
        server.admits(client());

        drop(Arc::into_inner(server.auth).unwrap());
        for _ in 0..3 {
            let socket = server.context.socket(Push).unwrap();
            socket.set_linger(0).unwrap();
            client()(&socket);
            socket.connect(&server.endpoint).unwrap();
            say(&socket, "an intruder");
            let status = ZapStatus::TemporaryError;
            let failed = MonitorEventKind::HandshakeFailedAuth { status };
            assert_eq!(server.events.handshake(), failed);
        }
        // Another one begins with nothing.
        server.auth = Arc::new(Authenticator::start(&server.context).unwrap());
        server.log = log(&server.auth);
        server.refuses(Reason::UnknownDomain, client());
        server
            .auth
            .configure_curve("*", CurveClients::any())
            .unwrap();
        server.admits(client());
    });
}

/// A peer that was not let in for now comes again, when its time is up.
#[test]
fn peers_wait_for_the_next_authenticator() {
    timed(|| {
        let context = Context::new();
        Authenticator::start(&context).unwrap().stop();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        PLAIN(&pull);
        pull.set_handshake_ivl(100).unwrap();
        login("alice", "secret")(&push);
        let events = Monitor::new(&pull);
        push.connect(&bind_tcp(&pull)).unwrap();
        push.send("patience", 0).unwrap();
        events.wait_for(zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        let auth = Authenticator::start(&context).unwrap();
        auth.configure_plain("*", [("alice", "secret")]).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"patience");
    });
}

/// When it has stopped, none of its functions runs, and what they held is dropped.
#[test]
fn stopping_waits_for_the_function_that_runs() {
    timed(|| {
        let server = Server::new(PLAIN);
        let (asked, is_asked) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        let held = Arc::new(());
        let holds = Arc::clone(&held);
        let returned = Arc::new(Mutex::new(false));
        let returns = Arc::clone(&returned);
        server
            .auth
            .configure_plain_callback("*", move |_, _, _| -> bool {
                let _ = &holds;
                asked.send(()).unwrap();
                answers.recv().unwrap();
                *returns.lock().unwrap() = true;
                true
            })
            .unwrap();
        let _client = server.client("an intruder", login("alice", "secret"));
        is_asked.recv().unwrap();
        let auth = Arc::into_inner(server.auth).unwrap();
        let stopping = thread::spawn(move || {
            auth.stop();
            assert!(*returned.lock().unwrap());
            assert_eq!(Arc::strong_count(&held), 1);
        });
        // It cannot end before this, and what was allowed meanwhile does not count.
        answer.send(()).unwrap();
        stopping.join().unwrap();
        let status = ZapStatus::TemporaryError;
        let failed = MonitorEventKind::HandshakeFailedAuth { status };
        // Unless it had been asked and answered before the other thread began.
        let outcome = server.events.handshake();
        assert!(
            outcome == failed || outcome == MonitorEventKind::HandshakeSucceeded,
            "{outcome:?}"
        );
    });
}

#[test]
fn a_function_may_stop_the_authenticator() {
    timed(|| {
        let server = Server::new(PLAIN);
        let place = Arc::new(Mutex::new(None::<Authenticator>));
        let last = Arc::clone(&place);
        // The function has a handle of the context, too, as one with sockets has.
        let context = server.context.clone();
        server
            .auth
            .configure_plain_callback("*", move |_, _, _| {
                let _ = &context;
                if let Some(auth) = last.lock().unwrap().take() {
                    auth.stop();
                }
                true
            })
            .unwrap();
        let auth = Arc::into_inner(server.auth).unwrap();
        *place.lock().unwrap() = Some(auth);
        let client = server.context.socket(Push).unwrap();
        client.set_linger(0).unwrap();
        login("alice", "secret")(&client);
        client.connect(&server.endpoint).unwrap();
        say(&client, "an intruder");
        let status = ZapStatus::TemporaryError;
        let failed = MonitorEventKind::HandshakeFailedAuth { status };
        assert_eq!(server.events.handshake(), failed);
        assert!(place.lock().unwrap().is_none());
        assert_eq!(server.socket.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
    });
}

/// It is called by a thread whose socket is the context's: dropping the context there
/// would wait for itself.
#[test]
fn a_function_may_have_the_last_handle_of_the_context() {
    struct Last {
        auth: Option<Authenticator>,
        _context: Context,
        _ended: mpsc::Sender<()>,
    }
    timed(|| {
        let server = Server::new(PLAIN);
        let (asked, is_asked) = mpsc::channel();
        let (give, given) = mpsc::channel::<Last>();
        let mut last = None;
        server
            .auth
            .configure_plain_callback("*", move |_, _, _| -> bool {
                asked.send(()).unwrap();
                let last = last.insert(given.recv().unwrap());
                // From now on nobody else has this function.
                let auth = last.auth.take().unwrap();
                auth.configure_plain_callback("*", |_, _, _| true).unwrap();
                auth.stop();
                true
            })
            .unwrap();
        let outside = Context::new();
        let client = outside.socket(Push).unwrap();
        login("alice", "secret")(&client);
        client.connect(&server.endpoint).unwrap();
        is_asked.recv().unwrap();

        let (ended, has_ended) = mpsc::channel();
        let Server { auth, context, .. } = server;
        give.send(Last {
            auth: Arc::into_inner(auth),
            _context: context,
            _ended: ended,
        })
        .unwrap();
        let nothing = has_ended.recv_timeout(LIMIT / 2);
        assert_eq!(nothing, Err(mpsc::RecvTimeoutError::Disconnected));
    });
}

/// The function itself may end the context, whose end waits for its thread.
#[test]
fn a_function_may_end_the_context() {
    timed(|| {
        for destroy in [false, true] {
            let server = Server::new(PLAIN);
            let (asked, is_asked) = mpsc::channel();
            let (give, given) = mpsc::channel::<Context>();
            let (tell, told) = mpsc::channel();
            server
                .auth
                .configure_plain_callback("*", move |_, _, _| -> bool {
                    asked.send(()).unwrap();
                    let mut context: Context = given.recv().unwrap();
                    let mut result = Ok(());
                    if destroy {
                        result = context.destroy();
                    }
                    drop(context);
                    tell.send(result).unwrap();
                    true
                })
                .unwrap();
            let outside = Context::new();
            let client = outside.socket(Push).unwrap();
            client.set_linger(0).unwrap();
            login("alice", "secret")(&client);
            client.connect(&server.endpoint).unwrap();
            is_asked.recv().unwrap();
            let Server { auth, context, .. } = server;
            give.send(context).unwrap();
            let result = told.recv_timeout(LIMIT / 2).expect("no deadlock");
            let expected = match destroy {
                true => Err(Error::EBUSY),
                false => Ok(()),
            };
            assert_eq!(result, expected);
            drop(auth);
        }
    });
}

#[test]
fn a_context_ends_with_its_authenticator_or_before() {
    timed(|| {
        // Which goes first does not matter.
        for shut_down in [false, true] {
            let context = Context::new();
            let auth = Authenticator::start(&context).unwrap();
            // libzmq itself opens a socket for this one when it ends.
            let pending = context.socket(Push).unwrap();
            pending.connect(&inproc()).unwrap();
            if shut_down {
                context.shutdown().unwrap();
            }
            drop((context, pending));
            auth.allow(["127.0.0.1"]).unwrap();
            drop(auth);
        }

        let mut context = Context::new();
        let auth = Authenticator::start(&context).unwrap();
        let (push, pull) = pipeline(&context);
        drop((push, pull));
        context.destroy().unwrap();
        context.destroy().unwrap();
        auth.on_decision(|_| unreachable!());
        drop((context, auth));

        // A function that holds a socket of the context it decides for.
        let context = Context::new();
        let auth = Authenticator::start(&context).unwrap();
        let (push, pull) = pipeline(&context);
        auth.on_decision(move |decision| push.send(decision.to_string(), 0).unwrap());
        let server = context.socket(Pull).unwrap();
        NULL(&server);
        let client = context.socket(Push).unwrap();
        client.connect(&bind_tcp(&server)).unwrap();
        pull.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        let entry = pull.recv_string(0).unwrap().unwrap();
        assert_eq!(
            entry,
            r#"allowed 127.0.0.1 in "test", NULL, as "anonymous""#
        );
        drop(auth);
    });
}

/// A server that connects may have something left for its peer when its context
/// ends, and nobody is there any more to be asked about who that is.
#[cfg(all(unix, zmq_vendored))]
#[test]
fn what_lingers_is_not_for_everybody() {
    let Some([server_keys, client_keys]) = keys() else {
        return;
    };
    timed(move || {
        for domain in [None, Some("test")] {
            loop {
                let context = Context::new();
                let auth = Authenticator::start(&context).unwrap();
                let server = context.socket(Push).unwrap();
                server.set_curve_server(true).unwrap();
                server.set_curve_secretkey(&server_keys.secret_key).unwrap();
                if let Some(domain) = domain {
                    server.set_zap_domain(domain).unwrap();
                }
                server.set_linger(2000).unwrap();
                server.set_reconnect_ivl(20).unwrap();
                let outside = Context::new();
                let intruder = outside.socket(Pull).unwrap();
                let endpoint = ipc();
                server.connect(&endpoint).unwrap();
                server.send("a secret", 0).unwrap();
                drop(server);
                let ending = thread::spawn(move || drop(context));

                intruder
                    .set_curve_serverkey(&server_keys.public_key)
                    .unwrap();
                intruder
                    .set_curve_publickey(&client_keys.public_key)
                    .unwrap();
                intruder
                    .set_curve_secretkey(&client_keys.secret_key)
                    .unwrap();
                let events = Monitor::new(&intruder);
                intruder.bind(&endpoint).unwrap();
                let outcome = events.handshake();
                ending.join().unwrap();
                assert_eq!(intruder.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
                drop(auth);
                match outcome {
                    MonitorEventKind::HandshakeFailedNoDetail { .. } => break,
                    // The authenticator was still there.
                    MonitorEventKind::HandshakeFailedAuth { .. } => {}
                    other => panic!("{other:?}"),
                }
            }
        }
    });
}

/// While a context ends, its sockets hear of it before anybody is let in unasked.
#[test]
fn the_end_of_a_context_opens_no_door() {
    let Some([server_keys, client_keys]) = keys() else {
        return;
    };
    timed(move || {
        for _ in 0..20 {
            let server = Server::new(curve_server(&server_keys));
            let knocking = Context::new();
            let clients: Vec<_> = (0..8)
                .map(|_| {
                    let client = knocking.socket(Push).unwrap();
                    client.set_linger(0).unwrap();
                    curve_client(&client_keys, &server_keys)(&client);
                    client.set_reconnect_ivl(1).unwrap();
                    client.connect(&server.endpoint).unwrap();
                    say(&client, "an intruder");
                    client
                })
                .collect();
            server.decision();
            let context = server.context.clone();
            let receiving = thread::spawn(move || server.socket.recv_bytes(0));
            context.shutdown().unwrap();
            assert_eq!(receiving.join().unwrap(), Err(Error::ETERM));
            drop(clients);
        }
    });
}

#[cfg(unix)]
#[test]
fn a_forked_child_leaves_it_alone() {
    timed(|| {
        let server = Server::new(PLAIN);
        server
            .auth
            .configure_plain("*", [("alice", "secret")])
            .unwrap();
        // SAFETY: the child calls nothing that another thread may have locked: the
        // authenticator is idle.
        match unsafe { libc::fork() } {
            0 => {
                drop(server);
                // SAFETY: ends the child, as is.
                unsafe { libc::_exit(0) };
            }
            child => {
                let mut status = -1;
                // SAFETY: `child` is one of this process.
                assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
                assert_eq!(status, 0);
            }
        }
        server.admits(login("alice", "secret"));
        server.refuses(Reason::InvalidPassword, login("alice", "guess"));
        server.auth.deny(["127.0.0.1"]).unwrap();
        server.refuses(Reason::AddressDenied, login("alice", "secret"));
    });
}
