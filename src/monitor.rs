//! Monitors: what happens to the connections of a socket, as events.

use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use zmq_sys::RawFd;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::kind::{CanRecv, Kind, Pair, SocketType};
use crate::poll::{PollEvents, PollItem};
use crate::raw::{RawSocket, Watch};
use crate::socket::{nul_terminated, Socket};

/// The table of events. A row is: what it means, its name in `SocketEvent`, its
/// constant, its name in `MonitorEventKind` and what its value is.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $event:ident $constant:ident: $kind:ident $({
            $(#[$field_doc:meta])*
            $field:ident: $type:ty
        })?;
    )*) => {
        /// The events of a monitor, as bits to ask for: cast to a number and
        /// added up by `|`, they are what [`Socket::monitor_socket`] and
        /// [`Socket::monitor`] take.
        ///
        /// ```
        /// use zmq::SocketEvent;
        ///
        /// let comings = SocketEvent::ACCEPTED as i32 | SocketEvent::DISCONNECTED as i32;
        /// assert_eq!(comings, 0x220);
        /// ```
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SocketEvent {
            $(
                $(#[$doc])*
                $event = zmq_sys::$constant as isize,
            )*
            /// All of them, those of future versions of libzmq included.
            ALL = zmq_sys::ZMQ_EVENT_ALL as isize,
        }

        /// A number that is no event is `EINVAL`.
        impl TryFrom<u16> for SocketEvent {
            type Error = Error;

            fn try_from(raw: u16) -> Result<SocketEvent> {
                match u32::from(raw) {
                    $(zmq_sys::$constant => Ok(SocketEvent::$event),)*
                    zmq_sys::ZMQ_EVENT_ALL => Ok(SocketEvent::ALL),
                    _ => Err(Error::EINVAL),
                }
            }
        }

        /// What happened, and what libzmq says about it.
        ///
        /// Descriptors (`fd`) are for telling connections apart: when the event
        /// is read, libzmq may have closed them, and the system may have given
        /// the number to another file.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum MonitorEventKind {
            $(
                $(#[$doc])*
                $kind $({
                    $(#[$field_doc])*
                    $field: $type,
                })?,
            )*
            /// How long a connection's queues are, which
            /// [`monitor_pipes_stats`](Socket::monitor_pipes_stats) asked for.
            #[cfg(feature = "draft")]
            PipesStats {
                /// Messages sent and not yet on their way.
                outbound: u64,
                /// Messages that arrived and were not yet received.
                inbound: u64,
            },
            /// An event that this crate does not know, or a known one with other
            /// values than it should have.
            Unknown {
                /// Its number.
                event: u64,
                /// Its values.
                values: Vec<u64>,
            },
        }

        impl MonitorEventKind {
            fn new(event: u64, values: &[u64]) -> MonitorEventKind {
                if let &[value] = values {
                    $(if event == u64::from(zmq_sys::$constant) {
                        return MonitorEventKind::$kind $({ $field: Value::of(value) })?;
                    })*
                }
                #[cfg(feature = "draft")]
                if let (PIPES_STATS, &[outbound, inbound]) = (event, values) {
                    return MonitorEventKind::PipesStats { outbound, inbound };
                }
                MonitorEventKind::Unknown { event, values: values.to_vec() }
            }

            /// The event's number, one of libzmq's `ZMQ_EVENT_*`.
            pub fn to_raw(&self) -> u64 {
                match self {
                    $(MonitorEventKind::$kind { .. } => u64::from(zmq_sys::$constant),)*
                    #[cfg(feature = "draft")]
                    MonitorEventKind::PipesStats { .. } => PIPES_STATS,
                    MonitorEventKind::Unknown { event, .. } => *event,
                }
            }
        }
    };
}

events! {
    /// A connection was made.
    CONNECTED ZMQ_EVENT_CONNECTED: Connected {
        /// The connection's descriptor.
        fd: RawFd
    };
    /// A connection is being made, which takes its time.
    CONNECT_DELAYED ZMQ_EVENT_CONNECT_DELAYED: ConnectDelayed;
    /// A connection could not be made, and will be tried again.
    CONNECT_RETRIED ZMQ_EVENT_CONNECT_RETRIED: ConnectRetried {
        /// How long that will take, in whole milliseconds.
        interval: Duration
    };
    /// An endpoint was bound.
    LISTENING ZMQ_EVENT_LISTENING: Listening {
        /// The listener's descriptor.
        fd: RawFd
    };
    /// An endpoint could not be bound. Of tcp, it comes without its `tcp://`.
    BIND_FAILED ZMQ_EVENT_BIND_FAILED: BindFailed {
        /// Why.
        error: Error
    };
    /// A peer's connection was accepted.
    ACCEPTED ZMQ_EVENT_ACCEPTED: Accepted {
        /// The connection's descriptor.
        fd: RawFd
    };
    /// A peer's connection could not be accepted.
    ACCEPT_FAILED ZMQ_EVENT_ACCEPT_FAILED: AcceptFailed {
        /// Why.
        error: Error
    };
    /// A listener, or an attempt to connect, was closed.
    CLOSED ZMQ_EVENT_CLOSED: Closed {
        /// The descriptor it had.
        fd: RawFd
    };
    /// An ipc listener was closed but its file is still there.
    CLOSE_FAILED ZMQ_EVENT_CLOSE_FAILED: CloseFailed {
        /// Why.
        error: Error
    };
    /// A connection broke, or its handshake failed.
    DISCONNECTED ZMQ_EVENT_DISCONNECTED: Disconnected {
        /// The descriptor it had.
        fd: RawFd
    };
    /// The monitor ended; this is its last event.
    MONITOR_STOPPED ZMQ_EVENT_MONITOR_STOPPED: MonitorStopped;
    /// A handshake failed, and neither side said why: the connection broke, or
    /// took too long.
    HANDSHAKE_FAILED_NO_DETAIL ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: HandshakeFailedNoDetail {
        /// What the operating system says, which need not be the reason.
        error: Error
    };
    /// A handshake succeeded: the connection is ready for messages.
    HANDSHAKE_SUCCEEDED ZMQ_EVENT_HANDSHAKE_SUCCEEDED: HandshakeSucceeded;
    /// A handshake failed because a peer, or the ZAP handler, broke the protocol
    /// or expects another one.
    HANDSHAKE_FAILED_PROTOCOL ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: HandshakeFailedProtocol {
        /// How.
        error: ProtocolError
    };
    /// A handshake failed because the server's ZAP handler did not let the client
    /// in. Both sides see it.
    HANDSHAKE_FAILED_AUTH ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: HandshakeFailedAuth {
        /// What the handler said.
        status: ZapStatus
    };
}

impl SocketEvent {
    /// The event's number, one of libzmq's `ZMQ_EVENT_*`.
    pub fn to_raw(self) -> u16 {
        self as u16
    }

    /// The event with the number `raw`, and [`ALL`](SocketEvent::ALL) for a
    /// number that is no event. `SocketEvent::try_from` tells the two apart.
    ///
    /// ```
    /// use zmq::SocketEvent;
    ///
    /// assert_eq!(SocketEvent::from_raw(1), SocketEvent::CONNECTED);
    /// assert_eq!(SocketEvent::from_raw(0x8000), SocketEvent::ALL);
    /// assert_eq!(SocketEvent::try_from(0x8000), Err(zmq::Error::EINVAL));
    /// ```
    pub fn from_raw(raw: u16) -> SocketEvent {
        SocketEvent::try_from(raw).unwrap_or(SocketEvent::ALL)
    }
}

#[cfg(feature = "draft")]
const PIPES_STATS: u64 = zmq_sys::ZMQ_EVENT_PIPES_STATS as u64;

/// Declares an enum of numbers that libzmq reports. A row is: name, number, what
/// it means.
macro_rules! numbers {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $number:expr, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!($text, ".")]
                $variant,
            )*
            /// A number that has no variant of its own.
            Other(u32),
        }

        impl $name {
            /// The variant for libzmq's number `raw`.
            pub fn from_raw(raw: u32) -> $name {
                $(if raw == $number {
                    return $name::$variant;
                })*
                $name::Other(raw)
            }

            /// Libzmq's number for it.
            pub fn to_raw(self) -> u32 {
                match self {
                    $($name::$variant => $number,)*
                    $name::Other(raw) => raw,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($name::$variant => f.write_str($text),)*
                    $name::Other(raw) => write!(f, "Unnamed number {raw:#x}"),
                }
            }
        }

        impl std::error::Error for $name {}

        impl Value for $name {
            fn of(value: u64) -> $name {
                $name::from_raw(value as u32)
            }
        }
    };
}

