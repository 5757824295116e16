//! Servers that are programs of their own, and what they log.

use std::collections::VecDeque;

use zmq::auth::Reason;
use zmq::Mechanism;

use super::server::Returning;
use super::{status, Caller, Keeper, Order, Pass, Wall, DOOR};
use crate::common::peer::Peer;

/// pyzmq's, or the one in C; see `auth_server.c`.
pub struct Program {
    keeper: Keeper,
    pub peer: Peer,
    /// What it logged, and nobody has looked at.
    pub log: VecDeque<String>,
}

impl Program {
    pub fn open(keeper: Keeper, wall: &Wall) -> (String, Program) {
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

    pub fn obey(&mut self, order: &Order) {
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
    pub fn log_line(&mut self) -> String {
        let known = self.log.pop_front();
        known.unwrap_or_else(|| loop {
            if let Some(line) = entry_line(self.peer.error_line()) {
                return line;
            }
        })
    }

    pub fn entry_of(&self, wall: &Wall, returning: &Returning) -> Vec<String> {
        let entry = returning
            .as_ref()
            .map(|(caller, reason)| self.entry(wall, caller, reason));
        entry.unwrap_or_default()
    }

    /// What it logs of a caller.
    pub fn entry(
        &self,
        wall: &Wall,
        Caller(pass, address): &Caller,
        reason: &Reason,
    ) -> Vec<String> {
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
pub fn entry_line(line: String) -> Option<String> {
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
