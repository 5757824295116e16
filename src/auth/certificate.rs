//! Certificates: CURVE keys in files, with what is known of their owner.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::str;
use std::sync::atomic::{AtomicU64, Ordering};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::zpl;
use crate::curve::{self, CurveKeyError, CurveKeyPair};
use crate::error::{Error, Result};
use crate::kind::Kind;
use crate::socket::Socket;

/// No certificate is larger.
const LARGEST_FILE: u64 = 64 * 1024;

pub(super) const PUBLIC_BANNER: &str = "\
#   ZeroMQ CURVE Public Certificate
#   Exchange securely, or use a secure mechanism to verify the contents
#   of this file after exchange.

";

const SECRET_BANNER: &str = "\
#   ZeroMQ CURVE **Secret** Certificate
#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

";

/// A public CURVE key, maybe the secret key to it, and what is known of their
/// owner, as files have it that czmq and pyzmq write and read too.
///
/// Such files come in pairs: `alice.key` has the public key and is given to
/// whom Alice talks to, `alice.key_secret` has both and is kept.
///
/// ```
/// use zmq::auth::Certificate;
///
/// # if zmq::has("curve") != Some(true) { return Ok(()); }
/// # let folder = std::env::temp_dir().join(format!("zmq-doc-certificate-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let path = folder.join("alice.key");
/// let mut alice = Certificate::new()?;
/// alice.set_metadata("name", "Alice")?;
/// alice.save(&path)?;
///
/// let known = Certificate::load(&path)?;
/// assert_eq!(known.public_key(), alice.public_key());
/// assert_eq!(known.get_metadata("name"), Some("Alice"));
/// assert!(known.secret_key().is_none());
///
/// let own = Certificate::load(folder.join("alice.key_secret"))?;
/// assert_eq!(own.secret_key(), alice.secret_key());
///
/// let socket = zmq::Context::new().socket(zmq::Dealer)?;
/// own.apply(&socket)?;
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` does not show the secret key, and it is overwritten with zeros when
/// the certificate is dropped.
#[derive(Clone)]
pub struct Certificate {
    public_key: [u8; 32],
    /// Boxed, so that moving the certificate leaves no copies behind.
    secret_key: Option<Box<Zeroizing<[u8; 32]>>>,
    metadata: Vec<(String, String)>,
    warning: Option<CertificateWarning>,
}

impl Certificate {
    /// Makes one with a pair of random keys.
    ///
    /// # Errors
    ///
    /// `ENOTSUP` if libzmq was built without CURVE; see [`has`](crate::has).
    pub fn new() -> Result<Certificate> {
        CurveKeyPair::new().map(Certificate::from)
    }

    /// One with a public key alone.
    ///
    /// ```
    /// let certificate = zmq::auth::Certificate::from_public_key([7; 32]);
    /// assert!(certificate.key_pair().is_none());
    /// ```
    pub fn from_public_key(public_key: [u8; 32]) -> Certificate {
        Certificate {
            public_key,
            secret_key: None,
            metadata: Vec::new(),
            warning: None,
        }
    }

    /// Reads a file: `alice.key` without, `alice.key_secret` with a secret key.
    /// (czmq reads the latter when told to load the former.)
    ///
    /// If others than its owner can read a file with a secret key, it is loaded
    /// with a [`warning`](Certificate::warning).
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no certificate, is not UTF-8, is larger
    /// than 64 KiB, has several different keys or ones that do not belong
    /// together. An error has nothing of the secret key in it.
    pub fn load(path: impl AsRef<Path>) -> std::result::Result<Certificate, CertificateError> {
        let path = path.as_ref();
        let (bytes, mode) = read(path)?;
        let mut certificate = match parse(&bytes) {
            Ok(certificate) => certificate,
            Err((line, problem)) => {
                return Err(CertificateError::Content {
                    path: path.to_owned(),
                    line,
                    problem,
                })
            }
        };
        if certificate.secret_key.is_some() && mode & 0o066 != 0 {
            let warning = CertificateWarning {
                path: path.to_owned(),
                mode,
            };
            #[cfg(feature = "tracing")]
            tracing::warn!(target: "zmq::auth", "{warning}");
            certificate.warning = Some(warning);
        }
        Ok(certificate)
    }

    /// Writes two files: the [public](Certificate::save_public) certificate to
    /// `path`, and the [secret](Certificate::save_secret) one to `path` with
    /// `_secret` after it.
    ///
    /// # Errors
    ///
    /// If a file cannot be written, there is no secret key, or what was loaded
    /// has metadata that cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> std::result::Result<(), CertificateError> {
        let path = path.as_ref();
        let mut secret_path = OsString::from(path);
        secret_path.push("_secret");
        // What fails, fails before the first is replaced.
        let secret = Draft::new(Path::new(&secret_path), &self.secret_text()?, true)?;
        let public = Draft::new(path, &self.public_text(PUBLIC_BANNER)?, false)?;
        secret.publish()?;
        public.publish()
    }

    /// Writes a file without the secret key. Metadata is in it, unlike with
    /// pyzmq.
    ///
    /// A file that is there is replaced, at once: who reads it finds all of the
    /// old one or all of the new one.
    ///
    /// # Errors
    ///
    /// If the file cannot be written, or what was loaded has metadata that
    /// cannot be.
    pub fn save_public(&self, path: impl AsRef<Path>) -> std::result::Result<(), CertificateError> {
        Draft::new(path.as_ref(), &self.public_text(PUBLIC_BANNER)?, false)?.publish()
    }

    /// Writes a file with the secret key, which nobody but its owner can read
    /// (mode 0600; on Windows, who can read the folder's other files).
    ///
    /// A file that is there is replaced, at once, and with it its permissions. If
    /// it is a symbolic link, that is replaced, and not what it leads to.
    ///
    /// # Errors
    ///
    /// As for [`save`](Certificate::save).
    pub fn save_secret(&self, path: impl AsRef<Path>) -> std::result::Result<(), CertificateError> {
        Draft::new(path.as_ref(), &self.secret_text()?, true)?.publish()
    }

    /// The public key.
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// The public key as 40 characters of [Z85](crate::z85_encode).
    pub fn public_key_z85(&self) -> String {
        curve::text(&self.public_key)
    }

    /// The secret key, if it is known.
    pub fn secret_key(&self) -> Option<&[u8; 32]> {
        self.secret_key.as_deref().map(|key| &**key)
    }

    /// Both keys, if the secret one is known.
    pub fn key_pair(&self) -> Option<CurveKeyPair> {
        Some(CurveKeyPair {
            public_key: self.public_key,
            secret_key: *self.secret_key()?,
        })
    }

    /// What is known of the owner: names and values, in their order.
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata
            .iter()
            .map(|(name, value)| (&**name, &**value))
    }

    /// The value of the metadata with this name.
    pub fn get_metadata(&self, name: &str) -> Option<&str> {
        self.metadata()
            .find(|entry| entry.0 == name)
            .map(|entry| entry.1)
    }

    /// Sets the metadata with this name; a value that it has is replaced.
    ///
    /// ```
    /// let mut certificate = zmq::auth::Certificate::from_public_key([7; 32]);
    /// certificate.set_metadata("email", "alice@example.org")?;
    /// certificate.set_metadata("nick", r#"the "Caterpillar""#)?;
    /// assert_eq!(certificate.metadata().count(), 2);
    ///
    /// let error = certificate.set_metadata("full name", "Alice").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"metadata "full name": names have letters, digits and any of $-_@.&+/, / not first or last"#
    /// );
    /// # Ok::<(), zmq::auth::CertificateError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`MetadataProblem`], if there is no way to write the name or the value so
    /// that czmq and pyzmq read the file as it is meant.
    pub fn set_metadata(
        &mut self,
        name: &str,
        value: &str,
    ) -> std::result::Result<(), CertificateError> {
        metadata_line(name, value)?;
        match self.metadata.iter_mut().find(|entry| entry.0 == name) {
            Some(entry) => entry.1 = value.to_owned(),
            None => self.metadata.push((name.to_owned(), value.to_owned())),
        }
        Ok(())
    }

    /// What is dangerous about the file that this was loaded from.
    pub fn warning(&self) -> Option<&CertificateWarning> {
        self.warning.as_ref()
    }

    /// Gives a socket both keys, as clients need them. (A server needs
    /// [`set_curve_server`](Socket::set_curve_server) besides.)
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no secret key or libzmq was built without CURVE.
    pub fn apply<K: Kind>(&self, socket: &Socket<K>) -> Result<()> {
        let secret_key = self.secret_key().ok_or(Error::EINVAL)?;
        socket.as_dyn().set_curve_publickey(&self.public_key)?;
        socket.as_dyn().set_curve_secretkey(secret_key)
    }

    /// Forgets the secret key.
    pub(super) fn into_public(mut self) -> Certificate {
        self.secret_key = None;
        self
    }

    pub(super) fn public_text(
        &self,
        banner: &str,
    ) -> std::result::Result<String, CertificateError> {
        let mut text = format!("{banner}metadata\n");
        for (name, value) in self.metadata() {
            text += &metadata_line(name, value)?;
        }
        text += "curve\n";
        text += &format!("    public-key = \"{}\"\n", self.public_key_z85());
        Ok(text)
    }

    pub(super) fn secret_text(&self) -> std::result::Result<Zeroizing<String>, CertificateError> {
        let pair = self.key_pair().ok_or(CertificateError::NoSecretKey)?;
        let public = self.public_text(SECRET_BANNER)?;
        // Large enough from the start: growing would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(public.len() + 100));
        for part in [
            &public,
            "    secret-key = \"",
            &pair.secret_key_z85(),
            "\"\n",
        ] {
            text.push_str(part);
        }
        Ok(text)
    }
}

