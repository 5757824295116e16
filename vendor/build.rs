//! Compiles libzmq. The only place that knows its build flags.
//!
//! The sources and the list of files come from the package `zeromq-src`, which
//! drives the `cc` crate but configures the library with an almost empty
//! `platform.hpp`. We hand it the full configuration, `platform.h` beside this
//! file, through what `cc` reads from the environment: `CFLAGS` and `CXXFLAGS`
//! to include the header before every source file, and `OPT_LEVEL`. What is
//! compiled of ours goes into the same library.
//!
//! Tells `zmq-sys`, as `DEP_LIBZMQ_SRC_*`: `include` and `lib`, the folders
//! with `zmq.h` and the library, `sodium`, the folder with libsodium, and
//! `gssapi`, the one with libgssapi_krb5.

use std::env;
use std::path::PathBuf;

/// Our own C++ in the library, and the systems that it is for.
const OURS: [(&str, &[&str]); 3] = [
    ("io_poller", &["linux"]),
    ("pool", &["linux"]),
    ("recviov", &["linux"]),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=platform.h");
    println!("cargo:rerun-if-changed=mend.h");
    println!("cargo:rerun-if-changed=mend_gssapi.h");
    println!("cargo:rerun-if-changed=io_poller.hpp");
    println!("cargo:rerun-if-changed=pool.h");
    // The environment beats the feature, because features only add up.
    if is_set("LIBZMQ_NO_VENDOR") {
        return;
    }
    let msvc = env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("msvc");
    let mingw = env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("windows") && !msvc;

    optimise();
    // cargo runs this in the package's own folder, where the compiler finds
    // the header by its bare name: no path, so none with a space in it.
    // Plain `char` is unsigned because a UDP peer's group length of 0x80 and
    // more, read as a negative number, would abort the process.
    prepend_flags(if msvc {
        "/FIplatform.h /J"
    } else {
        "-include platform.h -funsigned-char"
    });

    if is_set("LIBZMQ_NO_POOL") {
        prepend_flags("-DZMQ_POOL=0");
    }
    #[cfg(feature = "gssapi")]
    gssapi::find();
    let libsodium = libsodium();
    if let Some(libsodium) = &libsodium {
        println!("cargo:sodium={}", libsodium.lib_dir().display());
    }
    let curve = libsodium.is_some();
    zeromq_src::Build::new().with_libsodium(libsodium).build();
    add_ours(curve);
    if mingw {
        compile_wepoll();
    }
}

/// Whether the user has set a variable that is a switch.
fn is_set(switch: &str) -> bool {
    println!("cargo:rerun-if-env-changed={switch}");
    env::var_os(switch).is_some_and(|v| v != "0")
}

/// Debug builds get an optimised libzmq: nobody debugs it from Rust, and at
/// -O0 it moves half as many messages. A level chosen for size is kept, and
/// the user's own `CXXFLAGS` come after this and win.
fn optimise() {
    if matches!(env::var("OPT_LEVEL").as_deref(), Ok("0" | "1")) {
        env::set_var("OPT_LEVEL", "2");
    }
}

/// Puts `flags` before whatever the user's own flags are.
fn prepend_flags(flags: &str) {
    for variable in ["CFLAGS", "CXXFLAGS"] {
        println!("cargo:rerun-if-env-changed={variable}");
        let users = env::var(variable).unwrap_or_default();
        env::set_var(variable, format!("{flags} {users}"));
    }
}

/// Where `libsodium-sys-stable` built or found libsodium; none without CURVE.
fn libsodium() -> Option<zeromq_src::LibLocation> {
    env::var_os("CARGO_FEATURE_CURVE")?;
    let built = |name| env::var_os(name).map(PathBuf::from);
    // With SODIUM_LIB_DIR that package links what it is given and names no
    // folder of headers; they are in `include`, beside the libraries.
    let users = || built("SODIUM_LIB_DIR");
    let lib = built("DEP_SODIUM_LIB").or_else(users);
    let include = built("DEP_SODIUM_INCLUDE").or_else(|| Some(users()?.parent()?.join("include")));
    // pkg-config leaves out the folders that every compiler searches anyway.
    let system = || PathBuf::from("/usr");
    Some(zeromq_src::LibLocation::new(
        lib.unwrap_or_else(|| system().join("lib")),
        include.unwrap_or_else(|| system().join("include")),
    ))
}

