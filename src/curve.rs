//! Keys for CURVE, ZeroMQ's encryption.

use std::ffi::CStr;
use std::fmt;

use crate::error::{Error, Result};
use crate::raw::check;
use crate::z85::{z85_decode, z85_encode};

/// A key as libzmq writes it: 40 characters of Z85 and a NUL.
type KeyText = [u8; 41];

/// A pair of CURVE keys, 32 bytes each.
///
/// The server sets its secret key, the client its own two and the server's
/// public key:
///
/// ```
/// # fn main() -> zmq::Result<()> {
/// # if zmq::has("curve") != Some(true) { return Ok(()); }
/// let context = zmq::Context::new();
/// let (server_keys, client_keys) = (zmq::CurveKeyPair::new()?, zmq::CurveKeyPair::new()?);
///
/// let server = context.socket(zmq::Rep)?;
/// server.set_curve_server(true)?;
/// server.set_curve_secretkey(&server_keys.secret_key)?;
/// server.bind("tcp://127.0.0.1:*")?;
///
/// let client = context.socket(zmq::Req)?;
/// client.set_curve_serverkey(&server_keys.public_key)?;
/// client.set_curve_publickey(&client_keys.public_key)?;
/// client.set_curve_secretkey(&client_keys.secret_key)?;
/// client.connect(&server.get_last_endpoint()?.unwrap())?;
///
/// client.send("a secret", 0)?;
/// assert_eq!(server.recv_bytes(0)?, b"a secret");
/// # Ok(())
/// # }
/// ```
///
/// `Debug` shows the public key only.
///
/// See [zmq_curve](https://libzmq.readthedocs.io/en/latest/zmq_curve.html).
#[derive(Clone)]
pub struct CurveKeyPair {
    /// The key that peers may know.
    pub public_key: [u8; 32],
    /// The key that nobody else may know.
    pub secret_key: [u8; 32],
}

impl CurveKeyPair {
    /// Makes a pair of random keys.
    ///
    /// # Errors
    ///
    /// `ENOTSUP` if libzmq was built without CURVE; see [`has`](crate::has).
    ///
    /// See [zmq_curve_keypair](https://libzmq.readthedocs.io/en/latest/zmq_curve_keypair.html).
    pub fn new() -> Result<CurveKeyPair> {
        let (mut public, mut secret): (KeyText, KeyText) = ([0; 41], [0; 41]);
        // SAFETY: libzmq writes a key's 40 characters and a NUL to each.
        check(unsafe {
            zmq_sys::zmq_curve_keypair(public.as_mut_ptr().cast(), secret.as_mut_ptr().cast())
        })?;
        Ok(CurveKeyPair {
            public_key: from_text(&public)?,
            secret_key: from_text(&secret)?,
        })
    }

    /// The pair that `secret_key` belongs to. Needs libzmq 4.2.
    ///
    /// ```
    /// # if zmq::has("curve") != Some(true) { return Ok(()); }
    /// let pair = zmq::CurveKeyPair::new()?;
    /// let again = zmq::CurveKeyPair::from_secret_key(pair.secret_key)?;
    /// assert_eq!(again.public_key, pair.public_key);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `ENOTSUP` if libzmq was built without CURVE.
    ///
    /// See [zmq_curve_public](https://libzmq.readthedocs.io/en/latest/zmq_curve_public.html).
    pub fn from_secret_key(secret_key: [u8; 32]) -> Result<CurveKeyPair> {
        let mut secret: KeyText = [0; 41];
        secret[..40].copy_from_slice(text(&secret_key).as_bytes());
        let mut public: KeyText = [0; 41];
        // SAFETY: libzmq reads one text, which ends in a NUL, and writes a key's
        // 40 characters and a NUL to the other.
        check(unsafe {
            zmq_sys::zmq_curve_public(public.as_mut_ptr().cast(), secret.as_ptr().cast())
        })?;
        Ok(CurveKeyPair {
            public_key: from_text(&public)?,
            secret_key,
        })
    }

    /// The public key as 40 characters of [Z85](crate::z85_encode), which the
    /// socket options take as well.
    pub fn public_key_z85(&self) -> String {
        text(&self.public_key)
    }

    /// The secret key as 40 characters of [Z85](crate::z85_encode), which the
    /// socket options take as well.
    pub fn secret_key_z85(&self) -> String {
        text(&self.secret_key)
    }
}

fn text(key: &[u8; 32]) -> String {
    z85_encode(key).expect("32 is a multiple of 4")
}

/// Reads a key that libzmq wrote; `EINVAL` should it be none.
fn from_text(text: &KeyText) -> Result<[u8; 32]> {
    let text = CStr::from_bytes_until_nul(text).map_err(|_| Error::EINVAL)?;
    let text = text.to_str().map_err(|_| Error::EINVAL)?;
    let key = z85_decode(text).map_err(|_| Error::EINVAL)?;
    key.try_into().map_err(|_| Error::EINVAL)
}

/// The public key, as Z85.
impl fmt::Debug for CurveKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurveKeyPair")
            .field("public_key", &self.public_key_z85())
            .finish_non_exhaustive()
    }
}
