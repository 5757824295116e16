//! Compiles libzmq 4.3.5 and links it statically into whatever depends on this
//! package. There is nothing to call: the declarations are in `zmq-sys`.
//!
//! Before they are compiled, libzmq's sources are compared with the sums of those that
//! were released, in `libzmq.sha256`; a build with others fails.
//!
//! How it is compiled stands in `build.rs`, what it may use on each platform in
//! `platform.hpp`.

// Without a use, rustc would leave libsodium out of the link.
#[cfg(feature = "curve")]
use libsodium_sys as _;

/// The SHA-256 of `libzmq.sha256`, which names all that was compiled and its sums; none
/// if nothing was, because of `LIBZMQ_NO_VENDOR`.
pub const SHA256: Option<&str> = option_env!("LIBZMQ_SRC_SHA256");
