//! Decides which libzmq is linked and where its declarations come from.
//!
//! 1. The vendored one, which the package `libzmq-src` has compiled: feature
//!    `vendored`, unless `LIBZMQ_NO_VENDOR=1` is set. The environment beats the
//!    feature, because features of a build graph only add up.
//! 2. A system one otherwise: see `system.rs`.
//!
//! The declarations in `src/bindings/` were generated from the vendored header
//! by `bindings.rs`. With feature `bindgen` the same code runs now, on the
//! header that belongs to the library being linked.
//!
//! Tells dependants, as `DEP_ZMQ_*`: `version`, `vendored` (0 or 1) and, where
//! they are known, `include` and `lib`, the folders with `zmq.h` and the
//! library, and `sodium` and `gssapi`, those with the libsodium and libgssapi_krb5
//! that a vendored libzmq with CURVE or GSSAPI needs.

#[cfg(feature = "bindgen")]
mod bindings;
mod system;

use std::env;
use std::path::{Path, PathBuf};

/// A libzmq to link.
struct Library {
    /// As in `4.3.5`.
    version: String,
    vendored: bool,
    /// The folder with `zmq.h`; none if the compiler finds it by itself.
    include: Option<PathBuf>,
    /// The folder with the library; none if the linker finds it by itself.
    lib: Option<PathBuf>,
    /// The folder with libsodium, for a vendored library with CURVE.
    sodium: Option<PathBuf>,
    /// The folder with libgssapi_krb5, for a vendored library with GSSAPI.
    gssapi: Option<PathBuf>,
}

fn main() {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-env-changed=LIBZMQ_NO_VENDOR");
    let refused = env::var_os("LIBZMQ_NO_VENDOR").is_some_and(|v| v != "0");
    let library = if cfg!(feature = "vendored") && !refused {
        vendored()
    } else {
        system::find().unwrap_or_else(|explanation| {
            eprintln!("{explanation}");
            std::process::exit(1);
        })
    };

    println!("cargo:version={}", library.version);
    println!("cargo:vendored={}", u8::from(library.vendored));
    let folders = [
        ("include", &library.include),
        ("lib", &library.lib),
        ("sodium", &library.sodium),
        ("gssapi", &library.gssapi),
    ];
    for (name, folder) in folders {
        if let Some(folder) = folder {
            println!("cargo:{name}={}", folder.display());
        }
    }
    #[cfg(feature = "bindgen")]
    bindings::generate(&library);
}

/// The one that `libzmq-src` has compiled, and linked, before us.
fn vendored() -> Library {
    let folder = |name| env::var_os(format!("DEP_LIBZMQ_SRC_{name}")).map(PathBuf::from);
    let include = folder("INCLUDE").expect("libzmq-src was built before us");
    Library {
        version: header_version(&include).expect("libzmq-src has a zmq.h"),
        vendored: true,
        include: Some(include),
        lib: folder("LIB"),
        sodium: folder("SODIUM"),
        gssapi: folder("GSSAPI"),
    }
}

/// The version that the `zmq.h` in `include` states; none without one.
fn header_version(include: &Path) -> Option<String> {
    let header = std::fs::read_to_string(include.join("zmq.h")).ok()?;
    let number = |name: &str| {
        header
            .lines()
            .find_map(|line| line.strip_prefix(&format!("#define ZMQ_VERSION_{name} ")))
            .map(str::trim)
    };
    Some(format!(
        "{}.{}.{}",
        number("MAJOR")?,
        number("MINOR")?,
        number("PATCH")?
    ))
}
