//! What may be wrong with a policy.

use std::fmt;

/// Why an [`Authenticator`](super::Authenticator) did not take what it was told.
/// Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The text is not an IP address, a network like `10.0.0.0/8`, `ipc` or
    /// `ipc:` and the number of a user.
    Address(String),
    /// The domain is longer than 255 bytes or has a NUL inside.
    Domain(String),
    /// The user's name is longer than 255 bytes or has a NUL inside.
    Username(String),
    /// The password of the user of this name is longer than 255 bytes.
    Password(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Address(text) => write!(
                f,
                "{text:?} is not an address: one is like 192.168.0.7, ::1, 10.0.0.0/8, ipc or \
                 ipc:1000 (names are not looked up)"
            ),
            ConfigError::Domain(text) => write!(
                f,
                "{text:?} cannot be a domain: one has at most 255 bytes, and no NUL"
            ),
            ConfigError::Username(text) => write!(
                f,
                "{text:?} cannot be the name of a PLAIN client: one has at most 255 bytes, and no \
                 NUL"
            ),
            ConfigError::Password(text) => write!(
                f,
                "the password of {text:?} is longer than 255 bytes, which no PLAIN client can show"
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
