//! The Majordomo Protocol, MDP/0.1 (<https://rfc.zeromq.org/spec/7/>): clients ask for
//! services by name, workers offer them, and a broker between them knows who is alive.
//!
//! Every message begins with an empty frame, which a REQ puts there by itself, and the name
//! of the protocol. Then come, between client and broker, the service and the body; between
//! broker and worker a command and what belongs to it.

mod broker;
mod client;
mod client2;
mod worker;

pub use broker::Broker;
pub use client::Client;
pub use client2::{AsyncClient, Reply};
pub use worker::{Request, Worker};

/// What messages between client and broker begin with.
const CLIENT: &str = "MDPC01";
/// What messages between worker and broker begin with.
const WORKER: &str = "MDPW01";

/// What worker and broker tell each other.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Command {
    /// The worker offers a service, whose name follows.
    Ready = 1,
    /// The broker has work: the client's address, an empty frame, the body.
    Request,
    /// The worker has done it: likewise.
    Reply,
    /// "I am alive."
    Heartbeat,
    /// "We are through." A worker that hears it begins again, on a new socket.
    Disconnect,
}

impl Command {
    fn frame(self) -> [u8; 1] {
        [self as u8]
    }

    fn read(frame: &[u8]) -> Option<Command> {
        use Command::*;
        let all = [Ready, Request, Reply, Heartbeat, Disconnect];
        all.into_iter().find(|command| frame == command.frame())
    }
}

/// Takes the beginning of a message off: the empty frame and the name of the protocol.
/// None if it has another.
fn body(mut message: zmq::Multipart, protocol: &str) -> Option<zmq::Multipart> {
    let empty = message.pop_front()?;
    let name = message.pop_front()?;
    (empty.is_empty() && *name == *protocol.as_bytes()).then_some(message)
}
