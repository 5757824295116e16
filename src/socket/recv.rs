//! Receiving.

use super::Socket;
use crate::error::{Error, Result};
use crate::kind::{CanMultipart, CanRecv};
use crate::message::Message;
use crate::multipart::Multipart;
use crate::raw::RawMessage;

impl<K: CanRecv> Socket<K> {
    /// Receives one frame into `msg`, whose old content is released. Whether it
    /// is the message's last, [`get_more`](Message::get_more) tells.
    ///
    /// It waits until a message arrives, unless `flags` is
    /// [`DONTWAIT`](crate::DONTWAIT).
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// push.bind("inproc://recv")?;
    /// pull.connect("inproc://recv")?;
    /// push.send_multipart(["first", "last"], 0)?;
    /// let mut msg = zmq::Message::new();
    /// pull.recv(&mut msg, 0)?;
    /// assert!(msg.as_str() == Some("first") && msg.get_more());
    /// pull.recv(&mut msg, 0)?;
    /// assert!(msg.as_str() == Some("last") && !msg.get_more());
    /// # Ok::<(), zmq::Error>(())
    /// ```
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
        msg.received();
        self.raw.recv(&mut msg.raw, flags).map(drop)
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
        Ok(Message::from_raw_message(self.raw.recv_new(flags)?))
    }

    /// Receives one frame as a copy in a `Vec`.
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    #[inline]
    pub fn recv_bytes(&self, flags: i32) -> Result<Vec<u8>> {
        Ok(self.raw.recv_new(flags)?.as_slice().to_vec())
    }

    /// Receives one frame as text; the inner error has the bytes if they are not
    /// UTF-8.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// push.bind("inproc://recv_string")?;
    /// pull.connect("inproc://recv_string")?;
    /// push.send("text", 0)?;
    /// push.send([0xff], 0)?;
    /// assert_eq!(pull.recv_string(0)?, Ok("text".to_owned()));
    /// assert_eq!(pull.recv_string(0)?, Err(vec![0xff]));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    pub fn recv_string(&self, flags: i32) -> Result<std::result::Result<String, Vec<u8>>> {
        let bytes = self.recv_bytes(flags)?;
        Ok(String::from_utf8(bytes).map_err(|e| e.into_bytes()))
    }
}

impl<K: CanRecv + CanMultipart> Socket<K> {
    /// Receives all frames of one message.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// push.bind("inproc://recv_multipart")?;
    /// pull.connect("inproc://recv_multipart")?;
    /// push.send("envelope", zmq::SNDMORE)?;
    /// push.send("letter", 0)?;
    /// assert_eq!(pull.recv_multipart(0)?, [&b"envelope"[..], b"letter"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    pub fn recv_multipart(&self, flags: i32) -> Result<Vec<Vec<u8>>> {
        let mut frames = Vec::new();
        let mut frame = RawMessage::new();
        loop {
            let more = frame_by(frames.is_empty(), || self.raw.recv(&mut frame, flags))?;
            grow(&mut frames);
            frames.push(frame.as_slice().to_vec());
            if !more {
                return Ok(frames);
            }
        }
    }

    /// Receives all frames of one message, without copying them.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// push.bind("inproc://recv_frames")?;
    /// pull.connect("inproc://recv_frames")?;
    /// push.send_multipart(["envelope", "letter"], 0)?;
    /// let mut message = pull.recv_frames(0)?;
    /// assert_eq!(message, ["envelope", "letter"]);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`recv`](Socket::recv).
    pub fn recv_frames(&self, flags: i32) -> Result<Multipart> {
        let mut frames = Vec::new();
        while frame_by(frames.is_empty(), || {
            grow(&mut frames);
            Message::push_received(&mut frames, &self.raw, flags)
        })? {}
        Ok(Multipart::from_frames(frames))
    }
}

/// Makes room for another frame: four at first, then for at least eight more.
#[inline]
fn grow<T>(frames: &mut Vec<T>) {
    let len = frames.len();
    if len == frames.capacity() {
        frames.reserve_exact(if len == 0 { 4 } else { len.max(8) });
    }
}

/// Receives a frame by `receive`. A message arrives whole, so one that is not the first does
/// not wait; a signal must not make half of the message get lost.
#[inline]
fn frame_by<T>(is_first: bool, mut receive: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        match receive() {
            Err(Error::EINTR) if !is_first => {}
            received => return received,
        }
    }
}
