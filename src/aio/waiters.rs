//! Tasks that wait for a socket.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

use crate::poll::PollEvents;

/// The tasks that wait for one socket, in the order in which they came. As a waker it
/// wakes them all, for the descriptor that it is given to does not say which of them
/// it is for.
#[derive(Default)]
pub(super) struct Waiters {
    list: Mutex<List>,
    /// How many there are, for who only wants to know whether there are any. Tasks take
    /// their places while they have the source locked: to who has it locked, there are
    /// never more than this.
    count: AtomicUsize,
}

#[derive(Default)]
struct List {
    waiting: Vec<Waiter>,
    last_key: u64,
}

struct Waiter {
    key: u64,
    wish: Wish,
    waker: Waker,
}

/// What a task waits for.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Wish {
    pub(super) events: PollEvents,
    /// Whether it waits until those who came before, with the same wish, are done.
    /// Otherwise two of them would wake each other all the time where a socket says
    /// that it can send, and for this message it cannot.
    pub(super) in_turn: bool,
}

impl Wish {
    pub(super) const RECEIVE: Wish = Wish {
        events: PollEvents::POLLIN,
        in_turn: true,
    };
    pub(super) const SEND: Wish = Wish {
        events: PollEvents::POLLOUT,
        in_turn: true,
    };
}

/// A task's place among those who wait.
#[derive(Default)]
pub(super) struct Place(Option<u64>);

impl Waiters {
    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is a task's turn, who has the source locked. If it is not, the task
    /// has a place, and is woken when it may be.
    #[inline]
    pub(super) fn is_turn(&self, place: &mut Place, wish: Wish, waker: &Waker) -> bool {
        self.is_empty() || self.queue(place, wish, waker)
    }

    fn queue(&self, place: &mut Place, wish: Wish, waker: &Waker) -> bool {
        let mut list = self.list();
        let mut before = list.waiting.iter();
        let first = before.find(|waiter| waiter.wish == wish);
        let is_turn = match first {
            Some(first) => !wish.in_turn || place.0 == Some(first.key),
            None => true,
        };
        if !is_turn {
            self.put(&mut list, place, wish, waker);
        }
        is_turn
    }

    /// Gives a task a place, while it has the source locked. It is woken until it
    /// [leaves](Waiters::leave).
    pub(super) fn set(&self, place: &mut Place, wish: Wish, waker: &Waker) {
        self.put(&mut self.list(), place, wish, waker);
    }

    fn put(&self, list: &mut List, place: &mut Place, wish: Wish, waker: &Waker) {
        list.set(place, wish, waker);
        self.count.store(list.waiting.len(), Ordering::Relaxed);
    }

    fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    /// Gives a place up, and tells who is next.
    #[inline]
    pub(super) fn leave(&self, place: &mut Place) {
        if let Some(key) = place.0.take() {
            self.remove(key);
        }
    }

    fn remove(&self, key: u64) {
        let mut list = self.list();
        let position = list.waiting.iter().position(|waiter| waiter.key == key);
        let left = position.map(|i| list.waiting.remove(i));
        self.count.store(list.waiting.len(), Ordering::Relaxed);
        let is_next = |waiter: &&Waiter| left.as_ref().is_some_and(|left| left.wish == waiter.wish);
        let next = list.waiting.iter().find(is_next);
        let next = next.map(|waiter| waiter.waker.clone());
        drop(list);
        // Wakers are not ours: nothing is locked while they do what they do.
        next.into_iter().for_each(Waker::wake);
        drop(left);
    }

    /// Whether anybody else waits than who has the source locked.
    #[inline]
    pub(super) fn has_others(&self, place: &Place) -> bool {
        // One at most, if that is the one who asks.
        self.count.load(Ordering::Relaxed) > usize::from(place.0.is_some())
    }

    /// Wakes others who wait for any of `events`.
    pub(super) fn wake_others(&self, place: &Place, events: PollEvents) {
        let is_meant =
            |waiter: &&Waiter| Some(waiter.key) != place.0 && waiter.wish.events.intersects(events);
        let list = self.list();
        let meant = list.waiting.iter().filter(is_meant);
        let wakers: Vec<_> = meant.map(|waiter| waiter.waker.clone()).collect();
        drop(list);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl List {
    fn set(&mut self, place: &mut Place, wish: Wish, waker: &Waker) {
        let known = self
            .waiting
            .iter_mut()
            .find(|waiter| Some(waiter.key) == place.0);
        if let Some(waiter) = known {
            waiter.waker.clone_from(waker);
            return;
        }
        self.last_key += 1;
        place.0 = Some(self.last_key);
        self.waiting.push(Waiter {
            key: self.last_key,
            wish,
            waker: waker.clone(),
        });
    }
}

impl Wake for Waiters {
    fn wake(self: Arc<Waiters>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Waiters>) {
        self.wake_others(&Place::default(), PollEvents::all());
    }
}
