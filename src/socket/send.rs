//! Sending.

use std::any::TypeId;
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ptr;

use super::Socket;
use crate::error::{Error, Result};
use crate::kind::{CanMultipart, CanSend, SocketType};
use crate::message::Message;
use crate::multipart::Multipart;
use crate::{DONTWAIT, SNDMORE};

/// What [`Socket::send`] sends: everything that a [`Message`] can be made from.
///
/// Implement it for types of your own that send themselves as several frames.
pub trait Sendable {
    /// Sends `self` over `socket`.
    fn send(self, socket: &Socket, flags: i32) -> Result<()>;
}

impl<T: Into<Message>> Sendable for T {
    #[inline]
    fn send(self, socket: &Socket, flags: i32) -> Result<()> {
        if let Some(data) = as_slice(&self) {
            return socket.raw.send_copy(data, flags);
        }
        if is::<T, Vec<u8>>() {
            let data = ManuallyDrop::new(self);
            // SAFETY: it is of this type, and goes on being used in this place alone.
            let data = unsafe { ptr::from_ref(&*data).cast::<Vec<u8>>().read() };
            return Message::send_vec(data, &socket.raw, flags);
        }
        let mut message = self.into();
        socket.raw.send(&mut message.raw, flags)?;
        message.was_sent();
        Ok(())
    }
}

/// The bytes behind a `&[u8]` or `&str`, of which libzmq can make a message of its own.
/// What this asks is known when it is compiled.
#[inline]
pub(crate) fn as_slice<T>(data: &T) -> Option<&[u8]> {
    if is::<T, &[u8]>() {
        // SAFETY: both are the same type, but for a lifetime, and the one in the
        // result is no longer than that in `T`.
        Some(unsafe { *ptr::from_ref(data).cast::<&[u8]>() })
    } else if is::<T, &str>() {
        // SAFETY: as above.
        Some(unsafe { *ptr::from_ref(data).cast::<&str>() }.as_bytes())
    } else {
        None
    }
}

/// Whether two types are the same, but for lifetimes.
#[inline]
fn is<T, U>() -> bool {
    trait Identified {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T> Identified for PhantomData<T> {
        #[inline]
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<Self>()
        }
    }
    #[inline]
    fn id<T>() -> TypeId {
        let type_: &dyn Identified = &PhantomData::<T>;
        // SAFETY: only a lifetime is longer than it was; the value has no data, and
        // what is called asks for the type, of which lifetimes are no part.
        let type_: &(dyn Identified + 'static) = unsafe { mem::transmute(type_) };
        type_.id()
    }
    id::<T>() == id::<U>()
}

/// A message that could not be sent, and why.
#[derive(Debug)]
pub struct SendError<M = Message> {
    /// The message, as it was: a [`Message`] or a [`Multipart`].
    pub message: M,
    /// Why it was not sent.
    pub error: Error,
}

impl<M> fmt::Display for SendError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a message was not sent: {}", self.error)
    }
}

impl<M: fmt::Debug> std::error::Error for SendError<M> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl<M> From<SendError<M>> for Error {
    fn from(e: SendError<M>) -> Error {
        e.error
    }
}

impl<K: CanSend> Socket<K> {
    /// Sends one frame: `&str`, `String`, bytes in any form, a [`Message`].
    ///
    /// It waits while the socket cannot send, because no peer is connected or
    /// the [high water mark](Socket::set_sndhwm) is reached, and for connections that are
    /// fast, with [large messages](Socket::set_pacing); not if `flags` has
    /// [`DONTWAIT`](crate::DONTWAIT). PUB drops instead of waiting. With
    /// [`SNDMORE`](crate::SNDMORE) the next frame belongs to the same message.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// push.bind("inproc://send")?;
    /// pull.connect("inproc://send")?;
    /// push.send("text", 0)?;
    /// push.send(vec![1, 2, 3], 0)?;
    /// assert_eq!(pull.recv_bytes(0)?, b"text");
    /// assert_eq!(pull.recv_bytes(0)?, [1, 2, 3]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EAGAIN` if it would have to wait and may not, or no longer
    /// ([`set_sndtimeo`](Socket::set_sndtimeo)); `EFSM` if the socket's pattern
    /// does not allow to send now; `EHOSTUNREACH` from a ROUTER with
    /// [`set_router_mandatory`](Socket::set_router_mandatory).
    ///
    /// See [zmq_msg_send](https://libzmq.readthedocs.io/en/latest/zmq_msg_send.html).
    #[inline]
    pub fn send<T: Sendable>(&self, data: T, flags: i32) -> Result<()> {
        data.send(self.as_dyn(), flags)
    }

