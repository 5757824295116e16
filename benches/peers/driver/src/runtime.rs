//! Runtimes.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::thread;

use crate::Runtime;

/// No runtime: a thread for each task, and futures that block when they are polled.
pub struct Threads;

impl Threads {
    fn run<T>(future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let context = &mut Context::from_waker(Waker::noop());
        loop {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                return value;
            }
            // It waits for the process to end.
            thread::park();
        }
    }
}

impl Runtime for Threads {
    fn block_on(_threads: usize, future: impl Future<Output = ()>) {
        Threads::run(future);
    }

    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> {
        let thread = thread::spawn(|| Threads::run(task));
        async { thread.join().unwrap() }
    }
}

#[cfg(feature = "tokio")]
pub struct Tokio;

#[cfg(feature = "tokio")]
impl Runtime for Tokio {
    fn block_on(threads: usize, future: impl Future<Output = ()>) {
        use tokio::runtime::Builder;

        let mut builder = if threads == 0 {
            Builder::new_current_thread()
        } else {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        };
        builder.enable_all().build().unwrap().block_on(future);
    }

    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> {
        let task = tokio::spawn(task);
        async { task.await.unwrap() }
    }
}
