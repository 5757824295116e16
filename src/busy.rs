//! Busy polling: who waits for a message does the work of the I/O thread meanwhile.

use std::ffi::c_int;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::kind::CanRecv;

use crate::raw::RawSocket;
use crate::socket::Socket;
use crate::DONTWAIT;

/// How long a socket polls before it waits, in microseconds; 0 is not at all.
#[derive(Default)]
pub(crate) struct Busy(AtomicU32);

impl Busy {
    pub(crate) fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed).into())
    }

    fn set(&self, time: Duration) {
        let micros = time.as_nanos().div_ceil(1000);
        let micros = u32::try_from(micros).unwrap_or(u32::MAX);
        self.0.store(micros, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// `call` with `flags`, but if it would wait, only after it was repeated in vain.
    #[inline]
    pub(crate) fn receive<T>(
        &self,
        socket: &RawSocket,
        flags: c_int,
        mut call: impl FnMut(c_int) -> Result<T>,
    ) -> Result<T> {
        if self.is_on() && flags & DONTWAIT == 0 {
            let done = self.repeat(socket, || call(flags | DONTWAIT));
            if !matches!(done, Err(Error::EAGAIN)) {
                return done;
            }
        }
        call(flags)
    }

    #[cold]
    fn repeat<T>(
        &self,
        socket: &RawSocket,
        mut attempt: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        let mut since = None;
        loop {
            let done = attempt();
            if !matches!(done, Err(Error::EAGAIN)) || !self.goes_on(socket, &mut since) {
                return done;
            }
        }
    }

    /// Whether the time that began at `since` is not over yet; does some work meanwhile.
    pub(crate) fn goes_on(&self, socket: &RawSocket, since: &mut Option<Instant>) -> bool {
        let since = since.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.get() {
            socket.hand_back();
            return false;
        }
        if !socket.drive() {
            thread::yield_now();
        }
        true
    }
}

impl<K: CanRecv> Socket<K> {
    pub fn set_busy_poll(&self, time: Duration) {
        self.raw().busy().set(time);
    }

    pub fn get_busy_poll(&self) -> Duration {
        self.raw().busy().get()
    }
}
