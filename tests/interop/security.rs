//! PLAIN and CURVE between this crate and pyzmq, in both roles: who has the
//! right key or password gets through, and nobody else.

use std::ffi::c_char;
use std::thread;

use zmq::{Context, Mechanism, Socket};
use zmq_sys::{
    ZMQ_EVENT_HANDSHAKE_FAILED_AUTH as FAILED_AUTH,
    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL as FAILED_NO_DETAIL,
    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL as FAILED_PROTOCOL,
};

use crate::common::peer::{Lang, Peer};
use crate::common::{bind_tcp, timed, Monitor};
use crate::{mirror, socket};

/// Starts a mirror in Python that passes on what it pulls from `from`, by a
/// socket with the `options` that connects to `to`.
fn client(from: &str, to: &str, options: &[&str]) -> Peer {
    let sockets = ["PULL", "connect", from, "--", "PUSH", "connect", to];
    mirror(Lang::Python, &[&sockets, options].concat())
}

/// Starts a mirror in Python that listens by a socket with the `options`, and
/// pushes to `to` what comes. Also returns where it listens.
fn server(options: &[&str], to: &str) -> (Peer, String) {
    let (listens, passes_on) = (
        ["PULL", "bind", "tcp://127.0.0.1:*"],
        ["PUSH", "connect", to],
    );
    let mirror = mirror(
        Lang::Python,
        &[&listens, options, &["--"], &passes_on].concat(),
    );
    let endpoint = mirror.endpoint();
    (mirror, endpoint)
}

/// A server in Rust: the intruders' handshakes fail, as its monitor sees, and
/// their messages do not arrive, for the guest's is the first.
fn rust_serves(
    prepare: impl Fn(&Socket<zmq::Pull>),
    mechanism: Mechanism,
    credentials: &[&[u8]],
    intruders: &[(&[&str], u32)],
    guest: &[&str],
) {
    let context = Context::new();
    let_in(&context, mechanism, credentials);
    let pull = socket(&context, zmq::Pull);
    pull.set_zap_domain("interop").unwrap();
    prepare(&pull);
    assert_eq!(pull.get_mechanism(), Ok(mechanism));
    let monitor = Monitor::new(&pull);
    let endpoint = bind_tcp(&pull);

    let feed = |options, message| {
        let push = socket(&context, zmq::Push);
        let client = client(&bind_tcp(&push), &endpoint, options);
        push.send(message, 0).unwrap();
        (push, client)
    };
    let mut feeds = Vec::new();
    for (options, event) in intruders {
        feeds.push(feed(options, "from an intruder"));
        monitor.wait_for(*event);
        assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(zmq::Error::EAGAIN));
    }
    feeds.push(feed(guest, "from the guest"));
    let mut message = pull.recv_msg(0).unwrap();
    assert_eq!(&message[..], b"from the guest");
    assert_eq!(message.gets("User-Id"), Some(USER));
    assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(zmq::Error::EAGAIN));
    context.shutdown().unwrap();
}

/// Gives a client its keys or password.
type Prepare<'a> = &'a dyn Fn(&Socket<zmq::Push>);

/// A server in Python: likewise, but the monitor is the client's.
fn python_serves(
    options: &[&str],
    mechanism: Mechanism,
    intruders: &[(Prepare, u32)],
    guest: Prepare,
) {
    let context = Context::new();
    let pull = socket(&context, zmq::Pull);
    let (_mirror, endpoint) = server(options, &bind_tcp(&pull));

    let feed = |prepare: Prepare, message| {
        let push = socket(&context, zmq::Push);
        push.set_linger(0).unwrap();
        prepare(&push);
        assert_eq!(push.get_mechanism(), Ok(mechanism));
        let monitor = Monitor::new(&push);
        push.connect(&endpoint).unwrap();
        push.send(message, 0).unwrap();
        (push, monitor)
    };
    let mut feeds = Vec::new();
    for &(prepare, event) in intruders {
        let (push, monitor) = feed(prepare, "from an intruder");
        monitor.wait_for(event);
        assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(zmq::Error::EAGAIN));
        feeds.push((push, monitor));
    }
    feeds.push(feed(guest, "from the guest"));
    assert_eq!(pull.recv_bytes(0).unwrap(), b"from the guest");
    assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(zmq::Error::EAGAIN));
}

#[test]
fn plain_with_rust_as_server() {
    Lang::Python.prepare();
    timed(|| {
        rust_serves(
            |pull| pull.set_plain_server(true).unwrap(),
            Mechanism::ZMQ_PLAIN,
            &[b"alice", b"secret"],
            &[(
                &["plain_username=alice", "plain_password=guess"],
                FAILED_AUTH,
            )],
            &["plain_username=alice", "plain_password=secret"],
        );
    });
}

#[test]
fn plain_with_python_as_server() {
    Lang::Python.prepare();
    timed(|| {
        let alice = |push: &Socket<zmq::Push>, password| {
            push.set_plain_username(Some("alice")).unwrap();
            push.set_plain_password(Some(password)).unwrap();
        };
        python_serves(
            &["allow_plain=alice:secret"],
            Mechanism::ZMQ_PLAIN,
            &[(&|push| alice(push, "guess"), FAILED_AUTH)],
            &|push| alice(push, "secret"),
        );
    });
}