impl From<CurveKeyPair> for Certificate {
    fn from(pair: CurveKeyPair) -> Certificate {
        // Not on its way by the stack, which would leave a copy behind.
        let mut secret_key = Box::new(Zeroizing::new([0; 32]));
        secret_key.copy_from_slice(&pair.secret_key);
        Certificate {
            secret_key: Some(secret_key),
            ..Certificate::from_public_key(pair.public_key)
        }
    }
}

/// All but the secret key.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("public_key", &self.public_key_z85())
            .field("metadata", &self.metadata)
            .field("warning", &self.warning)
            .finish_non_exhaustive()
    }
}

/// The line of a file with this metadata.
fn metadata_line(name: &str, value: &str) -> std::result::Result<String, CertificateError> {
    let line = if !zpl::is_name(name) {
        Err(MetadataProblem::Name)
    } else if ["public-key", "secret-key"]
        .iter()
        .any(|key| name.starts_with(key))
    {
        Err(MetadataProblem::Key)
    } else {
        zpl::line(name, value).ok_or(MetadataProblem::Value)
    };
    line.map_err(|problem| CertificateError::Metadata {
        name: name.to_owned(),
        problem,
    })
}

/// Reads a certificate's text.
pub(super) fn parse(
    bytes: &[u8],
) -> std::result::Result<Certificate, (Option<usize>, CertificateProblem)> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|&&c| c == b'\n').count();
        (Some(line), CertificateProblem::NotUtf8)
    })?;
    let mut public_key = None;
    let mut secret_key = None::<(usize, Box<Zeroizing<[u8; 32]>>)>;
    let mut metadata = Vec::<(String, String)>::new();
    for property in zpl::properties(text) {
        let wrong = |problem| (Some(property.line), problem);
        let in_metadata = property.section == Some("metadata");
        // Like pyzmq, so that nothing that was meant as a key is passed over.
        match property.name.split([' ', '\t']).next().unwrap_or("") {
            _ if in_metadata => {
                // Of several, czmq takes the first.
                let is_new = metadata.iter().all(|entry| entry.0 != property.name);
                if property.depth == 1 && is_new {
                    metadata.push((property.name.into(), property.value().into()));
                }
            }
            "public-key" => {
                let key = property.key().map_err(wrong)?;
                let key = CurveKeyPair::decode_key(key)
                    .map_err(|error| wrong(CertificateProblem::PublicKey(error)))?;
                // czmq writes it if it has no CURVE. The secret key to it is no secret.
                if key == [0; 32] {
                    return Err(wrong(CertificateProblem::NullKey));
                }
                if public_key.replace(key).is_some_and(|other| other != key) {
                    return Err(wrong(CertificateProblem::SeveralKeys));
                }
            }
            "secret-key" => {
                let key = property.key().map_err(wrong)?;
                let mut read = Box::new(Zeroizing::new([0; 32]));
                curve::decode_secret(key, &mut read)
                    .map_err(|error| wrong(CertificateProblem::SecretKey(error)))?;
                match &secret_key {
                    Some((_, other)) if !is_same(other, &read) => {
                        return Err(wrong(CertificateProblem::SeveralKeys));
                    }
                    _ => secret_key = Some((property.line, read)),
                }
            }
            _ => {}
        }
    }
    let public_key = public_key.ok_or((None, CertificateProblem::NoPublicKey))?;
    let mut certificate = Certificate::from_public_key(public_key);
    certificate.metadata = metadata;
    // czmq writes a key of zeros for one that it does not know.
    if let Some((line, key)) = secret_key.filter(|(_, key)| !is_same(key, &[0; 32])) {
        certificate.secret_key = Some(key);
        let pair = certificate.key_pair().expect("just set");
        pair.check()
            .map_err(|error| (Some(line), CertificateProblem::SecretKey(error)))?;
    }
    Ok(certificate)
}

