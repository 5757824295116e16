//! Owning pointers to what libzmq allocates: nearly all `unsafe` is here.
//!
//! Each type closes what it owns when it is dropped, and its methods are safe
//! wrappers of one libzmq call. What the compiler is told about threads
//! (`Send`, `Sync`) is argued here.

mod calls;
mod context;
mod message;
mod socket;
#[cfg(any(feature = "tokio", feature = "async-io"))]
mod tasks;

use std::ffi::c_int;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

#[cfg(any(feature = "tokio", feature = "async-io"))]
pub(crate) use calls::IN_PACE;
pub(crate) use context::{RawContext, Stopping};
#[cfg(feature = "draft")]
pub(crate) use message::SHORT_GROUP;
pub(crate) use message::{free_later, Free, RawMessage};
pub(crate) use socket::{RawSocket, Watch};

/// Turns libzmq's -1 into the error it stands for.
#[inline]
pub(crate) fn check(rc: c_int) -> Result<c_int> {
    if rc == -1 {
        Err(Error::last())
    } else {
        Ok(rc)
    }
}

/// Locks even if a holder panicked: what our locks guard is never left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
