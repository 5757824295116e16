//! Contexts: where sockets come from.

use std::ffi::c_int;
use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::kind::Kind;
use crate::raw::RawContext;
use crate::socket::Socket;

/// A ZeroMQ context: the I/O threads, and the sockets that use them.
///
/// Most programs have one. It may be used from any thread; clones are handles
/// of the same context, and each socket keeps one. When the last is dropped the
/// context is terminated, which waits until what its sockets sent is delivered
/// or their [linger](crate::Socket::set_linger) is over.
///
/// ```
/// let context = zmq::Context::new();
/// let socket = context.socket(zmq::Req)?; // typed
/// let socket = context.socket(zmq::REQ)?; // chosen at run time
/// # Ok::<(), zmq::Error>(())
/// ```
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
    /// `EINTR` if a signal arrived; call it again.
    ///
    /// See [zmq_ctx_term](https://libzmq.readthedocs.io/en/latest/zmq_ctx_term.html).
    pub fn destroy(&mut self) -> Result<()> {
        self.raw.terminate()
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
/// type, getter, setter.
macro_rules! options {
    ($($(#[$doc:meta])* $option:ident: $type:ty $(, get $getter:ident)? $(, set $setter:ident)?;)*) => {$(
        options!(@get [$(#[$doc])*] $option $type $(, $getter)?);
        options!(@set [$(#[$doc])*] $option $type $(, $setter)?);
    )*};
    (@get $docs:tt $option:ident $type:ty) => {};
    (@get [$(#[$doc:meta])*] $option:ident $type:ty, $getter:ident) => {
        impl Context {
            #[doc = concat!("Reads `", stringify!($option), "`.\n")]
            $(#[$doc])*
            pub fn $getter(&self) -> Result<$type> {
                self.raw.get(zmq_sys::$option as c_int).map(Value::from_int)
            }
        }
    };
    (@set $docs:tt $option:ident $type:ty) => {};
    (@set [$(#[$doc:meta])*] $option:ident $type:ty, $setter:ident) => {
        impl Context {
            #[doc = concat!("Sets `", stringify!($option), "`.\n")]
            $(#[$doc])*
            pub fn $setter(&self, value: $type) -> Result<()> {
                self.raw.set(zmq_sys::$option as c_int, Value::into_int(value))
            }
        }
    };
}

// See https://libzmq.readthedocs.io/en/latest/zmq_ctx_set.html. What concerns
// threads must be set before the first socket is opened, which starts them.
options! {
    /// I/O threads; default 1. One is enough for a gigabyte per second. 0 allows
    /// inproc only. Set it before the first socket is opened.
    ZMQ_IO_THREADS: i32, get get_io_threads, set set_io_threads;
    /// How many sockets may be open at a time; default 1023. Set it before the
    /// first socket is opened.
    ZMQ_MAX_SOCKETS: i32, get get_max_sockets, set set_max_sockets;
    /// The largest value that `ZMQ_MAX_SOCKETS` can have here.
    ZMQ_SOCKET_LIMIT: i32, get get_socket_limit;
    /// Whether new sockets use IPv6; default no.
    ZMQ_IPV6: bool, get is_ipv6, set set_ipv6;
    /// Whether new sockets have a linger of -1 (for ever, the default) or 0.
    ZMQ_BLOCKY: bool, get is_blocky, set set_blocky;
    /// The largest message that may be sent, in bytes; default and at most
    /// `i32::MAX`.
    ZMQ_MAX_MSGSZ: i32, get get_max_msgsz, set set_max_msgsz;
    /// The size of libzmq's message structure, in bytes.
    ZMQ_MSG_T_SIZE: i32, get get_msg_t_size;
    /// A number of at most 16 digits that the names of the I/O threads begin
    /// with; default none. Set it before the first socket is opened.
    ZMQ_THREAD_NAME_PREFIX: i32, get get_thread_name_prefix, set set_thread_name_prefix;
}
