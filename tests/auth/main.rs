//! The authenticator, between sockets of this crate: who gets in, who does not, and
//! that whatever goes wrong keeps peers out. With other bindings: `interop`.

#[path = "../common/mod.rs"]
mod common;
mod failures;
mod handlers;
#[cfg(unix)]
mod ironhouse;
mod lifetime;
mod policies;

use std::sync::mpsc::{self, Receiver};
use std::sync::Arc;

use common::{bind, say, Monitor, LIMIT};
use zmq::auth::{Authenticator, Decision, Reason};
use zmq::{Context, CurveKeyPair, Error, Message, MonitorEventKind, Pull, Push, Socket, ZapStatus};

/// Sees that nobody is let in by mistake: every client sends what it is, and only
/// what guests send may arrive.
struct Server {
    context: Context,
    auth: Arc<Authenticator>,
    log: Receiver<Decision>,
    socket: Socket<Pull>,
    events: Monitor,
    endpoint: String,
}

const NULL: fn(&Socket<Pull>) = |socket| socket.set_zap_domain("test").unwrap();
const PLAIN: fn(&Socket<Pull>) = |socket| socket.set_plain_server(true).unwrap();

impl Server {
    /// A server over tcp. `prepare` gives it its mechanism.
    fn new(prepare: impl FnOnce(&Socket<Pull>)) -> Server {
        Server::bound("tcp://127.0.0.1:*", prepare)
    }

    fn bound(endpoint: &str, prepare: impl FnOnce(&Socket<Pull>)) -> Server {
        let context = Context::new();
        let auth = Arc::new(Authenticator::start(&context).unwrap());
        let log = log(&auth);
        let socket = context.socket(Pull).unwrap();
        prepare(&socket);
        let events = Monitor::new(&socket);
        let endpoint = bind(&socket, endpoint);
        Server {
            context,
            auth,
            log,
            socket,
            events,
            endpoint,
        }
    }

    /// A client that connects, and sends `message` if it gets in.
    fn client(&self, message: &str, prepare: impl FnOnce(&Socket<Push>)) -> Client {
        let socket = self.context.socket(Push).unwrap();
        socket.set_linger(0).unwrap();
        // One that was refused does not come again.
        socket.set_reconnect_ivl(-1).unwrap();
        prepare(&socket);
        let events = Monitor::new(&socket);
        socket.connect(&self.endpoint).unwrap();
        say(&socket, message);
        Client {
            _socket: socket,
            events,
        }
    }

    /// A client that is refused, as it hears itself, for a reason that the log has.
    fn refuses(&self, reason: Reason, prepare: impl FnOnce(&Socket<Push>)) -> Decision {
        let client = self.client("an intruder", prepare);
        let decision = self.decision();
        assert_eq!(decision.reason, reason);
        assert_eq!((decision.is_allowed(), &decision.user_id), (false, &None));
        let status = decision.status().unwrap();
        let failed = MonitorEventKind::HandshakeFailedAuth { status };
        assert_eq!(self.events.handshake(), failed);
        // Of what is temporary it is not told.
        if status != ZapStatus::TemporaryError {
            assert_eq!(client.events.handshake(), failed);
        }
        decision
    }

    /// A client that gets in. Its message is the first that arrives.
    fn admits(&self, prepare: impl FnOnce(&Socket<Push>)) -> (Decision, Message) {
        let client = self.client("a guest", prepare);
        let decision = self.decision();
        assert_eq!(decision.reason, Reason::Allowed, "{decision}");
        assert!(decision.is_allowed());
        assert_eq!(
            client.events.handshake(),
            MonitorEventKind::HandshakeSucceeded
        );
        assert_eq!(
            self.events.handshake(),
            MonitorEventKind::HandshakeSucceeded
        );
        self.socket
            .set_rcvtimeo(LIMIT.as_millis() as i32 / 2)
            .unwrap();
        let mut message = self.socket.recv_msg(0).unwrap();
        assert_eq!(&message[..], b"a guest");
        assert_eq!(message.gets("User-Id"), decision.user_id.as_deref());
        self.has_nothing_else();
        (decision, message)
    }

    fn has_nothing_else(&self) {
        let received = self.socket.recv_bytes(zmq::DONTWAIT);
        assert_eq!(received, Err(Error::EAGAIN));
        assert!(self.log.try_recv().is_err());
    }

    fn decision(&self) -> Decision {
        self.log
            .recv_timeout(LIMIT / 2)
            .expect("a decision in time")
    }
}

struct Client {
    _socket: Socket<Push>,
    events: Monitor,
}

/// What the authenticator decides from now on.
fn log(auth: &Authenticator) -> Receiver<Decision> {
    let (write, log) = mpsc::channel();
    auth.on_decision(move |decision| drop(write.send(decision.clone())));
    log
}

/// Nothing to show.
fn anybody(_client: &Socket<Push>) {}

/// A name and a password to show.
fn login<'a>(username: &'a str, password: &'a str) -> impl Fn(&Socket<Push>) + 'a {
    move |client| {
        client.set_plain_username(Some(username)).unwrap();
        client.set_plain_password(Some(password)).unwrap();
    }
}

/// The keys of a server and of its clients; none without CURVE.
fn keys<const N: usize>() -> Option<[CurveKeyPair; N]> {
    if zmq::has("curve") != Some(true) {
        println!("skipped: this libzmq is built without CURVE");
        return None;
    }
    Some([(); N].map(|()| CurveKeyPair::new().unwrap()))
}

fn curve_server(keys: &CurveKeyPair) -> impl Fn(&Socket<Pull>) + '_ {
    |server| {
        server.set_curve_server(true).unwrap();
        server.set_curve_secretkey(&keys.secret_key).unwrap();
    }
}

fn curve_client<'a>(
    keys: &'a CurveKeyPair,
    server: &'a CurveKeyPair,
) -> impl Fn(&Socket<Push>) + 'a {
    |client| {
        client.set_curve_serverkey(&server.public_key).unwrap();
        client.set_curve_publickey(&keys.public_key).unwrap();
        client.set_curve_secretkey(&keys.secret_key).unwrap();
    }
}
