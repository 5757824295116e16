//! Contexts: options, shutting down, ending.

mod common;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{bind_tcp, inproc, timed, LIMIT};
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
fn more_than_there_can_be_is_refused() {
    let context = Context::new();
    let limit = context.get_socket_limit().unwrap();
    context.set_max_sockets(limit).unwrap();
    // libzmq would take these, and abort, or lose what it has started, when it
    // opens the first socket.
    for wrong in [limit + 1, i32::MAX] {
        assert_eq!(context.set_max_sockets(wrong), Err(Error::EINVAL));
    }
    for wrong in [1025, i32::MAX] {
        assert_eq!(context.set_io_threads(wrong), Err(Error::EINVAL));
    }
    assert_eq!(context.get_io_threads(), Ok(1));
    context.socket(Pair).unwrap();
}

#[test]
fn thread_options_are_refused_if_there_can_be_no_such_threads() {
    let context = Context::new();
    assert_eq!(context.get_thread_sched_policy(), Ok(-1));
    assert_eq!(context.set_thread_sched_policy(-1), Err(Error::EINVAL));
    assert_eq!(context.set_thread_priority(-1), Err(Error::EINVAL));
    assert_eq!(context.set_thread_affinity_cpu_add(-1), Err(Error::EINVAL));
    assert_eq!(
        context.set_thread_affinity_cpu_add(i32::MAX),
        Err(Error::EINVAL)
    );
    assert_eq!(
        context.set_thread_affinity_cpu_remove(0),
        Err(Error::EINVAL)
    );
    if cfg!(target_os = "linux") {
        assert_eq!(context.set_thread_sched_policy(77), Err(Error::EINVAL));
        assert_eq!(
            context.set_thread_affinity_cpu_add(1023),
            Err(Error::EINVAL)
        );
    }
    // None of it was taken.
    context.socket(Pair).unwrap();
}

#[cfg(target_os = "linux")]
mod threads {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use common::without_privileges;

    /// The threads of this process whose name begins with `prefix`, once there are
    /// as many as expected.
    fn named(prefix: &str, count: usize) -> Vec<PathBuf> {
        loop {
            let tasks = fs::read_dir("/proc/self/task").unwrap();
            let tasks = tasks.map(|task| task.unwrap().path());
            let tasks: Vec<_> = tasks
                .filter(|task| {
                    // It may end meanwhile.
                    let name = fs::read_to_string(task.join("comm")).unwrap_or_default();
                    name.starts_with(prefix)
                })
                .collect();
            assert!(tasks.len() <= count);
            if tasks.len() == count {
                return tasks;
            }
            thread::yield_now();
        }
    }

    /// The number at this place, from 1, in a thread's `stat`.
    fn stat(task: &std::path::Path, place: usize) -> i64 {
        let stat = fs::read_to_string(task.join("stat")).unwrap();
        let (_, rest) = stat.rsplit_once(')').unwrap();
        rest.split_whitespace()
            .nth(place - 3)
            .unwrap()
            .parse()
            .unwrap()
    }

    const PRIORITY: usize = 18;
    const NICE: usize = 19;
    const RT_PRIORITY: usize = 40;
    const POLICY: usize = 41;

    #[test]
    fn are_named_and_as_many_as_asked_for() {
        timed(|| {
            if zmq::version() < (4, 3, 0) {
                return;
            }
            let context = Context::new();
            context.set_thread_name_prefix(4711).unwrap();
            context.set_io_threads(3).unwrap();
            let _socket = context.socket(Pair).unwrap();
            // And the one that closes sockets.
            named("4711/ZMQbg/", 4);
        });
    }

