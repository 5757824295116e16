//! The user's functions, which the thread at the door calls.

use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A function of the user's, shared with the thread that calls it. It may call the
/// authenticator's methods: nothing but itself is locked meanwhile.
pub(super) struct Function<F: ?Sized>(Arc<Mutex<Box<F>>>);

impl<F: ?Sized> Clone for Function<F> {
    fn clone(&self) -> Function<F> {
        Function(Arc::clone(&self.0))
    }
}

impl<F: ?Sized> Function<F> {
    pub(super) fn new(function: Box<F>) -> Function<F> {
        Function(Arc::new(Mutex::new(function)))
    }
}

/// A [`Function`] while the thread at the door has it. It may hold a handle of the
/// context, and dropping the last of these waits for the very thread: so it is not
/// dropped there.
pub(super) struct Guest<F: ?Sized + Send + 'static>(Option<Function<F>>);

impl<F: ?Sized + Send> Guest<F> {
    pub(super) fn of(function: Function<F>) -> Guest<F> {
        Guest(Some(function))
    }

    /// Whether both are one function.
    pub(super) fn is(&self, other: &Guest<F>) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(&one.0, &other.0),
            _ => false,
        }
    }

    /// Calls the function; none if it panicked.
    pub(super) fn call<T>(&self, call: impl FnOnce(&mut F) -> T) -> Option<T> {
        let mut function = self
            .0
            .as_ref()?
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // What a panic leaves behind in it is its own affair.
        attempt(|| call(&mut function))
    }
}

/// Does the work; none if it panicked. What came with the panic may itself panic when
/// it is dropped, and that may go on.
pub(super) fn attempt<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|what| {
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(what)));
            dropped.map_err(mem::forget)
        })
        .ok()
}

impl<F: ?Sized + Send + 'static> Drop for Guest<F> {
    fn drop(&mut self) {
        let last = self
            .0
            .take()
            .and_then(|function| Arc::into_inner(function.0));
        if last.is_some() {
            drop_elsewhere(last);
        }
    }
}

/// Drops what has functions of the user's, not in the thread at the door.
pub(super) fn drop_elsewhere<T: Send + 'static>(functions: T) {
    let _ = thread::Builder::new().spawn(move || drop(functions));
}
