//! Compiles the peer in C, for whichever libzmq is linked.

fn main() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../c");
    println!("cargo:rerun-if-changed={folder}/peer.c");
    let mut build = cc::Build::new();
    build.file(format!("{folder}/peer.c"));
    // None if the compiler finds zmq.h by itself.
    build.includes(std::env::var_os("DEP_ZMQ_INCLUDE"));
    build.opt_level(3).compile("peer");
}
