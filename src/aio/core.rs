//! What is awaited: a socket, or a monitor, and who waits for it.

use std::future::Future;
use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{ready, Context, Poll, Waker};
use std::thread;
use std::time::Instant;

use zmq_sys::RawFd;

use super::reactor::Reactor;
use super::waiters::{Place, Waiters, Wakers, Wish};
use crate::error::{Error, Result};
use crate::monitor::MonitorSocket;
use crate::poll::PollEvents;
use crate::socket::Socket;
use crate::spin::go_on;

/// How much tasks get in a row of what is ready before others have their turn, which has
/// tokio wake another of its threads: a tenth of a millisecond of small messages, and more
/// than a full queue has room for when it is half empty, or a connection brings at a time of
/// 256 bytes. So who waits in between mostly need not give way besides.
pub(super) const TURN: usize = 512;

/// How often a task that spins gives way to tasks before it does to other processes. The system
/// would let two that spin on one processor have it for milliseconds each.
const LOOKS_PER_YIELD: u8 = 8;

/// What can be awaited.
pub(super) trait Source {
    /// What it is ready for, after it has worked off all that happened.
    fn events(&self) -> Result<PollEvents>;

    /// Whether it is a copy in a forked child, where libzmq says `EINTR` for ever.
    fn is_forked(&self) -> bool;

    /// Whether who wants to receive is to spin, instead of waiting, and since when it
    /// does. Does what there is to do meanwhile.
    fn spins(&self, _since: &mut Option<Instant>) -> bool {
        false
    }

    /// Before who receives waits: what the reactor is to watch besides, if anything, until
    /// `end_to_wait`. When it is readable, `lead` does what it tells of; whether to go on with that.
    fn begin_to_wait(&self) -> Option<RawFd> {
        None
    }

    fn lead(&self) -> bool {
        false
    }

    /// Whether something has happened that it has not worked off.
    fn has_news(&self) -> bool {
        false
    }

    fn end_to_wait(&self) {}

    /// Whether who waits asks and answers in turns.
    fn in_turns(&self) -> bool {
        false
    }

    /// Runs what sends, and says whom to wake: the tasks of another source, if it sent to such that
    /// have not heard of it.
    fn waking<T>(&self, _woken: &mut Option<Waker>, send: impl FnOnce() -> T) -> T {
        send()
    }

    /// What wakes the tasks that wait for it; none before it is given to others.
    fn set_waker(&self, _waker: Option<&Waker>) {}

    /// Whether the reactor is to hear of what happens; while none waits it need not, which
    /// spares both a system call or two.
    fn set_watched(&self, _watched: bool) {}
}

impl Source for Socket {
    fn events(&self) -> Result<PollEvents> {
        try_once(self, &mut Socket::get_events)
    }

    fn is_forked(&self) -> bool {
        self.raw().is_forked()
    }

    #[inline]
    fn spins(&self, since: &mut Option<Instant>) -> bool {
        self.raw().spin() != 0 && go_on(self.raw(), since)
    }

    fn set_watched(&self, watched: bool) {
        self.raw().set_watched(watched);
    }

    fn begin_to_wait(&self) -> Option<RawFd> {
        self.raw().begin_to_wait()
    }

    fn lead(&self) -> bool {
        self.raw().lead()
    }

    fn has_news(&self) -> bool {
        self.raw().has_news()
    }

    fn end_to_wait(&self) {
        self.raw().end_to_wait();
    }

    fn in_turns(&self) -> bool {
        self.raw().in_turns()
    }

    fn waking<T>(&self, woken: &mut Option<Waker>, send: impl FnOnce() -> T) -> T {
        self.raw().waking(woken, send)
    }

    fn set_waker(&self, waker: Option<&Waker>) {
        self.raw().set_waker(waker);
    }
}

impl Source for MonitorSocket {
    fn events(&self) -> Result<PollEvents> {
        self.as_socket().events()
    }

