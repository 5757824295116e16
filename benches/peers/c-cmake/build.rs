//! Compiles libzmq as its own CMake files do for a release, and the peer in C with it.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../c");
    println!("cargo:rerun-if-changed={folder}/peer.c");
    println!("cargo:rerun-if-changed=build.rs");
    let libzmq = cmake::Config::new(sources())
        .profile("Release")
        .define("BUILD_SHARED", "OFF")
        .define("BUILD_TESTS", "OFF")
        .define("WITH_PERF_TOOL", "OFF")
        .define("CMAKE_INSTALL_LIBDIR", "lib")
        .build();
    cc::Build::new()
        .file(format!("{folder}/peer.c"))
        .include(libzmq.join("include"))
        .opt_level(3)
        .compile("peer");
    println!("cargo:rustc-link-search={}/lib", libzmq.display());
    println!("cargo:rustc-link-lib=static=zmq");
    println!("cargo:rustc-link-lib=stdc++");
}

/// Where cargo has the sources of libzmq, which the package zeromq-src contains.
fn sources() -> PathBuf {
    let metadata = Command::new(env::var_os("CARGO").unwrap())
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            "--filter-platform",
        ])
        .arg(env::var_os("TARGET").unwrap())
        .output()
        .unwrap();
    let metadata = String::from_utf8(metadata.stdout).unwrap();
    let manifest = metadata
        .split('"')
        .find(|text| text.contains("zeromq-src-") && text.ends_with("Cargo.toml"))
        .expect("zeromq-src was fetched");
    PathBuf::from(manifest).with_file_name("vendor")
}
