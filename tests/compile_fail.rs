//! What must not compile, and what the compiler says then: `tests/ui/`.
//!
//! The compiler's words change with its version. They were recorded with the one
//! below (`TRYBUILD=overwrite cargo test --test compile_fail`); with another, the
//! `compile_fail` examples in the documentation still see to the main ones.

// Feature `draft` adds kinds, which the compiler lists.
#![cfg(not(feature = "draft"))]

use std::process::Command;

const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn wrong_programs_do_not_compile() {
    let rustc = Command::new("rustc").arg("--version").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    if !version.starts_with(RECORDED_WITH) {
        println!("skipped: recorded with {RECORDED_WITH}x, this is {version}");
        return;
    }
    // These builds use the libraries that this one has made, or found.
    for (variable, folder) in [
        ("LIBZMQ_LIB_DIR", env!("ZMQ_TEST_LIB")),
        ("LIBZMQ_INCLUDE_DIR", env!("ZMQ_TEST_INCLUDE")),
        ("SODIUM_LIB_DIR", env!("ZMQ_TEST_SODIUM")),
    ] {
        if !folder.is_empty() {
            std::env::set_var("LIBZMQ_NO_VENDOR", "1");
            std::env::set_var(variable, folder);
        }
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
