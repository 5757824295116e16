//! How the values of socket options travel between libzmq and Rust: one type
//! per form of value, with `get`, `set` or both.

use std::ffi::c_int;
use std::result;

use zmq_sys::RawFd;

use crate::error::{Error, Result};
use crate::kind::SocketType;
use crate::poll::PollEvents;
use crate::raw::RawSocket;

/// The longest text or binary value that is expected: what libzmq has no limit
/// for are names of inproc endpoints, and proxies.
const USUAL: usize = 512;
const LONGEST: usize = 1 << 16;

/// Numbers as C has them.
macro_rules! numbers {
    ($($codec:ident: $type:ty;)*) => {$(
        pub(super) struct $codec;

        impl $codec {
            pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<$type> {
                let mut value = [0; size_of::<$type>()];
                socket.get(option, &mut value)?;
                Ok(<$type>::from_ne_bytes(value))
            }

            pub(super) fn set(socket: &RawSocket, option: c_int, value: $type) -> Result<()> {
                socket.set(option, Some(&value.to_ne_bytes()))
            }
        }
    )*};
}

numbers! {
    Int: i32;
    Int64: i64;
    UInt64: u64;
}

/// An `int` of 0 or 1.
pub(super) struct Bool;

impl Bool {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<bool> {
        Ok(Int::get(socket, option)? != 0)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: bool) -> Result<()> {
        Int::set(socket, option, value.into())
    }
}

/// Bytes of any length.
pub(super) struct Bytes;

impl Bytes {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<Vec<u8>> {
        let mut value = vec![0; USUAL];
        let len = match socket.get(option, &mut value) {
            // Also what libzmq says when the value is longer than the buffer.
            Err(Error::EINVAL) => {
                value.resize(LONGEST, 0);
                socket.get(option, &mut value)?
            }
            other => other?,
        };
        value.truncate(len);
        Ok(value)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: &[u8]) -> Result<()> {
        socket.set(option, Some(value))
    }
}

/// Text, which libzmq returns with a NUL at its end.
pub(super) struct Text;

impl Text {
    /// The inner error has the bytes if they are not UTF-8.
    pub(super) fn get(
        socket: &RawSocket,
        option: c_int,
    ) -> Result<result::Result<String, Vec<u8>>> {
        let mut value = Bytes::get(socket, option)?;
        if value.last() == Some(&0) {
            value.pop();
        }
        Ok(String::from_utf8(value).map_err(|e| e.into_bytes()))
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: &str) -> Result<()> {
        // libzmq keeps such a text, and cuts it off wherever it uses it.
        if value.contains('\0') {
            return Err(Error::EINVAL);
        }
        socket.set(option, Some(value.as_bytes()))
    }
}

/// Text, or nothing.
pub(super) struct OptionalText;

impl OptionalText {
    pub(super) fn get(
        socket: &RawSocket,
        option: c_int,
    ) -> Result<result::Result<String, Vec<u8>>> {
        Text::get(socket, option)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: Option<&str>) -> Result<()> {
        match value {
            Some(text) => Text::set(socket, option, text),
            None => socket.set(option, None),
        }
    }
}

/// A message, or none.
pub(super) struct OptionalMessage;

impl OptionalMessage {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: Option<&str>) -> Result<()> {
        socket.set(option, value.map(str::as_bytes))
    }
}

/// A CURVE key: 32 bytes, or the 40 characters of its Z85 text when it is set.
pub(super) struct Key;

impl Key {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<Vec<u8>> {
        // With 32 bytes to write to, libzmq writes the key in binary.
        let mut value = vec![0; 32];
        socket.get(option, &mut value)?;
        Ok(value)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: &[u8]) -> Result<()> {
        // 41 are allowed in C, with a NUL at the end, for which some versions of
        // libzmq search without an end.
        let key = value.strip_suffix(&[0]).filter(|key| key.len() == 40);
        let key = key.unwrap_or(value);
        if key.len() != 32 && key.len() != 40 {
            return Err(Error::EINVAL);
        }
        socket.set(option, Some(key))
    }
}

/// A descriptor of the operating system.
pub(super) struct Fd;

impl Fd {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<RawFd> {
        let mut value = [0; size_of::<RawFd>()];
        socket.get(option, &mut value)?;
        Ok(RawFd::from_ne_bytes(value))
    }
}

/// What a socket is ready for.
pub(super) struct Events;

impl Events {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<PollEvents> {
        let bits = Int::get(socket, option)?;
        Ok(PollEvents::from_bits_truncate(bits as i16))
    }
}

/// The type of a socket.
pub(super) struct Type;

impl Type {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<SocketType> {
        SocketType::from_raw(Int::get(socket, option)?)
    }
}

/// A security mechanism.
///
/// See [zmq_getsockopt](https://libzmq.readthedocs.io/en/latest/zmq_getsockopt.html),
/// `ZMQ_MECHANISM`.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// None.
    ZMQ_NULL,
    /// User name and password in clear text.
    ZMQ_PLAIN,
    /// Elliptic curve cryptography.
    ZMQ_CURVE,
    /// Kerberos.
    ZMQ_GSSAPI,
}

impl Mechanism {
    /// `EINVAL` for a mechanism that this crate does not know.
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<Mechanism> {
        match Int::get(socket, option)? as u32 {
            zmq_sys::ZMQ_NULL => Ok(Mechanism::ZMQ_NULL),
            zmq_sys::ZMQ_PLAIN => Ok(Mechanism::ZMQ_PLAIN),
            zmq_sys::ZMQ_CURVE => Ok(Mechanism::ZMQ_CURVE),
            zmq_sys::ZMQ_GSSAPI => Ok(Mechanism::ZMQ_GSSAPI),
            _ => Err(Error::EINVAL),
        }
    }
}
