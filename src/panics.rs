//! Panics of the user's code that end where libzmq, or a thread of ours, has called it.

use std::any::Any;
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Does the work; none if it panicked.
#[inline]
pub(crate) fn attempt<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => Some(done),
        Err(what) => {
            discard(what);
            None
        }
    }
}

/// Drops what came with a panic. That may itself panic, and so may what comes with that,
/// and so on, so then it stays.
#[cold]
fn discard(what: Box<dyn Any + Send>) {
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(what)));
    if let Err(what) = dropped {
        mem::forget(what);
    }
}
