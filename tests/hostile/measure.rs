//! What the process has, and how long honest peers wait.

use std::fmt;
use std::fs;
use std::panic;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::LIMIT;

static TESTS: RwLock<()> = RwLock::new(());

/// For tests that measure what the process has: no other runs meanwhile.
pub fn alone() -> RwLockWriteGuard<'static, ()> {
    TESTS.write().unwrap_or_else(PoisonError::into_inner)
}

/// For all others.
pub fn among_others() -> RwLockReadGuard<'static, ()> {
    TESTS.read().unwrap_or_else(PoisonError::into_inner)
}

/// The memory that the process has, in bytes.
pub fn rss() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<usize>().unwrap() << 10
}

/// Fails if the process has grown by too much; not under AddressSanitizer, which keeps what
/// was freed.
pub fn bounded(grown: usize, limit: usize) {
    let keeps = std::env::var_os("ASAN_OPTIONS").is_some();
    assert!(grown < limit || keeps, "grown by {grown} bytes");
}

/// How many descriptors the process has open, but those by which its threads wake each other: an
/// I/O thread gets another when somebody does its work for the first time.
pub fn descriptors() -> usize {
    let all = fs::read_dir("/proc/self/fd").unwrap().flatten();
    let what = all.map(|descriptor| fs::read_link(descriptor.path()).unwrap_or_default());
    what.filter(|it| it.as_os_str() != "anon_inode:[eventfd]")
        .count()
}

/// Waits until no more than `open` are, which `look` lets sockets take note of.
pub fn descriptors_come_back(open: usize, mut look: impl FnMut()) {
    let begin = Instant::now();
    while descriptors() > open {
        let now = descriptors();
        assert!(begin.elapsed() < LIMIT / 2, "{now} are open, not {open}");
        look();
    }
}

/// Does `meanwhile` again and again, until `attack`, in another thread, has ended.
pub fn under<T: Send>(attack: impl FnOnce() -> T + Send, mut meanwhile: impl FnMut()) -> T {
    thread::scope(|scope| {
        let attack = scope.spawn(attack);
        while !attack.is_finished() {
            meanwhile();
        }
        attack
            .join()
            .unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

/// How long round trips of honest peers take.
#[derive(Default)]
pub struct Latency(Vec<Duration>);

impl Latency {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut times = self.0.clone();
        if times.is_empty() {
            return f.write_str("no round trips");
        }
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let (median, most, max) = (at(0.5), at(0.99), at(1.0));
        write!(f, "{} round trips", times.len())?;
        write!(f, ", p50 {median:.1?}, p99 {most:.1?}, max {max:.1?}")
    }
}
