use std::ops::Deref;

use driver::{runtime::Tokio, Peer, Receives, Sends};
use rzmq::socket::LAST_ENDPOINT;
use rzmq::{Context, Msg, Socket, SocketType};

struct Rzmq(Context);

struct Of(Socket);

impl Rzmq {
    async fn bind(&self, kind: SocketType, endpoint: &str) -> (Of, String) {
        let socket = self.0.socket(kind).unwrap();
        socket.bind(endpoint).await.unwrap();
        let endpoint = socket.get_option(LAST_ENDPOINT).await.unwrap();
        (Of(socket), String::from_utf8(endpoint).unwrap())
    }

    async fn connect(&self, kind: SocketType, endpoint: &str) -> Of {
        let socket = self.0.socket(kind).unwrap();
        socket.connect(endpoint).await.unwrap();
        Of(socket)
    }
}

impl Sends for Of {
    async fn send(&mut self, bytes: &[u8]) {
        self.0.send(Msg::from_vec(bytes.to_vec())).await.unwrap();
    }
}

impl Receives for Of {
    type Message = Msg;

    async fn receive(&mut self) -> Msg {
        self.0.recv().await.unwrap()
    }

    fn bytes(message: &Msg) -> impl Deref<Target = [u8]> {
        message.data().unwrap()
    }
}

impl Peer for Rzmq {
    type Runtime = Tokio;
    type Push = Of;
    type Pull = Of;
    type Req = Of;
    type Rep = Of;

    fn new() -> Self {
        Rzmq(Context::new().unwrap())
    }

    async fn pull(&self, endpoint: &str) -> (Of, String) {
        self.bind(SocketType::Pull, endpoint).await
    }

    async fn push(&self, endpoint: &str) -> Of {
        self.connect(SocketType::Push, endpoint).await
    }

    async fn rep(&self, endpoint: &str) -> (Of, String) {
        self.bind(SocketType::Rep, endpoint).await
    }

    async fn req(&self, endpoint: &str) -> Of {
        self.connect(SocketType::Req, endpoint).await
    }
}

fn main() {
    driver::main::<Rzmq>();
}