numbers! {
    /// How a handshake broke the protocol: between the peers (ZMTP), between the
    /// server and its ZAP handler, or in a WebSocket's own handshake.
    ProtocolError {
        ZmtpUnspecified zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED,
            "Unspecified error of the ZMTP handshake";
        ZmtpUnexpectedCommand zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND,
            "The peer sent another command than the mechanism expects";
        ZmtpInvalidSequence zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE,
            "The peer used a nonce twice or out of order";
        ZmtpKeyExchange zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE,
            "The peer sent another key than it did before";
        ZmtpMalformedCommand zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED,
            "The peer sent a malformed command";
        ZmtpMalformedMessage zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE,
            "The peer sent a malformed MESSAGE command";
        ZmtpMalformedHello zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO,
            "The peer sent a malformed HELLO command";
        ZmtpMalformedInitiate zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE,
            "The peer sent a malformed INITIATE command";
        ZmtpMalformedError zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR,
            "The peer sent a malformed ERROR command";
        ZmtpMalformedReady zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY,
            "The peer sent a malformed READY command";
        ZmtpMalformedWelcome zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME,
            "The peer sent a malformed WELCOME command";
        ZmtpInvalidMetadata zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA,
            "The peer sent invalid metadata, or a socket type that does not go with this one";
        ZmtpCryptographic zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC,
            "The peer's command could not be decrypted: it has another key";
        ZmtpMechanismMismatch zmq_sys::ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH,
            "The peer uses another security mechanism";
        ZapUnspecified zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED,
            "Unspecified error between the server and its ZAP handler";
        ZapMalformedReply zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY,
            "The ZAP handler sent a malformed reply";
        ZapBadRequestId zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID,
            "The ZAP handler replied to another request";
        ZapBadVersion zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION,
            "The ZAP handler replied in another version than 1.0";
        ZapInvalidStatusCode zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE,
            "The ZAP handler replied with a status that does not exist";
        ZapInvalidMetadata zmq_sys::ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA,
            "The ZAP handler replied with malformed metadata";
        WsUnspecified zmq_sys::ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED,
            "Unspecified error of the WebSocket handshake";
    }
}

