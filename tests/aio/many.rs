//! Many messages in one call.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Waker};

use zmq::{Context, Error, Message};

use crate::runtimes::{connected, everywhere, tiny_queues, Work};

/// Numbered messages.
fn messages(numbers: std::ops::Range<u32>) -> VecDeque<Message> {
    numbers.map(|i| Message::from(&i.to_ne_bytes())).collect()
}

fn number(message: &Message) -> u32 {
    u32::from_ne_bytes(message[..].try_into().unwrap())
}

#[test]
fn all_arrive_in_order() {
    const MESSAGES: u32 = 2000;

    everywhere(|runtime| async move {
        let context = Context::new();
        let (push, pull) = connected(runtime, &context, (zmq::Push, zmq::Pull), tiny_queues);
        let sends: Work = Box::pin(async move {
            let mut queue = messages(0..MESSAGES);
            push.send_all(&mut queue).await.unwrap();
            assert!(queue.is_empty());
            push.send_all(&mut queue).await.unwrap();
        });
        let receives: Work = Box::pin(async move {
            let mut received = Vec::new();
            assert_eq!(pull.recv_many(&mut received, 0).await, Ok(0));
            while received.len() < MESSAGES as usize {
                let before = received.len();
                let count = pull.recv_many(&mut received, 7).await.unwrap();
                assert!((1..=7).contains(&count));
                assert_eq!(received.len(), before + count);
            }
            let numbers: Vec<_> = received.iter().map(number).collect();
            assert_eq!(numbers, (0..MESSAGES).collect::<Vec<_>>());
        });
        runtime.together(vec![sends, receives]).await;
    });
}

/// One call takes all that is there, if it may.
#[test]
fn what_is_there_is_taken_at_once() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let pull = context.socket(zmq::Pull).unwrap();
        let push = context.socket(zmq::Push).unwrap();
        let endpoint = crate::common::inproc();
        pull.bind(&endpoint).unwrap();
        push.connect(&endpoint).unwrap();
        for i in 0..10 {
            push.send(format!("{i}"), 0).unwrap();
        }
        let pull = runtime.socket(pull);
        let mut received = vec![Message::from("the first")];
        assert_eq!(pull.recv_many(&mut received, 4).await, Ok(4));
        assert_eq!(pull.recv_many(&mut received, 100).await, Ok(6));
        assert_eq!(received[0].as_str(), Some("the first"));
        assert_eq!(received[10].as_str(), Some("9"));
        assert_eq!(received.len(), 11);
    });
}

/// What is not sent stays in the queue, whether the future is dropped or fails.
#[test]
fn what_is_not_sent_is_left() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (push, pull) = connected(runtime, &context, (zmq::Push, zmq::Pull), tiny_queues);
        let task = &mut Task::from_waker(Waker::noop());
        push.ready(zmq::POLLOUT).await.unwrap();
        // So much is never on its way at once.
        let large = |i: u32| Message::from(vec![i as u8; 1 << 20]);
        let mut queue: VecDeque<_> = (0..50).map(large).collect();
        let mut received = 0;
        let mut dropped = 0;
        while !queue.is_empty() {
            let before = queue.len();
            if pin!(push.send_all(&mut queue)).poll(task).is_pending() {
                dropped += 1;
            }
            assert!(queue.len() <= before);
            let sent = 50 - queue.len() as u32;
            assert!(queue
                .front()
                .is_none_or(|next| next[0] == sent as u8 && next.len() == 1 << 20));
            while received < sent {
                let message = pull.recv_msg().await.unwrap();
                assert_eq!((message[0], message.len()), (received as u8, 1 << 20));
                received += 1;
            }
        }
        assert!(dropped > 1, "{dropped}");
        context.shutdown().unwrap();
        queue = messages(0..3);
        // libzmq looks for news now and then only, while it need not wait.
        while push.send_all(&mut queue).await.is_ok() {
            queue = messages(0..3);
        }
        assert_eq!(push.send_all(&mut queue).await, Err(Error::ETERM));
        let left = queue.len() as u32;
        assert!((1..=3).contains(&left));
        assert_eq!(queue.iter().map(number).next(), Some(3 - left));
    });
}
