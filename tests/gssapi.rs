//! GSSAPI, with a Kerberos realm of the tests' own: who has a ticket gets
//! through, and nobody else; and what no peer may do to the process.
#![cfg(all(unix, feature = "gssapi", zmq_vendored))]

mod common;
#[path = "gssapi/realm.rs"]
mod realm;
#[path = "gssapi/wire.rs"]
mod wire;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;

use common::{bind_tcp, say, Monitor};
use realm::{with_kerberos, Tickets, ALICE, OTHER, SERVICE, SERVICE_AT_HOST};
use wire::Peer;
use zmq::auth::{Authenticator, Claim, Reason, Verdict};
use zmq::{Context, Error, GssapiNameType, Mechanism, Pull, Push, Socket};
use zmq_sys::{
    ZMQ_EVENT_DISCONNECTED as DISCONNECTED, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH as FAILED_AUTH,
    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL as FAILED_NO_DETAIL,
    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL as FAILED_PROTOCOL,
    ZMQ_EVENT_HANDSHAKE_SUCCEEDED as SUCCEEDED,
};

/// A server that listens, with its monitor.
struct Server {
    pull: Socket<Pull>,
    monitor: Monitor,
    endpoint: String,
}

/// A server that is prepared by `prepare`.
fn server(context: &Context, prepare: impl FnOnce(&mut Socket<Pull>)) -> Server {
    let mut pull = context.socket(Pull).unwrap();
    pull.set_gssapi_server(true).unwrap();
    prepare(&mut pull);
    assert_eq!(pull.get_mechanism(), Ok(Mechanism::ZMQ_GSSAPI));
    let monitor = Monitor::new(&pull);
    let endpoint = bind_tcp(&pull);
    Server {
        pull,
        monitor,
        endpoint,
    }
}