/// Takes as long for any two secrets.
fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.ct_eq(other).into()
}

/// Reads a file, and its mode; 0 where there are none.
fn read(path: &Path) -> std::result::Result<(Zeroizing<Vec<u8>>, u32), CertificateError> {
    let wrong = |problem| CertificateError::Content {
        path: path.to_owned(),
        line: None,
        problem,
    };
    let failed = |error| CertificateError::io(path, error);
    let mut options = OpenOptions::new();
    options.read(true);
    // Opening a named pipe would wait for who writes to it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let mut file = options.open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(wrong(CertificateProblem::NotAFile));
    }
    if about.len() > LARGEST_FILE {
        return Err(wrong(CertificateProblem::TooLarge));
    }
    // One byte more shows that all was read. It does not grow, which would leave
    // copies behind.
    let mut bytes = Zeroizing::new(vec![0; about.len() as usize + 1]);
    let mut length = 0;
    while length < bytes.len() {
        match file.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
    if length == bytes.len() {
        return Err(wrong(CertificateProblem::Changing));
    }
    bytes.truncate(length);
    #[cfg(unix)]
    let mode = std::os::unix::fs::MetadataExt::mode(&about) & 0o7777;
    #[cfg(not(unix))]
    let mode = 0;
    Ok((bytes, mode))
}

