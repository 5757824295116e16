use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{self, Poll};
use std::vec::IntoIter;

use async_zmq::{Context, Message, Multipart, SinkExt, StreamExt};
use driver::{runtime::Tokio, Peer, Receives, Sends};

type Push = async_zmq::push::Push<IntoIter<Message>, Message>;
type Pull = async_zmq::pull::Pull;
type Req = async_zmq::request::Request<IntoIter<Message>, Message>;
type Rep = async_zmq::reply::Reply<IntoIter<Message>, Message>;

struct AsyncZmq(Context);

struct Of<S>(S);

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

impl Sends for Of<Push> {
    async fn send(&mut self, bytes: &[u8]) {
        self.0.send(Message::from(bytes).into()).await.unwrap();
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

macro_rules! in_turns {
    ($socket:ty) => {
        impl Sends for Of<$socket> {
            fn send(&mut self, bytes: &[u8]) -> impl Future<Output = ()> + Send {
                let message = Message::from(bytes);
                Movable(async { self.0.send(message).await.unwrap() })
            }
        }

        impl Receives for Of<$socket> {
            type Message = Multipart;

            fn receive(&mut self) -> impl Future<Output = Multipart> + Send {
                Movable(async { self.0.recv().await.unwrap() })
            }

            fn bytes(message: &Multipart) -> impl Deref<Target = [u8]> {
                &message[0][..]
            }
        }
    };
}

in_turns!(Req);
in_turns!(Rep);

fn endpoint(socket: &async_zmq::zmq::Socket) -> String {
    socket.get_last_endpoint().unwrap().unwrap()
}

impl Peer for AsyncZmq {
    type Runtime = Tokio;
    type Push = Of<Push>;
    type Pull = Of<Pull>;
    type Req = Of<Req>;
    type Rep = Of<Rep>;

    fn new() -> Self {
        AsyncZmq(Context::new())
    }

    async fn pull(&self, bind: &str) -> (Self::Pull, String) {
        let builder = async_zmq::pull(bind).unwrap();
        let socket = builder.with_context(&self.0).bind().unwrap();
        let endpoint = endpoint(socket.as_raw_socket());
        (Of(socket), endpoint)
    }

    async fn push(&self, connect: &str) -> Self::Push {
        let builder = async_zmq::push(connect).unwrap();
        Of(builder.with_context(&self.0).connect().unwrap())
    }

    async fn rep(&self, bind: &str) -> (Self::Rep, String) {
        let builder = async_zmq::reply(bind).unwrap();
        let socket = builder.with_context(&self.0).bind().unwrap();
        let endpoint = endpoint(socket.as_raw_socket());
        (Of(socket), endpoint)
    }

    async fn req(&self, connect: &str) -> Self::Req {
        let builder = async_zmq::request(connect).unwrap();
        Of(builder.with_context(&self.0).connect().unwrap())
    }
}

fn main() {
    driver::main::<AsyncZmq>();
}
