//! Sockets that are awaited, each test in smol and in three sorts of tokio's runtime.
#![cfg(all(unix, feature = "tokio", feature = "async-io"))]

mod common;

use std::collections::HashMap;
use std::future::Future;
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc};
use std::task::{Context as Task, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use common::{bind_tcp, inproc, timed, LIMIT};
use futures_util::{Sink, SinkExt, StreamExt};
use zmq::aio::AsyncSocket;
use zmq::{Context, Error, Kind, MonitorEventKind, Multipart, Socket, POLLIN, POLLOUT};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where tasks run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Runtime {
    /// All in one thread.
    Tokio,
    /// In four.
    TokioThreads,
    /// In one, where they need not be `Send`.
    LocalSet,
    Smol,
}

const ALL: [Runtime; 4] = [
    Runtime::Tokio,
    Runtime::TokioThreads,
    Runtime::LocalSet,
    Runtime::Smol,
];

impl Runtime {
    fn socket<K: Kind>(self, socket: Socket<K>) -> AsyncSocket<K> {
        match self {
            Runtime::Smol => socket.into_async_io().unwrap(),
            _ => socket.into_tokio().unwrap(),
        }
    }

    fn block_on(self, work: impl Future<Output = ()>) {
        use tokio::runtime::Builder;

        match self {
            Runtime::Tokio => Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(work),
            Runtime::TokioThreads => Builder::new_multi_thread()
                .worker_threads(4)
                .enable_all()
                .build()
                .unwrap()
                .block_on(work),
            Runtime::LocalSet => {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                tokio::task::LocalSet::new().block_on(&runtime, work);
            }
            Runtime::Smol => smol::block_on(work),
        }
    }

    /// Runs tasks side by side until all have ended.
    async fn together(self, work: Vec<Work>) {
        if self == Runtime::Smol {
            let tasks: Vec<_> = work.into_iter().map(smol::spawn).collect();
            for task in tasks {
                task.await;
            }
            return;
        }
        let spawn = |work| match self {
            Runtime::LocalSet => tokio::task::spawn_local(work),
            _ => tokio::spawn(work),
        };
        let tasks: Vec<_> = work.into_iter().map(spawn).collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
}

/// Runs a test in each runtime.
fn everywhere<F: Future<Output = ()> + 'static>(test: fn(Runtime) -> F) {
    timed(move || {
        for runtime in ALL {
            runtime.block_on(test(runtime));
        }
    });
}

fn connected<A: Kind, B: Kind>(
    runtime: Runtime,
    context: &Context,
    (one, other): (A, B),
    prepare: impl Fn(&Socket, &Socket),
) -> (AsyncSocket<A>, AsyncSocket<B>) {
    let (one, other) = (context.socket(one).unwrap(), context.socket(other).unwrap());
    prepare(one.as_dyn(), other.as_dyn());
    let endpoint = bind_tcp(&other);
    one.connect(&endpoint).unwrap();
    (runtime.socket(one), runtime.socket(other))
}

/// Queues of one message each.
fn tiny_queues(one: &Socket, other: &Socket) {
    for socket in [one, other] {
        socket.set_sndhwm(1).unwrap();
        socket.set_rcvhwm(1).unwrap();
    }
}

#[test]
fn requests_are_answered() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (client, server) = connected(runtime, &context, (zmq::Req, zmq::Rep), |_, _| ());
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
    });
}

