//! What is awaited: a socket, or a monitor, and who waits for it.

use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::reactor::{Fd, Reactor};
use super::waiters::{Place, Waiters, Wish};
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::monitor::MonitorSocket;
use crate::poll::PollEvents;
use crate::socket::Socket;

/// How often in a row a task gets what is ready before others have their turn.
const TURN: u32 = 128;

/// What can be awaited.
pub(super) trait Source {
    /// What it is ready for, after it has worked off all that happened.
    fn events(&self) -> Result<PollEvents>;
}

impl<K: Kind> Source for Socket<K> {
    fn events(&self) -> Result<PollEvents> {
        loop {
            match self.get_events() {
                Err(Error::EINTR) => {}
                other => return other,
            }
        }
    }
}

impl Source for MonitorSocket {
    fn events(&self) -> Result<PollEvents> {
        self.as_socket().events()
    }
}

/// A source, and who waits for it.
pub(super) struct Core<S> {
    /// Before the source, whose descriptor it has.
    reactor: Reactor,
    source: Mutex<S>,
    waiters: Arc<Waiters>,
    /// Wakes them all.
    waker: Waker,
    turn: AtomicU32,
}

impl<S: Source> Core<S> {
    /// Has the reactor watch `fd`, which is the source's.
    pub(super) fn new(
        source: S,
        fd: Fd,
        reactor: impl FnOnce(Fd) -> io::Result<Reactor>,
    ) -> io::Result<Core<S>> {
        let waiters = Arc::<Waiters>::default();
        Ok(Core {
            reactor: reactor(fd)?,
            source: Mutex::new(source),
            waker: Arc::clone(&waiters).into(),
            waiters,
            turn: AtomicU32::new(0),
        })
    }

    pub(super) fn into_source(self) -> S {
        self.source
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, S> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a task no longer wait.
    pub(super) fn leave(&self, place: &mut Place) {
        self.waiters.leave(place);
    }

    /// Repeats what says `EAGAIN`, whenever there may be what is wished for.
    pub(super) async fn attempt<T>(
        &self,
        wish: Wish,
        mut attempt: impl FnMut(&S) -> Result<T>,
    ) -> Result<T> {
        let mut waiting = Waiting {
            waiters: &self.waiters,
            place: Place::default(),
        };
        let mut is_patient = self.turn.fetch_add(1, Ordering::Relaxed) % TURN == TURN - 1;
        poll_fn(|context| {
            if std::mem::take(&mut is_patient) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.poll(&mut waiting.place, wish, context, &mut attempt)
        })
        .await
    }

    pub(super) fn poll<T>(
        &self,
        place: &mut Place,
        wish: Wish,
        context: &Context<'_>,
        attempt: &mut impl FnMut(&S) -> Result<T>,
    ) -> Poll<Result<T>> {
        let source = self.lock();
        if !self.waiters.is_turn(place, wish, context.waker()) {
            return Poll::Pending;
        }
        let mut done = attempt(&source);
        // A signal is not for a task: it is as if nothing was there yet.
        while matches!(done, Err(Error::EAGAIN | Error::EINTR)) {
            // First, so that nothing that happens from here on is missed.
            self.waiters.set(place, wish, context.waker());
            // Looking at the events works off all that has happened, and of that the
            // descriptor tells once only: what it means for others, they must be told.
            match source.events() {
                Ok(events) => {
                    self.waiters.wake_others(place, events);
                    if events.intersects(wish.events) {
                        done = attempt(&source);
                        if !matches!(done, Err(Error::EAGAIN | Error::EINTR)) {
                            break;
                        }
                    }
                }
                Err(error) => done = Err(error),
            }
            if matches!(done, Err(Error::EAGAIN | Error::EINTR)) {
                match self.reactor.poll(&self.waker) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(())) => done = attempt(&source),
                    Poll::Ready(Err(error)) => {
                        let error = error.raw_os_error().unwrap_or(libc::ECANCELED);
                        done = Err(Error::from_raw(error));
                    }
                }
            }
        }
        self.tell_others(&source, place);
        Poll::Ready(done)
    }

    /// After something was done with the socket: tells those who wait what they would
    /// not hear of any more.
    pub(super) fn tell_others(&self, source: &S, place: &Place) {
        if self.waiters.has_others(place) {
            // An error is for each of them to find.
            let events = source.events().unwrap_or(PollEvents::all());
            self.waiters.wake_others(place, events);
        }
    }
}

/// A task that waits, until this is dropped.
struct Waiting<'a> {
    waiters: &'a Waiters,
    place: Place,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.waiters.leave(&mut self.place);
    }
}
