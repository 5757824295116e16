//! Spinning: who waits for a message does the work of the I/O thread for a while, which
//! `vendor/io_poller.hpp` explains.

use std::time::Duration;
#[cfg(any(feature = "tokio", feature = "async-io"))]
use std::time::Instant;

use crate::kind::CanRecv;
#[cfg(any(feature = "tokio", feature = "async-io"))]
use crate::raw::RawSocket;
use crate::socket::Socket;

/// Whether the time to spin, which began at `since`, is not over yet. If so, does what
/// there is to do; else leaves it to the I/O threads again.
#[cfg(any(feature = "tokio", feature = "async-io"))]
pub(crate) fn go_on(socket: &RawSocket, since: &mut Option<Instant>) -> bool {
    let limit = Duration::from_micros(socket.spin().into());
    let goes_on = since.get_or_insert_with(Instant::now).elapsed() < limit;
    if goes_on {
        socket.drive();
    } else {
        socket.hand_back();
    }
    goes_on
}

impl<K: CanRecv> Socket<K> {
    /// Has a thread that is to wait for this socket spin before, for at most `time`. Zero,
    /// as it is at first, is not at all. Counted in microseconds, rounded up; at most
    /// 71 minutes.
    ///
    /// Waiting for an answer takes longer than the answer does: libzmq's I/O thread has to
    /// be woken to read it, and then the thread that waits for it. A thread that spins
    /// does the I/O thread's work itself, and nobody has to be woken. That makes
    /// round trips over tcp and ipc several times faster, and it takes a
    /// processor all of the time. It pays where answers come soon, in a few dozen
    /// microseconds, and processors are free: let `time` be a few times as long as an
    /// answer takes, at both ends. With less it is no better than without, or worse.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let context = zmq::Context::new();
    /// let server = context.socket(zmq::Rep)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let client = context.socket(zmq::Req)?;
    /// client.connect(&server.get_last_endpoint()?.unwrap())?;
    /// for socket in [client.as_dyn(), server.as_dyn()] {
    ///     socket.set_spin(Duration::from_micros(200));
    /// }
    /// client.send("question", 0)?;
    /// assert_eq!(server.recv_bytes(0)?, b"question");
    /// server.send("answer", 0)?;
    /// assert_eq!(client.recv_bytes(0)?, b"answer");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// All that receives spins, and what sends where there is no room. An
    /// [awaited](crate::aio) socket does when it receives: its task gives way to others,
    /// and is polled again after them. Whatever waits for several sockets at once does not,
    /// nor does a socket that threads share. It is not `ZMQ_BUSY_POLL`, which has the kernel
    /// look at the network's hardware.
    ///
    /// # Notes
    ///
    /// * A timeout ([`set_rcvtimeo`](Socket::set_rcvtimeo)) ends spinning, too. Signals are
    ///   noticed after it (`EINTR`).
    /// * The I/O thread does the work of all sockets of a context; so does who spins, for
    ///   one turn at a time. Receivers of other sockets are woken as ever. What a thread
    ///   sends after it has spun leaves when it spins again, or waits, or within two
    ///   milliseconds; within five if it is the first of a context to spin, and another
    ///   [asks in turns](crate::Context#who-does-the-io-threads-work). Connections are made and accepted by the I/O thread.
    /// * With a system libzmq, and on other systems than Linux, threads do not spin. A task
    ///   does, and so does a thread with a socket from [`from_raw`](Socket::from_raw), but
    ///   only looks for messages, which the I/O thread receives: that needs a third
    ///   processor to be of use.
    /// * While a task spins, and no other waits for the same socket, what arrives need not
    ///   make the socket's descriptor ([`get_fd`](Socket::get_fd)) readable.
    pub fn set_spin(&self, time: Duration) {
        let micros = time.as_nanos().div_ceil(1000);
        self.raw()
            .set_spin(u32::try_from(micros).unwrap_or(u32::MAX));
    }

    /// How long a thread that receives spins before it waits.
    pub fn get_spin(&self) -> Duration {
        Duration::from_micros(self.raw().spin().into())
    }
}

#[cfg(all(test, zmq_vendored, target_os = "linux"))]
mod tests {
    use std::io::{Read, Write};
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::Arc;
    use std::thread;
    use std::time::Instant;

    use super::*;
    use crate::{Context, Pair};

    const LIMIT: Duration = Duration::from_secs(60);

    /// Two sockets that are connected by tcp, and what fails rather than waits for ever.
    fn pair() -> [Socket<Pair>; 2] {
        let context = Context::new();
        let pair = [(); 2].map(|()| context.socket(Pair).unwrap());
        pair[0].bind("tcp://127.0.0.1:*").unwrap();
        let endpoint = pair[0].get_last_endpoint().unwrap().unwrap();
        pair[1].connect(&endpoint).unwrap();
        for socket in &pair {
            socket.set_rcvtimeo(LIMIT.as_millis() as i32).unwrap();
        }
        pair
    }

