//! Safe, typed bindings to [ZeroMQ](https://zeromq.org), over its C library
//! libzmq.
//!
//! ZeroMQ sockets carry whole messages instead of bytes, over tcp, between
//! processes (ipc), threads (inproc) and more, in patterns: request and reply,
//! publish and subscribe, pipeline. They connect, and connect again, by
//! themselves, and queue what cannot be sent yet.
//!
//! ```
//! # fn main() -> zmq::Result<()> {
//! let context = zmq::Context::new();
//!
//! let server = context.socket(zmq::Rep)?;
//! server.bind("tcp://127.0.0.1:*")?;
//! let endpoint = server.get_last_endpoint()?.unwrap();
//!
//! let client = context.socket(zmq::Req)?;
//! client.connect(&endpoint)?;
//! client.send("hello", 0)?;
//!
//! assert_eq!(server.recv_bytes(0)?, b"hello");
//! server.send("world", 0)?;
//! assert_eq!(client.recv_string(0)?.unwrap(), "world");
//! # Ok(())
//! # }
//! ```
//!
//! # Where to begin
//!
//! * A [`Context`] opens sockets; a program has one.
//! * A [`Socket`] of a typed kind, like [`Req`], has the methods that sockets of
//!   this type have. One of a [`SocketType`] that is chosen at run time, like
//!   [`REQ`], has them all, and libzmq says at run time what is wrong.
//! * [`send`](Socket::send) takes text and bytes in any form; a [`Message`] is
//!   what libzmq itself works with, and travels without being copied, and a
//!   [`Multipart`] is several of them. [`request`](Socket::request) sends a
//!   request again until it is answered.
//! * An [`Endpoint`] tells what is wrong with the text of one, and where.
//! * [`poll`](poll()) waits for several sockets, a [`Poller`] for many, with a token
//!   of the program's own for each; [`Timers`] call functions meanwhile.
//! * A [`Proxy`] passes messages on between sockets, and can be steered.
//! * A [`MonitorSocket`] tells what happens to a socket's connections.
//! * [`SOCKET_OPTIONS`] lists all options; each is a method of the sockets that
//!   have it.
//! * With feature `tokio` or `async-io`, module `aio` has sockets to be awaited, and
//!   says how.
//! * [`auth`] is about who may talk: which mechanism protects what, certificates,
//!   and an authenticator.
//! * An [`Error`] is one of libzmq's error numbers.
//!
//! The names are libzmq's: its [manual](https://libzmq.readthedocs.io) describes
//! every option and function in depth, and the
//! [guide](https://zguide.zeromq.org) the patterns.
//!
//! # Features
//!
//! | feature | default | what it does |
//! |---|---|---|
//! | `vendored` | yes | compiles libzmq 4.3.5 and links it statically; without it, or with `LIBZMQ_NO_VENDOR=1` in the environment, a system libzmq of 4.1 or newer is linked |
//! | `curve` | yes | CURVE encryption in the vendored libzmq, by a static libsodium |
//! | `gssapi` | no | GSSAPI, that is Kerberos, in the vendored libzmq, by the system's libgssapi_krb5, which pkg-config must find (Debian: `libkrb5-dev`) |
//! | `tokio` | no | sockets to be awaited in tokio |
//! | `async-io` | no | sockets to be awaited in smol and everywhere else |
//! | `bytes` | no | [`Message`] from `bytes::Bytes` without a copy |
//! | `draft` | no | what libzmq calls its draft API: the kinds of socket from CLIENT to CHANNEL, most of which threads can share, and 32 more options; it may change with any release of libzmq. It adds variants to [`SocketType`] |
//! | `tracing` | no | tells by `tracing`, target `zmq::auth`, what an [`Authenticator`](auth::Authenticator) decides, and of a [certificate](auth::Certificate) whose secret key others can read |
//! | `bindgen` | no | generates the FFI declarations from the header of the linked library; needs libclang |
//!
//! # Threads, forks, signals
//!
//! A [`Context`] is shared by threads, a [`Socket`] belongs to one at a time,
//! except for the kinds that are `ThreadSafe`; the compiler sees to it. A forked child
//! cannot use the parent's sockets (calls that wait return `EINTR`) and may drop them; it
//! makes a context of its own.
//!
//! A signal for which the program has a handler ends a call that waits, with
//! [`EINTR`](Error::EINTR), and it has done nothing: sending, receiving, requests,
//! [`poll`](poll()), a [`Poller`], proxies, monitors and [`Context::destroy`]. Call it
//! again, or look first whether the program is to end. `SA_RESTART` changes nothing about
//! it. These go on:
//!
//! * a message of several frames, after its first one
//! * dropping the last handle of a context, and [`Context::end`]
//! * sending and receiving by sockets that threads share: libzmq has them wait for
//!   each other, and not for the system
//! * what is awaited
//! * libzmq's own threads, which leave all signals to the program's
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

// The README's programs are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(any(feature = "tokio", feature = "async-io"))]
pub mod aio;
pub mod auth;
mod bell;
mod context;
mod curve;
mod endpoint;
mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod kind;
mod library;
mod message;
mod monitor;
mod multipart;
mod options;
mod pace;
mod panics;
mod poll;
mod poller;
mod pollset;
mod proxy;
mod raw;
mod socket;
mod spin;
mod system;
mod timers;
mod traps;
#[cfg(feature = "draft")]
mod udp;
mod z85;

pub use context::{Context, OpenSocket, Unfinished, CONTEXT_OPTIONS};
pub use curve::{CurveKeyError, CurveKeyPair};
pub use endpoint::{Endpoint, EndpointError, EndpointProblem, Transport};
pub use error::{Error, Result};
pub use kind::*;
pub use library::{has, version};
pub use message::Message;
pub use monitor::{
    MonitorEvent, MonitorEventKind, MonitorEvents, MonitorSocket, ProtocolError, SocketEvent,
    ZapStatus,
};
pub use multipart::Multipart;
pub use options::{GssapiNameType, Mechanism, OptionInfo, SOCKET_OPTIONS};
#[cfg(feature = "draft")]
pub use options::{NormMode, ReconnectStop, RouterNotify};
#[cfg(all(unix, feature = "draft"))]
pub use poll::ppoll;
pub use poll::{poll, PollEvents, PollItem, POLLERR, POLLIN, POLLOUT};
pub use poller::{Poller, PollerEvent, Ready};
pub use proxy::{
    proxy, proxy_steerable, proxy_steerable_with_capture, proxy_with_capture, Proxy, ProxyHandle,
    ProxySide, ProxyStatistics, ProxyTraffic,
};
pub use socket::{SendError, Sendable, Socket};
pub use timers::{TimerId, Timers};
pub use z85::{z85_decode, z85_encode, DecodeError, EncodeError};
pub use SocketType::*;

/// Flag for sending and receiving: do not wait, return
/// [`EAGAIN`](Error::EAGAIN) instead.
pub const DONTWAIT: i32 = zmq_sys::ZMQ_DONTWAIT as i32;

/// Flag for sending: more frames of the same message follow.
pub const SNDMORE: i32 = zmq_sys::ZMQ_SNDMORE as i32;
