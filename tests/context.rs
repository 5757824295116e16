//! Contexts: options, shutting down, ending.

mod common;

use std::sync::mpsc;
use std::thread;

use common::{bind_tcp, inproc, timed};
use zmq::{Context, Error, Pair, Pull, Push};

#[test]
fn options_change_from_their_defaults() {
    let context = Context::new();
    macro_rules! round_trips {
        ($($getter:ident $setter:ident: $default:expr => $value:expr;)*) => {$(
            assert_eq!(context.$getter(), Ok($default), stringify!($getter));
            context.$setter($value).unwrap();
            assert_eq!(context.$getter(), Ok($value), stringify!($getter));
        )*};
    }
    round_trips! {
        get_io_threads set_io_threads: 1 => 3;
        get_max_sockets set_max_sockets: 1023 => 7;
        is_ipv6 set_ipv6: false => true;
        is_blocky set_blocky: true => false;
        get_max_msgsz set_max_msgsz: i32::MAX => 4096;
    }
    if zmq::version() >= (4, 3, 0) {
        round_trips!(get_thread_name_prefix set_thread_name_prefix: 0 => 42;);
    }
    assert_eq!(context.get_msg_t_size(), Ok(64));
    assert!(context.get_socket_limit().unwrap() >= 1023);
}

#[test]
fn a_wrong_value_is_refused() {
    let context = Context::new();
    assert_eq!(context.set_io_threads(-1), Err(Error::EINVAL));
    assert_eq!(context.set_max_sockets(0), Err(Error::EINVAL));
    assert_eq!(context.get_io_threads(), Ok(1));
}

#[test]
fn options_take_effect() {
    timed(|| {
        let context = Context::new();
        context.set_max_sockets(2).unwrap();
        context.set_ipv6(true).unwrap();
        context.set_blocky(false).unwrap();
        context.set_io_threads(0).unwrap();
        let socket = context.socket(Pair).unwrap();
        assert_eq!(socket.is_ipv6(), Ok(true));
        assert_eq!(socket.get_linger(), Ok(0));
        assert_eq!(socket.bind("tcp://127.0.0.1:*"), Err(Error::EMTHREAD));
        let _second = context.socket(Pair).unwrap();
        assert_eq!(context.socket(Pair).unwrap_err(), Error::EMFILE);
    });
}

#[test]
fn shutdown_wakes_who_is_blocked_and_keeps_what_was_sent() {
    timed(|| {
        let (context, other) = (Context::new(), Context::new());
        let (push, elsewhere) = (context.socket(Push).unwrap(), other.socket(Pull).unwrap());
        let endpoint = bind_tcp(&elsewhere);
        push.connect(&endpoint).unwrap();
        push.send("sent before", 0).unwrap();

        let pull = context.socket(Pull).unwrap();
        let blocked = thread::spawn(move || pull.recv_bytes(0));
        context.shutdown().unwrap();
        context.shutdown().unwrap();
        assert_eq!(blocked.join().unwrap(), Err(Error::ETERM));
        let refused = loop {
            if let Err(e) = push.send("sent after", 0) {
                break e;
            }
        };
        assert_eq!(refused, Error::ETERM);
        assert_eq!(context.socket(Pull).unwrap_err(), Error::ETERM);
        drop(push);
        assert_eq!(elsewhere.recv_bytes(0).unwrap(), b"sent before");
    });
}

#[test]
fn destroy_leaves_clones_safe() {
    timed(|| {
        let mut context = Context::new();
        let mut clone = context.clone();
        context.destroy().unwrap();
        context.destroy().unwrap();
        clone.destroy().unwrap();
        // The libzmq context is gone; 0.10 used it here all the same.
        assert_eq!(clone.get_io_threads(), Err(Error::ETERM));
        assert_eq!(clone.set_io_threads(2), Err(Error::ETERM));
        assert_eq!(clone.socket(Pair).unwrap_err(), Error::ETERM);
        clone.shutdown().unwrap();
    });
}

#[test]
fn destroy_waits_for_the_sockets_of_other_threads() {
    timed(|| {
        let mut context = Context::new();
        let clones: Vec<Context> = (0..4).map(|_| context.clone()).collect();
        let (started, all_started) = mpsc::channel();
        let (ended, all_ended) = mpsc::channel();
        for clone in clones {
            let (started, ended) = (started.clone(), ended.clone());
            thread::spawn(move || {
                let socket = clone.socket(Pull).unwrap();
                started.send(()).unwrap();
                let received = socket.recv_bytes(0);
                ended.send(received).unwrap();
                drop(socket);
                // Racing with the termination, on purpose.
                assert_eq!(clone.socket(Pull).unwrap_err(), Error::ETERM);
            });
        }
        for _ in 0..4 {
            all_started.recv().unwrap();
        }
        context.destroy().unwrap();
        for _ in 0..4 {
            // Each of them was woken before `destroy` returned.
            assert_eq!(all_ended.try_recv().unwrap(), Err(Error::ETERM));
        }
    });
}

#[test]
fn the_last_handle_may_be_a_socket() {
    timed(|| {
        let context = Context::new();
        let (one, two) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
        drop(context);
        let endpoint = inproc();
        one.bind(&endpoint).unwrap();
        two.connect(&endpoint).unwrap();
        one.send("still here", 0).unwrap();
        assert_eq!(two.recv_bytes(0).unwrap(), b"still here");
    });
}

#[test]
fn handles_go_to_any_thread() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<Context>();
    // Its output is for people: no address, no secret.
    assert_eq!(format!("{:?}", Context::default()), "Context { .. }");
}
