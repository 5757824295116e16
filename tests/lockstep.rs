//! Who asks and answers in turns does the I/O thread's work: `vendor/lockstep.hpp`. Here is that
//! nobody else has to suffer for it; `src/spin.rs` has that it is so.

mod common;

use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{bind, bind_tcp, inproc, ipc, serve, timed};
#[cfg(target_os = "linux")]
use common::{in_forked_child, processor_time};
use zmq::{Context, Dealer, Error, Message, Pull, Push, Rep, Req, Router, Socket};

/// More than it takes until somebody does.
const TURNS: u32 = 100;

/// A client, after it has asked so often that it does the I/O thread's work, and its server, which
/// goes on answering.
fn in_turns(context: &Context) -> (Socket<Req>, thread::JoinHandle<()>) {
    let server = Context::new().socket(Rep).unwrap();
    let client = context.socket(Req).unwrap();
    client.connect(&bind_tcp(&server)).unwrap();
    let server = serve(server);
    take_turns(&client);
    (client, server)
}

fn take_turns(client: &Socket<Req>) {
    for number in 0..TURNS {
        client.send(number.to_le_bytes(), 0).unwrap();
        assert_eq!(client.recv_bytes(0).unwrap(), number.to_le_bytes());
    }
}

fn end((client, server): (Socket<Req>, thread::JoinHandle<()>)) {
    client.send("", 0).unwrap();
    client.recv_msg(0).unwrap();
    server.join().unwrap();
}

#[test]
fn questions_are_answered_however_long_that_takes() {
    timed(|| {
        for endpoint in ["tcp://127.0.0.1:*".to_owned(), ipc(), inproc()] {
            let context = Context::new();
            let server = context.socket(Rep).unwrap();
            let endpoint = bind(&server, &endpoint);
            let client = context.socket(Req).unwrap();
            client.connect(&endpoint).unwrap();
            let server = serve(server);
            for number in 0..1000_u32 {
                // Some do not fit into what is read at once, nor what is written.
                let len = if number % 100 == 0 { 1_000_000 } else { 8 };
                let mut question = vec![7; len];
                question[..4].copy_from_slice(&number.to_le_bytes());
                client.send(&question, 0).unwrap();
                assert!(client.recv_bytes(0).unwrap() == question, "the answer");
                if number % 100 == 50 {
                    // Not a matter of order: longer than the I/O thread stands by.
                    thread::sleep(Duration::from_millis(5));
                }
            }
            end((client, server));
        }
    });
}

/// Clients and a server of one context, in threads of their own; and others of that context who
/// send one way all the time.
#[test]
fn those_who_ask_and_those_who_do_not_share_a_context() {
    const CLIENTS: u32 = 8;
    const COUNT: u32 = 500;

    timed(|| {
        let context = Context::new();
        let router = context.socket(Router).unwrap();
        let endpoint = bind_tcp(&router);
        let (pull, push) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
        push.connect(&bind_tcp(&pull)).unwrap();
        let sends = thread::spawn(move || {
            for number in 0..100 * COUNT {
                push.send(number.to_le_bytes(), 0).unwrap();
            }
        });
        let receives = thread::spawn(move || {
            for number in 0..100 * COUNT {
                assert_eq!(pull.recv_bytes(0).unwrap(), number.to_le_bytes());
            }
        });
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (context, endpoint) = (context.clone(), endpoint.clone());
                thread::spawn(move || {
                    for number in 0..COUNT {
                        // Who is new is let in by the I/O thread.
                        let client = context.socket(Req).unwrap();
                        client.connect(&endpoint).unwrap();
                        for part in 0..10 {
                            let question = [number, part].map(u32::to_le_bytes).concat();
                            client.send(&question, 0).unwrap();
                            assert_eq!(client.recv_bytes(0).unwrap(), question);
                        }
                    }
                })
            })
            .collect();
        for _ in 0..CLIENTS * COUNT * 10 {
            let message = router.recv_frames(0).unwrap();
            router.send_frames(message, 0).unwrap();
        }
        for thread in clients.into_iter().chain([sends, receives]) {
            thread.join().unwrap();
        }
    });
}

