//! This crate as a peer: the sockets are the same, whoever waits for them.

pub mod blocking;
pub mod options;
pub mod tokio;

use std::marker::PhantomData;
use std::ops::Deref;

use driver::{Kind, Peer, Runtime, Socket};
use zmq::aio::AsyncSocket;
use zmq::{Message, Multipart};

use options::{Options, With};

/// A way to wait.
pub trait Wait {
    type Runtime: Runtime;

    fn adopt(socket: zmq::Socket) -> AsyncSocket;
}

/// Awaited, in any runtime.
pub struct Awaited<W, O = options::Plain> {
    with: With<O>,
    wait: PhantomData<W>,
}

impl<W: Wait, O: Options> Peer for Awaited<W, O> {
    type Runtime = W::Runtime;
    type Socket = Of;

    fn new() -> Self {
        Awaited {
            with: With::new(),
            wait: PhantomData,
        }
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(Of, String)> {
        let (socket, endpoint) = self.with.sockets.bound(kind, endpoint)?;
        Some((Of::new(W::adopt(socket)), endpoint))
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<Of> {
        let socket = self.with.sockets.connected(kind, endpoint)?;
        Some(Of::new(W::adopt(socket)))
    }
}

pub struct Of {
    socket: AsyncSocket,
    /// What was received in one call.
    received: Vec<Message>,
    /// How many of these were taken.
    taken: usize,
}

impl Of {
    fn new(socket: AsyncSocket) -> Of {
        Of {
            socket,
            received: Vec::new(),
            taken: 0,
        }
    }

    /// The next one that was received.
    async fn next(&mut self) -> &mut Message {
        if self.taken == self.received.len() {
            self.received.clear();
            self.taken = 0;
            self.socket
                .recv_many(&mut self.received, 100)
                .await
                .unwrap();
        }
        self.taken += 1;
        &mut self.received[self.taken - 1]
    }
}

impl Socket for Of {
    type Message = Message;
    type Frames = Multipart;

    async fn send(&mut self, bytes: &[u8]) {
        self.socket.send(bytes).await.unwrap();
    }

    async fn give(&mut self, bytes: Vec<u8>) {
        self.socket.send(bytes).await.unwrap();
    }

    async fn send_frames(&mut self, frames: &[&[u8]]) {
        let frames = frames.iter().copied();
        self.socket.send_multipart(frames).await.unwrap();
    }

    async fn receive(&mut self) -> Message {
        if self.taken < self.received.len() {
            return std::mem::take(self.next().await);
        }
        self.socket.recv_msg().await.unwrap()
    }

    async fn look<T: Send>(&mut self, look: impl FnOnce(&[u8]) -> T + Send) -> T {
        look(self.next().await)
    }

    async fn receive_frames(&mut self) -> Multipart {
        self.socket.recv_frames().await.unwrap()
    }

    fn bytes(message: &Message) -> impl Deref<Target = [u8]> {
        &message[..]
    }

    fn frame(frames: &Multipart, i: usize) -> Option<impl Deref<Target = [u8]>> {
        frames.get(i).map(|frame| &frame[..])
    }
}
