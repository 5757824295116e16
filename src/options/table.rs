//! The table of socket options.
//!
//! A row is: what the option means, its constant, how its value travels
//! (`codec.rs`), and its getter, its setter or both. `for` says which kinds of
//! socket have it. An option is added by adding its row, and its test.

use std::ffi::c_int;
use std::result;

use zmq_sys::RawFd;

use super::codec::{self, Mechanism};
use crate::error::Result;
use crate::kind::*;
use crate::poll::PollEvents;
use crate::socket::Socket;

macro_rules! options {
    ($(for $kinds:ident {$(
        $(#[$doc:meta])*
        $option:ident as $codec:ident {
            $(get $getter:ident -> $got:ty,)? $(set $setter:ident($value:ty))?
        }
    )*})*) => {
        $(impl<K: $kinds> Socket<K> {
            $(row! {
                [$(#[$doc])*] $option $codec ($($getter $got)?) ($($setter $value)?)
            })*
        })*
    };
}

/// One row; both methods carry the row's documentation.
macro_rules! row {
    ($docs:tt $option:ident $codec:ident ($($getter:ident $got:ty)?) ($($setter:ident $value:ty)?)) => {
        $(method! {
            $docs concat!("Reads `", stringify!($option), "`.\n"),
            pub fn $getter(&self) -> Result<$got> {
                codec::$codec::get(self.raw(), zmq_sys::$option as c_int)
            }
        })?
        $(method! {
            $docs concat!("Sets `", stringify!($option), "`.\n"),
            pub fn $setter(&self, value: $value) -> Result<()> {
                codec::$codec::set(self.raw(), zmq_sys::$option as c_int, value)
            }
        })?
    };
}

macro_rules! method {
    ([$(#[$doc:meta])*] $summary:expr, $($method:tt)*) => {
        #[doc = $summary]
        $(#[$doc])*
        $($method)*
    };
}

// Meaning, units and defaults follow
// https://libzmq.readthedocs.io/en/latest/zmq_setsockopt.html. Most take effect
// for connections made, or endpoints bound, afterwards.
options! {
    for Kind {
        // ---- what the socket is ----

        /// The type that the socket was opened with.
        ZMQ_TYPE as Type { get get_socket_type -> SocketType, }
        /// The endpoint last bound or connected to, wildcards replaced by what
        /// they stood for; empty before the first. A wildcard address (`*`)
        /// becomes the any-address (`0.0.0.0`), which is none to connect to.
        ZMQ_LAST_ENDPOINT as Text { get get_last_endpoint -> result::Result<String, Vec<u8>>, }
        /// What the socket is ready for. Reading it also lets the socket work off
        /// what its I/O thread reported, as sending and receiving do.
        ZMQ_EVENTS as Events { get get_events -> PollEvents, }
        /// The descriptor that becomes readable when something *may* have changed
        /// for the socket. It is edge-triggered: after it fires, look at
        /// [`get_events`](Socket::get_events) until nothing is left to do.
        ZMQ_FD as Fd { get get_fd -> RawFd, }

        // ---- connections ----

        /// Milliseconds that unsent messages are kept for delivery after the
        /// socket was dropped; -1, the default, for ever, 0 not at all.
        ZMQ_LINGER as Int { get get_linger -> i32, set set_linger(i32) }
        /// Bit mask of the I/O threads that serve the socket's connections;
        /// default 0, all.
        ZMQ_AFFINITY as UInt64 { get get_affinity -> u64, set set_affinity(u64) }
        /// Largest message accepted, in bytes; a peer that sends more is
        /// disconnected. Default -1, no limit.
        ZMQ_MAXMSGSIZE as Int64 { get get_maxmsgsize -> i64, set set_maxmsgsize(i64) }
        /// Whether messages are queued for connected peers only, not also for
        /// those that are still being connected to; default no.
        ZMQ_IMMEDIATE as Bool { get is_immediate -> bool, set set_immediate(bool) }
        /// Whether IPv6 is used as well as IPv4; default no.
        ZMQ_IPV6 as Bool { get is_ipv6 -> bool, set set_ipv6(bool) }
        /// Milliseconds between attempts to connect again; default 100, -1 never.
        ZMQ_RECONNECT_IVL as Int { get get_reconnect_ivl -> i32, set set_reconnect_ivl(i32) }
        /// Milliseconds up to which the time between attempts doubles each time;
        /// default 0, it stays as it is.
        ZMQ_RECONNECT_IVL_MAX as Int { get get_reconnect_ivl_max -> i32, set set_reconnect_ivl_max(i32) }
        /// Milliseconds until an attempt to connect is given up; default 0, the
        /// system's.
        ZMQ_CONNECT_TIMEOUT as Int { get get_connect_timeout -> i32, set set_connect_timeout(i32) }
        /// Milliseconds within which a new connection must have done its ZMTP
        /// handshake; default 30000, 0 no limit.
        ZMQ_HANDSHAKE_IVL as Int { get get_handshake_ivl -> i32, set set_handshake_ivl(i32) }
        /// Milliseconds between pings to the peers; default 0, none.
        ZMQ_HEARTBEAT_IVL as Int { get get_heartbeat_ivl -> i32, set set_heartbeat_ivl(i32) }
        /// Milliseconds after which a peer is to give up the connection if it
        /// hears nothing, at most 6553599, counted in tenths of a second; default
        /// 0, never.
        ZMQ_HEARTBEAT_TTL as Int { get get_heartbeat_ttl -> i32, set set_heartbeat_ttl(i32) }
        /// Milliseconds to wait for an answer to a ping; default -1, as long as
        /// the time between pings.
        ZMQ_HEARTBEAT_TIMEOUT as Int { get get_heartbeat_timeout -> i32, set set_heartbeat_timeout(i32) }
        /// Connections that may wait to be accepted; default 100.
        ZMQ_BACKLOG as Int { get get_backlog -> i32, set set_backlog(i32) }

        // ---- tcp ----

        /// Kernel's buffer for sending, in bytes; default -1, the system's.
        ZMQ_SNDBUF as Int { get get_sndbuf -> i32, set set_sndbuf(i32) }
        /// Kernel's buffer for receiving, in bytes; default -1, the system's.
        ZMQ_RCVBUF as Int { get get_rcvbuf -> i32, set set_rcvbuf(i32) }
        /// Type-of-service byte of IP; default 0.
        ZMQ_TOS as Int { get get_tos -> i32, set set_tos(i32) }
        /// `SO_KEEPALIVE`: 1 on, 0 off; default -1, the system's.
        ZMQ_TCP_KEEPALIVE as Int { get get_tcp_keepalive -> i32, set set_tcp_keepalive(i32) }
        /// `TCP_KEEPCNT`: probes until the peer counts as dead; default -1, the
        /// system's.
        ZMQ_TCP_KEEPALIVE_CNT as Int { get get_tcp_keepalive_cnt -> i32, set set_tcp_keepalive_cnt(i32) }
        /// `TCP_KEEPIDLE`: seconds until the first probe; default -1, the
        /// system's.
        ZMQ_TCP_KEEPALIVE_IDLE as Int { get get_tcp_keepalive_idle -> i32, set set_tcp_keepalive_idle(i32) }
        /// `TCP_KEEPINTVL`: seconds between probes; default -1, the system's.
        ZMQ_TCP_KEEPALIVE_INTVL as Int { get get_tcp_keepalive_intvl -> i32, set set_tcp_keepalive_intvl(i32) }
        /// `TCP_MAXRT`: milliseconds that data may stay unacknowledged before the
        /// connection is given up; default 0, the system's.
        ZMQ_TCP_MAXRT as Int { get get_tcp_maxrt -> i32, set set_tcp_maxrt(i32) }
        /// SOCKS5 proxy that tcp connections go through, as `host:port`; default
        /// none.
        ZMQ_SOCKS_PROXY as OptionalText {
            get get_socks_proxy -> result::Result<String, Vec<u8>>, set set_socks_proxy(Option<&str>)
        }

        // ---- multicast ----

        /// Kilobits per second that multicast may use; default 100.
        ZMQ_RATE as Int { get get_rate -> i32, set set_rate(i32) }
        /// Milliseconds for which lost multicast data can be had again; default
        /// 10000.
        ZMQ_RECOVERY_IVL as Int { get get_recovery_ivl -> i32, set set_recovery_ivl(i32) }
        /// Network hops that multicast packets travel; default 1, the local
        /// network.
        ZMQ_MULTICAST_HOPS as Int { get get_multicast_hops -> i32, set set_multicast_hops(i32) }

        // ---- security ----

        /// The security mechanism, which the options below choose.
        ZMQ_MECHANISM as Mechanism { get get_mechanism -> Mechanism, }
        /// The domain in which a ZAP handler is asked about peers, at most 255
        /// bytes; default empty.
        ZMQ_ZAP_DOMAIN as Text {
            get get_zap_domain -> result::Result<String, Vec<u8>>, set set_zap_domain(&str)
        }
        /// Whether the socket asks PLAIN peers for name and password; default no.
        ZMQ_PLAIN_SERVER as Bool { get is_plain_server -> bool, set set_plain_server(bool) }
        /// User name to show to PLAIN servers, 1 to 255 bytes; none ends the use
        /// of PLAIN.
        ZMQ_PLAIN_USERNAME as OptionalText {
            get get_plain_username -> result::Result<String, Vec<u8>>, set set_plain_username(Option<&str>)
        }
        /// Password to show to PLAIN servers, 1 to 255 bytes; none ends the use of
        /// PLAIN.
        ZMQ_PLAIN_PASSWORD as OptionalText {
            get get_plain_password -> result::Result<String, Vec<u8>>, set set_plain_password(Option<&str>)
        }
        /// Whether the socket is a CURVE server, which needs its secret key only;
        /// default no.
        ZMQ_CURVE_SERVER as Bool { get is_curve_server -> bool, set set_curve_server(bool) }
        /// A CURVE client's public key: read as 32 bytes, set as those or as their
        /// 40 characters of Z85.
        ZMQ_CURVE_PUBLICKEY as Key { get get_curve_publickey -> Vec<u8>, set set_curve_publickey(&[u8]) }
        /// The socket's own secret CURVE key: read as 32 bytes, set as those or as
        /// their 40 characters of Z85.
        ZMQ_CURVE_SECRETKEY as Key { get get_curve_secretkey -> Vec<u8>, set set_curve_secretkey(&[u8]) }
        /// The public key of the CURVE server that a client expects: read as 32
        /// bytes, set as those or as their 40 characters of Z85.
        ZMQ_CURVE_SERVERKEY as Key { get get_curve_serverkey -> Vec<u8>, set set_curve_serverkey(&[u8]) }
        /// Whether the socket is a GSSAPI server; default no. `EINVAL` unless
        /// libzmq has GSSAPI built in, like all of these.
        ZMQ_GSSAPI_SERVER as Bool { get is_gssapi_server -> bool, set set_gssapi_server(bool) }
        /// Whether GSSAPI only authenticates and does not encrypt; default no.
        ZMQ_GSSAPI_PLAINTEXT as Bool { get is_gssapi_plaintext -> bool, set set_gssapi_plaintext(bool) }
        /// The principal whose GSSAPI credentials the socket uses.
        ZMQ_GSSAPI_PRINCIPAL as Text {
            get get_gssapi_principal -> result::Result<String, Vec<u8>>, set set_gssapi_principal(&str)
        }
        /// The principal that a GSSAPI client expects of the server.
        ZMQ_GSSAPI_SERVICE_PRINCIPAL as Text {
            get get_gssapi_service_principal -> result::Result<String, Vec<u8>>,
            set set_gssapi_service_principal(&str)
        }
    }

    for CanSend {
        /// How many messages are queued per peer before sending waits, or drops
        /// them, as the socket's type does; default 1000, 0 no limit.
        ZMQ_SNDHWM as Int { get get_sndhwm -> i32, set set_sndhwm(i32) }
        /// Milliseconds that sending waits before it returns `EAGAIN`; default
        /// -1, for ever.
        ZMQ_SNDTIMEO as Int { get get_sndtimeo -> i32, set set_sndtimeo(i32) }
    }

    for CanRecv {
        /// How many messages are queued per peer before its sending waits, or it
        /// drops them, as its type does; default 1000, 0 no limit.
        ZMQ_RCVHWM as Int { get get_rcvhwm -> i32, set set_rcvhwm(i32) }
        /// Milliseconds that receiving waits before it returns `EAGAIN`; default
        /// -1, for ever.
        ZMQ_RCVTIMEO as Int { get get_rcvtimeo -> i32, set set_rcvtimeo(i32) }
        /// Whether more frames follow the one received last.
        ZMQ_RCVMORE as Bool { get get_rcvmore -> bool, }
    }

    for CanSubscribe {
        /// Subscribes to messages that begin with these bytes; empty: to all.
        /// Subscribing twice takes unsubscribing twice.
        ZMQ_SUBSCRIBE as Bytes { set set_subscribe(&[u8]) }
        /// Takes back one subscription.
        ZMQ_UNSUBSCRIBE as Bytes { set set_unsubscribe(&[u8]) }
    }

    for CanPublish {
        /// Whether every subscription is received, not only the first of its
        /// kind; default no.
        ZMQ_XPUB_VERBOSE as Bool { set set_xpub_verbose(bool) }
        /// A message that each new subscriber is sent, if it subscribed to it;
        /// default none.
        ZMQ_XPUB_WELCOME_MSG as OptionalMessage { set set_xpub_welcome_msg(Option<&str>) }
    }

    for CanRequest {
        /// Whether a request may be sent before the reply to the last was
        /// received, which is then dropped; default no. Goes with
        /// [`set_req_correlate`](Socket::set_req_correlate).
        ZMQ_REQ_RELAXED as Bool { set set_req_relaxed(bool) }
        /// Whether requests carry a number that their replies must have; default
        /// no.
        ZMQ_REQ_CORRELATE as Bool { set set_req_correlate(bool) }
    }

    for CanRoute {
        /// Whether sending to a peer that is not there returns `EHOSTUNREACH`
        /// instead of dropping the message; default no.
        ZMQ_ROUTER_MANDATORY as Bool { set set_router_mandatory(bool) }
        /// Whether a new peer takes over the routing id that another has; default
        /// no, it is refused.
        ZMQ_ROUTER_HANDOVER as Bool { set set_router_handover(bool) }
    }

    for CanIdentify {
        /// The socket's routing id, which ROUTER peers address it by: 1 to 255
        /// bytes, the first not zero; empty by default, and the ROUTER makes one
        /// up. (`ZMQ_IDENTITY` is its old name.)
        ZMQ_ROUTING_ID as Bytes { get get_identity -> Vec<u8>, set set_identity(&[u8]) }
    }

    for CanProbe {
        /// Whether an empty message is sent over each new connection, so that
        /// ROUTER peers learn of it; default no.
        ZMQ_PROBE_ROUTER as Bool { set set_probe_router(bool) }
    }

    for CanConflate {
        /// Whether only the last message is kept, for messages of one frame;
        /// default no. Set it before connecting or binding.
        ZMQ_CONFLATE as Bool { get is_conflate -> bool, set set_conflate(bool) }
    }
}

/// Options that libzmq can set but not read: `zmq` 0.10 has these getters.
macro_rules! unreadable {
    ($($option:ident $getter:ident;)*) => {
        impl Socket {
            $(
                #[doc = concat!("`", stringify!($option), "`, which libzmq cannot read back: always an error, `EINVAL`.")]
                pub fn $getter(&self) -> Result<bool> {
                    codec::Bool::get(self.raw(), zmq_sys::$option as c_int)
                }
            )*
        }
    };
}

unreadable! {
    ZMQ_PROBE_ROUTER is_probe_router;
    ZMQ_ROUTER_MANDATORY is_router_mandatory;
    ZMQ_ROUTER_HANDOVER is_router_handover;
}
