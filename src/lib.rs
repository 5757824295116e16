//! Safe, typed bindings to [ZeroMQ](https://zeromq.org) (libzmq).
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod context;
mod error;
mod kind;
mod library;
mod message;
mod options;
mod poll;
mod raw;
mod socket;

pub use context::Context;
pub use error::{Error, Result};
pub use kind::*;
pub use library::{has, version};
pub use message::Message;
pub use options::Mechanism;
pub use poll::{poll, PollEvents, PollItem, POLLERR, POLLIN, POLLOUT};
pub use socket::{SendError, Sendable, Socket};
pub use SocketType::*;

/// Flag for sending and receiving: do not wait, return
/// [`EAGAIN`](Error::EAGAIN) instead.
pub static DONTWAIT: i32 = zmq_sys::ZMQ_DONTWAIT as i32;

/// Flag for sending: more frames of the same message follow.
pub static SNDMORE: i32 = zmq_sys::ZMQ_SNDMORE as i32;
