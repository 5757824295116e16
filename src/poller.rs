//! Waiting for many sockets, each with a token of the program's own.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::slice;

use zmq_sys::RawFd;

use crate::error::{Error, Result};
use crate::poll::PollEvents;
use crate::pollset::{PollSet, Polled};
use crate::socket::Socket;

/// What the descriptors of the operating system are borrowed by.
#[cfg(unix)]
use std::os::fd::AsFd;
#[cfg(windows)]
use std::os::windows::io::AsSocket as AsFd;

/// A set of sockets, and of descriptors of the operating system, to wait for.
///
/// Each comes with a token, a value of the program's choice, which is what
/// [`wait`](Poller::wait) tells of it. Unlike [`zmq::poll`](crate::poll), the set
/// stays from one wait to the next.
///
/// ```
/// use zmq::{Poller, POLLIN};
///
/// let context = zmq::Context::new();
/// let (weather, sport) = (context.socket(zmq::Pull)?, context.socket(zmq::Pull)?);
/// weather.bind("inproc://weather")?;
/// sport.bind("inproc://sport")?;
/// let sender = context.socket(zmq::Push)?;
/// sender.connect("inproc://sport")?;
/// sender.send("2 to 1", 0)?;
///
/// let mut poller = Poller::new()?;
/// poller.add(&weather, POLLIN, "weather")?;
/// poller.add(&sport, POLLIN, "sport")?;
/// for event in poller.wait(1000)? {
///     assert_eq!(*event.token, "sport");
///     assert!(event.is_readable());
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// It borrows its sockets, which therefore cannot be dropped before it:
///
/// ```compile_fail
/// let mut poller = zmq::Poller::new().unwrap();
/// let socket = zmq::Context::new().socket(zmq::Pull).unwrap();
/// poller.add(&socket, zmq::POLLIN, ()).unwrap();
/// // The socket is dropped here, and only then the poller.
/// ```
///
/// With feature `draft` it is libzmq's
/// [zmq_poller](https://libzmq.readthedocs.io/en/latest/zmq_poller.html), which can
/// also wait for the kinds of sockets that threads share; without, it works by
/// `zmq_poll`.
pub struct Poller<'a, T> {
    set: PollSet,
    /// The tokens; what `set` is given and tells is an index of these.
    tokens: Vec<Option<T>>,
    keys: HashMap<Polled, usize>,
    /// What the last wait found.
    ready: Vec<(usize, PollEvents)>,
    borrowed: PhantomData<&'a Socket>,
}

