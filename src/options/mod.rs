//! Socket options.
//!
//! `table.rs` lists them, a row each; `codec.rs` says how their values travel.

mod codec;
mod table;

pub use codec::{GssapiNameType, Mechanism};
#[cfg(feature = "draft")]
pub use codec::{NormMode, ReconnectStop, RouterNotify};
pub use table::{SocketOption, SOCKET_OPTIONS};
