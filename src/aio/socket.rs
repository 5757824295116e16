//! Sockets in tasks.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::MutexGuard;

use zmq_sys::RawFd;

use super::core::{Attempt, Core, Source, TURN};
use super::reactor::Reactor;
use super::waiters::{Place, Turn, Wakers, Wish};
use crate::error::{Error, Result};
use crate::kind::{CanMultipart, CanRecv, CanSend, Kind, SocketType};
use crate::message::Message;
use crate::multipart::Multipart;
use crate::poll::PollEvents;
use crate::raw::IN_PACE;
use crate::socket::{as_slice, Socket};
use crate::DONTWAIT;

/// What is received in one call, however much there is: others want their turn.
const MANY: usize = 1000;

/// A [`Socket`] whose methods are to be awaited; see [`aio`](super).
///
/// It may be shared by tasks: one sends while another receives. Several that receive
/// get a message each.
#[repr(transparent)]
pub struct AsyncSocket<K = SocketType> {
    core: Core<Socket>,
    kind: PhantomData<K>,
}

impl<K: Kind> Socket<K> {
    /// Makes a socket to be awaited in tokio, of the runtime that this is called in.
    ///
    /// # Errors
    ///
    /// If there is no runtime here, or one without I/O; or if the socket has no
    /// descriptor, as those that threads can share. The error says which.
    #[cfg(feature = "tokio")]
    pub fn into_tokio(self) -> io::Result<AsyncSocket<K>> {
        AsyncSocket::new(self, Reactor::tokio)
    }

    /// Makes a socket to be awaited anywhere: a thread of `async-io`, which smol uses,
    /// waits for it.
    ///
    /// # Errors
    ///
    /// As for `into_tokio`, but for the runtime.
    #[cfg(feature = "async-io")]
    pub fn into_async_io(self) -> io::Result<AsyncSocket<K>> {
        AsyncSocket::new(self, Reactor::async_io)
    }

    /// Makes a socket to be awaited anywhere: a thread of this crate waits, one for all
    /// such sockets, with [`poll`](crate::poll()).
    ///
    /// It is what the other two do where the system does not let them register the
    /// socket's descriptor. They cost less.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// pull.bind("inproc://into_async_thread")?;
    /// push.connect("inproc://into_async_thread")?;
    /// let (push, pull) = (push.into_async_thread()?, pull.into_async_thread()?);
    /// # futures_util::FutureExt::now_or_never(async {
    /// push.send("hello").await?;
    /// assert_eq!(pull.recv_bytes().await?, b"hello");
    /// # Ok::<(), zmq::Error>(())
    /// # }).unwrap()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for `into_tokio`, but for the runtime; and if the thread cannot be started.
    pub fn into_async_thread(self) -> io::Result<AsyncSocket<K>> {
        AsyncSocket::new(self, Reactor::thread)
    }
}

impl<K: Kind> AsyncSocket<K> {
    fn new(
        socket: Socket<K>,
        reactor: impl FnOnce(RawFd) -> io::Result<Reactor>,
    ) -> io::Result<AsyncSocket<K>> {
        let fd = socket.get_fd().map_err(|error| match error {
            Error::EINVAL => io::Error::new(
                io::ErrorKind::InvalidInput,
                "sockets that threads can share have no descriptor to wait for",
            ),
            error => error.into(),
        })?;
        let core = Core::new(socket.into_dyn(), fd, reactor)?;
        Ok(AsyncSocket {
            core,
            kind: PhantomData,
        })
    }

    pub(super) fn core(&self) -> &Core<Socket> {
        &self.core
    }

    /// The same socket with its type known only at run time.
    pub fn as_dyn(&self) -> &AsyncSocket {
        // SAFETY: both are `repr(transparent)` over the same field, and what a
        // socket of any kind may do is no more than a dynamic one may.
        unsafe { &*std::ptr::from_ref(self).cast::<AsyncSocket>() }
    }

    /// The socket that waits in threads again.
    pub fn into_socket(self) -> Socket<K> {
        // SAFETY: it is the socket that this was made of.
        unsafe { Socket::from_dyn(self.core.into_source()) }
    }

