//! Messages and security between this crate and other bindings: a mirror, in
//! Python or C, passes on what a test sends, and it must come back unchanged.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
mod data;
#[cfg(all(feature = "draft", zmq_vendored))]
mod draft;
mod security;

use common::peer::{Lang, Peer};
use common::LIMIT;
use zmq::{Context, Kind, Socket};

/// Starts a mirror; see `tests/peers/c/mirror.c` for its arguments.
fn mirror(lang: Lang, arguments: &[&str]) -> Peer {
    let mut command = lang.program("mirror");
    command.args(arguments);
    Peer::spawn(command)
}

/// A socket that waits for less than a test may take.
fn socket<K: Kind>(context: &Context, kind: K) -> Socket<K> {
    let socket = context.socket(kind).unwrap();
    let limit = LIMIT.as_millis() as i32 / 2;
    socket.as_dyn().set_rcvtimeo(limit).unwrap();
    socket.as_dyn().set_sndtimeo(limit).unwrap();
    socket
}
