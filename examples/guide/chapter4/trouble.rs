//! What the servers of the Guide suffer, for their clients to prove themselves.

use std::error::Error;
use std::thread;

use super::{milliseconds, setting};

/// Whether a server survives its `n`-th request. After a few it crashes, one time in four,
/// or is too busy for a while: `OVERLOAD`, in milliseconds.
///
/// `TROUBLE=none` in the environment spares it that; `TROUBLE=crash` and
/// `TROUBLE=overload` bring it on with the fourth request, and only then.
pub fn survives(n: u64) -> Result<bool, Box<dyn Error>> {
    let trouble = setting("TROUBLE", String::from("chance"))?;
    let (crash, overload) = match trouble.as_str() {
        "none" => (false, false),
        "crash" => (n == 4, false),
        "overload" => (false, n == 4),
        "chance" => (
            n > 3 && fastrand::u8(..4) == 0,
            n > 3 && fastrand::u8(..4) == 0,
        ),
        _ => return Err(format!("TROUBLE={trouble}: none, crash or overload").into()),
    };
    if crash {
        println!("I: crashing, on purpose");
    } else if overload {
        println!("I: overloaded, on purpose");
        thread::sleep(milliseconds("OVERLOAD", 3000)?);
    }
    Ok(!crash)
}

/// Pretends to work, as long as the Guide does, or `WORK` milliseconds.
pub fn work() -> Result<(), Box<dyn Error>> {
    thread::sleep(milliseconds("WORK", 1000)?);
    Ok(())
}
