//! What keeps RADIO and DGRAM sockets clear of libzmq's defects with UDP.
//!
//! libzmq 4.3.5 copies a datagram of any size into a buffer of 8192 bytes. It
//! closes the message that a DGRAM socket without an endpoint is to send, though
//! it says that it was not sent, and goes on using it if the call may wait. It
//! aborts if half a message of a DGRAM socket meets a new endpoint, or if one
//! receives over IPv6.

use std::ffi::{c_void, CStr};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::error::{Error, Result};
use crate::kind::SocketType;
use crate::poll::{int_option, poll, PollItem, POLLOUT};
use crate::raw::{RawMessage, RawSocket};
use crate::DONTWAIT;
use crate::SNDMORE;

/// libzmq's buffer for a datagram.
const BUFFER: usize = 8192;

/// The state of a socket that matters for UDP. Its atomics are there because a
/// RADIO socket may be shared by threads.
pub(crate) struct Guard {
    kind: Option<SocketType>,
    /// The largest message, together with its group, that may be sent.
    largest: AtomicUsize,
    /// Whether half a message was sent.
    more: AtomicBool,
}

impl Guard {
    pub(crate) fn new(kind: SocketType) -> Guard {
        let is_dgram = kind == SocketType::DGRAM;
        Guard {
            kind: (is_dgram || kind == SocketType::RADIO).then_some(kind),
            // A RADIO may do without UDP.
            largest: AtomicUsize::new(if is_dgram { BUFFER } else { usize::MAX }),
            more: AtomicBool::new(false),
        }
    }

    /// The guard of a socket that somebody else opened, who may have given it
    /// endpoints of any kind.
    ///
    /// # Safety
    ///
    /// `socket` is an open libzmq socket.
    pub(crate) unsafe fn of_stranger(socket: NonNull<c_void>) -> Guard {
        // SAFETY: the caller answers for the socket, and the type is an int.
        let kind = unsafe { int_option(socket.as_ptr(), zmq_sys::ZMQ_TYPE) };
        let kind = kind.and_then(SocketType::from_raw);
        let guard = Guard::new(kind.unwrap_or(SocketType::PAIR));
        if guard.is_on() {
            guard.largest.store(BUFFER - 1, Ordering::Relaxed);
        }
        guard
    }

    /// Whether [`send`] has to be used.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.kind.is_some()
    }

    /// Asks whether `socket` may be bound, connected, unbound or disconnected, to
    /// or from `endpoint`.
    pub(crate) fn check(&self, socket: &RawSocket, endpoint: &CStr) -> Result<()> {
        let is_udp = endpoint.to_bytes().starts_with(b"udp://");
        match self.kind {
            Some(SocketType::RADIO) if is_udp => {
                // The length of the group takes a byte.
                self.largest.store(BUFFER - 1, Ordering::Relaxed);
            }
            Some(SocketType::DGRAM) => {
                if self.more.load(Ordering::Relaxed) {
                    return Err(Error::EFSM);
                }
                if socket.get_int(zmq_sys::ZMQ_IPV6)? != 0 {
                    return Err(Error::ENOTSUP);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// `RawSocket::send` for the sockets that have a guard which is on.
#[cold]
pub(crate) fn send(socket: &RawSocket, message: &mut RawMessage, flags: i32) -> Result<()> {
    let guard = socket.udp();
    let size = message.as_slice().len() + message.group().to_bytes().len();
    if size > guard.largest.load(Ordering::Relaxed) {
        return Err(Error::EMSGSIZE);
    }
    if guard.kind != Some(SocketType::DGRAM) {
        return socket.send_unguarded(message, flags);
    }
    // Only a socket that has an endpoint is ever ready.
    let timeout = match flags & DONTWAIT {
        0 => socket.get_int(zmq_sys::ZMQ_SNDTIMEO)?,
        _ => 0,
    };
    let mut items = [PollItem::from_socket(socket, POLLOUT)];
    if poll(&mut items, timeout.into())? == 0 {
        return Err(Error::EAGAIN);
    }
    // It may have lost its endpoint since.
    let copy = message.share();
    match socket.send_unguarded(message, flags | DONTWAIT) {
        Ok(()) => {
            guard.more.store(flags & SNDMORE != 0, Ordering::Relaxed);
            Ok(())
        }
        Err(e) => {
            message.replace(copy);
            Err(e)
        }
    }
}
