//! Becomes the peer in Python.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

fn main() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peer.py");
    let mut python = Command::new(env!("PYTHON"));
    panic!("{}", python.arg(script).args(env::args().skip(1)).exec());
}
