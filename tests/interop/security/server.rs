//! The one who is knocked at, and who decides for it.

use std::sync::mpsc::{self, Receiver, Sender};

use zmq::auth::{Authenticator, CurveClients, Decision, Reason, Verdict};
use zmq::{Context, Mechanism, Pull, Socket, ZapStatus, DONTWAIT};

use super::program::{entry_line, Program};
use super::{status, Caller, Ending, Keeper, Order, Pass, Refusal, Wall, DOOR, LUNCH};
use crate::common::{bind_tcp, Monitor, LIMIT};
use crate::socket;

/// A PULL socket behind a wall, and its log of decisions.
pub struct Server {
    pub endpoint: String,
    wall: Wall,
    returning: Returning,
    side: Side,
}

enum Side {
    Rust(Box<Rust>),
    Program(Program),
}

impl Server {
    pub fn open(keeper: Keeper, wall: &Wall) -> Server {
        let (endpoint, side) = match keeper {
            Keeper::Rust => {
                let (endpoint, rust) = Rust::open(wall);
                (endpoint, Side::Rust(Box::new(rust)))
            }
            _ => {
                let (endpoint, program) = Program::open(keeper, wall);
                (endpoint, Side::Program(program))
            }
        };
        Server {
            endpoint,
            wall: wall.clone(),
            returning: None,
            side,
        }
    }

    pub fn told(&mut self, order: &Order) {
        match &mut self.side {
            Side::Rust(rust) => rust.obey(order),
            Side::Program(program) => program.obey(order),
        }
    }

    /// Waits until it has kept somebody out: the log has it, and its monitor, if it
    /// is not a program.
    pub fn has_refused(&mut self, caller: &Caller, refusal: &Refusal) {
        if let Side::Rust(rust) = &self.side {
            // Others may still be trying, with the wrong key for the server.
            loop {
                let ending = Ending::of(&rust.monitor.handshake());
                if ending == refusal.at_server() || refusal.may_be(&ending) {
                    break;
                }
            }
        }
        if let Refusal::Authenticator(reason) = refusal {
            self.has_logged(caller, reason);
            // Whom libzmq does not tell that it was refused, and who is told before it
            // has said its own word, as may happen without a mechanism.
            let may_return = matches!(reason, Reason::NotNow(_)) || matches!(caller.0, Pass::Null);
            self.returning = may_return.then(|| (caller.clone(), reason.clone()));
        }
    }

    /// Waits until the log has somebody who came in, unless libzmq asks nobody.
    pub fn has_let_in(&mut self, caller: &Caller) {
        if self.user_id(caller).is_some() {
            self.has_logged(caller, &Reason::Allowed);
        }
    }

    /// The user id on a caller's messages; none if libzmq does not ask about it.
    fn user_id(&self, Caller(pass, _): &Caller) -> Option<String> {
        let asks = self.wall.mechanism != Mechanism::ZMQ_NULL || !self.wall.domain.is_empty();
        asks.then(|| pass.user_id())
    }

    /// The next entry of the log is this one, but for those of who returns.
    fn has_logged(&mut self, caller: &Caller, reason: &Reason) {
        match &mut self.side {
            Side::Rust(rust) => {
                let mut decision = rust.decision();
                while is_of(&self.returning, &decision) {
                    decision = rust.decision();
                }
                check(&decision, &self.wall, caller, reason);
            }
            Side::Program(program) => {
                let known = program.entry_of(&self.wall, &self.returning);
                for expected in program.entry(&self.wall, caller, reason) {
                    let mut line = program.log_line();
                    while known.contains(&line) {
                        line = program.log_line();
                    }
                    assert_eq!(line, expected);
                }
            }
        }
    }

    /// The next message is this one.
    pub fn receives(&mut self, caller: &Caller, text: &str) {
        let user_id = self.user_id(caller);
        match &mut self.side {
            Side::Rust(rust) => {
                let mut message = rust.pull.recv_msg(0).unwrap();
                assert_eq!(message.as_str(), Some(text));
                assert_eq!(message.gets("User-Id"), user_id.as_deref());
            }
            Side::Program(program) => {
                let user_id = user_id.as_deref().unwrap_or("-");
                let line = String::from_utf8(program.peer.line()).unwrap();
                assert_eq!(line, format!("{user_id} {text}"));
            }
        }
    }

