//! Defects of libzmq 4.3.5, each shown by a program in C: against libzmq as it was
//! released, where it has to happen, and against the one that this crate compiles, where
//! it must not. What is not mended there, the crate keeps programs from; the ledger in
//! CONTRIBUTING.md names the tests that show that.
#![cfg(all(zmq_vendored, target_os = "linux"))]

#[path = "../common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use common::timed;

/// libzmq in two flavours, compiled without optimisation.
#[derive(Clone, Copy)]
enum Libzmq {
    Released,
    Ours,
}

/// What looks for mistakes while a program runs.
#[derive(Clone, Copy)]
enum Sanitizer {
    Address,
    Thread,
}

impl Sanitizer {
    fn flags(self) -> [&'static str; 3] {
        let sanitizer = match self {
            Sanitizer::Address => "-fsanitize=address",
            Sanitizer::Thread => "-fsanitize=thread",
        };
        [sanitizer, "-O0", "-g1"]
    }
}

impl Libzmq {
    fn name(self, sanitizer: Sanitizer) -> &'static str {
        match (self, sanitizer) {
            (Libzmq::Released, Sanitizer::Address) => "released",
            (Libzmq::Ours, Sanitizer::Address) => "ours",
            (Libzmq::Released, Sanitizer::Thread) => "released-threads",
            (Libzmq::Ours, Sanitizer::Thread) => "ours-threads",
        }
    }

    /// The object file; compiled once a run.
    fn object(self, sanitizer: Sanitizer) -> &'static Path {
        static OBJECTS: [[OnceLock<PathBuf>; 2]; 2] = [const { [const { OnceLock::new() }; 2] }; 2];
        OBJECTS[self as usize][sanitizer as usize].get_or_init(|| {
            let object = workshop().join(format!("libzmq-{}.o", self.name(sanitizer)));
            let vendor = ours("vendor");
            let mut compile = Command::new("c++");
            compile.current_dir(&vendor).args(sanitizer.flags());
            compile.args(["-w", "-std=c++11", "-c", "unity.cpp", "-I."]);
            compile.args(["-Ilibzmq/include", "-Ilibzmq/src", "-o"]);
            compile.arg(&object);
            match self {
                Libzmq::Released => {
                    compile
                        .arg("-include")
                        .arg(ours("tests/defects/unmended.h"));
                }
                // As vendor/build.rs has it.
                Libzmq::Ours => {
                    compile.arg("-funsigned-char");
                }
            }
            succeed(&compile.output().unwrap());
            object
        })
    }

    /// A program of this folder, linked with it, and what it is told.
    fn program(self, sanitizer: Sanitizer, program: &str, argument: &str) -> Command {
        let name = format!("{program}-{argument}-{}", self.name(sanitizer));
        let (object, binary) = (workshop().join(format!("{name}.o")), workshop().join(name));
        let mut compile = Command::new("cc");
        compile
            .args(sanitizer.flags())
            .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-c"]);
        compile.arg(ours("tests/defects").join(format!("{program}.c")));
        compile
            .arg("-I")
            .arg(ours("vendor/libzmq/include"))
            .arg("-o")
            .arg(&object);
        succeed(&compile.output().unwrap());
        let mut link = Command::new("c++");
        link.args(sanitizer.flags())
            .arg(&object)
            .arg(self.object(sanitizer))
            .arg("-pthread");
        succeed(&link.arg("-o").arg(&binary).output().unwrap());
        let mut run = Command::new(binary);
        run.args((!argument.is_empty()).then_some(argument));
        run.env_remove("LSAN_OPTIONS")
            .env("ASAN_OPTIONS", "detect_leaks=1")
            .env("TSAN_OPTIONS", "halt_on_error=1");
        run
    }
}

fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folder for what is compiled here.
fn workshop() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("defects");
        std::fs::create_dir_all(&folder).unwrap();
        folder
    })
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

fn succeed(output: &Output) {
    assert!(
        output.status.success(),
        "{}: {}",
        output.status,
        said(output)
    );
}

