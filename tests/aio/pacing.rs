//! Who sends waits for fast connections, and for no others.
#![cfg(zmq_vendored)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use zmq::{Context, Dealer, Multipart};

use crate::common::pacing::{lead, message, see, COUNT, LEN};
use crate::common::{ipc, timed};
use crate::runtimes::{everywhere, Runtime};

#[test]
fn who_sends_waits_for_a_fast_connection() {
    for runtime in [Runtime::TokioThreads, Runtime::Smol] {
        timed(move || {
            see(|paces| {
                lead(LEN, COUNT, paces, |push, sent| {
                    let sends = async {
                        let push = runtime.socket(push);
                        for _ in 0..COUNT {
                            push.send(&[0; LEN][..]).await.unwrap();
                            sent();
                        }
                    };
                    runtime.block_on(sends);
                })
            });
        });
    }
}

#[test]
fn who_sends_does_not_wait_for_who_is_not_there() {
    const MARK: usize = 100;

    everywhere(|runtime| async move {
        let context = Context::new();
        let sends = context.socket(Dealer).unwrap();
        sends.set_sndhwm(MARK as i32).unwrap();
        sends.set_linger(0).unwrap();
        let endpoint = ipc();
        sends.connect(&endpoint).unwrap();
        let sends = runtime.socket(sends);
        for number in 0..MARK {
            if number % 2 == 0 {
                sends.send(message(number)).await.unwrap();
            } else {
                sends
                    .send_frames(Multipart::from(message(number)))
                    .await
                    .unwrap();
            }
        }
        {
            let mut more = pin!(sends.send("more"));
            let task = &mut Task::from_waker(Waker::noop());
            assert_eq!(more.as_mut().poll(task), Poll::Pending);
        }
        let receives = context.socket(Dealer).unwrap();
        receives.bind(&endpoint).unwrap();
        for number in 0..MARK {
            assert_eq!(receives.recv_bytes(0), Ok(message(number)));
        }
        sends.send("more").await.unwrap();
        assert_eq!(receives.recv_bytes(0), Ok(b"more".to_vec()));
    });
}
