use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{self, Poll};
use std::vec::IntoIter;

use async_zmq::{Message, Multipart, SinkExt, Stream, StreamExt};
use driver::{runtime::Tokio, Kind, Peer, Socket};

use blocking::Blocking;

// It wraps sockets of crate `zmq`.
#[allow(dead_code)]
#[path = "../../ours/src/blocking.rs"]
mod blocking;

type Frames = IntoIter<Message>;

enum Of {
    Push(async_zmq::push::Push<Frames, Message>),
    Pull(async_zmq::pull::Pull),
    XPub(async_zmq::xpublish::XPublish<Frames, Message>),
    Sub(async_zmq::subscribe::Subscribe),
    Req(async_zmq::request::Request<Frames, Message>),
    Rep(async_zmq::reply::Reply<Frames, Message>),
    Dealer(async_zmq::dealer::Dealer<Frames, Message>),
    Router(async_zmq::router::Router<Frames, Message>),
}

impl Of {
    fn new(kind: Kind, socket: zmq::Socket) -> Of {
        match kind {
            Kind::Push | Kind::CurvePush => Of::Push(socket.into()),
            Kind::Pull | Kind::CurvePull => Of::Pull(socket.into()),
            Kind::XPub => Of::XPub(socket.into()),
            Kind::Sub => Of::Sub(socket.into()),
            Kind::Req => Of::Req(socket.into()),
            Kind::Rep => Of::Rep(socket.into()),
            Kind::Dealer => Of::Dealer(socket.into()),
            Kind::Router => Of::Router(socket.into()),
        }
    }

    fn send_message(&mut self, message: Multipart) -> impl Future<Output = ()> + Send + '_ {
        Movable(async {
            match self {
                Of::Push(socket) => put(socket, message).await,
                Of::XPub(socket) => put(socket, message).await,
                Of::Dealer(socket) => put(socket, message).await,
                Of::Router(socket) => put(socket, message).await,
                Of::Req(socket) => socket.send(message).await.unwrap(),
                Of::Rep(socket) => socket.send(message).await.unwrap(),
                Of::Pull(_) | Of::Sub(_) => panic!("does not send"),
            }
        })
    }
}

async fn put<S: SinkExt<async_zmq::MultipartIter<Frames, Message>> + Unpin>(
    mut socket: S,
    message: Multipart,
) {
    assert!(socket.send(message.into()).await.is_ok(), "sent");
}

async fn take<E>(mut socket: impl Stream<Item = Result<Multipart, E>> + Unpin) -> Multipart {
    let Some(Ok(message)) = socket.next().await else {
        panic!("received");
    };
    message
}

/// The futures of REQ and REP borrow a socket that is not `Sync`, so they are not `Send`,
/// and tokio would not spawn them.
struct Movable<F>(F);

// SAFETY: only used with futures that borrow from a socket that their task owns, and that
// moves to another thread together with them.
unsafe impl<F> Send for Movable<F> {}

impl<F: Future> Future for Movable<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<F::Output> {
        // SAFETY: the field is pinned as this is.
        unsafe { self.map_unchecked_mut(|movable| &mut movable.0) }.poll(context)
    }
}

impl Socket for Of {
    type Message = Multipart;
    type Frames = Multipart;

    async fn send(&mut self, bytes: &[u8]) {
        self.send_message(vec![Message::from(bytes)]).await;
    }

    async fn give(&mut self, bytes: Vec<u8>) {
        self.send_message(vec![Message::from(bytes)]).await;
    }

    async fn send_frames(&mut self, frames: &[&[u8]]) {
        let frames = frames.iter().map(|frame| Message::from(*frame));
        self.send_message(frames.collect()).await;
    }

    fn receive(&mut self) -> impl Future<Output = Multipart> + Send {
        Movable(async {
            match self {
                Of::Pull(socket) => take(socket).await,
                Of::XPub(socket) => take(socket).await,
                Of::Sub(socket) => take(socket).await,
                Of::Dealer(socket) => take(socket).await,
                Of::Router(socket) => take(socket).await,
                Of::Req(socket) => socket.recv().await.unwrap(),
                Of::Rep(socket) => socket.recv().await.unwrap(),
                Of::Push(_) => panic!("does not receive"),
            }
        })
    }

    async fn receive_frames(&mut self) -> Multipart {
        self.receive().await
    }

    fn bytes(message: &Multipart) -> impl Deref<Target = [u8]> {
        &message[0][..]
    }

    fn frame(frames: &Multipart, i: usize) -> Option<impl Deref<Target = [u8]>> {
        frames.get(i).map(|frame| &frame[..])
    }
}

struct AsyncZmq(Blocking);

impl Peer for AsyncZmq {
    type Runtime = Tokio;
    type Socket = Of;

    fn new() -> Self {
        AsyncZmq(Blocking::new())
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(Of, String)> {
        let (socket, endpoint) = self.0.bound(kind, endpoint)?;
        Some((Of::new(kind, socket), endpoint))
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<Of> {
        Some(Of::new(kind, self.0.connected(kind, endpoint)?))
    }
}

fn main() {
    driver::main::<AsyncZmq>();
}
