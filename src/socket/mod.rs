//! Sockets: the type, its handles, and its endpoints.

#[cfg(feature = "draft")]
mod draft;
mod recv;
mod request;
mod send;

use std::ffi::{c_char, c_int, c_void, CString};
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::endpoint::{is_misread, Endpoint};
use crate::error::{Error, Result};
use crate::kind::{Kind, SocketType};
use crate::poll::{self, PollEvents, PollItem};
use crate::raw::RawSocket;
use crate::traps;

#[cfg(any(feature = "tokio", feature = "async-io"))]
pub(crate) use send::as_slice;
pub use send::{SendError, Sendable};

/// A ZeroMQ socket of kind `K`.
///
/// With a typed kind, like `Socket<Req>`, it has the methods and options that
/// sockets of this type have; what cannot work does not compile:
///
/// ```compile_fail
/// let socket = zmq::Context::new().socket(zmq::Pull).unwrap();
/// socket.send("a PULL socket only receives", 0);
/// ```
///
/// Without one, `Socket` is a socket whose [`SocketType`] was chosen at run
/// time. It has all methods, and libzmq refuses what the type does not allow.
/// [`as_dyn`](Socket::as_dyn) makes the second out of the first.
///
/// A socket may be sent to another thread but not shared with one; the kinds that
/// can be shared are those with `ThreadSafe`, of feature `draft`. It is closed
/// when it is dropped, which does not block; what was sent is delivered in the
/// background for as long as its [linger](Socket::set_linger) allows.
///
/// # Flags
///
/// The `flags` of the methods that send and receive are 0,
/// [`DONTWAIT`](crate::DONTWAIT), [`SNDMORE`](crate::SNDMORE) or both, by `|`.
///
/// # Errors
///
/// Every call returns `ETERM` once the context was shut down, and a call that
/// waits returns `EINTR` if a signal arrives for which the program has a
/// handler.
#[repr(transparent)]
pub struct Socket<K = SocketType> {
    raw: RawSocket,
    kind: PhantomData<K>,
}

impl Socket {
    /// Takes over a socket of libzmq.
    ///
    /// If it came from [`into_raw`](Socket::into_raw), it keeps its context alive
    /// again.
    ///
    /// # Safety
    ///
    /// `sock` is an open libzmq socket, and nobody else uses or closes it from
    /// now on. A socket that did not come from `into_raw` must be dropped before
    /// its context is terminated, or by another thread meanwhile.
    pub unsafe fn from_raw(sock: *mut c_void) -> Socket {
        // SAFETY: the caller answers for the socket; an open one is not null.
        Socket::new(unsafe { RawSocket::from_raw(NonNull::new_unchecked(sock)) })
    }
}

impl<K> Socket<K> {
    pub(crate) fn new(raw: RawSocket) -> Socket<K> {
        Socket {
            raw,
            kind: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn raw(&self) -> &RawSocket {
        &self.raw
    }

    /// The same socket with its type known only at run time.
    ///
    /// ```
    /// fn describe(socket: &zmq::Socket) -> zmq::Result<zmq::SocketType> {
    ///     socket.get_socket_type()
    /// }
    ///
    /// let socket = zmq::Context::new().socket(zmq::Dealer)?;
    /// assert_eq!(describe(socket.as_dyn())?, zmq::DEALER);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[inline]
    pub fn as_dyn(&self) -> &Socket {
        // SAFETY: both are `repr(transparent)` over the same field, and what a
        // socket of any kind may do is no more than a dynamic one may.
        unsafe { &*std::ptr::from_ref(self).cast::<Socket>() }
    }

    /// `as_dyn` for who owns it.
    pub(crate) fn into_dyn(self) -> Socket {
        Socket::new(self.raw)
    }

    /// What `into_dyn` was given.
    ///
    /// # Safety
    ///
    /// The socket is of kind `K`.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    pub(crate) unsafe fn from_dyn(socket: Socket) -> Socket<K> {
        Socket::new(socket.raw)
    }

    /// What `as_dyn` was given.
    ///
    /// # Safety
    ///
    /// The socket is of kind `K`.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    pub(crate) unsafe fn of_dyn(socket: &Socket) -> &Socket<K> {
        // SAFETY: as in `as_dyn`; that it is of this kind the caller answers for.
        unsafe { &*std::ptr::from_ref(socket).cast::<Socket<K>>() }
    }

    /// Gives up the socket without closing it.
    ///
    /// Its [`monitor_socket`](Socket::monitor_socket) ends, if it has one. Its
    /// context stays alive, whoever drops its handles, until
    /// [`from_raw`](Socket::from_raw) takes the socket back; a socket that is
    /// closed by `zmq_close` instead leaves it open until the process ends.
    pub fn into_raw(self) -> *mut c_void {
        self.raw.into_raw()
    }

