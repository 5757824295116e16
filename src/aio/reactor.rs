//! Who waits for a socket's descriptor.

use std::io;
use std::task::{Context, Poll, Waker};

use zmq_sys::RawFd;

use super::thread::Watched;

/// Waits for a socket's descriptor. Whoever has it drops it before the socket.
pub(super) enum Reactor {
    #[cfg(all(unix, feature = "tokio"))]
    Tokio(unix::Tokio),
    #[cfg(all(unix, feature = "async-io"))]
    AsyncIo(async_io::Async<unix::Fd>),
    Thread(Watched),
}

impl Reactor {
    /// Registers the descriptor with the tokio runtime that this is called in.
    #[cfg(feature = "tokio")]
    pub(super) fn tokio(fd: RawFd) -> io::Result<Reactor> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(io::Error::other(
                "there is no tokio runtime here: call it in a task, or after `Runtime::enter`",
            ));
        }
        #[cfg(unix)]
        if let Some(registered) = unix::Tokio::new(unix::Fd::OfSocket(fd))? {
            return Ok(Reactor::Tokio(registered));
        }
        Reactor::thread(fd)
    }

    /// Registers the descriptor with the thread of `async-io`.
    #[cfg(feature = "async-io")]
    pub(super) fn async_io(fd: RawFd) -> io::Result<Reactor> {
        #[cfg(unix)]
        if let Some(registered) = unix::async_io(unix::Fd::OfSocket(fd)) {
            return Ok(Reactor::AsyncIo(registered));
        }
        Reactor::thread(fd)
    }

    /// One of the same kind for another descriptor, which it has a copy of; none if that cannot be.
    #[cfg_attr(not(unix), expect(unused_variables))]
    pub(super) fn another(&self, fd: RawFd) -> Option<Reactor> {
        match self {
            #[cfg(all(unix, feature = "tokio"))]
            Reactor::Tokio(_) => {
                tokio::runtime::Handle::try_current().ok()?;
                let registered = unix::Tokio::new(unix::Fd::copy(fd)?);
                registered.ok()?.map(Reactor::Tokio)
            }
            #[cfg(all(unix, feature = "async-io"))]
            Reactor::AsyncIo(_) => unix::async_io(unix::Fd::copy(fd)?).map(Reactor::AsyncIo),
            Reactor::Thread(_) => None,
        }
    }

    /// Has the thread of this crate wait for it.
    pub(super) fn thread(fd: RawFd) -> io::Result<Reactor> {
        Watched::new(fd).map(Reactor::Thread)
    }

    /// Has a task polled again soon, after others that are to be.
    pub(super) fn yield_now(&self, context: &mut Context<'_>) {
        match self {
            // tokio looks for events in between, which it does rarely for who wakes itself.
            #[cfg(all(unix, feature = "tokio"))]
            Reactor::Tokio(_) => {
                let yields = std::pin::pin!(tokio::task::yield_now());
                let _pending = std::future::Future::poll(yields, context);
            }
            _ => context.waker().wake_by_ref(),
        }
    }

    /// Whether a task may wake another, or leaves that to an event, this time.
    pub(super) fn may_wake(&self) -> bool {
        match self {
            #[cfg(all(unix, feature = "tokio"))]
            Reactor::Tokio(registered) => registered.may_wake(),
            _ => true,
        }
    }

    /// Whether the descriptor may have become readable since the last time; if not,
    /// `waker` will be woken when it does.
    pub(super) fn poll(&self, waker: &Waker) -> Poll<io::Result<()>> {
        match self {
            #[cfg(all(unix, feature = "tokio"))]
            Reactor::Tokio(registered) => registered
                .fd
                .poll_read_ready(&mut Context::from_waker(waker))
                .map_ok(|mut guard| guard.clear_ready()),
            #[cfg(all(unix, feature = "async-io"))]
            Reactor::AsyncIo(fd) => fd.poll_readable(&mut Context::from_waker(waker)),
            Reactor::Thread(watched) => {
                watched.wait(waker);
                Poll::Pending
            }
        }
    }
}