    /// The socket itself, for its options and endpoints. Nobody else uses it as long
    /// as this is there: it is not to be kept, and cannot be kept over an `await` in a
    /// task that may move between threads.
    ///
    /// ```
    /// # #[cfg(feature = "async-io")] {
    /// let socket = zmq::Context::new().socket(zmq::Pull)?.into_async_io()?;
    /// socket.socket().set_rcvhwm(10)?;
    /// socket.socket().bind("tcp://127.0.0.1:*")?;
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn socket(&self) -> Guard<'_, K> {
        Guard {
            socket: self.core.lock(),
            of: self,
            wakers: Wakers::default(),
        }
    }

    /// Waits until one of `interest` is there, and returns which are. The future may be
    /// dropped at any time: it only looks.
    ///
    /// ```
    /// # #[cfg(feature = "async-io")] {
    /// let context = zmq::Context::new();
    /// let pair = context.socket(zmq::Pair)?;
    /// pair.bind("inproc://ready")?;
    /// let (other, pair) = (context.socket(zmq::Pair)?, pair.into_async_io()?);
    /// other.connect("inproc://ready")?;
    /// # smol::block_on(async {
    /// assert_eq!(pair.ready(zmq::POLLIN | zmq::POLLOUT).await?, zmq::POLLOUT);
    /// # zmq::Result::Ok(())
    /// # })?;
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `ETERM` if the context was shut down; `ECANCELED` if the runtime has ended.
    pub async fn ready(&self, interest: PollEvents) -> Result<PollEvents> {
        let wish = Wish {
            events: interest,
            turn: Turn::Any,
        };
        let look = |socket: &Socket| match socket.events()? & interest {
            none if none.is_empty() => Err(Error::EAGAIN),
            some => Ok(some),
        };
        self.core.attempt(wish, look).await
    }

    #[inline]
    fn receive<T, F>(&self, receive: F) -> Attempt<'_, Socket, F>
    where
        F: FnMut(&Socket) -> Result<T> + Unpin,
    {
        self.core.attempt(Wish::RECEIVE, receive)
    }
}

/// Sends a message, if there is one, and keeps what could not be sent.
pub(super) fn give(socket: &Socket, place: &mut Option<Multipart>) -> Result<()> {
    match place
        .take()
        .map(|message| socket.send_frames(message, IN_PACE))
    {
        None | Some(Ok(())) => Ok(()),
        Some(Err(refused)) => {
            *place = Some(refused.message);
            Err(refused.error)
        }
    }
}

/// Access to the [`Socket`] within an [`AsyncSocket`].
pub struct Guard<'a, K: Kind = SocketType> {
    socket: MutexGuard<'a, Socket>,
    of: &'a AsyncSocket<K>,
    /// After the lock, which it is to outlive.
    wakers: Wakers,
}

impl<K: Kind> Deref for Guard<'_, K> {
    type Target = Socket<K>;

    fn deref(&self) -> &Socket<K> {
        // SAFETY: it is the socket that `of` was made of.
        unsafe { Socket::of_dyn(&self.socket) }
    }
}

impl<K: Kind> Drop for Guard<'_, K> {
    fn drop(&mut self) {
        // Whatever was done with it.
        let Guard { socket, of, wakers } = self;
        of.core.tell_others(socket, &Place::default(), wakers);
    }
}

impl<K: Kind + CanSend> AsyncSocket<K> {
    /// Sends one frame: `&str`, `String`, bytes in any form, a [`Message`]. Waits while
    /// the socket cannot send, as [`Socket::send`] does. If the future is dropped before
    /// it is ready, nothing was sent.
    ///
    /// # Errors
    ///
    /// As for [`Socket::send`], but `EAGAIN` and `EINTR`; `ECANCELED` if the runtime
    /// has ended.
    pub async fn send(&self, data: impl Into<Message>) -> Result<()> {
        if let Some(data) = as_slice(&data) {
            let mut send = |socket: &Socket| socket.raw().send_copy(data, IN_PACE);
            if let Some(done) = self
                .core
                .try_first(&mut Place::default(), Wish::SEND, &mut send)
            {
                return done;
            }
        }
        let mut message = data.into();
        let send = |socket: &Socket| send(socket, &mut message);
        self.core.attempt(Wish::SEND, send).await?;
        message.was_sent();
        Ok(())
    }

    /// Sends messages of one frame each, from the first on. What was sent is no longer
    /// in `messages`; so, if it fails or is dropped, what is left was not.
    ///
    /// # Errors
    ///
    /// As for [`send`](AsyncSocket::send).
    pub async fn send_all(&self, messages: &mut VecDeque<Message>) -> Result<()> {
        while !messages.is_empty() {
            let send = |socket: &Socket| send_some(socket, messages);
            let sent = self.core.attempt(Wish::SEND, send).await?;
            self.core.serve(Wish::SEND, sent);
        }
        Ok(())
    }
}

/// Sends a message, which is empty afterwards, or as it was if it could not be sent.
fn send(socket: &Socket, message: &mut Message) -> Result<()> {
    socket.raw().send(&mut message.raw, IN_PACE)
}

/// Sends messages, as many as there may be in a row, and returns how many.
fn send_some(socket: &Socket, messages: &mut VecDeque<Message>) -> Result<usize> {
    let mut sent = 0;
    while sent < TURN {
        let Some(message) = messages.front_mut() else {
            break;
        };
        match send(socket, message) {
            Ok(()) => drop(messages.pop_front()),
            Err(error) if sent == 0 => return Err(error),
            Err(_) => break,
        }
        sent += 1;
    }
    Ok(sent)
}

impl<K: Kind + CanSend + CanMultipart> AsyncSocket<K> {
    /// Sends a message of several frames. Waits while the socket cannot send, as
    /// [`Socket::send_frames`] does. If the future is dropped before it is ready, nothing
    /// was sent.
    ///
    /// # Errors
    ///
    /// As for [`send`](AsyncSocket::send).
    pub async fn send_frames(&self, message: Multipart) -> Result<()> {
        let mut message = Some(message);
        let send = |socket: &Socket| give(socket, &mut message);
        self.core.attempt(Wish::SEND, send).await
    }