/// A new file beside the one that it will replace.
struct Draft<'a> {
    path: &'a Path,
    draft: PathBuf,
}

impl Draft<'_> {
    fn new<'a>(
        path: &'a Path,
        text: &str,
        is_secret: bool,
    ) -> std::result::Result<Draft<'a>, CertificateError> {
        let failed = |error| CertificateError::io(path, error);
        if path.file_name().is_none() {
            return Err(failed(io::ErrorKind::InvalidInput.into()));
        }
        if path.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if is_secret {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        #[cfg(not(unix))]
        let _ = is_secret;
        let (mut file, draft): (File, _) = loop {
            // A store does not look at names with a dot.
            static COUNT: AtomicU64 = AtomicU64::new(0);
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let draft = path.with_file_name(format!(".zmq-{}-{count}", process::id()));
            match options.open(&draft) {
                Ok(file) => break (file, draft),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        };
        let draft = Draft { path, draft };
        file.write_all(text.as_bytes()).map_err(failed)?;
        Ok(draft)
    }

    fn publish(mut self) -> std::result::Result<(), CertificateError> {
        fs::rename(&self.draft, self.path)
            .map_err(|error| CertificateError::io(self.path, error))?;
        // The name may be somebody else's by now.
        self.draft = PathBuf::new();
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.draft.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.draft);
        }
    }
}

/// What can be wrong with a certificate or a folder of them. It has nothing of a
/// secret key in it.
///
/// ```
/// use zmq::auth::{Certificate, CertificateError, CertificateProblem};
///
/// # let path = std::env::temp_dir().join(format!("zmq-doc-error-{}.key", std::process::id()));
/// std::fs::write(&path, "curve\n    public-key = \"Yne@$w-vo<fVvi]a<NY6T1ed\"\n")?;
/// let error = Certificate::load(&path).unwrap_err();
/// assert_eq!((error.path(), error.line()), (Some(&*path), Some(2)));
/// assert_eq!(
///     error.to_string(),
///     format!(
///         "{}, line 2: the public key: a CURVE key has 40 characters, and this has 24",
///         path.display()
///     )
/// );
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum CertificateError {
    /// A file or folder cannot be read or written.
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is in a file is no certificate.
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1, if it is one that is wrong.
        line: Option<usize>,
        /// What is wrong.
        problem: CertificateProblem,
    },
    /// Metadata that cannot be written.
    Metadata {
        /// Its name.
        name: String,
        /// What is wrong.
        problem: MetadataProblem,
    },
    /// There is no secret key to save.
    NoSecretKey,
}

