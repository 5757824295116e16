//! Sockets that are awaited, each test in smol, in three sorts of tokio's runtime, and
//! where none of them waits.
#![cfg(all(unix, feature = "tokio", feature = "async-io"))]

mod cancel;
#[path = "../common/mod.rs"]
mod common;
mod idle;
mod interop;
mod locks;
mod lockstep;
mod many;
mod monitor;
mod pacing;
mod proxy;
mod runtimes;
mod socket;
mod split;
mod stress;
mod wakes;
mod ways;
mod woken;
