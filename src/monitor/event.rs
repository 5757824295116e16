//! The events of a monitor: their table, and how libzmq's messages read.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use zmq_sys::RawFd;

use crate::error::{Error, Result};
#[cfg(doc)]
use crate::socket::Socket;

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
    /// in. Both sides see it, but for a temporary error, which only the server
    /// does.
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

/// An event of a [`MonitorSocket`](crate::MonitorSocket): what happened, and to which endpoint.
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
    /// Reads a message of version 1 or 2, which differ in the number of frames.
    pub(crate) fn parse(frames: &[Vec<u8>]) -> Option<MonitorEvent> {
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
