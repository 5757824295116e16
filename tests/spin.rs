//! Sockets that spin before they wait.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc};
use std::thread;
use std::time::{Duration, Instant};

use common::{bind_tcp, inproc, ipc, serve, timed};
#[cfg(target_os = "linux")]
use common::{in_forked_child, processor_time};
use zmq::{Context, Dealer, Error, Message, Pair, Pull, Push, Rep, Req, Router, Socket};

/// Longer than any test takes.
const ALWAYS: Duration = Duration::from_secs(600);

#[test]
fn nobody_spins_unasked_and_times_are_rounded_up() {
    let pull = Context::new().socket(Pull).unwrap();
    assert_eq!(pull.get_spin(), Duration::ZERO);
    for (asked, kept) in [
        (Duration::from_nanos(1), Duration::from_micros(1)),
        (Duration::from_micros(50), Duration::from_micros(50)),
        (Duration::from_nanos(50_001), Duration::from_micros(51)),
        (Duration::MAX, Duration::from_micros(u32::MAX.into())),
        (Duration::ZERO, Duration::ZERO),
    ] {
        pull.set_spin(asked);
        assert_eq!(pull.get_spin(), kept);
    }
}

/// Asks, with both ends spinning for so long.
fn ask(bind: &str, contexts: [&Context; 2], time: [Duration; 2], count: u32) {
    let server = contexts[0].socket(Rep).unwrap();
    server.bind(bind).unwrap();
    let client = contexts[1].socket(Req).unwrap();
    client
        .connect(&server.get_last_endpoint().unwrap().unwrap())
        .unwrap();
    client.set_spin(time[0]);
    server.set_spin(time[1]);
    let server = serve(server);
    for number in 0..count {
        client.send(number.to_le_bytes(), 0).unwrap();
        assert_eq!(client.recv_bytes(0).unwrap(), number.to_le_bytes());
    }
    client.send("", 0).unwrap();
    client.recv_msg(0).unwrap();
    server.join().unwrap();
}

#[test]
fn questions_are_answered_whoever_spins_and_however_long() {
    let times = [0, 1, 20, 1000].map(Duration::from_micros);
    timed(move || {
        for bind in ["tcp://127.0.0.1:*".to_owned(), ipc(), inproc()] {
            for client in times {
                for server in times {
                    let context = Context::new();
                    let bind = match bind.starts_with("tcp") {
                        true => bind.clone(),
                        false => format!("{bind}-{client:?}-{server:?}"),
                    };
                    ask(&bind, [&context, &context], [client, server], 50);
                    if !bind.starts_with("inproc") {
                        ask(&bind, [&Context::new(), &context], [client, server], 50);
                    }
                }
            }
        }
    });
}

#[test]
fn a_context_may_have_several_io_threads() {
    timed(|| {
        let context = Context::new();
        context.set_io_threads(3).unwrap();
        for _ in 0..3 {
            let time = Duration::from_millis(1);
            ask("tcp://127.0.0.1:*", [&context, &context], [time; 2], 50);
        }
    });
}

/// Threads that spin in turns, and never wait: each does what there is to do for all.
#[test]
fn many_threads_of_one_context_spin() {
    timed(|| {
        let context = Context::new();
        let router = context.socket(Router).unwrap();
        let endpoint = bind_tcp(&router);
        router.set_spin(ALWAYS);
        let clients: Vec<_> = (0..8_u32)
            .map(|client| {
                let dealer = context.socket(Dealer).unwrap();
                dealer.set_spin(ALWAYS);
                dealer.connect(&endpoint).unwrap();
                thread::spawn(move || {
                    for number in 0..200_u32 {
                        // Some do not fit into what is read at once.
                        let len = if number % 50 == 0 { 300_000 } else { 8 };
                        let mut question = vec![client as u8; len];
                        question[..4].copy_from_slice(&number.to_le_bytes());
                        dealer.send(&question, 0).unwrap();
                        assert!(dealer.recv_bytes(0).unwrap() == question, "the answer");
                    }
                })
            })
            .collect();
        for _ in 0..8 * 200 {
            let message = router.recv_frames(0).unwrap();
            router.send_frames(message, 0).unwrap();
        }
        for client in clients {
            client.join().unwrap();
        }
    });
}

