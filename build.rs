//! Tells the crate's own tests which libzmq is linked, from what `zmq-sys` says.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(zmq_vendored)");
    // Set by who builds `fuzz/`.
    println!("cargo:rustc-check-cfg=cfg(fuzzing)");
    let told = |name| env::var(format!("DEP_ZMQ_{name}"));
    if told("VENDORED").as_deref() == Ok("1") {
        println!("cargo:rustc-cfg=zmq_vendored");
    }
    // Where C programs find zmq.h and the libraries; empty for the usual places.
    for name in ["INCLUDE", "LIB", "SODIUM", "GSSAPI"] {
        let folder = told(name).unwrap_or_default();
        println!("cargo:rustc-env=ZMQ_TEST_{name}={folder}");
    }
}
