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
    type Push: Sends;
    type Pull: Receives;
    type Req: Sends + Receives;
    type Rep: Sends + Receives;

    fn new() -> Self;

    /// Who binds says where.
    fn pull(&self, bind: &str) -> impl Future<Output = (Self::Pull, String)>;
    fn push(&self, connect: &str) -> impl Future<Output = Self::Push>;
    fn rep(&self, bind: &str) -> impl Future<Output = (Self::Rep, String)>;
    fn req(&self, connect: &str) -> impl Future<Output = Self::Req>;
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

pub trait Sends: Send + 'static {
    /// Sends a message of these bytes, which is made anew each time.
    fn send(&mut self, bytes: &[u8]) -> impl Future<Output = ()> + Send;
}

pub trait Receives: Send + 'static {
    type Message: Send;

    fn receive(&mut self) -> impl Future<Output = Self::Message> + Send;

    fn bytes(message: &Self::Message) -> impl Deref<Target = [u8]>;
}
