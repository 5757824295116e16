//! What the vendored libzmq can do on Linux because it is configured for it.
//! Each of these fails with an empty `vendor/platform.hpp`, but for ws.
#![cfg(all(zmq_vendored, target_os = "linux"))]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use common::{bind, bind_tcp, ipc, timed, Monitor, LIMIT};
use zmq::{Context, Pair, Pull, Push, Rep, Req};

/// Looks again and again until `found` is true; for what the kernel shows but
/// does not announce.
fn until(found: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !found() {
        assert!(Instant::now() < deadline, "never came true");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn transports_and_mechanisms_are_built_in() {
    assert_eq!(zmq::version(), (4, 3, 5));
    for capability in ["ipc", "tipc", "WS", "draft"] {
        assert_eq!(zmq::has(capability), Some(true), "{capability}");
    }
    assert_eq!(zmq::has("curve"), Some(cfg!(feature = "curve")));
}

#[test]
fn endpoints_may_name_a_network_interface() {
    timed(|| {
        let socket = Context::new().socket(Rep).unwrap();
        let endpoint = bind(&socket, "tcp://lo:*");
        assert!(endpoint.starts_with("tcp://127.0.0.1:"), "{endpoint}");
    });
}

#[test]
fn ws_carries_messages() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        // Of a wildcard port, libzmq 4.3.5 reports 0 for ws: ask the kernel for a
        // free one instead, and try again if somebody else was quicker.
        let endpoint = loop {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let endpoint = format!("ws://{}", free.local_addr().unwrap());
            drop(free);
            if push.bind(&endpoint).is_ok() {
                break endpoint;
            }
        };
        pull.connect(&endpoint).unwrap();
        push.send("over a web socket", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"over a web socket");
    });
}

#[test]
fn tcp_keepalive_reaches_the_kernel() {
    timed(|| {
        let context = Context::new();
        let (server, client) = (context.socket(Rep).unwrap(), context.socket(Req).unwrap());
        let endpoint = bind_tcp(&server);
        client.set_tcp_keepalive(1).unwrap();
        client.set_tcp_keepalive_idle(600).unwrap();
        let events = Monitor::new(&client);
        client.connect(&endpoint).unwrap();
        events.wait_for(zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

        let port: u16 = endpoint.rsplit(':').next().unwrap().parse().unwrap();
        let peer = format!("0100007F:{port:04X}");
        // A line is: number, local address, peer's address, state, queues, timer
        // (kind:expiry in hundredths of a second); 02 is the keep-alive timer.
        until(|| {
            let table = fs::read_to_string("/proc/net/tcp").unwrap();
            table.lines().any(|line| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let Some((kind, expiry)) = fields[5].split_once(':') else {
                    return false;
                };
                let expiry = u64::from_str_radix(expiry, 16).unwrap_or(0);
                // Far over what a handshake leaves behind, near the 600 s set.
                fields[2] == peer && kind == "02" && (50_000..=60_000).contains(&expiry)
            })
        });
    });
}

/// The descriptors of this process that a program it starts would inherit.
fn inherited() -> BTreeSet<String> {
    let inherits = |info: &str| {
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = u32::from_str_radix(flags.unwrap().trim(), 8).unwrap();
        flags & libc::O_CLOEXEC as u32 == 0
    };
    fs::read_dir("/proc/self/fdinfo")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // One that is closed meanwhile is not inherited.
        .filter(|path| fs::read_to_string(path).is_ok_and(|info| inherits(&info)))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn no_descriptor_leaks_into_child_processes() {
    timed(|| {
        let before = inherited();
        let context = Context::new();
        for endpoint in ["tcp://127.0.0.1:*".to_owned(), ipc()] {
            let (server, client) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
            let endpoint = bind(&server, &endpoint);
            client.connect(&endpoint).unwrap();
            client.send("hello", 0).unwrap();
            server.recv_bytes(0).unwrap();
            // Now there are a listener, both ends of a connection, the signalers
            // and the poll sets of all threads.
            assert_eq!(inherited(), before, "{endpoint}");
        }
    });
}

/// The names of this process's threads.
fn threads() -> Vec<String> {
    let names = fs::read_dir("/proc/self/task").unwrap();
    names
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|name| name.trim_end().to_owned())
        .collect()
}

#[test]
fn io_threads_have_names() {
    timed(|| {
        let context = Context::new();
        context.set_io_threads(2).unwrap();
        context.set_thread_name_prefix(4711).unwrap();
        let _started = context.socket(Pair).unwrap();
        // A thread names itself when it begins to run.
        until(|| {
            let names = threads();
            ["4711/ZMQbg/IO/0", "4711/ZMQbg/IO/1", "4711/ZMQbg/Reap"]
                .iter()
                .all(|wanted| names.iter().any(|name| name == wanted))
        });
    });
}

#[test]
fn threads_signal_each_other_by_eventfd() {
    timed(|| {
        let _socket = Context::new().socket(Pair).unwrap();
        let links = fs::read_dir("/proc/self/fd").unwrap();
        let targets = links.filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
        let eventfds = targets.filter(|target| target.ends_with("anon_inode:[eventfd]"));
        assert!(eventfds.count() > 0);
    });
}

#[test]
fn a_process_may_fork_while_it_has_a_context() {
    timed(|| {
        let context = Context::new();
        let pull = context.socket(Pull).unwrap();
        let endpoint = bind_tcp(&pull);

        // SAFETY: the child calls only what is safe in a forked child of a
        // program with threads: glibc's allocator, libzmq, `_exit`.
        let child = unsafe { libc::fork() };
        assert_ne!(child, -1);
        if child == 0 {
            // SAFETY: plain system calls; a child that hangs ends by the alarm.
            unsafe { libc::alarm(LIMIT.as_secs() as u32) };
            // The inherited socket does not take the parent's wake-ups, nor does
            // it wait for ones that come to the parent only.
            let inherited = pull.recv_bytes(0);
            // And it is dropped without waiting for threads that the child does
            // not have, and without disturbing the parent.
            drop(pull);
            drop(context);
            let context = Context::new();
            let sent = context.socket(Push).and_then(|push| {
                push.connect(&endpoint)?;
                push.send("from the child", 0)
            });
            drop(context); // waits until it is delivered
            let ok = inherited == Err(zmq::Error::EINTR) && sent == Ok(());
            unsafe { libc::_exit(i32::from(!ok)) };
        }

        assert_eq!(pull.recv_bytes(0).unwrap(), b"from the child");
        let mut status = 0;
        // SAFETY: waits for the child above.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert!(libc::WIFEXITED(status), "the child died: {status:#x}");
        assert_eq!(libc::WEXITSTATUS(status), 0);

        // The parent's context is as alive as before.
        let push = context.socket(Push).unwrap();
        push.connect(&endpoint).unwrap();
        push.send("from the parent", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"from the parent");
    });
}

#[test]
fn ipc_endpoints_may_be_wildcards() {
    timed(|| {
        let context = Context::new();
        let (pull, push) = (context.socket(Pull).unwrap(), context.socket(Push).unwrap());
        let endpoint = bind(&pull, "ipc://*");
        let path = endpoint.strip_prefix("ipc://").unwrap();
        // A socket in a fresh folder that only its owner may enter.
        let folder = std::path::Path::new(path).parent().unwrap();
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&folder.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700, "{folder:?}");
        push.connect(&endpoint).unwrap();
        push.send("through a file", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"through a file");
    });
}