    /// The socket for calls into libzmq that this crate does not wrap.
    pub fn as_mut_ptr(&mut self) -> *mut c_void {
        self.raw.as_ptr()
    }
}

impl<K: Kind> Socket<K> {
    /// Accepts peers at `endpoint`, like `tcp://*:5555`, `tcp://127.0.0.1:*` (any
    /// free port, see [`get_last_endpoint`](Socket::get_last_endpoint)),
    /// `ipc:///tmp/feed` or `inproc://feed`.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let server = context.socket(zmq::Rep)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let endpoint = server.get_last_endpoint()?.unwrap();
    /// assert!(endpoint.starts_with("tcp://127.0.0.1:"));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` if the endpoint is malformed, of which [`Endpoint`] tells more,
    /// `EPROTONOSUPPORT` for a transport that is unknown or not built in,
    /// `ENOCOMPATPROTO` for one that the type cannot use, `EADDRINUSE`,
    /// `EADDRNOTAVAIL`, `ENODEV` for an unknown interface, `EACCES`, `EMFILE`,
    /// `ENAMETOOLONG`, `EMTHREAD`. `EINVAL` also if the socket is to be the ZAP
    /// handler, `inproc://zeromq.zap.01`, but no REP, ROUTER or SERVER; or, with a
    /// libzmq other than the vendored one, if it is a PLAIN or CURVE server without a
    /// [domain](Socket::set_zap_domain) that `set_zap_enforce_domain` has told to ask
    /// a handler. `ENOTSUP` for WebSocket if there is a domain and the mechanism is
    /// NULL, with a libzmq other than the vendored one: it would let in whom nobody
    /// was asked about.
    ///
    /// See [zmq_bind](https://libzmq.readthedocs.io/en/latest/zmq_bind.html).
    pub fn bind(&self, endpoint: &str) -> Result<()> {
        traps::bind(&self.raw, endpoint, || {
            self.endpoint(zmq_sys::zmq_bind, endpoint)
        })
    }

    /// Stops accepting peers at `endpoint`, as
    /// [`get_last_endpoint`](Socket::get_last_endpoint) spells it.
    ///
    /// # Errors
    ///
    /// `ENOENT` if the socket is not bound there, `EINVAL` if the endpoint is
    /// malformed.
    ///
    /// See [zmq_unbind](https://libzmq.readthedocs.io/en/latest/zmq_unbind.html).
    pub fn unbind(&self, endpoint: &str) -> Result<()> {
        self.endpoint(zmq_sys::zmq_unbind, endpoint)
    }

    /// Connects to the peer at `endpoint`, like `tcp://localhost:5555`,
    /// `ipc:///tmp/feed` or `inproc://feed`. The peer need not be there yet; the
    /// connection is made, and made again, in the background.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the endpoint is malformed, of which [`Endpoint`] tells more, or
    /// has a wildcard, `EPROTONOSUPPORT`, `ENOCOMPATPROTO`, `ENAMETOOLONG`,
    /// `EMTHREAD`. `EINVAL` also if the socket is a PLAIN or CURVE server that has
    /// to ask a ZAP handler, but no domain, and `ENOTSUP` for some WebSockets, as for
    /// [`bind`](Socket::bind).
    ///
    /// See [zmq_connect](https://libzmq.readthedocs.io/en/latest/zmq_connect.html).
    pub fn connect(&self, endpoint: &str) -> Result<()> {
        traps::connect(&self.raw, endpoint, || {
            self.endpoint(zmq_sys::zmq_connect, endpoint)
        })
    }

    /// Ends the connection to `endpoint`. What was queued for this peer is still
    /// sent, for as long as the linger allows.
    ///
    /// # Errors
    ///
    /// `ENOENT` if the socket is not connected there, `EINVAL` if the endpoint is
    /// malformed.
    ///
    /// ```
    /// let socket = zmq::Context::new().socket(zmq::Req)?;
    /// socket.connect("tcp://127.0.0.1:5555")?;
    /// socket.disconnect("tcp://127.0.0.1:5555")?;
    /// assert_eq!(socket.disconnect("tcp://127.0.0.1:5555"), Err(zmq::Error::ENOENT));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// See [zmq_disconnect](https://libzmq.readthedocs.io/en/latest/zmq_disconnect.html).
    pub fn disconnect(&self, endpoint: &str) -> Result<()> {
        self.endpoint(zmq_sys::zmq_disconnect, endpoint)
    }

