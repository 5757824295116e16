//! What the peers share: the command line, the works, and how they are measured.
//!
//! A peer's program says how its library makes sockets, sends and receives, and calls
//! [`main`].

mod command;
pub mod runtime;
mod works;

use std::future::Future;
use std::ops::Deref;

pub use command::main;

/// A library that is measured. One that has contexts has one for all its sockets.
pub trait Peer: Sized {
    type Runtime: Runtime;
    type Socket: Socket;

    fn new() -> Self;

    /// A socket that is bound, and where; none if the library does not offer it.
    ///
    /// Of a CURVE server, its public key follows the endpoint, after a space.
    fn bind(
        &self,
        kind: Kind,
        endpoint: &str,
    ) -> impl Future<Output = Option<(Self::Socket, String)>>;

    /// A socket that is connected to where another is bound.
    fn connect(&self, kind: Kind, endpoint: &str) -> impl Future<Output = Option<Self::Socket>>;
}

/// The kinds of sockets that the works need.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Push,
    Pull,
    /// Hears of each subscription, also of one that another subscriber has; without a
    /// high water mark.
    XPub,
    /// Subscribed to everything.
    Sub,
    Req,
    Rep,
    Dealer,
    Router,
    /// A client of CURVE, with keys of its own.
    CurvePush,
    /// A server of CURVE, which takes any client.
    CurvePull,
}

/// What runs a peer's tasks.
pub trait Runtime {
    /// Runs a future in a runtime of that many threads; with none, in this one.
    fn block_on(threads: usize, future: impl Future<Output = ()>);

    /// Starts a task, and gives what it returns.
    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T>;
}

/// A socket of any kind.
pub trait Socket: Send + 'static {
    /// A message of one frame.
    type Message: Send;
    /// A message of several.
    type Frames: Send;

    /// Sends a message of these bytes, which is made anew each time.
    fn send(&mut self, bytes: &[u8]) -> impl Future<Output = ()> + Send;

    /// Sends a message of these bytes, without a copy if the library can.
    fn give(&mut self, bytes: Vec<u8>) -> impl Future<Output = ()> + Send {
        async move { self.send(&bytes).await }
    }

    fn send_frames(&mut self, frames: &[&[u8]]) -> impl Future<Output = ()> + Send;

    fn receive(&mut self) -> impl Future<Output = Self::Message> + Send;

    /// Receives a message that is only looked at, where the library lets it be.
    fn look<T: Send>(
        &mut self,
        look: impl FnOnce(&[u8]) -> T + Send,
    ) -> impl Future<Output = T> + Send {
        async move {
            let message = self.receive().await;
            let looked = look(&Self::bytes(&message));
            looked
        }
    }

    fn receive_frames(&mut self) -> impl Future<Output = Self::Frames> + Send;

    /// Receives two frames, of which the second is as long as `answer` and is copied there, and sends
    /// the first one back, and `answer`. `name` is room for the first. Where each frame has a call of
    /// its own, as in C, it is done by these.
    fn answer(&mut self, name: &mut Vec<u8>, answer: &mut [u8]) -> impl Future<Output = ()> + Send {
        async {
            let frames = self.receive_frames().await;
            name.clear();
            name.extend_from_slice(&Self::frame(&frames, 0).unwrap());
            answer.copy_from_slice(&Self::frame(&frames, 1).unwrap());
            drop(frames);
            self.send_frames(&[name, answer]).await;
        }
    }

    fn bytes(message: &Self::Message) -> impl Deref<Target = [u8]>;

    fn frame(frames: &Self::Frames, i: usize) -> Option<impl Deref<Target = [u8]>>;
}
