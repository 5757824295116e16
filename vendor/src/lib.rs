//! Compiles libzmq 4.3.5 and links it statically into whatever depends on this
//! package. There is nothing to call: the declarations are in `zmq-sys`.
//!
//! How it is compiled stands in `build.rs`, what it may use on each platform in
//! `platform.hpp`.

// Without a use, rustc would leave libsodium out of the link.
#[cfg(feature = "curve")]
use libsodium_sys as _;
