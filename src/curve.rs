//! Keys for CURVE, ZeroMQ's encryption.

use std::ffi::CStr;
use std::fmt;
use std::result;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{Error, Result};
use crate::raw::check;
use crate::z85::{z85_decode, z85_encode, DecodeError};

/// A key as libzmq writes it: 40 characters of Z85 and a NUL. It is wiped after
/// use, for it may be a secret.
type KeyText = Zeroizing<[u8; 41]>;

/// How many characters of Z85 a key has.
const LENGTH: usize = 40;

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
/// `Debug` shows the public key only, and the secret key is overwritten with
/// zeros when the pair is dropped. That reaches neither copies of the field, nor
/// places that the pair was moved from, nor what libzmq keeps for its sockets.
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
        let (mut public, mut secret) = (KeyText::new([0; 41]), KeyText::new([0; 41]));
        // SAFETY: libzmq writes a key's 40 characters and a NUL to each.
        check(unsafe {
            zmq_sys::zmq_curve_keypair(public.as_mut_ptr().cast(), secret.as_mut_ptr().cast())
        })?;
        let mut pair = CurveKeyPair::zeros();
        from_text(&public, &mut pair.public_key)?;
        from_text(&secret, &mut pair.secret_key)?;
        Ok(pair)
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
    pub fn from_secret_key(mut secret_key: [u8; 32]) -> Result<CurveKeyPair> {
        let mut pair = CurveKeyPair::zeros();
        pair.secret_key = secret_key;
        secret_key.zeroize();
        let (mut public, mut secret) = (KeyText::new([0; 41]), KeyText::new([0; 41]));
        secret[..LENGTH].copy_from_slice(pair.secret_key_z85().as_bytes());
        // SAFETY: libzmq reads one text, which ends in a NUL, and writes a key's
        // 40 characters and a NUL to the other.
        check(unsafe {
            zmq_sys::zmq_curve_public(public.as_mut_ptr().cast(), secret.as_ptr().cast())
        })?;
        from_text(&public, &mut pair.public_key)?;
        Ok(pair)
    }

    /// The pair with these keys, 40 characters of Z85 each, as configuration
    /// files have them.
    ///
    /// ```
    /// // The client's keys of the test case in libzmq's manual.
    /// let pair = zmq::CurveKeyPair::from_z85(
    ///     "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
    ///     "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
    /// )?;
    /// assert_eq!(pair.public_key[..4], [0xbb, 0x88, 0x47, 0x1d]);
    /// # Ok::<(), zmq::CurveKeyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with one of the keys, or
    /// [`Mismatch`](CurveKeyError::Mismatch). A libzmq that was built without
    /// CURVE cannot tell whether they belong together; then it is not checked.
    pub fn from_z85(public: &str, secret: &str) -> result::Result<CurveKeyPair, CurveKeyError> {
        let mut pair = CurveKeyPair::zeros();
        decode(public, &mut pair.public_key)?;
        decode_secret(secret, &mut pair.secret_key)?;
        pair.check()?;
        Ok(pair)
    }

    /// The pair that a secret key, 40 characters of Z85, belongs to. Needs
    /// libzmq 4.2.
    ///
    /// ```
    /// # if zmq::has("curve") != Some(true) { return Ok(()); }
    /// let secret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
    /// let pair = zmq::CurveKeyPair::from_secret_z85(secret)?;
    /// assert_eq!(pair.public_key_z85(), "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID");
    /// # Ok::<(), zmq::CurveKeyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the key, or [`Zmq`](CurveKeyError::Zmq) with `ENOTSUP`
    /// if libzmq was built without CURVE.
    pub fn from_secret_z85(secret: &str) -> result::Result<CurveKeyPair, CurveKeyError> {
        let mut secret_key = Zeroizing::new([0; 32]);
        decode_secret(secret, &mut secret_key)?;
        CurveKeyPair::from_secret_key(*secret_key).map_err(CurveKeyError::Zmq)
    }

    /// The 32 bytes of a public key, of 40 characters of Z85.
    ///
    /// ```
    /// use zmq::CurveKeyPair;
    ///
    /// let key = CurveKeyPair::decode_key("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID")?;
    /// assert_eq!(key[..4], [0xbb, 0x88, 0x47, 0x1d]);
    ///
    /// let error = CurveKeyPair::decode_key("Yne@$w").unwrap_err();
    /// assert_eq!(error.to_string(), "a CURVE key has 40 characters, and this has 6");
    /// # Ok::<(), zmq::CurveKeyError>(())
    /// ```
    ///
    /// For secret keys there is [`from_secret_z85`](CurveKeyPair::from_secret_z85),
    /// whose errors give nothing of them away.
    ///
    /// # Errors
    ///
    /// [`Length`](CurveKeyError::Length) or [`Z85`](CurveKeyError::Z85).
    pub fn decode_key(text: &str) -> result::Result<[u8; 32], CurveKeyError> {
        let mut key = [0; 32];
        decode(text, &mut key)?;
        Ok(key)
    }

    /// The public key as 40 characters of [Z85](crate::z85_encode), which the
    /// socket options take as well.
    pub fn public_key_z85(&self) -> String {
        text(&self.public_key)
    }

    /// The secret key as 40 characters of [Z85](crate::z85_encode), which the
    /// socket options take as well. The text is overwritten with zeros when it is
    /// dropped; it is a [`String`] to what takes a `&str`.
    ///
    /// ```
    /// # if zmq::has("curve") != Some(true) { return Ok(()); }
    /// let pair = zmq::CurveKeyPair::new()?;
    /// let text = pair.secret_key_z85();
    /// assert_eq!(zmq::z85_decode(&text).unwrap(), pair.secret_key);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn secret_key_z85(&self) -> Zeroizing<String> {
        Zeroizing::new(text(&self.secret_key))
    }

    /// What keys are read into: returning them would leave copies behind.
    fn zeros() -> CurveKeyPair {
        CurveKeyPair {
            public_key: [0; 32],
            secret_key: [0; 32],
        }
    }

    /// Whether the keys belong together, if libzmq can tell.
    pub(crate) fn check(&self) -> result::Result<(), CurveKeyError> {
        match CurveKeyPair::from_secret_key(self.secret_key) {
            Ok(pair) if pair.public_key == self.public_key => Ok(()),
            Ok(_) => Err(CurveKeyError::Mismatch),
            Err(Error::ENOTSUP) => Ok(()),
            Err(error) => Err(CurveKeyError::Zmq(error)),
        }
    }
}