    fn pass(from: &Socket<Pair>, to: &Socket<Pair>) {
        from.send("through", 0).unwrap();
        assert_eq!(to.recv_bytes(0), Ok(b"through".to_vec()));
    }

    /// Passes messages until one thread that spins has taken a turn.
    fn drive(from: &Socket<Pair>, to: &Socket<Pair>) {
        let begin = Instant::now();
        while to.raw().driven() == 0 {
            assert!(begin.elapsed() < LIMIT, "nobody drives");
            pass(from, to);
        }
    }

    #[test]
    fn who_spins_does_the_io_threads_work_and_nobody_else() {
        let [one, other] = pair();
        for _ in 0..100 {
            pass(&one, &other);
        }
        assert_eq!(other.raw().driven(), 0);
        other.set_spin(LIMIT);
        drive(&one, &other);
    }

    /// What somebody sends who has spun, and does not any more, does not leave before that.
    #[test]
    fn the_io_thread_looks_every_millisecond_whether_somebody_still_spins() {
        let [one, other] = pair();
        other.set_spin(LIMIT);
        drive(&one, &other);
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(200) {
            pass(&one, &other);
        }
        assert!(other.raw().longest_tick() <= Duration::from_millis(1));
    }

    /// Has a REQ and a REP ask and answer so often, the latter after some work. How many turns were
    /// taken in the place of the client's I/O thread, and of the server's.
    fn ask(contexts: [&Context; 2], endpoint: &str, times: u32, work: Duration) -> [u32; 2] {
        let client = contexts[0].socket(crate::Req).unwrap();
        let server = contexts[1].socket(crate::Rep).unwrap();
        server.bind(endpoint).unwrap();
        let endpoint = server.get_last_endpoint().unwrap().unwrap();
        client.connect(&endpoint).unwrap();
        let answers = thread::spawn(move || {
            for _ in 0..times {
                let question = server.recv_msg(0).unwrap();
                let begin = Instant::now();
                while begin.elapsed() < work {}
                server.send(question, 0).unwrap();
            }
            server.raw().driven()
        });
        for _ in 0..times {
            client.send("question", 0).unwrap();
            assert_eq!(client.recv_bytes(0), Ok(b"question".to_vec()));
        }
        [client.raw().driven(), answers.join().unwrap()]
    }

    const TCP: &str = "tcp://127.0.0.1:*";
    const NONE: Duration = Duration::ZERO;

    #[test]
    fn who_asks_and_answers_in_turns_does_it_too() {
        let begin = Instant::now();
        // A few turns may take long.
        while ask([&Context::new(), &Context::new()], TCP, 100, NONE)
            .iter()
            .any(|&driven| driven < 50)
        {
            assert!(begin.elapsed() < LIMIT, "nobody does");
        }
    }

    /// To look takes a processor from who asks.
    #[test]
    fn the_io_thread_looks_less_often_whether_somebody_still_asks() {
        let context = Context::new();
        let socket = context.socket(Pair).unwrap();
        let begin = Instant::now();
        // An answer that takes long, as on a busy machine, is for the I/O thread.
        while socket.raw().longest_tick() < Duration::from_millis(4) {
            assert!(begin.elapsed() < LIMIT, "it looks as often as ever");
            ask([&context, &Context::new()], TCP, 1000, NONE);
        }
        assert_eq!(socket.raw().longest_tick(), Duration::from_millis(4));
    }

    #[test]
    fn it_does_not_where_the_threads_were_told_how_to_run_or_are_several() {
        let told = Context::new();
        told.set_thread_priority(0).unwrap();
        let several = Context::new();
        several.set_io_threads(2).unwrap();
        assert_eq!(ask([&told, &several], TCP, 1000, NONE), [0, 0]);
    }

    /// Where others of the context have more to do, it is for the I/O thread.
    #[test]
    fn it_gives_up_where_most_is_for_others() {
        const TIMES: u32 = 500;

        let [context, peers] = [(); 2].map(|()| Context::new());
        let is_over = Arc::new(AtomicBool::new(false));
        // They pass a message on and on, which is no question and no answer.
        let others: Vec<_> = (0..4)
            .map(|_| {
                let ends = [&context, &peers].map(|context| {
                    (
                        context.socket(crate::Push).unwrap(),
                        context.socket(crate::Pull).unwrap(),
                    )
                });
                for [(push, _), (_, pull)] in [[&ends[0], &ends[1]], [&ends[1], &ends[0]]] {
                    pull.bind(TCP).unwrap();
                    push.set_linger(0).unwrap();
                    push.connect(&pull.get_last_endpoint().unwrap().unwrap())
                        .unwrap();
                }
                ends[0].0.send("round", 0).unwrap();
                ends.map(|(push, pull)| {
                    let is_over = Arc::clone(&is_over);
                    pull.set_rcvtimeo(100).unwrap();
                    thread::spawn(move || {
                        while !is_over.load(Ordering::Relaxed) {
                            if let Ok(message) = pull.recv_msg(0) {
                                // The other end may be over.
                                let _ = push.send(message, crate::DONTWAIT);
                            }
                        }
                    })
                })
            })
            .collect();
        let [driven, _] = ask(
            [&context, &Context::new()],
            TCP,
            TIMES,
            Duration::from_micros(300),
        );
        is_over.store(true, Ordering::Relaxed);
        for other in others.into_iter().flatten() {
            other.join().unwrap();
        }
        // It would be ten times for each question.
        assert!(driven < 2 * TIMES, "{driven} turns");
    }