    /// [`send_frames`](AsyncSocket::send_frames) of what frames can be made of.
    ///
    /// ```
    /// # #[cfg(feature = "async-io")] {
    /// let context = zmq::Context::new();
    /// let (router, dealer) = (context.socket(zmq::Router)?, context.socket(zmq::Dealer)?);
    /// dealer.set_identity(b"dealer")?;
    /// router.bind("inproc://send_multipart")?;
    /// dealer.connect("inproc://send_multipart")?;
    /// let (router, dealer) = (router.into_async_io()?, dealer.into_async_io()?);
    /// # smol::block_on(async {
    /// dealer.send_multipart(["head", "body"]).await?;
    /// assert_eq!(router.recv_frames().await?, ["dealer", "head", "body"]);
    /// # zmq::Result::Ok(())
    /// # })?;
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`send`](AsyncSocket::send).
    pub async fn send_multipart<T: Into<Message>>(
        &self,
        iter: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        self.send_frames(iter.into_iter().collect()).await
    }
}

impl<K: Kind + CanRecv> AsyncSocket<K> {
    /// Receives one frame into `msg`, whose former content is dropped. If the future is
    /// dropped before it is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg).
    pub async fn recv(&self, msg: &mut Message) -> Result<()> {
        self.receive(|socket| socket.recv(msg, DONTWAIT)).await
    }

    /// Receives one frame, without copying it. If the future is dropped before it is
    /// ready, nothing was received.
    ///
    /// # Errors
    ///
    /// As for [`Socket::recv`], but `EAGAIN` and `EINTR`; `ECANCELED` if the runtime
    /// has ended.
    pub async fn recv_msg(&self) -> Result<Message> {
        self.receive(|socket| socket.recv_msg(DONTWAIT)).await
    }

    /// Receives one frame as a copy in a `Vec`. If the future is dropped before it is
    /// ready, nothing was received.
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg).
    pub async fn recv_bytes(&self) -> Result<Vec<u8>> {
        Ok(self.recv_msg().await?.to_vec())
    }

    /// Receives one frame as text; what is not UTF-8 is returned as bytes. If the future
    /// is dropped before it is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg).
    pub async fn recv_string(&self) -> Result<std::result::Result<String, Vec<u8>>> {
        let bytes = self.recv_bytes().await?;
        Ok(String::from_utf8(bytes).map_err(|e| e.into_bytes()))
    }

    /// Waits for a frame, appends it to `messages`, and with it what else is there, up
    /// to `limit` frames and no more than about a thousand; returns how many it were, which
    /// is 0 only if `limit` is. If the future is dropped before it is ready, nothing was
    /// received.
    ///
    /// ```
    /// # #[cfg(feature = "async-io")] {
    /// # let context = zmq::Context::new();
    /// # let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// # pull.bind("inproc://recv_many")?;
    /// # push.connect("inproc://recv_many")?;
    /// # let (push, pull) = (push.into_async_io()?, pull.into_async_io()?);
    /// # smol::block_on(async {
    /// push.send_all(&mut ["one", "two", "three"].map(zmq::Message::from).into()).await?;
    /// let mut messages = Vec::new();
    /// while messages.len() < 3 {
    ///     pull.recv_many(&mut messages, 100).await?;
    /// }
    /// assert_eq!(messages[2].as_str(), Some("three"));
    /// # zmq::Result::Ok(())
    /// # })?;
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg); only if nothing was received.
    pub async fn recv_many(&self, messages: &mut Vec<Message>, limit: usize) -> Result<usize> {
        if limit == 0 {
            return Ok(0);
        }
        self.receive(|socket| {
            let before = messages.len();
            Message::push_received(messages, socket.raw(), DONTWAIT)?;
            let end = before.saturating_add(limit.min(MANY));
            while messages.len() < end
                && Message::push_received(messages, socket.raw(), DONTWAIT).is_ok()
            {}
            let more = messages.len() - before - 1;
            self.core.serve(Wish::RECEIVE, more);
            Ok(1 + more)
        })
        .await
    }

    /// Receives one frame into `bytes`, what fits, and returns how long it was. If the
    /// future is dropped before it is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg).
    pub async fn recv_into(&self, bytes: &mut [u8]) -> Result<usize> {
        self.receive(|socket| socket.recv_into(bytes, DONTWAIT))
            .await
    }
}

impl<K: Kind + CanRecv + CanMultipart> AsyncSocket<K> {
    /// Receives all frames of one message, without copying them. If the future is dropped
    /// before it is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg).
    pub async fn recv_frames(&self) -> Result<Multipart> {
        self.receive(|socket| socket.recv_frames(DONTWAIT)).await
    }

    /// Receives all frames of one message, as copies. If the future is dropped before it
    /// is ready, nothing was received.
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg).
    pub async fn recv_multipart(&self) -> Result<Vec<Vec<u8>>> {
        self.receive(|socket| socket.recv_multipart(DONTWAIT)).await
    }
}

impl<K> fmt::Debug for AsyncSocket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncSocket").finish_non_exhaustive()
    }
}
