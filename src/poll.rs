//! Waiting for several sockets at once.

use std::ffi::{c_int, c_long, c_short, c_void};
use std::marker::PhantomData;
use std::ptr;
use std::time::Instant;

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
    #[inline]
    pub(crate) fn from_socket(socket: &'a RawSocket, events: PollEvents) -> PollItem<'a> {
        PollItem::new(socket.as_ptr(), 0, events)
    }

    /// An item of a socket that nobody borrows.
    ///
    /// # Safety
    ///
    /// The socket is open for as long as the item is waited for.
    #[cfg(not(feature = "draft"))]
    pub(crate) unsafe fn from_open(socket: *mut c_void, events: PollEvents) -> PollItem<'a> {
        PollItem::new(socket, 0, events)
    }

    /// Whether it waits for nothing.
    #[cfg(not(feature = "draft"))]
    pub(crate) fn is_idle(&self) -> bool {
        self.events == 0
    }

    /// A descriptor of the operating system that is not one of ZeroMQ's.
    #[inline]
    pub fn from_fd(fd: RawFd, events: PollEvents) -> PollItem<'a> {
        PollItem::new(ptr::null_mut(), fd, events)
    }

    #[inline]
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
    #[inline]
    pub fn set_events(&mut self, events: PollEvents) {
        self.events = events.bits();
    }

    /// What the last [`poll`] found it ready for.
    #[inline]
    pub fn get_revents(&self) -> PollEvents {
        PollEvents::from_bits_truncate(self.revents)
    }

    /// Whether the last [`poll`] found something to receive.
    #[inline]
    pub fn is_readable(&self) -> bool {
        self.get_revents().contains(POLLIN)
    }

    /// Whether the last [`poll`] found that one can send.
    #[inline]
    pub fn is_writable(&self) -> bool {
        self.get_revents().contains(POLLOUT)
    }

    /// Whether the last [`poll`] found an error.
    #[inline]
    pub fn is_error(&self) -> bool {
        self.get_revents().contains(POLLERR)
    }

    /// Whether this is the item of `socket`.
    #[inline]
    pub fn has_socket<K>(&self, socket: &Socket<K>) -> bool {
        self.socket == socket.raw().as_ptr()
    }

    /// Whether this is the item of the descriptor `fd`.
    #[inline]
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
#[inline]
pub fn poll(items: &mut [PollItem<'_>], timeout: i64) -> Result<i32> {
    let count = count(items, timeout)?;
    // With a socket that threads share among them, libzmq waits as a poller does.
    #[cfg(feature = "draft")]
    for socket in sockets(items) {
        // SAFETY: an item borrows its socket, which therefore is open.
        unsafe { check_alive(socket)? };
    }
    // SAFETY: a PollItem is laid out as zmq_pollitem_t, and it borrows its socket,
    // which therefore is open.
    check(unsafe { zmq_sys::zmq_poll(items.as_mut_ptr().cast(), count, as_timeout(timeout)) })
}

/// [`poll`] with another set of signals blocked while it waits: it ends with
/// `EINTR` if one arrives that `sigmask` leaves out, also if that happened since
/// the program blocked it. Without a set it is `poll`.
///
/// It does not take the kinds of sockets that threads share.
///
/// ```
/// let socket = zmq::Context::new().socket(zmq::Pull)?;
/// // SAFETY: fills in an empty set of signals.
/// let none = unsafe {
///     let mut set = std::mem::zeroed();
///     libc::sigemptyset(&mut set);
///     set
/// };
/// let mut items = [socket.as_poll_item(zmq::POLLIN)];
/// assert_eq!(zmq::ppoll(&mut items, 10, Some(&none))?, 0);
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Errors
///
/// As for `poll`, and `EINVAL` if an item is a thread-safe socket, or has a
/// descriptor of 1024 or more (`FD_SETSIZE`), which is what libzmq has room for
/// here.
///
/// See [zmq_ppoll](https://libzmq.readthedocs.io/en/latest/zmq_ppoll.html).
#[cfg(all(unix, feature = "draft"))]
pub fn ppoll(
    items: &mut [PollItem<'_>],
    timeout: i64,
    sigmask: Option<&libc::sigset_t>,
) -> Result<i32> {
    let count = count(items, timeout)?;
    for item in items.iter() {
        let fd = match item.socket.is_null() {
            true => item.fd,
            // SAFETY: an item borrows its socket, which therefore is open.
            false => unsafe { descriptor(item.socket)? },
        };
        if !(0..libc::FD_SETSIZE as RawFd).contains(&fd) {
            return Err(Error::EINVAL);
        }
    }
    if count as usize > libc::FD_SETSIZE {
        return Err(Error::EINVAL);
    }
    let sigmask = sigmask.map_or(ptr::null(), ptr::from_ref).cast();
    let items = items.as_mut_ptr().cast();
    // SAFETY: as for `poll`; and libzmq's sets have room for these descriptors.
    check(unsafe { zmq_sys::zmq_ppoll(items, count, as_timeout(timeout), sigmask) })
}

/// The number of items, if libzmq can wait for them.
#[inline]
fn count(items: &[PollItem<'_>], timeout: i64) -> Result<c_int> {
    if items.is_empty() && timeout < 0 {
        return Err(Error::EINVAL);
    }
    // More than there can be descriptors is more than the system takes, and then
    // libzmq aborts.
    #[cfg(unix)]
    if items.len() > 1000 && !may_have_descriptors(items.len()) {
        return Err(Error::EINVAL);
    }
    c_int::try_from(items.len()).map_err(|_| Error::EINVAL)
}

/// Whether the system lets the process have as many descriptors.
#[cfg(unix)]
#[cold]
fn may_have_descriptors(count: usize) -> bool {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: writes the limit to where it is wanted.
    let rc = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    rc != 0 || count as u128 <= u128::from(limit.rlim_cur)
}

/// The timeout as libzmq takes it. `long` has 32 bits on Windows, and libzmq
/// counts in as many anyway: some weeks are the longest there is.
#[inline]
pub(crate) fn as_timeout(timeout: i64) -> c_long {
    timeout.clamp(-1, i32::MAX.into()) as c_long
}

/// Milliseconds until the deadline, rounded up, so that nothing ends before its
/// time, nor asks without end in the last one; -1, for ever, without a deadline.
pub(crate) fn left_until(deadline: Option<Instant>) -> i64 {
    deadline.map_or(-1, |deadline| {
        let left = deadline.saturating_duration_since(Instant::now());
        i64::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
    })
}

#[cfg(feature = "draft")]
fn sockets<'a>(items: &'a [PollItem<'_>]) -> impl Iterator<Item = *mut c_void> + 'a {
    let sockets = items.iter().map(|item| item.socket);
    sockets.filter(|socket| !socket.is_null())
}

/// `ETERM` if the socket knows that its context was shut down. libzmq's poller
/// aborts when such a socket has no descriptor to tell it.
///
/// # Safety
///
/// The socket is open.
#[cfg(feature = "draft")]
pub(crate) unsafe fn check_alive(socket: *mut c_void) -> Result<()> {
    // SAFETY: the caller answers for the socket.
    unsafe { int_option(socket, zmq_sys::ZMQ_TYPE) }.map(drop)
}

/// # Safety
///
/// The socket is open.
#[cfg(all(unix, feature = "draft"))]
unsafe fn descriptor(socket: *mut c_void) -> Result<RawFd> {
    // SAFETY: the caller answers for the socket.
    unsafe { int_option(socket, zmq_sys::ZMQ_FD) }
}

/// # Safety
///
/// The socket is open, and the option an `int`.
#[cfg(feature = "draft")]
pub(crate) unsafe fn int_option(socket: *mut c_void, option: u32) -> Result<c_int> {
    let (mut value, mut len) = (0, size_of::<c_int>());
    let to = ptr::from_mut(&mut value).cast();
    // SAFETY: the caller answers for the socket, and there is room for an int.
    check(unsafe { zmq_sys::zmq_getsockopt(socket, option as c_int, to, &mut len) })?;
    Ok(value)
}
