//! Sockets to which nothing happens.

use std::future::Future;
use std::task::Context as Task;
use std::time::Duration;

use zmq::Context;

use crate::runtimes::everywhere;
use crate::woken::Woken;

/// Tasks that wait for sockets to which nothing happens are not woken.
#[test]
fn idle_sockets_are_idle() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let sockets: Vec<_> = (0..500)
            .map(|_| runtime.socket(context.socket(zmq::Pull).unwrap()))
            .collect();
        let (woken, waker) = Woken::new();
        let task = &mut Task::from_waker(&waker);
        let mut waiting: Vec<_> = sockets.iter().map(|s| Box::pin(s.recv_msg())).collect();
        for receive in &mut waiting {
            assert!(receive.as_mut().poll(task).is_pending());
        }
        // Time for the reactor to find something to do, were there anything.
        runtime.sleep(Duration::from_millis(200)).await;
        assert!(!woken.is());
    });
}
