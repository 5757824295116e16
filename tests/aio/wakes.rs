//! Who waits is woken.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{mpsc, Arc};
use std::task::{Context as Task, Poll, Waker};
use std::thread;
use std::time::Duration;

use zmq::aio::AsyncSocket;
use zmq::{Context, Socket, POLLIN, POLLOUT};

use crate::common::{timed, LIMIT};
use crate::runtimes::{connected, everywhere, tiny_queues, Runtime, Work};
use crate::woken::Woken;

/// The times for which sockets spin before they wait: not at all, hardly ever long
/// enough, mostly, always.
const SPINS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_micros(1),
    Duration::from_millis(1),
    LIMIT,
];

#[test]
fn requests_are_answered() {
    everywhere(|runtime| async move {
        for client in SPINS {
            for server in SPINS {
                requests_are_answered_by(runtime, client, server).await;
            }
        }
    });
}

async fn requests_are_answered_by(runtime: Runtime, client: Duration, server: Duration) {
    let context = Context::new();
    let prepare = |asks: &Socket, serves: &Socket| {
        asks.set_spin(client);
        serves.set_spin(server);
    };
    let (client, server) = connected(runtime, &context, (zmq::Req, zmq::Rep), prepare);
    let serves = async move {
        for i in 0..100 {
            assert_eq!(
                server.recv_bytes().await.unwrap(),
                format!("{i}").as_bytes()
            );
            server.send(format!("{i}!")).await.unwrap();
        }
    };
    let asks = async move {
        for i in 0..100 {
            client.send(format!("{i}")).await.unwrap();
            assert_eq!(
                client.recv_bytes().await.unwrap(),
                format!("{i}!").as_bytes()
            );
        }
    };
    runtime
        .together(vec![Box::pin(serves), Box::pin(asks)])
        .await;
}

/// Both directions of one socket are busy in tasks of their own, and every message
/// of both arrives once and in its order, however small the queues.
#[test]
fn no_wake_up_is_lost() {
    everywhere(|runtime| async move {
        for time in SPINS {
            no_wake_up_is_lost_to(runtime, time).await;
        }
    });
}

async fn no_wake_up_is_lost_to(runtime: Runtime, time: Duration) {
    const MESSAGES: u32 = 1000;
    let context = Context::new();
    let mut work: Vec<Work> = Vec::new();
    let prepare = |one: &Socket, other: &Socket| {
        tiny_queues(one, other);
        one.set_spin(time);
        other.set_spin(time);
    };
    for _ in 0..4 {
        let (one, other) = connected(runtime, &context, (zmq::Dealer, zmq::Dealer), prepare);
        for socket in [Arc::new(one), Arc::new(other)] {
            let sends = Arc::clone(&socket);
            work.push(Box::pin(async move {
                for i in 0..MESSAGES {
                    let padding = vec![0; (i % 7 * 1000) as usize];
                    let frames = [&i.to_ne_bytes()[..], &padding];
                    sends.send_multipart(frames).await.unwrap();
                }
            }));
            work.push(Box::pin(async move {
                for i in 0..MESSAGES {
                    let message = socket.recv_frames().await.unwrap();
                    assert_eq!(message[0][..], i.to_ne_bytes());
                    assert_eq!(message[1].len(), (i % 7 * 1000) as usize);
                }
            }));
        }
    }
    runtime.together(work).await;
}

/// What one task does takes the news from another that waits, and must pass it on:
/// here no reactor runs in between, which would hide that.
#[test]
fn news_for_others_are_passed_on() {
    timed(|| {
        let context = Context::new();
        type Takes = fn(&AsyncSocket<zmq::Dealer>, &mut Task<'_>);
        let takes: [(&str, Takes); 3] = [
            ("looks", |socket, task| {
                assert_eq!(
                    pin!(socket.ready(POLLOUT)).poll(task),
                    Poll::Ready(Ok(POLLOUT))
                );
            }),
            ("sends", |socket, task| {
                // libzmq looks for news no more often than each millisecond or so.
                thread::sleep(Duration::from_millis(20));
                assert_eq!(pin!(socket.send("news")).poll(task), Poll::Ready(Ok(())));
            }),
            ("reads an option", |socket, _| {
                assert!(socket.socket().get_events().unwrap().contains(POLLIN));
            }),
        ];
        for (what, take) in takes {
            Runtime::Tokio.block_on(async {
                let (socket, other) = connected(
                    Runtime::Tokio,
                    &context,
                    (zmq::Dealer, zmq::Dealer),
                    |_, _| (),
                );
                let other = other.into_socket();
                let fd = socket.socket().get_fd().unwrap();
                let (woken, waker) = Woken::new();
                let mut receive = pin!(socket.recv_bytes());
                // Until all that comes with the connection is done with.
                socket.ready(POLLOUT).await.unwrap();
                other.recv_bytes(zmq::DONTWAIT).unwrap_err();
                assert!(receive
                    .as_mut()
                    .poll(&mut Task::from_waker(&waker))
                    .is_pending());
                other.send("hello", 0).unwrap();
                let mut item = [zmq::PollItem::from_fd(fd, POLLIN)];
                assert_eq!(zmq::poll(&mut item, LIMIT.as_millis() as i64 / 2), Ok(1));

                woken.is();
                take(&socket, &mut Task::from_waker(Waker::noop()));
                assert!(woken.is(), "{what}");
                let received = receive.as_mut().poll(&mut Task::from_waker(&waker));
                assert_eq!(received, Poll::Ready(Ok(b"hello".to_vec())));
            });
        }
    });
}

/// Several tasks receive from one socket, and several send by one.
#[test]
fn tasks_share_a_socket() {
    everywhere(|runtime| async move {
        const EACH: usize = 500;
        let context = Context::new();
        let (push, pull) = connected(runtime, &context, (zmq::Push, zmq::Pull), tiny_queues);
        let (push, pull) = (Arc::new(push), Arc::new(pull));
        let (done, received) = mpsc::channel();
        let mut work: Vec<Work> = Vec::new();
        for task in 0..4 {
            let (push, pull, done) = (Arc::clone(&push), Arc::clone(&pull), done.clone());
            work.push(Box::pin(async move {
                for i in 0..EACH {
                    push.send(format!("{task} {i}")).await.unwrap();
                }
            }));
            work.push(Box::pin(async move {
                for _ in 0..EACH {
                    done.send(pull.recv_bytes().await.unwrap()).unwrap();
                }
            }));
        }
        runtime.together(work).await;
        drop(done);
        let mut counts = HashMap::new();
        for message in received {
            *counts.entry(message).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 4 * EACH);
        assert!(counts.values().all(|&count| count == 1));
    });
}
