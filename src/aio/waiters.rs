//! Tasks that wait for a socket.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::time::Instant;

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
    /// How many keys there were.
    keys: u64,
}

struct Waiter {
    key: NonZeroU64,
    wish: Wish,
    waker: Waker,
}

/// What a task waits for.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Wish {
    pub(super) events: PollEvents,
    pub(super) turn: Turn,
}

/// Whom it waits for: those who take what they find come one after the other. Otherwise
/// two of them would wake each other all the time where a socket says that it can send,
/// and for this message it cannot.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Turn {
    /// For nobody.
    Any,
    /// For those in the queue who came before.
    Queue,
    /// For all in the queue, and nobody waits for it: it may never come back.
    Last,
}

impl Wish {
    pub(super) const RECEIVE: Wish = Wish {
        events: PollEvents::POLLIN,
        turn: Turn::Queue,
    };
    pub(super) const SEND: Wish = Wish {
        events: PollEvents::POLLOUT,
        turn: Turn::Queue,
    };

    /// Of what keeps its place when nobody polls it, as streams and sinks do.
    pub(super) const fn kept(self) -> Wish {
        Wish {
            turn: Turn::Last,
            ..self
        }
    }

    fn is_queued(self, events: PollEvents) -> bool {
        self.turn == Turn::Queue && self.events == events
    }
}

/// Tasks to be woken, when this is dropped. Wakers are not ours: nothing is locked then.
#[derive(Default)]
pub(super) struct Wakers {
    /// Most often there is one, or none: no memory is needed for it.
    first: Option<Waker>,
    more: Vec<Waker>,
    /// One whose place another has taken, to be dropped then too: it may be the last of a
    /// task that has to do with this socket.
    former: Option<Waker>,
}

impl Wakers {
    pub(super) fn push(&mut self, waker: Waker) {
        if self.first.is_none() {
            self.first = Some(waker);
        } else {
            self.more.push(waker);
        }
    }
}

impl Drop for Wakers {
    #[inline]
    fn drop(&mut self) {
        if let Some(first) = self.first.take() {
            first.wake();
            if !self.more.is_empty() {
                self.more.drain(..).for_each(Waker::wake);
            }
        }
    }
}

/// A task's place among those who wait.
#[derive(Default)]
pub(super) struct Place {
    key: Option<NonZeroU64>,
    /// It was in vain a moment ago, before the task was to wait.
    pub(super) tried: bool,
    /// Since when it spins, instead of waiting.
    pub(super) spins_since: Option<Instant>,
    /// How often it has let others go first since then.
    pub(super) gave_way: u8,
}

impl Place {
    #[inline]
    pub(super) fn is_taken(&self) -> bool {
        self.key.is_some()
    }
}

impl Waiters {
    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is a task's turn, who has the source locked. If it is not, the task
    /// has a place, and is woken when it may be.
    #[inline]
    pub(super) fn is_turn(
        &self,
        place: &mut Place,
        wish: Wish,
        waker: &Waker,
        wakers: &mut Wakers,
    ) -> bool {
        !self.has_others(place) || self.queue(place, wish, waker, wakers)
    }

    fn queue(&self, place: &mut Place, wish: Wish, waker: &Waker, wakers: &mut Wakers) -> bool {
        let list = self.list();
        let mut queue = list.waiting.iter();
        let first = queue.find(|waiter| waiter.wish.is_queued(wish.events));
        let is_turn = match first {
            Some(first) => wish.turn == Turn::Any || place.key == Some(first.key),
            None => true,
        };
        if !is_turn {
            wakers.former = self.put(list, place, wish, waker);
        }
        is_turn
    }

    /// Gives a task a place, while it has the source locked. It is woken until it
    /// [leaves](Waiters::leave).
    pub(super) fn set(&self, place: &mut Place, wish: Wish, waker: &Waker, wakers: &mut Wakers) {
        wakers.former = self.put(self.list(), place, wish, waker);
    }

    /// Returns the waker that was there before.
    fn put(
        &self,
        mut list: MutexGuard<'_, List>,
        place: &mut Place,
        wish: Wish,
        waker: &Waker,
    ) -> Option<Waker> {
        let former = list.set(place, wish, waker);
        self.count.store(list.waiting.len(), Ordering::Relaxed);
        former
    }

    /// Whether nobody waits; to who has the source locked, that stays so.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    /// Gives a place up, and tells who is next.
    #[inline]
    pub(super) fn leave(&self, place: &mut Place) {
        place.spins_since = None;
        if let Some(key) = place.key.take() {
            self.remove(key);
        }
    }

    fn remove(&self, key: NonZeroU64) {
        let mut wakers = Wakers::default();
        let mut list = self.list();
        let Some(position) = list.waiting.iter().position(|waiter| waiter.key == key) else {
            return;
        };
        let Waiter { wish, waker, .. } = list.waiting.remove(position);
        self.count.store(list.waiting.len(), Ordering::Relaxed);
        if wish.turn == Turn::Queue {
            let mut queue = list.waiting.iter();
            match queue.find(|waiter| waiter.wish.is_queued(wish.events)) {
                Some(next) => wakers.push(next.waker.clone()),
                None => list.wish_for(wish.events, None, &mut wakers),
            }
        }
        drop(list);
        drop(waker);
    }

    /// Whether anybody else waits than who has the source locked.
    #[inline]
    pub(super) fn has_others(&self, place: &Place) -> bool {
        // One at most, if that is the one who asks.
        self.count.load(Ordering::Relaxed) > usize::from(place.is_taken())
    }

    /// Others who wait for any of `events`, to be woken.
    pub(super) fn others(&self, place: &Place, events: PollEvents, wakers: &mut Wakers) {
        self.list().wish_for(events, place.key, wakers);
    }
}

impl List {
    /// Those who wait for any of `events`, but one.
    fn wish_for(&self, events: PollEvents, but: Option<NonZeroU64>, wakers: &mut Wakers) {
        // Who waits for nothing hears of it too if something is wrong.
        let is_meant = |waiter: &&Waiter| {
            Some(waiter.key) != but && (events.is_all() || waiter.wish.events.intersects(events))
        };
        for waiter in self.waiting.iter().filter(is_meant) {
            wakers.push(waiter.waker.clone());
        }
    }

    /// Returns the waker that was there before.
    fn set(&mut self, place: &mut Place, wish: Wish, waker: &Waker) -> Option<Waker> {
        let mut waiting = self.waiting.iter_mut();
        if let Some(known) = waiting.find(|waiter| Some(waiter.key) == place.key) {
            let is_same = known.waker.will_wake(waker);
            return (!is_same).then(|| std::mem::replace(&mut known.waker, waker.clone()));
        }
        let key = NonZeroU64::MIN.saturating_add(self.keys);
        self.keys += 1;
        place.key = Some(key);
        self.waiting.push(Waiter {
            key,
            wish,
            waker: waker.clone(),
        });
        None
    }
}

impl Wake for Waiters {
    fn wake(self: Arc<Waiters>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Waiters>) {
        let mut wakers = Wakers::default();
        self.others(&Place::default(), PollEvents::all(), &mut wakers);
    }
}
