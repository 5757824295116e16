//! How sockets and I/O threads are told what to do: `vendor/io_mailbox.cpp`.
#![cfg(all(zmq_vendored, target_os = "linux"))]

mod common;

use std::time::Duration;

use common::timed_for;

/// Far more than it takes on a machine that does nothing else.
const LONG: Duration = Duration::from_secs(300);

fn exercise(flavour: &str, flags: &[&str], often: u32) {
    let cases = [
        ("nothing_is_lost", often),
        ("who_watches_hears", often),
        ("a_task_is_woken_by_name", 1),
    ];
    common::exercise::exercise_libzmq("mailbox", flavour, flags, &cases);
}

#[test]
fn what_is_sent_arrives_whoever_waits_for_it() {
    timed_for(LONG, || exercise("plain", &[], 20));
}

#[test]
fn senders_do_not_race_with_the_reader() {
    timed_for(LONG, || exercise("thread", &["-fsanitize=thread"], 2));
}
