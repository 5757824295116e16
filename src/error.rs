//! Errors: libzmq's error numbers, as one plain `Copy` value.

use std::fmt;
use std::io;

use zmq_sys::errno;

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

/// The table of errors. A row is: name, libzmq's text, what it means for
/// ZeroMQ (empty where the text says it all, or libzmq keeps the error to
/// itself), further numbers for the same error on platforms that lack it.
macro_rules! errors {
    ($($name:ident $text:literal, $meaning:literal $(, also $alternative:ident)?;)*) => {
        /// An error of libzmq.
        ///
        /// The variants have the names of the error numbers in libzmq's manual;
        /// a number that has no variant is kept in [`Other`](Error::Other). The
        /// text, as [`Display`](fmt::Display) shows it, adds what the error
        /// means for a ZeroMQ socket.
        ///
        /// ```
        /// use zmq::Error;
        ///
        /// assert_eq!(Error::EFSM.message(), "Operation cannot be accomplished in current state");
        /// assert!(Error::EFSM.to_string().contains("REQ"));
        /// // A number that libzmq does not name is neither lost nor a panic.
        /// assert_eq!(Error::from_raw(12345).to_raw(), 12345);
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Error {
            $(
                #[doc = concat!($text, ".")]
                #[doc = ""]
                #[doc = $meaning]
                $name,
            )*
            /// An error number that has no variant of its own.
            Other(i32),
        }

        impl Error {
            /// The error with the number `raw`, of `errno` or libzmq's own.
            pub fn from_raw(raw: i32) -> Error {
                match raw {
                    $(errno::$name $(| errno::$alternative)? => Error::$name,)*
                    other => Error::Other(other),
                }
            }

            /// The number that libzmq gives this error.
            pub fn to_raw(self) -> i32 {
                match self {
                    $(Error::$name => errno::$name,)*
                    Error::Other(raw) => raw,
                }
            }

            /// Libzmq's short text for the error, in English.
            ///
            /// For a number without a variant this cannot say more than that;
            /// [`to_string`](ToString::to_string) asks the operating system.
            pub fn message(self) -> &'static str {
                match self {
                    $(Error::$name => $text,)*
                    Error::Other(_) => "Unnamed error number",
                }
            }

            /// Name of the variant, and what the error means for ZeroMQ.
            fn explain(self) -> (&'static str, &'static str) {
                match self {
                    $(Error::$name => (stringify!($name), $meaning),)*
                    Error::Other(_) => ("", ""),
                }
            }
        }
    };
}

