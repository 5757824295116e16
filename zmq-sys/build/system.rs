//! Finds a libzmq that somebody else has installed: where the environment
//! says, else by pkg-config, else by vcpkg.

use std::env;
use std::path::PathBuf;

use crate::{header_version, Library};

/// The oldest libzmq whose functions the bindings call.
const OLDEST: &str = "4.1";

/// The library, or an account of what was tried and what would help.
pub fn find() -> Result<Library, String> {
    let mut tried = Vec::new();
    for way in [by_environment, by_pkg_config, by_vcpkg] {
        match way() {
            Ok(library) => return Ok(library),
            Err(why) => tried.push(format!("  - {why}")),
        }
    }
    Err(format!(
        "\
No system libzmq (version {OLDEST} or newer) was found. Tried:
{}

Install one:
  Debian, Ubuntu   apt install libzmq3-dev pkg-config
  Fedora           dnf install zeromq-devel pkgconf-pkg-config
  macOS            brew install zeromq pkgconf
  Windows          vcpkg install zeromq
or say where it is: LIBZMQ_LIB_DIR=<folder with the library>, and
LIBZMQ_INCLUDE_DIR=<folder with zmq.h>,
or let this crate compile its own: enable the feature `vendored` and unset
LIBZMQ_NO_VENDOR.",
        tried.join("\n")
    ))
}

fn variable(name: &str) -> Option<PathBuf> {
    println!("cargo:rerun-if-env-changed={name}");
    env::var_os(name)
        .filter(|v| !v.is_empty())
        .map(PathBuf::from)
}

fn by_environment() -> Result<Library, String> {
    let include = variable("LIBZMQ_INCLUDE_DIR");
    let Some(lib) = variable("LIBZMQ_LIB_DIR") else {
        return Err("LIBZMQ_LIB_DIR is not set".into());
    };
    if !lib.is_dir() {
        return Err(format!("LIBZMQ_LIB_DIR={}: no such folder", lib.display()));
    }
    // The usual layout of a prefix, for who sets only one of the two.
    let include = include.unwrap_or_else(|| lib.with_file_name("include"));
    let Some(version) = header_version(&include) else {
        return Err(format!(
            "LIBZMQ_LIB_DIR={} is set, but there is no zmq.h in {}: set LIBZMQ_INCLUDE_DIR",
            lib.display(),
            include.display()
        ));
    };
    println!("cargo:rustc-link-search=native={}", lib.display());
    println!("cargo:rustc-link-lib=zmq");
    Ok(Library {
        version,
        vendored: false,
        include: Some(include),
        lib: Some(lib),
        sodium: None,
        gssapi: None,
    })
}

fn by_pkg_config() -> Result<Library, String> {
    let found = pkg_config::Config::new()
        .atleast_version(OLDEST)
        .probe("libzmq")
        .map_err(|e| {
            let reason = match &e {
                pkg_config::Error::ProbeFailure { .. } | pkg_config::Error::Failure { .. } => {
                    "it knows no libzmq of that version".into()
                }
                other => other.to_string().trim().replace('\n', " "),
            };
            format!("pkg-config: {reason}")
        })?;
    Ok(Library {
        version: found.version,
        vendored: false,
        include: found.include_paths.into_iter().next(),
        lib: found.link_paths.into_iter().next(),
        sodium: None,
        gssapi: None,
    })
}

fn by_vcpkg() -> Result<Library, String> {
    let found = vcpkg::find_package("zeromq").map_err(|e| format!("vcpkg: {e}"))?;
    let include = found.include_paths.into_iter().next();
    let version = include
        .as_deref()
        .and_then(header_version)
        .ok_or("vcpkg: its package zeromq has no zmq.h")?;
    Ok(Library {
        version,
        vendored: false,
        include,
        lib: found.link_paths.into_iter().next(),
        sodium: None,
        gssapi: None,
    })
}
