//! Proxies that are awaited.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::{join, select, Either};
use zmq::aio::Proxy;
use zmq::{Context, Error, Kind, Multipart, Socket, DONTWAIT, POLLOUT};

use crate::cancel::{poll_times, whenever, Dropped};
use crate::common::inproc;
use crate::runtimes::{everywhere, tiny_queues, Work};

/// A socket for a proxy, and one that is connected to it.
fn side<A: Kind, B: Kind>(
    context: &Context,
    (bound, other): (A, B),
    prepare: impl Fn(&Socket, &Socket),
) -> (Socket<A>, Socket<B>) {
    let endpoint = inproc();
    let bound = context.socket(bound).unwrap();
    let other = context.socket(other).unwrap();
    prepare(bound.as_dyn(), other.as_dyn());
    bound.bind(&endpoint).unwrap();
    other.connect(&endpoint).unwrap();
    (bound, other)
}

/// Runs a proxy until `work` has ended.
async fn run_while(proxy: &mut Proxy<'_>, work: Work) {
    match select(work, Box::pin(proxy.run())).await {
        Either::Left(_) => {}
        Either::Right((ended, _)) => panic!("{ended:?}"),
    }
}

#[test]
fn a_broker_ends_when_it_is_dropped() {
    everywhere(|runtime| async move {
        const REQUESTS: u32 = 300;

        let context = Context::new();
        let (clients, client) = side(&context, (zmq::Router, zmq::Req), |_, _| ());
        let (workers, worker) = side(&context, (zmq::Dealer, zmq::Rep), |_, _| ());
        let (clients, workers) = (runtime.socket(clients), runtime.socket(workers));
        let (client, worker) = (
            Arc::new(runtime.socket(client)),
            Arc::new(runtime.socket(worker)),
        );
        let mut broker = Proxy::new(&clients, &workers);
        let work: Work = Box::pin({
            let (client, worker) = (Arc::clone(&client), Arc::clone(&worker));
            async move {
                for i in 0..REQUESTS {
                    client.send(format!("{i}")).await.unwrap();
                    let request = worker.recv_string().await.unwrap().unwrap();
                    worker.send(request + "!").await.unwrap();
                    let answer = client.recv_string().await.unwrap().unwrap();
                    assert_eq!(answer, format!("{i}!"));
                }
            }
        });
        run_while(&mut broker, work).await;
        let passed = broker.statistics();
        // A routing id, an empty frame, and the request.
        assert_eq!(passed.frontend.received.frames, 3 * u64::from(REQUESTS));
        assert_eq!(passed.backend.received, passed.frontend.sent);
        // Nobody passes anything on any more, and the sockets are whole.
        client.send("and now?").await.unwrap();
        let request = clients.recv_frames().await.unwrap();
        assert_eq!(request.back().unwrap().as_str(), Some("and now?"));
        workers.send_frames(request).await.unwrap();
        assert_eq!(worker.recv_bytes().await.unwrap(), b"and now?");
    });
}

/// However often it is dropped, and started again.
#[test]
fn nothing_is_lost_when_it_is_dropped() {
    everywhere(|runtime| async move {
        const MESSAGES: u32 = 400;

        let context = Context::new();
        let (from, source) = side(&context, (zmq::Pull, zmq::Push), tiny_queues);
        let (to, sink) = side(&context, (zmq::Push, zmq::Pull), tiny_queues);
        let (from, to) = (runtime.socket(from), runtime.socket(to));
        let mut proxy = Proxy::new(&from, &to);
        let message = |i: u32| Multipart::from([&i.to_ne_bytes()[..], &[7; 100], b""]);
        let (mut sent, mut received) = (0, 0);
        let mut step = || {
            // As many as there is room for, so that it holds one most of the time.
            while source.get_events().unwrap().contains(POLLOUT) {
                source.send_frames(message(sent), DONTWAIT).unwrap();
                sent += 1;
            }
            match sink.recv_frames(DONTWAIT) {
                Ok(next) => {
                    assert_eq!(next, message(received));
                    received += 1;
                }
                Err(error) => assert_eq!(error, Error::EAGAIN),
            }
            (sent, received)
        };
        for (polls, dropped) in whenever() {
            if step().1 >= MESSAGES {
                break;
            }
            let cause = |_| {
                step();
            };
            let runs = poll_times(Box::pin(proxy.run()), polls, dropped, cause).await;
            assert_eq!(runs, None);
            // It has not taken what it could not keep.
            let cause = |_| {
                step();
            };
            let _ = poll_times(Box::pin(proxy.flush()), polls, dropped, cause).await;
        }
        let (sent, mut received) = step();
        drop(source);
        while received < sent {
            let _ = poll_times(Box::pin(proxy.run()), 1, Dropped::Polled, |_| ()).await;
            if let Ok(next) = sink.recv_frames(DONTWAIT) {
                assert_eq!(next, message(received));
                received += 1;
            }
        }
        assert_eq!(proxy.statistics().backend.sent.frames, 3 * u64::from(sent));
    });
}