/// Both directions of one socket are busy in tasks of their own, and every message
/// of both arrives once and in its order, however small the queues.
#[test]
fn no_wake_up_is_lost() {
    everywhere(|runtime| async move {
        const MESSAGES: u32 = 5000;
        let context = Context::new();
        let mut work: Vec<Work> = Vec::new();
        for _ in 0..4 {
            let (one, other) =
                connected(runtime, &context, (zmq::Dealer, zmq::Dealer), tiny_queues);
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
    });
}

/// Whether a task was woken.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Woken>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Woken {
    fn new() -> (Arc<Woken>, Waker) {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        (Arc::clone(&woken), woken.into())
    }

    /// Since the last time.
    fn is(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
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

/// Halves are streams and sinks, which hold back when the queues are full.
#[test]
fn halves_stream_and_sink() {
    everywhere(|runtime| async move {
        const MESSAGES: u32 = 1000;
        let context = Context::new();
        let small = |one: &Socket, other: &Socket| {
            one.set_sndhwm(2).unwrap();
            other.set_rcvhwm(2).unwrap();
            one.set_sndbuf(4096).unwrap();
            other.set_rcvbuf(4096).unwrap();
        };
        let (one, other) = connected(runtime, &context, (zmq::Dealer, zmq::Dealer), small);
        let ((mut sink, back), (forth, mut stream)) = (one.into_split(), other.into_split());
        // So much is never on its way at once: the sink says that it is full.
        let body = vec![7; 100_000];
        let mut started = 0;
        let mut full = None;
        let task = &mut Task::from_waker(Waker::noop());
        for i in 0..MESSAGES {
            match Pin::new(&mut sink).poll_ready(task) {
                Poll::Ready(ready) => ready.unwrap(),
                Poll::Pending => {
                    full = Some(i);
                    break;
                }
            }
            let message = Multipart::from(vec![i.to_ne_bytes().to_vec(), body.clone()]);
            Pin::new(&mut sink).start_send(message).unwrap();
            started += 1;
        }
        assert!(full.is_some_and(|full| full > 1), "{full:?}");

        let sends = async move {
            for i in started..MESSAGES {
                let body = Multipart::from(vec![i.to_ne_bytes().to_vec(), vec![7; 1000]]);
                SinkExt::send(&mut sink, body).await.unwrap();
            }
            sink.close().await.unwrap();
            // What comes back, by the other half of the same socket.
            assert_eq!(back.recv_bytes().await.unwrap(), b"all there");
            let whole = sink.reunite(back).unwrap().into_socket();
            assert_eq!(whole.get_socket_type(), Ok(zmq::DEALER));
        };
        let receives = async move {
            for i in 0..MESSAGES {
                let message = stream.next().await.unwrap().unwrap();
                assert_eq!(message[0][..], i.to_ne_bytes());
            }
            forth.send("all there").await.unwrap();
        };
        runtime
            .together(vec![Box::pin(sends), Box::pin(receives)])
            .await;
    });
}

#[test]
fn a_stream_ends_with_its_context() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (push, pull) = connected(runtime, &context, (zmq::Push, zmq::Pull), |_, _| ());
        let (_, mut stream) = pull.into_split();
        push.send("the last").await.unwrap();
        let received: Multipart = stream.next().await.unwrap().unwrap();
        assert_eq!(received, ["the last"]);
        let receives = async move { assert!(stream.next().await.is_none()) };
        let ends = async move { context.shutdown().unwrap() };
        runtime
            .together(vec![Box::pin(receives), Box::pin(ends)])
            .await;
    });
}

#[test]
fn halves_of_two_sockets_do_not_unite() {
    timed(|| {
        let context = Context::new();
        let halves = || {
            let socket = context.socket(zmq::Dealer).unwrap();
            socket.into_async_io().unwrap().into_split()
        };
        let ((one, one_receives), (other, other_receives)) = (halves(), halves());
        let (one, other_receives) = one.reunite(other_receives).unwrap_err();
        one.reunite(one_receives).unwrap();
        other.reunite(other_receives).unwrap();
    });
}

#[test]
fn monitors_are_streams() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let pull = context.socket(zmq::Pull).unwrap();
        let monitor = pull.monitor_socket(zmq::SocketEvent::ALL as i32).unwrap();
        let mut monitor = match runtime {
            Runtime::Smol => monitor.into_async_io().unwrap(),
            _ => monitor.into_tokio().unwrap(),
        };
        let endpoint = bind_tcp(&pull);
        let listening = monitor.recv().await.unwrap();
        assert!(matches!(listening.kind, MonitorEventKind::Listening { .. }));
        assert_eq!(listening.endpoint(), endpoint);
        let push = context.socket(zmq::Push).unwrap();
        push.connect(&endpoint).unwrap();
        let mut kinds = Vec::new();
        while !matches!(kinds.last(), Some(MonitorEventKind::HandshakeSucceeded)) {
            kinds.push(monitor.next().await.unwrap().unwrap().kind);
        }
        assert!(
            matches!(kinds[0], MonitorEventKind::Accepted { .. }),
            "{kinds:?}"
        );
        drop(pull);
        while let Some(event) = monitor.next().await {
            kinds.push(event.unwrap().kind);
        }
        let last = kinds.last().unwrap();
        assert!(
            matches!(last, MonitorEventKind::MonitorStopped),
            "{kinds:?}"
        );
    });
}

