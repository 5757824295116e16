//! However things end, and in whatever order: nothing hangs or aborts.

mod common;

use std::any::Any;
use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use common::{bind_tcp, inproc, timed_for, LIMIT};
use zmq::auth::Authenticator;
use zmq::{Context, Pair, Pull, Push, Socket, SocketEvent};

/// Calls `visit` with every order of `items`: Heap's algorithm.
fn each_order<T>(items: &mut [T], visit: &mut impl FnMut(&[T])) {
    fn orders<T>(items: &mut [T], count: usize, visit: &mut impl FnMut(&[T])) {
        if count <= 1 {
            return visit(items);
        }
        for i in 0..count {
            orders(items, count - 1, visit);
            items.swap(if count % 2 == 0 { i } else { 0 }, count - 1);
        }
    }
    orders(items, items.len(), visit);
}

#[test]
fn there_are_as_many_orders_as_there_should_be() {
    let mut seen = std::collections::BTreeSet::new();
    each_order(&mut [0, 1, 2, 3], &mut |order| {
        seen.insert(order.to_vec());
    });
    assert_eq!(seen.len(), 24);
}

type Things = Vec<Option<Box<dyn Any + Send>>>;

/// A context, and what belongs to it: two sockets with messages on their way and one
/// that has nobody, a monitor, an authenticator, another handle.
fn things(over_tcp: bool) -> Things {
    let context = Context::new();
    let authenticator = Authenticator::start(&context).unwrap();
    let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
    let monitor = push.monitor_socket(SocketEvent::ALL as i32).unwrap();
    let endpoint = if over_tcp {
        bind_tcp(&pull)
    } else {
        common::bind(&pull, &inproc())
    };
    push.connect(&endpoint).unwrap();
    for _ in 0..3 {
        push.send("on its way", 0).unwrap();
    }
    assert_eq!(pull.recv_bytes(0).unwrap(), b"on its way");
    let lonely = context.socket(Push).unwrap();
    lonely.set_linger(1).unwrap();
    lonely.connect("tcp://127.0.0.1:1").unwrap();
    lonely.send("for nobody", 0).unwrap();
    vec![
        Some(Box::new(context)),
        Some(Box::new(push)),
        Some(Box::new(pull)),
        Some(Box::new(monitor)),
        Some(Box::new(authenticator)),
        Some(Box::new(lonely)),
    ]
}

/// Far more than it takes.
const LONG: Duration = Duration::from_secs(300);

#[test]
fn things_may_be_dropped_in_any_order() {
    timed_for(LONG, || {
        let mut count = 0;
        each_order(&mut [0, 1, 2, 3, 4, 5], &mut |order| {
            let mut things = things(count % 8 == 0);
            for &i in order {
                drop(things[i].take());
            }
            count += 1;
        });
        assert_eq!(count, 720);
    });
}

#[test]
fn things_may_be_dropped_by_any_thread_at_the_same_time() {
    timed_for(LONG, || {
        for round in 0..200 {
            let threads = things(round % 2 == 0).into_iter();
            let threads: Vec<_> = threads.map(|thing| thread::spawn(|| drop(thing))).collect();
            for thread in threads {
                thread.join().unwrap();
            }
        }
    });
}

#[test]
fn things_may_be_dropped_by_a_panic() {
    timed_for(LONG, || {
        let mut count = 0;
        each_order(&mut [0, 1, 2, 3, 4, 5], &mut |order| {
            count += 1;
            if count % 7 != 0 {
                return;
            }
            let mut all = things(count % 8 == 0);
            let ordered: Things = order.iter().map(|&i| all[i].take()).collect();
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let _ordered = ordered;
                std::panic::resume_unwind(Box::new("on purpose"));
            }));
            assert!(panicked.is_err());
        });
    });
}

// ---- threads that end, and what is theirs -----------------------------------

thread_local! {
    static CONTEXT: RefCell<Option<Context>> = const { RefCell::new(None) };
    static PUSH: RefCell<Option<Socket<Push>>> = const { RefCell::new(None) };
    static PULL: RefCell<Option<Socket<Pull>>> = const { RefCell::new(None) };
}

/// Thread locals are dropped when their thread ends, the last one first, perhaps.
#[test]
fn threads_end_with_what_is_theirs() {
    timed_for(LONG, || {
        let mut orders = Vec::new();
        each_order(&mut [0, 1, 2], &mut |order| orders.push(order.to_vec()));
        for order in orders {
            for _ in 0..20 {
                let order = order.clone();
                let works = move || {
                    let context = Context::new();
                    let (push, pull) = common::pipeline(&context);
                    push.send("sent", 0).unwrap();
                    push.send("and left", 0).unwrap();
                    assert_eq!(pull.recv_bytes(0).unwrap(), b"sent");
                    let (mut context, mut push, mut pull) = (Some(context), Some(push), Some(pull));
                    for which in order {
                        match which {
                            0 => CONTEXT.with(|c| *c.borrow_mut() = context.take()),
                            1 => PUSH.with(|c| *c.borrow_mut() = push.take()),
                            _ => PULL.with(|c| *c.borrow_mut() = pull.take()),
                        }
                    }
                };
                thread::spawn(works).join().unwrap();
            }
        }
    });
}

// ---- processes that end -----------------------------------------------------

static KEPT: OnceLock<(Context, std::sync::Mutex<Socket<Pair>>)> = OnceLock::new();

/// Plays a process that ends somehow; does nothing when it is run as a test.
#[test]
fn child() {
    let Ok(ending) = std::env::var("ZMQ_TEST_ENDING") else {
        return;
    };
    let context = Context::new();
    let socket = context.socket(Pair).unwrap();
    bind_tcp(&socket);
    let reader = context.socket(Pull).unwrap();
    let (waits, is_waiting) = std::sync::mpsc::channel();
    let waiting = move || {
        waits.send(()).unwrap();
        reader.recv_bytes(0)
    };
    match &*ending {
        "statics" => {
            let _ = KEPT.set((context, socket.into()));
            drop(waiting);
            std::process::exit(7);
        }
        "blocked" => {
            thread::spawn(waiting);
            is_waiting.recv().unwrap();
            std::process::exit(7);
        }
        "elsewhere" => {
            thread::spawn(waiting);
            is_waiting.recv().unwrap();
            thread::spawn(|| std::process::exit(7)).join().unwrap();
        }
        "unfinished" => {
            assert!(context.end(Duration::from_millis(1)).is_err());
            std::process::exit(7);
        }
        "panic" => {
            drop(waiting);
            panic!("on purpose");
        }
        other => panic!("no such ending: {other}"),
    }
}

#[test]
fn processes_end_with_sockets_open() {
    timed_for(LIMIT * 2, || {
        for (ending, status) in [
            ("statics", 7),
            ("blocked", 7),
            ("elsewhere", 7),
            ("unfinished", 7),
            ("panic", 101),
        ] {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", "child", "--nocapture"]);
            let output = child.env("ZMQ_TEST_ENDING", ending).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(status), "{ending}: {said}");
            assert!(!said.contains("Assertion failed"), "{ending}: {said}");
        }
    });
}