/// What it has taken is delivered without another run.
#[test]
fn what_it_holds_can_be_flushed() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (from, source) = side(&context, (zmq::Pull, zmq::Push), |_, _| ());
        let (to, sink) = side(&context, (zmq::Push, zmq::Pull), tiny_queues);
        let (from, to) = (runtime.socket(from), runtime.socket(to));
        let mut proxy = Proxy::new(&from, &to);
        for i in 0..10_u8 {
            source.send(vec![i], 0).unwrap();
        }
        let _ = poll_times(Box::pin(proxy.run()), 1, Dropped::Polled, |_| ()).await;
        let taken = proxy.statistics().frontend.received.frames;
        let sent = proxy.statistics().backend.sent.frames;
        assert_eq!(taken, sent + 1, "it holds one");
        let sink = Arc::new(runtime.socket(sink));
        let receives: Work = Box::pin({
            let sink = Arc::clone(&sink);
            async move {
                for i in 0..taken {
                    assert_eq!(sink.recv_bytes().await.unwrap(), [i as u8]);
                }
            }
        });
        let flushes: Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin(proxy.flush());
        let (flushed, ()) = join(flushes, receives).await;
        flushed.unwrap();
        assert_eq!(sink.socket().recv_bytes(DONTWAIT), Err(Error::EAGAIN));
        assert_eq!(from.recv_bytes().await.unwrap(), [taken as u8]);
    });
}

#[test]
fn a_capture_gets_copies() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (from, source) = side(&context, (zmq::Pull, zmq::Push), |_, _| ());
        let (to, sink) = side(&context, (zmq::Push, zmq::Pull), |_, _| ());
        let (capture, spy) = side(&context, (zmq::Push, zmq::Pull), tiny_queues);
        let (from, to) = (runtime.socket(from), runtime.socket(to));
        let capture = runtime.socket(capture);
        let (sink, spy) = (runtime.socket(sink), runtime.socket(spy));
        let mut proxy = Proxy::new(&from, &to).capture(&capture);
        let work: Work = Box::pin(async move {
            for i in 0..20 {
                source
                    .send_multipart([format!("{i}"), "x".into()], 0)
                    .unwrap();
            }
            for i in 0..20 {
                for socket in [&sink, &spy] {
                    assert_eq!(socket.recv_frames().await.unwrap(), [&format!("{i}"), "x"]);
                }
            }
        });
        run_while(&mut proxy, work).await;
    });
}

/// A socket on both sides sends back what it receives.
#[test]
fn one_socket_may_be_both_sides() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (echo, other) = side(&context, (zmq::Dealer, zmq::Dealer), |_, _| ());
        let (echo, other) = (runtime.socket(echo), runtime.socket(other));
        let mut proxy = Proxy::new(&echo, &echo);
        let work: Work = Box::pin(async move {
            other.send_multipart(["there", "and back"]).await.unwrap();
            assert_eq!(other.recv_frames().await.unwrap(), ["there", "and back"]);
        });
        run_while(&mut proxy, work).await;
    });
}

#[test]
fn it_ends_with_an_error() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let socket = |kind| runtime.socket(context.socket(kind).unwrap());
        let (one, other) = (socket(zmq::PUSH), socket(zmq::PUSH));
        assert_eq!(Proxy::new(&one, &other).run().await, Err(Error::EINVAL));
        let (one, other) = (socket(zmq::PULL), socket(zmq::PUSH));
        let ends = context.clone();
        let runs: Work = Box::pin(async move {
            let ended = Proxy::new(&one, &other).run().await;
            assert_eq!(ended, Err(Error::ETERM));
        });
        let ends: Work = Box::pin(async move { ends.shutdown().unwrap() });
        runtime.together(vec![runs, ends]).await;
    });
}

/// Two proxies over the same sockets, the other way round, do not wait for each other.
#[test]
fn proxies_share_sockets() {
    everywhere(|runtime| async move {
        const EACH: u32 = 1000;

        let context = Context::new();
        let (one, left) = side(&context, (zmq::Dealer, zmq::Dealer), tiny_queues);
        let (other, right) = side(&context, (zmq::Dealer, zmq::Dealer), tiny_queues);
        let sockets = Arc::new((runtime.socket(one), runtime.socket(other)));
        let mut work: Vec<Work> = Vec::new();
        for is_turned in [false, true] {
            let sockets = Arc::clone(&sockets);
            work.push(Box::pin(async move {
                let (one, other) = &*sockets;
                let mut proxy = match is_turned {
                    true => Proxy::new(other, one),
                    false => Proxy::new(one, other),
                };
                assert_eq!(proxy.run().await, Err(Error::ETERM));
            }));
        }
        let last = Arc::new(());
        for end in [left, right] {
            let end = Arc::new(runtime.socket(end));
            let sends = Arc::clone(&end);
            work.push(Box::pin(async move {
                for i in 0..EACH {
                    sends.send(format!("{i}")).await.unwrap();
                }
            }));
            let (last, context) = (Arc::clone(&last), context.clone());
            work.push(Box::pin(async move {
                let mut numbers = Vec::new();
                for _ in 0..EACH {
                    let message = end.recv_string().await.unwrap().unwrap();
                    numbers.push(message.parse::<u32>().unwrap());
                }
                // Each once, in whatever order two proxies leave them.
                numbers.sort();
                assert_eq!(numbers, (0..EACH).collect::<Vec<_>>());
                if Arc::into_inner(last).is_some() {
                    context.shutdown().unwrap();
                }
            }));
        }
        drop(last);
        runtime.together(work).await;
    });
}
