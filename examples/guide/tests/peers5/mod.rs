//! Clones in Python, beside this file: as the Clustered Hashmap Protocol has them, and with
//! the arguments and the output of those in Rust.

pub mod hashmap;
#[path = "../../../../tests/common/mod.rs"]
mod zmq_tests;

use std::process::Command;

use zmq_tests::peer::Lang;

/// The program `name`, run by a Python that has pyzmq. The first time it is made ready, which
/// takes its time: to be called outside of a test's time limit.
pub fn python(name: &str) -> Command {
    Lang::Python.prepare();
    let mut command = Command::new(Lang::Python.program("").get_program());
    command.arg(format!(
        "{}/tests/peers5/{name}.py",
        env!("CARGO_MANIFEST_DIR")
    ));
    // Nothing is to be written among the sources.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
