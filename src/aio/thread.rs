//! A thread that waits for descriptors where no runtime does. One serves them all.

use std::collections::HashMap;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread::{self, ThreadId};

use zmq_sys::RawFd;

use crate::bell::Bell;
use crate::panics::attempt;
use crate::poll::{poll, PollItem, POLLIN};

/// A descriptor that the thread knows, until this is dropped.
pub(super) struct Watched {
    key: u64,
    lookout: &'static Lookout,
}

struct Lookout {
    state: Mutex<State>,
    /// Rung when somebody waits for more than the thread knows.
    bell: Bell,
    /// Told when the thread has begun another round.
    turned: Condvar,
    /// A forked child has a copy of all this, and not the thread.
    process: u32,
}

struct State {
    watched: HashMap<u64, Entry>,
    last_key: u64,
    /// The round of waiting that the thread is in, whether it waits, and what it is.
    round: u64,
    is_waiting: bool,
    thread: Option<ThreadId>,
}

struct Entry {
    fd: RawFd,
    /// Who waits; it is woken once.
    waker: Option<Waker>,
}

impl Lookout {
    fn get() -> io::Result<&'static Lookout> {
        static ONLY: Mutex<Option<&Lookout>> = Mutex::new(None);

        let mut only = ONLY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lookout) = only.filter(|lookout| lookout.is_here()) {
            return Ok(lookout);
        }
        // It stays, as its thread does.
        let lookout: &'static Lookout = Box::leak(Box::new(Lookout {
            state: Mutex::new(State {
                watched: HashMap::new(),
                last_key: 0,
                round: 0,
                is_waiting: false,
                thread: None,
            }),
            bell: Bell::new()?,
            turned: Condvar::new(),
            process: std::process::id(),
        }));
        let thread = thread::Builder::new().name("zmq-aio".to_owned());
        let thread = thread.spawn(|| lookout.run())?;
        lookout.state().thread = Some(thread.thread().id());
        *only = Some(lookout);
        Ok(lookout)
    }

    fn is_here(&self) -> bool {
        self.process == std::process::id()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut keys = Vec::new();
        loop {
            self.bell.silence();
            let mut items = vec![self.bell.as_poll_item()];
            keys.clear();
            {
                let mut state = self.state();
                state.round += 1;
                state.is_waiting = true;
                for (&key, entry) in &state.watched {
                    if entry.waker.is_some() {
                        items.push(PollItem::from_fd(entry.fd, POLLIN));
                        keys.push(key);
                    }
                }
            }
            self.turned.notify_all();
            // Whatever ends the wait, a signal say: only what has news is woken.
            let polled = poll(&mut items, -1);
            // Before wakers are woken, which may wait for who drops a descriptor.
            self.state().is_waiting = false;
            self.turned.notify_all();
            if polled.is_err() {
                continue;
            }
            let news = keys.iter().zip(&items[1..]);
            let news = news.filter(|(_, item)| !item.get_revents().is_empty());
            let wakers: Vec<_> = {
                let mut state = self.state();
                let mut take = |key| state.watched.get_mut(key)?.waker.take();
                news.filter_map(|(key, _)| take(key)).collect()
            };
            for waker in wakers {
                // A waker that panics is not to leave all others asleep.
                attempt(|| waker.wake());
            }
        }
    }
}

impl Watched {
    pub(super) fn new(fd: RawFd) -> io::Result<Watched> {
        let lookout = Lookout::get()?;
        let mut state = lookout.state();
        state.last_key += 1;
        let key = state.last_key;
        state.watched.insert(key, Entry { fd, waker: None });
        Ok(Watched { key, lookout })
    }

    /// Has `waker` woken once the descriptor is readable, at once if it is.
    pub(super) fn wait(&self, waker: &Waker) {
        let mut state = self.lookout.state();
        let entry = state.watched.get_mut(&self.key);
        let entry = entry.expect("it is there until it is dropped");
        // Who has waited already is known to the thread.
        if entry.waker.replace(waker.clone()).is_none() {
            self.lookout.bell.ring();
        }
    }
}

impl Drop for Watched {
    /// Waits until the thread no longer has to do with the descriptor, which may then
    /// be closed.
    fn drop(&mut self) {
        let lookout = self.lookout;
        if !lookout.is_here() {
            return;
        }
        let mut state = lookout.state();
        let entry = state.watched.remove(&self.key);
        // The thread itself, in a waker that drops a socket, does not wait at present.
        let waits = state.thread != Some(thread::current().id());
        if waits && entry.as_ref().is_some_and(|entry| entry.waker.is_some()) {
            let round = state.round;
            lookout.bell.ring();
            let is_same = |state: &mut State| state.is_waiting && state.round == round;
            drop(lookout.turned.wait_while(state, is_same));
        } else {
            drop(state);
        }
        // Wakers are not ours: nothing is locked while they do what they do.
        drop(entry);
    }
}
