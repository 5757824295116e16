//! Compiles libzmq. The only place that knows its build flags.
//!
//! Its sources are in `libzmq`, as they were released. `unity.cpp` makes one
//! translation unit of them and of what is ours, `platform.hpp` configures them.
//!
//! Tells `zmq-sys`, as `DEP_LIBZMQ_SRC_*`: `include` and `lib`, the folders
//! with `zmq.h` and the library, `sodium`, the folder with libsodium, `gssapi`, the
//! one with libgssapi_krb5, and `sha256`, the sum of `libzmq.sha256`, which the sources
//! were found to agree with.

mod sums;

use std::env;
use std::path::{Path, PathBuf};
use std::process;

const SUMS: &str = "libzmq.sha256";

const SOURCES: [&str; 33] = [
    "libzmq",
    "unity.cpp",
    "batch.h",
    "batch.cpp",
    "calls.cpp",
    "copy.h",
    "large.h",
    "platform.hpp",
    "mend.h",
    "mend_gssapi.h",
    "mend_inproc.h",
    "mend_inproc.cpp",
    "mend_peers.h",
    "mend_router.h",
    "mend_session.h",
    "mend_shared.h",
    "mend_turns.h",
    "pace.h",
    "pace.cpp",
    "io_mailbox.hpp",
    "io_mailbox.cpp",
    "io_poller.hpp",
    "io_poller.cpp",
    "lockstep.hpp",
    "lockstep.cpp",
    "pool.h",
    "pool.cpp",
    "process.hpp",
    "process.cpp",
    "recviov.cpp",
    "shared_mailbox.hpp",
    "shared_mailbox.cpp",
    "spaced_ypipe.hpp",
];

fn main() {
    for source in ["build.rs", "sums.rs", SUMS].iter().chain(&SOURCES) {
        println!("cargo:rerun-if-changed={source}");
    }
    // The environment beats the feature, because features only add up.
    if is_set("LIBZMQ_NO_VENDOR") {
        return;
    }
    let sum = sums::verify(SUMS).unwrap_or_else(|e| {
        eprintln!(
            "\
libzmq's sources are not those that were released, and are not compiled:
{e}.

Whoever changes them on purpose writes the sums anew, in this package's folder:
  find libzmq -type f | LC_ALL=C sort | xargs sha256sum > {SUMS}"
        );
        process::exit(1);
    });
    println!("cargo:rustc-env=LIBZMQ_SRC_SHA256={sum}");
    println!("cargo:sha256={sum}");
    // cargo runs this in the package's own folder. Short paths keep the name of
    // that folder out of what the library prints when it aborts.
    let mut build = cc::Build::new();
    build.cpp(true).file("unity.cpp");
    build.includes([".", "libzmq/include", "libzmq/src"]);
    // Of others' code, and at each build.
    build.warnings(false);
    optimise(&mut build);

    let windows = target("OS") == "windows";
    let msvc = target("ENV") == "msvc";
    // Plain `char` is unsigned because a UDP peer's group length of 0x80 and
    // more, read as a negative number, would abort the process.
    if msvc {
        build.flag("/J").flag("/EHsc").flag("/GL-");
    } else {
        build.flag("-funsigned-char").std("c++11");
        // gcc would inline none of the functions that other files could call, since a shared
        // library might have another one of that name.
        build.flag_if_supported("-fno-semantic-interposition");
        // Nor, in so large a unit, many of those that it would inline in a small one.
        build.flag_if_supported("--param=inline-unit-growth=200");
    }
    if is_set("LIBZMQ_NO_POOL") {
        build.define("ZMQ_POOL", "0");
    }
    if target("VENDOR") == "uwp" {
        build.define("ZMQ_HAVE_WINDOWS_UWP", "1");
    }
    if env::var_os("CARGO_FEATURE_CURVE").is_some() {
        add_libsodium(&mut build, msvc);
    }
    #[cfg(feature = "gssapi")]
    gssapi::add(&mut build);
    if windows {
        // What makes Windows' sockets look like epoll.
        let mut wepoll = cc::Build::new();
        wepoll
            .file("libzmq/external/wepoll/wepoll.c")
            .warnings(false);
        build.objects(wepoll.compile_intermediates());
    }

    let lib = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("lib");
    build.out_dir(&lib).compile("zmq");
    if windows {
        for library in ["ws2_32", "iphlpapi", "rpcrt4"] {
            println!("cargo:rustc-link-lib={library}");
        }
    }
    let here = env::current_dir().unwrap();
    println!("cargo:include={}", here.join("libzmq/include").display());
    println!("cargo:lib={}", lib.display());
}

/// What cargo says of the target: its `OS`, `ENV` or `VENDOR`.
fn target(what: &str) -> String {
    env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default()
}

/// Whether the user has set a variable that is a switch.
fn is_set(switch: &str) -> bool {
    println!("cargo:rerun-if-env-changed={switch}");
    env::var_os(switch).is_some_and(|v| v != "0")
}

/// Debug builds get an optimised libzmq: nobody debugs it from Rust, and at
/// -O0 it moves half as many messages. A level chosen for size is kept.
fn optimise(build: &mut cc::Build) {
    if matches!(env::var("OPT_LEVEL").as_deref(), Ok("0" | "1")) {
        build.opt_level(2);
    }
}

/// CURVE, by what `libsodium-sys-stable` built or found, and links.
fn add_libsodium(build: &mut cc::Build, msvc: bool) {
    let built = |name| env::var_os(name).map(PathBuf::from);
    // With SODIUM_LIB_DIR that package links what it is given and names no
    // folder of headers; they are in `include`, beside the libraries.
    let users = || built("SODIUM_LIB_DIR");
    let lib = built("DEP_SODIUM_LIB").or_else(users);
    let include = built("DEP_SODIUM_INCLUDE").or_else(|| Some(users()?.parent()?.join("include")));
    // pkg-config leaves out the folders that every compiler searches anyway.
    let system = |folder| Path::new("/usr").join(folder);
    let lib = lib.unwrap_or_else(|| system("lib"));
    let include = include.unwrap_or_else(|| system("include"));
    if msvc {
        // libsodium's sources have this one elsewhere, an installed one has it.
        let version = include.join("../../../builds/msvc/version.h");
        if version.exists() {
            std::fs::copy(version, include.join("sodium/version.h")).unwrap();
        }
    }
    build.include(include);
    build.define("ZMQ_USE_LIBSODIUM", "1");
    build.define("ZMQ_HAVE_CURVE", "1");
    println!("cargo:sodium={}", lib.display());
}

#[cfg(feature = "gssapi")]
mod gssapi {
    use std::process;

    /// Finds libgssapi_krb5, has it linked, and tells the compiler.
    pub fn add(build: &mut cc::Build) {
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
        build.includes(found.include_paths);
        build.define("HAVE_LIBGSSAPI_KRB5", "1");
        let lib = found.link_paths.into_iter().next();
        println!(
            "cargo:gssapi={}",
            lib.unwrap_or("/usr/lib".into()).display()
        );
    }
}
