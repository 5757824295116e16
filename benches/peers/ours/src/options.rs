//! Sockets with other options than the default.

use std::marker::PhantomData;
use std::time::Duration;

use driver::{runtime::Threads, Kind, Peer};
use zmq::Socket;

use crate::blocking::{Blocking, Of};

/// Several times as long as a round trip takes.
const SPIN: Duration = Duration::from_micros(200);

/// What sockets are set to.
pub trait Options {
    /// Before it binds or connects.
    fn set(socket: &Socket);
}

/// What they are anyway.
pub struct Plain;

impl Options for Plain {
    fn set(_: &Socket) {}
}

/// Spins before it waits.
pub struct Spin;

impl Options for Spin {
    fn set(socket: &Socket) {
        socket.set_spin(SPIN);
    }
}

/// Does not wait for fast connections.
pub struct Unpaced;

impl Options for Unpaced {
    fn set(socket: &Socket) {
        socket.set_pacing(false);
    }
}

/// In threads.
pub struct With<O> {
    pub sockets: Blocking,
    options: PhantomData<O>,
}

impl<O: Options> Peer for With<O> {
    type Runtime = Threads;
    type Socket = Of;

    fn new() -> Self {
        With {
            sockets: Blocking::set_to(|socket| O::set(socket)),
            options: PhantomData,
        }
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(Of, String)> {
        self.sockets.bind(kind, endpoint).await
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<Of> {
        self.sockets.connect(kind, endpoint).await
    }
}
