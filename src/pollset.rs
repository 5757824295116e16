//! What is behind a `Poller`: libzmq's own set, or a list for `zmq_poll`.

use std::ffi::c_void;

use zmq_sys::RawFd;

use crate::error::Result;
use crate::poll::PollEvents;
use crate::socket::Socket;

/// What one can wait for. It is a name, not a handle: who gives it to a set
/// answers for the socket behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Polled {
    Socket(*mut c_void),
    Fd(RawFd),
}

impl Polled {
    pub(crate) fn socket<K>(socket: &Socket<K>) -> Polled {
        Polled::Socket(socket.raw().as_ptr())
    }
}

#[cfg(not(feature = "draft"))]
pub(crate) use with_poll::PollSet;
#[cfg(feature = "draft")]
pub(crate) use with_poller::PollSet;

#[cfg(feature = "draft")]
mod with_poller {
    use std::ffi::{c_int, c_long};
    use std::ptr::{self, NonNull};

    use zmq_sys::zmq_poller_event_t;

    use super::*;
    use crate::error::Error;
    use crate::poll::{as_timeout, check_alive};
    use crate::raw::check;

    pub(crate) struct PollSet {
        poller: NonNull<c_void>,
        /// All sockets and descriptors, for what libzmq does not check itself.
        all: Vec<Polled>,
        /// Whether libzmq will look up the sockets' descriptors before it waits.
        changed: bool,
        events: Vec<zmq_poller_event_t>,
    }

    impl PollSet {
        pub(crate) fn new() -> Result<PollSet> {
            // SAFETY: takes no arguments.
            let poller = NonNull::new(unsafe { zmq_sys::zmq_poller_new() });
            Ok(PollSet {
                poller: poller.ok_or_else(Error::last)?,
                all: Vec::new(),
                changed: false,
                events: Vec::new(),
            })
        }

        /// # Safety
        ///
        /// A socket is open for as long as it is in the set. It is not in it yet.
        pub(crate) unsafe fn add(
            &mut self,
            polled: Polled,
            key: usize,
            events: PollEvents,
        ) -> Result<()> {
            let (poller, data, events) = (self.poller.as_ptr(), key as *mut c_void, events.bits());
            // SAFETY: the poller is live; the caller answers for the socket.
            check(unsafe {
                match polled {
                    Polled::Socket(s) => zmq_sys::zmq_poller_add(poller, s, data, events),
                    Polled::Fd(fd) => zmq_sys::zmq_poller_add_fd(poller, fd, data, events),
                }
            })?;
            self.all.push(polled);
            self.changed = true;
            Ok(())
        }

        pub(crate) fn modify(&mut self, polled: Polled, events: PollEvents) -> Result<()> {
            let (poller, events) = (self.poller.as_ptr(), events.bits());
            // SAFETY: the poller is live, and so are the sockets in it.
            check(unsafe {
                match polled {
                    Polled::Socket(s) => zmq_sys::zmq_poller_modify(poller, s, events),
                    Polled::Fd(fd) => zmq_sys::zmq_poller_modify_fd(poller, fd, events),
                }
            })?;
            self.changed = true;
            Ok(())
        }

        pub(crate) fn remove(&mut self, polled: Polled) -> Result<()> {
            let poller = self.poller.as_ptr();
            // SAFETY: the poller is live, and so are the sockets in it.
            check(unsafe {
                match polled {
                    Polled::Socket(s) => zmq_sys::zmq_poller_remove(poller, s),
                    Polled::Fd(fd) => zmq_sys::zmq_poller_remove_fd(poller, fd),
                }
            })?;
            self.all.retain(|&other| other != polled);
            self.changed = true;
            Ok(())
        }

