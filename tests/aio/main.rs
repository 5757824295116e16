//! Sockets that are awaited, each test in smol and in three sorts of tokio's runtime.
#![cfg(all(unix, feature = "tokio", feature = "async-io"))]

mod cancel;
#[path = "../common/mod.rs"]
mod common;
mod idle;
mod interop;
mod monitor;
mod runtimes;
mod socket;
mod split;
mod stress;
mod wakes;
mod ways;
mod woken;