impl Server {
    fn nothing_came(&self) {
        assert_eq!(self.pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
    }
}

/// A client that sends `message` if it gets in.
fn client(
    context: &Context,
    endpoint: &str,
    prepare: impl FnOnce(&Socket<Push>),
    message: &str,
) -> Socket<Push> {
    let push = context.socket(Push).unwrap();
    push.set_linger(0).unwrap();
    prepare(&push);
    push.connect(endpoint).unwrap();
    say(&push, message);
    push
}

/// Expects the service by its full name.
fn expects_service(push: &Socket<Push>) {
    push.set_gssapi_service_principal(SERVICE).unwrap();
    push.set_gssapi_service_principal_nametype(GssapiNameType::Krb5Principal)
        .unwrap();
}

/// Answers libzmq's questions about peers with a status and a user, and passes
/// the questions on.
fn handler(
    context: &Context,
    status: &'static str,
    user: &'static str,
) -> mpsc::Receiver<Vec<Vec<u8>>> {
    let rep = context.socket(zmq::Rep).unwrap();
    rep.bind("inproc://zeromq.zap.01").unwrap();
    let (asked, questions) = mpsc::channel();
    thread::spawn(move || {
        while let Ok(request) = rep.recv_multipart(0) {
            let reply: [&[u8]; 6] = [
                b"1.0",
                &request[1],
                status.as_bytes(),
                b"",
                user.as_bytes(),
                b"",
            ];
            rep.send_multipart(reply, 0).unwrap();
            let _ = asked.send(request);
        }
    });
    questions
}

/// Stands between a client and `endpoint`, and keeps what the client says.
fn eavesdropper(endpoint: &str) -> (String, Arc<Mutex<Vec<u8>>>) {
    let (to, heard) = (endpoint.replace("tcp://", ""), Arc::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = format!("tcp://{}", listener.local_addr().unwrap());
    let keeps: Arc<Mutex<Vec<u8>>> = Arc::clone(&heard);
    thread::spawn(move || {
        let mut client = listener.accept().unwrap().0;
        let mut server = TcpStream::connect(to).unwrap();
        let (mut back, mut answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut answers, &mut back));
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = client.read(&mut buffer) {
            keeps.lock().unwrap().extend(&buffer[..n]);
            if server.write_all(&buffer[..n]).is_err() {
                break;
            }
        }
    });
    (here, heard)
}

#[test]
fn a_ticket_lets_in() {
    with_kerberos(Tickets::Alice, || {
        let text = "whom the walls have ears for";
        for plaintext in [false, true] {
            let context = Context::new();
            let questions = handler(&context, "200", "Alice herself");
            let server = server(&context, |pull| {
                pull.set_zap_domain("a domain").unwrap();
                pull.set_gssapi_plaintext(plaintext).unwrap();
            });
            let (endpoint, heard) = eavesdropper(&server.endpoint);
            let push = client(
                &context,
                &endpoint,
                |push| {
                    expects_service(push);
                    push.set_gssapi_plaintext(plaintext).unwrap();
                },
                text,
            );
            let mut message = server.pull.recv_msg(0).unwrap();
            assert_eq!(&message[..], text.as_bytes());
            assert_eq!(message.gets("User-Id"), Some("Alice herself"));
            server.monitor.wait_for(SUCCEEDED);
            let question = questions.recv().unwrap();
            let [_, _, domain, address, _, mechanism, principal] = &question[..] else {
                panic!("{question:?}")
            };
            assert_eq!(
                (&domain[..], &address[..]),
                (&b"a domain"[..], &b"127.0.0.1"[..])
            );
            assert_eq!(&mechanism[..], b"GSSAPI");
            assert_eq!(&principal[..], ALICE.as_bytes());
            let heard = heard.lock().unwrap().clone();
            let is_heard = heard.windows(text.len()).any(|w| w == text.as_bytes());
            assert_eq!(is_heard, plaintext);

            // Several frames, long ones, and an empty one.
            let frames = [vec![], vec![7; 100_000], b"end".to_vec()];
            push.send_multipart(&frames, 0).unwrap();
            assert_eq!(server.pull.recv_multipart(0).unwrap(), frames);
        }
    });
}

#[test]
fn principals_have_names_of_three_types() {
    with_kerberos(Tickets::Alice, || {
        let types = [
            (GssapiNameType::HostBased, SERVICE_AT_HOST),
            (GssapiNameType::UserName, SERVICE),
            (GssapiNameType::Krb5Principal, SERVICE),
        ];
        for (name_type, name) in types {
            let context = Context::new();
            let server = server(&context, |pull| {
                pull.set_gssapi_principal(name).unwrap();
                pull.set_gssapi_principal_nametype(name_type).unwrap();
            });
            let prepare = |push: &Socket<Push>| {
                push.set_gssapi_service_principal(name).unwrap();
                push.set_gssapi_service_principal_nametype(name_type)
                    .unwrap();
                push.set_gssapi_principal(ALICE).unwrap();
                push.set_gssapi_principal_nametype(GssapiNameType::UserName)
                    .unwrap();
            };
            let _push = client(&context, &server.endpoint, prepare, name);
            assert_eq!(server.pull.recv_bytes(0).unwrap(), name.as_bytes());
        }
    });
}

#[test]
fn who_is_denied_gets_nothing_through() {
    with_kerberos(Tickets::Alice, || {
        for status in ["300", "400", "500"] {
            let context = Context::new();
            let questions = handler(&context, status, "");
            let server = server(&context, |pull| pull.set_zap_domain("a domain").unwrap());
            let push = client(&context, &server.endpoint, expects_service, "denied");
            assert_eq!(questions.recv().unwrap()[6], ALICE.as_bytes());
            // And tries again.
            for _ in 0..2 {
                server.monitor.wait_for(FAILED_AUTH);
                let next = server.monitor.first_of(&[SUCCEEDED, DISCONNECTED]);
                assert_eq!(next, DISCONNECTED);
                server.nothing_came();
            }
            drop(push);
        }
    });
}

#[test]
fn an_authenticator_knows_principals() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        let auth = Authenticator::start(&context).unwrap();
        let (write, log) = mpsc::channel();
        auth.on_decision(move |decision| write.send(decision.clone()).unwrap());
        let server = server(&context, |_| {});
        let admits = |user_id| {
            let _push = client(&context, &server.endpoint, expects_service, user_id);
            let mut message = server.pull.recv_msg(0).unwrap();
            assert_eq!(&message[..], user_id.as_bytes());
            assert_eq!(message.gets("User-Id"), Some(user_id));
            let decision = log.recv().unwrap();
            let principal = ALICE.to_owned();
            assert_eq!(decision.claim, Claim::Gssapi { principal });
            assert_eq!(decision.user_id.as_deref(), Some(user_id));
        };
        let refuses = |reason| {
            let once = |push: &Socket<Push>| {
                expects_service(push);
                push.set_reconnect_ivl(-1).unwrap();
            };
            let _push = client(&context, &server.endpoint, once, "denied");
            server.monitor.wait_for(FAILED_AUTH);
            server.monitor.wait_for(DISCONNECTED);
            assert_eq!(log.recv().unwrap().reason, reason);
            server.nothing_came();
        };
        // Kerberos has vouched for them all.
        admits(ALICE);
        auth.configure_gssapi("*", ["bob@ZMQ.TEST"]).unwrap();
        refuses(Reason::UnknownPrincipal);
        auth.configure_gssapi_callback("*", |_, principal| match principal {
            ALICE => Verdict::AllowAs("Alice".into()),
            _ => false.into(),
        })
        .unwrap();
        admits("Alice");
        auth.configure_gssapi("*", [ALICE]).unwrap();
        admits(ALICE);
        auth.deny(["127.0.0.1"]).unwrap();
        refuses(Reason::AddressDenied);
    });
}

