//! What messages pass through from thread to thread: `vendor/spaced_ypipe.hpp`.
#![cfg(all(zmq_vendored, target_os = "linux"))]

mod common;

use std::time::Duration;

use common::timed_for;

/// Far more than it takes on a machine that does nothing else.
const LONG: Duration = Duration::from_secs(300);

fn exercise(flavour: &str, flags: &[&str], often: u32) {
    let cases = [("items_pass", often), ("items_stay", 1)];
    common::exercise::exercise_libzmq("ypipe", flavour, flags, &cases);
}

#[test]
fn what_is_written_is_read_in_order() {
    timed_for(LONG, || exercise("plain", &[], 5));
}

#[test]
fn memory_is_used_only_while_it_is_there_and_then_freed() {
    timed_for(LONG, || {
        exercise("address", &["-fsanitize=address,undefined"], 1)
    });
}

#[test]
fn the_writer_does_not_race_with_the_reader() {
    timed_for(LONG, || exercise("thread", &["-fsanitize=thread"], 1));
}
