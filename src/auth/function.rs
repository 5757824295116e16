//! The user's functions, which the thread at the door calls.

use std::sync::{Arc, Mutex, PoisonError};

use crate::panics::attempt;

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

    /// Whether both are one function.
    pub(super) fn is(&self, other: &Function<F>) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Calls the function; none if it panicked.
    pub(super) fn call<T>(&self, call: impl FnOnce(&mut F) -> T) -> Option<T> {
        let mut function = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What a panic leaves behind in it is its own affair.
        attempt(|| call(&mut function))
    }
}