impl CertificateError {
    pub(super) fn io(path: &Path, error: io::Error) -> CertificateError {
        CertificateError::Io {
            path: path.to_owned(),
            error,
        }
    }

    /// The file or folder.
    pub fn path(&self) -> Option<&Path> {
        match self {
            CertificateError::Io { path, .. } | CertificateError::Content { path, .. } => {
                Some(path)
            }
            _ => None,
        }
    }

    /// The line that is wrong; the first is 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            CertificateError::Content { line, .. } => *line,
            _ => None,
        }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path() {
            write!(f, "{}", path.display())?;
        }
        if let Some(line) = self.line() {
            write!(f, ", line {line}")?;
        }
        match self {
            CertificateError::Io { error, .. } => write!(f, ": {error}"),
            CertificateError::Content { problem, .. } => write!(f, ": {problem}"),
            CertificateError::Metadata { name, problem } => {
                write!(f, "metadata {name:?}: {problem}")
            }
            CertificateError::NoSecretKey => f.write_str("the certificate has no secret key"),
        }
    }
}

impl std::error::Error for CertificateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CertificateError::Io { error, .. } => Some(error),
            CertificateError::Content {
                problem: CertificateProblem::PublicKey(error) | CertificateProblem::SecretKey(error),
                ..
            } => Some(error),
            _ => None,
        }
    }
}

/// Why the content of a file is no certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateProblem {
    /// This is a folder, a pipe or a device.
    NotAFile,
    /// It is larger than 64 KiB.
    TooLarge,
    /// It grew while it was read.
    Changing,
    /// It is not UTF-8.
    NotUtf8,
    /// It has no public key.
    NoPublicKey,
    /// A key begins with a quote, and there is none after it.
    OpenQuote,
    /// There is something after a key that is no comment.
    AfterKey,
    /// It has several public or several secret keys, which differ.
    SeveralKeys,
    /// The public key is 32 zeros, which czmq writes when it has no CURVE.
    NullKey,
    /// The public key is malformed.
    PublicKey(CurveKeyError),
    /// The secret key is malformed, or that of another public key.
    SecretKey(CurveKeyError),
}

impl fmt::Display for CertificateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CertificateProblem::NotAFile => "this is not a regular file",
            CertificateProblem::TooLarge => "no certificate is larger than 64 KiB",
            CertificateProblem::Changing => "the file grew while it was read",
            CertificateProblem::NotUtf8 => "this is not UTF-8",
            CertificateProblem::NoPublicKey => "there is no public-key",
            CertificateProblem::OpenQuote => "the quote before the key is not closed",
            CertificateProblem::AfterKey => "there is something after the key",
            CertificateProblem::SeveralKeys => "there was another key before",
            CertificateProblem::NullKey => "the public key is zeros, which stand for none",
            CertificateProblem::PublicKey(error) => return write!(f, "the public key: {error}"),
            CertificateProblem::SecretKey(error) => return write!(f, "the secret key: {error}"),
        })
    }
}

/// Why metadata cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataProblem {
    /// The name has something else than letters, digits and `$-_@.&+/`, begins or
    /// ends with `/`, or is empty.
    Name,
    /// The name begins with `public-key` or `secret-key`: pyzmq would take the
    /// value for that.
    Key,
    /// The value has a line break or the like, or too many sorts of quotes: one
    /// that has `"` and `'` can neither begin with one nor have a `#`, or a blank
    /// at its ends. Or the line were longer than 1024 bytes.
    Value,
}

impl fmt::Display for MetadataProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MetadataProblem::Name => {
                "names have letters, digits and any of $-_@.&+/, / not first or last"
            }
            MetadataProblem::Key => "pyzmq would take this for the key",
            MetadataProblem::Value => "there is no way to write this value",
        })
    }
}

/// What is dangerous about a file that was loaded: others than its owner can read
/// or write the secret key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateWarning {
    path: PathBuf,
    mode: u32,
}

impl CertificateWarning {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its mode, as for `chmod`.
    pub fn mode(&self) -> u32 {
        self.mode
    }
}

impl fmt::Display for CertificateWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        let mode = self.mode;
        write!(
            f,
            "{path}: others can read or write the secret key (mode {mode:03o}): chmod 600 {path}"
        )
    }
}
