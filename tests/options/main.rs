//! Socket options: each differs from its default once it is set, and those that
//! cannot be read back are seen to work.

#[path = "../common/mod.rs"]
mod common;

mod connections;
mod effects;
#[cfg(target_os = "linux")]
mod kernel;
mod publishing;
mod round_trips;
mod routing;
mod table;