impl Drop for CurveKeyPair {
    fn drop(&mut self) {
        self.secret_key.zeroize();
    }
}

impl ZeroizeOnDrop for CurveKeyPair {}

/// A key as text.
pub(crate) fn text(key: &[u8; 32]) -> String {
    z85_encode(key).expect("32 is a multiple of 4")
}

/// Reads a key that somebody wrote.
fn decode(text: &str, key: &mut [u8; 32]) -> result::Result<(), CurveKeyError> {
    let length = text.chars().count();
    if length != LENGTH {
        return Err(CurveKeyError::Length(length));
    }
    let bytes = Zeroizing::new(z85_decode(text).map_err(CurveKeyError::Z85)?);
    key.copy_from_slice(&bytes);
    Ok(())
}

/// Reads a secret key; of what is wrong with it, only the position is told.
pub(crate) fn decode_secret(text: &str, key: &mut [u8; 32]) -> result::Result<(), CurveKeyError> {
    decode(text, key).map_err(|error| match error {
        CurveKeyError::Z85(error) => CurveKeyError::SecretZ85 {
            position: match error {
                DecodeError::BadCharacter { position, .. } | DecodeError::BadGroup { position } => {
                    position
                }
                DecodeError::NulError(error) => error.nul_position(),
                DecodeError::BadLength => LENGTH,
            },
        },
        error => error,
    })
}

/// Reads a key that libzmq wrote; `EINVAL` should it be none.
fn from_text(text: &KeyText, key: &mut [u8; 32]) -> Result<()> {
    let text = CStr::from_bytes_until_nul(&text[..]).map_err(|_| Error::EINVAL)?;
    let text = text.to_str().map_err(|_| Error::EINVAL)?;
    decode(text, key).map_err(|_| Error::EINVAL)
}

/// The public key, as Z85.
impl fmt::Debug for CurveKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurveKeyPair")
            .field("public_key", &self.public_key_z85())
            .finish_non_exhaustive()
    }
}

/// What is wrong with the text of CURVE keys. It has nothing of a secret key in
/// it.
///
/// ```
/// use zmq::{CurveKeyError, CurveKeyPair};
///
/// let error = CurveKeyPair::from_secret_z85("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%c~").unwrap_err();
/// assert_eq!(error, CurveKeyError::SecretZ85 { position: 39 });
/// assert_eq!(error.to_string(), "the secret key is not Z85, at character 39");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CurveKeyError {
    /// A key has 40 characters, and this has as many.
    Length(usize),
    /// The public key is not Z85.
    Z85(DecodeError),
    /// The secret key is not Z85.
    SecretZ85 {
        /// The first character, or group of five, that is wrong; the first
        /// character is 0.
        position: usize,
    },
    /// The keys are not of one pair.
    Mismatch,
    /// libzmq cannot work with the keys: `ENOTSUP` if it was built without CURVE.
    Zmq(Error),
}

impl fmt::Display for CurveKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CurveKeyError::Length(length) => {
                write!(
                    f,
                    "a CURVE key has {LENGTH} characters, and this has {length}"
                )
            }
            CurveKeyError::Z85(error) => write!(f, "the key is not Z85: {error}"),
            CurveKeyError::SecretZ85 { position } => {
                write!(f, "the secret key is not Z85, at character {position}")
            }
            CurveKeyError::Mismatch => {
                f.write_str("the public key does not belong to the secret key")
            }
            CurveKeyError::Zmq(error) => write!(f, "libzmq does not take the key: {error}"),
        }
    }
}

impl std::error::Error for CurveKeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CurveKeyError::Z85(error) => Some(error),
            CurveKeyError::Zmq(error) => Some(error),
            _ => None,
        }
    }
}