/// What a thread that spun has sent leaves, though it neither spins nor waits again.
#[test]
fn the_io_thread_goes_on_by_itself() {
    timed(|| {
        let context = Context::new();
        let (pull, push) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
        push.connect(&bind_tcp(&pull)).unwrap();
        let pair = [(); 2].map(|()| context.socket(Pair).unwrap());
        pair[1].connect(&bind_tcp(&pair[0])).unwrap();
        pair[1].set_spin(ALWAYS);
        for number in 0..50_u32 {
            pair[0].send("spun for", 0).unwrap();
            pair[1].recv_msg(0).unwrap();
            push.send(number.to_le_bytes(), 0).unwrap();
            // This one waits.
            assert_eq!(pull.recv_bytes(0).unwrap(), number.to_le_bytes());
        }
    });
}

/// The connection is tried again by a timer, of which only who spins knows.
#[test]
fn who_spins_keeps_the_time_too() {
    timed(|| {
        let (context, endpoint) = (Context::new(), ipc());
        let client = context.socket(Req).unwrap();
        client.set_spin(ALWAYS);
        client.set_reconnect_ivl(5).unwrap();
        client.connect(&endpoint).unwrap();
        let waits = thread::spawn(move || {
            client.send("question", 0).unwrap();
            client.recv_bytes(0).unwrap()
        });
        let server = Context::new().socket(Rep).unwrap();
        server.bind(&endpoint).unwrap();
        let question = server.recv_msg(0).unwrap();
        server.send(question, 0).unwrap();
        assert_eq!(waits.join().unwrap(), b"question");
    });
}

#[test]
fn timeouts_end_spinning_and_not_waiting_does_not_spin() {
    timed(|| {
        let pull = Context::new().socket(Pull).unwrap();
        bind_tcp(&pull);
        pull.set_spin(ALWAYS);
        assert_eq!(pull.recv_msg(zmq::DONTWAIT), Err(Error::EAGAIN));
        for timeout in [0, 20] {
            pull.set_rcvtimeo(timeout).unwrap();
            let begin = Instant::now();
            assert_eq!(pull.recv_msg(0), Err(Error::EAGAIN));
            assert!(begin.elapsed() >= Duration::from_millis(timeout as u64));
        }
    });
}

/// An error that spinning does not change comes at once.
#[test]
fn who_may_not_receive_now_does_not_spin() {
    timed(|| {
        let context = Context::new();
        let client = context.socket(Req).unwrap();
        client.set_spin(ALWAYS);
        assert_eq!(client.recv_msg(0), Err(Error::EFSM));
        assert_eq!(client.recv_into(&mut [0; 4], 0), Err(Error::EFSM));
    });
}

#[test]
fn who_spins_hears_of_what_comes_from_within_the_process_and_of_the_end() {
    timed(|| {
        let context = Context::new();
        let (pull, push) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
        let endpoint = inproc();
        pull.bind(&endpoint).unwrap();
        push.connect(&endpoint).unwrap();
        pull.set_spin(ALWAYS);
        let spins = thread::spawn(move || {
            let first = pull.recv_bytes(0);
            (first, pull.recv_bytes(0))
        });
        push.send("from another thread", 0).unwrap();
        drop(push);
        context.shutdown().unwrap();
        let (first, second) = spins.join().unwrap();
        // The context may have ended before it was received.
        assert!(first == Ok(b"from another thread".to_vec()) || first == Err(Error::ETERM));
        assert_eq!(second, Err(Error::ETERM));
    });
}

/// Who spins reads from the one connection there is without asking what is ready; but others
/// may come meanwhile.
#[test]
fn who_spins_hears_of_who_connects_then() {
    timed(|| {
        let (context, peers) = (Context::new(), Context::new());
        let pull = context.socket(Pull).unwrap();
        let endpoint = bind_tcp(&pull);
        pull.set_spin(ALWAYS);
        let (heard, hears) = mpsc::channel();
        let spins = thread::spawn(
            move || {
                while heard.send(pull.recv_bytes(0).unwrap()).is_ok() {}
            },
        );
        let first = peers.socket(Push).unwrap();
        first.connect(&endpoint).unwrap();
        // After a few of these the I/O thread has noticed that others do its work.
        for _ in 0..200 {
            first.send("first", 0).unwrap();
            assert_eq!(hears.recv().unwrap(), b"first");
        }
        let second = peers.socket(Push).unwrap();
        second.connect(&endpoint).unwrap();
        second.send("second", 0).unwrap();
        assert_eq!(hears.recv().unwrap(), b"second");
        first.send("third", 0).unwrap();
        assert_eq!(hears.recv().unwrap(), b"third");
        drop(hears);
        first.send("the end", 0).unwrap();
        spins.join().unwrap();
    });
}

