//! Proxies: what passes, who may steer them, and what happens to messages that
//! find no room.

mod common;

use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::{bind_tcp, inproc, timed, LIMIT};
use zmq::{Context, Error, Proxy, ProxyHandle, Pull, Push, Result, Socket, SocketType, POLLIN};

/// A frontend, a backend, and where they are bound.
fn ends(context: &Context, front: SocketType, back: SocketType) -> ([Socket; 2], [String; 2]) {
    let sockets = [front, back].map(|kind| context.socket(kind).unwrap());
    let endpoints = [inproc(), inproc()];
    for (socket, endpoint) in sockets.iter().zip(&endpoints) {
        socket.bind(endpoint).unwrap();
    }
    (sockets, endpoints)
}

fn connect<K: zmq::Kind>(context: &Context, kind: K, endpoint: &str) -> Socket<K> {
    let socket = context.socket(kind).unwrap();
    socket.connect(endpoint).unwrap();
    socket
}

/// A proxy that a handle steers, in a thread.
fn start([front, back]: [Socket; 2], handle: &ProxyHandle) -> JoinHandle<Result<()>> {
    let handle = handle.clone();
    thread::spawn(move || Proxy::new(&front, &back).handle(&handle).run())
}

/// A streamer that a handle steers, and the ends of it.
fn streamer(
    context: &Context,
    handle: &ProxyHandle,
) -> (JoinHandle<Result<()>>, Socket<Push>, Socket<Pull>) {
    let (sockets, [front, back]) = ends(context, zmq::PULL, zmq::PUSH);
    let proxy = start(sockets, handle);
    (
        proxy,
        connect(context, Push, &front),
        connect(context, Pull, &back),
    )
}

#[test]
fn a_broker_passes_requests_and_replies() {
    timed(|| {
        let context = Context::new();
        let (sockets, [front, back]) = ends(&context, zmq::ROUTER, zmq::DEALER);
        let [frontend, backend] = sockets;
        let broker = thread::spawn(move || zmq::proxy(&frontend, &backend));
        let workers: Vec<_> = (0..2).map(|_| connect(&context, zmq::Rep, &back)).collect();
        let client = connect(&context, zmq::Req, &front);
        for worker in workers.iter().chain(&workers) {
            client.send_multipart(["question", "", "?"], 0).unwrap();
            let question = worker.recv_multipart(0).unwrap();
            assert_eq!(question, [&b"question"[..], b"", b"?"]);
            worker.send_multipart(["answer", ""], 0).unwrap();
            assert_eq!(client.recv_multipart(0).unwrap(), [&b"answer"[..], b""]);
        }
        context.shutdown().unwrap();
        assert_eq!(broker.join().unwrap(), Err(Error::ETERM));
    });
}

#[test]
fn a_forwarder_passes_subscriptions_up_and_messages_down() {
    timed(|| {
        let context = Context::new();
        let ([frontend, backend], [front, back]) = ends(&context, zmq::XSUB, zmq::XPUB);
        let _forwarder = thread::spawn(move || zmq::proxy(&frontend, &backend));
        let publisher = connect(&context, zmq::XPub, &front);
        let subscriber = connect(&context, zmq::Sub, &back);
        subscriber.set_subscribe(b"A").unwrap();
        assert_eq!(publisher.recv_bytes(0).unwrap(), b"\x01A");
        publisher.send("B, not wanted", 0).unwrap();
        publisher.send("A, wanted", 0).unwrap();
        assert_eq!(subscriber.recv_bytes(0).unwrap(), b"A, wanted");
        context.shutdown().unwrap();
    });
}

#[test]
fn rep_and_req_can_be_joined() {
    timed(|| {
        let context = Context::new();
        let ([frontend, backend], [front, back]) = ends(&context, zmq::REP, zmq::REQ);
        let _proxy = thread::spawn(move || zmq::proxy(&frontend, &backend));
        let client = connect(&context, zmq::Req, &front);
        let server = connect(&context, zmq::Rep, &back);
        for _ in 0..3 {
            client.send("question", 0).unwrap();
            assert_eq!(server.recv_bytes(0).unwrap(), b"question");
            server.send("answer", 0).unwrap();
            assert_eq!(client.recv_bytes(0).unwrap(), b"answer");
        }
        context.shutdown().unwrap();
    });
}