#[test]
fn an_enforced_domain_without_a_handler_lets_nobody_in() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        let server = server(&context, |pull| {
            pull.set_zap_domain("a domain").unwrap();
            common::enforce_zap_domain(pull);
        });
        let _push = client(&context, &server.endpoint, expects_service, "unasked");
        let first = server.monitor.first_of(&[SUCCEEDED, FAILED_NO_DETAIL]);
        assert_eq!(first, FAILED_NO_DETAIL);
        server.monitor.wait_for(DISCONNECTED);
        server.nothing_came();
        // Once there is one, it decides.
        let questions = handler(&context, "200", "");
        assert_eq!(server.pull.recv_bytes(0).unwrap(), b"unasked");
        questions.recv().unwrap();
    });
}

#[test]
fn without_a_ticket_nothing_comes() {
    with_kerberos(Tickets::None, || {
        let context = Context::new();
        let server = server(&context, |pull| pull.set_handshake_ivl(300).unwrap());
        let push = context.socket(Push).unwrap();
        push.set_linger(0).unwrap();
        push.set_handshake_ivl(300).unwrap();
        expects_service(&push);
        let monitor = Monitor::new(&push);
        push.connect(&server.endpoint).unwrap();
        push.send("no ticket", 0).unwrap();
        monitor.wait_for(FAILED_NO_DETAIL);
        server.monitor.wait_for(FAILED_NO_DETAIL);
        server.nothing_came();
    });
}

#[test]
fn a_ticket_for_another_service_does_not_let_in() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        let server = server(&context, |pull| pull.set_handshake_ivl(300).unwrap());
        // One that there is, whose key the server has not, and one that there is
        // not.
        for service in [OTHER, "nobody/localhost@ZMQ.TEST"] {
            let prepare = |push: &Socket<Push>| {
                expects_service(push);
                push.set_gssapi_service_principal(service).unwrap();
            };
            let _push = client(&context, &server.endpoint, prepare, "astray");
            server.monitor.wait_for(FAILED_NO_DETAIL);
            server.nothing_came();
        }
    });
}

#[test]
fn a_server_without_its_key_lets_nobody_in() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        let server = server(&context, |pull| {
            pull.set_gssapi_principal(OTHER).unwrap();
            pull.set_gssapi_principal_nametype(GssapiNameType::Krb5Principal)
                .unwrap();
            pull.set_handshake_ivl(300).unwrap();
        });
        let _push = client(&context, &server.endpoint, expects_service, "no key");
        server.monitor.wait_for(FAILED_NO_DETAIL);
        server.nothing_came();
    });
}

#[test]
fn other_mechanisms_do_not_get_in() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        let gssapi = server(&context, |_| ());
        let plain = |push: &Socket<Push>| {
            push.set_plain_username(Some("alice")).unwrap();
            push.set_plain_password(Some("secret")).unwrap();
        };
        let _null = client(&context, &gssapi.endpoint, |_| (), "by NULL");
        gssapi.monitor.wait_for(FAILED_PROTOCOL);
        let _plain = client(&context, &gssapi.endpoint, plain, "by PLAIN");
        gssapi.monitor.wait_for(FAILED_PROTOCOL);
        gssapi.nothing_came();

        // Who wants GSSAPI sends to nobody else.
        for is_plain in [false, true] {
            let pull = context.socket(Pull).unwrap();
            pull.set_plain_server(is_plain).unwrap();
            let monitor = Monitor::new(&pull);
            let endpoint = bind_tcp(&pull);
            let _push = client(&context, &endpoint, expects_service, "by GSSAPI");
            monitor.wait_for(FAILED_PROTOCOL);
            assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
        }
        // Nor does who encrypts understand who does not.
        let _push = client(
            &context,
            &gssapi.endpoint,
            |push| {
                expects_service(push);
                push.set_gssapi_plaintext(true).unwrap();
            },
            "in the clear",
        );
        gssapi.monitor.wait_for(DISCONNECTED);
        gssapi.nothing_came();
    });
}