/// A connection that does not want to read is not read from by who spins for another socket:
/// that would be its end, and lose what is on its way.
#[test]
fn who_spins_leaves_those_alone_who_have_no_room() {
    const COUNT: u32 = 20_000;

    timed(|| {
        let (context, peers) = (Context::new(), Context::new());
        let pull = context.socket(Pull).unwrap();
        pull.set_rcvhwm(1).unwrap();
        let push = peers.socket(Push).unwrap();
        push.connect(&bind_tcp(&pull)).unwrap();
        let sends = thread::spawn(move || {
            for number in 0..COUNT {
                push.send(number.to_le_bytes(), 0).unwrap();
            }
        });
        let spins = context.socket(Rep).unwrap();
        bind_tcp(&spins);
        spins.set_spin(ALWAYS);
        spins.set_rcvtimeo(50).unwrap();
        for number in 0..COUNT {
            if number % (COUNT / 4) == 0 {
                assert_eq!(spins.recv_bytes(0), Err(Error::EAGAIN));
            }
            assert_eq!(pull.recv_bytes(0).unwrap(), number.to_le_bytes());
        }
        sends.join().unwrap();
    });
}

/// A socket that spun and waits now takes no processor.
#[test]
#[cfg(target_os = "linux")]
fn who_waits_does_not_spin_any_more() {
    timed(|| {
        let context = Context::new();
        let (pull, push) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
        push.connect(&bind_tcp(&pull)).unwrap();
        pull.set_spin(Duration::from_millis(5));
        let waits = thread::spawn(move || {
            let used = || processor_time(libc::CLOCK_THREAD_CPUTIME_ID);
            let begin = used();
            assert_eq!(pull.recv_bytes(0).unwrap(), b"at last");
            used() - begin
        });
        // Not a matter of order: the longer, the surer a busy thread is found out.
        thread::sleep(Duration::from_millis(500));
        push.send("at last", 0).unwrap();
        let used = waits.join().unwrap();
        assert!(used < Duration::from_millis(100), "it used {used:?}");
    });
}

/// Who frees a message in the middle of a turn may receive, spinning.
#[test]
fn spinning_within_spinning_does_no_harm() {
    struct Receives {
        bytes: Vec<u8>,
        pull: Socket<Pull>,
        done: Arc<AtomicBool>,
    }
    impl AsRef<[u8]> for Receives {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }
    impl Drop for Receives {
        fn drop(&mut self) {
            self.pull.set_spin(ALWAYS);
            self.pull.set_rcvtimeo(20).unwrap();
            self.done.store(
                self.pull.recv_msg(0) == Err(Error::EAGAIN),
                Ordering::SeqCst,
            );
        }
    }
    timed(|| {
        let context = Context::new();
        let pair = [(); 2].map(|()| context.socket(Pair).unwrap());
        pair[1].connect(&bind_tcp(&pair[0])).unwrap();
        // Once somebody drives.
        pair[0].send("first", 0).unwrap();
        pair[1].set_spin(ALWAYS);
        pair[1].recv_msg(0).unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let pull = Context::new().socket(Pull).unwrap();
        let receives = Receives {
            bytes: vec![7; 10_000],
            pull,
            done: Arc::clone(&done),
        };
        pair[1].send(Message::from_owner(receives), 0).unwrap();
        // It does not come back before what was sent is away, and freed.
        pair[0].set_spin(ALWAYS);
        assert_eq!(pair[0].recv_bytes(0).unwrap(), [7; 10_000]);
        while !done.load(Ordering::SeqCst) {
            pair[0].set_rcvtimeo(1).unwrap();
            let _ = pair[0].recv_msg(0);
        }
    });
}

/// A child has the descriptors of its parent's connections.
#[test]
#[cfg(target_os = "linux")]
fn a_forked_child_leaves_the_connections_alone() {
    timed(|| {
        let context = Context::new();
        let pair = [(); 2].map(|()| context.socket(Pair).unwrap());
        pair[1].connect(&bind_tcp(&pair[0])).unwrap();
        let spins = |from: &Socket<Pair>, to: &Socket<Pair>| {
            from.send("through", 0).unwrap();
            to.set_spin(ALWAYS);
            to.recv_bytes(0)
        };
        assert_eq!(spins(&pair[0], &pair[1]).unwrap(), b"through");
        in_forked_child(|| {
            let inherited = pair.each_ref().map(|socket| socket.recv_bytes(0));
            inherited.iter().all(|it| *it == Err(Error::EINTR))
        });
        for _ in 0..100 {
            assert_eq!(spins(&pair[1], &pair[0]).unwrap(), b"through");
            assert_eq!(spins(&pair[0], &pair[1]).unwrap(), b"through");
        }
    });
}
