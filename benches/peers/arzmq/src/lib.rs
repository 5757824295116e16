use std::ops::Deref;

use arzmq::prelude::{
    Context, Message, PullSocket, PushSocket, Receiver, ReplySocket, RequestSocket, SendFlags,
    Sender,
};
use driver::{runtime::Tokio, Peer, Receives, Sends};

struct Arzmq(Context);

struct Of<S>(S);

impl<S: Sender + Send + Sync + 'static> Sends for Of<S> {
    async fn send(&mut self, bytes: &[u8]) {
        let flags = SendFlags::empty();
        self.0.send_msg_wait(bytes, flags).await.unwrap();
    }
}

impl<S: Receiver + Send + Sync + 'static> Receives for Of<S> {
    type Message = Message;

    async fn receive(&mut self) -> Message {
        self.0.recv_msg_wait().await.unwrap()
    }

    fn bytes(message: &Message) -> impl Deref<Target = [u8]> {
        message.as_bytes()
    }
}

impl Peer for Arzmq {
    type Runtime = Tokio;
    type Push = Of<PushSocket>;
    type Pull = Of<PullSocket>;
    type Req = Of<RequestSocket>;
    type Rep = Of<ReplySocket>;

    fn new() -> Self {
        Arzmq(Context::new().unwrap())
    }

    async fn pull(&self, endpoint: &str) -> (Self::Pull, String) {
        let socket = PullSocket::from_context(&self.0).unwrap();
        socket.bind(endpoint).unwrap();
        let endpoint = socket.last_endpoint().unwrap();
        (Of(socket), endpoint)
    }

    async fn push(&self, endpoint: &str) -> Self::Push {
        let socket = PushSocket::from_context(&self.0).unwrap();
        socket.connect(endpoint).unwrap();
        Of(socket)
    }

    async fn rep(&self, endpoint: &str) -> (Self::Rep, String) {
        let socket = ReplySocket::from_context(&self.0).unwrap();
        socket.bind(endpoint).unwrap();
        let endpoint = socket.last_endpoint().unwrap();
        (Of(socket), endpoint)
    }

    async fn req(&self, endpoint: &str) -> Self::Req {
        let socket = RequestSocket::from_context(&self.0).unwrap();
        socket.connect(endpoint).unwrap();
        Of(socket)
    }
}

fn main() {
    driver::main::<Arzmq>();
}
