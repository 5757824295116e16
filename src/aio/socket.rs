//! Sockets in tasks.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::reactor::{Fd, Reactor};
use super::waiters::{Place, Waiters, Wish};
use crate::error::{Error, Result};
use crate::kind::{CanMultipart, CanRecv, CanSend, Kind, SocketType};
use crate::message::Message;
use crate::multipart::Multipart;
use crate::poll::{PollEvents, POLLIN, POLLOUT};
use crate::socket::{SendError, Socket};
use crate::DONTWAIT;

/// How often in a row a task gets what is ready before others have their turn.
const TURN: u32 = 128;

/// A [`Socket`] whose methods are to be awaited; see [`aio`](super).
///
/// It may be shared by tasks: one sends while another receives. Several that receive
/// get a message each.
pub struct AsyncSocket<K = SocketType> {
    /// Before the socket, whose descriptor it has.
    reactor: Reactor,
    socket: Mutex<Socket<K>>,
    waiters: Arc<Waiters>,
    /// Wakes them all.
    waker: Waker,
    turn: AtomicU32,
}

impl<K: Kind> Socket<K> {
    /// Makes a socket to be awaited in tokio, of the runtime that this is called in.
    ///
    /// # Errors
    ///
    /// If there is no runtime here, or one without I/O; if the socket's context was
    /// shut down; if it has no descriptor, as those that threads can share; or if the
    /// runtime can have no more.
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
}

impl<K: Kind> AsyncSocket<K> {
    fn new(
        socket: Socket<K>,
        reactor: impl FnOnce(Fd) -> io::Result<Reactor>,
    ) -> io::Result<AsyncSocket<K>> {
        let waiters = Arc::<Waiters>::default();
        Ok(AsyncSocket {
            reactor: reactor(Fd(socket.get_fd()?))?,
            socket: Mutex::new(socket),
            waker: Arc::clone(&waiters).into(),
            waiters,
            turn: AtomicU32::new(0),
        })
    }

    /// The socket that waits in threads again.
    pub fn into_socket(self) -> Socket<K> {
        self.socket
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
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
            socket: self.lock(),
            of: self,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Socket<K>> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one of `interest` is there, and returns which are.
    ///
    /// # Errors
    ///
    /// `ETERM` if the context was shut down; `ECANCELED` if the runtime has ended.
    pub async fn ready(&self, interest: PollEvents) -> Result<PollEvents> {
        let wish = Wish {
            events: interest,
            in_turn: false,
        };
        self.attempt(wish, |socket| match events(socket)? & interest {
            none if none.is_empty() => Err(Error::EAGAIN),
            some => Ok(some),
        })
        .await
    }

    async fn receive<T>(&self, receive: impl FnMut(&Socket<K>) -> Result<T>) -> Result<T> {
        let wish = Wish {
            events: POLLIN,
            in_turn: true,
        };
        self.attempt(wish, receive).await
    }

    /// Sends what `send` gives back if it cannot be sent yet.
    async fn give<M>(
        &self,
        message: M,
        send: impl Fn(&Socket<K>, M) -> std::result::Result<(), SendError<M>>,
    ) -> Result<()> {
        let wish = Wish {
            events: POLLOUT,
            in_turn: true,
        };
        let mut message = Some(message);
        self.attempt(wish, |socket| {
            let Some(sent) = message.take().map(|message| send(socket, message)) else {
                return Ok(());
            };
            sent.map_err(|refused| {
                message = Some(refused.message);
                refused.error
            })
        })
        .await
    }

    /// Repeats what says `EAGAIN`, whenever there may be what is wished for.
    async fn attempt<T>(
        &self,
        wish: Wish,
        mut attempt: impl FnMut(&Socket<K>) -> Result<T>,
    ) -> Result<T> {
        let mut waiting = Waiting {
            waiters: &self.waiters,
            place: Place::default(),
        };
        let mut is_patient = self.turn.fetch_add(1, Ordering::Relaxed) % TURN == TURN - 1;
        poll_fn(|context| {
            if std::mem::take(&mut is_patient) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.poll(&mut waiting.place, wish, context, &mut attempt)
        })
        .await
    }

    fn poll<T>(
        &self,
        place: &mut Place,
        wish: Wish,
        context: &Context<'_>,
        attempt: &mut impl FnMut(&Socket<K>) -> Result<T>,
    ) -> Poll<Result<T>> {
        let socket = self.lock();
        if !self.waiters.is_turn(place, wish, context.waker()) {
            return Poll::Pending;
        }
        let mut done = attempt(&socket);
        // A signal is not for a task: it is as if nothing was there yet.
        while matches!(done, Err(Error::EAGAIN | Error::EINTR)) {
            // First, so that nothing that happens from here on is missed.
            self.waiters.set(place, wish, context.waker());
            // Looking at the events works off all that has happened, and of that the
            // descriptor tells once only: what it means for others, they must be told.
            match events(&socket) {
                Ok(events) => {
                    self.waiters.wake_others(place, events);
                    if events.intersects(wish.events) {
                        done = attempt(&socket);
                        if !matches!(done, Err(Error::EAGAIN | Error::EINTR)) {
                            break;
                        }
                    }
                }
                Err(error) => done = Err(error),
            }
            if matches!(done, Err(Error::EAGAIN | Error::EINTR)) {
                match self.reactor.poll(&self.waker) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(())) => done = attempt(&socket),
                    Poll::Ready(Err(error)) => {
                        let error = error.raw_os_error().unwrap_or(libc::ECANCELED);
                        done = Err(Error::from_raw(error));
                    }
                }
            }
        }
        self.tell_others(&socket, place);
        Poll::Ready(done)
    }

    /// After something was done with the socket: tells those who wait what they would
    /// not hear of any more.
    fn tell_others(&self, socket: &Socket<K>, place: &Place) {
        if self.waiters.has_others(place) {
            // An error is for each of them to find.
            let events = events(socket).unwrap_or(PollEvents::all());
            self.waiters.wake_others(place, events);
        }
    }
}