    /// Sends one message; a message that could not be sent comes back.
    ///
    /// ```
    /// let socket = zmq::Context::new().socket(zmq::Push)?; // without a peer
    /// let refused = socket.send_message("precious".into(), zmq::DONTWAIT).unwrap_err();
    /// assert_eq!(refused.error, zmq::Error::EAGAIN);
    /// assert_eq!(refused.message.as_str(), Some("precious"));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`send`](Socket::send).
    pub fn send_message(
        &self,
        mut message: Message,
        flags: i32,
    ) -> std::result::Result<(), SendError> {
        match self.raw.send(&mut message.raw, flags) {
            Ok(()) => {
                message.was_sent();
                Ok(())
            }
            Err(error) => Err(SendError { message, error }),
        }
    }

    /// Sends one message.
    #[deprecated(since = "0.9.0", note = "use `send`")]
    pub fn send_msg(&self, msg: Message, flags: i32) -> Result<()> {
        self.send(msg, flags)
    }

    /// Sends one frame of text.
    #[deprecated(since = "0.9.0", note = "use `send`")]
    pub fn send_str(&self, data: &str, flags: i32) -> Result<()> {
        self.send(data, flags)
    }
}

impl<K: CanSend + CanMultipart> Socket<K> {
    /// Sends the items of `iter` as the frames of one message; nothing if there
    /// are none. Peers receive all of it or nothing.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// push.bind("inproc://send_multipart")?;
    /// pull.connect("inproc://send_multipart")?;
    /// push.send_multipart(["topic", "", "body"], 0)?;
    /// assert_eq!(pull.recv_multipart(0)?, [&b"topic"[..], b"", b"body"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`send`](Socket::send).
    pub fn send_multipart<I, T>(&self, iter: I, flags: i32) -> Result<()>
    where
        I: IntoIterator<Item = T>,
        T: Into<Message>,
    {
        let mut frames = iter.into_iter();
        let mut next = frames.next();
        let mut place = Place::FIRST;
        while let Some(frame) = next {
            next = frames.next();
            let flags = flags | if next.is_some() { SNDMORE } else { 0 };
            if let Some(data) = as_slice(&frame) {
                if !self.send_frame(|flags| self.raw.send_copy(data, flags), flags, place)? {
                    break;
                }
            } else {
                let mut frame = frame.into();
                if !self.send_frame(|flags| self.raw.send(&mut frame.raw, flags), flags, place)? {
                    break;
                }
                frame.was_sent();
            }
            place = Place::LATER;
        }
        Ok(())
    }

    /// Sends all frames as one message; a message that could not be sent comes
    /// back. Without frames it sends nothing.
    ///
    /// ```
    /// use zmq::Multipart;
    ///
    /// let socket = zmq::Context::new().socket(zmq::Push)?; // without a peer
    /// let message = Multipart::from(["precious", "cargo"]);
    /// let refused = socket.send_frames(message, zmq::DONTWAIT).unwrap_err();
    /// assert_eq!(refused.error, zmq::Error::EAGAIN);
    /// assert_eq!(refused.message, ["precious", "cargo"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`send`](Socket::send). If it is not the first frame that is refused,
    /// as when the context is shut down meanwhile, what comes back is the rest. If the
    /// peer has gone meanwhile, the message has gone with it, and is no error.
    pub fn send_frames(
        &self,
        message: Multipart,
        flags: i32,
    ) -> std::result::Result<(), SendError<Multipart>> {
        let mut frames = VecDeque::from(message);
        let mut place = Place::FIRST;
        while let Some(mut frame) = frames.pop_front() {
            let more = if frames.is_empty() { 0 } else { SNDMORE };
            match self.send_frame(
                |flags| self.raw.send(&mut frame.raw, flags),
                flags | more,
                place,
            ) {
                Ok(true) => {
                    frame.was_sent();
                    place = Place::LATER;
                }
                Ok(false) => return Ok(()),
                Err(error) => {
                    frames.push_front(frame);
                    let message = frames.into_iter().collect();
                    return Err(SendError { message, error });
                }
            }
        }
        Ok(())
    }

