//! Sockets to which nothing happens: who waits for them is not woken, and no thread has
//! anything to do.

use std::env;
use std::future::poll_fn;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use zmq::aio::AsyncSocket;
use zmq::{Context, Dealer};

use crate::common::{bind, inproc, timed};
use crate::runtimes::{tiny_queues, Runtime, Work, ALL};

const SOCKETS: usize = 1000;

/// How long they are watched, and how much of that all threads together may use: one
/// that does not rest would use all of it.
const WATCHED: Duration = Duration::from_secs(1);
const ALLOWED: Duration = Duration::from_millis(20);

/// Tells the process that is watched in which runtime.
const RUNTIME: &str = "ZMQ_TEST_IDLE_IN";

/// Each runtime in a process of its own, in which nobody else does anything.
#[test]
fn a_thousand_idle_sockets_use_no_time() {
    timed(|| match env::var(RUNTIME) {
        Ok(name) => {
            let is_meant = |runtime: &Runtime| format!("{runtime:?}") == name;
            let runtime = ALL.into_iter().find(is_meant).unwrap();
            runtime.block_on(idle(runtime));
        }
        Err(_) => in_processes(),
    });
}

fn in_processes() {
    let processes = ALL.map(|runtime| {
        let process = Command::new(env::current_exe().unwrap())
            .args(["idle::a_thousand_idle_sockets_use_no_time", "--exact"])
            .arg("--nocapture")
            .env(RUNTIME, format!("{runtime:?}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        (runtime, process.unwrap())
    });
    for (runtime, process) in processes {
        let output = process.wait_with_output().unwrap();
        let [said, complained] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        println!("{runtime:?}: {said}{complained}");
        assert!(output.status.success());
        assert!(said.contains(MEASURED), "no such test");
    }
}

/// What was measured last.
const MEASURED: &str = "after traffic";

async fn idle(runtime: Runtime) {
    allow_descriptors(4 * SOCKETS as u64);
    let context = Context::new();
    context.set_max_sockets(2 * SOCKETS as i32).unwrap();
    let polls = Arc::new(AtomicUsize::new(0));
    let mut work: Vec<Work> = Vec::new();
    let (mut peers, mut deaf) = (Vec::new(), Vec::new());
    for i in 0..SOCKETS {
        let (socket, peer) = (context.socket(Dealer).unwrap(), || context.socket(Dealer));
        socket.set_sndhwm(1).unwrap();
        match i % 20 {
            // A few have somebody to talk to.
            kind @ (0 | 1) => {
                let endpoint = ["tcp://127.0.0.1:*", &inproc()][kind].to_owned();
                let peer = peer().unwrap();
                peer.connect(&bind(&socket, &endpoint)).unwrap();
                peers.push(runtime.socket(peer));
                work.push(echo(runtime.socket(socket).into()));
            }
            // A few wait in both directions.
            2 => {
                let socket = Arc::new(runtime.socket(socket));
                work.push(fill(Arc::clone(&socket)));
                work.push(echo(socket));
            }
            // A few can receive, and wait to send to somebody who does not listen.
            3 => {
                let peer = peer().unwrap();
                tiny_queues(socket.as_dyn(), peer.as_dyn());
                peer.connect(&bind(&socket, &inproc())).unwrap();
                peer.send("nobody receives this", 0).unwrap();
                deaf.push(peer);
                work.push(fill(runtime.socket(socket).into()));
            }
            _ => work.push(echo(runtime.socket(socket).into())),
        }
    }
    let tasks = work.len();
    let mut work: Vec<_> = work.into_iter().map(|work| counted(work, &polls)).collect();
    work.push(Box::pin(async move {
        while polls.load(Ordering::SeqCst) < tasks {
            runtime.sleep(Duration::from_millis(10)).await;
        }
        watch(runtime, &polls, "at first").await;
        for peer in &peers {
            for i in 0..20 {
                let message = format!("{i}");
                peer.send(&message).await.unwrap();
                assert_eq!(peer.recv_bytes().await.unwrap(), message.as_bytes());
            }
            peer.send("nobody receives the answer").await.unwrap();
        }
        watch(runtime, &polls, MEASURED).await;
        context.shutdown().unwrap();
    }));
    runtime.together(work).await;
}

/// Sends back what it receives, until the context ends.
fn echo(socket: Arc<AsyncSocket<Dealer>>) -> Work {
    Box::pin(async move {
        while let Ok(message) = socket.recv_frames().await {
            socket.send_frames(message).await.unwrap();
        }
    })
}

/// Sends all that it can, until the context ends.
fn fill(socket: Arc<AsyncSocket<Dealer>>) -> Work {
    Box::pin(async move { while socket.send("more").await.is_ok() {} })
}

fn counted(mut work: Work, polls: &Arc<AtomicUsize>) -> Work {
    let polls = Arc::clone(polls);
    Box::pin(poll_fn(move |task| {
        polls.fetch_add(1, Ordering::SeqCst);
        work.as_mut().poll(task)
    }))
}

/// Sees that nothing happens, once all that goes on has come to its end.
async fn watch(runtime: Runtime, polls: &AtomicUsize, when: &str) {
    let count = || polls.load(Ordering::SeqCst);
    loop {
        let polled = count();
        runtime.sleep(Duration::from_millis(100)).await;
        if count() == polled {
            break;
        }
    }
    let polled = count();
    let used = time_used();
    runtime.sleep(WATCHED).await;
    let used = time_used() - used;
    println!("{when} they used {used:?} of {WATCHED:?}");
    assert_eq!(count(), polled, "tasks were woken");
    assert!(used < ALLOWED, "{used:?}");
}

/// By all threads of this process, in which there are those of libzmq too.
fn time_used() -> Duration {
    // SAFETY: all zeroes is a time, which is written to.
    let time = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        let rc = libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time);
        assert_eq!(rc, 0, "{}", std::io::Error::last_os_error());
        time
    };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Has this process open so many descriptors, if it may.
fn allow_descriptors(count: u64) {
    // SAFETY: all zeroes is a limit, which is written to and read.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_cur.max(count).min(limit.rlim_max);
        let rc = libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        assert_eq!(rc, 0, "{}", std::io::Error::last_os_error());
    }
}