#[test]
fn the_end_of_a_context_wakes_everybody() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (dealer, _other) =
            connected(runtime, &context, (zmq::Dealer, zmq::Dealer), |one, _| {
                one.set_sndhwm(1).unwrap();
            });
        let dealer = Arc::new(dealer);
        let mut work: Vec<Work> = Vec::new();
        for _ in 0..3 {
            let dealer = Arc::clone(&dealer);
            work.push(Box::pin(async move {
                assert_eq!(dealer.recv_msg().await, Err(Error::ETERM));
                assert_eq!(dealer.recv_msg().await, Err(Error::ETERM));
                assert_eq!(dealer.ready(POLLIN).await, Err(Error::ETERM));
            }));
        }
        let ends = context.clone();
        work.push(Box::pin(async move { ends.shutdown().unwrap() }));
        runtime.together(work).await;
    });
}

#[test]
fn it_says_what_it_is_ready_for() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (one, other) = connected(runtime, &context, (zmq::Dealer, zmq::Dealer), |_, _| ());
        assert_eq!(one.ready(POLLIN | POLLOUT).await, Ok(POLLOUT));
        one.send("news").await.unwrap();
        assert_eq!(other.ready(POLLIN).await, Ok(POLLIN));
        let mut bytes = [0; 2];
        assert_eq!(other.recv_into(&mut bytes).await, Ok(4));
        assert_eq!(&bytes, b"ne");
        // Options and endpoints are those of the socket.
        let endpoint = inproc();
        other.socket().bind(&endpoint).unwrap();
        one.socket().connect(&endpoint).unwrap();
        assert_eq!(one.socket().get_socket_type(), Ok(zmq::DEALER));
        let message = Multipart::from(["several", "frames"]);
        one.send_frames(message.clone()).await.unwrap();
        assert_eq!(
            other.recv_multipart().await.unwrap(),
            [&b"several"[..], b"frames"]
        );
    });
}

#[test]
fn what_cannot_be_says_so() {
    let socket = || Context::new().socket(zmq::Pull).unwrap();
    let outside = socket().into_tokio().unwrap_err();
    assert!(
        outside.to_string().contains("no tokio runtime here"),
        "{outside}"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let without = runtime.block_on(async { socket().into_tokio().unwrap_err() });
    assert!(without.to_string().contains("enable_io"), "{without}");
    let context = Context::new();
    let pull = context.socket(zmq::Pull).unwrap();
    context.shutdown().unwrap();
    let ended = pull.into_async_io().unwrap();
    assert_eq!(smol::block_on(ended.recv_msg()), Err(Error::ETERM));
}

/// Which of the two ends first does not matter.
#[test]
fn a_socket_may_outlive_its_runtime() {
    timed(|| {
        let context = Context::new();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (push, pull) = runtime.block_on(async {
            connected(Runtime::Tokio, &context, (zmq::Push, zmq::Pull), |_, _| ())
        });
        drop(runtime);
        smol::block_on(async {
            let canceled = pull.recv_msg().await.unwrap_err();
            assert_eq!(canceled.to_raw(), libc::ECANCELED);
            // What need not wait works.
            push.ready(POLLOUT).await.unwrap_or(POLLOUT);
        });
        let (push, pull) = (push.into_socket(), pull.into_socket());
        push.send("without a runtime", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"without a runtime");
        let pull = pull.into_async_io().unwrap();
        push.send("in another", 0).unwrap();
        assert_eq!(smol::block_on(pull.recv_bytes()).unwrap(), b"in another");
    });
}

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
        let while_idle = Duration::from_millis(200);
        match runtime {
            Runtime::Smol => drop(smol::Timer::after(while_idle).await),
            _ => tokio::time::sleep(while_idle).await,
        }
        assert!(!woken.is());
    });
}
