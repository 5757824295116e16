//! Sockets that spin before they wait.

use std::time::Duration;

use driver::{runtime::Threads, Kind, Peer};
use zmq::Socket;

use crate::blocking::{self, Blocking};

/// Several times as long as a round trip takes.
const TIME: Duration = Duration::from_micros(200);

pub fn spinning(socket: Socket) -> Socket {
    socket.set_spin(TIME);
    socket
}

/// In threads.
pub struct Spin(Blocking);

impl Peer for Spin {
    type Runtime = Threads;
    type Socket = blocking::Of;

    fn new() -> Self {
        Spin(Blocking::new())
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(blocking::Of, String)> {
        let (socket, endpoint) = self.0.bound(kind, endpoint)?;
        Some((blocking::Of::new(spinning(socket)), endpoint))
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<blocking::Of> {
        let socket = self.0.connected(kind, endpoint)?;
        Some(blocking::Of::new(spinning(socket)))
    }
}
