//! What the tests share: time limits, endpoints of their own, events to wait
//! for instead of sleeping.
#![allow(dead_code)] // each test binary uses some of it

pub mod exercise;
pub mod pacing;
#[cfg(unix)]
pub mod peer;
#[cfg(unix)]
pub mod tutorial;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, OnceLock};
use std::thread;
use std::time::Duration;

use zmq::{Context, Error, MonitorEventKind, MonitorSocket, Pull, Push, Rep, Socket, SocketEvent};

/// Nothing that is waited for takes longer, however busy the machine is.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test in a thread of its own and fails it when its time is up.
pub fn timed(test: impl FnOnce() + Send + 'static) {
    timed_for(LIMIT, test);
}

/// `timed` with a limit of its own.
pub fn timed_for(limit: Duration, test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let runner = thread::Builder::new()
        .name(thread::current().name().unwrap_or("test").to_owned())
        .spawn(move || {
            test();
            let _ = done.send(());
        })
        .unwrap();
    match finished.recv_timeout(limit) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("not done within {limit:?}"),
        // Done, or panicked: the sender is gone.
        _ => {
            if let Err(panic) = runner.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// A name that no other test, of this or any process, has.
fn unique(what: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("zmq-test-{what}-{}-{count}", std::process::id())
}

/// An inproc endpoint of its own.
pub fn inproc() -> String {
    format!("inproc://{}", unique("inproc"))
}

/// An ipc endpoint of its own. The files of processes that are no more are
/// removed: who is killed leaves them behind.
pub fn ipc() -> String {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join("zmq-tests");
        fs::create_dir_all(&folder).unwrap();
        for file in fs::read_dir(&folder).unwrap().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let process = name.rsplit('-').nth(1).unwrap_or("");
            let gone = !Path::new("/proc").join(process).exists();
            if gone && Path::new("/proc/self").exists() {
                let _ = fs::remove_file(file.path());
            }
        }
        folder
    });
    format!("ipc://{}", folder.join(unique("ipc")).display())
}

/// Bytes that look random and are the same in each run.
pub fn noise(seed: u32) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 11) as u8
    })
}

/// A PUSH and a PULL that are connected.
pub fn pipeline(context: &Context) -> (Socket<Push>, Socket<Pull>) {
    let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
    let endpoint = inproc();
    push.bind(&endpoint).unwrap();
    pull.connect(&endpoint).unwrap();
    (push, pull)
}

/// Binds to `endpoint`, wildcards and all, and says where it is now.
pub fn bind<K: zmq::Kind>(socket: &Socket<K>, endpoint: &str) -> String {
    socket.bind(endpoint).unwrap();
    socket.get_last_endpoint().unwrap().unwrap()
}

/// Binds to a free tcp port.
pub fn bind_tcp<K: zmq::Kind>(socket: &Socket<K>) -> String {
    bind(socket, "tcp://127.0.0.1:*")
}

/// Sends what arrives if the client gets in. One that was refused by now, and does not connect
/// again, has nobody to send to.
pub fn say(client: &Socket<Push>, message: &str) {
    let sent = client.send(message, zmq::DONTWAIT);
    assert!(matches!(sent, Ok(()) | Err(Error::EAGAIN)), "{sent:?}");
}

/// Answers until it is asked nothing.
pub fn serve(server: Socket<Rep>) -> thread::JoinHandle<()> {
    thread::spawn(move || loop {
        let question = server.recv_msg(0).unwrap();
        let is_last = question.is_empty();
        server.send(question, 0).unwrap();
        if is_last {
            break;
        }
    })
}

/// The time that one of the processor's clocks has counted.
#[cfg(target_os = "linux")]
pub fn processor_time(clock: libc::clockid_t) -> Duration {
    let mut used = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the structure is ours.
    unsafe { libc::clock_gettime(clock, &mut used) };
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}

/// Forks, and fails if `is_right` is not, in the child. It calls only what is safe in a forked
/// child of a program with threads: glibc's allocator, libzmq.
#[cfg(target_os = "linux")]
pub fn in_forked_child(is_right: impl FnOnce() -> bool) {
    // SAFETY: as above; the child ends by `_exit`.
    let child = unsafe { libc::fork() };
    assert_ne!(child, -1);
    if child == 0 {
        // SAFETY: a plain system call; a child that hangs ends by the alarm.
        unsafe { libc::alarm(LIMIT.as_secs() as u32) };
        let is_right = is_right();
        // SAFETY: a plain system call.
        unsafe { libc::_exit(i32::from(!is_right)) };
    }
    let mut status = 0;
    // SAFETY: waits for the child above.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0);
}

/// The events of a socket's connections.
pub struct Monitor(MonitorSocket);

impl Monitor {
    /// Watches `socket`; nothing that happens from now on is missed.
    pub fn new<K: zmq::Kind>(socket: &Socket<K>) -> Monitor {
        Monitor(socket.monitor_socket(SocketEvent::ALL as i32).unwrap())
    }

    /// Waits until `event`, one of `ZMQ_EVENT_*`, happens; others pass.
    pub fn wait_for(&self, event: u32) {
        self.first_of(&[event]);
    }

    /// Waits for whichever of `events` happens first; others pass.
    pub fn first_of(&self, events: &[u32]) -> u32 {
        loop {
            let seen = self.next().to_raw();
            if let Some(event) = events.iter().find(|event| u64::from(**event) == seen) {
                return *event;
            }
        }
    }

    /// Waits until a handshake is over; other events pass.
    pub fn handshake(&self) -> MonitorEventKind {
        use MonitorEventKind::*;
        loop {
            let event = self.next();
            if let HandshakeSucceeded
            | HandshakeFailedAuth { .. }
            | HandshakeFailedProtocol { .. }
            | HandshakeFailedNoDetail { .. } = event
            {
                return event;
            }
        }
    }

    fn next(&self) -> MonitorEventKind {
        let event = self.0.recv_timeout(LIMIT / 2);
        event.expect("no such event in time").kind
    }

    /// Whether `event` has happened by now; others pass.
    pub fn has_seen(&self, event: u32) -> bool {
        std::iter::from_fn(|| self.0.recv(zmq::DONTWAIT).ok())
            .any(|seen| seen.kind.to_raw() == u64::from(event))
    }
}

/// Sets `ZMQ_ZAP_ENFORCE_DOMAIN`, which is of libzmq's draft API.
pub fn enforce_zap_domain<K: zmq::Kind>(socket: &mut Socket<K>) {
    let yes = 1_i32;
    // SAFETY: the option is an int.
    let rc = unsafe {
        let value = std::ptr::from_ref(&yes).cast();
        zmq_sys::zmq_setsockopt(socket.as_mut_ptr(), 93, value, size_of::<i32>())
    };
    assert_eq!(rc, 0, "{}", std::io::Error::last_os_error());
}

/// Runs `test` in a thread that may do no more than any user's.
#[cfg(target_os = "linux")]
pub fn without_privileges(test: impl FnOnce() + Send + 'static) {
    let unprivileged = move || {
        // Version 3 of the header, this thread; no capability in any set.
        let (header, none) = ([0x2008_0522_u32, 0], [0_u32; 6]);
        // SAFETY: both are as large as the version says.
        let rc = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
        assert_eq!(rc, 0);
        test();
    };
    if let Err(panic) = thread::spawn(unprivileged).join() {
        std::panic::resume_unwind(panic);
    }
}
