//! Peers that mean harm, and peers of older protocols: plain sockets of the operating
//! system that write bytes by hand, against sockets of this crate. What comes of it is
//! in `docs/reliability/hostile.md`.
// What is asked for here is what the vendored libzmq is mended for.
#![cfg(all(unix, zmq_vendored))]

#[path = "../common/mod.rs"]
mod common;

mod attacks;
mod curve;
mod flood;
#[cfg(feature = "draft")]
mod groups;
mod matrix;
mod measure;
mod mended;
mod random;
mod stream;
mod target;
mod versions;
mod wire;