/// Reactors that a descriptor can be registered with. Where it cannot, the thread has
/// to do: the system may have a limit.
#[cfg(unix)]
mod unix {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
    use std::panic::{catch_unwind, AssertUnwindSafe};
    #[cfg(feature = "tokio")]
    use {
        std::cell::Cell,
        tokio::runtime::{Handle, RuntimeFlavor},
    };

    pub(in super::super) enum Fd {
        OfSocket(RawFd),
        Copy(OwnedFd),
    }

    impl Fd {
        /// Of one that is open; none if there are no more descriptors.
        pub(super) fn copy(fd: RawFd) -> Option<Fd> {
            // SAFETY: it is open, says the caller.
            let fd = unsafe { BorrowedFd::borrow_raw(fd) };
            fd.try_clone_to_owned().ok().map(Fd::Copy)
        }
    }

    impl AsRawFd for Fd {
        fn as_raw_fd(&self) -> RawFd {
            self.as_fd().as_raw_fd()
        }
    }

    impl AsFd for Fd {
        fn as_fd(&self) -> BorrowedFd<'_> {
            match self {
                // SAFETY: it is open as long as the socket is, which outlives it.
                Fd::OfSocket(fd) => unsafe { BorrowedFd::borrow_raw(*fd) },
                Fd::Copy(fd) => fd.as_fd(),
            }
        }
    }

    #[cfg(feature = "tokio")]
    pub(in super::super) struct Tokio {
        pub(super) fd: tokio::io::unix::AsyncFd<Fd>,
        /// The runtime has several.
        has_threads: bool,
    }

    #[cfg(feature = "tokio")]
    impl Tokio {
        /// Of the runtime that this is called in; none if it cannot be registered.
        pub(super) fn new(fd: Fd) -> std::io::Result<Option<Tokio>> {
            // Its successor is not there before tokio 1.54; the descriptor is one that stays.
            #[allow(deprecated)]
            let register = || {
                let registered =
                    tokio::io::unix::AsyncFd::with_interest(fd, tokio::io::Interest::READABLE);
                let flavor = Handle::current().runtime_flavor();
                registered.map(|fd| Tokio {
                    fd,
                    has_threads: flavor != RuntimeFlavor::CurrentThread,
                })
            };
            // tokio panics if its runtime has no driver for this, and does not say whether
            // it has.
            match catch_unwind(AssertUnwindSafe(register)) {
                Ok(registered) => Ok(registered.ok()),
                Err(_) => Err(std::io::Error::other(
                    "this tokio runtime was built without I/O: call `enable_io` or `enable_all`",
                )),
            }
        }

        /// Which of several threads of tokio has run three tasks in a row that were each woken by
        /// the last has another thread woken for the next, which takes longer than all the rest;
        /// not for one that is woken by an event.
        pub(super) fn may_wake(&self) -> bool {
            const MOST: u8 = 3;
            thread_local! {
                /// How many this thread has woken since the last that it did not.
                static WOKEN: Cell<u8> = const { Cell::new(0) };
            }
            if !self.has_threads {
                return true;
            }
            let may = WOKEN.get() < MOST;
            WOKEN.set(if may { WOKEN.get() + 1 } else { 0 });
            may
        }
    }

    #[cfg(feature = "async-io")]
    pub(super) fn async_io(fd: Fd) -> Option<async_io::Async<Fd>> {
        // It panics if there are no descriptors left for its thread.
        let register = || async_io::Async::new_nonblocking(fd);
        catch_unwind(AssertUnwindSafe(register)).ok()?.ok()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::File;
    use std::os::fd::AsRawFd;

    use super::*;

    /// epoll and its like refuse files, as they refuse sockets beyond their limits.
    #[test]
    fn the_thread_waits_for_what_cannot_be_registered() {
        let file = File::open("Cargo.toml").unwrap();
        let fd = file.as_raw_fd();
        #[cfg(feature = "async-io")]
        assert!(matches!(Reactor::async_io(fd), Ok(Reactor::Thread(_))));
        #[cfg(feature = "tokio")]
        tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap()
            .block_on(async {
                assert!(matches!(Reactor::tokio(fd), Ok(Reactor::Thread(_))));
            });
    }
}
