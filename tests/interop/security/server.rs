//! The one who is knocked at, and who decides for it.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender};

use zmq::auth::{Authenticator, CurveClients, Decision, Reason, Verdict};
use zmq::{Context, Mechanism, Pull, Socket, ZapStatus, DONTWAIT};

use super::{status, Caller, Ending, Keeper, Order, Pass, Refusal, Wall, DOOR, LUNCH};
use crate::common::peer::Peer;
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
type Returning = Option<(Caller, Reason)>;

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

/// pyzmq's, or the one in C; see `auth_server.c`.
struct Program {
    keeper: Keeper,
    peer: Peer,
    /// What it logged, and nobody has looked at.
    log: VecDeque<String>,
}

impl Program {
    fn open(keeper: Keeper, wall: &Wall) -> (String, Program) {
        let mut command = keeper.lang().program("auth_server");
        match keeper {
            Keeper::Thread => drop(command.arg("thread")),
            Keeper::Asyncio => drop(command.arg("asyncio")),
            _ => {}
        }
        command.arg(format!("routing_id={DOOR}"));
        command.arg(format!("handshake_ivl={}", wall.patience));
        if !wall.domain.is_empty() {
            command.arg(format!("zap_domain={}", wall.domain));
        }
        if wall.mechanism == Mechanism::ZMQ_PLAIN {
            command.arg("plain_server=1");
        }
        if let Some(keys) = &wall.keys {
            command.arg("curve_server=1");
            command.arg(format!("curve_secretkey={}", &keys.secret_key_z85()[..]));
        }
        let peer = Peer::spawn(command);
        let endpoint = peer.endpoint();
        let log = VecDeque::new();
        (endpoint, Program { keeper, peer, log })
    }

    fn obey(&mut self, order: &Order) {
        let line = match order {
            Order::Admit(domain, Pass::Null) => format!("NULL {domain}"),
            Order::Admit(domain, Pass::Plain { username, password }) => {
                format!("PLAIN {domain} {username} {password}")
            }
            Order::Admit(domain, Pass::Curve { keys, .. }) => {
                format!("CURVE {domain} {}", keys.public_key_z85())
            }
            Order::Allow(address) => format!("allow {address}"),
            Order::Deny(address) => format!("deny {address}"),
            Order::Answer(status) => format!("answer {}", status.to_raw()),
            Order::Stop | Order::Start => panic!("programs are not told to"),
        };
        self.peer.type_line(line.as_bytes());
        loop {
            match self.peer.error_line() {
                line if line == "done" => return,
                line => self.log.extend(entry_line(line)),
            }
        }
    }

    /// The next line that is of an entry.
    fn log_line(&mut self) -> String {
        let known = self.log.pop_front();
        known.unwrap_or_else(|| loop {
            if let Some(line) = entry_line(self.peer.error_line()) {
                return line;
            }
        })
    }

    fn entry_of(&self, wall: &Wall, returning: &Returning) -> Vec<String> {
        let entry = returning
            .as_ref()
            .map(|(caller, reason)| self.entry(wall, caller, reason));
        entry.unwrap_or_default()
    }

    /// What it logs of a caller.
    fn entry(&self, wall: &Wall, Caller(pass, address): &Caller, reason: &Reason) -> Vec<String> {
        let (mechanism, name) = match pass {
            Pass::Null => ("NULL", String::new()),
            Pass::Plain { .. } => ("PLAIN", pass.user_id()),
            Pass::Curve { .. } => ("CURVE", pass.user_id()),
        };
        let domain = wall.domain;
        let code = match reason {
            Reason::Allowed => 200,
            _ => status(reason).to_raw(),
        };
        if self.keeper == Keeper::C {
            return vec![format!(
                "asked domain={domain} address={address} routing_id={DOOR} \
                 mechanism={mechanism} name={name}: {code}"
            )];
        }
        let asked = format!(
            "version: b'1.0', request_id: b'1', domain: '{domain}', address: '{address}', \
             identity: b'{DOOR}', mechanism: b'{mechanism}'"
        );
        let domain = if domain.is_empty() { "*" } else { domain };
        let text = match (reason, pass) {
            (Reason::Allowed, _) => "OK",
            (Reason::AddressNotAllowed, _) => "Address not allowed",
            (Reason::AddressDenied, _) => "Address denied",
            (Reason::InvalidUsername, _) => "Invalid username",
            (Reason::InvalidPassword, _) => "Invalid password",
            (Reason::UnknownKey, _) => "Unknown key",
            (Reason::UnknownDomain, Pass::Plain { .. }) => "Invalid domain",
            (Reason::UnknownDomain, _) => "Unknown domain",
            other => panic!("pyzmq does not say {other:?}"),
        };
        let verdict = match (reason, pass) {
            (Reason::AddressNotAllowed, _) => {
                Some(format!("DENIED (not allowed) address={address}"))
            }
            (Reason::AddressDenied, _) => Some(format!("DENIED (denied) address={address}")),
            (Reason::Allowed, Pass::Plain { password, .. }) => Some(format!(
                "ALLOWED (PLAIN) domain={domain} username={name} password={password}"
            )),
            (_, Pass::Plain { .. }) => Some(format!("DENIED b'{text}'")),
            (Reason::Allowed, Pass::Curve { .. }) => Some(format!(
                "ALLOWED (CURVE) domain={domain} client_key=b'{name}'"
            )),
            (Reason::UnknownKey, _) => Some(format!(
                "DENIED (CURVE) domain={domain} client_key=b'{name}'"
            )),
            _ => None,
        };
        let reply = format!("ZAP reply code=b'{code}' text=b'{text}'");
        let lines = [Some(asked), verdict, Some(reply)];
        lines
            .into_iter()
            .flatten()
            .map(|line| format!("log {line}"))
            .collect()
    }
}

/// A line of an entry in a program's log, but for what pyzmq says on the way to it.
fn entry_line(line: String) -> Option<String> {
    let starts = [
        "asked ",
        "log version: ",
        "log DENIED ",
        "log ALLOWED (",
        "log ZAP reply ",
    ];
    let is_one = starts.iter().any(|start| line.starts_with(start));
    (is_one && line != "log ALLOWED (NULL)").then_some(line)
}