    fn is_forked(&self) -> bool {
        self.as_socket().is_forked()
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
    /// How much tasks got in a row since one has waited, of what is received and what is
    /// sent.
    served: [AtomicUsize; 2],
    /// The reactor does not hear of what happens. Changed by who has the source.
    unwatched: AtomicBool,
    /// Watches what the source wants watched besides; nothing if it cannot be.
    lead: OnceLock<Option<Reactor>>,
    /// The source knows that one waits who receives. Changed by who has the source.
    waits: AtomicBool,
    /// It wants more watched until then. Changed by who has the source.
    leads: AtomicBool,
    /// What is sent is an answer, or asks for one, and who gets it does nothing else: a task of this
    /// process is woken by who sends. By its descriptor it takes two more system calls, and the
    /// runtime has to look for events between the two. Changed by who has the source.
    in_turns: AtomicBool,
}

impl<S: Source> Core<S> {
    /// Has the reactor watch `fd`, which is the source's.
    pub(super) fn new(
        source: S,
        fd: RawFd,
        reactor: impl FnOnce(RawFd) -> io::Result<Reactor>,
    ) -> io::Result<Core<S>> {
        let reactor = reactor(fd)?;
        let waiters = Arc::<Waiters>::default();
        let waker = Arc::clone(&waiters).into();
        source.set_waker(Some(&waker));
        Ok(Core {
            reactor,
            source: Mutex::new(source),
            waker,
            waiters,
            served: Default::default(),
            unwatched: AtomicBool::new(false),
            lead: OnceLock::new(),
            waits: AtomicBool::new(false),
            leads: AtomicBool::new(false),
            in_turns: AtomicBool::new(false),
        })
    }

    pub(super) fn into_source(self) -> S {
        let source = self
            .source
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        source.set_waker(None);
        source
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, S> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a task no longer wait.
    pub(super) fn leave(&self, place: &mut Place) {
        self.waiters.leave(place);
    }

    /// `poll` for what keeps its place until it is done, whoever polls it.
    pub(super) fn poll_kept<T>(
        &self,
        place: &mut Place,
        wish: Wish,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&S) -> Result<T>,
    ) -> Poll<Result<T>> {
        let done = ready!(self.poll(place, wish.kept(), context, &mut attempt));
        self.leave(place);
        Poll::Ready(done)
    }

    /// Repeats what says `EAGAIN`, whenever there may be what is wished for.
    #[inline]
    pub(super) fn attempt<T, F>(&self, wish: Wish, attempt: F) -> Attempt<'_, S, F>
    where
        F: FnMut(&S) -> Result<T> + Unpin,
    {
        Attempt {
            core: self,
            wish,
            attempt,
            place: Place::default(),
        }
    }

    /// `poll` where nobody waits, which is most of the time: `attempt`, unless it has to
    /// wait itself.
    #[inline]
    pub(super) fn try_first<T>(
        &self,
        place: &mut Place,
        wish: Wish,
        attempt: &mut impl FnMut(&S) -> Result<T>,
    ) -> Option<Result<T>> {
        if self.served(wish).load(Ordering::Relaxed) >= TURN {
            return None;
        }
        if wish.events == PollEvents::POLLOUT && self.in_turns.load(Ordering::Relaxed) {
            return self.try_in_turn(place, wish, attempt);
        }
        let source = self.lock();
        if !self.waiters.is_empty() {
            return None;
        }
        let done = try_once(&*source, attempt);
        self.done_first(place, wish, done)
    }

    /// `try_first` for who sends and then waits for the answer: it may have others to wake.
    fn try_in_turn<T>(
        &self,
        place: &mut Place,
        wish: Wish,
        attempt: &mut impl FnMut(&S) -> Result<T>,
    ) -> Option<Result<T>> {
        // Before the lock, which it is to outlive.
        let mut wakers = Wakers::default();
        let source = self.lock();
        if !self.waiters.is_empty() {
            return None;
        }
        let done = self.try_once(&source, wish, attempt, &mut wakers);
        self.done_first(place, wish, done)
    }

    #[inline]
    fn done_first<T>(&self, place: &mut Place, wish: Wish, done: Result<T>) -> Option<Result<T>> {
        if matches!(done, Err(Error::EAGAIN)) {
            place.tried = true;
            return None;
        }
        self.serve(wish, 1);
        Some(done)
    }

    #[inline]
    fn served(&self, wish: Wish) -> &AtomicUsize {
        &self.served[usize::from(wish.events == PollEvents::POLLOUT)]
    }

    /// Counts what tasks were served with. Two at once may miscount, which matters to
    /// nobody.
    #[inline]
    pub(super) fn serve(&self, wish: Wish, count: usize) {
        let served = self.served(wish);
        let so_far = served.load(Ordering::Relaxed);
        served.store(so_far.saturating_add(count), Ordering::Relaxed);
    }

    /// Whether the one that comes now shall let others have their turn.
    fn is_turn_over(&self, wish: Wish) -> bool {
        let is_over = self.served(wish).load(Ordering::Relaxed) >= TURN;
        if is_over {
            self.others_have_their_turn(wish);
        }
        is_over
    }

    fn others_have_their_turn(&self, wish: Wish) {
        self.served(wish).store(0, Ordering::Relaxed);
    }

