//! What several programs of chapter 4 share.

mod bstar;
mod freelance;
mod heartbeat;
pub mod mdp;
mod store;
mod trouble;

use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

pub use bstar::{BinaryStar, Place, Side, State};
pub use freelance::Freelance;
pub use heartbeat::Heartbeat;
pub use store::{Id, Store};
pub use trouble::{survives, work};

/// A number that the Guide has fixed, and that the environment may set to another:
/// `TIMEOUT=500 lpclient`.
pub fn setting<T: FromStr>(name: &str, default: T) -> Result<T, Box<dyn Error>>
where
    T::Err: Display,
{
    let Some(given) = std::env::var_os(name) else {
        return Ok(default);
    };
    let given = given.to_string_lossy();
    let value = given.parse().map_err(|e| format!("{name}={given}: {e}"))?;
    Ok(value)
}

/// A time, in milliseconds, likewise. It fits into 31 bits, as those of libzmq.
pub fn milliseconds(name: &str, default: i32) -> Result<Duration, Box<dyn Error>> {
    let given: i32 = setting(name, default)?;
    let time = u64::try_from(given).map_err(|e| format!("{name}={given}: {e}"))?;
    Ok(Duration::from_millis(time))
}
