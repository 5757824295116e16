//! A signal for which the program has a handler ends whatever call waits, with `EINTR`,
//! unless its documentation says something else.
#![cfg(unix)]

mod common;

use std::os::unix::thread::JoinHandleExt;
use std::sync::mpsc;
use std::sync::Once;
use std::thread;
use std::time::Duration;

use common::{bind_tcp, inproc, timed, LIMIT};
use zmq::{poll, Context, Dealer, Error, Pair, PollItem, Poller, Pull, Push, Req, POLLIN};

/// Has SIGUSR1 handled, by a function that does nothing. System calls that it interrupts
/// are not begun again.
fn handle() {
    extern "C" fn nothing(_: libc::c_int) {}
    static HANDLED: Once = Once::new();
    HANDLED.call_once(|| {
        // SAFETY: all zeros is such a structure, with no flags, SA_RESTART among them;
        // and the handler does nothing.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as *const () as usize;
            assert_eq!(
                libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()),
                0
            );
        }
    });
}

/// What `call` returns in a thread that gets signals until it does: the first may come
/// before it waits.
fn interrupted<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    handle();
    let (done, is_done) = mpsc::channel();
    let thread = thread::spawn(move || done.send(call()).unwrap());
    let result = loop {
        // SAFETY: it is not joined yet.
        unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) };
        if let Ok(result) = is_done.recv_timeout(Duration::from_millis(1)) {
            break result;
        }
    };
    thread.join().unwrap();
    result
}

const EINTR: Error = Error::EINTR;

#[test]
fn receiving_ends() {
    timed(|| {
        let context = Context::new();
        let pull = || context.socket(Pull).unwrap();
        let (socket, [a, b, c, d, e]) = (pull(), std::array::from_fn(|_| pull()));
        assert_eq!(interrupted(move || socket.recv_bytes(0)), Err(EINTR));
        assert_eq!(interrupted(move || a.recv_msg(0).map(|_| ())), Err(EINTR));
        assert_eq!(
            interrupted(move || b.recv_multipart(0).map(|_| ())),
            Err(EINTR)
        );
        assert_eq!(interrupted(move || c.recv_into(&mut [0; 8], 0)), Err(EINTR));
        assert_eq!(
            interrupted(move || d.recv_string(0).map(|_| ())),
            Err(EINTR)
        );
        // However long it may take.
        e.set_rcvtimeo(i32::MAX).unwrap();
        e.set_spin(Duration::from_micros(50));
        assert_eq!(interrupted(move || e.recv_bytes(0)), Err(EINTR));
    });
}

/// Who does the I/O thread's work waits for that, too.
#[test]
fn receiving_ends_after_turns_of_asking() {
    timed(|| {
        let (context, peer) = (Context::new(), Context::new().socket(Dealer).unwrap());
        let dealer = context.socket(Dealer).unwrap();
        dealer.connect(&bind_tcp(&peer)).unwrap();
        let answers = thread::spawn(move || {
            for _ in 0..100 {
                let question = peer.recv_msg(0).unwrap();
                peer.send(question, 0).unwrap();
            }
            peer
        });
        let asks = move || {
            for _ in 0..100 {
                while dealer.send("question", 0) == Err(EINTR) {}
                while dealer.recv_bytes(0) == Err(EINTR) {}
            }
            dealer.recv_bytes(0)
        };
        assert_eq!(interrupted(asks), Err(EINTR));
        answers.join().unwrap();
    });
}

#[test]
fn sending_ends_and_the_message_is_not_sent() {
    timed(|| {
        let context = Context::new();
        let push = context.socket(Push).unwrap();
        let endpoint = inproc();
        let push = interrupted(move || {
            assert_eq!(push.send("lost", 0), Err(EINTR));
            push
        });
        let push = interrupted(move || {
            assert_eq!(push.send_multipart(["lost", "too"], 0), Err(EINTR));
            push
        });
        let pull = context.socket(Pull).unwrap();
        pull.bind(&endpoint).unwrap();
        push.connect(&endpoint).unwrap();
        push.send("sent", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"sent");
    });
}

/// Who sends waits for a connection that might be fast (`Socket::set_pacing`): not any more, but
/// there is room. Other builds of libzmq look into a mailbox by `poll`, which a signal may end
/// though nothing is waited for.
#[cfg(all(zmq_vendored, target_os = "linux"))]
#[test]
fn sending_goes_on_where_there_is_room() {
    timed(|| {
        let context = Context::new();
        let push = context.socket(Push).unwrap();
        push.set_linger(0).unwrap();
        // Nobody is there.
        push.connect(&common::ipc()).unwrap();
        interrupted(move || {
            for _ in 0..900 {
                push.send(&[0; 64 << 10][..], 0).unwrap();
            }
        });
    });
}

#[test]
fn a_request_ends() {
    timed(|| {
        let context = Context::new();
        let (req, peer) = (
            context.socket(Req).unwrap(),
            context.socket(Dealer).unwrap(),
        );
        let endpoint = inproc();
        peer.bind(&endpoint).unwrap();
        req.connect(&endpoint).unwrap();
        let result = interrupted(move || req.request("?", LIMIT, 1).map(|_| ()));
        assert_eq!(result.unwrap_err(), EINTR);
    });
}

