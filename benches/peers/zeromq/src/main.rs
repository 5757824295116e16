use std::ops::Deref;

use driver::{runtime::Tokio, Peer, Receives, Sends};
use zeromq::{
    PullSocket, PushSocket, RepSocket, ReqSocket, Socket, SocketRecv, SocketSend, ZmqMessage,
};

struct Zeromq;

struct Of<S>(S);

async fn bind<S: Socket>(endpoint: &str) -> (Of<S>, String) {
    let mut socket = S::new();
    let endpoint = socket.bind(endpoint).await.unwrap();
    (Of(socket), endpoint.to_string())
}

async fn connect<S: Socket>(endpoint: &str) -> Of<S> {
    let mut socket = S::new();
    socket.connect(endpoint).await.unwrap();
    Of(socket)
}

impl<S: SocketSend + Send + 'static> Sends for Of<S> {
    async fn send(&mut self, bytes: &[u8]) {
        self.0.send(bytes.to_vec().into()).await.unwrap();
    }
}

impl<S: SocketRecv + Send + 'static> Receives for Of<S> {
    type Message = ZmqMessage;

    async fn receive(&mut self) -> ZmqMessage {
        self.0.recv().await.unwrap()
    }

    fn bytes(message: &ZmqMessage) -> impl Deref<Target = [u8]> {
        &message.get(0).unwrap()[..]
    }
}

impl Peer for Zeromq {
    type Runtime = Tokio;
    type Push = Of<PushSocket>;
    type Pull = Of<PullSocket>;
    type Req = Of<ReqSocket>;
    type Rep = Of<RepSocket>;

    fn new() -> Self {
        Zeromq
    }

    async fn pull(&self, endpoint: &str) -> (Self::Pull, String) {
        bind(endpoint).await
    }

    async fn push(&self, endpoint: &str) -> Self::Push {
        connect(endpoint).await
    }

    async fn rep(&self, endpoint: &str) -> (Self::Rep, String) {
        bind(endpoint).await
    }

    async fn req(&self, endpoint: &str) -> Self::Req {
        connect(endpoint).await
    }
}

fn main() {
    driver::main::<Zeromq>();
}
