//! Z85: bytes as printable text, as CURVE keys are written.

use std::ffi::{CString, NulError};
use std::fmt;
use std::string::FromUtf8Error;

/// The 85 characters in the order of their value.
const ALPHABET: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// What is in [`VALUES`] for a byte that is none of them.
const NONE: u8 = 0xff;

/// The value of each byte as a character.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// Why [`z85_encode`] failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The number of bytes is not a multiple of 4.
    BadLength,
    /// Does not happen: encoded text is UTF-8.
    FromUtf8Error(FromUtf8Error),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EncodeError::BadLength => {
                f.write_str("Z85 encodes groups of 4 bytes, and the last one is incomplete")
            }
            EncodeError::FromUtf8Error(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EncodeError {}

impl From<FromUtf8Error> for EncodeError {
    fn from(error: FromUtf8Error) -> EncodeError {
        EncodeError::FromUtf8Error(error)
    }
}

/// Why [`z85_decode`] failed. Positions count bytes, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The number of characters is not a multiple of 5.
    BadLength,
    /// The text has a NUL inside.
    NulError(NulError),
    /// The text has a character that Z85 does not use.
    BadCharacter {
        /// The character.
        character: char,
        /// Where it is.
        position: usize,
    },
    /// A group of 5 characters stands for more than 4 bytes can hold.
    BadGroup {
        /// Where the group begins.
        position: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::BadLength => {
                f.write_str("Z85 has groups of 5 characters, and the last one is incomplete")
            }
            DecodeError::NulError(error) => error.fmt(f),
            DecodeError::BadCharacter {
                character,
                position,
            } => write!(f, "Z85 has no character {character:?}, found at {position}"),
            DecodeError::BadGroup { position } => {
                write!(f, "the 5 characters at {position} are more than 4 bytes")
            }
        }
    }
}

impl std::error::Error for DecodeError {}

impl From<NulError> for DecodeError {
    fn from(error: NulError) -> DecodeError {
        DecodeError::NulError(error)
    }
}

/// Writes bytes as text: 5 printable characters for every 4 bytes.
///
/// ```
/// // The test case of the specification, https://rfc.zeromq.org/spec/32/
/// let data = [0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b];
/// assert_eq!(zmq::z85_encode(&data).unwrap(), "HelloWorld");
/// assert_eq!(zmq::z85_encode(b"abc"), Err(zmq::EncodeError::BadLength));
/// ```
///
/// # Errors
///
/// `BadLength` if the number of bytes is not a multiple of 4.
///
/// See [zmq_z85_encode](https://libzmq.readthedocs.io/en/latest/zmq_z85_encode.html).
pub fn z85_encode(data: &[u8]) -> Result<String, EncodeError> {
    let groups = data.chunks_exact(4);
    if !groups.remainder().is_empty() {
        return Err(EncodeError::BadLength);
    }
    let mut text = Vec::with_capacity(data.len() / 4 * 5);
    for group in groups {
        let mut value = group.iter().fold(0, |value, &b| value << 8 | u32::from(b));
        let mut characters = [0; 5];
        for character in characters.iter_mut().rev() {
            *character = ALPHABET[(value % 85) as usize];
            value /= 85;
        }
        text.extend_from_slice(&characters);
    }
    Ok(String::from_utf8(text)?)
}

/// Reads bytes from their text. What is not such a text is an error.
///
/// ```
/// use zmq::DecodeError;
///
/// let data = [0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b];
/// assert_eq!(zmq::z85_decode("HelloWorld").unwrap(), data);
///
/// let error = zmq::z85_decode("Hello~orld").unwrap_err();
/// assert_eq!(error, DecodeError::BadCharacter { character: '~', position: 5 });
/// assert_eq!(error.to_string(), "Z85 has no character '~', found at 5");
/// ```
///
/// # Errors
///
/// `BadLength` if the number of bytes of the text is not a multiple of 5,
/// `BadCharacter` and, for a NUL, `NulError` if one is not among those of Z85,
/// `BadGroup` if five stand for a number over 2³²-1.
///
/// See [zmq_z85_decode](https://libzmq.readthedocs.io/en/latest/zmq_z85_decode.html).
pub fn z85_decode(data: &str) -> Result<Vec<u8>, DecodeError> {
    let groups = data.as_bytes().chunks_exact(5);
    // A character of several bytes is the better reason for a wrong length.
    if data.is_ascii() && !groups.remainder().is_empty() {
        return Err(DecodeError::BadLength);
    }
    let is_wrong = |b: u8| VALUES[usize::from(b)] == NONE;
    if let Some(position) = data.bytes().position(is_wrong) {
        return Err(bad_character(data, position));
    }
    let mut bytes = Vec::with_capacity(data.len() / 5 * 4);
    for (index, group) in groups.enumerate() {
        // 85⁵ is far below 2⁶⁴.
        let value = group.iter().fold(0, |value, &b| {
            value * 85 + u64::from(VALUES[usize::from(b)])
        });
        let value = u32::try_from(value).map_err(|_| DecodeError::BadGroup {
            position: index * 5,
        })?;
        bytes.extend_from_slice(&value.to_be_bytes());
    }
    Ok(bytes)
}

/// The error for the first character that is not one of Z85: what comes before
/// it has one byte each, so that a character begins at `position`.
#[cold]
fn bad_character(data: &str, position: usize) -> DecodeError {
    if let (Some(b'\0'), Err(error)) = (data.as_bytes().get(position), CString::new(data)) {
        return error.into();
    }
    let character = data[position..].chars().next().unwrap_or_default();
    DecodeError::BadCharacter {
        character,
        position,
    }
}