    /// `attempt`, once there may be what is wished for. It is tried first: who finds it
    /// there has nothing to do with the reactor.
    #[inline]
    fn poll<T>(
        &self,
        place: &mut Place,
        wish: Wish,
        context: &mut Context<'_>,
        attempt: &mut impl FnMut(&S) -> Result<T>,
    ) -> Poll<Result<T>> {
        if self.is_turn_over(wish) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.serve(wish, 1);
        // Before the lock, which it is to outlive.
        let mut wakers = Wakers::default();
        let source = self.lock();
        if !self
            .waiters
            .is_turn(place, wish, context.waker(), &mut wakers)
        {
            self.watch(&source, true);
            return Poll::Pending;
        }
        if wish.events == PollEvents::POLLIN
            && self.leads.load(Ordering::Relaxed)
            && !source.has_news()
        {
            self.lead(&source, place);
        }
        let mut done = if mem::take(&mut place.tried) {
            Err(Error::EAGAIN)
        } else {
            self.try_once(&source, wish, attempt, &mut wakers)
        };
        if matches!(done, Err(Error::EAGAIN))
            && wish.events == PollEvents::POLLIN
            && source.spins(&mut place.spins_since)
        {
            done = try_once(&*source, attempt);
            if matches!(done, Err(Error::EAGAIN)) {
                self.tell_others(&source, place, &mut wakers);
                // Whoever begins to wait from here on has it watched again.
                if !self.waiters.has_others(place) {
                    self.watch(&source, false);
                }
                drop(source);
                // Others come first either way. To have the runtime look for events each time is
                // a system call too much, and never to, is to let those wait who need them.
                place.gave_way = place.gave_way.wrapping_add(1);
                if place.gave_way % LOOKS_PER_YIELD == 0 {
                    // Who has to answer may need this processor.
                    thread::yield_now();
                }
                if place.gave_way % 2 == 1 {
                    context.waker().wake_by_ref();
                } else {
                    self.reactor.yield_now(context);
                }
                return Poll::Pending;
            }
        }
        if matches!(done, Err(Error::EAGAIN)) {
            match self.wait(&source, place, wish, context, attempt, &mut wakers) {
                Poll::Ready(waited) => done = waited,
                Poll::Pending => {
                    self.others_have_their_turn(wish);
                    if self.in_turns.load(Ordering::Relaxed) {
                        // Who waits for the answer to each that it sends sends none in a row.
                        self.others_have_their_turn(Wish::SEND);
                    }
                    return Poll::Pending;
                }
            }
        }
        if wish.events == PollEvents::POLLIN && self.waits.load(Ordering::Relaxed) {
            self.end_to_wait(&source);
        }
        self.tell_others(&source, place, &mut wakers);
        Poll::Ready(done)
    }

    /// `attempt`, once and at once.
    pub(super) fn try_now<T>(
        &self,
        wish: Wish,
        mut attempt: impl FnMut(&S) -> Result<T>,
    ) -> Result<T> {
        self.serve(wish, 1);
        let mut wakers = Wakers::default();
        let source = self.lock();
        let done = self.try_once(&source, wish, &mut attempt, &mut wakers);
        self.tell_others(&source, &Place::default(), &mut wakers);
        done
    }

    /// `attempt`, after which there may be others to be woken.
    #[inline]
    fn try_once<T>(
        &self,
        source: &S,
        wish: Wish,
        attempt: &mut impl FnMut(&S) -> Result<T>,
        wakers: &mut Wakers,
    ) -> Result<T> {
        if wish.events != PollEvents::POLLOUT
            || !self.in_turns.load(Ordering::Relaxed)
            || !self.reactor.may_wake()
        {
            return try_once(source, attempt);
        }
        let mut woken = None;
        let done = source.waking(&mut woken, || try_once(source, attempt));
        if let Some(woken) = woken {
            wakers.push(woken);
        }
        done
    }