/// What is sent leaves, though the one that was about to send and receive does neither any more.
#[test]
fn the_io_thread_goes_on_by_itself() {
    timed(|| {
        let context = Context::new();
        let (pull, push) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
        push.connect(&bind_tcp(&pull)).unwrap();
        let peer = Context::new().socket(Router).unwrap();
        let dealer = context.socket(Dealer).unwrap();
        dealer.connect(&bind_tcp(&peer)).unwrap();
        for number in 0..50_u32 {
            for _ in 0..TURNS {
                dealer.send("there", 0).unwrap();
                let message = peer.recv_frames(0).unwrap();
                peer.send_frames(message, 0).unwrap();
                assert_eq!(dealer.recv_bytes(0).unwrap(), b"there");
            }
            push.send(number.to_le_bytes(), 0).unwrap();
            assert_eq!(pull.recv_bytes(0).unwrap(), number.to_le_bytes());
            dealer.send("first", 0).unwrap();
            dealer.send("second", 0).unwrap();
            assert_eq!(&peer.recv_frames(0).unwrap()[1][..], b"first");
            assert_eq!(&peer.recv_frames(0).unwrap()[1][..], b"second");
        }
    });
}

/// Connections that are lost are tried again by a timer, and are made by the I/O thread.
#[test]
fn connections_come_and_go_meanwhile() {
    timed(|| {
        let context = Context::new();
        let asks = in_turns(&context);
        let endpoint = ipc();
        let push = context.socket(Push).unwrap();
        push.set_reconnect_ivl(1).unwrap();
        // In the end there may be something that nobody is there to hear.
        push.set_linger(0).unwrap();
        push.connect(&endpoint).unwrap();
        for _ in 0..3 {
            let pull = Context::new().socket(Pull).unwrap();
            pull.bind(&endpoint).unwrap();
            let hears = thread::spawn(move || pull.recv_bytes(0));
            // What was sent to the one before may be lost with it. Nobody here stops asking.
            while !hears.is_finished() {
                let _ = push.send("here", zmq::DONTWAIT);
                take_turns(&asks.0);
            }
            assert_eq!(hears.join().unwrap().unwrap(), b"here");
        }
        end(asks);
    });
}

/// The peer itself goes away and comes back.
#[test]
fn who_waits_hears_that_the_peer_is_back() {
    timed(|| {
        let endpoint = ipc();
        let context = Context::new();
        let client = context.socket(Dealer).unwrap();
        client.set_reconnect_ivl(1).unwrap();
        client.connect(&endpoint).unwrap();
        for _ in 0..3 {
            let server = Context::new().socket(Rep).unwrap();
            server.bind(&endpoint).unwrap();
            let answers = thread::spawn(move || {
                for _ in 0..TURNS {
                    let question = server.recv_msg(0).unwrap();
                    server.send(question, 0).unwrap();
                }
                // One more question, and the server is gone.
                server.recv_msg(0).unwrap();
            });
            for _ in 0..TURNS {
                client.send_multipart(["", "question"], 0).unwrap();
                assert_eq!(client.recv_multipart(0).unwrap()[1], b"question");
            }
            client.send_multipart(["", "the last"], 0).unwrap();
            answers.join().unwrap();
            client.set_rcvtimeo(20).unwrap();
            assert_eq!(client.recv_msg(0), Err(Error::EAGAIN));
            client.set_rcvtimeo(-1).unwrap();
        }
    });
}

#[test]
fn timeouts_and_the_end_of_the_context_end_the_wait() {
    timed(|| {
        let context = Context::new();
        let (dealer, peer) = (context.socket(Dealer).unwrap(), Context::new());
        let peer = peer.socket(Dealer).unwrap();
        dealer.connect(&bind_tcp(&peer)).unwrap();
        let (done, is_done) = mpsc::channel::<()>();
        let other = thread::spawn(move || {
            for _ in 0..3 * (TURNS + 1) {
                let message = peer.recv_msg(0).unwrap();
                if !message.is_empty() {
                    peer.send(message, 0).unwrap();
                }
            }
            // The connection stays.
            is_done.recv().unwrap_err();
        });
        for timeout in [1, 20] {
            for _ in 0..TURNS {
                dealer.send("question", 0).unwrap();
                dealer.recv_msg(0).unwrap();
            }
            dealer.send("", 0).unwrap();
            dealer.set_rcvtimeo(timeout).unwrap();
            let begin = Instant::now();
            assert_eq!(dealer.recv_msg(0), Err(Error::EAGAIN));
            assert!(begin.elapsed() >= Duration::from_millis(timeout as u64));
            dealer.set_rcvtimeo(-1).unwrap();
        }
        let (waits, is_waiting) = mpsc::channel();
        let waits = thread::spawn(move || {
            for _ in 0..TURNS {
                dealer.send("question", 0).unwrap();
                dealer.recv_msg(0).unwrap();
            }
            dealer.send("", 0).unwrap();
            waits.send(()).unwrap();
            dealer.recv_msg(0).map(|_| ())
        });
        is_waiting.recv().unwrap();
        context.shutdown().unwrap();
        assert_eq!(waits.join().unwrap(), Err(Error::ETERM));
        drop(done);
        other.join().unwrap();
    });
}