#[test]
fn what_a_peer_has_not_sealed_ends_its_connection() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        let server = server(&context, |_| ());
        // Signed only; and sealed, but without the byte of flags.
        for (sealed, content) in [(false, &b"\0signed"[..]), (true, b"")] {
            let mut peer = Peer::connect(&server.endpoint, SERVICE);
            peer.shake_hands();
            server.monitor.wait_for(SUCCEEDED);
            peer.send_wrapped(true, b"\0first");
            assert_eq!(server.pull.recv_bytes(0).unwrap(), b"first");
            peer.send_wrapped(sealed, content);
            server.monitor.wait_for(DISCONNECTED);
            server.nothing_came();

            // The same in place of its READY.
            let mut peer = Peer::connect(&server.endpoint, SERVICE);
            peer.exchange_tokens();
            peer.send_wrapped(sealed, content);
            server.monitor.wait_for(DISCONNECTED);
        }
        let _push = client(&context, &server.endpoint, expects_service, "still here");
        assert_eq!(server.pull.recv_bytes(0).unwrap(), b"still here");
    });
}

#[test]
fn a_server_that_answers_nonsense_is_survived() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let push = context.socket(Push).unwrap();
        push.set_linger(0).unwrap();
        push.set_reconnect_ivl(1).unwrap();
        expects_service(&push);
        let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
        push.connect(&endpoint).unwrap();
        // Its first connection ends, whereupon what is sent wakes the next ones;
        // libzmq then begins again with the token it has, or had.
        drop(listener.accept().unwrap());
        let begins_again = |wait| {
            let mut peer = Peer::accept(&listener);
            assert_eq!(&peer.frame()[..9], b"\x08INITIATE");
            peer.send_initiate(&[0x55; 40], 0);
            // Nothing tells when it has read that. If it has not, what is sent
            // wakes nothing, and the next connection gets more time.
            thread::sleep(wait);
            push.send("awake", 0).unwrap();
            peer.frame_within(Duration::from_millis(300))
        };
        let again = (0..20u64).find_map(|n| begins_again(Duration::from_millis(n * 10)));
        assert_eq!(again.as_ref().map(|f| &f[..9]), Some(&b"\x08INITIATE"[..]));
    });
}

/// How many bytes of memory the process has.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[cfg(target_os = "linux")]
#[test]
fn messages_and_strangers_leave_no_memory_behind() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        let server = server(&context, |_| ());
        let push = client(&context, &server.endpoint, expects_service, "begin");
        assert_eq!(server.pull.recv_bytes(0).unwrap(), b"begin");
        let content = vec![1; 1 << 16];
        let exchange = |times| {
            for _ in 0..times {
                push.send(&content, 0).unwrap();
                assert_eq!(server.pull.recv_bytes(0).unwrap().len(), content.len());
            }
        };
        exchange(100);
        let before = resident();
        exchange(1000); // 65 MB
        let grown = resident().saturating_sub(before);
        assert!(grown < 20 << 20, "{grown} bytes more by messages");

        // A token with something after it, from who has no ticket at all.
        let intrude = |times| {
            for _ in 0..times {
                let mut peer = Peer::connect(&server.endpoint, SERVICE);
                peer.send_initiate(&[0; 1 << 20], 1);
                server.monitor.wait_for(DISCONNECTED);
            }
        };
        intrude(10);
        let before = resident();
        intrude(60); // 63 MB
        let grown = resident().saturating_sub(before);
        assert!(grown < 20 << 20, "{grown} bytes more by strangers");
    });
}

/// The name that a server has is copied for each connection.
#[cfg(target_os = "linux")]
#[test]
fn the_name_of_a_server_leaves_no_memory_behind() {
    with_kerberos(Tickets::Alice, || {
        let context = Context::new();
        // It is none: where there is no key for one, Kerberos keeps more than that.
        let name = format!("{}@two@realms", "n".repeat(200));
        let server = server(&context, |pull| {
            pull.set_gssapi_principal(&name).unwrap();
            pull.set_gssapi_principal_nametype(GssapiNameType::Krb5Principal)
                .unwrap();
        });
        let come_and_go = |times| {
            for _ in 0..times {
                drop(Peer::connect(&server.endpoint, SERVICE));
                server.monitor.wait_for(DISCONNECTED);
                // What is gone is given up by the thread that has the socket.
                server.pull.get_events().unwrap();
            }
        };
        come_and_go(1000);
        let before = resident();
        come_and_go(10_000);
        let grown = resident().saturating_sub(before);
        assert!(grown < 1 << 20, "{grown} bytes more");
    });
}