        pub(crate) fn wait(
            &mut self,
            timeout: i64,
            ready: &mut Vec<(usize, PollEvents)>,
        ) -> Result<()> {
            if self.changed {
                // libzmq aborts if a socket of a context that was shut down has no
                // descriptor for it.
                for &polled in &self.all {
                    if let Polled::Socket(socket) = polled {
                        // SAFETY: sockets in the set are open.
                        unsafe { check_alive(socket)? };
                    }
                }
                self.changed = false;
            }
            let nothing = || zmq_poller_event_t {
                socket: ptr::null_mut(),
                fd: 0,
                user_data: ptr::null_mut(),
                events: 0,
            };
            self.events.resize_with(self.all.len().max(1), nothing);
            let (poller, events) = (self.poller.as_ptr(), self.events.as_mut_ptr());
            let count = c_int::try_from(self.events.len()).map_err(|_| Error::EINVAL)?;
            let timeout: c_long = as_timeout(timeout);
            // SAFETY: the poller and its sockets are live, and there is room for
            // `count` events.
            let found =
                check(unsafe { zmq_sys::zmq_poller_wait_all(poller, events, count, timeout) });
            let found = match found {
                Ok(found) => found as usize,
                // The time is over.
                Err(Error::EAGAIN) => 0,
                // Nobody waits for anything.
                Err(Error::EFAULT) => return Err(Error::EINVAL),
                Err(e) => return Err(e),
            };
            ready.extend(self.events[..found].iter().map(|event| {
                let events = PollEvents::from_bits_truncate(event.events);
                (event.user_data as usize, events)
            }));
            Ok(())
        }
    }

    impl Drop for PollSet {
        fn drop(&mut self) {
            let mut poller = self.poller.as_ptr();
            // SAFETY: the poller is live, and this is its last use.
            unsafe { zmq_sys::zmq_poller_destroy(&mut poller) };
        }
    }
}

#[cfg(not(feature = "draft"))]
mod with_poll {
    use super::*;
    use crate::error::Error;
    use crate::poll::{poll, PollItem};

    pub(crate) struct PollSet {
        /// The sockets are borrowed by whoever put them here.
        items: Vec<PollItem<'static>>,
        /// What each item is, and its key.
        names: Vec<(Polled, usize)>,
    }

    impl PollSet {
        pub(crate) fn new() -> Result<PollSet> {
            Ok(PollSet {
                items: Vec::new(),
                names: Vec::new(),
            })
        }

        /// # Safety
        ///
        /// A socket is open for as long as it is in the set. It is not in it yet.
        pub(crate) unsafe fn add(
            &mut self,
            polled: Polled,
            key: usize,
            events: PollEvents,
        ) -> Result<()> {
            self.items.push(match polled {
                // SAFETY: the caller answers for it.
                Polled::Socket(socket) => unsafe { PollItem::from_open(socket, events) },
                Polled::Fd(fd) => PollItem::from_fd(fd, events),
            });
            self.names.push((polled, key));
            Ok(())
        }

        fn position(&self, polled: Polled) -> Result<usize> {
            let position = self.names.iter().position(|&(name, _)| name == polled);
            position.ok_or(Error::EINVAL)
        }

        pub(crate) fn modify(&mut self, polled: Polled, events: PollEvents) -> Result<()> {
            let position = self.position(polled)?;
            self.items[position].set_events(events);
            Ok(())
        }

        pub(crate) fn remove(&mut self, polled: Polled) -> Result<()> {
            let position = self.position(polled)?;
            self.items.remove(position);
            self.names.remove(position);
            Ok(())
        }

        pub(crate) fn wait(
            &mut self,
            timeout: i64,
            ready: &mut Vec<(usize, PollEvents)>,
        ) -> Result<()> {
            if timeout < 0 && self.items.iter().all(PollItem::is_idle) {
                return Err(Error::EINVAL);
            }
            if poll(&mut self.items, timeout)? == 0 {
                return Ok(());
            }
            let events = self.items.iter().map(PollItem::get_revents);
            let found = self.names.iter().map(|&(_, key)| key).zip(events);
            ready.extend(found.filter(|(_, events)| !events.is_empty()));
            Ok(())
        }
    }
}
