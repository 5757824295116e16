//! Receiving.

use super::Socket;
use crate::error::{Error, Result};
use crate::kind::CanRecv;
use crate::message::Message;

impl<K: CanRecv> Socket<K> {
    /// Receives one frame into `msg`, whose old content is released. Whether it
    /// is the message's last, [`get_more`](Message::get_more) tells.
    ///
    /// It waits until a message arrives, unless `flags` is
    /// [`DONTWAIT`](crate::DONTWAIT).
    ///
    /// # Errors
    ///
    /// `EAGAIN` if there is nothing and it may not wait, or no longer
    /// ([`set_rcvtimeo`](Socket::set_rcvtimeo)); `EFSM` if the socket's pattern
    /// does not allow to receive now. `msg` may be empty then.
    ///
    /// See [zmq_msg_recv](https://libzmq.readthedocs.io/en/latest/zmq_msg_recv.html).
    #[inline]
    pub fn recv(&self, msg: &mut Message, flags: i32) -> Result<()> {
        let received = self.raw.recv(&mut msg.raw, flags);
        msg.received();
        received
    }

    /// Receives one frame into `bytes` and returns its length. What does not fit
    /// is cut off; the length then is larger than the slice.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// push.bind("inproc://recv_into")?;
    /// pull.connect("inproc://recv_into")?;
    /// push.send("four", 0)?;
    /// let mut bytes = [0; 2];
    /// assert_eq!(pull.recv_into(&mut bytes, 0)?, 4);
    /// assert_eq!(&bytes, b"fo");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    #[inline]
    pub fn recv_into(&self, bytes: &mut [u8], flags: i32) -> Result<usize> {
        self.raw.recv_into(bytes, flags)
    }

    /// Receives one frame as a [`Message`], without copying it.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    #[inline]
    pub fn recv_msg(&self, flags: i32) -> Result<Message> {
        let mut msg = Message::new();
        self.raw.recv(&mut msg.raw, flags)?;
        Ok(msg)
    }

    /// Receives one frame as a copy in a `Vec`.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    pub fn recv_bytes(&self, flags: i32) -> Result<Vec<u8>> {
        Ok(self.recv_msg(flags)?.to_vec())
    }

    /// Receives one frame as text; the inner error has the bytes if they are not
    /// UTF-8.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    pub fn recv_string(&self, flags: i32) -> Result<std::result::Result<String, Vec<u8>>> {
        let bytes = self.recv_bytes(flags)?;
        Ok(String::from_utf8(bytes).map_err(|e| e.into_bytes()))
    }

    /// Receives all frames of one message.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    pub fn recv_multipart(&self, flags: i32) -> Result<Vec<Vec<u8>>> {
        let mut msg = self.recv_msg(flags)?;
        let mut frames = vec![msg.to_vec()];
        while msg.more_received() {
            // A message arrives whole, so this does not wait; a signal must not
            // make half of it get lost.
            while let Err(e) = self.recv(&mut msg, flags) {
                if e != Error::EINTR {
                    return Err(e);
                }
            }
            frames.push(msg.to_vec());
        }
        Ok(frames)
    }
}
