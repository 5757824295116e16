//! A waker that says whether it was used.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// Whether a task was woken.
pub struct Woken {
    is: AtomicBool,
    /// Who waits until it is.
    waits: AtomicWaker,
}

impl Wake for Woken {
    fn wake(self: Arc<Woken>) {
        self.is.store(true, Ordering::SeqCst);
        self.waits.wake();
    }
}

impl Woken {
    pub fn new() -> (Arc<Woken>, Waker) {
        let woken = Arc::new(Woken {
            is: AtomicBool::new(false),
            waits: AtomicWaker::new(),
        });
        (Arc::clone(&woken), woken.into())
    }

    /// Since the last time.
    pub fn is(&self) -> bool {
        self.is.swap(false, Ordering::SeqCst)
    }

    /// Waits until it is.
    pub async fn wait(&self) {
        poll_fn(|task| {
            self.waits.register(task.waker());
            match self.is() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}
