//! What is opened and closed again leaves nothing behind: no descriptor, no memory.

use std::fs;
use std::time::Instant;

use zmq::{Context, Pull, Push, SocketEvent};

use crate::common::peer::Peer;
use crate::common::{bind, ipc, timed_for, Monitor, LIMIT};
use crate::kills::until;
use crate::{programs, times};

/// What memory may grow by in all that comes after the warm-up, in KiB: what allocators
/// keep varies, and a leak of some hundred bytes a cycle is more.
const SLACK: u64 = 1024;
/// What is not counted, as allocators and caches fill: a tenth, and at least this.
const WARM_UP: u64 = 100;

/// A connection that carries a message and is ended by the one or the other side.
fn connections(cycles: u64) {
    let context = Context::new();
    let pull = context.socket(Pull).unwrap();
    let endpoints = [bind(&pull, "tcp://127.0.0.1:*"), bind(&pull, &ipc())];
    let events = Monitor::new(&pull);
    measured(cycles, |i| {
        let push = context.socket(Push).unwrap();
        let endpoint = &endpoints[i as usize % 2];
        push.connect(endpoint).unwrap();
        push.send("hello", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"hello");
        if i % 3 == 0 {
            push.disconnect(endpoint).unwrap();
        }
        drop(push);
        events.wait_for(zmq_sys::ZMQ_EVENT_DISCONNECTED);
    });
}

/// A context with a connection of its own, and a monitor.
fn contexts(cycles: u64) {
    measured(cycles, |i| {
        let mut context = Context::new();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        let monitor = pull.monitor_socket(SocketEvent::ALL as i32).unwrap();
        push.connect(&bind(&pull, "tcp://127.0.0.1:*")).unwrap();
        push.send(&i.to_ne_bytes()[..], 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), i.to_ne_bytes());
        drop((monitor, push, pull));
        context.destroy().unwrap();
    });
}

/// Repeats `cycle` and says by how much the process has grown.
fn measured(cycles: u64, mut cycle: impl FnMut(u64)) {
    let descriptors = size().0;
    (0..WARM_UP.max(cycles / 10)).for_each(&mut cycle);
    let (before, begin) = (size().1, Instant::now());
    for i in 0..cycles {
        if i % 500 == 0 {
            eprintln!("{i} done");
        }
        cycle(i);
    }
    // Sockets are closed in the background.
    until("closed", || size().0 == descriptors);
    let took = begin.elapsed();
    eprintln!(
        "{descriptors} {} {before} {}\nin {took:?}",
        size().0,
        size().1
    );
}

/// The descriptors and KiB of memory that the process has.
fn size() -> (usize, u64) {
    let descriptors = fs::read_dir("/proc/self/fd").unwrap().count();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let memory = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    (
        descriptors,
        memory.trim().trim_end_matches(" kB").parse().unwrap(),
    )
}

pub fn play(words: &[&str]) {
    let [what, cycles] = words else {
        panic!("{words:?}")
    };
    let cycles = cycles.parse().unwrap();
    match *what {
        "connections" => connections(cycles),
        _ => contexts(cycles),
    }
}

/// In a process where nothing else happens.
fn does_not_grow(what: &'static str, default: u64) {
    let cycles = times("ZMQ_TEST_CYCLES", default);
    timed_for(LIMIT + 30 * LIMIT * (cycles / 10_000) as u32, move || {
        let peer = Peer::spawn(programs::again(&["growth", what, &cycles.to_string()]));
        for _ in 0..cycles.div_ceil(500) {
            assert!(peer.error_line().ends_with(" done"));
        }
        let sizes = peer.error_line();
        let sizes: Vec<u64> = sizes.split(' ').map(|n| n.parse().unwrap()).collect();
        let took = peer.error_line();
        let [descriptors, descriptors_after, memory, memory_after] = sizes[..] else {
            panic!("{sizes:?}")
        };
        println!(
            "{cycles} {what} {took}: descriptors {descriptors}, then {descriptors_after}; \
             memory {memory} KiB, then {memory_after} KiB"
        );
        assert_eq!(descriptors, descriptors_after);
        assert!(memory_after <= memory + SLACK);
    });
}

#[test]
fn connections_leave_nothing() {
    does_not_grow("connections", 1000);
}

#[test]
fn contexts_leave_nothing() {
    does_not_grow("contexts", 300);
}