    /// Those whose sockets are used by others are left alone.
    #[test]
    fn it_does_not_once_the_socket_is_handed_out() {
        let [one, other] = pair().map(|socket| {
            let raw = socket.into_dyn().into_raw();
            // SAFETY: nobody else uses it.
            unsafe { Socket::from_raw(raw) }
        });
        for _ in 0..1000 {
            one.send("question", 0).unwrap();
            assert_eq!(other.recv_bytes(0), Ok(b"question".to_vec()));
            other.send("answer", 0).unwrap();
            assert_eq!(one.recv_bytes(0), Ok(b"answer".to_vec()));
        }
        assert_eq!(one.raw().driven(), 0);
    }

    #[cfg(feature = "tokio")]
    #[test]
    fn tasks_that_spin_do_it_too() {
        let [one, other] = pair();
        other.set_spin(LIMIT);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        runtime.block_on(async {
            let other = other.into_tokio().unwrap();
            let begin = Instant::now();
            while one.raw().driven() == 0 {
                assert!(begin.elapsed() < LIMIT, "nobody drives");
                one.send("through", 0).unwrap();
                assert_eq!(other.recv_bytes().await, Ok(b"through".to_vec()));
            }
        });
    }

    /// Writing to a connection that its peer has closed for that is a signal, which ends a
    /// process that does not ignore it; I/O threads block it.
    #[test]
    fn who_spins_gets_no_signal_from_a_connection_that_is_closed() {
        const CHILD: &str = "ZMQ_TEST_SIGPIPE";
        if std::env::var_os(CHILD).is_none() {
            let name = "spin::tests::who_spins_gets_no_signal_from_a_connection_that_is_closed";
            let mut child = std::process::Command::new(std::env::current_exe().unwrap());
            let status = child.args(["--exact", name]).env(CHILD, "1").status();
            assert!(status.unwrap().success());
            return;
        }
        // SAFETY: no handler.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        let dir = std::env::temp_dir();
        for i in 0..20 {
            let path = dir.join(format!("zmq-sigpipe-{}-{i}", std::process::id()));
            let closed = Context::new().socket(Pair).unwrap();
            closed.bind(&format!("ipc://{}", path.display())).unwrap();
            closed.set_spin(LIMIT);
            let mut peer = UnixStream::connect(&path).unwrap();
            let greeting = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL";
            peer.write_all(greeting).unwrap();
            peer.write_all(&[0; 48]).unwrap();
            let ready = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PAIR";
            peer.write_all(ready).unwrap();
            // The same of the socket. Before that it takes messages for parts of it.
            peer.read_exact(&mut [0; 64 + 28]).unwrap();
            let begin = Instant::now();
            while closed.raw().driven() == 0 {
                assert!(begin.elapsed() < LIMIT, "nobody drives");
                peer.write_all(b"\0\x05begin").unwrap();
                assert_eq!(closed.recv_bytes(0), Ok(b"begin".to_vec()));
            }
            peer.shutdown(Shutdown::Read).unwrap();
            closed.send("nowhere", 0).unwrap();
            peer.write_all(b"\0\x03end").unwrap();
            assert_eq!(closed.recv_bytes(0), Ok(b"end".to_vec()));
        }
    }

    /// A forked child has the descriptors of its parent's connections.
    #[test]
    fn a_child_does_nothing_for_its_parent() {
        let [one, other] = pair();
        other.set_spin(LIMIT);
        drive(&one, &other);
        // SAFETY: the child makes system calls and nothing else.
        let child = unsafe { libc::fork() };
        assert_ne!(child, -1);
        if child == 0 {
            let before = other.raw().driven();
            for _ in 0..100_000 {
                other.raw().drive();
            }
            let is_idle = other.raw().driven() == before;
            // SAFETY: a plain system call.
            unsafe { libc::_exit(i32::from(!is_idle)) };
        }
        let mut status = 0;
        // SAFETY: waits for the child above.
        while unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) } == 0 {
            pass(&one, &other);
        }
        assert_eq!(status, 0);
        pass(&one, &other);
    }
}
