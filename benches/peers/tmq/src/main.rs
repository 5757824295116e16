use std::ops::Deref;

use driver::{runtime::Tokio, Kind, Peer};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tmq::{
    dealer::Dealer,
    pull::Pull,
    push::Push,
    request_reply::{RequestReceiver, RequestSender},
    router::Router,
    AsZmqSocket, Context, Message, Multipart, TmqError,
};

struct Tmq(Context);

/// REQ and REP are values that turn into one another.
enum Of {
    Push(Push),
    Pull(Pull),
    Dealer(Dealer),
    Router(Router),
    ToSend(RequestSender),
    ToReceive(RequestReceiver),
    Underway,
}

async fn put(mut socket: impl Sink<Multipart, Error = TmqError> + Unpin, message: Multipart) {
    socket.send(message).await.unwrap();
}

async fn take(mut socket: impl Stream<Item = tmq::Result<Multipart>> + Unpin) -> Multipart {
    socket.next().await.unwrap().unwrap()
}

impl Of {
    async fn send_message(&mut self, message: Multipart) {
        match self {
            Of::Push(socket) => put(socket, message).await,
            Of::Dealer(socket) => put(socket, message).await,
            Of::Router(socket) => put(socket, message).await,
            _ => {
                let Of::ToSend(socket) = std::mem::replace(self, Of::Underway) else {
                    panic!("not its turn to send");
                };
                *self = Of::ToReceive(socket.send(message).await.unwrap());
            }
        }
    }
}

impl driver::Socket for Of {
    type Message = Multipart;
    type Frames = Multipart;

    async fn send(&mut self, bytes: &[u8]) {
        self.send_message(Message::from(bytes).into()).await;
    }

    async fn give(&mut self, bytes: Vec<u8>) {
        self.send_message(Message::from(bytes).into()).await;
    }

    async fn send_frames(&mut self, frames: &[&[u8]]) {
        let frames: Multipart = frames.iter().map(|frame| Message::from(*frame)).collect();
        self.send_message(frames).await;
    }

    async fn receive(&mut self) -> Multipart {
        match self {
            Of::Pull(socket) => take(socket).await,
            Of::Dealer(socket) => take(socket).await,
            Of::Router(socket) => take(socket).await,
            _ => {
                let Of::ToReceive(socket) = std::mem::replace(self, Of::Underway) else {
                    panic!("not its turn to receive");
                };
                let (message, socket) = socket.recv().await.unwrap();
                *self = Of::ToSend(socket);
                message
            }
        }
    }

    async fn receive_frames(&mut self) -> Multipart {
        self.receive().await
    }

    fn bytes(message: &Multipart) -> impl Deref<Target = [u8]> {
        &message[0][..]
    }

    fn frame(frames: &Multipart, i: usize) -> Option<impl Deref<Target = [u8]>> {
        (i < frames.len()).then(|| &frames[i][..])
    }
}

/// With where it is bound.
fn bound<S: AsZmqSocket>(socket: tmq::Result<S>, of: fn(S) -> Of) -> Option<(Of, String)> {
    let socket = socket.unwrap();
    let endpoint = socket.get_socket().get_last_endpoint().unwrap().unwrap();
    Some((of(socket), endpoint))
}

impl Peer for Tmq {
    type Runtime = Tokio;
    type Socket = Of;

    fn new() -> Self {
        Tmq(Context::new())
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(Of, String)> {
        let Tmq(context) = self;
        match kind {
            Kind::Pull => bound(tmq::pull(context).bind(endpoint), Of::Pull),
            Kind::Rep => bound(tmq::reply(context).bind(endpoint), Of::ToReceive),
            Kind::Router => bound(tmq::router(context).bind(endpoint), Of::Router),
            // It has no XPUB, and its libzmq no CURVE.
            _ => None,
        }
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<Of> {
        let Tmq(context) = self;
        Some(match kind {
            Kind::Push => Of::Push(tmq::push(context).connect(endpoint).unwrap()),
            Kind::Req => Of::ToSend(tmq::request(context).connect(endpoint).unwrap()),
            Kind::Dealer => Of::Dealer(tmq::dealer(context).connect(endpoint).unwrap()),
            _ => return None,
        })
    }
}

fn main() {
    driver::main::<Tmq>();
}
