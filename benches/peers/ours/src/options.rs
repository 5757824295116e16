//! Sockets with other options than the default.

use std::marker::PhantomData;
use std::time::Duration;

use driver::{runtime::Threads, Kind, Peer};
use zmq::Socket;

use crate::blocking::{Blocking, Of};

/// Several times as long as a round trip takes.
const SPIN: Duration = Duration::from_micros(200);
/// Bytes that wait to be sent at most. More leave the caches before they are written.
const QUEUE: usize = 2 << 20;

/// What sockets are set to.
pub trait Options {
    /// Before it binds or connects; its messages have so many bytes.
    fn set(socket: &Socket, bytes: usize);
}

/// What they are anyway.
pub struct Plain;

impl Options for Plain {
    fn set(_: &Socket, _: usize) {}
}

/// Spins before it waits.
pub struct Spin;

impl Options for Spin {
    fn set(socket: &Socket, _: usize) {
        socket.set_spin(SPIN);
    }
}

/// Has a short queue, of not more messages than by default.
pub struct Short;

impl Options for Short {
    fn set(socket: &Socket, bytes: usize) {
        let messages = (QUEUE / bytes).clamp(1, 1000);
        socket.set_sndhwm(messages as i32).unwrap();
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

    fn new(bytes: usize) -> Self {
        With {
            sockets: Blocking::set_to(move |socket| O::set(socket, bytes)),
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
