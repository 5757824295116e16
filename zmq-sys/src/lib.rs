//! FFI declarations for libzmq, and the build script that links it.
//!
//! The names are libzmq's own; its manual at <https://libzmq.readthedocs.io>
//! and `zmq.h` document them. Use the crate `zmq` unless you need what it does
//! not wrap; both can be mixed through `zmq::Socket::from_raw` and
//! `as_mut_ptr`.
//!
//! # Features
//!
//! * `vendored` (default): libzmq 4.3.5, compiled here and linked statically.
//!   Without it, or with `LIBZMQ_NO_VENDOR=1` in the environment, a system
//!   libzmq is linked: the one in `LIBZMQ_LIB_DIR` (and `LIBZMQ_INCLUDE_DIR`),
//!   else the one that pkg-config or vcpkg knows.
//! * `curve` (default): CURVE encryption in the vendored library.
//! * `draft`: the declarations of the draft API too. The vendored library has
//!   it; a system library may not, and then linking fails.
//! * `bindgen`: generate the declarations from the header of the library being
//!   linked instead of using the ones of 4.3.5. Needs libclang.

/// A descriptor of the operating system, as `zmq_pollitem_t` and `ZMQ_FD` have
/// it.
#[cfg(unix)]
pub use std::os::unix::io::RawFd;
/// A socket of the operating system, as `zmq_pollitem_t` and `ZMQ_FD` have it.
#[cfg(windows)]
pub use std::os::windows::io::RawSocket as RawFd;

pub mod errno;

#[allow(non_camel_case_types, missing_docs, clippy::all)]
mod ffi {
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/stable.rs"));
    #[cfg(all(feature = "bindgen", feature = "draft"))]
    include!(concat!(env!("OUT_DIR"), "/draft.rs"));

    #[cfg(not(feature = "bindgen"))]
    include!("bindings/stable.rs");
    #[cfg(all(not(feature = "bindgen"), feature = "draft"))]
    include!("bindings/draft.rs");
}

pub use ffi::*;

#[cfg(feature = "vendored")]
use libzmq_src as _;
