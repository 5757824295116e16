//! Folders of certificates.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::certificate::{Certificate, CertificateError};

/// What was changed less than this before it was read may have been changed again
/// since, with the same time on it: file systems keep time in steps of up to 2 s.
const RACY: Duration = Duration::from_secs(2);

/// How often all files are looked at for the sake of keys that nobody has.
const PATIENCE: Duration = Duration::from_secs(1);

/// The certificates in a folder: whose keys are known.
///
/// It follows the folder. A file that is changed or removed counts as such from
/// the next [`find`](CertificateStore::find) on, and a new one does too; a key
/// that an old file is edited to have, at most a second later.
///
/// ```
/// use zmq::auth::{Certificate, CertificateStore};
///
/// # let folder = std::env::temp_dir().join(format!("zmq-doc-store-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let mut store = CertificateStore::open(&folder)?;
/// assert!(store.find(&[7; 32])?.is_none());
///
/// Certificate::from_public_key([7; 32]).save_public(folder.join("alice.key"))?;
/// assert!(store.find(&[7; 32])?.is_some());
///
/// std::fs::remove_file(folder.join("alice.key"))?;
/// assert!(store.find(&[7; 32])?.is_none());
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Secret keys that are in the files are not kept.
pub struct CertificateStore {
    folder: PathBuf,
    takes: fn(&[u8]) -> bool,
    files: BTreeMap<PathBuf, Entry>,
    /// The file with each key.
    keys: HashMap<[u8; 32], PathBuf>,
    problems: Vec<CertificateError>,
    /// The folder itself, when its files were last looked at.
    seen: Option<Seen>,
}

/// A file of the folder.
struct Entry {
    /// None if it could not be read, for a reason that may pass.
    seen: Option<Seen>,
    /// None if it is no certificate.
    certificate: Option<Certificate>,
}

impl CertificateStore {
    /// The files of a folder whose names end in `.key`, as pyzmq takes them.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read. Files that cannot be are
    /// [problems](CertificateStore::problems).
    pub fn open(folder: impl Into<PathBuf>) -> Result<CertificateStore, CertificateError> {
        CertificateStore::with(folder.into(), |name| name.ends_with(b".key"))
    }

    /// All files of a folder, save those whose names end in `_secret`, as czmq
    /// takes them; but not those of folders in it.
    ///
    /// # Errors
    ///
    /// As for [`open`](CertificateStore::open).
    pub fn open_all(folder: impl Into<PathBuf>) -> Result<CertificateStore, CertificateError> {
        CertificateStore::with(folder.into(), |name| !name.ends_with(b"_secret"))
    }

    fn with(
        folder: PathBuf,
        takes: fn(&[u8]) -> bool,
    ) -> Result<CertificateStore, CertificateError> {
        let mut store = CertificateStore {
            folder,
            takes,
            files: BTreeMap::new(),
            keys: HashMap::new(),
            problems: Vec::new(),
            seen: None,
        };
        store.scan()?;
        Ok(store)
    }

    /// The certificate with this public key. If several files have it, that is the
    /// one whose name comes first, of those that were there when the folder was
    /// last read.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read: then nobody's key is known.
    pub fn find(
        &mut self,
        public_key: &[u8; 32],
    ) -> Result<Option<&Certificate>, CertificateError> {
        let now = self.stat()?;
        let may_be_new = match &self.seen {
            Some(seen) if seen.stamp == now => seen.is_racy() || seen.is_old(),
            _ => {
                self.scan()?;
                false
            }
        };
        if !self.knows(public_key) && may_be_new {
            self.scan()?;
        }
        let path = self.keys.get(public_key);
        Ok(path.and_then(|path| self.files.get(path)?.certificate.as_ref()))
    }

    /// The certificates as of the last look, in the order of their files' names.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.files
            .values()
            .filter_map(|file| file.certificate.as_ref())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// What is wrong with the files that are no certificates, as of the last
    /// look. They let nobody in, and keep nobody else out.
    pub fn problems(&self) -> &[CertificateError] {
        &self.problems
    }

    /// Whether there is a file that has the key by now.
    fn knows(&mut self, public_key: &[u8; 32]) -> bool {
        // Each round, the key has one file less.
        while let Some(path) = self.keys.get(public_key).cloned() {
            self.look(&path, fs::metadata(&path), |seen| seen.is_racy());
            let certificate = self
                .files
                .get(&path)
                .and_then(|file| file.certificate.as_ref());
            if certificate.is_some_and(|it| it.public_key() == public_key) {
                return true;
            }
            self.index();
        }
        false
    }

    /// What the folder is like.
    fn stat(&self) -> Result<Stamp, CertificateError> {
        let about = fs::metadata(&self.folder);
        let about = about.map_err(|error| CertificateError::io(&self.folder, error))?;
        Ok(Stamp::new(&about))
    }

