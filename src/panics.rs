//! Panics of the user's code that end where libzmq, or a thread of ours, has called it.

use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Does the work; none if it panicked. What came with the panic may itself panic when
/// it is dropped, and that may go on, so then it stays.
pub(crate) fn attempt<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|what| {
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(what)));
            dropped.map_err(mem::forget)
        })
        .ok()
}
