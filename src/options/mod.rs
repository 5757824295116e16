//! Socket options.
//!
//! `table.rs` lists them, a row each; `codec.rs` says how their values travel.

mod codec;
mod table;

pub use codec::Mechanism;
