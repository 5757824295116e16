//! The kinds of socket, and what each of them can do: one table.

use std::ffi::c_int;

use crate::error::{Error, Result};

pub(crate) mod sealed {
    /// Keeps the traits of this crate's kinds to this crate.
    pub trait Sealed {}
}

/// A kind of socket: a type like [`Req`], known at compile time, or
/// [`SocketType`], known at run time.
///
/// What a socket of a kind can do, the kind's further traits say, which are
/// named for it: [`CanSend`], [`CanRecv`], [`CanSubscribe`] and so on.
pub trait Kind: sealed::Sealed + Copy {
    /// The socket type to open.
    fn socket_type(self) -> SocketType;
}

/// Declares the traits that say what a kind can do.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $capability:ident $(: $($kind:ident)*)?),* $(,)?) => {
        $(
            $(#[$doc])*
            pub trait $capability: Kind {}
            // libzmq checks at run time what the compiler cannot.
            impl $capability for SocketType {}
            $($(impl $capability for $kind {})*)?
        )*
    };
}

capabilities! {
    /// Sends messages.
    CanSend,
    /// Receives messages.
    CanRecv,
    /// Its messages may have several frames.
    CanMultipart,
    /// Subscribes to prefixes: to receive what begins with them, or, XPUB, in the
    /// name of a peer.
    CanSubscribe,
    /// Sees and steers the subscriptions of its peers.
    CanPublish,
    /// Sends requests and waits for their replies.
    CanRequest,
    /// Addresses peers by routing id.
    CanRoute,
    /// Has a routing id that ROUTER peers see.
    CanIdentify,
    /// Introduces itself with an empty message when it connects.
    CanProbe,
    /// Can keep the last message only.
    CanConflate,
    /// Sends each message to all peers that want it.
    CanDistribute,
    /// Can turn around which messages match a subscription.
    CanInvert,
    /// Gives a routing id to the peer that it connects to.
    CanName,
    /// Talks raw TCP.
    CanStream,
    /// Works over multicast transports.
    CanMulticast,
}

// The kinds that also exist without the feature are named here, for their rows
// below cannot tell.
#[cfg(feature = "draft")]
capabilities! {
    /// Chooses by group what it receives.
    CanJoin,
    /// Learns the routing id of a peer when it connects to it.
    CanConnectPeer,
    /// Says something to every new peer.
    CanGreet: Router Dealer Client Server Peer,
    /// Hears something in the name of a peer that has disconnected.
    CanBid: Router Server Peer,
    /// Hears something when the connection to a peer is lost.
    CanHiccup: Dealer Client Peer,
    /// Knows how many subscriptions there are.
    CanCount: Pub Sub XPub XSub,
    /// Passes on messages as subscriptions.
    CanRelay: XPub XSub,
    /// Passes on subscriptions to its peers.
    CanForward: XSub,
}

/// Queues what goes to its peers: messages, or what it subscribes to or joins.
pub trait CanQueue: Kind {}
impl<K: CanSend> CanQueue for K {}
impl CanQueue for Sub {}
#[cfg(feature = "draft")]
impl CanQueue for Dish {}

/// A kind whose sockets several threads may use at the same time.
///
/// # Safety
///
/// libzmq makes sockets of this type thread-safe.
pub unsafe trait ThreadSafe: Kind {}

