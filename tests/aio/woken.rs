//! A waker that says whether it was used.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Wake, Waker};

/// Whether a task was woken.
pub struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Woken>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Woken {
    pub fn new() -> (Arc<Woken>, Waker) {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        (Arc::clone(&woken), woken.into())
    }

    /// Since the last time.
    pub fn is(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}
