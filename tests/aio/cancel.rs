//! Futures that are dropped.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use zmq::{Context, Error, POLLIN};

use crate::common::{timed, LIMIT};
use crate::runtimes::{connected, everywhere, tiny_queues, Runtime};
use crate::woken::Woken;

/// A future that is dropped has done nothing, wherever it was.
#[test]
fn futures_may_be_dropped() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (push, pull) = connected(runtime, &context, (zmq::Push, zmq::Pull), tiny_queues);
        let task = &mut Task::from_waker(Waker::noop());
        let mut sent = 0_u32;
        let mut received = 0_u32;
        for round in 0..2000 {
            // Polled once and dropped: either it is done, or nothing has happened.
            if pin!(push.send_multipart([sent.to_ne_bytes(), [0; 4]]))
                .poll(task)
                .is_ready()
            {
                sent += 1;
            }
            if let Poll::Ready(message) = pin!(pull.recv_frames()).poll(task) {
                assert_eq!(message.unwrap()[0][..], received.to_ne_bytes());
                received += 1;
            }
            if round % 100 == 0 {
                push.send_multipart([sent.to_ne_bytes(), [0; 4]])
                    .await
                    .unwrap();
                sent += 1;
                let message = pull.recv_frames().await.unwrap();
                assert_eq!(message[0][..], received.to_ne_bytes());
                received += 1;
            }
        }
        assert!(received >= 20, "{received}");
        for i in received..sent {
            assert_eq!(pull.recv_frames().await.unwrap()[0][..], i.to_ne_bytes());
        }
        let (push, pull) = (push.into_socket(), pull.into_socket());
        assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
        push.send("still a socket", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"still a socket");
    });
}

/// Who comes later waits, and does not wait for ever when who came first has gone
/// without taking what it was woken for.
#[test]
fn a_dropped_future_gives_its_turn_away() {
    timed(|| {
        Runtime::Tokio.block_on(async {
            let context = Context::new();
            let (push, pull) =
                connected(Runtime::Tokio, &context, (zmq::Push, zmq::Pull), |_, _| ());
            let (woken, waker) = Woken::new();
            let nobody = &mut Task::from_waker(Waker::noop());
            let task = &mut Task::from_waker(&waker);
            let fd = pull.socket().get_fd().unwrap();
            let mut first = Box::pin(pull.recv_bytes());
            let mut second = Box::pin(pull.recv_bytes());
            assert!(first.as_mut().poll(nobody).is_pending());
            assert!(second.as_mut().poll(task).is_pending());
            push.send("for the second").await.unwrap();
            let mut item = [zmq::PollItem::from_fd(fd, POLLIN)];
            assert_eq!(zmq::poll(&mut item, LIMIT.as_millis() as i64 / 2), Ok(1));
            // It is there, and the first in turn may take it.
            assert!(second.as_mut().poll(task).is_pending());
            woken.is();
            drop(first);
            assert!(woken.is());
            assert_eq!(second.await.unwrap(), b"for the second");
        });
    });
}
