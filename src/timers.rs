//! Timers: functions that run when their time has come.

use std::collections::{HashMap, VecDeque};
use std::ffi::{c_int, c_void};
use std::fmt;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::raw::check;

/// What a timer does.
type Action<'a> = Box<dyn FnMut(&mut Timers<'a>, TimerId) + 'a>;

/// Functions that run again and again, each after an interval of its own.
///
/// Nothing runs by itself: [`timeout`](Timers::timeout) says how long there is
/// nothing to do, which is what [`poll`](crate::poll()) wants to know, and
/// [`execute`](Timers::execute) runs what is due. A function gets the timers that
/// it belongs to and its own id, and may do with them what it likes.
///
/// ```
/// use std::cell::Cell;
/// use std::time::Duration;
///
/// # fn main() -> zmq::Result<()> {
/// let socket = zmq::Context::new().socket(zmq::Pull)?;
///
/// let ticks = Cell::new(0);
/// let mut timers = zmq::Timers::new();
/// timers.add(Duration::from_millis(5), |timers, id| {
///     ticks.set(ticks.get() + 1);
///     if ticks.get() == 3 {
///         let _ = timers.cancel(id);
///     }
/// })?;
///
/// while let Some(timeout) = timers.timeout() {
///     let mut items = [socket.as_poll_item(zmq::POLLIN)];
///     zmq::poll(&mut items, timeout.as_millis() as i64)?;
///     timers.execute()?;
/// }
/// assert_eq!(ticks.get(), 3);
/// # Ok(())
/// # }
/// ```
///
/// # Time
///
/// Intervals are whole milliseconds, at least 1: fractions are rounded up. The
/// longest is 2³¹-1 ms, 24 days. A timer may run late, if `execute` is called
/// late; it then runs once, and its next interval begins. It may run early by
/// less than 2 ms, because libzmq's clock has no finer steps.
///
/// Needs libzmq 4.3.
///
/// See [zmq_timers](https://libzmq.readthedocs.io/en/latest/zmq_timers.html).
pub struct Timers<'a> {
    raw: NonNull<c_void>,
    /// What libzmq found due, from a box: it is written to by `fire` alone,
    /// during the call of `zmq_timers_execute`.
    fired: NonNull<Vec<c_int>>,
    /// What was found due and has not been run.
    due: VecDeque<c_int>,
    timers: HashMap<c_int, Timer<'a>>,
    /// Whose the ids are.
    owner: u64,
    last_id: c_int,
}

/// A timer of [`Timers`]. No two timers of a process have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerId {
    owner: u64,
    id: c_int,
}

struct Timer<'a> {
    /// None while it runs.
    action: Option<Action<'a>>,
    /// Whether it is to run when it is found in the list of those due.
    is_due: bool,
}

/// Notes a timer that is due. The timer's action is not run from here: in
/// libzmq's loop, a timer that is changed is freed under that loop, and a panic
/// has nowhere to go.
unsafe extern "C" fn fire(id: c_int, fired: *mut c_void) {
    // SAFETY: `fired` is the list that `add` gave to libzmq, and nobody else looks
    // at it during `zmq_timers_execute`, from which alone this is called.
    unsafe { (*fired.cast::<Vec<c_int>>()).push(id) };
}

impl<'a> Timers<'a> {
    /// No timers.
    pub fn new() -> Timers<'a> {
        static OWNERS: AtomicU64 = AtomicU64::new(0);

