//! Options: what there is to know about one, and those of sockets.
//!
//! `table.rs` lists them, a row each; `codec.rs` says how their values travel.
//! Those of contexts are in `context.rs`.

mod codec;
mod table;

pub use codec::{GssapiNameType, Mechanism};
#[cfg(feature = "draft")]
pub use codec::{NormMode, ReconnectStop, RouterNotify};
pub use table::SOCKET_OPTIONS;

/// What there is to know about an option of libzmq; see
/// [`SOCKET_OPTIONS`] and [`CONTEXT_OPTIONS`](crate::CONTEXT_OPTIONS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OptionInfo {
    /// Its name in `zmq.h`.
    pub name: &'static str,
    /// Its number in `zmq.h`.
    pub number: i32,
    /// The method of [`Socket`](crate::Socket) or [`Context`](crate::Context) that
    /// reads it, if it can be read.
    pub getter: Option<&'static str>,
    /// The method that sets it, if it can be set.
    pub setter: Option<&'static str>,
    /// The type of the value in Rust: what is set, or, if it cannot be set, read.
    pub value: &'static str,
    /// Whether it is of libzmq's draft API.
    pub draft: bool,
}

/// The one text that there is, if there is one: for the tables of options.
pub(crate) const fn first(texts: &[&'static str]) -> Option<&'static str> {
    match texts {
        [] => None,
        [first, ..] => Some(first),
    }
}
