//! The tests run their programs by `tests/common/peer.rs` of `zmq`, which can also
//! compile programs in C, and is told for that where `zmq.h` is and what libzmq has. None
//! of these tests does so.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(zmq_vendored)");
    println!("cargo:rustc-check-cfg=cfg(feature, values(\"draft\"))");
    for name in ["INCLUDE", "LIB", "SODIUM", "GSSAPI"] {
        println!("cargo:rustc-env=ZMQ_TEST_{name}=");
    }
}
