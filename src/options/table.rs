//! The table of socket options.
//!
//! A row is: what the option means, its constant, how its value travels
//! (`codec.rs`), and its getter, its setter or both. `for` says which kinds of
//! socket have it. An option is added by adding its row, and its test.

use std::ffi::c_int;
use std::result;

use zmq_sys::RawFd;

use super::codec::{self, GssapiNameType, Mechanism};
#[cfg(feature = "draft")]
use super::codec::{NormMode, ReconnectStop, RouterNotify};
use super::{first, OptionInfo};
use crate::error::Result;
use crate::kind::*;
use crate::poll::PollEvents;
use crate::socket::Socket;
use crate::traps::Listener;

macro_rules! options {
    ($(for $kinds:ident $(if $feature:literal)? {$(
        $(#[$doc:meta])*
        $option:ident as $codec:ident {
            $(get $getter:ident -> $got:ty,)? $(set $setter:ident($value:ty))?
        }
    )*})*) => {
        $(
            $(#[cfg(feature = $feature)])?
            impl<K: $kinds> Socket<K> {
                $(row! {
                    [$(#[$doc])*] $option $codec ($($getter $got)?) ($($setter $value)?)
                })*
            }
        )*

        /// All options of sockets, those of the draft API with feature `draft`.
        /// Which kind of socket has which, the methods' bounds say.
        ///
        /// ```
        /// let linger = zmq::SOCKET_OPTIONS.iter().find(|option| option.name == "ZMQ_LINGER").unwrap();
        /// assert_eq!((linger.number, linger.value), (17, "i32"));
        /// assert_eq!(linger.getter, Some("get_linger"));
        /// assert_eq!(linger.setter, Some("set_linger"));
        /// ```
        pub const SOCKET_OPTIONS: &[OptionInfo] = {
            const GROUPS: &[&[OptionInfo]] = &[$(
                $(#[cfg(feature = $feature)])?
                &group(first(&[$($feature)?]).is_some(), [
                    $(metadata!($option ($($getter $got)?) ($($setter $value)?)),)*
                ]),
            )*];
            const ALL: [OptionInfo; count(GROUPS)] = concat(GROUPS);
            &ALL
        };
    };
}

/// What a row says of its option.
macro_rules! metadata {
    ($option:ident ($($getter:ident $got:ty)?) ($($setter:ident $value:ty)?)) => {
        OptionInfo {
            name: stringify!($option),
            number: zmq_sys::$option as i32,
            getter: first(&[$(stringify!($getter))?]),
            setter: first(&[$(stringify!($setter))?]),
            value: [$(stringify!($value),)? $(stringify!($got))?][0],
            draft: false,
        }
    };
}

/// The rows of one `for`.
const fn group<const N: usize>(draft: bool, mut rows: [OptionInfo; N]) -> [OptionInfo; N] {
    let mut i = 0;
    while i < N {
        rows[i].draft = draft;
        i += 1;
    }
    rows
}

const fn count(groups: &[&[OptionInfo]]) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < groups.len() {
        count += groups[i].len();
        i += 1;
    }
    count
}

const fn concat<const N: usize>(groups: &[&[OptionInfo]]) -> [OptionInfo; N] {
    let mut all = [groups[0][0]; N];
    let (mut count, mut i) = (0, 0);
    while i < groups.len() {
        let mut j = 0;
        while j < groups[i].len() {
            all[count] = groups[i][j];
            (count, j) = (count + 1, j + 1);
        }
        i += 1;
    }
    all
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
        /// Whether several threads may use the socket at the same time. Since
        /// libzmq 4.2.
        ZMQ_THREAD_SAFE as Bool { get is_thread_safe -> bool, }

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
        /// Whether IPv4 alone is used; default yes. The opposite of
        /// [`set_ipv6`](Socket::set_ipv6), which libzmq has since put in its place.
        ZMQ_IPV4ONLY as Bool { get is_ipv4only -> bool, set set_ipv4only(bool) }
        /// Milliseconds between attempts to connect again; default 100, -1 never.
        ZMQ_RECONNECT_IVL as Int { get get_reconnect_ivl -> i32, set set_reconnect_ivl(i32) }
        /// Milliseconds up to which the time between attempts doubles each time;
        /// default 0, it stays as it is.
        ZMQ_RECONNECT_IVL_MAX as Int { get get_reconnect_ivl_max -> i32, set set_reconnect_ivl_max(i32) }
        /// Milliseconds until an attempt to connect is given up; default 0, the
        /// system's. Since libzmq 4.2.
        ZMQ_CONNECT_TIMEOUT as Int { get get_connect_timeout -> i32, set set_connect_timeout(i32) }
        /// Milliseconds within which a new connection must have done its ZMTP
        /// handshake; default 30000, 0 no limit. Since libzmq 4.2.
        ZMQ_HANDSHAKE_IVL as Int { get get_handshake_ivl -> i32, set set_handshake_ivl(i32) }
        /// Milliseconds between pings to the peers; default 0, none. Since libzmq
        /// 4.2, like the two that follow. A ping waits behind what the kernel does not
        /// take: a peer that is dead while there is much to send is found out by
        /// [`tcp_maxrt`](Socket::set_tcp_maxrt).
        ZMQ_HEARTBEAT_IVL as Int { get get_heartbeat_ivl -> i32, set set_heartbeat_ivl(i32) }
        /// Milliseconds after which a peer is to give up the connection if it
        /// hears nothing, at most 6553599, counted in tenths of a second; default
        /// 0, never. The peer counts from a ping to whatever comes next: if that is
        /// a message, it expects nothing until the next ping has come.
        ZMQ_HEARTBEAT_TTL as Int { get get_heartbeat_ttl -> i32, set set_heartbeat_ttl(i32) }
        /// Milliseconds to wait for an answer to a ping; default -1, as long as
        /// the time between pings.
        ZMQ_HEARTBEAT_TIMEOUT as Int { get get_heartbeat_timeout -> i32, set set_heartbeat_timeout(i32) }
        /// Connections that may wait to be accepted; default 100.
        ZMQ_BACKLOG as Int { get get_backlog -> i32, set set_backlog(i32) }
        /// A listening socket that the next [`bind`](Socket::bind) to a tcp or ipc
        /// endpoint takes over, instead of opening one: of tcp or of ipc, as the
        /// endpoint, whose address does not count then. It is closed with the
        /// socket, or when another takes its place. `EINVAL` if it does not listen
        /// for a stream; `bind` returns that too if the endpoint is of the other
        /// kind. Not on Windows, where it is `ENOTSUP`. Since libzmq 4.2.
        ZMQ_USE_FD as Listener { set set_use_fd(Listener) }
        /// The network interface that tcp and udp go through, at most 15 bytes;
        /// default none. `ENODEV` if there is no such interface, `EPERM` if this
        /// process may not choose one, `ENOTSUP` where there is no
        /// `SO_BINDTODEVICE`: it is Linux's. Since libzmq 4.3.
        ZMQ_BINDTODEVICE as Device {
            get get_bindtodevice -> result::Result<String, Vec<u8>>, set set_bindtodevice(Option<&str>)
        }

        // ---- tcp ----

        /// Kernel's buffer for sending, in bytes; default -1, the system's.
        ZMQ_SNDBUF as Int { get get_sndbuf -> i32, set set_sndbuf(i32) }
        /// Kernel's buffer for receiving, in bytes; default -1, the system's.
        ZMQ_RCVBUF as Int { get get_rcvbuf -> i32, set set_rcvbuf(i32) }
        /// Type-of-service byte of IP, 0 to 255; default 0.
        ZMQ_TOS as Byte { get get_tos -> i32, set set_tos(i32) }
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
        /// connection is given up; default 0, the system's. Since libzmq 4.2.
        ZMQ_TCP_MAXRT as Int { get get_tcp_maxrt -> i32, set set_tcp_maxrt(i32) }
        /// SOCKS5 proxy that tcp connections go through, as `host:port`; default
        /// none.
        ZMQ_SOCKS_PROXY as OptionalText {
            get get_socks_proxy -> result::Result<String, Vec<u8>>, set set_socks_proxy(Option<&str>)
        }
        /// Adds a network whose peers may connect over tcp, as `192.0.2.0/24` or
        /// a single address; none forgets them all, and then, as by default,
        /// everybody may. IPv6 networks need [`set_ipv6`](Socket::set_ipv6), with
        /// which IPv4 ones match nobody. libzmq would have ZAP used instead.
        ZMQ_TCP_ACCEPT_FILTER as Network { set set_tcp_accept_filter(Option<&str>) }

        // ---- ipc ----

        /// Adds a process that may connect over ipc, by its id; none forgets them
        /// all. Once there is a process, user or group, who is none of them may not
        /// connect. `EINVAL` where libzmq cannot tell. It would have ZAP used
        /// instead of these three.
        ZMQ_IPC_FILTER_PID as OptionalId { set set_ipc_filter_pid(Option<u32>) }
        /// Adds a user that may connect over ipc, by its id; none forgets them
        /// all. See [`set_ipc_filter_pid`](Socket::set_ipc_filter_pid).
        ZMQ_IPC_FILTER_UID as OptionalId { set set_ipc_filter_uid(Option<u32>) }
        /// Adds a group that may connect over ipc, by its id; none forgets them
        /// all. See [`set_ipc_filter_pid`](Socket::set_ipc_filter_pid).
        ZMQ_IPC_FILTER_GID as OptionalId { set set_ipc_filter_gid(Option<u32>) }

        // ---- vmci, VMware's sockets: `EINVAL` unless libzmq has them built in ----

        /// Bytes of a VMCI connection's buffer; default 65546. Since libzmq 4.2,
        /// like all of these.
        ZMQ_VMCI_BUFFER_SIZE as UInt64 { get get_vmci_buffer_size -> u64, set set_vmci_buffer_size(u64) }
        /// Fewest bytes of a VMCI connection's buffer; default 128.
        ZMQ_VMCI_BUFFER_MIN_SIZE as UInt64 {
            get get_vmci_buffer_min_size -> u64, set set_vmci_buffer_min_size(u64)
        }
        /// Most bytes of a VMCI connection's buffer; default 262144.
        ZMQ_VMCI_BUFFER_MAX_SIZE as UInt64 {
            get get_vmci_buffer_max_size -> u64, set set_vmci_buffer_max_size(u64)
        }
        /// Milliseconds until an attempt to connect over VMCI is given up; default
        /// -1, the system's.
        ZMQ_VMCI_CONNECT_TIMEOUT as Int {
            get get_vmci_connect_timeout -> i32, set set_vmci_connect_timeout(i32)
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
        /// The domain in which a ZAP handler, like an
        /// [`Authenticator`](crate::auth::Authenticator), is asked about peers, at
        /// most 255 bytes; default empty, which cannot be set. With one, NULL peers
        /// are asked about, too.
        ZMQ_ZAP_DOMAIN as Text {
            get get_zap_domain -> result::Result<String, Vec<u8>>, set set_zap_domain(&str)
        }
        /// Whether the socket asks PLAIN peers for name and password; default no. An
        /// [`Authenticator`](crate::auth::Authenticator) checks them; without one, or
        /// another ZAP handler, nobody gets in.
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
        /// Whether the socket is a CURVE server, which needs its secret key only, and
        /// lets everybody in unless there is an
        /// [`Authenticator`](crate::auth::Authenticator) or another ZAP handler;
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
        /// libzmq has GSSAPI built in, like all of these: feature `gssapi`. With a
        /// libzmq that is not the vendored one GSSAPI is not safe, and this is
        /// `ENOTSUP`, like setting a principal.
        ZMQ_GSSAPI_SERVER as GssapiServer { get is_gssapi_server -> bool, set set_gssapi_server(bool) }
        /// Whether GSSAPI only authenticates and does not encrypt; default no.
        ZMQ_GSSAPI_PLAINTEXT as Bool { get is_gssapi_plaintext -> bool, set set_gssapi_plaintext(bool) }
        /// The principal whose GSSAPI credentials the socket uses.
        ZMQ_GSSAPI_PRINCIPAL as GssapiPrincipal {
            get get_gssapi_principal -> result::Result<String, Vec<u8>>, set set_gssapi_principal(&str)
        }
        /// The principal that a GSSAPI client expects of the server.
        ZMQ_GSSAPI_SERVICE_PRINCIPAL as GssapiPrincipal {
            get get_gssapi_service_principal -> result::Result<String, Vec<u8>>,
            set set_gssapi_service_principal(&str)
        }
        /// What the name of the socket's own GSSAPI principal is; default a
        /// service at a host. Since libzmq 4.3.
        ZMQ_GSSAPI_PRINCIPAL_NAMETYPE as GssapiNameType {
            get get_gssapi_principal_nametype -> GssapiNameType,
            set set_gssapi_principal_nametype(GssapiNameType)
        }
        /// What the name of the server's GSSAPI principal is; default a service at
        /// a host. Since libzmq 4.3.
        ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE as GssapiNameType {
            get get_gssapi_service_principal_nametype -> GssapiNameType,
            set set_gssapi_service_principal_nametype(GssapiNameType)
        }
    }

    for CanQueue {
        /// How many messages are queued per peer before sending waits, or drops
        /// them, as the socket's type does; default 1000, 0 no limit. A libzmq
        /// that is not the vendored one cannot change it safely once the socket
        /// was bound or connected: `EBUSY`.
        ///
        /// A thousand large messages are much memory: who can wait does not queue them as long
        /// as the connection is fast ([`set_pacing`](crate::Socket::set_pacing)). A PUB,
        /// which cannot, does.
        ///
        /// What a socket subscribes to or joins is queued too, and what is too much
        /// is dropped, without an error. So with more than 1000 subscriptions set it
        /// to 0 before the first endpoint.
        ZMQ_SNDHWM as Mark { get get_sndhwm -> i32, set set_sndhwm(i32) }
    }

    for CanSend {
        /// Milliseconds that sending waits before it returns `EAGAIN`; default
        /// -1, for ever.
        ZMQ_SNDTIMEO as Int { get get_sndtimeo -> i32, set set_sndtimeo(i32) }
    }

    for CanRecv {
        /// How many messages are queued per peer before its sending waits, or it
        /// drops them, as its type does; default 1000, 0 no limit. A libzmq that
        /// is not the vendored one cannot change it safely once the socket was
        /// bound or connected: `EBUSY`.
        ZMQ_RCVHWM as Mark { get get_rcvhwm -> i32, set set_rcvhwm(i32) }
        /// Milliseconds that receiving waits before it returns `EAGAIN`; default
        /// -1, for ever.
        ZMQ_RCVTIMEO as Int { get get_rcvtimeo -> i32, set set_rcvtimeo(i32) }
        /// Whether more frames follow the one received last.
        ZMQ_RCVMORE as Bool { get get_rcvmore -> bool, }
    }

    for CanSubscribe {
        /// Subscribes to messages that begin with these bytes; empty: to all.
        /// Subscribing twice takes unsubscribing twice. For an XPUB, see
        /// [`set_xpub_manual`](Socket::set_xpub_manual); otherwise it is `EINVAL`
        /// there.
        ZMQ_SUBSCRIBE as Bytes { set set_subscribe(&[u8]) }
        /// Takes back one subscription.
        ZMQ_UNSUBSCRIBE as Bytes { set set_unsubscribe(&[u8]) }
    }

    for CanPublish {
        /// Whether every subscription is received, not only the first of its
        /// kind; default no. Ends [`set_xpub_verboser`](Socket::set_xpub_verboser).
        ZMQ_XPUB_VERBOSE as Bool { set set_xpub_verbose(bool) }
        /// Whether every subscription and every one that is taken back is
        /// received, not only the first and the last of its kind; default no.
        /// Since libzmq 4.2.
        ZMQ_XPUB_VERBOSER as Bool { set set_xpub_verboser(bool) }
        /// Leaves subscriptions to the program: what a peer asked for is received,
        /// and only [`set_subscribe`](Socket::set_subscribe) and
        /// [`set_unsubscribe`](Socket::set_unsubscribe) do something about it, for
        /// the peer whose request was received last. Off by default; it cannot be
        /// turned off again, which is `EINVAL`. `ENOTSUP` with a libzmq that is not
        /// the vendored one: it may read what was freed.
        // libzmq would keep a pointer to the peer, and forget to forget it.
        ZMQ_XPUB_MANUAL as Manual { set set_xpub_manual(bool) }
        /// A message that each new subscriber is sent, if it subscribed to it;
        /// default none. Since libzmq 4.2.
        ZMQ_XPUB_WELCOME_MSG as OptionalMessage { set set_xpub_welcome_msg(Option<&str>) }
    }

    for CanDistribute {
        /// Whether sending waits, or returns `EAGAIN`, if a peer's queue is full,
        /// instead of dropping the message for this peer; default no. Since libzmq
        /// 4.2.
        ZMQ_XPUB_NODROP as Bool { set set_xpub_nodrop(bool) }
    }

    for CanInvert {
        /// Whether messages go to those that did *not* subscribe to them; default
        /// no. Publishers and subscribers must agree on it; over inproc it takes
        /// both, too. Since libzmq 4.2.
        ZMQ_INVERT_MATCHING as Bool { get is_invert_matching -> bool, set set_invert_matching(bool) }
    }

    for CanMulticast {
        /// Largest packet of a multicast transport, in bytes; default 1500. Since
        /// libzmq 4.2.
        ZMQ_MULTICAST_MAXTPDU as Int { get get_multicast_maxtpdu -> i32, set set_multicast_maxtpdu(i32) }
    }

    for CanStream {
        /// Whether an empty message tells that a peer has connected or
        /// disconnected; default yes. Since libzmq 4.2.
        ZMQ_STREAM_NOTIFY as Bool { set set_stream_notify(bool) }
    }

    for CanName {
        /// The routing id of the next connection that this socket makes, instead of
        /// one that the peer chooses or that is made up: 1 to 255 bytes, the first
        /// not zero. Each can be given once; it is `EADDRINUSE`, here or when
        /// connecting, to give it to another connection.
        ZMQ_CONNECT_ROUTING_ID as NextId { set set_connect_routing_id(&[u8]) }
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
        /// Talks raw TCP with peers that do not speak ZeroMQ, as
        /// [`Stream`](crate::Stream) does, which libzmq would have used instead.
        /// Off by default; it cannot be turned off again, which is `EINVAL`, nor go
        /// with [`set_probe_router`](Socket::set_probe_router). Set it before
        /// connecting or binding.
        ZMQ_ROUTER_RAW as Raw { set set_router_raw(bool) }
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
        ZMQ_PROBE_ROUTER as Probe { set set_probe_router(bool) }
    }

    for CanConflate {
        /// Whether only the last message is kept, for messages of one frame;
        /// default no. Set it before connecting or binding.
        ZMQ_CONFLATE as Bool { get is_conflate -> bool, set set_conflate(bool) }
    }

    // ---- the draft API ----

    for Kind if "draft" {
        /// Bytes read from a connection at a time, and a measure of its buffer: 64
        /// to 16777216; default 131072 (8192 in libzmq). More is faster, but a busy
        /// connection takes two or three times as many bytes, and a received message
        /// that is kept may keep all that was read with it.
        ZMQ_IN_BATCH_SIZE as BatchSize { get get_in_batch_size -> i32, set set_in_batch_size(i32) }
        /// Bytes written to a connection at a time, and the size of its buffer: 64
        /// to 16777216; default 64512 (8192 in libzmq). Beyond 8192, a connection over
        /// ipc has four times as much room in the system, if the system allows it.
        ZMQ_OUT_BATCH_SIZE as BatchSize { get get_out_batch_size -> i32, set set_out_batch_size(i32) }
        /// What makes the socket stop connecting again; default nothing.
        ZMQ_RECONNECT_STOP as StopFlags {
            get get_reconnect_stop -> ReconnectStop, set set_reconnect_stop(ReconnectStop)
        }
        /// Something about this socket, as `X-name:value`, that its peers find in
        /// its messages as a property `X-name`. Each name counts once, the first
        /// time; it has at most 255 bytes, and text of four bytes is refused.
        ZMQ_METADATA as Text { set set_metadata(&str) }
        /// Priority of the packets in the kernel (`SO_PRIORITY`), from 0; default
        /// 0. `EPERM` if this process may not have it: over 6 is for those with
        /// `CAP_NET_ADMIN`.
        ZMQ_PRIORITY as Priority { get get_priority -> i32, set set_priority(i32) }
        /// Microseconds that the kernel polls a network device for more packets
        /// (`SO_BUSY_POLL`); default 0, the system's. `EPERM` if this process may
        /// not have it: `CAP_NET_ADMIN` may.
        ZMQ_BUSY_POLL as BusyPoll { set set_busy_poll(i32) }
        /// Whether tcp connections within this machine take a short cut, which
        /// both ends must do; default no. Windows alone has it, elsewhere it does
        /// nothing.
        ZMQ_LOOPBACK_FASTPATH as Bool {
            get is_loopback_fastpath -> bool, set set_loopback_fastpath(bool)
        }
        /// User name for the SOCKS5 proxy, at most 255 bytes; default none, which
        /// is to say nothing about it.
        ZMQ_SOCKS_USERNAME as OptionalText {
            get get_socks_username -> result::Result<String, Vec<u8>>, set set_socks_username(Option<&str>)
        }
        /// Password for the SOCKS5 proxy, at most 255 bytes; default none. It goes
        /// with a user name.
        ZMQ_SOCKS_PASSWORD as OptionalText {
            get get_socks_password -> result::Result<String, Vec<u8>>, set set_socks_password(Option<&str>)
        }
        /// Whether peers are refused as long as no ZAP handler is there to be
        /// asked, though there is a [domain](Socket::set_zap_domain); default no.
        /// A PLAIN or CURVE server without one then asks in the empty domain; with a
        /// libzmq that is not the vendored one it cannot bind or connect, `EINVAL`:
        /// libzmq would abort, or ask nobody. It is on by itself for sockets that are
        /// bound or connected after an
        /// [`Authenticator`](crate::auth::Authenticator) was started.
        ZMQ_ZAP_ENFORCE_DOMAIN as Bool {
            get is_zap_enforce_domain -> bool, set set_zap_enforce_domain(bool)
        }

        // ---- secure websockets: `EINVAL` unless libzmq has them built in ----

        /// Private key of a wss server, in PEM. libzmq aborts when it binds with
        /// one that is none.
        ZMQ_WSS_KEY_PEM as Text { set set_wss_key_pem(&str) }
        /// Certificate of a wss server, in PEM. libzmq aborts when it binds with
        /// one that is none.
        ZMQ_WSS_CERT_PEM as Text { set set_wss_cert_pem(&str) }
        /// Certificates that a wss client trusts, in PEM. libzmq aborts when it
        /// connects with something else.
        ZMQ_WSS_TRUST_PEM as Text { set set_wss_trust_pem(&str) }
        /// Host name that a wss client expects in the server's certificate; default
        /// that of the endpoint.
        ZMQ_WSS_HOSTNAME as Text { set set_wss_hostname(&str) }
        /// Whether a wss client trusts whom the system trusts; default no.
        ZMQ_WSS_TRUST_SYSTEM as Bool { set set_wss_trust_system(bool) }
    }

    for CanMulticast if "draft" {
        /// Whether this machine receives what it sends by multicast over udp;
        /// default yes.
        ZMQ_MULTICAST_LOOP as Bool { get is_multicast_loop -> bool, set set_multicast_loop(bool) }

        // ---- norm, a multicast transport: `EINVAL` unless libzmq has it built in ----

        /// How congestion is controlled; default [`NormMode::Cc`].
        ZMQ_NORM_MODE as NormMode { get get_norm_mode -> NormMode, set set_norm_mode(NormMode) }
        /// Whether receivers report losses to the sender alone, not to all;
        /// default no.
        ZMQ_NORM_UNICAST_NACK as Bool {
            get is_norm_unicast_nack -> bool, set set_norm_unicast_nack(bool)
        }
        /// Kilobytes of buffers; default 2048.
        ZMQ_NORM_BUFFER_SIZE as Int { get get_norm_buffer_size -> i32, set set_norm_buffer_size(i32) }
        /// Bytes of a packet's content; default 1400.
        ZMQ_NORM_SEGMENT_SIZE as Int { get get_norm_segment_size -> i32, set set_norm_segment_size(i32) }
        /// Packets that are repaired together, at most 255; default 16.
        ZMQ_NORM_BLOCK_SIZE as Int { get get_norm_block_size -> i32, set set_norm_block_size(i32) }
        /// Packets that a block can be repaired with, at most 254; default 4.
        ZMQ_NORM_NUM_PARITY as Int { get get_norm_num_parity -> i32, set set_norm_num_parity(i32) }
        /// How many of those are sent without being asked for, at most 254; default
        /// 0.
        ZMQ_NORM_NUM_AUTOPARITY as Int {
            get get_norm_num_autoparity -> i32, set set_norm_num_autoparity(i32)
        }
        /// Whether messages are sent without waiting for receivers that lag behind;
        /// default no.
        ZMQ_NORM_PUSH as Bool { get is_norm_push -> bool, set set_norm_push(bool) }
    }

    for CanPublish if "draft" {
        /// [`set_xpub_manual`](Socket::set_xpub_manual), and what is sent next goes
        /// only to the peer whose request was received last, once: the last value
        /// for a new subscriber. Off by default; it cannot be turned off again,
        /// which is `EINVAL`. `ENOTSUP` as there.
        ZMQ_XPUB_MANUAL_LAST_VALUE as Manual { set set_xpub_manual_last_value(bool) }
    }

    for CanRelay if "draft" {
        /// Whether only the first frame of a message may be a subscription; default
        /// no, each may.
        ZMQ_ONLY_FIRST_SUBSCRIBE as Bool { set set_only_first_subscribe(bool) }
    }

    for CanForward if "draft" {
        /// Whether every subscription that is taken back is passed on, not only the
        /// last of its kind; default no.
        ZMQ_XSUB_VERBOSE_UNSUBSCRIBE as Bool { set set_xsub_verbose_unsubscribe(bool) }
    }

    for CanCount if "draft" {
        /// How many different subscriptions there are, the socket's own or its
        /// peers'.
        ZMQ_TOPICS_COUNT as Int { get get_topics_count -> i32, }
    }

    for CanRoute if "draft" {
        /// Whether an empty message from a peer tells that it has connected or
        /// disconnected; default neither. Not over inproc.
        ZMQ_ROUTER_NOTIFY as NotifyFlags {
            get get_router_notify -> RouterNotify, set set_router_notify(RouterNotify)
        }
    }

    for CanGreet if "draft" {
        /// A message that every new peer is sent; default empty, none. A socket that
        /// has one cannot bind to an inproc endpoint: `ENOTSUP`.
        ZMQ_HELLO_MSG as Greeting { set set_hello_msg(&[u8]) }
    }

    for CanBid if "draft" {
        /// A message that is received in the name of a peer that has disconnected;
        /// default empty, none. A socket that has one cannot bind to an inproc
        /// endpoint: `ENOTSUP`.
        ZMQ_DISCONNECT_MSG as Farewell { set set_disconnect_msg(&[u8]) }
    }

    for CanHiccup if "draft" {
        /// A message that is received when the connection to a peer was lost, and
        /// is made again; default empty, none.
        ZMQ_HICCUP_MSG as Bytes { set set_hiccup_msg(&[u8]) }
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
