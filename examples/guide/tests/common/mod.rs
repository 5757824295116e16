//! What the chapters' tests share, on top of what the tests of `zmq` have: how a program
//! of the Guide is run, and what it prints.
#![allow(dead_code, unused_imports, unused_macros)] // each chapter uses some of it

#[path = "../../../../tests/common/mod.rs"]
mod zmq_tests;

pub use zmq_tests::peer::{End, Lang, Peer};
pub use zmq_tests::{bind, ipc, timed, LIMIT};

/// Starts a program of the Guide: `run!("hwserver", &endpoint)`. An endpoint of `ipc()`
/// may be connected to before it is bound: who connects tries until it is there.
macro_rules! run {
    ($program:literal $(, $argument:expr)* $(,)?) => {{
        #[allow(unused_mut)] // if it has no argument
        let mut command = std::process::Command::new(env!(concat!("CARGO_BIN_EXE_", $program)));
        $(command.arg($argument);)*
        $crate::common::Peer::spawn(command)
    }};
}
pub(crate) use run;

/// The next line that a program prints, as text.
pub fn line(program: &Peer) -> String {
    text(program.line())
}

/// The next `count` lines.
pub fn lines(program: &Peer, count: usize) -> Vec<String> {
    (0..count).map(|_| line(program)).collect()
}

/// Reads lines until one contains `what`, and returns that.
pub fn line_with(program: &Peer, what: &str) -> String {
    loop {
        let line = line(program);
        if line.contains(what) {
            return line;
        }
    }
}

/// Waits for the end of a program, which is a success, and returns the lines that were
/// not read yet.
pub fn finish(program: Peer) -> Vec<String> {
    let end = program.end();
    assert_eq!((end.status, end.errors), (Some(0), vec![]));
    end.output.into_iter().map(text).collect()
}

fn text(line: Vec<u8>) -> String {
    String::from_utf8(line).unwrap()
}
