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
    ($($(#[$doc:meta])* $capability:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            pub trait $capability: Kind {}
            // libzmq checks at run time what the compiler cannot.
            impl $capability for SocketType {}
        )*
    };
}

capabilities! {
    /// Sends messages.
    CanSend,
    /// Receives messages.
    CanRecv,
    /// Chooses by prefix what it receives.
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
}

/// The table of kinds: type, variant, constant of libzmq, what it can do.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $variant:ident $constant:ident: $($capability:ident)*;)*) => {
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
            $($(#[$doc])* $variant,)*
        }

        impl SocketType {
            pub(crate) fn to_raw(self) -> c_int {
                (match self {
                    $(SocketType::$variant => zmq_sys::$constant,)*
                }) as c_int
            }

            /// `EINVAL` for a type that this crate does not know.
            pub(crate) fn from_raw(raw: c_int) -> Result<SocketType> {
                $(if raw == zmq_sys::$constant as c_int {
                    return Ok(SocketType::$variant);
                })*
                Err(Error::EINVAL)
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub struct $kind;

            impl sealed::Sealed for $kind {}
            impl Kind for $kind {
                fn socket_type(self) -> SocketType {
                    SocketType::$variant
                }
            }
            $(impl $capability for $kind {})*
        )*
    };
}

kinds! {
    /// Talks to exactly one peer, both ways.
    Pair PAIR ZMQ_PAIR: CanSend CanRecv;
    /// Publishes to all subscribers; drops what nobody subscribed to.
    Pub PUB ZMQ_PUB: CanSend CanConflate;
    /// Receives from publishers what it subscribed to.
    Sub SUB ZMQ_SUB: CanRecv CanSubscribe CanConflate;
    /// Sends a request, then receives its reply, in lockstep.
    Req REQ ZMQ_REQ: CanSend CanRecv CanRequest CanIdentify CanProbe;
    /// Receives a request, then sends its reply, in lockstep.
    Rep REP ZMQ_REP: CanSend CanRecv CanIdentify;
    /// Sends to its peers in turn and hears them fairly; REQ without lockstep.
    Dealer DEALER ZMQ_DEALER: CanSend CanRecv CanIdentify CanProbe CanConflate;
    /// Says in a first frame which peer a message is from, and is to go to.
    Router ROUTER ZMQ_ROUTER: CanSend CanRecv CanRoute CanIdentify CanProbe;
    /// Receives from PUSH peers, hearing them fairly.
    Pull PULL ZMQ_PULL: CanRecv CanConflate;
    /// Sends each message to one of its PULL peers, in turn.
    Push PUSH ZMQ_PUSH: CanSend CanConflate;
    /// A PUB that receives its peers' subscriptions as messages.
    XPub XPUB ZMQ_XPUB: CanSend CanRecv CanPublish;
    /// A SUB that subscribes by sending messages.
    XSub XSUB ZMQ_XSUB: CanSend CanRecv;
    /// Talks raw TCP with peers that do not speak ZeroMQ.
    Stream STREAM ZMQ_STREAM: CanSend CanRecv;
}

impl sealed::Sealed for SocketType {}
impl Kind for SocketType {
    fn socket_type(self) -> SocketType {
        self
    }
}