/// A message's owner may want what the one has locked who sends, and then writes it.
#[test]
fn owners_are_dropped_by_the_io_thread() {
    struct Pooled {
        bytes: [u8; 100],
        pool: Arc<Mutex<u32>>,
    }
    impl AsRef<[u8]> for Pooled {
        fn as_ref(&self) -> &[u8] {
            &self.bytes
        }
    }
    impl Drop for Pooled {
        fn drop(&mut self) {
            *self.pool.lock().unwrap() += 1;
        }
    }
    timed(|| {
        let context = Context::new();
        let asks = in_turns(&context);
        let pool = Arc::new(Mutex::new(0));
        for number in 0..TURNS {
            let message = Message::from_owner(Pooled {
                bytes: [number as u8; 100],
                pool: Arc::clone(&pool),
            });
            let locked = pool.lock().unwrap();
            asks.0.send(message, 0).unwrap();
            drop(locked);
            assert_eq!(asks.0.recv_bytes(0).unwrap(), [number as u8; 100]);
        }
        // The last ones soon, though nobody asks any more.
        while *pool.lock().unwrap() != TURNS {
            thread::yield_now();
        }
        end(asks);
    });
}

/// All threads together, when nobody asks any more.
#[test]
#[cfg(target_os = "linux")]
fn who_waits_for_long_takes_no_time() {
    const ALONE: &str = "ZMQ_TEST_LOCKSTEP_ALONE";
    if std::env::var_os(ALONE).is_none() {
        // In a process in which nobody does anything else.
        let mut process = std::process::Command::new(std::env::current_exe().unwrap());
        let test = ["--exact", "who_waits_for_long_takes_no_time"];
        let status = process.args(test).env(ALONE, "1").status();
        assert!(status.unwrap().success());
        return;
    }
    timed(|| {
        let asks = in_turns(&Context::new());
        asks.0.send("a question", 0).unwrap();
        asks.0.recv_msg(0).unwrap();
        // The server waits now.
        let used = || processor_time(libc::CLOCK_PROCESS_CPUTIME_ID);
        let begin = used();
        // Not a matter of order: the longer, the surer a busy thread is found out.
        thread::sleep(Duration::from_millis(500));
        let used = used() - begin;
        assert!(used < Duration::from_millis(10), "it used {used:?}");
        end(asks);
    });
}

/// A child has the descriptors of its parent's connections.
#[test]
#[cfg(target_os = "linux")]
fn a_forked_child_leaves_the_connections_alone() {
    timed(|| {
        let context = Context::new();
        let asks = in_turns(&context);
        in_forked_child(|| {
            // It may be put into the queue, which is the child's own.
            asks.0.send("from the child", 0) == Err(Error::EINTR)
                || asks.0.recv_bytes(0) == Err(Error::EINTR)
        });
        take_turns(&asks.0);
        end(asks);
    });
}

/// `lockstep.cpp` by itself, with an I/O thread that is none.
#[test]
#[cfg(all(zmq_vendored, target_os = "linux"))]
fn what_needs_no_mailbox_is_done_once_and_in_order() {
    timed(|| {
        let cases = [
            "what_comes_is_done_in_its_order",
            "who_waits_has_it_done",
            "what_is_sent_is_delivered",
        ];
        let flags = ["-fsanitize=address"];
        common::exercise::exercise_libzmq("lockstep", "address", &flags, &cases.map(|c| (c, 20)));
    });
}