    #[test]
    fn run_where_asked_for() {
        timed(|| {
            let allowed = fs::read_to_string("/proc/self/status").unwrap();
            let (_, list) = allowed.split_once("Cpus_allowed_list:").unwrap();
            let first: String = list
                .trim()
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let cpu: i32 = first.parse().unwrap();
            if zmq::version() < (4, 3, 0) {
                return;
            }
            let context = Context::new();
            context.set_thread_name_prefix(4712).unwrap();
            context.set_thread_affinity_cpu_add(cpu).unwrap();
            let _socket = context.socket(Pair).unwrap();
            for task in named("4712/ZMQbg/", 2) {
                let status = fs::read_to_string(task.join("status")).unwrap();
                let expected = format!("Cpus_allowed_list:\t{cpu}\n");
                assert!(status.contains(&expected), "{status}");
            }
            let context = Context::new();
            context.set_thread_name_prefix(4713).unwrap();
            context.set_thread_affinity_cpu_add(cpu).unwrap();
            context.set_thread_affinity_cpu_remove(cpu).unwrap();
            assert_eq!(
                context.set_thread_affinity_cpu_remove(cpu),
                Err(Error::EINVAL)
            );
            let _socket = context.socket(Pair).unwrap();
            for task in named("4713/ZMQbg/", 2) {
                let status = fs::read_to_string(task.join("status")).unwrap();
                let (_, expected) = allowed.split_once("Cpus_allowed_list:").unwrap();
                let expected = expected.split('\n').next().unwrap();
                assert!(status.contains(&format!("Cpus_allowed_list:{expected}\n")));
            }
        });
    }

    #[test]
    fn have_the_policy_and_priority_asked_for() {
        timed(|| {
            if zmq::version() < (4, 3, 0) {
                return;
            }
            let context = Context::new();
            context.set_thread_name_prefix(4714).unwrap();
            match context.set_thread_sched_policy(libc::SCHED_FIFO) {
                // Not everybody may.
                Err(e) => return assert_eq!(e, Error::from_raw(libc::EPERM)),
                Ok(()) => assert_eq!(context.get_thread_sched_policy(), Ok(libc::SCHED_FIFO)),
            }
            // It takes one, without which libzmq aborts.
            assert_eq!(context.socket(Pair).unwrap_err(), Error::EINVAL);
            assert_eq!(context.set_thread_priority(100), Err(Error::EINVAL));
            context.set_thread_priority(7).unwrap();
            let _socket = context.socket(Pair).unwrap();
            for task in named("4714/ZMQbg/", 2) {
                assert_eq!(stat(&task, POLICY), libc::SCHED_FIFO.into());
                assert_eq!(stat(&task, RT_PRIORITY), 7);
            }

            let context = Context::new();
            context.set_thread_name_prefix(4715).unwrap();
            context.set_thread_sched_policy(libc::SCHED_BATCH).unwrap();
            context.set_thread_priority(1).unwrap();
            let _socket = context.socket(Pair).unwrap();
            for task in named("4715/ZMQbg/", 2) {
                assert_eq!(stat(&task, POLICY), libc::SCHED_BATCH.into());
                // 20 less than this process has, who may have been started as a nice one.
                let own = stat("/proc/self".as_ref(), NICE);
                assert_eq!(stat(&task, NICE), (own - 20).max(-20));
                assert_eq!(stat(&task, PRIORITY), 20 + stat(&task, NICE));
            }
        });
    }

    #[test]
    fn are_not_started_if_they_may_not_be_so() {
        timed(|| {
            without_privileges(|| {
                let eperm = Error::from_raw(libc::EPERM);
                let context = Context::new();
                let refused = context.set_thread_sched_policy(libc::SCHED_FIFO);
                assert_eq!(refused, Err(eperm));
                assert_eq!(context.get_thread_sched_policy(), Ok(-1));
                context.socket(Pair).unwrap();

                let context = Context::new();
                context.set_thread_priority(1).unwrap();
                assert_eq!(context.socket(Pair).unwrap_err(), eperm);
                // A context whose threads run is not asked again.
                let context = Context::new();
                context.socket(Pair).unwrap();
                context.set_thread_priority(1).unwrap();
                context.socket(Pair).unwrap();
            });
        });
    }

    #[test]
    fn are_not_started_without_descriptors_for_them() {
        timed(|| {
            let mut limit = libc::rlimit {
                rlim_cur: 0,
                rlim_max: 0,
            };
            // SAFETY: `limit` is there to write to.
            unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
            let context = Context::new();
            context.set_io_threads(1024).unwrap();
            if limit.rlim_cur <= 1024 {
                assert_eq!(context.socket(Pair).unwrap_err(), Error::EMFILE);
            }
            context.set_io_threads(2).unwrap();
            context.socket(Pair).unwrap();
        });
    }