numbers! {
    /// Why a ZAP handler did not let a client in, as
    /// [ZAP](https://rfc.zeromq.org/spec/27/) numbers it.
    ZapStatus {
        TemporaryError 300, "Temporary error, the client may try again (300)";
        AuthenticationFailure 400, "Authentication failure (400)";
        InternalError 500, "Internal error of the handler (500)";
    }
}

/// How an event's value reads in Rust.
trait Value {
    fn of(value: u64) -> Self;
}

impl Value for RawFd {
    fn of(value: u64) -> RawFd {
        value as RawFd
    }
}

impl Value for Error {
    fn of(value: u64) -> Error {
        Error::from_raw(value as i32)
    }
}

impl Value for Duration {
    fn of(value: u64) -> Duration {
        Duration::from_millis(value)
    }
}

/// An event of a [`MonitorSocket`]: what happened, and to which endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct MonitorEvent {
    /// What happened.
    pub kind: MonitorEventKind,
    endpoint: Endpoint,
}

/// What an event says about where it happened.
#[derive(Clone, PartialEq, Eq)]
enum Endpoint {
    One(Vec<u8>),
    Both { local: Vec<u8>, remote: Vec<u8> },
}

impl MonitorEvent {
    /// The two formats are told apart by the length of the first frame.
    fn parse(frames: &[Vec<u8>]) -> Option<MonitorEvent> {
        let number = |frame: &Vec<u8>| Some(u64::from_ne_bytes(frame[..].try_into().ok()?));
        let (event, values, endpoint) = match frames {
            [head, endpoint] if head.len() == 6 => {
                let (event, value) = head.split_at(2);
                (
                    u16::from_ne_bytes(event.try_into().ok()?).into(),
                    vec![u32::from_ne_bytes(value.try_into().ok()?).into()],
                    Endpoint::One(endpoint.clone()),
                )
            }
            [event, count, values @ .., local, remote] => {
                let values: Vec<u64> = values.iter().map(number).collect::<Option<_>>()?;
                if number(count)? != values.len() as u64 {
                    return None;
                }
                let (local, remote) = (local.clone(), remote.clone());
                (number(event)?, values, Endpoint::Both { local, remote })
            }
            _ => return None,
        };
        Some(MonitorEvent {
            kind: MonitorEventKind::new(event, &values),
            endpoint,
        })
    }

