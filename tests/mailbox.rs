//! How sockets and I/O threads are told what to do: `vendor/io_mailbox.cpp`.
#![cfg(all(zmq_vendored, target_os = "linux"))]

mod common;

use std::time::Duration;

use common::timed_for;

/// Far more than it takes on a machine that does nothing else.
const LONG: Duration = Duration::from_secs(300);

fn exercise(flavour: &str, flags: &[&str], often: u32) {
    let include = |path: &str| format!("-I{}/vendor/libzmq/{path}", env!("CARGO_MANIFEST_DIR"));
    let libzmq = [&*include("src"), &include("include")];
    // Its headers do not bear all warnings, and of its sources some functions want more.
    let bear = ["-Wno-unused-parameter", "-DZMQ_POOL=0"];
    let few = ["-ffunction-sections", "-Wl,--gc-sections"];
    let flags = [&libzmq[..], &bear, &few, flags].concat();
    let cases = [
        ("nothing_is_lost", often),
        ("who_watches_hears", often),
        ("a_task_is_woken_by_name", 1),
    ];
    common::exercise::exercise("mailbox", &[], flavour, &flags, &cases);
}

#[test]
fn what_is_sent_arrives_whoever_waits_for_it() {
    timed_for(LONG, || exercise("plain", &[], 20));
}

#[test]
fn senders_do_not_race_with_the_reader() {
    timed_for(LONG, || exercise("thread", &["-fsanitize=thread"], 2));
}
