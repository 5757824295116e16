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
//! # When to use which
//!
//! * A program with a few sockets and a thread for each needs none of this: a
//!   [`Socket`](crate::Socket) that blocks is the fastest, and the simplest to read.
//! * One thread that waits for several sockets, and for nothing else: a
//!   [`Poller`](crate::Poller).
//! * A program that awaits other things too, or has hundreds of sockets or
//!   conversations at once: an [`AsyncSocket`]. One task may receive while another
//!   sends, by `&AsyncSocket`, by `Arc`, or by its [halves](AsyncSocket::into_split),
//!   which are a `Stream` and a `Sink`.
//!
//! A timeout is the runtime's own, around any of the futures, and so is what else ends
//! a wait:
//!
//! ```
//! # #[cfg(feature = "tokio")] {
//! # use std::time::Duration;
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let context = zmq::Context::new();
//! let silent = context.socket(zmq::Pull)?.into_tokio()?;
//! let received = tokio::time::timeout(Duration::from_millis(20), silent.recv_msg()).await;
//! assert!(received.is_err(), "nobody sends");
//!
//! tokio::select! {
//!     received = silent.recv_msg() => { received?; }
//!     _ = tokio::time::sleep(Duration::from_millis(20)) => {} // or `ctrl_c()`
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! When the context is [shut down](crate::Context::shutdown), every future that waits
//! ends with `ETERM`.
//!
//! # Which runtime
//!
//! | method | feature | runs in |
//! |---|---|---|
//! | [`into_tokio`](crate::Socket::into_tokio) | `tokio` | tokio, with any number of threads, and its `LocalSet` |
//! | [`into_async_io`](crate::Socket::into_async_io) | `async-io` | smol, async-std, and any other executor: a thread of `async-io` waits |
//! | [`into_async_thread`](crate::Socket::into_async_thread) | either | any executor: a thread of this crate waits |
//!
//! What comes out is the same type. A socket that is ready is used without asking the
//! runtime, which has to do with it only when there is something to wait for. Where it
//! cannot wait for a socket, as on Windows, or because the system has no room for more,
//! the thread of this crate does.
//!
//! A task that always finds its socket ready lets others run from time to time, and a
//! socket and its runtime may end in any order: what would have to wait is then
//! `ECANCELED`, and [`into_socket`](AsyncSocket::into_socket) still gives the socket
//! back.
//!
//! A socket that [spins](crate::Socket::set_spin) before it waits does so here too:
//! its task is polled again and again, after others that are to be, for as long. Now and then
//! it gives way to other processes, too (`sched_yield`). One that asks and answers in turns
//! [does the I/O thread's work](crate::Context#who-does-the-io-threads-work) without spinning; in
//! tokio and `async-io`, its runtime then waits for one more descriptor.
//!
//! # Cancel safety
//!
//! A future that is dropped before it is ready has done all of its work or none:
//!
//! | future of | dropped early |
//! |---|---|
//! | [`send`](AsyncSocket::send), [`send_frames`](AsyncSocket::send_frames), [`send_multipart`](AsyncSocket::send_multipart) | nothing was sent, and the message is dropped with it |
//! | [`send_all`](AsyncSocket::send_all) | what was sent is no longer in the queue, what is in the queue was not |
//! | [`recv`](AsyncSocket::recv), [`recv_msg`](AsyncSocket::recv_msg), [`recv_bytes`](AsyncSocket::recv_bytes), [`recv_string`](AsyncSocket::recv_string), [`recv_into`](AsyncSocket::recv_into), [`recv_many`](AsyncSocket::recv_many), [`recv_frames`](AsyncSocket::recv_frames), [`recv_multipart`](AsyncSocket::recv_multipart), [`AsyncMonitor::recv`] | nothing was received; the next one gets it |
//! | [`ready`](AsyncSocket::ready) | nothing has changed |
//! | a half's, as a `Stream` | nothing was received |
//! | a half's, as a `Sink` | a message that was started stays in the half, and goes before the next; it is dropped with the half |
//! | [`Proxy::run`], [`Proxy::flush`] | what was taken and not yet passed on stays in the proxy, and goes first when it runs again |
//!
//! # When a socket is ready
//!
//! libzmq tells that something has happened to a socket by one descriptor, which is
//! *edge-triggered* and says nothing more: neither whether a message has come, or there
//! is room for one, nor, to who looks later, that there was anything. Who asks
//! for the events, sends, or receives takes the news from everybody else, and who then
//! waits for the descriptor waits for ever, though there is a message. Programs that use
//! [`get_fd`](crate::Socket::get_fd) themselves therefore must look at
//! [`get_events`](crate::Socket::get_events) before each wait, and after all that they
//! do with the socket.
//!
//! Here nobody need know. Each operation is tried first, and waits second; whatever one
//! task does with a socket, it looks what that means for the tasks that wait for the
//! other direction, and wakes them. Tasks that wait for the same have their turn in the
//! order in which they came: a future that was polled is to be polled on or dropped, or
//! those that came later wait for it. After 512 messages in a row, for none of which it
//! had to wait, a task lets others go first.

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