    /// The endpoint that was bound or connected to; empty if the event has none.
    /// Bytes that are not UTF-8, which an ipc path may have, are replaced;
    /// [`endpoint_bytes`](MonitorEvent::endpoint_bytes) has them.
    ///
    /// In an event of version 2, which names both ends, this is the remote one, or
    /// the local one if there is no other.
    pub fn endpoint(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.endpoint_bytes())
    }

    /// [`endpoint`](MonitorEvent::endpoint) as libzmq's own bytes.
    pub fn endpoint_bytes(&self) -> &[u8] {
        match &self.endpoint {
            Endpoint::One(endpoint) => endpoint,
            Endpoint::Both { local, remote } if remote.is_empty() => local,
            Endpoint::Both { remote, .. } => remote,
        }
    }

    /// Both ends of the connection, the local one first, as bytes; either may be
    /// empty. Only events of version 2 tell them.
    pub fn ends(&self) -> Option<(&[u8], &[u8])> {
        match &self.endpoint {
            Endpoint::One(_) => None,
            Endpoint::Both { local, remote } => Some((local, remote)),
        }
    }
}

impl fmt::Debug for MonitorEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("MonitorEvent");
        f.field("kind", &self.kind);
        match self.ends() {
            None => f.field("endpoint", &self.endpoint()),
            Some((local, remote)) => f
                .field("local", &String::from_utf8_lossy(local))
                .field("remote", &String::from_utf8_lossy(remote)),
        };
        f.finish()
    }
}

/// What reads the events of a socket's monitor.
///
/// [`Socket::monitor_socket`] makes one; it may be used in another thread than
/// the socket it watches. Events queue up without limit until they are read,
/// because libzmq would wait for a slow reader, and all of the context's
/// connections with it.
///
/// Monitoring ends when either of them is dropped; how a dropped socket's
/// connections end is not told. (With a libzmq before 4.3, call
/// [`stop_monitor`](Socket::stop_monitor) before this is dropped.)
///
/// ```
/// use zmq::{MonitorEventKind::*, SocketEvent};
///
/// let context = zmq::Context::new();
/// let server = context.socket(zmq::Rep)?;
/// let monitor = server.monitor_socket(SocketEvent::ALL as i32)?;
/// let watching = std::thread::spawn(move || {
///     for event in &monitor {
///         let event = event?;
///         match event.kind {
///             Listening { .. } => println!("listening at {}", event.endpoint()),
///             Accepted { fd } => println!("connection {fd} came"),
///             HandshakeFailedAuth { status } => println!("not let in: {status}"),
///             Disconnected { fd } => println!("connection {fd} went"),
///             _ => {}
///         }
///     }
///     zmq::Result::Ok(())
/// });
/// server.bind("tcp://127.0.0.1:*")?;
/// drop(server);
/// watching.join().unwrap()?;
/// # Ok::<(), zmq::Error>(())
/// ```
pub struct MonitorSocket {
    /// What ends the monitor; none if somebody else started it.
    watch: Option<Arc<Watch>>,
    socket: Socket,
}

impl MonitorSocket {
    /// Reads the events of a monitor that [`Socket::monitor`] started at
    /// `endpoint`.
    ///
    /// Dropping this does not end monitoring, which makes libzmq wait for the
    /// next reader; call [`stop_monitor`](Socket::stop_monitor) before.
    ///
    /// ```
    /// use zmq::{MonitorEventKind, MonitorSocket, SocketEvent};
    ///
    /// let context = zmq::Context::new();
    /// let server = context.socket(zmq::Rep)?;
    /// server.monitor("inproc://events", SocketEvent::ALL as i32)?;
    /// let monitor = MonitorSocket::connect(&context, "inproc://events")?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// assert!(matches!(monitor.recv(0)?.kind, MonitorEventKind::Listening { .. }));
    /// server.stop_monitor()?;
    /// assert_eq!(monitor.recv(0)?.kind, MonitorEventKind::MonitorStopped);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Context::socket`] and [`Socket::connect`].
    pub fn connect(context: &Context, endpoint: &str) -> Result<MonitorSocket> {
        let socket = context.socket(Pair)?;
        socket.set_rcvhwm(0)?;
        socket.connect(endpoint)?;
        Ok(MonitorSocket::from_socket(socket))
    }