/// What a socket is ready for, after it has worked off all that happened.
fn events<K: Kind>(socket: &Socket<K>) -> Result<PollEvents> {
    loop {
        match socket.get_events() {
            Err(Error::EINTR) => {}
            other => return other,
        }
    }
}

/// A task that waits, until this is dropped.
struct Waiting<'a> {
    waiters: &'a Waiters,
    place: Place,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.waiters.leave(&mut self.place);
    }
}

/// Access to the [`Socket`] within an [`AsyncSocket`].
pub struct Guard<'a, K: Kind> {
    socket: MutexGuard<'a, Socket<K>>,
    of: &'a AsyncSocket<K>,
}

impl<K: Kind> Deref for Guard<'_, K> {
    type Target = Socket<K>;

    fn deref(&self) -> &Socket<K> {
        &self.socket
    }
}

impl<K: Kind> Drop for Guard<'_, K> {
    fn drop(&mut self) {
        // Whatever was done with it.
        self.of.tell_others(&self.socket, &Place::default());
    }
}

impl<K: Kind + CanSend> AsyncSocket<K> {
    /// Sends one frame: `&str`, `String`, bytes in any form, a [`Message`]. Waits while
    /// the socket cannot send, as [`Socket::send`] does.
    ///
    /// # Errors
    ///
    /// As for [`Socket::send`], but `EAGAIN` and `EINTR`; `ECANCELED` if the runtime
    /// has ended.
    pub async fn send(&self, data: impl Into<Message>) -> Result<()> {
        let send = |socket: &Socket<K>, message| socket.send_message(message, DONTWAIT);
        self.give(data.into(), send).await
    }
}

impl<K: Kind + CanSend + CanMultipart> AsyncSocket<K> {
    /// Sends a message of several frames. Waits while the socket cannot send, as
    /// [`Socket::send_frames`] does.
    ///
    /// # Errors
    ///
    /// As for [`send`](AsyncSocket::send).
    pub async fn send_frames(&self, message: Multipart) -> Result<()> {
        let send = |socket: &Socket<K>, message| socket.send_frames(message, DONTWAIT);
        self.give(message, send).await
    }

    /// [`send_frames`](AsyncSocket::send_frames) of what frames can be made of.
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
    /// Receives one frame, without copying it.
    ///
    /// # Errors
    ///
    /// As for [`Socket::recv`], but `EAGAIN` and `EINTR`; `ECANCELED` if the runtime
    /// has ended.
    pub async fn recv_msg(&self) -> Result<Message> {
        self.receive(|socket| socket.recv_msg(DONTWAIT)).await
    }

    /// Receives one frame as a copy in a `Vec`.
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg).
    pub async fn recv_bytes(&self) -> Result<Vec<u8>> {
        Ok(self.recv_msg().await?.to_vec())
    }

    /// Receives one frame into `bytes`, what fits, and returns how long it was.
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
    /// Receives all frames of one message, without copying them.
    ///
    /// # Errors
    ///
    /// As for [`recv_msg`](AsyncSocket::recv_msg).
    pub async fn recv_frames(&self) -> Result<Multipart> {
        self.receive(|socket| socket.recv_frames(DONTWAIT)).await
    }

    /// Receives all frames of one message.
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
