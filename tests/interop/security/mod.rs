//! Who is let in and who is not, between this crate, pyzmq and C in both roles. Of
//! each who is kept out, the log of the server says why, so does the client's
//! monitor, and the next message that arrives is another's.

mod client;
mod program;
mod scenes;
mod server;

use zmq::auth::{Claim, Reason};
use zmq::{CurveKeyPair, Mechanism, MonitorEventKind, ProtocolError, ZapStatus};

use crate::common::peer::Lang;
use crate::common::timed;
use client::Clients;
use scenes::scenes;
use server::Server;

#[test]
fn rust_keeps_the_door_for_rust() {
    play(Keeper::Rust, Lang::Rust);
}

#[test]
fn rust_keeps_the_door_for_python() {
    play(Keeper::Rust, Lang::Python);
}

#[test]
fn rust_keeps_the_door_for_c() {
    play(Keeper::Rust, Lang::C);
}

#[test]
fn a_thread_of_python_keeps_the_door_for_rust() {
    play(Keeper::Thread, Lang::Rust);
}

#[test]
fn a_task_of_python_keeps_the_door_for_rust() {
    play(Keeper::Asyncio, Lang::Rust);
}

#[test]
fn c_keeps_the_door_for_rust() {
    play(Keeper::C, Lang::Rust);
}

/// Who decides at the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Keeper {
    /// `zmq::auth::Authenticator`.
    Rust,
    /// pyzmq's `ThreadAuthenticator`.
    Thread,
    /// pyzmq's `AsyncioAuthenticator`.
    Asyncio,
    /// The handler in `auth_server.c`.
    C,
}

impl Keeper {
    fn lang(self) -> Lang {
        match self {
            Keeper::Rust => Lang::Rust,
            Keeper::Thread | Keeper::Asyncio => Lang::Python,
            Keeper::C => Lang::C,
        }
    }
}

/// What a client shows.
#[derive(Clone, Debug)]
enum Pass {
    Null,
    Plain {
        username: &'static str,
        password: &'static str,
    },
    Curve {
        keys: CurveKeyPair,
        server: [u8; 32],
    },
}

impl Pass {
    /// What a server's log has of it.
    fn claim(&self) -> Claim {
        match self {
            Pass::Null => Claim::Null,
            Pass::Plain { username, .. } => Claim::Plain {
                username: username.to_string(),
            },
            Pass::Curve { keys, .. } => Claim::Curve {
                public_key: keys.public_key,
            },
        }
    }

    /// The user id on the messages of whom it lets in.
    fn user_id(&self) -> String {
        match self {
            Pass::Null => "anonymous".into(),
            Pass::Plain { username, .. } => username.to_string(),
            Pass::Curve { keys, .. } => keys.public_key_z85(),
        }
    }
}

/// What the server's socket is.
#[derive(Clone, Debug)]
struct Wall {
    mechanism: Mechanism,
    /// Empty for none.
    domain: &'static str,
    /// If the mechanism is CURVE.
    keys: Option<CurveKeyPair>,
    /// `ZMQ_HANDSHAKE_IVL`, in milliseconds.
    patience: i32,
}

/// The routing id of all servers: the log has it.
const DOOR: &str = "door";

