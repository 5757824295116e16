//! Who may talk.
mod addresses;
mod authenticator;
mod certificate;
mod decision;
mod door;
mod error;
mod function;
mod passwords;
mod policy;
mod request;
mod store;

pub use authenticator::{Authenticator, CurveClients};
pub use certificate::*;
pub use decision::{Claim, Decision, Peer, Reason, Verdict};
pub use error::ConfigError;
pub use store::*;

pub(crate) use door::Door;
