//! Contexts: where sockets come from.

use std::ffi::{c_int, CString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::kind::{Kind, SocketType};
use crate::options::{first, OptionInfo};
use crate::raw::RawContext;
use crate::socket::Socket;
use crate::system::{lowest_priority, Scheduling, MAX_CPUS};

/// A ZeroMQ context: the I/O threads, and the sockets that use them.
///
/// Most programs have one. It may be used from any thread; clones are handles
/// of the same context, and each socket keeps one. When the last is dropped the
/// context is terminated, which waits until what its sockets sent is delivered
/// or their [linger](crate::Socket::set_linger) is over. [`end`](Context::end) waits
/// no longer than it is told to. With feature `tracing`, a drop that takes longer than a
/// second warns of it.
///
/// ```
/// let context = zmq::Context::new();
/// let socket = context.socket(zmq::Req)?; // typed
/// let socket = context.socket(zmq::REQ)?; // chosen at run time
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// # Who does the I/O thread's work
///
/// Bytes are read from connections, and written to them, by the context's I/O thread, which has to
/// be woken for that. With the vendored libzmq on Linux, a thread or a task of tokio or `async-io`
/// that asks and waits for the answer by one socket, or answers and waits for the next question, in
/// turns, does that work itself: fewer threads are woken for a round trip. That begins after eight
/// turns (more where it has not been of use), each of one message sent, one wait that ends within a
/// millisecond, and less than 200 µs until the next, and ends where it is not so any more. It is for one socket of a context, or
/// two if these are both ends of its only connection, and ends, too, if most of the work is for
/// others. REQ, REP, DEALER, ROUTER, PAIR and STREAM do it.
///
/// * Nobody spins for it: who waits sleeps ([`set_spin`](crate::Socket::set_spin) is for that).
/// * While such a thread works on an answer, which is less than 200 µs, nobody reads and writes
///   for the others of its context; and when it stops without another wait, up to eight
///   milliseconds, once.
/// * Connections are made and accepted by the I/O thread, names are looked up and timers run by
///   it, and owners of messages ([`from_owner`](crate::Message::from_owner)) are not dropped by who
///   does its work.
/// * With several [I/O threads](Context::set_io_threads), or after a
///   [policy](Context::set_thread_sched_policy), [priority](Context::set_thread_priority) or
///   [CPU](Context::set_thread_affinity_cpu_add) was set for them, they do all the work.
///
/// Follows [zmq_ctx_new](https://libzmq.readthedocs.io/en/latest/zmq_ctx_new.html).
#[derive(Clone)]
pub struct Context {
    raw: Arc<RawContext>,
}

impl Context {
    /// A new context.
    ///
    /// If libzmq cannot make one, which it cannot if the process is out of
    /// descriptors or memory, the context's first use returns the error.
    pub fn new() -> Context {
        Context {
            raw: Arc::new(RawContext::new()),
        }
    }

    /// Opens a socket of a typed kind, like [`Req`](crate::Req), or of a
    /// [`SocketType`](crate::SocketType) chosen at run time, like
    /// [`REQ`](crate::REQ).
    ///
    /// # Errors
    ///
    /// `EMFILE` if the context has its maximum of sockets or the process is out
    /// of descriptors, `EINVAL` if the linked libzmq does not know the type,
    /// `ETERM` if the context was shut down.
    ///
    /// See [zmq_socket](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
    pub fn socket<K: Kind>(&self, kind: K) -> Result<Socket<K>> {
        let raw = self.raw.socket(kind.socket_type())?;
        Ok(Socket::new(raw))
    }

    pub(crate) fn raw(&self) -> &RawContext {
        &self.raw
    }

    /// Makes every call that is blocked on a socket of this context return
    /// [`ETERM`](crate::Error::ETERM), and every later one that would block. (One
    /// that need not wait may still succeed for about a millisecond: libzmq looks
    /// for such news no more often.) What was sent is still delivered. May be
    /// called from any thread, any number of times.
    ///
    /// This is what a Ctrl-C handler does best, with a clone of the context. A
    /// signal may also end the call with `EINTR`, before the handler has shut the
    /// context down. And as the handler keeps its clone, end the program with
    /// [`destroy`](Context::destroy), which waits until everything is delivered.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let socket = context.socket(zmq::Pull)?;
    /// let waiting = std::thread::spawn(move || socket.recv_bytes(0));
    /// context.shutdown()?;
    /// assert_eq!(waiting.join().unwrap(), Err(zmq::Error::ETERM));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// See [zmq_ctx_shutdown](https://libzmq.readthedocs.io/en/latest/zmq_ctx_shutdown.html).
    pub fn shutdown(&self) -> Result<()> {
        self.raw.shutdown()
    }

    /// Shuts the context down, then waits until all its sockets are dropped and
    /// have sent their messages or their linger is over.
    ///
    /// Dropping the last handle does the same; this is for a program that cannot
    /// drop them all. It waits for ever if the calling thread itself holds a
    /// socket. Clones stay safe to use; they return `ETERM`, and destroying again
    /// does nothing.
    ///
    /// ```
    /// let mut context = zmq::Context::new();
    /// let clone = context.clone();
    /// context.destroy()?;
    /// assert_eq!(clone.socket(zmq::Req).unwrap_err(), zmq::Error::ETERM);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINTR` if a signal arrived; call it again. `EBUSY` in a function that an
    /// [`Authenticator`](crate::auth::Authenticator) of the context calls, for whose
    /// thread it would wait.
    ///
    /// See [zmq_ctx_term](https://libzmq.readthedocs.io/en/latest/zmq_ctx_term.html).
    pub fn destroy(&mut self) -> Result<()> {
        self.raw.terminate()
    }

    /// Does the same, but waits no longer than `patience`.
    ///
    /// Then it says what is in the way, and the context ends later, in a thread of its
    /// own: when the last of its sockets is dropped, and all have sent their messages or
    /// their linger is over. Dropping handles does not wait for that any more, and neither
    /// does the end of the program, which loses what is still to be sent. May be called
    /// again, to wait longer.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let context = zmq::Context::new();
    /// let push = context.socket(zmq::Push)?;
    /// push.connect("inproc://nobody")?;
    /// let unfinished = context.end(Duration::from_millis(10)).unwrap_err();
    /// assert_eq!(unfinished.open()[0].kind, zmq::PUSH);
    /// assert_eq!(unfinished.open()[0].endpoint.as_deref(), Some("inproc://nobody"));
    ///
    /// drop(push);
    /// context.end(Duration::from_secs(60)).unwrap();
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn end(&self, patience: Duration) -> std::result::Result<(), Unfinished> {
        if self.raw.end(patience) {
            return Ok(());
        }
        let mut open: Vec<_> = self
            .raw
            .open_sockets()
            .into_iter()
            .map(OpenSocket::new)
            .collect();
        // Not by chance.
        open.sort_by(|a, b| (a.kind.to_raw(), &a.endpoint).cmp(&(b.kind.to_raw(), &b.endpoint)));
        Err(Unfinished { open })
    }
}

/// Why a context has not ended yet: [`Context::end`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    open: Vec<OpenSocket>,
}