/// Who comes: with what, and from which address.
#[derive(Clone, Debug)]
struct Caller(Pass, &'static str);

/// Where callers come from.
const HERE: &str = "127.0.0.1";
/// All of 127.0.0.0/8 is this machine, on Linux.
const THERE: &str = "127.0.0.2";

/// What the server's authenticator is told.
#[derive(Clone, Debug)]
enum Order {
    /// In this domain, let in who shows this, and nobody else who shows the like.
    Admit(&'static str, Pass),
    Allow(&'static str),
    Deny(&'static str),
    /// Answer this to everybody, until somebody is to be admitted.
    Answer(ZapStatus),
    /// There is no authenticator any more.
    Stop,
    /// There is another.
    Start,
}

/// Why somebody is kept out.
#[derive(Clone, Debug)]
enum Refusal {
    /// Of those that an authenticator has.
    Authenticator(Reason),
    /// It thinks that it talks to another server, which is not asked.
    WrongServerKey,
    /// It has another mechanism than the server, which is not asked.
    Mismatch,
    /// The authenticator has stopped, and logs nothing.
    Stopped,
}

impl Refusal {
    /// What the server's monitor says about it.
    fn at_server(&self) -> Ending {
        let auth = |status| MonitorEventKind::HandshakeFailedAuth { status };
        let protocol = |error| MonitorEventKind::HandshakeFailedProtocol { error };
        Ending::of(&match self {
            Refusal::Authenticator(reason) => auth(status(reason)),
            Refusal::Stopped => auth(ZapStatus::TemporaryError),
            Refusal::WrongServerKey => protocol(ProtocolError::ZmtpCryptographic),
            Refusal::Mismatch => protocol(ProtocolError::ZmtpMechanismMismatch),
        })
    }

    /// What the client's monitor says.
    fn at_client(&self) -> Ending {
        match self {
            // The server hangs up without a word.
            Refusal::WrongServerKey
            | Refusal::Stopped
            | Refusal::Authenticator(Reason::NotNow(_)) => Ending::HUNG_UP,
            _ => self.at_server(),
        }
    }

    /// Whether one side need not see why. Both see a mismatch, and hang up; who is
    /// second sees only that, and a client tries again until it is first.
    fn may_be(&self, ending: &Ending) -> bool {
        matches!(self, Refusal::Mismatch) && *ending == Ending::HUNG_UP
    }
}

/// How a handshake ended: a monitor's event, and its value.
#[derive(Debug, PartialEq)]
struct Ending {
    event: u32,
    value: u32,
}

impl Ending {
    const SUCCEEDED: Ending = Ending::new(zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 0);
    const HUNG_UP: Ending = Ending::new(zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, 0);

    /// The value of `HUNG_UP`, an error of the system, need not be the reason.
    const fn new(event: u32, value: u32) -> Ending {
        let value = match event {
            zmq_sys::ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL => 0,
            _ => value,
        };
        Ending { event, value }
    }

    fn of(event: &MonitorEventKind) -> Ending {
        let value = match event {
            MonitorEventKind::HandshakeFailedAuth { status } => status.to_raw(),
            MonitorEventKind::HandshakeFailedProtocol { error } => error.to_raw(),
            _ => 0,
        };
        Ending::new(event.to_raw() as u32, value)
    }
}

/// What libzmq is told for this reason.
fn status(reason: &Reason) -> ZapStatus {
    match reason {
        Reason::NotNow(_) => ZapStatus::TemporaryError,
        Reason::FunctionPanicked => ZapStatus::InternalError,
        _ => ZapStatus::AuthenticationFailure,
    }
}

/// What is said to who shall come later.
const LUNCH: &str = "at lunch";

fn at_lunch() -> Reason {
    Reason::NotNow(LUNCH.into())
}

#[derive(Clone, Debug)]
enum Step {
    Told(Order),
    /// Somebody new is kept out.
    Refused(Caller, Refusal),
    /// Somebody new comes in.
    LetIn(Caller),
    /// The socket of who came last connects once more, and comes in.
    Again,
    /// The socket of who came last comes in without being told to.
    Returns,
    /// Who came in last has not been thrown out.
    Stays,
}

struct Scene {
    shows: &'static str,
    keepers: &'static [Keeper],
    wall: Wall,
    steps: Vec<Step>,
}

fn play(keeper: Keeper, visitors: Lang) {
    keeper.lang().prepare();
    visitors.prepare();
    let scenes = scenes();
    for scene in scenes.into_iter().filter(|s| s.keepers.contains(&keeper)) {
        timed(move || act(&scene, keeper, visitors));
    }
}

fn act(scene: &Scene, keeper: Keeper, visitors: Lang) {
    println!("{}: {:?}", scene.shows, scene.wall);
    let mut server = Server::open(keeper, &scene.wall);
    let mut clients = Clients::start(visitors);
    // Who came last, and what it sent first.
    let mut last = None;
    for (i, step) in scene.steps.iter().enumerate() {
        println!("{step:?}");
        let text = format!("message-{i}");
        if let Step::Refused(caller, _) | Step::LetIn(caller) = step {
            let Caller(pass, address) = caller;
            let endpoint = server.endpoint.replace("//", &format!("//{address}:0;"));
            clients.open(&endpoint, pass);
            clients.send(&text);
            last = Some((caller, text.clone()));
        }
        let last = || last.as_ref().expect("somebody came");
        let caller = || last().0;
        match step {
            Step::Told(order) => server.told(order),
            Step::Refused(_, refusal) => {
                let mut ending = clients.handshake();
                while refusal.may_be(&ending) {
                    ending = clients.handshake();
                }
                assert_eq!(ending, refusal.at_client());
                server.has_refused(caller(), refusal);
            }
            Step::LetIn(_) | Step::Again => {
                if let Step::Again = step {
                    clients.again();
                    clients.send(&text);
                }
                assert_eq!(clients.handshake(), Ending::SUCCEEDED);
                server.has_let_in(caller());
                server.receives(caller(), &text);
            }
            Step::Returns => {
                while clients.handshake() != Ending::SUCCEEDED {}
                server.has_let_in(caller());
                server.receives(caller(), &last().1);
            }
            Step::Stays => {
                clients.send(&text);
                server.receives(caller(), &text);
            }
        }
    }
    server.end();
}
