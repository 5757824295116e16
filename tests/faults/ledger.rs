//! What a process has sent and received, in a file: it is there also after the process
//! was killed, and others can look at it meanwhile.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What came of one sender: numbers, each greater than the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Record {
    pub first: u64,
    pub last: u64,
    pub count: u64,
}

impl Record {
    /// How many numbers between the first and the last did not come.
    pub fn missed(&self) -> u64 {
        (self.last + 1 - self.first) - self.count
    }

    fn note(&mut self, number: u64) {
        if self.count == 0 {
            self.first = number;
        } else {
            assert!(number > self.last, "{number} comes after {}", self.last);
        }
        self.last = number;
        self.count += 1;
    }
}

/// One number of eight bytes each: sent, unanswered, connections broken; then the records.
const FIELDS: u64 = 3;

pub struct Ledger {
    file: File,
    records: Vec<Record>,
}

impl Ledger {
    pub fn open(path: &Path) -> Ledger {
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).open(path);
        Ledger {
            file: file.unwrap(),
            records: Vec::new(),
        }
    }

    fn write(&self, at: u64, numbers: &[u64]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_ne_bytes()).collect();
        self.file.write_all_at(&bytes, 8 * at).unwrap();
    }

    pub fn sent(&self, count: u64) {
        self.write(0, &[count]);
    }

    pub fn unanswered(&self, count: usize) {
        self.write(1, &[count as u64]);
    }

    pub fn broken(&self, count: usize) {
        self.write(2, &[count as u64]);
    }

    /// Notes what was received. A number that comes twice, or after a greater one, is a
    /// failure.
    pub fn received(&mut self, (who, number): (u64, u64)) {
        let who = who as usize;
        if self.records.len() <= who {
            self.records.resize(who + 1, Record::default());
        }
        let record = &mut self.records[who];
        record.note(number);
        let Record { first, last, count } = *record;
        self.write(FIELDS + 3 * who as u64, &[first, last, count]);
    }

    /// The same for who may be asked again what was asked last.
    pub fn received_again(&mut self, (who, number): (u64, u64)) {
        let record = self.records.get(who as usize);
        if record.is_none_or(|record| record.count == 0 || record.last != number) {
            self.received((who, number));
        }
    }
}

/// What a ledger says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub sent: u64,
    pub unanswered: u64,
    pub broken: u64,
    /// By who sent it.
    pub records: Vec<Record>,
}

impl Tally {
    pub fn read(path: &Path) -> Tally {
        let bytes = fs::read(path).unwrap_or_default();
        let mut numbers = bytes
            .chunks_exact(8)
            .map(|bytes| u64::from_ne_bytes(bytes.try_into().unwrap()));
        let mut next = || numbers.next();
        let [sent, unanswered, broken] = [next(), next(), next()].map(Option::unwrap_or_default);
        let mut records = Vec::new();
        while let (Some(first), Some(last), Some(count)) = (next(), next(), next()) {
            records.push(Record { first, last, count });
        }
        Tally {
            sent,
            unanswered,
            broken,
            records,
        }
    }

    /// Whether the last message of `sender`, who was the last to send, has come.
    pub fn has_last_of(&self, sender: &Tally) -> bool {
        let record = self.records.last();
        record.is_some_and(|record| record.count > 0 && record.last + 1 == sender.sent)
    }

    pub fn received(&self) -> u64 {
        self.records.iter().map(|record| record.count).sum()
    }

    /// How many of what it received last from each sender follow on one another.
    pub fn missed(&self) -> u64 {
        let came = self.records.iter().filter(|record| record.count > 0);
        came.map(Record::missed).sum()
    }
}

/// A path for a ledger of its own. What is there is removed with it.
pub struct Place(PathBuf);

impl Place {
    pub fn new() -> Place {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("zmq-ledger-{}-{count}", std::process::id());
        Place(std::env::temp_dir().join(name))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn tally(&self) -> Tally {
        Tally::read(&self.0)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
