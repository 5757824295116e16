//! What several programs of the Guide share: their arguments, and messages to be read by
//! people.

use std::fmt::Display;
use std::str::FromStr;

use zmq::Multipart;

#[path = "../chapter4/mod.rs"]
pub mod chapter4;

/// The `n`-th argument of the program, counted from 1, which is an endpoint; the Guide's
/// own if it is not there.
pub fn endpoint(n: usize, default: &str) -> String {
    // What is not UTF-8 is no endpoint: libzmq will say so.
    std::env::args_os().nth(n).map_or_else(
        || default.into(),
        |given| given.to_string_lossy().into_owned(),
    )
}

/// The `n`-th argument, counted from 1, which is a number or another value with a textual
/// form; `default` if it is not there.
pub fn argument<T: FromStr>(n: usize, default: T) -> Result<T, String>
where
    T::Err: Display,
{
    let Some(given) = std::env::args_os().nth(n) else {
        return Ok(default);
    };
    let given = given.to_string_lossy();
    given
        .parse()
        .map_err(|e| format!("argument {n} is {given:?}: {e}"))
}

/// A frame as text, or in hexadecimal if it is none.
pub fn text(frame: &[u8]) -> String {
    match std::str::from_utf8(frame) {
        Ok(text) if !text.contains(char::is_control) => text.into(),
        _ => frame.iter().map(|byte| format!("{byte:02X}")).collect(),
    }
}

/// Prints a message, a line for each frame with its length.
pub fn dump(message: &Multipart) {
    println!("----------------------------------------");
    for frame in message {
        println!("[{:03}] {}", frame.len(), text(frame));
    }
}
