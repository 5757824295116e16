//! The tutorial: its three patterns with every role played in Rust, by the
//! examples, and in Python or C on the other side; and how the examples behave.
#![cfg(unix)]

mod common;

use std::fs::File;
use std::io::Write;
use std::os::fd::FromRawFd;
use std::process::Command;

use common::peer::{example, Lang, Peer};
use common::timed;
use common::tutorial::*;

macro_rules! patterns {
    ($($test:ident: $pattern:ident $other:ident $transport:ident;)*) => {$(
        #[test]
        fn $test() {
            Lang::$other.prepare();
            timed(|| $pattern([Lang::Rust, Lang::$other], Transport::$transport));
        }
    )*};
}

patterns! {
    reqrep_with_python_over_tcp: reqrep Python Tcp;
    reqrep_with_python_over_ipc: reqrep Python Ipc;
    reqrep_with_c_over_tcp: reqrep C Tcp;
    reqrep_with_c_over_ipc: reqrep C Ipc;
    pubsub_with_python_over_tcp: pubsub Python Tcp;
    pubsub_with_python_over_ipc: pubsub Python Ipc;
    pubsub_with_c_over_tcp: pubsub C Tcp;
    pubsub_with_c_over_ipc: pubsub C Ipc;
    pipeline_with_python_over_tcp: pipeline Python Tcp;
    pipeline_with_python_over_ipc: pipeline Python Ipc;
    pipeline_with_c_over_tcp: pipeline C Tcp;
    pipeline_with_c_over_ipc: pipeline C Ipc;
}

// ---- what the examples do beyond the patterns ----

fn rust(role: &str, arguments: &[&str]) -> Peer {
    Peer::tutorial(Lang::Rust, role, arguments)
}

#[test]
fn a_subscriber_hears_its_prefix_from_all_publishers() {
    timed(|| hears_its_prefix([Lang::Rust, Lang::Rust], Lang::Rust));
}

#[test]
fn a_subscriber_without_a_prefix_hears_everything() {
    timed(|| {
        let mut publisher = rust("pubsub_server", &[ANYWHERE]);
        let subscriber = rust("pubsub_client", &[&publisher.endpoint()]);
        join(&mut publisher, &subscriber, JOINED);
        publisher.type_line(b"anything");
        assert_eq!(next(&subscriber, JOINED), b"anything");
    });
}

#[test]
fn a_program_prompts_on_a_terminal_only() {
    timed(|| {
        let (mut keyboard, terminal) = terminal();
        let mut command = Lang::Rust.tutorial("pubsub_server");
        command.arg(ANYWHERE);
        let typing = Peer::spawn_with(command, terminal.into());
        typing.endpoint();
        keyboard.write_all(b"hello\nq\n").unwrap();
        let end = typing.end();
        assert_eq!(end.output, [b"input your data:input your data:"]);
        assert_eq!(end.status, Some(0));
        // That there is none on a pipe, every other test shows.
    });
}

/// A terminal: the end with the keyboard, and the program's.
fn terminal() -> (File, File) {
    let (mut keyboard, mut terminal) = (0, 0);
    let null = std::ptr::null_mut();
    // SAFETY: openpty writes two descriptors, which from then on are ours.
    unsafe {
        let rc = libc::openpty(&mut keyboard, &mut terminal, null, null.cast(), null.cast());
        assert_eq!(rc, 0, "{}", std::io::Error::last_os_error());
        (File::from_raw_fd(keyboard), File::from_raw_fd(terminal))
    }
}