    /// `poll` from where there was not what is wished for.
    fn wait<T>(
        &self,
        source: &S,
        place: &mut Place,
        wish: Wish,
        context: &mut Context<'_>,
        attempt: &mut impl FnMut(&S) -> Result<T>,
        wakers: &mut Wakers,
    ) -> Poll<Result<T>> {
        // First, so that nothing that happens from here on is missed: it wakes the task.
        self.waiters.set(place, wish, context.waker(), wakers);
        self.watch(source, true);
        while let Poll::Ready(woken) = self.reactor.poll(&self.waker) {
            // What it was about is looked at below.
            if let Err(error) = woken {
                let error = error.raw_os_error().unwrap_or(libc::ECANCELED);
                return Poll::Ready(Err(Error::from_raw(error)));
            }
        }
        // Looking at the events works off all that has happened, and of that the
        // descriptor tells once only: what it means for others, they must be told.
        let events = match source.events() {
            Ok(events) => events,
            Err(error) => return Poll::Ready(Err(error)),
        };
        self.waiters.others(place, events, wakers);
        let is_there = events.intersects(wish.events)
            || (wish.events == PollEvents::POLLIN && self.begin_to_wait(source, place));
        if is_there {
            match self.try_once(source, wish, attempt, wakers) {
                // It may be for this message that there is no room, and for others there is.
                Err(Error::EAGAIN) => self.tell_others(source, place, wakers),
                done => return Poll::Ready(done),
            }
        }
        self.watch(source, true);
        Poll::Pending
    }

    /// Whether there is something to receive, after all, of what is to be waited for besides.
    fn begin_to_wait(&self, source: &S, place: &Place) -> bool {
        let fd = source.begin_to_wait();
        self.waits.store(true, Ordering::Relaxed);
        self.leads.store(fd.is_some(), Ordering::Relaxed);
        self.in_turns.store(source.in_turns(), Ordering::Relaxed);
        let Some(fd) = fd else {
            return false;
        };
        if self.lead.get_or_init(|| self.reactor.another(fd)).is_none() {
            // Nobody would hear of what is ready.
            self.end_to_wait(source);
            return false;
        }
        while self.lead(source, place) {
            // An error is for who then tries to find.
            let events = source.events().unwrap_or(PollEvents::all());
            if events.intersects(PollEvents::POLLIN) {
                return true;
            }
        }
        false
    }

    fn end_to_wait(&self, source: &S) {
        self.waits.store(false, Ordering::Relaxed);
        self.leads.store(false, Ordering::Relaxed);
        source.end_to_wait();
    }

    /// Does what there is to do of what is waited for besides, until something has happened to the
    /// source, which is whether it has.
    fn lead(&self, source: &S, place: &Place) -> bool {
        let Some(Some(lead)) = self.lead.get() else {
            return false;
        };
        let mut goes_on = true;
        while goes_on && matches!(lead.poll(&self.waker), Poll::Ready(Ok(()))) {
            // Whoever begins to wait from here on has it watched again.
            self.unwatched.store(true, Ordering::Relaxed);
            goes_on = source.lead() && !source.has_news();
        }
        if self.waiters.has_others(place) {
            self.watch(source, true);
        }
        source.has_news()
    }

    #[inline]
    fn watch(&self, source: &S, watched: bool) {
        if self.unwatched.load(Ordering::Relaxed) == watched {
            self.unwatched.store(!watched, Ordering::Relaxed);
            source.set_watched(watched);
        }
    }

    /// After something was done with the socket: tells those who wait what they would
    /// not hear of any more.
    #[inline]
    pub(super) fn tell_others(&self, source: &S, place: &Place, wakers: &mut Wakers) {
        if self.waiters.has_others(place) {
            // An error is for each of them to find.
            let events = source.events().unwrap_or(PollEvents::all());
            self.waiters.others(place, events, wakers);
        }
    }
}

/// A signal is not for a task: it does not end what does not wait.
#[inline]
fn try_once<S: Source, T>(source: &S, attempt: &mut impl FnMut(&S) -> Result<T>) -> Result<T> {
    loop {
        match attempt(source) {
            Err(Error::EINTR) if !source.is_forked() => {}
            done => return done,
        }
    }
}

/// A task that attempts something, and waits until this is dropped.
///
/// Not an `async fn`: what one keeps is moved into it before it begins, and each that awaits
/// another moves it once more, for every message.
pub(super) struct Attempt<'a, S: Source, F> {
    core: &'a Core<S>,
    wish: Wish,
    attempt: F,
    place: Place,
}

impl<S, T, F> Future for Attempt<'_, S, F>
where
    S: Source,
    F: FnMut(&S) -> Result<T> + Unpin,
{
    type Output = Result<T>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let Attempt {
            core,
            wish,
            attempt,
            place,
        } = self.get_mut();
        if !place.is_taken() {
            if let Some(done) = core.try_first(place, *wish, attempt) {
                return Poll::Ready(done);
            }
        }
        core.poll(place, *wish, context, attempt)
    }
}

impl<S: Source, F> Drop for Attempt<'_, S, F> {
    #[inline]
    fn drop(&mut self) {
        self.core.leave(&mut self.place);
    }
}
