//! A socket in two halves, one that sends and one that receives.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;

use super::core::Source;
use super::socket::{give, AsyncSocket};
use super::waiters::{Place, Wish};
use crate::error::{Error, Result};
use crate::kind::{CanMultipart, CanRecv, CanSend, Kind, SocketType};
use crate::message::Message;
use crate::multipart::Multipart;
use crate::socket::Socket;
use crate::DONTWAIT;

/// The half of an [`AsyncSocket`] that sends, as [`AsyncSocket::into_split`] makes it.
///
/// It is a [`Sink`] of messages, which is ready as long as the socket can send: when
/// the high water mark is reached it is not. A message that was started and not flushed
/// is dropped with it, and one that cannot be sent with the error.
pub struct SendHalf<K: Kind = SocketType> {
    socket: Arc<AsyncSocket<K>>,
    place: Place,
    started: Option<Multipart>,
}

/// The half of an [`AsyncSocket`] that receives, as [`AsyncSocket::into_split`] makes
/// it.
///
/// It is a [`Stream`] of messages that ends when the context was shut down.
pub struct RecvHalf<K: Kind = SocketType> {
    socket: Arc<AsyncSocket<K>>,
    place: Place,
}

impl<K: Kind> AsyncSocket<K> {
    /// Makes two halves of it, which tasks of their own may have.
    ///
    /// ```
    /// # #[cfg(feature = "async-io")] {
    /// let context = zmq::Context::new();
    /// let (one, other) = (context.socket(zmq::Dealer)?, context.socket(zmq::Dealer)?);
    /// one.bind("inproc://into_split")?;
    /// other.connect("inproc://into_split")?;
    /// let (sends, receives) = one.into_async_io()?.into_split();
    /// let echo = std::thread::spawn(move || {
    ///     let message = other.recv_frames(0)?;
    ///     other.send_frames(message, 0).map_err(|e| e.error)
    /// });
    /// # smol::block_on(async {
    /// sends.send("hello").await?;
    /// assert_eq!(receives.recv_bytes().await?, b"hello");
    /// # zmq::Result::Ok(())
    /// # })?;
    /// echo.join().unwrap()?;
    /// let whole = sends.reunite(receives).unwrap();
    /// # drop(whole);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_split(self) -> (SendHalf<K>, RecvHalf<K>) {
        let socket = Arc::new(self);
        let send = SendHalf {
            socket: Arc::clone(&socket),
            place: Place::default(),
            started: None,
        };
        let place = Place::default();
        (send, RecvHalf { socket, place })
    }
}

impl<K: Kind> SendHalf<K> {
    /// Puts the halves together again. A message that was started is dropped.
    ///
    /// # Errors
    ///
    /// Both halves, if they are not of one socket.
    pub fn reunite(
        self,
        other: RecvHalf<K>,
    ) -> std::result::Result<AsyncSocket<K>, (SendHalf<K>, RecvHalf<K>)> {
        if !Arc::ptr_eq(&self.socket, &other.socket) {
            return Err((self, other));
        }
        let socket = Arc::clone(&self.socket);
        drop((self, other));
        Ok(Arc::into_inner(socket).expect("there are two halves"))
    }

    /// The whole socket, for its options and endpoints.
    pub fn socket(&self) -> &AsyncSocket<K> {
        &self.socket
    }
}

impl<K: Kind> RecvHalf<K> {
    /// The whole socket, for its options and endpoints.
    pub fn socket(&self) -> &AsyncSocket<K> {
        &self.socket
    }
}

impl<K: Kind + CanSend> SendHalf<K> {
    /// [`AsyncSocket::send`]. If the future is dropped before it is ready, nothing
    /// was sent.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn send(&self, data: impl Into<Message>) -> Result<()> {
        self.socket.send(data).await
    }
}

