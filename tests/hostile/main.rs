//! Peers that mean harm, and peers of older protocols: plain sockets of the operating
//! system that write bytes by hand, against sockets of this crate. What comes of it is
//! in `docs/reliability/hostile.md`.
#![cfg(all(unix, zmq_vendored))]

#[path = "../common/mod.rs"]
mod common;

mod curve;
mod versions;
mod wire;

// What is asked for here is what the vendored libzmq is mended for.
#[cfg(zmq_vendored)]
mod attacks;
#[cfg(zmq_vendored)]
mod flood;
#[cfg(zmq_vendored)]
mod matrix;
#[cfg(zmq_vendored)]
mod measure;
#[cfg(zmq_vendored)]
mod mended;
#[cfg(zmq_vendored)]
mod random;
#[cfg(zmq_vendored)]
mod stream;
#[cfg(zmq_vendored)]
mod target;