#[cfg(feature = "gssapi")]
mod gssapi {
    use std::{env, process};

    /// Finds libgssapi_krb5, has it linked, and tells the compiler.
    pub fn find() {
        let found = pkg_config::probe_library("krb5-gssapi").unwrap_or_else(|e| {
            use pkg_config::Error::{Failure, ProbeFailure};
            let reason = match &e {
                ProbeFailure { .. } | Failure { .. } => "it knows no krb5-gssapi".into(),
                other => other.to_string(),
            };
            eprintln!(
                "\
The feature `gssapi` needs libgssapi_krb5, of MIT Kerberos, which pkg-config has
not found: {reason}.

Install it:
  Debian, Ubuntu   apt install libkrb5-dev pkg-config
  Fedora           dnf install krb5-devel pkgconf-pkg-config
  FreeBSD          pkg install krb5 pkgconf
  macOS            brew install krb5 pkgconf, and set
                   PKG_CONFIG_PATH=$(brew --prefix krb5)/lib/pkgconfig
or leave the feature out, or link a system libzmq: LIBZMQ_NO_VENDOR=1."
            );
            process::exit(1);
        });
        // Not by a flag: there may be a space in a path.
        println!("cargo:rerun-if-env-changed=CPLUS_INCLUDE_PATH");
        let users = env::var_os("CPLUS_INCLUDE_PATH").filter(|v| !v.is_empty());
        let users: Vec<_> = users.iter().flat_map(env::split_paths).collect();
        let folders = env::join_paths(found.include_paths.iter().chain(&users));
        env::set_var("CPLUS_INCLUDE_PATH", folders.expect("no colon in a path"));
        // Its header has a `const` that means nothing, and would be named by each file.
        super::prepend_flags("-DHAVE_LIBGSSAPI_KRB5=1 -Wno-ignored-qualifiers");
        let lib = found.link_paths.into_iter().next();
        println!(
            "cargo:gssapi={}",
            lib.unwrap_or("/usr/lib".into()).display()
        );
    }
}

/// Adds to the library what is ours. Within it, and not beside it, because whoever
/// else links the library knows of this one alone.
fn add_ours(curve: bool) {
    let system = env::var("CARGO_CFG_TARGET_OS").unwrap();
    let mut build = cc::Build::new();
    for (name, systems) in OURS {
        println!("cargo:rerun-if-changed={name}.cpp");
        if systems.contains(&system.as_str()) {
            build.file(format!("{name}.cpp"));
        }
    }
    if build.get_files().next().is_none() {
        return;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    build.cpp(true).std("c++11").include(&out);
    if curve {
        build.define("ZMQ_HAVE_CURVE", "1");
        build.define("ZMQ_USE_LIBSODIUM", "1");
    }
    for folder in ["source/include", "source/src"] {
        build.include(out.join(folder));
    }
    let mut archiver = build.get_archiver();
    archiver.arg("rs").arg(out.join("lib/libzmq.a"));
    archiver.args(build.compile_intermediates());
    let done = archiver.status();
    assert!(done.is_ok_and(|d| d.success()), "failed: {archiver:?}");
}

/// `zeromq-src` asks for epoll on every Windows but compiles wepoll, which
/// brings it, for msvc alone.
fn compile_wepoll() {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    cc::Build::new()
        .file(out.join("source/external/wepoll/wepoll.c"))
        .warnings(false)
        .compile("wepoll");
    for library in ["ws2_32", "iphlpapi", "rpcrt4"] {
        println!("cargo:rustc-link-lib={library}");
    }
}
