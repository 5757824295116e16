//! This crate as a peer: the sockets are the same, whoever waits for them.

use std::ops::Deref;

use driver::{Peer, Receives, Runtime, Sends};
use zmq::aio::AsyncSocket;
use zmq::{CanRecv, CanSend, Context, Kind, Message, Pull, Push, Rep, Req, Socket};

/// A way to wait.
pub trait Wait {
    type Runtime: Runtime;
    type Socket<K>;

    fn adopt<K: Kind>(socket: Socket<K>) -> Self::Socket<K>;
}

pub struct Ours<W> {
    context: Context,
    _wait: W,
}

impl<W: Wait> Ours<W> {
    fn bind<K: Kind>(&self, kind: K, endpoint: &str) -> (W::Socket<K>, String) {
        let socket = self.context.socket(kind).unwrap();
        socket.bind(endpoint).unwrap();
        let endpoint = socket.get_last_endpoint().unwrap().unwrap();
        (W::adopt(socket), endpoint)
    }

    fn connect<K: Kind>(&self, kind: K, endpoint: &str) -> W::Socket<K> {
        let socket = self.context.socket(kind).unwrap();
        socket.connect(endpoint).unwrap();
        W::adopt(socket)
    }
}

impl<W: Wait + Default> Peer for Ours<W>
where
    W::Socket<Push>: Sends,
    W::Socket<Pull>: Receives,
    W::Socket<Req>: Sends + Receives,
    W::Socket<Rep>: Sends + Receives,
{
    type Runtime = W::Runtime;
    type Push = W::Socket<Push>;
    type Pull = W::Socket<Pull>;
    type Req = W::Socket<Req>;
    type Rep = W::Socket<Rep>;

    fn new() -> Self {
        Ours {
            context: Context::new(),
            _wait: W::default(),
        }
    }

    async fn pull(&self, bind: &str) -> (Self::Pull, String) {
        self.bind(Pull, bind)
    }

    async fn push(&self, connect: &str) -> Self::Push {
        self.connect(Push, connect)
    }

    async fn rep(&self, bind: &str) -> (Self::Rep, String) {
        self.bind(Rep, bind)
    }

    async fn req(&self, connect: &str) -> Self::Req {
        self.connect(Req, connect)
    }
}

/// Awaited, in any runtime.
pub struct Awaited<K> {
    socket: AsyncSocket<K>,
    /// What was received in one call, the last first.
    received: Vec<Message>,
}

impl<K> Awaited<K> {
    pub fn new(socket: AsyncSocket<K>) -> Awaited<K> {
        Awaited {
            socket,
            received: Vec::new(),
        }
    }
}

impl<K: Kind + CanSend + Send + Sync + 'static> Sends for Awaited<K> {
    async fn send(&mut self, bytes: &[u8]) {
        self.socket.send(bytes).await.unwrap();
    }
}

impl<K: Kind + CanRecv + Send + Sync + 'static> Receives for Awaited<K> {
    type Message = Message;

    async fn receive(&mut self) -> Message {
        if self.received.is_empty() {
            self.socket
                .recv_many(&mut self.received, 100)
                .await
                .unwrap();
            self.received.reverse();
        }
        self.received.pop().unwrap()
    }

    fn bytes(message: &Message) -> impl Deref<Target = [u8]> {
        &message[..]
    }
}
