//! Who waits for a socket's descriptor.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll, Waker};

/// A socket's descriptor. Whoever has it drops it before the socket.
pub(super) struct Fd(pub(super) RawFd);

impl AsRawFd for Fd {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

impl AsFd for Fd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: it is open as long as the socket is, which outlives it.
        unsafe { BorrowedFd::borrow_raw(self.0) }
    }
}

/// A descriptor that is registered with a runtime.
pub(super) enum Reactor {
    #[cfg(feature = "tokio")]
    Tokio(tokio::io::unix::AsyncFd<Fd>),
    #[cfg(feature = "async-io")]
    AsyncIo(async_io::Async<Fd>),
}

impl Reactor {
    #[cfg(feature = "tokio")]
    pub(super) fn tokio(fd: Fd) -> io::Result<Reactor> {
        use std::panic::{catch_unwind, AssertUnwindSafe};

        if tokio::runtime::Handle::try_current().is_err() {
            return Err(io::Error::other(
                "there is no tokio runtime here: call it in a task, or after `Runtime::enter`",
            ));
        }
        // tokio panics if its runtime has no driver for this, and does not say whether
        // it has.
        // Its successor is not there before tokio 1.54; the descriptor is one that stays.
        #[allow(deprecated)]
        let register =
            || tokio::io::unix::AsyncFd::with_interest(fd, tokio::io::Interest::READABLE);
        let registered = catch_unwind(AssertUnwindSafe(register)).unwrap_or_else(|_| {
            Err(io::Error::other(
                "this tokio runtime was built without I/O: call `enable_io` or `enable_all`",
            ))
        });
        registered.map(Reactor::Tokio)
    }

    #[cfg(feature = "async-io")]
    pub(super) fn async_io(fd: Fd) -> io::Result<Reactor> {
        async_io::Async::new_nonblocking(fd).map(Reactor::AsyncIo)
    }

    /// Whether the descriptor may have become readable since the last time; if not,
    /// `waker` will be woken when it does.
    pub(super) fn poll(&self, waker: &Waker) -> Poll<io::Result<()>> {
        let context = &mut Context::from_waker(waker);
        match self {
            #[cfg(feature = "tokio")]
            Reactor::Tokio(fd) => fd
                .poll_read_ready(context)
                .map_ok(|mut guard| guard.clear_ready()),
            #[cfg(feature = "async-io")]
            Reactor::AsyncIo(fd) => fd.poll_readable(context),
        }
    }
}
