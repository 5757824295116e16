//! Passwords of PLAIN clients.

use std::collections::HashMap;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::decision::Reason;
use super::error::ConfigError;

/// The longest name or password that PLAIN has, in bytes.
const LONGEST: usize = 255;

/// Names and their passwords.
#[derive(Default)]
pub(super) struct Passwords(HashMap<String, Padded>);

/// A password and its length, in as much space as any other: comparing takes no
/// longer for one than for another. On the heap, where moving leaves no copy behind.
struct Padded(Zeroizing<Vec<u8>>);

impl Padded {
    /// None if it is too long for one.
    fn new(password: &str) -> Option<Padded> {
        let mut padded = Padded(Zeroizing::new(vec![0; LONGEST + 1]));
        padded.0[LONGEST] = u8::try_from(password.len()).ok()?;
        padded.0[..password.len()].copy_from_slice(password.as_bytes());
        Some(padded)
    }
}

impl Passwords {
    pub(super) fn insert(&mut self, username: &str, password: &str) -> Result<(), ConfigError> {
        if username.len() > LONGEST || username.contains('\0') {
            return Err(ConfigError::Username(username.into()));
        }
        let password =
            Padded::new(password).ok_or_else(|| ConfigError::Password(username.into()))?;
        self.0.insert(username.into(), password);
        Ok(())
    }

    /// Why these do not go together, if they do not.
    pub(super) fn check(&self, username: &str, password: &str) -> Result<(), Reason> {
        let known = self.0.get(username);
        let Some(shown) = Padded::new(password) else {
            return Err(Reason::InvalidPassword);
        };
        // Who is not known is compared as well, with themselves, so that it takes
        // the time that it takes for those who are.
        let is_same: bool = known.unwrap_or(&shown).0.ct_eq(&shown.0).into();
        match known {
            None => Err(Reason::InvalidUsername),
            Some(_) if is_same => Ok(()),
            Some(_) => Err(Reason::InvalidPassword),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_with_their_passwords() {
        let mut passwords = Passwords::default();
        let long = "x".repeat(LONGEST);
        for (name, password) in [("alice", "secret"), ("bob", ""), ("carol", &long)] {
            passwords.insert(name, password).unwrap();
        }
        for (name, password, expected) in [
            ("alice", "secret", Ok(())),
            ("alice", "secret\0", Err(Reason::InvalidPassword)),
            ("alice", "secre", Err(Reason::InvalidPassword)),
            ("alice", "", Err(Reason::InvalidPassword)),
            ("bob", "", Ok(())),
            ("bob", "\0", Err(Reason::InvalidPassword)),
            ("carol", &long, Ok(())),
            ("carol", &"x".repeat(256), Err(Reason::InvalidPassword)),
            ("carol", &long[1..], Err(Reason::InvalidPassword)),
            ("dave", "secret", Err(Reason::InvalidUsername)),
            ("Alice", "secret", Err(Reason::InvalidUsername)),
            ("", "", Err(Reason::InvalidUsername)),
        ] {
            assert_eq!(
                passwords.check(name, password),
                expected,
                "{name} {password}"
            );
        }
    }

    #[test]
    fn what_no_client_can_show_is_refused() {
        let mut passwords = Passwords::default();
        let long = "x".repeat(256);
        assert_eq!(
            passwords.insert(&long, ""),
            Err(ConfigError::Username(long.clone()))
        );
        assert_eq!(
            passwords.insert("a\0b", ""),
            Err(ConfigError::Username("a\0b".into()))
        );
        let error = passwords.insert("alice", &long).unwrap_err();
        assert_eq!(error, ConfigError::Password("alice".into()));
        assert!(!error.to_string().contains("xx"), "{error}");
    }
}