    /// Reads events by a socket that is connected to a monitor's endpoint.
    ///
    /// Like [`connect`](MonitorSocket::connect), it does not end monitoring.
    pub fn from_socket<K: CanRecv>(socket: Socket<K>) -> MonitorSocket {
        MonitorSocket {
            watch: None,
            socket: socket.into_dyn(),
        }
    }

    /// Opens the reader, then lets `start` start the monitor at its endpoint.
    fn start(
        monitored: &RawSocket,
        start: impl FnOnce(&CStr) -> Result<()>,
    ) -> Result<MonitorSocket> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let endpoint = format!("inproc://zmq-monitor-socket-{count}");
        let socket: Socket = Socket::new(monitored.sibling(SocketType::PAIR.to_raw())?);
        socket.set_rcvhwm(0)?;
        // Before there is a monitor, so that it is there for the first event.
        socket.connect(&endpoint)?;
        start(&nul_terminated(&endpoint)?)?;
        Ok(MonitorSocket {
            watch: Some(monitored.watch()),
            socket,
        })
    }

    /// Receives the next event. It waits for one, unless `flags` is
    /// [`DONTWAIT`](crate::DONTWAIT).
    ///
    /// None comes after [`MonitorStopped`](MonitorEventKind::MonitorStopped), so
    /// who does not look out for it waits for ever.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if there is none and it may not wait; `EPROTO` if the message is
    /// not an event. As ever, `ETERM` and `EINTR`.
    pub fn recv(&self, flags: i32) -> Result<MonitorEvent> {
        let frames = self.socket.recv_multipart(flags)?;
        MonitorEvent::parse(&frames).ok_or(Error::EPROTO)
    }

    /// Receives the next event, waiting at most `timeout`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let socket = zmq::Context::new().socket(zmq::Req)?;
    /// let monitor = socket.monitor_socket(zmq::SocketEvent::ALL as i32)?;
    /// let event = monitor.recv_timeout(Duration::from_millis(10));
    /// assert_eq!(event, Err(zmq::Error::EAGAIN));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EAGAIN` if there is none in time, else as for
    /// [`recv`](MonitorSocket::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<MonitorEvent> {
        // None for a time that is beyond what the clock can count.
        let end = Instant::now().checked_add(timeout);
        loop {
            match self.recv(crate::DONTWAIT) {
                Err(Error::EAGAIN) => {}
                received => return received,
            }
            let left = end.map_or(Duration::MAX, |end| {
                end.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return Err(Error::EAGAIN);
            }
            // Rounded up, so that the last millisecond is not spent asking.
            let left = i64::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX);
            self.socket.poll(crate::POLLIN, left)?;
        }
    }

    /// The events as they come; see [`MonitorEvents`].
    pub fn iter(&self) -> MonitorEvents<'_> {
        MonitorEvents {
            monitor: self,
            ended: false,
        }
    }

    /// The monitor and what to wait for, for [`zmq::poll`](crate::poll).
    ///
    /// ```
    /// let socket = zmq::Context::new().socket(zmq::Rep)?;
    /// let monitor = socket.monitor_socket(zmq::SocketEvent::LISTENING as i32)?;
    /// let mut items = [monitor.as_poll_item(zmq::POLLIN), socket.as_poll_item(zmq::POLLIN)];
    /// socket.bind("tcp://127.0.0.1:*")?;
    /// assert_eq!(zmq::poll(&mut items, 1000)?, 1);
    /// assert!(items[0].is_readable());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn as_poll_item(&self, events: PollEvents) -> PollItem<'_> {
        self.socket.as_poll_item(events)
    }

    /// The socket that the events come by, for its options and its descriptor.
    /// Lowering its high water mark (`set_rcvhwm`), which is unlimited, makes
    /// libzmq wait for a slow reader.
    pub fn as_socket(&self) -> &Socket {
        &self.socket
    }
}