    /// There was nothing else, neither a message nor an entry in the log, but for those
    /// of who returns.
    pub fn end(self) {
        let returning = self.returning;
        match self.side {
            Side::Rust(rust) => {
                assert_eq!(rust.pull.recv_bytes(DONTWAIT), Err(zmq::Error::EAGAIN));
                let rest = rust.decisions.try_iter().filter(|d| !is_of(&returning, d));
                assert_eq!(rest.collect::<Vec<_>>(), []);
            }
            Side::Program(mut program) => {
                let known = program.entry_of(&self.wall, &returning);
                program.peer.end_input();
                let end = program.peer.end();
                assert_eq!((end.status, &end.output[..]), (Some(0), &[][..]));
                let lines = program.log.into_iter().chain(end.errors);
                let rest = lines.filter_map(entry_line).filter(|l| !known.contains(l));
                assert_eq!(rest.collect::<Vec<_>>(), [""; 0]);
            }
        }
    }
}

/// Who was refused, why, and may try again.
pub type Returning = Option<(Caller, Reason)>;

fn is_of(returning: &Returning, decision: &Decision) -> bool {
    returning
        .as_ref()
        .is_some_and(|(Caller(pass, address), reason)| {
            decision.reason == *reason
                && decision.claim == pass.claim()
                && decision.peer.address == *address
        })
}

/// This crate's.
struct Rust {
    pull: Socket<Pull>,
    monitor: Monitor,
    authenticator: Option<Authenticator>,
    log: Sender<Decision>,
    decisions: Receiver<Decision>,
    context: Context,
}

impl Rust {
    fn open(wall: &Wall) -> (String, Rust) {
        let context = Context::new();
        let (log, decisions) = mpsc::channel();
        let authenticator = Some(start(&context, &log));
        let pull = socket(&context, zmq::Pull);
        pull.as_dyn().set_identity(DOOR.as_bytes()).unwrap();
        if !wall.domain.is_empty() {
            pull.set_zap_domain(wall.domain).unwrap();
        }
        pull.set_handshake_ivl(wall.patience).unwrap();
        if wall.mechanism == Mechanism::ZMQ_PLAIN {
            pull.set_plain_server(true).unwrap();
        }
        if let Some(keys) = &wall.keys {
            pull.set_curve_server(true).unwrap();
            pull.set_curve_secretkey(&keys.secret_key).unwrap();
        }
        assert_eq!(pull.get_mechanism(), Ok(wall.mechanism));
        let monitor = Monitor::new(&pull);
        let rust = Rust {
            pull,
            monitor,
            authenticator,
            log,
            decisions,
            context,
        };
        (bind_tcp(&rust.pull), rust)
    }

    fn obey(&mut self, order: &Order) {
        let Some(authenticator) = &self.authenticator else {
            assert!(matches!(order, Order::Start));
            self.authenticator = Some(start(&self.context, &self.log));
            return;
        };
        match order {
            Order::Admit(_, Pass::Null) => Ok(()),
            Order::Stop => {
                self.authenticator = None;
                return;
            }
            Order::Start => panic!("there is one"),
            Order::Admit(domain, Pass::Plain { username, password }) => {
                authenticator.configure_plain(domain, [(username, password)])
            }
            Order::Admit(domain, Pass::Curve { keys, .. }) => {
                authenticator.configure_curve(domain, CurveClients::keys([keys.public_key]))
            }
            Order::Allow(address) => authenticator.allow([address]),
            Order::Deny(address) => authenticator.deny([address]),
            Order::Answer(status) => {
                let verdict = match status {
                    ZapStatus::TemporaryError => Some(Verdict::Retry(LUNCH.into())),
                    _ => None,
                };
                let answer = move || verdict.clone().expect("a panic, as the test wants");
                let again = answer.clone();
                authenticator
                    .configure_plain_callback("*", move |_, _, _| answer())
                    .and(authenticator.configure_curve_callback("*", move |_, _| again()))
            }
        }
        .unwrap();
    }

    fn decision(&self) -> Decision {
        self.decisions.recv_timeout(LIMIT / 2).unwrap()
    }
}

/// Starts an authenticator that logs.
fn start(context: &Context, log: &Sender<Decision>) -> Authenticator {
    let authenticator = Authenticator::start(context).unwrap();
    let log = log.clone();
    authenticator.on_decision(move |decision| log.send(decision.clone()).unwrap());
    authenticator
}

/// A decision has all that is known of the caller, and why.
fn check(decision: &Decision, wall: &Wall, Caller(pass, address): &Caller, reason: &Reason) {
    assert_eq!(decision.claim, pass.claim());
    assert_eq!(decision.reason, *reason);
    assert_eq!(decision.peer.domain, wall.domain);
    assert_eq!(decision.peer.address, *address);
    assert_eq!(decision.peer.routing_id, DOOR.as_bytes());
    let is_allowed = *reason == Reason::Allowed;
    assert_eq!(decision.is_allowed(), is_allowed);
    assert_eq!(decision.status(), (!is_allowed).then(|| status(reason)));
    assert_eq!(decision.user_id, is_allowed.then(|| pass.user_id()));
}