#[test]
fn polling_ends() {
    timed(|| {
        let context = Context::new();
        let (one, two) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
        let polled = interrupted(move || {
            let items: &mut [PollItem] = &mut [one.as_poll_item(POLLIN)];
            poll(items, -1)
        });
        assert_eq!(polled, Err(EINTR));
        let waited = interrupted(move || {
            let mut poller = Poller::new().unwrap();
            poller.add(&two, POLLIN, ()).unwrap();
            let waited = poller.wait(-1).map(|_| ());
            waited
        });
        assert_eq!(waited, Err(EINTR));
    });
}

#[test]
fn a_proxy_ends_and_may_go_on() {
    timed(|| {
        let context = Context::new();
        let (front, back) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
        let [enter, leave] = [inproc(), inproc()];
        front.bind(&enter).unwrap();
        back.bind(&leave).unwrap();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        push.connect(&enter).unwrap();
        pull.connect(&leave).unwrap();
        let (front, back) = interrupted(move || {
            assert_eq!(zmq::proxy(&front, &back), Err(EINTR));
            (front, back)
        });
        let ended = thread::spawn(move || zmq::proxy(&front, &back));
        push.send("passed on", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"passed on");
        context.shutdown().unwrap();
        assert_eq!(ended.join().unwrap(), Err(Error::ETERM));
    });
}

#[test]
fn a_monitor_ends() {
    timed(|| {
        let context = Context::new();
        let socket = context.socket(Pair).unwrap();
        let events = zmq::SocketEvent::ALL as i32;
        let monitor = socket.monitor_socket(events).unwrap();
        let monitor = interrupted(move || {
            assert_eq!(monitor.recv(0).unwrap_err(), EINTR);
            monitor
        });
        let timed_out = interrupted(move || monitor.recv_timeout(LIMIT).unwrap_err());
        assert_eq!(timed_out, EINTR);
    });
}

#[test]
fn destroying_a_context_ends_and_may_go_on() {
    timed(|| {
        let context = Context::new();
        let socket = context.socket(Pair).unwrap();
        let mut context = interrupted(move || {
            let mut context = context;
            assert_eq!(context.destroy(), Err(EINTR));
            context
        });
        drop(socket);
        assert_eq!(context.destroy(), Ok(()));
    });
}

/// What nobody can begin again does not end: the last handle, dropped; and it is up to
/// [`Context::end`] how long it takes.
#[test]
fn the_end_of_a_context_goes_on() {
    timed(|| {
        handle();
        let context = Context::new();
        let socket = context.socket(Pull).unwrap();
        let patience = Duration::from_millis(200);
        let open = interrupted(move || context.end(patience).unwrap_err().open().len());
        assert_eq!(open, 1);
        drop(socket);

        let (context, elsewhere) = (Context::new(), Context::new());
        let push = context.socket(Push).unwrap();
        let pull = elsewhere.socket(Pull).unwrap();
        let endpoint = common::bind_tcp(&pull);
        pull.unbind(&endpoint).unwrap();
        push.connect(&endpoint).unwrap();
        push.send("late", 0).unwrap();
        drop(push);
        let (done, is_done) = mpsc::channel();
        let ends = thread::spawn(move || {
            drop(context);
            done.send(()).unwrap();
        });
        for _ in 0..100 {
            // SAFETY: it is not joined yet.
            unsafe { libc::pthread_kill(ends.as_pthread_t(), libc::SIGUSR1) };
            let still = is_done.recv_timeout(Duration::from_millis(1));
            assert_eq!(still, Err(mpsc::RecvTimeoutError::Timeout));
        }
        while pull.bind(&endpoint).is_err() {
            thread::yield_now();
        }
        assert_eq!(pull.recv_bytes(0).unwrap(), b"late");
        ends.join().unwrap();
    });
}

/// They wait for a condition variable, which no signal ends.
#[cfg(feature = "draft")]
#[test]
fn sockets_that_threads_share_go_on() {
    timed(|| {
        handle();
        let context = Context::new();
        let (server, client) = (
            context.socket(zmq::Server).unwrap(),
            context.socket(zmq::Client).unwrap(),
        );
        let endpoint = inproc();
        server.bind(&endpoint).unwrap();
        let (done, is_done) = mpsc::channel();
        let waits = thread::spawn(move || done.send(server.recv_bytes(0)).unwrap());
        for _ in 0..100 {
            // SAFETY: it is not joined yet.
            unsafe { libc::pthread_kill(waits.as_pthread_t(), libc::SIGUSR1) };
            let still = is_done.recv_timeout(Duration::from_millis(1));
            assert_eq!(still, Err(mpsc::RecvTimeoutError::Timeout));
        }
        client.connect(&endpoint).unwrap();
        client.send("at last", 0).unwrap();
        assert_eq!(
            is_done.recv_timeout(LIMIT / 2).unwrap().unwrap(),
            b"at last"
        );
        waits.join().unwrap();
    });
}