    /// Reports what happens to the socket's connections to a PAIR socket that
    /// connects to `monitor_endpoint`, which is an inproc one. `events` is the
    /// sum of those wanted, of [`SocketEvent`](crate::SocketEvent). Each event is
    /// a message of two frames: event (u16) and value (u32) in the machine's byte
    /// order, then the endpoint.
    ///
    /// [`monitor_socket`](Socket::monitor_socket) does all of this, and decodes
    /// the events; [`MonitorSocket::connect`](crate::MonitorSocket::connect)
    /// decodes those of this method.
    ///
    /// The PAIR socket must connect, and stay open and be read until the
    /// monitored one is dropped or [`stop_monitor`](Socket::stop_monitor) was
    /// called: libzmq waits until it can report an event, which stops the whole
    /// context if nobody is there.
    ///
    /// ```
    /// use zmq::SocketEvent;
    ///
    /// let context = zmq::Context::new();
    /// let (server, events) = (context.socket(zmq::Rep)?, context.socket(zmq::Pair)?);
    /// server.monitor("inproc://events", SocketEvent::ALL as i32)?;
    /// events.connect("inproc://events")?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let frames = events.recv_multipart(0)?;
    /// let event = u16::from_ne_bytes([frames[0][0], frames[0][1]]);
    /// assert_eq!(SocketEvent::try_from(event), Ok(SocketEvent::LISTENING));
    /// # drop(server);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EPROTONOSUPPORT` if the endpoint is not an inproc one, `EADDRINUSE`,
    /// `EMFILE`; `EINVAL` if the endpoint is malformed or that of the ZAP handler,
    /// or `events` has more than 16 bits.
    ///
    /// See [zmq_socket_monitor](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
    pub fn monitor(&self, monitor_endpoint: &str, events: i32) -> Result<()> {
        traps::check_monitor(monitor_endpoint)?;
        self.raw
            .monitor(Some(&nul_terminated(monitor_endpoint)?), events)
    }

    fn endpoint(
        &self,
        function: unsafe extern "C" fn(*mut c_void, *const c_char) -> c_int,
        endpoint: &str,
    ) -> Result<()> {
        if is_misread(endpoint) {
            return Err(Error::EINVAL);
        }
        match self.raw.endpoint(function, &nul_terminated(endpoint)?) {
            Err(error) if endpoint.starts_with("tipc://") => Err(tipc_error(endpoint, error)),
            done => done,
        }
    }

    /// The socket and what to wait for, for [`zmq::poll`](crate::poll).
    pub fn as_poll_item(&self, events: PollEvents) -> PollItem<'_> {
        PollItem::from_socket(&self.raw, events)
    }

    /// Waits until one of `events` is there, at most `timeout_ms` milliseconds;
    /// -1 waits for ever. Returns 1 if one is, 0 if not.
    ///
    /// ```
    /// let socket = zmq::Context::new().socket(zmq::Pull)?;
    /// assert_eq!(socket.poll(zmq::POLLIN, 10)?, 0);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn poll(&self, events: PollEvents, timeout_ms: i64) -> Result<i32> {
        poll::poll(&mut [self.as_poll_item(events)], timeout_ms)
    }
}

/// For a malformed TIPC address libzmq leaves in errno what was there before.
#[cold]
fn tipc_error(endpoint: &str, error: Error) -> Error {
    match (error, Endpoint::try_from(endpoint)) {
        (Error::EPROTONOSUPPORT | Error::ETERM, _) | (_, Ok(_)) => error,
        (_, Err(malformed)) => malformed.into(),
    }
}

/// `EINVAL` for a text with a NUL inside, which C would take for its end.
pub(crate) fn nul_terminated(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::EINVAL)
}

impl<K> fmt::Debug for Socket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = std::any::type_name::<K>();
        let name = kind.rsplit("::").next().unwrap_or(kind);
        write!(f, "Socket<{name}>({:p})", self.raw.as_ptr())
    }
}

/// The descriptor that becomes readable when the socket's state *changes*; see
/// [`get_fd`](Socket::get_fd). -1 if there is none, because the context was shut
/// down.
#[cfg(unix)]
impl<K: Kind> std::os::unix::io::AsRawFd for Socket<K> {
    fn as_raw_fd(&self) -> std::os::unix::io::RawFd {
        self.get_fd().unwrap_or(-1)
    }
}

/// The descriptor that becomes readable when the socket's state *changes*; see
/// [`get_fd`](Socket::get_fd). `INVALID_SOCKET` if there is none, because the
/// context was shut down.
#[cfg(windows)]
impl<K: Kind> std::os::windows::io::AsRawSocket for Socket<K> {
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        self.get_fd().unwrap_or(!0)
    }
}
