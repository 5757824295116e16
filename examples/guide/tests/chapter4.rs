//! Chapter 4: reliable request-reply. Programs are killed and started again, and every
//! request is answered all the same.
#![cfg(unix)]

mod common;

#[path = "chapter4/binary_star.rs"]
mod binary_star;
#[path = "chapter4/freelance.rs"]
mod freelance;
#[path = "chapter4/majordomo.rs"]
mod majordomo;
#[path = "chapter4/majordomo_frames.rs"]
mod majordomo_frames;
#[path = "chapter4/pirates.rs"]
mod pirates;
#[path = "chapter4/titanic.rs"]
mod titanic;

use std::path::Path;
use std::process::Command;

use common::{line_with, Lang, Peer};

/// What the Guide's times are here, in milliseconds. Who is silent for three seconds is
/// dead, so that nobody is on a busy machine who lives.
const ENVIRONMENT: [(&str, &str); 12] = [
    ("HEARTBEAT", "150"),
    ("LIVENESS", "20"),
    ("PAUSE", "50"),
    ("PING", "100"),
    ("RECONNECT", "100"),
    ("REQUESTS", "500"),
    ("RETRIES", "50"),
    ("SETTLE", "200"),
    ("TIMEOUT", "1000"),
    ("TROUBLE", "none"),
    ("TTL", "3000"),
    ("WORK", "10"),
];

/// Starts a program of the chapter, in that environment:
/// `start!("lpserver", &endpoint; "TROUBLE" = "crash")`
macro_rules! start {
    ($program:literal $(, $argument:expr)* $(; $($name:literal = $value:expr),*)?) => {{
        let program = env!(concat!("CARGO_BIN_EXE_", $program));
        let mut command = std::process::Command::new(program);
        command.envs($crate::ENVIRONMENT);
        $($(command.env($name, $value);)*)?
        $(command.arg($argument);)*
        $crate::common::Peer::spawn(command)
    }};
}
pub(crate) use start;

/// Starts its counterpart in Python, `peers4/{name}.py`.
fn python(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Peer {
    let script = format!("tests/peers4/{name}.py");
    let interpreter = Lang::Python.program("mirror");
    let mut command = Command::new(interpreter.get_program());
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script));
    command.args(arguments).envs(ENVIRONMENT);
    command.envs(environment.iter().copied());
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Peer::spawn(command)
}

/// The reply to request `n` of a client that goes on for ever, which has come through
/// whatever happened.
fn reply(client: &Peer, n: u64) {
    line_with(client, &format!("I: server replied ({n})"));
}
