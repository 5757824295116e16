//! What the operating system is asked before libzmq asks it: libzmq aborts where
//! the answer is no, and it asks on threads of its own.

use std::ffi::c_int;
#[cfg(unix)]
use std::io;

use crate::error::{Error, Result};

/// How the threads of a context are to be scheduled; None is libzmq's default.
#[derive(Clone, Default)]
pub(crate) struct Scheduling {
    pub(crate) policy: Option<c_int>,
    pub(crate) priority: Option<c_int>,
    pub(crate) cpus: Vec<usize>,
}

impl Scheduling {
    /// Whether a thread of ours can be scheduled like this. A thread inherits
    /// from the one that starts it, so this is asked by the one that will open
    /// the context's first socket.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_default() {
            return Ok(());
        }
        self.check_in_thread()
    }

    pub(crate) fn is_default(&self) -> bool {
        self.policy.is_none() && self.priority.is_none() && self.cpus.is_empty()
    }

    #[cfg(unix)]
    fn check_in_thread(&self) -> Result<()> {
        let this = self.clone();
        let probe = std::thread::Builder::new()
            .spawn(move || this.apply())
            .map_err(|_| Error::EAGAIN)?;
        probe.join().unwrap_or(Err(Error::EINVAL))
    }

    /// libzmq does nothing with these options here.
    #[cfg(not(unix))]
    fn check_in_thread(&self) -> Result<()> {
        Ok(())
    }

    /// What libzmq's `thread_t::applySchedulingParameters` does, step by step.
    #[cfg(unix)]
    fn apply(&self) -> Result<()> {
        let mut policy = 0;
        // SAFETY: numbers only; all zeros is a value of it.
        let mut param: libc::sched_param = unsafe { std::mem::zeroed() };
        // SAFETY: this thread is alive, and both places are there to write to.
        posix(unsafe {
            libc::pthread_getschedparam(libc::pthread_self(), &mut policy, &mut param)
        })?;
        policy = self.policy.unwrap_or(policy);
        let has_priority = policy == libc::SCHED_FIFO || policy == libc::SCHED_RR;
        match (has_priority, self.priority) {
            (true, Some(priority)) => param.sched_priority = priority,
            (true, None) => {}
            (false, _) => param.sched_priority = 0,
        }
        // SAFETY: this thread is alive.
        posix(unsafe { libc::pthread_setschedparam(libc::pthread_self(), policy, &param) })?;
        if !has_priority && self.priority.is_some_and(|priority| priority > 0) {
            be_nicest()?;
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if !self.cpus.is_empty() {
            // SAFETY: bits only; all zeros is the empty set.
            let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
            for &cpu in &self.cpus {
                // SAFETY: `MAX_CPUS` is the size of the set, and no number in
                // `cpus` is over it.
                unsafe { libc::CPU_SET(cpu, &mut set) };
            }
            // SAFETY: 0 is this thread; the set is as large as said.
            let rc = unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set) };
            succeeded(rc)?;
        }
        Ok(())
    }
}

/// One more than the highest number of a CPU that libzmq has room for.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) const MAX_CPUS: usize = libc::CPU_SETSIZE as usize;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) const MAX_CPUS: usize = 1024;

/// The lowest priority in a scheduling policy.
#[cfg(unix)]
pub(crate) fn lowest_priority(policy: c_int) -> Option<c_int> {
    // SAFETY: takes a number.
    Some(unsafe { libc::sched_get_priority_min(policy) }).filter(|&lowest| lowest > 0)
}

#[cfg(not(unix))]
pub(crate) fn lowest_priority(_policy: c_int) -> Option<c_int> {
    None
}

/// Raises this thread as libzmq does for a priority without a policy that has
/// priorities.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn be_nicest() -> Result<()> {
    // SAFETY: takes a number. It is about this thread only here.
    match unsafe { libc::nice(-20) } {
        // Also the niceness of a thread that had 19, which libzmq takes for a
        // failure.
        -1 => match io::Error::last_os_error().raw_os_error() {
            Some(raw @ (libc::EPERM | libc::EACCES)) => Err(Error::from_raw(raw)),
            _ => Err(Error::EINVAL),
        },
        _ => Ok(()),
    }
}

/// Elsewhere niceness is the whole process's, which a question must not change.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn be_nicest() -> Result<()> {
    // SAFETY: takes nothing.
    match unsafe { libc::geteuid() } {
        0 => Ok(()),
        _ => Err(Error::from_raw(libc::EPERM)),
    }
}

/// Whether the process can open `count` descriptors more, by doing so. It takes some that
/// need no file, which a sandbox may lack; if the system does not let it have those, that
/// says nothing.
#[cfg(unix)]
pub(crate) fn has_descriptors(count: usize) -> Result<()> {
    let mut taken = Vec::new();
    for _ in 0..count {
        match std::os::unix::net::UnixDatagram::unbound() {
            Ok(descriptor) => taken.push(descriptor),
            Err(error) => match error.raw_os_error() {
                Some(libc::EMFILE | libc::ENFILE) => return Err(Error::EMFILE),
                _ => return Ok(()),
            },
        }
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn has_descriptors(_count: usize) -> Result<()> {
    Ok(())
}

/// Tries an option of the kernel's `SOL_SOCKET` on a TCP socket of our own.
#[cfg(all(feature = "draft", any(target_os = "linux", target_os = "android")))]
pub(crate) fn try_int_option(option: c_int, value: c_int) -> Result<()> {
    try_option(option, &value.to_ne_bytes())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn try_option(option: c_int, value: &[u8]) -> Result<()> {
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    // SAFETY: takes numbers.
    let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) };
    succeeded(fd)?;
    // SAFETY: just opened, and nobody else's.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let (data, len) = (value.as_ptr().cast(), value.len() as libc::socklen_t);
    // SAFETY: the descriptor is open; the kernel reads no more than `len` bytes.
    succeeded(unsafe { libc::setsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, option, data, len) })
}

/// Whether sockets of this process may be bound to the network interface `name`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn try_device(name: &str) -> Result<()> {
    try_option(libc::SO_BINDTODEVICE, name.as_bytes())
}

/// libzmq has no such thing elsewhere, and says so when it is too late.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn try_device(_name: &str) -> Result<()> {
    Err(Error::ENOTSUP)
}

/// Whether `fd` is a stream socket that listens.
#[cfg(unix)]
pub(crate) fn is_listening(fd: std::os::fd::BorrowedFd<'_>) -> bool {
    use std::os::fd::AsRawFd;

    let is = |option, expected| {
        let (mut value, mut len): (c_int, _) = (0, size_of::<c_int>() as libc::socklen_t);
        let to = std::ptr::from_mut(&mut value).cast();
        // SAFETY: the descriptor is open; both options are an int.
        let rc =
            unsafe { libc::getsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, option, to, &mut len) };
        rc == 0 && value == expected
    };
    is(libc::SO_ACCEPTCONN, 1) && is(libc::SO_TYPE, libc::SOCK_STREAM)
}

/// The error that a `pthread_` function returned.
#[cfg(unix)]
fn posix(rc: c_int) -> Result<()> {
    match rc {
        0 => Ok(()),
        raw => Err(Error::from_raw(raw)),
    }
}

/// The error of a system call that returned -1.
#[cfg(unix)]
fn succeeded(rc: c_int) -> Result<()> {
    match rc {
        -1 => Err(io::Error::last_os_error()
            .raw_os_error()
            .map_or(Error::EINVAL, Error::from_raw)),
        _ => Ok(()),
    }
}