/// With libzmq as it was released the program says all of `words`.
fn happens(program: &str, argument: &str, words: &[&'static str]) {
    happens_by(Sanitizer::Address, program, argument, words);
}

fn happens_by(sanitizer: Sanitizer, program: &str, argument: &str, words: &[&'static str]) {
    let words = words.to_vec();
    // What is compiled may take longer than a test.
    let mut program = Libzmq::Released.program(sanitizer, program, argument);
    // What is looked for is what happens, not what might.
    program.env("TSAN_OPTIONS", "halt_on_error=1:detect_deadlocks=0");
    timed(move || {
        let mut said = said_by(&mut program);
        // Some are races, which nobody need lose at once.
        for _ in 0..4 {
            if said != "done\n" {
                break;
            }
            said = said_by(&mut program);
        }
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    });
}

fn said_by(program: &mut Command) -> String {
    said(&program.output().unwrap())
}

/// With ours it comes to its end, and nothing is found.
fn is_mended(program: &str, argument: &str) {
    is_mended_by(Sanitizer::Address, program, argument);
}

fn is_mended_by(sanitizer: Sanitizer, program: &str, argument: &str) {
    let mut program = Libzmq::Ours.program(sanitizer, program, argument);
    timed(move || {
        let output = program.output().unwrap();
        succeed(&output);
        assert_eq!(said(&output), "done\n");
    });
}

/// Issue 3442: closing with a linger of 0 while a message of two frames is on its way.
#[test]
fn half_a_message_is_lost_with_its_connection() {
    happens(
        "half_message",
        "",
        &["Resource temporarily unavailable (", "session_base.cpp"],
    );
    is_mended("half_message", "");
}

/// Issue 4524: what a changed mark is written to was freed.
#[test]
fn marks_change_while_peers_leave() {
    happens("marks", "", &["heap-use-after-free"]);
    is_mended("marks", "");
}

/// Each datagram whose group is longer than itself takes memory for good.
#[test]
fn a_datagram_is_shorter_than_its_group() {
    happens(
        "udp_group",
        "100",
        &["20 object(s)", "udp_engine_t::in_event"],
    );
    is_mended("udp_group", "100");
}

/// Read as a negative number, the length of a group ends the process.
#[test]
fn a_datagram_has_a_group_of_over_127_bytes() {
    happens(
        "udp_group",
        "200",
        &["requested allocation size", "udp_engine_t::in_event"],
    );
    is_mended("udp_group", "200");
}

/// Two sockets that threads share, connected over inproc: each is locked, and wants the
/// lock of the other.
#[test]
fn shared_sockets_wait_for_each_other() {
    happens("shared_inproc", "", &["they wait for each other"]);
    is_mended("shared_inproc", "");
}

#[test]
fn a_shared_socket_is_closed_without_descriptors() {
    happens("shared_close", "", &["Bad file descriptor", "signaler.cpp"]);
    is_mended("shared_close", "");
}

/// What lingers is given up when it is gathered, though not written.
#[test]
fn the_last_batch_of_what_lingers_is_lost() {
    happens("last_batch", "", &[" of 61292 bytes are lost"]);
    is_mended("last_batch", "");
}

/// Where a message is half sent or received, a third connection takes the place of its own;
/// if that has nothing, libzmq ends the process.
#[test]
fn another_connection_ends_in_the_midst_of_a_message() {
    for (case, word) in [
        ("send", "zmq_recv: Resource temporarily unavailable"),
        ("receive", "another in the place of tail"),
        ("receive-nothing", "Assertion failed: !_more"),
    ] {
        happens("another_ends", case, &[word]);
        is_mended("another_ends", case);
    }
}

/// A connection is given the name of another.
#[test]
fn a_name_is_given_twice() {
    for kind in ["ROUTER", "STREAM"] {
        happens(
            "named_twice",
            kind,
            &["Assertion failed: !has_out_pipe (routing_id)"],
        );
        is_mended("named_twice", kind);
    }
}

/// Each stranger who sends something after he was sent away keeps a descriptor.
#[test]
fn a_second_peer_is_sent_away() {
    for kind in ["PAIR", "CHANNEL"] {
        happens("second_peer", kind, &["4 descriptors are kept"]);
        is_mended("second_peer", kind);
    }
}

/// Who has connected over inproc is gone, or one of two, when somebody binds; or waits for
/// room in the queue, for ever.
#[test]
fn somebody_connects_before_another_binds() {
    for (case, word) in [
        ("gone", &["Assertion failed: written"]),
        ("ended", &["Assertion failed: written"]),
        ("many", &["Assertion failed: s ("]),
        ("full", &["zmq_recv: Resource temporarily unavailable"]),
    ] {
        happens("early_inproc", case, word);
        is_mended("early_inproc", case);
    }
    // What libzmq does right here.
    is_mended("early_inproc", "farewell");
}

/// Those who wait for somebody to bind are counted while another connects.
#[test]
fn sockets_connect_while_their_context_ends() {
    happens_by(
        Sanitizer::Thread,
        "ending",
        "",
        &["data race", "ctx_t::terminate"],
    );
    is_mended_by(Sanitizer::Thread, "ending", "");
}

/// Whether a subscriber is still there is asked of what was freed.
#[test]
fn a_subscriber_is_gone_when_it_is_heard() {
    happens("manual", "", &["heap-use-after-free", "dist_t::has_pipe"]);
    is_mended("manual", "");
}

/// Issue 3759: who binds writes to what the thread that has connected uses.
#[test]
fn one_thread_connects_while_another_binds() {
    happens_by(
        Sanitizer::Thread,
        "connect_first",
        "",
        &["data race", "connect_inproc_sockets"],
    );
    is_mended_by(Sanitizer::Thread, "connect_first", "");
}

/// Issue 4296. Not mended: such messages are refused.
#[test]
fn datagrams_are_larger_than_the_buffer() {
    for kind in ["RADIO", "DGRAM"] {
        happens(
            "udp_size",
            kind,
            &["heap-buffer-overflow", "udp_engine_t::out_event"],
        );
    }
}

/// Not mended: our proxies have a loop of their own.
#[test]
fn a_proxy_that_is_paused_goes_on() {
    happens("pause", "", &["passed on while it is paused", "done"]);
}

/// What the peer has read already is taken for what there is no room besides.
#[test]
fn a_reply_is_dropped_for_want_of_room() {
    happens("replies", "", &["an answer is lost", "done"]);
    is_mended("replies", "");
}