    /// Sends a frame by `send`, and says whether those that follow it are to be sent.
    ///
    /// Nothing waits in the middle of a message: if there is no room for a frame that is
    /// not the first, whom the others were for is gone, and they with it. It is dropped,
    /// as libzmq does where it may wait; sent again it would reach another peer, as a
    /// message of its own.
    #[inline]
    fn send_frame(
        &self,
        mut send: impl FnMut(i32) -> Result<()>,
        flags: i32,
        place: Place,
    ) -> Result<bool> {
        loop {
            match send(flags | place.0) {
                Ok(()) => return Ok(true),
                Err(e) if place == Place::FIRST => return Err(e),
                Err(e) => {
                    if let Some(goes_on) = self.as_dyn().after_refusal(e)? {
                        return Ok(goes_on);
                    }
                }
            }
        }
    }
}

/// Where in its message a frame is: the flags that it is sent with for that.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place(i32);

impl Place {
    const FIRST: Place = Place(0);
    const LATER: Place = Place(DONTWAIT);
}

impl Socket {
    /// Whether to send the frames that follow one that was refused, and is not the first;
    /// none: the same one again.
    #[cold]
    fn after_refusal(&self, error: Error) -> Result<Option<bool>> {
        match error {
            Error::EINTR => Ok(None),
            Error::EAGAIN => Ok(Some(self.wants_the_rest())),
            e => Err(e),
        }
    }

    /// Whether libzmq is to have the rest of a message whose peer has gone: so it knows
    /// where the message ends, and drops it. A PAIR would give it to the next peer.
    pub(crate) fn wants_the_rest(&self) -> bool {
        self.get_socket_type() != Ok(SocketType::PAIR)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{Context, Pair, POLLOUT};

    const LIMIT: Duration = Duration::from_secs(60);

    /// The peer of a PAIR goes in the middle of a message. The next one gets whole ones.
    #[test]
    fn the_rest_is_not_for_another_peer() {
        let context = Context::new();
        let socket = context.socket(Pair).unwrap();
        let endpoint = "inproc://the-rest";
        socket.bind(endpoint).unwrap();
        let peer = || {
            let peer = context.socket(Pair).unwrap();
            peer.connect(endpoint).unwrap();
            peer
        };
        let goes = peer();
        let [mut a, mut b] = ["a", "b"].map(Message::from);
        let send = |frame: &mut Message, flags, place| {
            socket.send_frame(|flags| socket.raw.send(&mut frame.raw, flags), flags, place)
        };
        assert_eq!(send(&mut a, DONTWAIT | SNDMORE, Place::FIRST), Ok(true));
        drop(goes);
        let begin = Instant::now();
        while socket.get_events().unwrap().contains(POLLOUT) {
            assert!(begin.elapsed() < LIMIT);
            std::thread::yield_now();
        }
        assert_eq!(send(&mut b, 0, Place::LATER), Ok(false));

        // It is refused as long as the last one is not quite gone.
        let comes = || Some(peer()).filter(|_| socket.poll(POLLOUT, 100) == Ok(1));
        let comes = (0..100).find_map(|_| comes()).unwrap();
        comes.set_rcvtimeo(LIMIT.as_millis() as i32).unwrap();
        socket.send_multipart(["c", "d"], DONTWAIT).unwrap();
        assert_eq!(comes.recv_multipart(0).unwrap(), [b"c", b"d"]);
    }
}