impl<'a, T> Poller<'a, T> {
    /// An empty set.
    ///
    /// # Errors
    ///
    /// `EMFILE` if the process is out of descriptors.
    pub fn new() -> Result<Poller<'a, T>> {
        Ok(Poller {
            set: PollSet::new()?,
            tokens: Vec::new(),
            keys: HashMap::new(),
            ready: Vec::new(),
            borrowed: PhantomData,
        })
    }

    /// How many sockets and descriptors there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds a socket, what to wait for, and its token.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the socket is there already.
    pub fn add<K>(&mut self, socket: &'a Socket<K>, events: PollEvents, token: T) -> Result<()> {
        self.add_polled(Polled::socket(socket), events, token)
    }

    /// Changes what to wait for; none leaves the socket out until it is changed
    /// again.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the socket is not there.
    pub fn modify<K>(&mut self, socket: &Socket<K>, events: PollEvents) -> Result<()> {
        self.modify_polled(Polled::socket(socket), events)
    }

    /// Takes a socket out and returns its token.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the socket is not there.
    pub fn remove<K>(&mut self, socket: &Socket<K>) -> Result<T> {
        self.remove_polled(Polled::socket(socket))
    }

    /// Adds a descriptor of the operating system that is not one of ZeroMQ's.
    ///
    /// ```
    /// # #[cfg(unix)] {
    /// use std::io::Write;
    /// use std::os::unix::net::UnixStream;
    ///
    /// let (mut one, other) = UnixStream::pair().unwrap();
    /// let mut poller = zmq::Poller::new()?;
    /// poller.add_fd(&other, zmq::POLLIN, 7)?;
    /// assert_eq!(poller.wait(0)?.len(), 0);
    /// one.write_all(b"wake up").unwrap();
    /// assert_eq!(poller.wait(1000)?.next().map(|event| *event.token), Some(7));
    /// # }
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` if the descriptor is there already.
    pub fn add_fd<F: AsFd>(&mut self, fd: &'a F, events: PollEvents, token: T) -> Result<()> {
        self.add_polled(Polled::Fd(raw_fd(fd)), events, token)
    }

    /// Changes what to wait for.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the descriptor is not there.
    pub fn modify_fd<F: AsFd>(&mut self, fd: &F, events: PollEvents) -> Result<()> {
        self.modify_polled(Polled::Fd(raw_fd(fd)), events)
    }

    /// Takes a descriptor out and returns its token.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the descriptor is not there.
    pub fn remove_fd<F: AsFd>(&mut self, fd: &F) -> Result<T> {
        self.remove_polled(Polled::Fd(raw_fd(fd)))
    }

    /// Waits until at least one is ready, at most `timeout_ms` milliseconds; -1
    /// waits for ever, 0 not at all. Returns all that are ready, none if the time
    /// is over.
    ///
    /// # Errors
    ///
    /// `ETERM` if the context of a socket was shut down, `EINTR`; `EINVAL` if the
    /// set is empty and the timeout -1, which would wait for nothing, for ever.
    pub fn wait(&mut self, timeout_ms: i64) -> Result<Ready<'_, T>> {
        if self.is_empty() && timeout_ms < 0 {
            return Err(Error::EINVAL);
        }
        self.ready.clear();
        self.set.wait(timeout_ms, &mut self.ready)?;
        Ok(Ready {
            ready: self.ready.iter(),
            tokens: &self.tokens,
        })
    }

    fn add_polled(&mut self, polled: Polled, events: PollEvents, token: T) -> Result<()> {
        if self.keys.contains_key(&polled) {
            return Err(Error::EINVAL);
        }
        let free = self.tokens.iter().position(Option::is_none);
        let key = free.unwrap_or(self.tokens.len());
        // SAFETY: the socket or descriptor is borrowed for `'a`, and `Drop` for
        // `Poller` keeps the set from outliving it.
        unsafe { self.set.add(polled, key, events)? };
        if key == self.tokens.len() {
            self.tokens.push(Some(token));
        } else {
            self.tokens[key] = Some(token);
        }
        self.keys.insert(polled, key);
        Ok(())
    }

    fn modify_polled(&mut self, polled: Polled, events: PollEvents) -> Result<()> {
        match self.keys.contains_key(&polled) {
            true => self.set.modify(polled, events),
            false => Err(Error::EINVAL),
        }
    }

    fn remove_polled(&mut self, polled: Polled) -> Result<T> {
        let key = *self.keys.get(&polled).ok_or(Error::EINVAL)?;
        self.set.remove(polled)?;
        self.keys.remove(&polled);
        self.tokens[key].take().ok_or(Error::EINVAL)
    }
}

#[cfg(unix)]
fn raw_fd(fd: &impl AsFd) -> RawFd {
    std::os::fd::AsRawFd::as_raw_fd(&fd.as_fd())
}

#[cfg(windows)]
fn raw_fd(fd: &impl AsFd) -> RawFd {
    std::os::windows::io::AsRawSocket::as_raw_socket(&fd.as_socket())
}

impl<T: fmt::Debug> fmt::Debug for Poller<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens = self.tokens.iter().flatten();
        f.debug_list().entries(tokens).finish()
    }
}

/// What keeps a socket borrowed until the set, which knows it, is gone.
impl<T> Drop for Poller<'_, T> {
    fn drop(&mut self) {}
}

/// What [`Poller::wait`] found ready.
#[derive(Debug)]
pub struct Ready<'p, T> {
    ready: slice::Iter<'p, (usize, PollEvents)>,
    tokens: &'p [Option<T>],
}

/// A socket or descriptor that is ready.
#[derive(Debug)]
pub struct PollerEvent<'p, T> {
    /// Its token.
    pub token: &'p T,
    /// What it is ready for, of what was asked.
    pub events: PollEvents,
}

impl<'p, T> Iterator for Ready<'p, T> {
    type Item = PollerEvent<'p, T>;

    fn next(&mut self) -> Option<PollerEvent<'p, T>> {
        let (key, events) = *self.ready.next()?;
        let token = self.tokens[key].as_ref()?;
        Some(PollerEvent { token, events })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ready.size_hint()
    }
}

impl<T> ExactSizeIterator for Ready<'_, T> {}

impl<T> PollerEvent<'_, T> {
    /// Whether there is something to receive.
    pub fn is_readable(&self) -> bool {
        self.events.contains(PollEvents::POLLIN)
    }

    /// Whether one can send.
    pub fn is_writable(&self) -> bool {
        self.events.contains(PollEvents::POLLOUT)
    }

    /// Whether there is an error.
    pub fn is_error(&self) -> bool {
        self.events.contains(PollEvents::POLLERR)
    }
}