impl Drop for MonitorSocket {
    fn drop(&mut self) {
        // While `socket` is still open, else there is nobody to report the end to.
        if let Some(watch) = self.watch.take() {
            if !self.socket.raw().is_forked() {
                watch.end_afar();
            }
        }
    }
}

impl fmt::Debug for MonitorSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MonitorSocket").field(&self.socket).finish()
    }
}

/// The events of a [`MonitorSocket`], as they come.
///
/// The last one is [`MonitorStopped`](MonitorEventKind::MonitorStopped), or the
/// last before the context was shut down. An error of
/// [`recv`](MonitorSocket::recv) is passed on and does not end it.
#[derive(Debug)]
pub struct MonitorEvents<'a> {
    monitor: &'a MonitorSocket,
    ended: bool,
}

impl Iterator for MonitorEvents<'_> {
    type Item = Result<MonitorEvent>;

    fn next(&mut self) -> Option<Result<MonitorEvent>> {
        if self.ended {
            return None;
        }
        let event = self.monitor.recv(0);
        match &event {
            Err(Error::ETERM) => {
                self.ended = true;
                return None;
            }
            Ok(event) => self.ended = event.kind == MonitorEventKind::MonitorStopped,
            Err(_) => {}
        }
        Some(event)
    }
}

impl std::iter::FusedIterator for MonitorEvents<'_> {}

impl<'a> IntoIterator for &'a MonitorSocket {
    type Item = Result<MonitorEvent>;
    type IntoIter = MonitorEvents<'a>;

    fn into_iter(self) -> MonitorEvents<'a> {
        self.iter()
    }
}

impl<K: Kind> Socket<K> {
    /// Starts to report what happens to the socket's connections, as typed
    /// events; nothing that happens from now on is missed. `events` is the sum of
    /// those wanted, of [`SocketEvent`];
    /// [`MONITOR_STOPPED`](SocketEvent::MONITOR_STOPPED) always comes.
    ///
    /// Monitoring ends when the monitor or the socket is dropped, with
    /// [`stop_monitor`](Socket::stop_monitor), and when another monitor is
    /// started, even if that fails: a socket has one at a time. Connections over
    /// inproc have no events. While there is a monitor, a `bind` that fails may
    /// return `EAGAIN` in the place of its reason, which
    /// [`BindFailed`](MonitorEventKind::BindFailed) has.
    ///
    /// ```
    /// use zmq::{MonitorEventKind, SocketEvent};
    ///
    /// let server = zmq::Context::new().socket(zmq::Rep)?;
    /// let monitor = server.monitor_socket(SocketEvent::ALL as i32)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let event = monitor.recv(0)?;
    /// assert!(matches!(event.kind, MonitorEventKind::Listening { .. }));
    /// assert_eq!(event.endpoint(), server.get_last_endpoint()?.unwrap());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` if `events` has more than 16 bits, `EMFILE` (it takes two
    /// sockets); `EFAULT` if the socket came from outside, by
    /// [`from_raw`](Socket::from_raw), and its context is not known.
    ///
    /// See [zmq_socket_monitor](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
    pub fn monitor_socket(&self, events: i32) -> Result<MonitorSocket> {
        let events = events | SocketEvent::MONITOR_STOPPED as i32;
        MonitorSocket::start(self.raw(), |endpoint| {
            self.raw().monitor(Some(endpoint), events)
        })
    }

    /// Ends what [`monitor_socket`](Socket::monitor_socket) or
    /// [`monitor`](Socket::monitor) started; its reader gets
    /// [`MONITOR_STOPPED`](SocketEvent::MONITOR_STOPPED), if it was among the
    /// events. Does nothing if there is no monitor. The monitor's endpoint is free
    /// for another one a moment later.
    ///
    /// # Errors
    ///
    /// `ETERM`.
    ///
    /// See [zmq_socket_monitor](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
    pub fn stop_monitor(&self) -> Result<()> {
        self.raw().monitor(None, 0)
    }
}