impl Unfinished {
    /// The sockets that are not dropped yet.
    ///
    /// If there are none, some that were dropped still have messages to send. libzmq does
    /// not say which, nor how many.
    pub fn open(&self) -> &[OpenSocket] {
        &self.open
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.open.is_empty() {
            return f.write_str("sockets that were dropped still have messages to send");
        }
        f.write_str("there are open sockets: ")?;
        for (i, socket) in self.open.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{:?}", socket.kind)?;
            if let Some(endpoint) = &socket.endpoint {
                write!(f, " at {endpoint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Unfinished {}

/// A socket that keeps its context from ending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenSocket {
    /// What it is.
    pub kind: SocketType,
    /// The endpoint that it was last bound to or connected to, or unbound or disconnected
    /// from, as the program wrote it.
    pub endpoint: Option<String>,
}

impl OpenSocket {
    fn new((kind, endpoint): (SocketType, Option<CString>)) -> OpenSocket {
        let endpoint = endpoint.map(|name| name.to_string_lossy().into_owned());
        OpenSocket { kind, endpoint }
    }
}

impl Default for Context {
    fn default() -> Context {
        Context::new()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

/// How an option's `int` reads in Rust.
trait Value {
    fn from_int(value: c_int) -> Self;
    fn into_int(self) -> c_int;
}

impl Value for i32 {
    fn from_int(value: c_int) -> i32 {
        value
    }
    fn into_int(self) -> c_int {
        self
    }
}

impl Value for bool {
    fn from_int(value: c_int) -> bool {
        value != 0
    }
    fn into_int(self) -> c_int {
        self.into()
    }
}

/// The table of context options. A row is: documentation, constant of libzmq,
/// the feature that has it, type, getter, setter, and the function that sets it
/// if that takes care.
macro_rules! options {
    ($(
        $(#[$doc:meta])*
        $option:ident $(if $feature:literal)?: $type:ty
            $(, get $getter:ident)? $(, set $setter:ident $(by $care:ident)?)?;
    )*) => {
        $(
            $(#[cfg(feature = $feature)])?
            impl Context {
                options!(@get [$(#[$doc])*] $option $type $(, $getter)?);
                options!(@set [$(#[$doc])*] $option $type $(, $setter $(by $care)?)?);
            }
        )*

        /// All options of contexts, those of the draft API with feature `draft`.
        ///
        /// ```
        /// let threads = zmq::CONTEXT_OPTIONS.iter().find(|o| o.name == "ZMQ_IO_THREADS").unwrap();
        /// assert_eq!((threads.number, threads.value), (1, "i32"));
        /// assert_eq!(threads.getter, Some("get_io_threads"));
        /// ```
        pub const CONTEXT_OPTIONS: &[OptionInfo] = &[$(
            $(#[cfg(feature = $feature)])?
            OptionInfo {
                name: stringify!($option),
                number: zmq_sys::$option as i32,
                getter: first(&[$(stringify!($getter))?]),
                setter: first(&[$(stringify!($setter))?]),
                value: stringify!($type),
                draft: first(&[$($feature)?]).is_some(),
            },
        )*];
    };
    (@get $docs:tt $option:ident $type:ty) => {};
    (@get [$(#[$doc:meta])*] $option:ident $type:ty, $getter:ident) => {
        #[doc = concat!("Reads `", stringify!($option), "`.\n")]
        $(#[$doc])*
        pub fn $getter(&self) -> Result<$type> {
            self.raw.get(zmq_sys::$option as c_int).map(Value::from_int)
        }
    };
    (@set $docs:tt $option:ident $type:ty) => {};
    (@set $docs:tt $option:ident $type:ty, $setter:ident) => {
        options!(@set $docs $option $type, $setter by plain);
    };
    (@set [$(#[$doc:meta])*] $option:ident $type:ty, $setter:ident by $care:ident) => {
        #[doc = concat!("Sets `", stringify!($option), "`.\n")]
        $(#[$doc])*
        pub fn $setter(&self, value: $type) -> Result<()> {
            $care(&self.raw, zmq_sys::$option as c_int, Value::into_int(value))
        }
    };
}

// See https://libzmq.readthedocs.io/en/latest/zmq_ctx_set.html. What concerns
// threads must be set before the first socket is opened, which starts them.
options! {
    /// I/O threads, at most 1024; default 1. One is enough for a gigabyte per
    /// second. 0 allows inproc only. Set it before the first socket is opened,
    /// which is `EMFILE` if there are no descriptors for so many.
    ZMQ_IO_THREADS: i32, get get_io_threads, set set_io_threads by io_threads;
    /// How many sockets may be open at a time, at most
    /// [`get_socket_limit`](Context::get_socket_limit); default 1023. Set it
    /// before the first socket is opened.
    ZMQ_MAX_SOCKETS: i32, get get_max_sockets, set set_max_sockets by max_sockets;
    /// The largest value that `ZMQ_MAX_SOCKETS` can have here.
    ZMQ_SOCKET_LIMIT: i32, get get_socket_limit;
    /// Whether new sockets use IPv6; default no.
    ZMQ_IPV6: bool, get is_ipv6, set set_ipv6;
    /// Whether new sockets have a linger of -1 (for ever, the default) or 0. Since
    /// libzmq 4.2.
    ZMQ_BLOCKY: bool, get is_blocky, set set_blocky;
    /// The largest message that may be sent, in bytes; default and at most
    /// `i32::MAX`. Since libzmq 4.2.
    ZMQ_MAX_MSGSZ: i32, get get_max_msgsz, set set_max_msgsz;
    /// The size of libzmq's message structure, in bytes. Since libzmq 4.2.
    ZMQ_MSG_T_SIZE: i32, get get_msg_t_size;
    /// The scheduling policy of the context's threads, as `sched.h` numbers them;
    /// default -1, what the thread that opens the first socket has, which cannot
    /// be set. Set it before that; opening it is `EPERM` or `EINVAL` if such
    /// threads cannot be, like setting it. Nothing on Windows.
    ZMQ_THREAD_SCHED_POLICY: i32, get get_thread_sched_policy, set set_thread_sched_policy by sched_policy;
    /// The priority of the context's threads, from 0, in a policy that has
    /// priorities: 1 to 99 for Linux's `SCHED_FIFO` and `SCHED_RR`. In another,
    /// more than 0 makes them more favoured (by a niceness that is 20 lower, outside
    /// Linux for the whole process). By default it is that of the thread which
    /// opens the first socket. Set it before that; opening it is `EPERM` or
    /// `EINVAL` if such threads cannot be, like setting it. Nothing on Windows.
    ZMQ_THREAD_PRIORITY: i32, set set_thread_priority by priority;
    /// Adds a CPU that the context's threads may run on; by default they may run
    /// on all. Set it before the first socket is opened. `EINVAL` if there is no
    /// such CPU for this process. Linux only; elsewhere it does nothing. Since
    /// libzmq 4.3.
    ZMQ_THREAD_AFFINITY_CPU_ADD: i32, set set_thread_affinity_cpu_add by add_cpu;
    /// Takes back a CPU that was added, which is `EINVAL` if it was not; without
    /// any, all are used. Since libzmq 4.3.
    ZMQ_THREAD_AFFINITY_CPU_REMOVE: i32, set set_thread_affinity_cpu_remove by remove_cpu;
    /// A number that the names of the context's threads begin with; default none,
    /// and then it reads as 0. Set it before the first socket is opened. Names are
    /// cut off after 15 bytes. Since libzmq 4.3.
    ZMQ_THREAD_NAME_PREFIX: i32, get get_thread_name_prefix, set set_thread_name_prefix;
    /// Whether received messages may stay in the buffer that they were read into,
    /// several in one, instead of being copied out of it; default yes. For
    /// connections made afterwards.
    ZMQ_ZERO_COPY_RECV if "draft": bool, get is_zero_copy_recv, set set_zero_copy_recv;
}

fn plain(raw: &RawContext, option: c_int, value: c_int) -> Result<()> {
    raw.set(option, value)
}

/// libzmq aborts, or forgets what it has started, if the process cannot have so
/// many threads.
fn io_threads(raw: &RawContext, option: c_int, value: c_int) -> Result<()> {
    raw.set_unstarted(option, value, |unstarted| {
        unstarted.io_threads = value;
        if value > 1024 {
            return Err(Error::EINVAL);
        }
        Ok(())
    })
}

/// libzmq reserves memory for all of them, and its numbers overflow.
fn max_sockets(raw: &RawContext, option: c_int, value: c_int) -> Result<()> {
    if value > raw.get(zmq_sys::ZMQ_SOCKET_LIMIT as c_int)? {
        return Err(Error::EINVAL);
    }
    raw.set(option, value)
}

// What libzmq's threads do first, they abort over if it fails. A thread of ours
// tries it, now and again before they start, for it depends on all four options
// and on the thread that starts them.

fn sched_policy(raw: &RawContext, option: c_int, value: c_int) -> Result<()> {
    raw.set_unstarted(option, value, |unstarted| {
        unstarted.scheduling.policy = Some(value);
        let mut tried = unstarted.scheduling.clone();
        // A priority may follow.
        tried.priority = tried.priority.or(lowest_priority(value));
        tried.check()
    })
}

fn priority(raw: &RawContext, option: c_int, value: c_int) -> Result<()> {
    raw.set_unstarted(option, value, |unstarted| {
        unstarted.scheduling.priority = Some(value);
        // A policy may follow.
        match unstarted.scheduling.policy {
            Some(_) => unstarted.scheduling.check(),
            None => Ok(()),
        }
    })
}

fn add_cpu(raw: &RawContext, option: c_int, value: c_int) -> Result<()> {
    let cpu = usize::try_from(value).ok().filter(|&cpu| cpu < MAX_CPUS);
    let cpu = cpu.ok_or(Error::EINVAL)?;
    raw.set_unstarted(option, value, |unstarted| {
        let alone = Scheduling {
            cpus: vec![cpu],
            ..Scheduling::default()
        };
        alone.check()?;
        unstarted.scheduling.cpus.push(cpu);
        Ok(())
    })
}

fn remove_cpu(raw: &RawContext, option: c_int, value: c_int) -> Result<()> {
    raw.set_unstarted(option, value, |unstarted| {
        unstarted
            .scheduling
            .cpus
            .retain(|&cpu| Ok(cpu) != usize::try_from(value));
        Ok(())
    })
}

#[cfg(feature = "draft")]
impl Context {
    /// Reads `ZMQ_THREAD_NAME_PREFIX` as text.
    ///
    /// The inner error has the bytes if they are not UTF-8.
    pub fn get_thread_name_prefix_text(&self) -> Result<std::result::Result<String, Vec<u8>>> {
        // libzmq does not say how long it is, and writes nothing behind it; a
        // value of four bytes it would take for a number.
        let mut value = vec![0; 17];
        self.raw
            .get_bytes(zmq_sys::ZMQ_THREAD_NAME_PREFIX as c_int, &mut value)?;
        let len = value.iter().position(|&byte| byte == 0).unwrap_or(17);
        value.truncate(len);
        Ok(String::from_utf8(value).map_err(|e| e.into_bytes()))
    }

    /// Sets `ZMQ_THREAD_NAME_PREFIX` as text.
    ///
    /// What the names of the context's threads begin with, 1 to 15 bytes; default
    /// none. Set it before the first socket is opened. Names are cut off after 15
    /// bytes.
    pub fn set_thread_name_prefix_text(&self, value: &str) -> Result<()> {
        if value.contains('\0') || value.is_empty() || value.len() > 15 {
            return Err(Error::EINVAL);
        }
        // With its NUL, text of four bytes is no number to libzmq; then that of
        // three would be.
        let len = value.len() + usize::from(value.len() == 4);
        let bytes = [value.as_bytes(), &[0]].concat();
        self.raw
            .set_bytes(zmq_sys::ZMQ_THREAD_NAME_PREFIX as c_int, &bytes[..len])
    }
}