    #[cfg(feature = "draft")]
    #[test]
    fn have_a_name_of_text() {
        timed(|| {
            let context = Context::new();
            for wrong in ["", "n\0l", "0123456789abcdef"] {
                assert_eq!(
                    context.set_thread_name_prefix_text(wrong),
                    Err(Error::EINVAL)
                );
            }
            assert_eq!(context.get_thread_name_prefix_text(), Ok(Ok(String::new())));
            // Four bytes are a number to libzmq.
            for name in ["0123456789abcde", "one", "five5", "four"] {
                context.set_thread_name_prefix_text(name).unwrap();
                assert_eq!(
                    context.get_thread_name_prefix_text(),
                    Ok(Ok(name.to_owned()))
                );
            }
            let _socket = context.socket(Pair).unwrap();
            named("four/ZMQbg/", 2);
        });
    }
}

#[cfg(feature = "draft")]
#[test]
fn zero_copy_recv_chooses_how_messages_are_kept() {
    timed(|| {
        let context = Context::new();
        assert_eq!(context.is_zero_copy_recv(), Ok(true));
        for zero_copy in [true, false] {
            context.set_zero_copy_recv(zero_copy).unwrap();
            assert_eq!(context.is_zero_copy_recv(), Ok(zero_copy));
            let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
            push.connect(&bind_tcp(&pull)).unwrap();
            // Both fit into one buffer, where the second follows the first.
            push.send_multipart([[1; 1000], [2; 1000]].map(Vec::from), 0)
                .unwrap();
            let [first, second] = [pull.recv_msg(0).unwrap(), pull.recv_msg(0).unwrap()];
            assert_eq!((&first[..], &second[..]), (&[1; 1000][..], &[2; 1000][..]));
            let distance = (second.as_ptr() as usize).wrapping_sub(first.as_ptr() as usize);
            // Over the second's header of flags and length.
            assert_eq!(distance == 1000 + 9, zero_copy);
        }
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
        // What was sent after, within that millisecond, needs its receiver too.
        drop(context);
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

/// A PUSH with a message for who will be at the endpoint: nobody, as yet.
fn for_later(context: &Context) -> (zmq::Socket<Push>, String) {
    // Nobody listens there any more when its context has ended.
    let endpoint = {
        let elsewhere = Context::new();
        let pull = elsewhere.socket(Pull).unwrap();
        bind_tcp(&pull)
    };
    let push = context.socket(Push).unwrap();
    push.connect(&endpoint).unwrap();
    push.send("late", 0).unwrap();
    (push, endpoint)
}

/// Receives at the endpoint what was sent there for later.
fn receive_late(endpoint: &str) {
    let pull = Context::new().socket(Pull).unwrap();
    // Until the one that had the port has let go of it.
    while pull.bind(endpoint).is_err() {
        thread::yield_now();
    }
    assert_eq!(pull.recv_bytes(0).unwrap(), b"late");
}

#[test]
fn end_says_which_sockets_are_open() {
    timed(|| {
        let context = Context::new();
        let patience = Duration::from_millis(1);
        let sockets = (
            context.socket(Pull).unwrap(),
            context.socket(zmq::PUSH).unwrap(),
            context.socket(Pair).unwrap(),
        );
        let [one, two] = [inproc(), inproc()];
        sockets.0.bind(&inproc()).unwrap();
        sockets.0.bind(&one).unwrap();
        sockets.1.connect(&two).unwrap();
        let unfinished = context.end(patience).unwrap_err();
        let open: Vec<_> = unfinished
            .open()
            .iter()
            .map(|s| (s.kind, s.endpoint.as_deref()))
            .collect();
        let expected = [
            (zmq::PAIR, None),
            (zmq::PULL, Some(&*one)),
            (zmq::PUSH, Some(&*two)),
        ];
        assert_eq!(open, expected);
        let text = format!("there are open sockets: PAIR, PULL at {one}, PUSH at {two}");
        assert_eq!(unfinished.to_string(), text);
        // They have been told.
        assert_eq!(sockets.2.recv_bytes(0), Err(Error::ETERM));
        assert_eq!(context.socket(Pair).unwrap_err(), Error::ETERM);
        drop((sockets.0, sockets.1));
        assert_eq!(context.end(patience).unwrap_err().open().len(), 1);
        drop(sockets.2);
        assert_eq!(context.end(LIMIT), Ok(()));
        assert_eq!(context.end(patience), Ok(()));
    });
}

#[test]
fn end_does_not_wait_for_what_lingers_and_loses_nothing() {
    timed(|| {
        let context = Context::new();
        let (push, endpoint) = for_later(&context);
        drop(push);
        let unfinished = context.end(Duration::from_millis(1)).unwrap_err();
        assert_eq!(unfinished.open(), []);
        let text = "sockets that were dropped still have messages to send";
        assert_eq!(unfinished.to_string(), text);
        let clone = context.clone();
        // Nor does this, from now on.
        drop(context);
        receive_late(&endpoint);
        assert_eq!(clone.end(LIMIT), Ok(()));
    });
}

#[test]
fn end_may_be_called_by_several_and_with_destroy() {
    timed(|| {
        let mut context = Context::new();
        let socket = context.socket(Pair).unwrap();
        let ends: Vec<_> = (0..4)
            .map(|_| {
                let clone = context.clone();
                thread::spawn(move || clone.end(LIMIT))
            })
            .collect();
        assert_eq!(socket.recv_bytes(0), Err(Error::ETERM));
        drop(socket);
        context.destroy().unwrap();
        for end in ends {
            assert_eq!(end.join().unwrap(), Ok(()));
        }
    });
}

#[cfg(feature = "tracing")]
mod traced {
    use super::*;
    use std::sync::Mutex;
    use tracing::field::{Field, Visit};
    use tracing::{span, Event, Level, Metadata, Subscriber};

    struct Traced(Mutex<mpsc::Sender<String>>);

    impl Subscriber for Traced {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() == Level::WARN
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &Event<'_>) {
            struct Text(String);
            impl Visit for Text {
                fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
                    self.0 = format!("{value:?}");
                }
            }
            let mut text = Text(String::new());
            event.record(&mut text);
            let _ = self.0.lock().unwrap().send(text.0);
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    #[test]
    fn a_drop_that_takes_long_says_so() {
        timed(|| {
            let (traced, trace) = mpsc::channel();
            tracing::subscriber::set_global_default(Traced(Mutex::new(traced))).unwrap();
            let context = Context::new();
            let (push, endpoint) = for_later(&context);
            drop(push);
            let waits = thread::spawn(move || drop(context));
            let told = trace.recv_timeout(LIMIT / 2).unwrap();
            assert!(
                told.contains("the last handle of a context was dropped"),
                "{told}"
            );
            assert!(!waits.is_finished());
            receive_late(&endpoint);
            waits.join().unwrap();
        });
    }
}

/// libzmq looks once who has connected over inproc and still waits for somebody to bind, and
/// waits for all others for ever (ctx.cpp, terminate). With many who wait that takes a while.
#[test]
fn an_end_waits_for_nobody_who_connects_meanwhile() {
    timed(|| {
        for _ in 0..20 {
            let mut context = Context::new();
            let waiting = context.socket(Pair).unwrap();
            for _ in 0..100 {
                waiting.connect(&inproc()).unwrap();
            }
            let late = context.socket(Pull).unwrap();
            let (ready, is_ready) = mpsc::channel();
            let connects = thread::spawn(move || {
                ready.send(()).unwrap();
                loop {
                    let endpoint = inproc();
                    let connected = late.connect(&endpoint);
                    if let Err(error) = connected.and_then(|()| late.disconnect(&endpoint)) {
                        return error;
                    }
                }
            });
            let waits = thread::spawn(move || waiting.recv_bytes(0));
            is_ready.recv().unwrap();
            context.destroy().unwrap();
            assert_eq!(connects.join().unwrap(), Error::ETERM);
            assert_eq!(waits.join().unwrap(), Err(Error::ETERM));
        }
    });
}
