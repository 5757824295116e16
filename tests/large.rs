//! What is large is copied and read by the vendored libzmq: `vendor/copy.h`, `vendor/large.h`.
#![cfg(all(zmq_vendored, target_os = "linux"))]

mod common;

use std::time::Duration;

use common::timed_for;

/// Far more than it takes on a machine that does nothing else.
const LONG: Duration = Duration::from_secs(300);

fn exercise(flavour: &str, flags: &[&str]) {
    let cases = [
        ("copies_are_the_same", 1),
        ("little_is_written_first_of_what_is_large", 1),
        ("large_messages_are_read_to_where_they_stay", 1),
        ("what_is_large_may_come_in_parts", 1),
        ("half_a_buffer_is_read_to_where_it_stays", 1),
        ("buffers_of_libzmq_are_as_they_were", 1),
        ("messages_of_any_size_arrive", 20),
    ];
    common::exercise::exercise_libzmq("large", flavour, flags, &cases);
}

#[test]
fn what_is_large_is_copied_and_read() {
    timed_for(LONG, || exercise("plain", &[]));
}

#[test]
fn only_what_is_there_is_copied_and_read() {
    timed_for(LONG, || {
        exercise("address", &["-fsanitize=address,undefined"])
    });
}