#[test]
fn curve_with_rust_as_server() {
    if !curve() {
        return;
    }
    Lang::Python.prepare();
    timed(|| {
        let [server, guest, intruder] = [(); 3].map(|_| Keys::new());
        let options = |keys: &Keys, server: &Keys| {
            let public = format!("curve_publickey={}", keys.public);
            let secret = format!("curve_secretkey={}", keys.secret);
            [public, secret, format!("curve_serverkey={}", server.public)]
        };
        let (wrong_server, unknown, right) = (
            options(&guest, &intruder),
            options(&intruder, &server),
            options(&guest, &server),
        );
        rust_serves(
            |pull| {
                pull.set_curve_server(true).unwrap();
                pull.set_curve_secretkey(server.secret.as_bytes()).unwrap();
            },
            Mechanism::ZMQ_CURVE,
            &[&guest.public_bytes()],
            &[
                (
                    &wrong_server.each_ref().map(String::as_str),
                    FAILED_PROTOCOL,
                ),
                (&unknown.each_ref().map(String::as_str), FAILED_AUTH),
            ],
            &right.each_ref().map(String::as_str),
        );
    });
}

#[test]
fn curve_with_python_as_server() {
    if !curve() {
        return;
    }
    Lang::Python.prepare();
    timed(|| {
        let [server, guest, intruder] = [(); 3].map(|_| Keys::new());
        let client = |push: &Socket<zmq::Push>, keys: &Keys, server: &Keys| {
            push.set_curve_publickey(keys.public.as_bytes()).unwrap();
            push.set_curve_secretkey(keys.secret.as_bytes()).unwrap();
            push.set_curve_serverkey(server.public.as_bytes()).unwrap();
        };
        python_serves(
            &[
                &format!("curve_secretkey={}", server.secret),
                &format!("allow_curve={}", guest.public),
            ],
            Mechanism::ZMQ_CURVE,
            &[
                // The server does not even answer.
                (&|push| client(push, &guest, &intruder), FAILED_NO_DETAIL),
                (&|push| client(push, &intruder, &server), FAILED_AUTH),
            ],
            &|push| client(push, &guest, &server),
        );
    });
}

/// Whether there is CURVE to test.
fn curve() -> bool {
    let curve = zmq::has("curve") == Some(true);
    if !curve {
        println!("skipped: this libzmq is built without CURVE");
    }
    curve
}

/// A pair of CURVE keys, in Z85.
struct Keys {
    public: String,
    secret: String,
}

impl Keys {
    fn new() -> Keys {
        let (mut public, mut secret) = ([0u8; 41], [0u8; 41]);
        // SAFETY: libzmq writes 40 characters and a NUL to each.
        let rc = unsafe {
            let (public, secret) = (public.as_mut_ptr(), secret.as_mut_ptr());
            zmq_sys::zmq_curve_keypair(public.cast::<c_char>(), secret.cast::<c_char>())
        };
        assert_eq!(rc, 0);
        let text = |key: [u8; 41]| String::from_utf8(key[..40].to_vec()).unwrap();
        Keys {
            public: text(public),
            secret: text(secret),
        }
    }

    /// The public key as it is on the wire, which a socket that has it knows.
    fn public_bytes(&self) -> Vec<u8> {
        let socket = Context::new().socket(zmq::Pull).unwrap();
        socket.set_curve_publickey(self.public.as_bytes()).unwrap();
        socket.get_curve_publickey().unwrap()
    }
}

/// What the handler below calls whom it lets in.
const USER: &str = "a guest";

/// Answers libzmq's questions about clients: `credentials` are let in, as
/// <https://rfc.zeromq.org/spec/27/> says. It ends with the context.
fn let_in(context: &Context, mechanism: Mechanism, credentials: &[&[u8]]) {
    let handler = context.socket(zmq::Rep).unwrap();
    handler.bind("inproc://zeromq.zap.01").unwrap();
    let credentials: Vec<_> = credentials.iter().map(|c| c.to_vec()).collect();
    thread::spawn(move || {
        while let Ok(request) = handler.recv_multipart(0) {
            let [version, id, domain, address, _identity, by, shown @ ..] = &request[..] else {
                panic!("not a request: {request:?}")
            };
            assert_eq!((&version[..], &domain[..]), (&b"1.0"[..], &b"interop"[..]));
            assert_eq!(&address[..], b"127.0.0.1");
            assert_eq!(
                format!("ZMQ_{}", String::from_utf8_lossy(by)),
                format!("{mechanism:?}")
            );
            let (status, user) = if shown == credentials {
                ("200", USER)
            } else {
                ("400", "")
            };
            let reply = [version, id, status.as_bytes(), b"", user.as_bytes(), b""];
            handler.send_multipart(reply, 0).unwrap();
        }
    });
}
