//! Requests and replies in files, to outlive programs.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::str::FromStr;

use zmq::Multipart;

/// A folder with a file for each request, and one for its reply once it has one.
#[derive(Clone)]
pub struct Store {
    folder: PathBuf,
}

/// Which request: 32 hexadecimal digits, and nothing else that could be part of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Id(String);

impl Store {
    /// The store in a folder, which is made if there is none.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Store> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Store { folder })
    }

    /// Keeps a request. When this returns it is on the disk.
    pub fn add(&self, request: &Multipart) -> io::Result<Id> {
        let id = Id(format!("{:032x}", fastrand::u128(..)));
        self.write(&id, "request", request)?;
        Ok(id)
    }

    /// Keeps the reply to a request, unless that was removed meanwhile.
    pub fn set_reply(&self, id: &Id, reply: &Multipart) -> io::Result<()> {
        self.write(id, "reply", reply)?;
        if !self.path(id, "request").exists() {
            self.remove(id)?;
        }
        Ok(())
    }

    /// A request, if there is such.
    pub fn request(&self, id: &Id) -> io::Result<Option<Multipart>> {
        self.read(id, "request")
    }

    /// The reply to a request, if there is one.
    pub fn reply(&self, id: &Id) -> io::Result<Option<Multipart>> {
        self.read(id, "reply")
    }

    /// Removes a request and its reply, if they are there.
    pub fn remove(&self, id: &Id) -> io::Result<()> {
        for what in ["request", "reply"] {
            match fs::remove_file(self.path(id, what)) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    }

    /// The requests without a reply, the oldest first.
    pub fn pending(&self) -> io::Result<Vec<Id>> {
        let mut pending = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let file = file?;
            let name = file.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".request"));
            if let Some(Ok(id)) = id.map(Id::from_str) {
                if !self.path(&id, "reply").exists() {
                    pending.push((file.metadata()?.modified()?, id));
                }
            }
        }
        pending.sort_by_key(|(time, _)| *time);
        Ok(pending.into_iter().map(|(_, id)| id).collect())
    }

    fn path(&self, id: &Id, what: &str) -> PathBuf {
        self.folder.join(format!("{id}.{what}"))
    }

    /// Each frame after its length. The file gets its name when it is complete, so that
    /// nobody finds half of it, whenever the machine goes down.
    fn write(&self, id: &Id, what: &str, message: &Multipart) -> io::Result<()> {
        let new = self.path(id, "new");
        let mut file = File::create(&new)?;
        for frame in message {
            file.write_all(&(frame.len() as u64).to_le_bytes())?;
            file.write_all(frame)?;
        }
        file.sync_all()?;
        fs::rename(new, self.path(id, what))?;
        File::open(&self.folder)?.sync_all() // its new name, too
    }

    fn read(&self, id: &Id, what: &str) -> io::Result<Option<Multipart>> {
        let bytes = match fs::read(self.path(id, what)) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let mut message = Multipart::new();
        let mut rest = &bytes[..];
        while let Some((length, after)) = rest.split_first_chunk() {
            let length = u64::from_le_bytes(*length) as usize;
            let frame = after.get(..length).ok_or(ErrorKind::InvalidData)?;
            message.push_back(frame);
            rest = &after[length..];
        }
        match rest.is_empty() {
            true => Ok(Some(message)),
            false => Err(ErrorKind::InvalidData.into()),
        }
    }
}

impl FromStr for Id {
    type Err = String;

    fn from_str(id: &str) -> Result<Id, String> {
        let is_id = id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
        match is_id {
            true => Ok(Id(id.into())),
            false => Err(format!("{id:?} is not 32 hexadecimal digits")),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