#[test]
fn a_wrong_endpoint_is_named_and_ends_a_program_with_status_2() {
    timed(|| {
        let wrong = "tcp//no-colon";
        for (role, arguments) in [
            ("reqrep_server", &[wrong][..]),
            ("reqrep_client", &[wrong]),
            ("pubsub_server", &[wrong]),
            ("pubsub_client", &["A", wrong]),
            ("pubsub_client", &["", ANYWHERE, wrong]),
            ("pipeline_client", &[wrong]),
            ("pipeline_worker", &[wrong]),
            ("pipeline_worker", &["tcp://127.0.0.1:1", wrong]),
            ("pipeline_server", &[wrong]),
        ] {
            let end = rust(role, arguments).end();
            let [line] = &end.errors[..] else {
                panic!("{role}: {end:?}")
            };
            let named = arguments.iter().find(|argument| line.contains(**argument));
            assert!(named.is_some(), "{line}");
            assert!(line.starts_with(&format!("{role}: ")), "{line}");
            assert!(line.contains("Invalid argument"), "{line}");
            assert_eq!((end.status, end.output), (Some(2), vec![]), "{line}");
        }
    });
}

#[test]
fn an_argument_too_many_ends_a_program_with_status_2() {
    timed(|| {
        for (role, most) in [
            ("reqrep_server", 1),
            ("reqrep_client", 1),
            ("pubsub_server", 1),
            ("pipeline_client", 1),
            ("pipeline_worker", 2),
            ("pipeline_server", 1),
        ] {
            let end = rust(role, &vec![ANYWHERE; most + 1]).end();
            let expected = format!("{role}: {} arguments given, at most {most} taken", most + 1);
            assert_eq!(end.errors, [expected]);
            assert_eq!((end.status, end.output), (Some(2), vec![]));
        }
    });
}

#[test]
fn the_programs_find_each_other_without_arguments() {
    timed(|| without_arguments(Lang::Rust, Lang::Rust));
}

// ---- how the examples end ----

#[test]
fn ctrl_c_ends_programs_that_wait_for_a_line() {
    timed(|| {
        ctrl_c_before_a_line(Lang::Rust);
        ctrl_c_while_listening(Lang::Rust, &["pubsub_server", "pipeline_client"]);
    });
}

#[test]
fn ctrl_c_ends_programs_that_wait_for_a_message() {
    // They have not received any. Of the others, `stop` has shown it in the
    // patterns: without a message one cannot know that they are listening.
    timed(|| ctrl_c_while_listening(Lang::Rust, &["reqrep_server", "pipeline_server"]));
}

#[test]
fn ctrl_c_ends_programs_whose_peer_is_not_there() {
    timed(|| {
        // Waits for room in the queue.
        let mut client = rust("pipeline_client", &[ANYWHERE]);
        client.endpoint();
        client.type_line(b"work");
        client.interrupt();
        let end = client.end();
        assert_eq!(end.status, Some(0));
        // Unless Ctrl-C was faster than the line.
        assert!(
            end.errors.is_empty() || end.errors == [format!("pipeline_client: {CTRL_C_IN_VAIN}")]
        );

        // Waits for a reply, or the server that would give it.
        ctrl_c_before_a_reply(Lang::Rust);
    });
}

#[test]
fn ctrl_c_ends_a_worker_that_waits_to_send() {
    timed(|| ctrl_c_before_there_is_room(Lang::Rust));
}

#[test]
fn ctrl_c_loses_nothing_that_a_worker_has_printed() {
    timed(|| ctrl_c_after_work(Lang::Rust));
}

#[test]
fn a_line_that_nobody_takes_ends_a_program_with_status_1() {
    timed(|| lines_that_nobody_takes(Lang::Rust));
}

#[test]
fn the_tour_says_what_the_readme_shows() {
    timed(|| {
        let readme = include_str!("../README.md");
        let (_, shown) = readme.split_once("```text\n").unwrap();
        let (shown, _) = shown.split_once("```\n").unwrap();
        let end = Peer::spawn(Command::new(example("tour"))).end();
        let said = end.output.join(&b'\n');
        assert_eq!(String::from_utf8(said).unwrap(), shown.trim_end());
        assert_eq!((end.status, end.errors), (Some(0), vec![]));
    });
}
