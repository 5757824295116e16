//! This program again, as another process: what it is then to do is in its environment.

use std::env;
use std::process::Command;

use crate::{growth, limits, memory, parts};

const PLAY: &str = "ZMQ_TEST_PLAY";

/// Not a test: the way in of the processes that tests start. The first word of what is
/// to be done says whose it is.
#[test]
fn play() {
    let Ok(what) = env::var(PLAY) else { return };
    let words: Vec<&str> = what.split(' ').collect();
    match words[0] {
        "part" => parts::play(&words[1..]),
        "growth" => growth::play(&words[1..]),
        "limits" => limits::play(&words[1..]),
        "memory" => memory::play(&words[1..]),
        _ => panic!("{what}?"),
    }
}

/// This program, which is to do `what`.
pub fn again(what: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    as_player(&mut command, what);
    command
}

/// The same in a network namespace.
pub fn again_in(namespace: &str, what: &[&str]) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]);
    command.arg(env::current_exe().unwrap());
    as_player(&mut command, what);
    command
}

fn as_player(command: &mut Command, what: &[&str]) {
    command
        .args(["programs::play", "--exact", "--nocapture"])
        .env(PLAY, what.join(" "))
        // What they complain of is compared.
        .env("RUST_BACKTRACE", "0");
}
