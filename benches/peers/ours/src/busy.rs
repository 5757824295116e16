//! Sockets that poll before they wait.

use std::time::Duration;

use driver::{runtime::Threads, Kind, Peer};
use zmq::Socket;

use crate::blocking::{self, Blocking};

/// Several times as long as a round trip takes.
const TIME: Duration = Duration::from_micros(200);

pub fn busy(socket: Socket) -> Socket {
    socket.set_busy_poll(TIME);
    socket
}

/// In threads.
pub struct Busy(Blocking);

impl Peer for Busy {
    type Runtime = Threads;
    type Socket = blocking::Of;

    fn new() -> Self {
        Busy(Blocking::new())
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(blocking::Of, String)> {
        let (socket, endpoint) = self.0.bound(kind, endpoint)?;
        Some((blocking::Of(busy(socket)), endpoint))
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<blocking::Of> {
        let socket = self.0.connected(kind, endpoint)?;
        Some(blocking::Of(busy(socket)))
    }
}