        // SAFETY: takes no arguments.
        let raw = unsafe { zmq_sys::zmq_timers_new() };
        Timers {
            raw: NonNull::new(raw).expect("without memory, libzmq ends the process"),
            fired: NonNull::from(Box::leak(Box::default())),
            due: VecDeque::new(),
            timers: HashMap::new(),
            owner: OWNERS.fetch_add(1, Ordering::Relaxed),
            last_id: 0,
        }
    }

    /// Runs `action` each time that `interval` has passed, for the first time in
    /// one interval.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the interval is over 2³¹-1 ms. `ENOMEM` after 2³¹-1 timers: no
    /// id is used again.
    ///
    /// See [zmq_timers_add](https://libzmq.readthedocs.io/en/latest/zmq_timers.html).
    pub fn add<F>(&mut self, interval: Duration, action: F) -> Result<TimerId>
    where
        F: FnMut(&mut Timers<'a>, TimerId) + 'a,
    {
        self.add_boxed(interval, Box::new(action))
    }

    /// Runs `action` once, when `delay` has passed.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let mut timers = zmq::Timers::new();
    /// let id = timers.add_once(Duration::from_secs(5), |_| println!("no answer"))?;
    /// // The answer is there:
    /// timers.cancel(id)?;
    /// assert_eq!(timers.timeout(), None);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`add`](Timers::add).
    pub fn add_once<F>(&mut self, delay: Duration, action: F) -> Result<TimerId>
    where
        F: FnOnce(&mut Timers<'a>) + 'a,
    {
        let mut action = Some(action);
        self.add(delay, move |timers, id| {
            // It is still there: it runs.
            let _ = timers.cancel(id);
            if let Some(action) = action.take() {
                action(timers);
            }
        })
    }

    fn add_boxed(&mut self, interval: Duration, action: Action<'a>) -> Result<TimerId> {
        let interval = milliseconds(interval)?;
        // libzmq counts on from the greatest number, which C leaves undefined.
        if self.last_id == c_int::MAX {
            return Err(Error::ENOMEM);
        }
        // SAFETY: the timers live, and so does the list, until both are destroyed.
        let id = check(unsafe {
            zmq_sys::zmq_timers_add(
                self.raw.as_ptr(),
                interval,
                Some(fire),
                self.fired.as_ptr().cast(),
            )
        })?;
        let timer = Timer {
            action: Some(action),
            is_due: false,
        };
        self.timers.insert(id, timer);
        self.last_id = id;
        Ok(TimerId {
            owner: self.owner,
            id,
        })
    }

    /// Removes a timer and drops its action; if it runs just now, when it is done.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such timer, any more or of these timers.
    ///
    /// See [zmq_timers_cancel](https://libzmq.readthedocs.io/en/latest/zmq_timers.html).
    pub fn cancel(&mut self, id: TimerId) -> Result<()> {
        self.find(id)?;
        // libzmq forgets a cancelled timer when its time has come: that is now.
        // SAFETY: the timers live, and none of libzmq's calls is under way.
        check(unsafe { zmq_sys::zmq_timers_set_interval(self.raw.as_ptr(), id.id, 0) })?;
        // SAFETY: as above.
        check(unsafe { zmq_sys::zmq_timers_cancel(self.raw.as_ptr(), id.id) })?;
        self.timers.remove(&id.id);
        Ok(())
    }

    /// Changes a timer's interval and begins it anew.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such timer, or the interval is over 2³¹-1 ms.
    ///
    /// See [zmq_timers_set_interval](https://libzmq.readthedocs.io/en/latest/zmq_timers.html).
    pub fn set_interval(&mut self, id: TimerId, interval: Duration) -> Result<()> {
        let interval = milliseconds(interval)?;
        self.find(id)?.is_due = false;
        // SAFETY: the timers live, and none of libzmq's calls is under way.
        check(unsafe { zmq_sys::zmq_timers_set_interval(self.raw.as_ptr(), id.id, interval) })?;
        Ok(())
    }

    /// Begins a timer's interval anew.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no such timer.
    ///
    /// See [zmq_timers_reset](https://libzmq.readthedocs.io/en/latest/zmq_timers.html).
    pub fn reset(&mut self, id: TimerId) -> Result<()> {
        self.find(id)?.is_due = false;
        // SAFETY: the timers live, and none of libzmq's calls is under way.
        check(unsafe { zmq_sys::zmq_timers_reset(self.raw.as_ptr(), id.id) })?;
        Ok(())
    }

    /// How long until the next timer is due, in whole milliseconds; zero if one
    /// is, none if there are no timers.
    ///
    /// See [zmq_timers_timeout](https://libzmq.readthedocs.io/en/latest/zmq_timers.html).
    pub fn timeout(&mut self) -> Option<Duration> {
        let is_due = |id| self.timers.get(id).is_some_and(|timer| timer.is_due);
        if self.due.iter().any(is_due) {
            return Some(Duration::ZERO);
        }
        // SAFETY: the timers live, and none of libzmq's calls is under way.
        let timeout = unsafe { zmq_sys::zmq_timers_timeout(self.raw.as_ptr()) };
        // -1 if there are none.
        u64::try_from(timeout).ok().map(Duration::from_millis)
    }

    /// Runs the timers that are due, in the order of their time, and says how many
    /// ran. One that another has cancelled or begun anew meanwhile does not run.
    ///
    /// # Panics
    ///
    /// If a timer's action does. The timer stays, and those that were to run
    /// after it do so in the next call.
    ///
    /// See [zmq_timers_execute](https://libzmq.readthedocs.io/en/latest/zmq_timers.html).
    pub fn execute(&mut self) -> Result<usize> {
        // SAFETY: the timers live, and none of libzmq's calls is under way: `fire`,
        // which is called from here, makes none.
        check(unsafe { zmq_sys::zmq_timers_execute(self.raw.as_ptr()) })?;
        // SAFETY: it lives, and `fire` is only called within the call above.
        for id in unsafe { mem::take(self.fired.as_mut()) } {
            if let Some(timer) = self.timers.get_mut(&id) {
                timer.is_due = true;
                self.due.push_back(id);
            }
        }
        let mut count = 0;
        while let Some(id) = self.due.pop_front() {
            count += usize::from(self.run(id));
        }
        Ok(count)
    }

    /// Runs a timer that is due, and says whether it was.
    fn run(&mut self, id: c_int) -> bool {
        let Some(timer) = self.timers.get_mut(&id).filter(|timer| timer.is_due) else {
            return false;
        };
        timer.is_due = false;
        // There is none while it runs: it has called `execute` itself.
        let Some(mut action) = timer.action.take() else {
            return false;
        };
        let id = TimerId {
            owner: self.owner,
            id,
        };
        let done = panic::catch_unwind(AssertUnwindSafe(|| action(self, id)));
        // It may have cancelled itself, or put other timers in the place of these.
        if let Ok(timer) = self.find(id) {
            timer.action = Some(action);
        }
        if let Err(panic) = done {
            panic::resume_unwind(panic);
        }
        true
    }

    fn find(&mut self, id: TimerId) -> Result<&mut Timer<'a>> {
        if id.owner != self.owner {
            return Err(Error::EINVAL);
        }
        self.timers.get_mut(&id.id).ok_or(Error::EINVAL)
    }
}

/// An interval as libzmq has it. It would run a timer of 0 ms for ever, without
/// returning from `zmq_timers_execute`; over 31 bits, its timeouts do not fit
/// into C's `long` everywhere.
fn milliseconds(interval: Duration) -> Result<usize> {
    let milliseconds = interval.as_nanos().div_ceil(1_000_000).max(1);
    match i32::try_from(milliseconds) {
        Ok(_) => Ok(milliseconds as usize),
        Err(_) => Err(Error::EINVAL),
    }
}

impl Drop for Timers<'_> {
    fn drop(&mut self) {
        let mut raw = self.raw.as_ptr();
        // SAFETY: the timers live, and this is their last use.
        let rc = unsafe { zmq_sys::zmq_timers_destroy(&mut raw) };
        debug_assert_eq!(rc, 0, "zmq_timers_destroy refuses only what are no timers");
        // SAFETY: it was leaked from a box, and nobody has it any more.
        drop(unsafe { Box::from_raw(self.fired.as_ptr()) });
    }
}

impl Default for Timers<'_> {
    fn default() -> Self {
        Timers::new()
    }
}

/// How many timers there are.
impl fmt::Debug for Timers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timers({})", self.timers.len())
    }
}