impl<K: Kind + CanSend + CanMultipart> SendHalf<K> {
    /// [`AsyncSocket::send_frames`]. If the future is dropped before it is ready, nothing
    /// was sent.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn send_frames(&self, message: Multipart) -> Result<()> {
        self.socket.send_frames(message).await
    }

    /// [`AsyncSocket::send_multipart`]. If the future is dropped before it is ready, nothing
    /// was sent.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn send_multipart<T: Into<Message>>(
        &self,
        iter: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        self.socket.send_multipart(iter).await
    }

    /// Repeats `attempt`, with what was started, until it is done.
    fn poll(
        &mut self,
        task: &mut Context<'_>,
        attempt: impl Fn(&Socket, &mut Option<Multipart>) -> Result<()>,
    ) -> Poll<Result<()>> {
        let (core, started) = (self.socket.core(), &mut self.started);
        let attempt = |socket: &Socket| attempt(socket, started);
        core.poll_kept(&mut self.place, Wish::SEND, task, attempt)
    }
}

/// Sends what was started. What cannot ever be sent does not hold up the next.
fn flush(socket: &Socket, started: &mut Option<Multipart>) -> Result<()> {
    let sent = give(socket, started);
    if !matches!(sent, Ok(()) | Err(Error::EAGAIN | Error::EINTR)) {
        *started = None;
    }
    sent
}

impl<K: Kind + CanSend + CanMultipart> Sink<Multipart> for SendHalf<K> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        self.get_mut().poll(task, |socket, started| {
            flush(socket, started)?;
            match socket.events()?.contains(crate::POLLOUT) {
                true => Ok(()),
                false => Err(Error::EAGAIN),
            }
        })
    }

    /// # Panics
    ///
    /// If a message was started that is not flushed, which `poll_ready` does.
    fn start_send(self: Pin<&mut Self>, message: Multipart) -> Result<()> {
        let SendHalf {
            socket, started, ..
        } = self.get_mut();
        assert!(started.is_none(), "poll_ready was not called, or not ready");
        *started = Some(message);
        match socket
            .core()
            .try_now(Wish::SEND, |socket| flush(socket, started))
        {
            // The room is gone, which is rare: it waits for more.
            Err(Error::EAGAIN) => Ok(()),
            sent => sent,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        match this.started {
            Some(_) => this.poll(task, flush),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_flush(task)
    }
}

impl<K: Kind> Drop for SendHalf<K> {
    fn drop(&mut self) {
        self.socket.core().leave(&mut self.place);
    }
}

impl<K: Kind + CanRecv> RecvHalf<K> {
    /// [`AsyncSocket::recv_msg`]. If the future is dropped before it is ready, nothing
    /// was received.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn recv_msg(&self) -> Result<Message> {
        self.socket.recv_msg().await
    }

    /// [`AsyncSocket::recv_bytes`]. If the future is dropped before it is ready, nothing
    /// was received.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn recv_bytes(&self) -> Result<Vec<u8>> {
        self.socket.recv_bytes().await
    }
}

impl<K: Kind + CanRecv + CanMultipart> RecvHalf<K> {
    /// [`AsyncSocket::recv_frames`]. If the future is dropped before it is ready, nothing
    /// was received.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn recv_frames(&self) -> Result<Multipart> {
        self.socket.recv_frames().await
    }

    /// [`AsyncSocket::recv_multipart`]. If the future is dropped before it is ready, nothing
    /// was received.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn recv_multipart(&self) -> Result<Vec<Vec<u8>>> {
        self.socket.recv_multipart().await
    }
}

impl<K: Kind + CanRecv + CanMultipart> Stream for RecvHalf<K> {
    type Item = Result<Multipart>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let RecvHalf { socket, place } = self.get_mut();
        let receive = |socket: &Socket| socket.recv_frames(DONTWAIT);
        let polled = socket.core().poll_kept(place, Wish::RECEIVE, task, receive);
        polled.map(|message| match message {
            Err(Error::ETERM) => None,
            message => Some(message),
        })
    }
}

impl<K: Kind> Drop for RecvHalf<K> {
    fn drop(&mut self) {
        self.socket.core().leave(&mut self.place);
    }
}

impl<K: Kind> fmt::Debug for SendHalf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendHalf").finish_non_exhaustive()
    }
}

impl<K: Kind> fmt::Debug for RecvHalf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvHalf").finish_non_exhaustive()
    }
}
