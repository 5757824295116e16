//! Two hosts on one machine, and the wire between them, which can be cut, lose packets,
//! and delay them by different times, so that they overtake one another.
//!
//! A host is a network namespace. What it sends comes out of a TUN device here, and this
//! is the wire: it needs no `netem` in the kernel, and counts what it does.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::common::noise;

/// linux/if_tun.h; the oldest libc that is allowed has not got it.
const TUNSETIFF: u32 = 0x4004_54ca;

/// What is wrong with the wire.
#[derive(Clone, Copy, Default)]
pub struct Faults {
    /// Nothing passes, and neither side is told.
    pub cut: bool,
    /// Of 256 packets, how many are lost.
    pub loss: u8,
    pub delay: Duration,
    /// Up to so much is added to the delay of a packet.
    pub jitter: Duration,
}

#[derive(Default)]
struct Wire {
    faults: Mutex<Faults>,
    passed: AtomicU64,
    lost: AtomicU64,
    overtaken: AtomicU64,
    ends: AtomicBool,
}

/// What the wire did to packets.
#[derive(Clone, Copy, Debug)]
pub struct Packets {
    pub passed: u64,
    pub lost: u64,
    pub overtaken: u64,
}

/// Two hosts that are connected.
pub struct Hosts {
    /// Their network namespaces.
    pub names: [String; 2],
    device: &'static str,
    wire: Arc<Wire>,
    thread: Option<JoinHandle<()>>,
}

/// The addresses of the hosts.
pub const ADDRESSES: [&str; 2] = ["10.98.76.1", "10.98.76.2"];

impl Hosts {
    /// None, after saying why, where this is not possible.
    pub fn new() -> Option<Hosts> {
        // SAFETY: takes nothing.
        if unsafe { libc::geteuid() } != 0 {
            return skipped("only root can make network namespaces");
        }
        if !Command::new("ip")
            .arg("-V")
            .output()
            .is_ok_and(|ip| ip.status.success())
        {
            return skipped("there is no `ip`");
        }
        remove_what_others_left();
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("zmq-{}-{}", std::process::id(), COUNT.fetch_add(1, SeqCst));
        let mut hosts = Hosts {
            names: ["a", "b"].map(|side| format!("{name}-{side}")),
            device: "wire",
            wire: Arc::default(),
            thread: None,
        };
        let mut ends = Vec::new();
        for side in [0, 1] {
            let namespace = &hosts.names[side];
            if let Err(why) = ip(&["netns", "add", namespace]) {
                return skipped(&why);
            }
            // The device is made within the namespace, and stays with its descriptor.
            let end =
                match thread::scope(|s| s.spawn(|| tun(namespace, hosts.device)).join().unwrap()) {
                    Ok(end) => end,
                    Err(why) => return skipped(&format!("no TUN device: {why}")),
                };
            ends.push(end);
            hosts.ip(side, &format!("addr add {}/24 dev wire", ADDRESSES[side]));
            hosts.ip(side, "link set lo up");
            hosts.ip(side, "link set wire up");
        }
        let (wire, ends) = (Arc::clone(&hosts.wire), ends.try_into().unwrap());
        hosts.thread = Some(thread::spawn(move || wire.pass(ends)));
        Some(hosts)
    }

    /// `ip` with these words on host `side`.
    pub fn ip(&self, side: usize, words: &str) {
        let mut all = vec!["-n", &self.names[side]];
        all.extend(words.split(' '));
        ip(&all).unwrap();
    }

    pub fn set(&self, faults: Faults) {
        *self.wire.faults.lock().unwrap() = faults;
    }

    pub fn packets(&self) -> Packets {
        Packets {
            passed: self.wire.passed.load(SeqCst),
            lost: self.wire.lost.load(SeqCst),
            overtaken: self.wire.overtaken.load(SeqCst),
        }
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        self.wire.ends.store(true, SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        for name in &self.names {
            let _ = ip(&["netns", "del", name]);
        }
    }
}

fn skipped<T>(why: &str) -> Option<T> {
    println!("skipped: {why}");
    None
}

fn ip(words: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("ip {}: {said}", words.join(" ")))
    }
}

/// The namespaces of tests that were killed.
fn remove_what_others_left() {
    for entry in fs::read_dir("/run/netns").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let mut words = name.split('-');
        if let (Some("zmq"), Some(process)) = (words.next(), words.next()) {
            if !Path::new("/proc").join(process).exists() {
                let _ = ip(&["netns", "del", &name]);
            }
        }
    }
}

/// A TUN device in `namespace`, which the calling thread moves to.
fn tun(namespace: &str, name: &str) -> std::io::Result<File> {
    let there = File::open(Path::new("/run/netns").join(namespace))?;
    // SAFETY: the descriptor is open; it is this thread alone that moves.
    if unsafe { libc::setns(there.as_raw_fd(), libc::CLONE_NEWNET) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    let mut options = File::options();
    options
        .read(true)
        .write(true)
        .custom_flags(libc::O_NONBLOCK);
    let tun = options.open("/dev/net/tun")?;
    // SAFETY: numbers only; all zeros is a value of it.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: the descriptor is open; TUNSETIFF takes an `ifreq`, which stays meanwhile.
    if unsafe { libc::ioctl(tun.as_raw_fd(), TUNSETIFF as _, &request) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(OwnedFd::from(tun).into())
}

/// A packet under way: when it arrives, its place in line, where to, and what it is.
type UnderWay = Reverse<(Instant, u64, usize, Vec<u8>)>;

impl Wire {
    fn pass(&self, mut ends: [File; 2]) {
        let (mut under_way, mut count, mut arrived) = (BinaryHeap::<UnderWay>::new(), 0, 0);
        let mut dice = noise(7);
        while !self.ends.load(SeqCst) {
            let due = under_way.peek().map(|Reverse((due, ..))| *due);
            let mut items = [0, 1].map(|side| libc::pollfd {
                fd: ends[side].as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            });
            let patience = due.map_or(10, |due| {
                let left = due.saturating_duration_since(Instant::now());
                left.as_millis().min(9) as i32 + i32::from(!left.is_zero())
            });
            // SAFETY: both items are there, and their descriptors open.
            unsafe { libc::poll(items.as_mut_ptr(), 2, patience) };
            let faults = *self.faults.lock().unwrap();
            for side in [0, 1] {
                let mut packet = [0; 2048];
                // An interface that is down reads as an error.
                while let Ok(len) = ends[side].read(&mut packet) {
                    let lucky = dice.next().unwrap() >= faults.loss;
                    if faults.cut || !lucky {
                        self.lost.fetch_add(1, SeqCst);
                        continue;
                    }
                    let more = u32::from(dice.next().unwrap());
                    let due = Instant::now() + faults.delay + faults.jitter * more / 255;
                    under_way.push(Reverse((due, count, 1 - side, packet[..len].to_vec())));
                    count += 1;
                }
            }
            let now = Instant::now();
            while under_way
                .peek()
                .is_some_and(|Reverse((due, ..))| *due <= now)
            {
                let Reverse((_, number, side, packet)) = under_way.pop().unwrap();
                if faults.cut || ends[side].write(&packet).is_err() {
                    self.lost.fetch_add(1, SeqCst);
                    continue;
                }
                self.passed.fetch_add(1, SeqCst);
                if number < arrived {
                    self.overtaken.fetch_add(1, SeqCst);
                }
                arrived = arrived.max(number);
            }
        }
    }
}