#[test]
fn one_socket_is_sent_back_what_it_received() {
    timed(|| {
        let context = Context::new();
        let socket = context.socket(zmq::Pair).unwrap();
        let endpoint = bind_tcp(&socket);
        let _echo = thread::spawn(move || zmq::proxy(&socket, &socket));
        let client = connect(&context, zmq::Pair, &endpoint);
        client.send_multipart(["to", "and fro"], 0).unwrap();
        assert_eq!(client.recv_multipart(0).unwrap(), [&b"to"[..], b"and fro"]);
        context.shutdown().unwrap();
    });
}

#[test]
fn two_sockets_that_cannot_pass_anything_are_an_error() {
    let context = Context::new();
    for (front, back) in [
        (zmq::PUSH, zmq::PUSH),
        (zmq::PULL, zmq::PULL),
        (zmq::PUB, zmq::PUSH),
        (zmq::SUB, zmq::PULL),
    ] {
        let ([front, back], _) = ends(&context, front, back);
        assert_eq!(zmq::proxy(&front, &back), Err(Error::EINVAL));
    }
}

#[test]
fn the_capture_socket_gets_every_frame_of_both_directions() {
    timed(|| {
        let context = Context::new();
        let ([mut frontend, mut backend], [front, back]) = ends(&context, zmq::ROUTER, zmq::DEALER);
        let (mut capture, endpoint) = (context.socket(zmq::PUSH).unwrap(), inproc());
        capture.bind(&endpoint).unwrap();
        let _proxy = thread::spawn(move || {
            zmq::proxy_with_capture(&mut frontend, &mut backend, &mut capture)
        });
        let captured = connect(&context, Pull, &endpoint);
        let client = context.socket(zmq::Req).unwrap();
        client.set_identity(b"client").unwrap();
        client.connect(&front).unwrap();
        let server = connect(&context, zmq::Rep, &back);
        client.send_multipart(["question", "?"], 0).unwrap();
        server.recv_multipart(0).unwrap();
        server.send("answer", 0).unwrap();
        client.recv_multipart(0).unwrap();
        let expected = [&b"client"[..], b"", b"question", b"?"];
        assert_eq!(captured.recv_multipart(0).unwrap(), expected);
        let expected = [&b"client"[..], b"", b"answer"];
        assert_eq!(captured.recv_multipart(0).unwrap(), expected);
        context.shutdown().unwrap();
    });
}

/// Asks for the statistics: the eight numbers.
fn statistics(control: &Socket) -> Vec<u64> {
    control.send("STATISTICS", 0).unwrap();
    let frames = control.recv_multipart(0).unwrap();
    let number = |frame: Vec<u8>| u64::from_ne_bytes(frame.try_into().unwrap());
    frames.into_iter().map(number).collect()
}

/// A steerable streamer, its peers, and the other end of its control socket.
fn steerable(
    context: &Context,
    control: SocketType,
    steers: SocketType,
) -> (JoinHandle<Result<()>>, Socket<Push>, Socket<Pull>, Socket) {
    let ([mut frontend, mut backend], [front, back]) = ends(context, zmq::PULL, zmq::PUSH);
    let (mut control, endpoint) = (context.socket(control).unwrap(), inproc());
    control.bind(&endpoint).unwrap();
    if control.get_socket_type() == Ok(zmq::SUB) {
        control.set_subscribe(b"").unwrap();
    }
    let proxy =
        thread::spawn(move || zmq::proxy_steerable(&mut frontend, &mut backend, &mut control));
    let push = connect(context, Push, &front);
    let pull = connect(context, Pull, &back);
    let steers = connect(context, steers, &endpoint);
    push.send_multipart(["first", ""], 0).unwrap();
    assert_eq!(pull.recv_multipart(0).unwrap(), [&b"first"[..], b""]);
    (proxy, push, pull, steers)
}

