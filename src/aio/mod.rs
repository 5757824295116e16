//! Sockets that `await` instead of waiting: tokio and smol.
//!
//! A [`Socket`](crate::Socket) becomes an [`AsyncSocket`], and can become a `Socket`
//! again; messages stay where they are. The methods have the same names, without
//! flags:
//!
//! ```
//! # #[cfg(feature = "tokio")] {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
//! # runtime.block_on(async {
//! let context = zmq::Context::new();
//! let server = context.socket(zmq::Rep)?;
//! server.bind("tcp://127.0.0.1:*")?;
//! let client = context.socket(zmq::Req)?;
//! client.connect(&server.get_last_endpoint()?.unwrap())?;
//!
//! let (server, client) = (server.into_tokio()?, client.into_tokio()?);
//! client.send("question").await?;
//! assert_eq!(server.recv_bytes().await?, b"question");
//! server.send("answer").await?;
//! assert_eq!(client.recv_bytes().await?, b"answer");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which runtime
//!
//! | method | feature | runs in |
//! |---|---|---|
//! | [`into_tokio`](crate::Socket::into_tokio) | `tokio` | tokio, with any number of threads, and its `LocalSet` |
//! | [`into_async_io`](crate::Socket::into_async_io) | `async-io` | smol, async-std, and any other executor: a thread of `async-io` waits |
//!
//! What comes out is the same type. A socket that is ready is used at once, whatever
//! the runtime; the runtime is asked when there is something to wait for.
//!
//! # Cancel safety
//!
//! A future that is dropped before it is ready has done all of its work or none:
//!
//! | future of | dropped early |
//! |---|---|
//! | [`send`](AsyncSocket::send), [`send_frames`](AsyncSocket::send_frames), [`send_multipart`](AsyncSocket::send_multipart) | nothing was sent, and the message is dropped with it |
//! | [`recv_msg`](AsyncSocket::recv_msg), [`recv_bytes`](AsyncSocket::recv_bytes), [`recv_frames`](AsyncSocket::recv_frames), [`recv_multipart`](AsyncSocket::recv_multipart), [`recv_into`](AsyncSocket::recv_into) | nothing was received; the next one gets the message |
//! | [`ready`](AsyncSocket::ready) | nothing has changed |
//!
//! # When a socket is ready
//!
//! libzmq says that something has happened to a socket by one descriptor for both
//! directions, and only once: who looks takes the news from everybody else. So
//! whatever one task does with a socket, it looks what that means for the tasks that
//! wait for the other direction, and wakes them. Programs need not know about
//! [`get_fd`](crate::Socket::get_fd).

mod core;
mod monitor;
mod proxy;
mod reactor;
mod socket;
mod split;
mod thread;
mod waiters;

pub use monitor::AsyncMonitor;
pub use proxy::Proxy;
pub use socket::{AsyncSocket, Guard};
pub use split::{RecvHalf, SendHalf};
