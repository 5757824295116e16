use std::ops::Deref;

use driver::{runtime::Tokio, Peer, Receives, Sends};
use futures_util::{SinkExt, StreamExt};
use tmq::{
    pull::Pull,
    push::Push,
    request_reply::{RequestReceiver, RequestSender},
    AsZmqSocket, Context, Multipart,
};

struct Tmq(Context);

struct Of<S>(S);

/// REQ and REP are values that turn into one another.
enum Turn {
    Send(RequestSender),
    Receive(RequestReceiver),
    Underway,
}

fn one_frame(bytes: &[u8]) -> Multipart {
    tmq::Message::from(bytes).into()
}

fn endpoint(socket: &impl AsZmqSocket) -> String {
    let endpoint = socket.get_socket().get_last_endpoint();
    endpoint.unwrap().unwrap()
}

impl Sends for Of<Push> {
    async fn send(&mut self, bytes: &[u8]) {
        self.0.send(one_frame(bytes)).await.unwrap();
    }
}

impl Receives for Of<Pull> {
    type Message = Multipart;

    async fn receive(&mut self) -> Multipart {
        self.0.next().await.unwrap().unwrap()
    }

    fn bytes(message: &Multipart) -> impl Deref<Target = [u8]> {
        &message[0][..]
    }
}

impl Sends for Of<Turn> {
    async fn send(&mut self, bytes: &[u8]) {
        let Turn::Send(socket) = std::mem::replace(&mut self.0, Turn::Underway) else {
            panic!("not its turn to send");
        };
        self.0 = Turn::Receive(socket.send(one_frame(bytes)).await.unwrap());
    }
}

impl Receives for Of<Turn> {
    type Message = Multipart;

    async fn receive(&mut self) -> Multipart {
        let Turn::Receive(socket) = std::mem::replace(&mut self.0, Turn::Underway) else {
            panic!("not its turn to receive");
        };
        let (message, socket) = socket.recv().await.unwrap();
        self.0 = Turn::Send(socket);
        message
    }

    fn bytes(message: &Multipart) -> impl Deref<Target = [u8]> {
        &message[0][..]
    }
}

impl Peer for Tmq {
    type Runtime = Tokio;
    type Push = Of<Push>;
    type Pull = Of<Pull>;
    type Req = Of<Turn>;
    type Rep = Of<Turn>;

    fn new() -> Self {
        Tmq(Context::new())
    }

    async fn pull(&self, bind: &str) -> (Self::Pull, String) {
        let socket = tmq::pull(&self.0).bind(bind).unwrap();
        let endpoint = endpoint(&socket);
        (Of(socket), endpoint)
    }

    async fn push(&self, connect: &str) -> Self::Push {
        Of(tmq::push(&self.0).connect(connect).unwrap())
    }

    async fn rep(&self, bind: &str) -> (Self::Rep, String) {
        let socket = tmq::reply(&self.0).bind(bind).unwrap();
        let endpoint = endpoint(&socket);
        (Of(Turn::Receive(socket)), endpoint)
    }

    async fn req(&self, connect: &str) -> Self::Req {
        let socket = tmq::request(&self.0).connect(connect).unwrap();
        Of(Turn::Send(socket))
    }
}

fn main() {
    driver::main::<Tmq>();
}
