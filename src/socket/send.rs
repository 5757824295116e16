//! Sending.

use std::collections::VecDeque;
use std::fmt;

use super::Socket;
use crate::error::{Error, Result};
use crate::kind::{CanMultipart, CanSend};
use crate::message::Message;
use crate::multipart::Multipart;
use crate::SNDMORE;

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
        socket.raw.send(&mut self.into().raw, flags).map(drop)
    }
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
    /// the [high water mark](Socket::set_sndhwm) is reached, unless `flags` has
    /// [`DONTWAIT`](crate::DONTWAIT); PUB drops instead of waiting. With
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
        self.raw
            .send(&mut message.raw, flags)
            .map(drop)
            .map_err(|error| SendError { message, error })
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
        let Some(mut frame) = frames.next() else {
            return Ok(());
        };
        for next in frames {
            self.send(frame.into(), flags | SNDMORE)?;
            frame = next;
        }
        self.send(frame.into(), flags)
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
    /// as when the context is shut down meanwhile, what comes back is the rest.
    pub fn send_frames(
        &self,
        message: Multipart,
        flags: i32,
    ) -> std::result::Result<(), SendError<Multipart>> {
        let mut frames = VecDeque::from(message);
        while let Some(mut frame) = frames.pop_front() {
            let more = if frames.is_empty() { 0 } else { SNDMORE };
            if let Err(error) = self.raw.send(&mut frame.raw, flags | more) {
                frames.push_front(frame);
                let message = frames.into_iter().collect();
                return Err(SendError { message, error });
            }
        }
        Ok(())
    }
}