/// The table of kinds: type, variant, constant of libzmq, the feature that has
/// it, what it can do.
macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $kind:ident $variant:ident $constant:ident $(if $feature:literal)?: $($capability:ident)*;
    )*) => {
        /// A socket type that is chosen at run time.
        ///
        /// Sockets of this kind have all methods; what the socket's type does
        /// not allow, libzmq refuses with an error. Sockets of a typed kind,
        /// like [`Req`], have only the methods that can work.
        ///
        /// See [zmq_socket](https://libzmq.readthedocs.io/en/latest/zmq_socket.html).
        #[allow(clippy::upper_case_acronyms)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SocketType {
            $(
                $(#[$doc])*
                $(#[cfg(feature = $feature)])?
                $variant,
            )*
        }

        impl SocketType {
            pub(crate) fn to_raw(self) -> c_int {
                (match self {
                    $(
                        $(#[cfg(feature = $feature)])?
                        SocketType::$variant => zmq_sys::$constant,
                    )*
                }) as c_int
            }

            /// `EINVAL` for a type that this crate does not know.
            pub(crate) fn from_raw(raw: c_int) -> Result<SocketType> {
                $(
                    $(#[cfg(feature = $feature)])?
                    if raw == zmq_sys::$constant as c_int {
                        return Ok(SocketType::$variant);
                    }
                )*
                Err(Error::EINVAL)
            }

            kinds! { @asks can_send CanSend [$([$variant $($capability)*] [$(feature = $feature)?])*] }
            kinds! { @asks can_recv CanRecv [$([$variant $($capability)*] [$(feature = $feature)?])*] }
            #[cfg(feature = "draft")]
            kinds! { @asks is_thread_safe ThreadSafe [$([$variant $($capability)*] [$(feature = $feature)?])*] }
        }

        $(
            kinds! { @kind [$(#[$doc])*] [$(feature = $feature)?] $kind $variant }
            kinds! { @can [$(feature = $feature)?] $kind $($capability)* }
        )*
    };
    (@kind [$(#[$doc:meta])*] [$($condition:meta)?] $kind:ident $variant:ident) => {
        $(#[$doc])*
        $(#[cfg($condition)])?
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $kind;

        $(#[cfg($condition)])?
        impl sealed::Sealed for $kind {}

        $(#[cfg($condition)])?
        impl Kind for $kind {
            fn socket_type(self) -> SocketType {
                SocketType::$variant
            }
        }
    };
    // A method that tells which rows have a word.
    (@asks $method:ident $word:ident [$(
        [$variant:ident $($capability:ident)*] [$($condition:meta)?]
    )*]) => {
        pub(crate) fn $method(self) -> bool {
            match self {
                $(
                    $(#[cfg($condition)])?
                    SocketType::$variant => kinds!(@has $word $($capability)*),
                )*
            }
        }
    };
    (@has CanSend CanSend $($rest:ident)*) => { true };
    (@has CanRecv CanRecv $($rest:ident)*) => { true };
    (@has ThreadSafe ThreadSafe $($rest:ident)*) => { true };
    (@has $word:ident $first:ident $($rest:ident)*) => { kinds!(@has $word $($rest)*) };
    (@has $word:ident) => { false };
    (@can $condition:tt $kind:ident) => {};
    (@can [$($condition:meta)?] $kind:ident ThreadSafe $($capability:ident)*) => {
        // SAFETY: the types of this table with the word are those that libzmq
        // makes thread-safe; a test asks it for each.
        $(#[cfg($condition)])?
        unsafe impl ThreadSafe for $kind {}
        kinds! { @can [$($condition)?] $kind $($capability)* }
    };
    (@can [$($condition:meta)?] $kind:ident $first:ident $($capability:ident)*) => {
        $(#[cfg($condition)])?
        impl $first for $kind {}
        kinds! { @can [$($condition)?] $kind $($capability)* }
    };
}

kinds! {
    /// Talks to exactly one peer, both ways.
    Pair PAIR ZMQ_PAIR: CanSend CanRecv CanMultipart;
    /// Publishes to all subscribers; drops what nobody subscribed to.
    Pub PUB ZMQ_PUB: CanSend CanMultipart CanConflate CanDistribute CanInvert CanMulticast;
    /// Receives from publishers what it subscribed to.
    Sub SUB ZMQ_SUB: CanRecv CanMultipart CanSubscribe CanConflate CanInvert CanMulticast;
    /// Sends a request, then receives its reply, in lockstep.
    Req REQ ZMQ_REQ: CanSend CanRecv CanMultipart CanRequest CanIdentify CanProbe;
    /// Receives a request, then sends its reply, in lockstep.
    Rep REP ZMQ_REP: CanSend CanRecv CanMultipart CanIdentify;
    /// Sends to its peers in turn and hears them fairly; REQ without lockstep.
    Dealer DEALER ZMQ_DEALER: CanSend CanRecv CanMultipart CanIdentify CanProbe CanConflate;
    /// Says in a first frame which peer a message is from, and is to go to.
    Router ROUTER ZMQ_ROUTER: CanSend CanRecv CanMultipart CanRoute CanIdentify CanProbe CanName;
    /// Receives from PUSH peers, hearing them fairly.
    Pull PULL ZMQ_PULL: CanRecv CanMultipart CanConflate;
    /// Sends each message to one of its PULL peers, in turn.
    Push PUSH ZMQ_PUSH: CanSend CanMultipart CanConflate;
    /// A PUB that receives its peers' subscriptions as messages.
    XPub XPUB ZMQ_XPUB: CanSend CanRecv CanMultipart CanPublish CanSubscribe CanDistribute CanInvert CanMulticast;
    /// A SUB that subscribes by sending messages.
    XSub XSUB ZMQ_XSUB: CanSend CanRecv CanMultipart CanMulticast;
    /// Talks raw TCP with peers that do not speak ZeroMQ.
    Stream STREAM ZMQ_STREAM: CanSend CanRecv CanMultipart CanName CanStream;
    /// Sends to its SERVER peers in turn and hears them fairly.
    Client CLIENT ZMQ_CLIENT if "draft": CanSend CanRecv ThreadSafe;
    /// Receives messages that know which CLIENT they are from, and sends those
    /// that know which one they are to go to.
    Server SERVER ZMQ_SERVER if "draft": CanSend CanRecv ThreadSafe;
    /// Publishes each message to a group.
    Radio RADIO ZMQ_RADIO if "draft": CanSend ThreadSafe CanMulticast;
    /// Receives from RADIO peers what is for the groups that it joined.
    Dish DISH ZMQ_DISH if "draft": CanRecv CanJoin ThreadSafe CanMulticast;
    /// Receives from SCATTER peers, hearing them fairly.
    Gather GATHER ZMQ_GATHER if "draft": CanRecv ThreadSafe;
    /// Sends each message to one of its GATHER peers, in turn.
    Scatter SCATTER ZMQ_SCATTER if "draft": CanSend ThreadSafe;
    /// Sends and receives UDP datagrams; a first frame is the peer's address.
    Dgram DGRAM ZMQ_DGRAM if "draft": CanSend CanRecv CanMultipart CanMulticast;
    /// Talks to PEER peers that it tells apart, as SERVER does.
    Peer PEER ZMQ_PEER if "draft": CanSend CanRecv CanConnectPeer ThreadSafe;
    /// Talks to exactly one peer, both ways; PAIR for several threads.
    Channel CHANNEL ZMQ_CHANNEL if "draft": CanSend CanRecv ThreadSafe;
}

impl sealed::Sealed for SocketType {}
impl Kind for SocketType {
    fn socket_type(self) -> SocketType {
        self
    }
}