errors! {
    EACCES "Permission denied",
        "The endpoint may not be bound or connected to by this process: a port below 1024, \
         a path it may not write, or a broadcast address.";
    EADDRINUSE "Address already in use",
        "Another socket is bound to this endpoint.", also EADDRINUSE_ALT;
    EAGAIN "Resource temporarily unavailable",
        "The operation would have to wait: nothing to receive, no peer to send to, or the \
         high water mark is reached; with a timeout, it has passed.";
    EBUSY "Device or resource busy", "";
    ECONNREFUSED "Connection refused", "", also ECONNREFUSED_ALT;
    EFAULT "Bad address",
        "The context or an argument is not valid. Of a handshake that failed: nobody is bound to \
         `inproc://zeromq.zap.01` to authenticate peers.";
    EINTR "Interrupted system call",
        "A signal arrived before the operation was done; it may be repeated.";
    EHOSTUNREACH "Host unreachable",
        "No peer with this routing id is connected.", also EHOSTUNREACH_ALT;
    EINPROGRESS "Operation in progress",
        "The connection is being made in the background, as a monitor tells.", also EINPROGRESS_ALT;
    EINVAL "Invalid argument",
        "The endpoint is malformed (`zmq::Endpoint` says how), or the option, the value or \
         multipart messages are not for this socket.";
    EMFILE "Too many open files",
        "The process has no descriptors left, or the context no sockets (`ZMQ_MAX_SOCKETS`).";
    EMSGSIZE "Message too long", "", also EMSGSIZE_ALT;
    ENAMETOOLONG "File name too long", "The path of an ipc endpoint is too long.";
    ENODEV "No such device",
        "The endpoint names a network interface or address that this machine does not have.";
    ENOENT "No such file or directory",
        "The endpoint was not bound or connected, or the folder of an ipc path is missing.";
    ENOMEM "Cannot allocate memory",
        "There is no memory left, or none for as many sockets (`ZMQ_MAX_SOCKETS`).";
    ENOTCONN "Transport endpoint is not connected", "", also ENOTCONN_ALT;
    ENOTSOCK "Socket operation on non-socket", "The socket is closed.", also ENOTSOCK_ALT;
    EPROTO "Protocol error", "";
    EPROTONOSUPPORT "Protocol not supported",
        "libzmq was built without this transport, or does not know it; a monitor's is inproc.",
        also EPROTONOSUPPORT_ALT;
    ENOTSUP "Operation not supported",
        "Sockets of this type cannot do this, or libzmq was built without CURVE.",
        also ENOTSUP_ALT;
    ENOBUFS "No buffer space available", "", also ENOBUFS_ALT;
    ENETDOWN "Network is down", "", also ENETDOWN_ALT;
    EADDRNOTAVAIL "Cannot assign requested address",
        "The endpoint's address is not one of this machine.", also EADDRNOTAVAIL_ALT;
    EFSM "Operation cannot be accomplished in current state",
        "A REQ socket must receive the reply before it sends again, and send before it receives; \
         a REP socket must receive a request before it sends, and reply before it receives again.";
    ENOCOMPATPROTO "The protocol is not compatible with the socket type",
        "PGM and NORM are for publishers and subscribers, UDP is for RADIO, DISH and DGRAM.";
    ETERM "Context was terminated",
        "The context was shut down or destroyed; the socket can only be dropped now.";
    EMTHREAD "No thread available",
        "The context has no I/O threads (`ZMQ_IO_THREADS`), or none that the socket's affinity allows.";
}

impl Error {
    /// What the last call into libzmq on this thread left in `errno`.
    #[inline]
    pub(crate) fn last() -> Error {
        #[cold]
        fn rare(raw: i32) -> Error {
            Error::from_raw(raw)
        }
        // SAFETY: reads a thread-local number.
        match unsafe { zmq_sys::zmq_errno() } {
            // For who does not wait this is as common as success.
            errno::EAGAIN => Error::EAGAIN,
            raw => rare(raw),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Error::Other(raw) = *self {
            return io::Error::from_raw_os_error(raw).fmt(f);
        }
        f.write_str(self.message())?;
        match self.explain() {
            (_, "") => Ok(()),
            (name, meaning) => write!(f, " ({name}): {}", meaning.trim_end_matches('.')),
        }
    }
}

/// The name and libzmq's text, as in `EAGAIN: Resource temporarily unavailable`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Other(raw) => write!(f, "Other({raw}): {self}"),
            _ => write!(f, "{}: {}", self.explain().0, self.message()),
        }
    }
}

impl std::error::Error for Error {
    /// The same as [`message`](Error::message), as long as somebody asks.
    fn description(&self) -> &str {
        self.message()
    }
}

/// Keeps the [`Error`] as the source.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        use io::ErrorKind;

        let kind = match error {
            Error::ENOENT => ErrorKind::NotFound,
            Error::EACCES => ErrorKind::PermissionDenied,
            Error::ECONNREFUSED => ErrorKind::ConnectionRefused,
            Error::ENOTCONN => ErrorKind::NotConnected,
            Error::EADDRINUSE => ErrorKind::AddrInUse,
            Error::EADDRNOTAVAIL => ErrorKind::AddrNotAvailable,
            Error::EAGAIN => ErrorKind::WouldBlock,
            Error::EINVAL => ErrorKind::InvalidInput,
            Error::EINTR => ErrorKind::Interrupted,
            _ => ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}