#[test]
fn a_rep_socket_steers_and_always_replies() {
    timed(|| {
        let context = Context::new();
        let (proxy, push, pull, control) = steerable(&context, zmq::REP, zmq::REQ);
        let tell = |command: &str| {
            control.send(command, 0).unwrap();
            assert_eq!(control.recv_multipart(0).unwrap(), [b""]);
        };
        assert_eq!(statistics(&control), [2, 5, 0, 0, 0, 0, 2, 5]);
        tell("PAUSE");
        push.send("second", 0).unwrap();
        tell("no such command");
        assert_eq!(statistics(&control), [2, 5, 0, 0, 0, 0, 2, 5]);
        assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
        tell("RESUME");
        assert_eq!(pull.recv_bytes(0).unwrap(), b"second");
        tell("PAUSE");
        tell("PAUSE");
        push.send("third", 0).unwrap();
        assert_eq!(statistics(&control), [3, 11, 0, 0, 0, 0, 3, 11]);
        tell("RESUME");
        tell("RESUME");
        assert_eq!(pull.recv_bytes(0).unwrap(), b"third");
        tell("TERMINATE");
        assert_eq!(proxy.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_pair_socket_steers_and_replies_with_statistics_only() {
    timed(|| {
        let context = Context::new();
        let (proxy, push, pull, control) = steerable(&context, zmq::PAIR, zmq::PAIR);
        control.send("PAUSE", 0).unwrap();
        // The answer shows that the proxy has paused.
        assert_eq!(statistics(&control), [2, 5, 0, 0, 0, 0, 2, 5]);
        push.send("second", 0).unwrap();
        assert_eq!(statistics(&control), [2, 5, 0, 0, 0, 0, 2, 5]);
        assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
        control.send("RESUME", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"second");
        control.send("TERMINATE", 0).unwrap();
        assert_eq!(proxy.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_sub_socket_steers_and_ignores_what_it_could_not_answer() {
    timed(|| {
        let context = Context::new();
        let (proxy, push, pull, control) = steerable(&context, zmq::SUB, zmq::XPUB);
        assert_eq!(control.recv_bytes(0).unwrap(), b"\x01");
        control.send("PAUSE", 0).unwrap();
        control.send("STATISTICS", 0).unwrap();
        control.send("RESUME", 0).unwrap();
        push.send("second", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"second");
        control.send("TERMINATE", 0).unwrap();
        assert_eq!(proxy.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_proxy_may_be_steered_and_captured() {
    timed(|| {
        let context = Context::new();
        let ([mut frontend, mut backend], [front, back]) = ends(&context, zmq::PULL, zmq::PUSH);
        let (mut capture, capture_endpoint) = (context.socket(zmq::PUSH).unwrap(), inproc());
        capture.bind(&capture_endpoint).unwrap();
        let (mut control, control_endpoint) = (context.socket(zmq::REP).unwrap(), inproc());
        control.bind(&control_endpoint).unwrap();
        let proxy = thread::spawn(move || {
            zmq::proxy_steerable_with_capture(
                &mut frontend,
                &mut backend,
                &mut capture,
                &mut control,
            )
        });
        let push = connect(&context, Push, &front);
        let pull = connect(&context, Pull, &back);
        let captured = connect(&context, Pull, &capture_endpoint);
        let steers = connect(&context, zmq::Req, &control_endpoint);
        push.send("job", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"job");
        assert_eq!(captured.recv_bytes(0).unwrap(), b"job");
        steers.send("TERMINATE", 0).unwrap();
        assert_eq!(proxy.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_handle_steers_from_another_thread() {
    timed(|| {
        let context = Context::new();
        let handle = ProxyHandle::new().unwrap();
        let (proxy, push, pull) = streamer(&context, &handle);
        for i in 1..=100_u64 {
            push.send_multipart(["ten", "bytes.."], 0).unwrap();
            assert_eq!(pull.recv_multipart(0).unwrap(), [&b"ten"[..], b"bytes.."]);
            handle.pause();
            let statistics = handle.statistics();
            assert_eq!(statistics.frontend.received, statistics.backend.sent);
            assert_eq!(statistics.frontend.received.frames, 3 * i - 1);
            assert_eq!(statistics.frontend.received.bytes, 10 * i + 4 * (i - 1));
            assert_eq!(statistics.backend.received.frames, 0);
            push.send("late", 0).unwrap();
            assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
            handle.resume();
            assert_eq!(pull.recv_bytes(0).unwrap(), b"late");
        }
        handle.terminate();
        assert_eq!(proxy.join().unwrap(), Ok(()));
        // Nobody is there to listen any more.
        handle.pause();
        handle.resume();
    });
}

#[test]
fn a_handle_may_be_used_before_the_proxy_runs() {
    timed(|| {
        let context = Context::new();
        let ([frontend, backend], [front, back]) = ends(&context, zmq::PULL, zmq::PUSH);
        let handle = ProxyHandle::new().unwrap();
        let push = connect(&context, Push, &front);
        let pull = connect(&context, Pull, &back);
        push.send("job", 0).unwrap();
        let mut proxy = Proxy::new(&frontend, &backend).handle(&handle);
        handle.terminate();
        assert_eq!(proxy.run(), Ok(()));
        assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));

        handle.pause();
        let other = handle.clone();
        let ends = thread::spawn(move || {
            assert_eq!(pull.poll(POLLIN, 50), Ok(0), "it has not paused");
            other.resume();
            assert_eq!(pull.recv_bytes(0).unwrap(), b"job");
            other.terminate();
        });
        assert_eq!(proxy.run(), Ok(()));
        ends.join().unwrap();
    });
}

#[test]
fn a_handle_steers_one_proxy_at_a_time() {
    timed(|| {
        let context = Context::new();
        let handle = ProxyHandle::new().unwrap();
        let (proxy, push, pull) = streamer(&context, &handle);
        push.send("it runs", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"it runs");
        let ([frontend, backend], _) = ends(&context, zmq::PULL, zmq::PUSH);
        let mut second = Proxy::new(&frontend, &backend).handle(&handle);
        assert_eq!(second.run(), Err(Error::EBUSY));
        handle.terminate();
        assert_eq!(proxy.join().unwrap(), Ok(()));
    });
}

#[test]
fn shutting_down_ends_a_proxy_that_has_paused() {
    timed(|| {
        let context = Context::new();
        let (sockets, _) = ends(&context, zmq::PULL, zmq::PUSH);
        let handle = ProxyHandle::new().unwrap();
        handle.pause();
        let proxy = start(sockets, &handle);
        handle.pause();
        // Time for it to wait, not knowing of what comes.
        thread::sleep(Duration::from_millis(50));
        context.shutdown().unwrap();
        assert_eq!(proxy.join().unwrap(), Err(Error::ETERM));
    });
}

/// Marks of 1 on every side, so that there is room for few messages.
fn narrow(socket: &Socket) {
    let _ = socket.set_sndhwm(1);
    let _ = socket.set_rcvhwm(1);
}

#[test]
fn messages_wait_where_they_are_until_there_is_room() {
    timed(|| {
        let context = Context::new();
        let [frontend, backend] = [zmq::PULL, zmq::PUSH].map(|kind| {
            let socket = context.socket(kind).unwrap();
            narrow(&socket);
            socket
        });
        let (front, back) = (inproc(), inproc());
        frontend.bind(&front).unwrap();
        backend.bind(&back).unwrap();
        let handle = ProxyHandle::new().unwrap();
        let proxy = start([frontend, backend], &handle);
        let push = context.socket(zmq::PUSH).unwrap();
        narrow(&push);
        push.connect(&front).unwrap();
        // Nobody takes anything out: what fits in is bounded, and the proxy takes
        // none.
        let mut sent = 0_u32;
        push.set_sndtimeo(100).unwrap();
        while push.send(&sent.to_ne_bytes()[..], 0).is_ok() {
            sent += 1;
            assert!(sent < 10, "there is no end to it");
        }
        handle.pause();
        assert_eq!(handle.statistics().frontend.received.frames, 0);
        handle.resume();
        let pull = context.socket(zmq::PULL).unwrap();
        narrow(&pull);
        pull.connect(&back).unwrap();
        push.set_sndtimeo(LIMIT.as_millis() as i32).unwrap();
        for i in 0..1000_u32 {
            if i + sent < 1000 {
                push.send(&(sent + i).to_ne_bytes()[..], 0).unwrap();
            }
            assert_eq!(pull.recv_bytes(0).unwrap(), i.to_ne_bytes());
        }
        handle.terminate();
        assert_eq!(proxy.join().unwrap(), Ok(()));
    });
}

#[test]
fn what_a_terminated_proxy_holds_is_sent_by_the_next_run_or_by_flush() {
    timed(|| {
        let context = Context::new();
        let (frontend, backend) = (
            context.socket(zmq::PULL).unwrap(),
            context.socket(zmq::PUSH).unwrap(),
        );
        backend.set_sndhwm(1).unwrap();
        let (front, back) = (inproc(), inproc());
        frontend.bind(&front).unwrap();
        backend.bind(&back).unwrap();
        let push = connect(&context, Push, &front);
        let pull = context.socket(Pull).unwrap();
        pull.set_rcvhwm(1).unwrap();
        pull.connect(&back).unwrap();
        for i in 0..100_u8 {
            push.send_multipart([&[i][..], b"and more"], 0).unwrap();
        }
        let handle = ProxyHandle::new().unwrap();
        let mut proxy = Proxy::new(&frontend, &backend).handle(&handle);
        let mut next = 0;
        for round in 0.. {
            // The proxy fills what room there is, and is terminated when it waits.
            let other = handle.clone();
            let ender = thread::spawn(move || {
                let mut before = other.statistics();
                loop {
                    other.pause();
                    other.resume();
                    let now = other.statistics();
                    if now == before && now.frontend.received.frames > 0 {
                        break other.terminate();
                    }
                    before = now;
                }
            });
            assert_eq!(proxy.run(), Ok(()));
            ender.join().unwrap();
            if round % 2 == 0 {
                backend.set_sndtimeo(0).unwrap();
                // It may hold nothing, if the room ended with a burst.
                let flushed = proxy.flush();
                assert!(
                    matches!(flushed, Ok(()) | Err(Error::EAGAIN)),
                    "{flushed:?}"
                );
            }
            while let Ok(frames) = pull.recv_multipart(zmq::DONTWAIT) {
                assert_eq!(frames, [&[next][..], b"and more"]);
                next += 1;
            }
            if next == 100 {
                break;
            }
        }
    });
}

#[test]
fn a_refused_message_is_dropped_whole() {
    timed(|| {
        let context = Context::new();
        let ([frontend, backend], [front, back]) = ends(&context, zmq::PULL, zmq::ROUTER);
        backend.set_router_mandatory(true).unwrap();
        let push = connect(&context, Push, &front);
        let peer = context.socket(zmq::Dealer).unwrap();
        peer.set_identity(b"peer").unwrap();
        peer.connect(&back).unwrap();
        let (capture, endpoint) = (context.socket(Push).unwrap(), inproc());
        capture.bind(&endpoint).unwrap();
        let captured = connect(&context, Pull, &endpoint);
        push.send_multipart(["nobody", "peer", "lost"], 0).unwrap();
        push.send_multipart(["peer", "arrives"], 0).unwrap();

        let handle = ProxyHandle::new().unwrap();
        let mut proxy = Proxy::new(&frontend, &backend)
            .capture(&capture)
            .handle(&handle);
        assert_eq!(proxy.run(), Err(Error::EHOSTUNREACH));
        let other = handle.clone();
        let receiver = thread::spawn(move || {
            assert_eq!(peer.recv_multipart(0).unwrap(), [b"arrives"]);
            other.terminate();
        });
        assert_eq!(proxy.run(), Ok(()));
        receiver.join().unwrap();
        // The capture socket has seen both, each whole.
        let expected = [&b"nobody"[..], b"peer", b"lost"];
        assert_eq!(captured.recv_multipart(0).unwrap(), expected);
        assert_eq!(
            captured.recv_multipart(0).unwrap(),
            [&b"peer"[..], b"arrives"]
        );
    });
}

#[test]
fn the_proxy_waits_for_its_capture_socket() {
    timed(|| {
        let context = Context::new();
        let ([frontend, backend], [front, back]) = ends(&context, zmq::PULL, zmq::PUSH);
        let (capture, endpoint) = (context.socket(zmq::PUSH).unwrap(), inproc());
        capture.bind(&endpoint).unwrap();
        let handle = ProxyHandle::new().unwrap();
        let proxy = thread::spawn({
            let handle = handle.clone();
            move || {
                Proxy::new(&frontend, &backend)
                    .capture(&capture)
                    .handle(&handle)
                    .run()
            }
        });
        let push = connect(&context, Push, &front);
        let pull = connect(&context, Pull, &back);
        push.send("job", 0).unwrap();
        // It has taken the message once it says so; nobody takes the copy.
        while handle.statistics().frontend.received.frames == 0 {
            handle.pause();
            handle.resume();
        }
        assert_eq!(pull.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
        let captured = connect(&context, Pull, &endpoint);
        assert_eq!(captured.recv_bytes(0).unwrap(), b"job");
        assert_eq!(pull.recv_bytes(0).unwrap(), b"job");
        handle.terminate();
        assert_eq!(proxy.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_message_of_many_frames_and_sizes_passes_unchanged() {
    timed(|| {
        let context = Context::new();
        let handle = ProxyHandle::new().unwrap();
        let (proxy, push, pull) = streamer(&context, &handle);
        pull.set_rcvtimeo(Duration::from_secs(30).as_millis() as i32)
            .unwrap();
        let frames: Vec<Vec<u8>> = [0, 1, 33, 34, 5000, 0, 1 << 20]
            .map(|size| vec![size as u8; size])
            .to_vec();
        for _ in 0..20 {
            push.send_multipart(&frames, 0).unwrap();
        }
        for _ in 0..20 {
            assert_eq!(pull.recv_multipart(0).unwrap(), frames);
        }
        handle.terminate();
        assert_eq!(proxy.join().unwrap(), Ok(()));
    });
}