/// Draft API of libzmq.
#[cfg(feature = "draft")]
impl<K: Kind> Socket<K> {
    /// Like [`monitor_socket`](Socket::monitor_socket), with events that name
    /// [both ends](MonitorEvent::ends) of a connection (version 2).
    /// `events` may have bits over the 16 of [`SocketEvent`], of which there is
    /// `ZMQ_EVENT_PIPES_STATS`.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (server, client) = (context.socket(zmq::Rep)?, context.socket(zmq::Req)?);
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let endpoint = server.get_last_endpoint()?.unwrap();
    /// let monitor = client.monitor_socket_v2(zmq::SocketEvent::CONNECTED as u64)?;
    /// client.connect(&endpoint)?;
    /// let event = monitor.recv(0)?;
    /// let (local, remote) = event.ends().unwrap();
    /// assert!(local.starts_with(b"tcp://127.0.0.1:"));
    /// assert_eq!(remote, endpoint.as_bytes());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`monitor_socket`](Socket::monitor_socket), without a limit to the
    /// bits.
    ///
    /// See [zmq_socket_monitor_versioned](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor_versioned.html).
    pub fn monitor_socket_v2(&self, events: u64) -> Result<MonitorSocket> {
        let events = events | SocketEvent::MONITOR_STOPPED as u64;
        let version = zmq_sys::ZMQ_CURRENT_EVENT_VERSION_DRAFT as i32;
        MonitorSocket::start(self.raw(), |endpoint| {
            let pair = SocketType::PAIR.to_raw();
            self.raw()
                .monitor_versioned(endpoint, events, version, pair)
        })
    }

    /// Like [`monitor`](Socket::monitor), with the `version` of the events (1 or
    /// 2) and the type of the socket that sends them: PAIR, PUSH, or PUB, which
    /// drops events instead of waiting for a reader.
    /// [`MonitorSocket::from_socket`] reads both versions.
    ///
    /// ```
    /// use zmq::{MonitorEventKind, MonitorSocket, SocketEvent};
    ///
    /// let context = zmq::Context::new();
    /// let (server, events) = (context.socket(zmq::Rep)?, context.socket(zmq::Sub)?);
    /// // Before the monitor, as a publisher drops what nobody subscribed to.
    /// events.set_subscribe(b"")?;
    /// events.connect("inproc://published events")?;
    /// server.monitor_versioned("inproc://published events", 0xffff, 2, zmq::PUB)?;
    /// let monitor = MonitorSocket::from_socket(events);
    /// server.bind("tcp://127.0.0.1:*")?;
    /// assert!(matches!(monitor.recv(0)?.kind, MonitorEventKind::Listening { .. }));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`monitor`](Socket::monitor); `EINVAL` also for other versions and
    /// types.
    ///
    /// See [zmq_socket_monitor_versioned](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor_versioned.html).
    pub fn monitor_versioned(
        &self,
        monitor_endpoint: &str,
        events: u64,
        version: i32,
        kind: SocketType,
    ) -> Result<()> {
        // libzmq takes any version, and reports nothing in those it does not have.
        if !matches!(version, 1 | 2) {
            return Err(Error::EINVAL);
        }
        let endpoint = nul_terminated(monitor_endpoint)?;
        self.raw()
            .monitor_versioned(&endpoint, events, version, kind.to_raw())
    }

    /// Asks a monitor of version 2 for one event
    /// ([`PipesStats`](MonitorEventKind::PipesStats)) for each connection, with
    /// the lengths of its queues. It comes when the socket is next used.
    ///
    /// The lengths are estimates: each side tells the other what it has taken
    /// only each time that this is half the high water mark, and never if there
    /// is none, so that they are too large by up to as much.
    ///
    /// # Safety
    ///
    /// No connection of the socket may be ending, by either side, or have ended
    /// since the socket was last used: libzmq sends the question to the other end
    /// of each connection's queue, even where that has been freed and the socket
    /// has not yet worked off the news. No other thread uses the socket.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the socket has no monitor, or not one for
    /// `ZMQ_EVENT_PIPES_STATS`; `EAGAIN` if it has no connections.
    ///
    /// See [zmq_socket_monitor_versioned](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor_versioned.html).
    pub unsafe fn monitor_pipes_stats(&self) -> Result<()> {
        // SAFETY: the caller answers for it.
        unsafe { self.raw().monitor_pipes_stats() }
    }
}