    /// Looks at all files, and reads those that are not as they were.
    fn scan(&mut self) -> Result<(), CertificateError> {
        // First this: what changes meanwhile is seen the next time.
        let seen = Seen::now(self.stat()?);
        let paths = list(&self.folder, self.takes);
        let mut paths = paths.map_err(|error| CertificateError::io(&self.folder, error))?;
        for path in self.files.keys() {
            let gone = || Err(io::ErrorKind::NotFound.into());
            paths.entry(path.clone()).or_insert_with(gone);
        }
        for (path, about) in paths {
            self.look(&path, about, |seen| seen.is_racy() && seen.is_old());
        }
        self.index();
        self.seen = Some(seen);
        Ok(())
    }

    /// Brings what is known of a file up to date. If it seems to be as it was,
    /// `distrusts` decides whether it is read all the same.
    fn look(&mut self, path: &Path, about: io::Result<Metadata>, distrusts: fn(&Seen) -> bool) {
        let stamp = match about {
            Ok(about) if !about.is_file() => Ok(None),
            Ok(about) => Ok(Some(Stamp::new(&about))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let known = self.files.get(path).and_then(|file| file.seen.as_ref());
        if let (Some(seen), Ok(Some(stamp))) = (known, &stamp) {
            if seen.stamp == *stamp && !distrusts(seen) {
                return;
            }
        }
        let old = self.files.remove(path);
        if old.is_some_and(|file| file.certificate.is_none()) {
            self.problems.retain(|problem| problem.path() != Some(path));
        }
        let (seen, loaded) = match stamp {
            Ok(None) => return,
            Ok(Some(stamp)) => (Some(Seen::now(stamp)), Certificate::load(path)),
            Err(error) => (None, Err(CertificateError::io(path, error))),
        };
        let file = match loaded {
            Ok(certificate) => Entry {
                seen,
                certificate: Some(certificate.into_public()),
            },
            Err(problem) => {
                let may_pass = matches!(problem, CertificateError::Io { .. });
                self.problems.push(problem);
                Entry {
                    seen: seen.filter(|_| !may_pass),
                    certificate: None,
                }
            }
        };
        self.files.insert(path.to_owned(), file);
    }

    /// Notes which file has which key.
    fn index(&mut self) {
        self.keys.clear();
        for (path, file) in &self.files {
            if let Some(certificate) = &file.certificate {
                let key = *certificate.public_key();
                self.keys.entry(key).or_insert_with(|| path.clone());
            }
        }
    }
}

impl fmt::Debug for CertificateStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateStore")
            .field("folder", &self.folder)
            .field("len", &self.len())
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

/// The files of a folder with names that are taken, and what links lead to.
fn list(
    folder: &Path,
    takes: fn(&[u8]) -> bool,
) -> io::Result<BTreeMap<PathBuf, io::Result<Metadata>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or(OsStr::new(""))
            .as_encoded_bytes();
        if !name.starts_with(b".") && takes(name) {
            let about = fs::metadata(&path);
            files.insert(path, about);
        }
    }
    Ok(files)
}

/// What changes when a file or folder does.
#[derive(PartialEq)]
struct Stamp {
    changed: Option<SystemTime>,
    /// Numbers that a file with the same time would not have.
    marks: [u64; 5],
}

impl Stamp {
    /// By the inode's own time, which nobody can set.
    #[cfg(unix)]
    fn new(about: &Metadata) -> Stamp {
        use std::os::unix::fs::MetadataExt;

        let (seconds, nanoseconds) = (about.ctime() as u64, about.ctime_nsec() as u32);
        Stamp {
            changed: SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds)),
            marks: [
                about.dev(),
                about.ino(),
                about.size(),
                about.mtime() as u64,
                about.mtime_nsec() as u64,
            ],
        }
    }

    #[cfg(not(unix))]
    fn new(about: &Metadata) -> Stamp {
        let created = about.created().ok();
        let created = created.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        let created = created.unwrap_or_default().as_nanos() as u64;
        Stamp {
            changed: about.modified().ok(),
            marks: [about.len(), created, 0, 0, 0],
        }
    }
}

/// What a file or folder was like when it was read.
struct Seen {
    stamp: Stamp,
    /// By the clock that files have their times from, and by one that nobody sets.
    at: (SystemTime, Instant),
}

impl Seen {
    fn now(stamp: Stamp) -> Seen {
        let at = (SystemTime::now(), Instant::now());
        Seen { stamp, at }
    }

    /// Whether it may have been changed since with the same time on it.
    fn is_racy(&self) -> bool {
        let age = self
            .stamp
            .changed
            .and_then(|changed| self.at.0.duration_since(changed).ok());
        age.is_none_or(|age| age < RACY)
    }

    /// Whether it is time to look again.
    fn is_old(&self) -> bool {
        self.at.1.elapsed() >= PATIENCE
    }
}
