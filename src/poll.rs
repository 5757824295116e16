//! Waiting for several sockets at once.

use std::ffi::{c_int, c_long, c_short, c_void};
use std::marker::PhantomData;
use std::ptr;

use bitflags::bitflags;
use zmq_sys::RawFd;

use crate::error::{Error, Result};
use crate::raw::{check, RawSocket};
use crate::socket::Socket;

bitflags! {
    /// What a socket is or shall be ready for.
    pub struct PollEvents: i16 {
        /// A message, or data, can be received.
        const POLLIN = zmq_sys::ZMQ_POLLIN as i16;
        /// A message, or data, can be sent.
        const POLLOUT = zmq_sys::ZMQ_POLLOUT as i16;
        /// Something is wrong; for descriptors of the operating system only.
        const POLLERR = zmq_sys::ZMQ_POLLERR as i16;
    }
}

/// [`PollEvents::POLLIN`]
pub const POLLIN: PollEvents = PollEvents::POLLIN;
/// [`PollEvents::POLLOUT`]
pub const POLLOUT: PollEvents = PollEvents::POLLOUT;
/// [`PollEvents::POLLERR`]
pub const POLLERR: PollEvents = PollEvents::POLLERR;

/// A socket, or a descriptor of the operating system, and what to wait for;
/// after [`poll`], also what it is ready for.
///
/// It borrows its socket, which therefore cannot be dropped meanwhile:
///
/// ```compile_fail
/// let socket = zmq::Context::new().socket(zmq::Pull).unwrap();
/// let item = socket.as_poll_item(zmq::POLLIN);
/// drop(socket);
/// item.is_readable();
/// ```
#[repr(C)]
pub struct PollItem<'a> {
    // The layout of zmq_pollitem_t.
    socket: *mut c_void,
    fd: RawFd,
    events: c_short,
    revents: c_short,
    socket_lives: PhantomData<&'a Socket>,
}

// `poll` passes a slice of the one for a slice of the other.
const _: () = assert!(
    size_of::<PollItem<'_>>() == size_of::<zmq_sys::zmq_pollitem_t>()
        && align_of::<PollItem<'_>>() == align_of::<zmq_sys::zmq_pollitem_t>()
);

impl<'a> PollItem<'a> {
    pub(crate) fn from_socket(socket: &'a RawSocket, events: PollEvents) -> PollItem<'a> {
        PollItem::new(socket.as_ptr(), 0, events)
    }

    /// A descriptor of the operating system that is not one of ZeroMQ's.
    pub fn from_fd(fd: RawFd, events: PollEvents) -> PollItem<'a> {
        PollItem::new(ptr::null_mut(), fd, events)
    }

    fn new(socket: *mut c_void, fd: RawFd, events: PollEvents) -> PollItem<'a> {
        PollItem {
            socket,
            fd,
            events: events.bits(),
            revents: 0,
            socket_lives: PhantomData,
        }
    }

    /// Changes what to wait for.
    pub fn set_events(&mut self, events: PollEvents) {
        self.events = events.bits();
    }

    /// What the last [`poll`] found it ready for.
    pub fn get_revents(&self) -> PollEvents {
        PollEvents::from_bits_truncate(self.revents)
    }

    /// Whether the last [`poll`] found something to receive.
    pub fn is_readable(&self) -> bool {
        self.get_revents().contains(POLLIN)
    }

    /// Whether the last [`poll`] found that one can send.
    pub fn is_writable(&self) -> bool {
        self.get_revents().contains(POLLOUT)
    }

    /// Whether the last [`poll`] found an error.
    pub fn is_error(&self) -> bool {
        self.get_revents().contains(POLLERR)
    }

    /// Whether this is the item of `socket`.
    pub fn has_socket<K>(&self, socket: &Socket<K>) -> bool {
        self.socket == socket.raw().as_ptr()
    }

    /// Whether this is the item of the descriptor `fd`.
    pub fn has_fd(&self, fd: RawFd) -> bool {
        self.socket.is_null() && self.fd == fd
    }
}

/// Waits until at least one of `items` is ready, at most `timeout`
/// milliseconds; -1 waits for ever, 0 not at all, and what is over `i32::MAX`
/// counts as that: 24 days. Returns how many are ready.
///
/// ```
/// let context = zmq::Context::new();
/// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
/// push.bind("inproc://poll")?;
/// pull.connect("inproc://poll")?;
/// push.send("wake up", 0)?;
///
/// let mut items = [pull.as_poll_item(zmq::POLLIN), push.as_poll_item(zmq::POLLIN)];
/// assert_eq!(zmq::poll(&mut items, 1000)?, 1);
/// assert!(items[0].is_readable() && !items[1].is_readable());
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Errors
///
/// `ETERM` if the context of a socket was shut down, `EINTR`; `EINVAL` if there
/// are no items and the timeout is -1, which would wait for nothing, for ever.
///
/// See [zmq_poll](https://libzmq.readthedocs.io/en/latest/zmq_poll.html).
pub fn poll(items: &mut [PollItem<'_>], timeout: i64) -> Result<i32> {
    if items.is_empty() && timeout < 0 {
        return Err(Error::EINVAL);
    }
    let count = c_int::try_from(items.len()).map_err(|_| Error::EINVAL)?;
    // `long` has 32 bits on Windows, and libzmq counts in as many anyway: some
    // weeks are the longest there is.
    let timeout = timeout.clamp(-1, i32::MAX.into()) as c_long;
    // SAFETY: a PollItem is laid out as zmq_pollitem_t, and it borrows its socket,
    // which therefore is open.
    check(unsafe { zmq_sys::zmq_poll(items.as_mut_ptr().cast(), count, timeout) })
}
