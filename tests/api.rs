//! Everything that `zmq` 0.10.0 exports is here and takes what it took: programs
//! that were written for it compile. One line an item, in the order of its
//! documentation. `tests/dependants` does the same with whole programs.
// Feature `draft` adds variants to `SocketType`, over which programs match.
#![cfg(not(feature = "draft"))]
// Programs borrow what they need not.
#![allow(clippy::needless_borrows_for_generic_args)]

use std::error::Error as StdError;
use std::ffi::c_void;
use std::fmt::{Binary, Debug, Display, LowerHex, Octal, UpperHex};
use std::hash::Hash;
use std::io;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign};
use std::ops::{Deref, DerefMut, Not, Sub, SubAssign};
use std::panic::{catch_unwind, RefUnwindSafe, UnwindSafe};
use std::string::FromUtf8Error;

use zmq::{Context, Error, Mechanism, Message, PollEvents, PollItem, Result, Sendable};
use zmq::{CurveKeyPair, DecodeError, EncodeError, Socket, SocketEvent, SocketType};
use zmq_sys::RawFd;

/// What strings are read as: text, or bytes that are not UTF-8.
type Text = std::result::Result<String, Vec<u8>>;

/// Functions, with the types that they may be handed on with.
macro_rules! functions {
    ($($path:path: $type:ty;)*) => {
        $(const _: $type = $path;)*
    };
}

/// The traits that a type has.
macro_rules! traits {
    ($($type:ty: $($bound:path),*;)*) => {
        $(const _: fn() = || {
            fn has<T: Sized $(+ $bound)*>() {}
            has::<$type>();
        };)*
    };
}

/// Traits that a type must not have: `check` would be one of two then.
macro_rules! not_traits {
    ($($type:ty: $($bound:path),*;)*) => {
        $($(const _: fn() = || {
            struct Has;
            trait Either<T> {
                fn check() {}
            }
            impl<T> Either<()> for T {}
            impl<T: $bound> Either<Has> for T {}
            <$type as Either<_>>::check();
        };)*)*
    };
}

/// The variants of an enum, which are values and patterns. `exhaustive`: a `match`
/// over them needs no other arm.
macro_rules! variants {
    ($test:ident, $type:ident: $($variant:ident)*) => {
        #[test]
        fn $test() {
            $(
                const $variant: $type = $type::$variant;
                assert!(matches!($variant, $type::$variant));
            )*
        }
    };
    ($test:ident, exhaustive $type:ident: $($variant:ident)*) => {
        variants! { $test, $type: $($variant)* }
        const _: fn($type) = |value| match value {
            $($type::$variant => {})*
        };
    };
}

// ---- the crate --------------------------------------------------------------

traits! {
    zmq::Result<()>: Send, Sync;
}

functions! {
    zmq::version: fn() -> (i32, i32, i32);
    zmq::has: fn(&str) -> Option<bool>;
    zmq::poll: fn(&mut [PollItem], i64) -> Result<i32>;
}

#[test]
fn flags_are_numbers_in_memory() {
    let flags: [&'static i32; 2] = [&zmq::DONTWAIT, &zmq::SNDMORE];
    assert_eq!(flags, [&1, &2]);
    let mut both = zmq::DONTWAIT;
    both |= zmq::SNDMORE;
    assert_eq!(both, 3);
}

#[test]
fn events_are_constants() {
    const EVENTS: [PollEvents; 3] = [zmq::POLLIN, zmq::POLLOUT, zmq::POLLERR];
    assert_eq!(EVENTS.map(|e| e.bits()), [1, 2, 4]);
}

#[test]
fn features_are_there() {
    let manifest = include_str!("../Cargo.toml");
    for feature in ["zmq_has", "vendored"] {
        assert!(manifest.contains(&format!("\n{feature} = [")), "{feature}");
    }
}

// ---- SocketType -------------------------------------------------------------

variants! {
    socket_types, exhaustive SocketType:
    PAIR PUB SUB REQ REP DEALER ROUTER PULL PUSH XPUB XSUB STREAM
}

traits! {
    SocketType: Clone, Copy, Debug, PartialEq, Eq, Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

#[test]
fn socket_types_are_at_the_root() {
    use zmq::{DEALER, PAIR, PUB, PULL, PUSH, REP, REQ, ROUTER, STREAM, SUB, XPUB, XSUB};

    let all = [
        PAIR, PUB, SUB, REQ, REP, DEALER, ROUTER, PULL, PUSH, XPUB, XSUB, STREAM,
    ];
    let names = "PAIR PUB SUB REQ REP DEALER ROUTER PULL PUSH XPUB XSUB STREAM";
    let shown = all.map(|socket_type| format!("{socket_type:?}"));
    assert_eq!(shown.join(" "), names);
    assert!(matches!(SocketType::PAIR, zmq::PAIR));
    const CHOSEN: SocketType = zmq::REQ;
    assert_eq!(CHOSEN, SocketType::REQ);
}

// ---- Mechanism --------------------------------------------------------------

variants! {
    mechanisms, exhaustive Mechanism:
    ZMQ_NULL ZMQ_PLAIN ZMQ_CURVE ZMQ_GSSAPI
}

traits! {
    Mechanism: Clone, Copy, Debug, PartialEq, Eq, Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

// ---- Error ------------------------------------------------------------------

variants! {
    errors, Error: // a `match` needs another arm
    EACCES EADDRINUSE EAGAIN EBUSY ECONNREFUSED EFAULT EINTR EHOSTUNREACH EINPROGRESS
    EINVAL EMFILE EMSGSIZE ENAMETOOLONG ENODEV ENOENT ENOMEM ENOTCONN ENOTSOCK EPROTO
    EPROTONOSUPPORT ENOTSUP ENOBUFS ENETDOWN EADDRNOTAVAIL
    EFSM ENOCOMPATPROTO ETERM EMTHREAD
}

functions! {
    Error::to_raw: fn(Error) -> i32;
    Error::from_raw: fn(i32) -> Error;
    Error::message: fn(Error) -> &'static str;
    io::Error::from: fn(Error) -> io::Error;
}

traits! {
    Error: Clone, Copy, PartialEq, Eq, Debug, Display, StdError, Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

#[test]
fn errors_become_others() {
    fn io(error: Error) -> io::Result<()> {
        Err(error)?
    }
    fn boxed(error: Error) -> std::result::Result<(), Box<dyn StdError + Send + Sync>> {
        Err(error)?
    }
    for (error, kind) in [
        (Error::ENOENT, io::ErrorKind::NotFound),
        (Error::EACCES, io::ErrorKind::PermissionDenied),
        (Error::ECONNREFUSED, io::ErrorKind::ConnectionRefused),
        (Error::ENOTCONN, io::ErrorKind::NotConnected),
        (Error::EADDRINUSE, io::ErrorKind::AddrInUse),
        (Error::EADDRNOTAVAIL, io::ErrorKind::AddrNotAvailable),
        (Error::EAGAIN, io::ErrorKind::WouldBlock),
        (Error::EINVAL, io::ErrorKind::InvalidInput),
        (Error::EINTR, io::ErrorKind::Interrupted),
        (Error::ETERM, io::ErrorKind::Other),
    ] {
        let outer = io(error).unwrap_err();
        assert_eq!(outer.kind(), kind);
        let inner = outer.get_ref().and_then(|e| e.downcast_ref());
        assert_eq!(inner, Some(&error));
        let boxed = boxed(error).unwrap_err().downcast::<Error>();
        assert_eq!(*boxed.unwrap(), error);
    }
}

#[test]
#[allow(deprecated)]
fn errors_describe_themselves() {
    assert_eq!(Error::EFSM.description(), Error::EFSM.message());
    assert!(Error::EFSM.source().is_none() && Error::EFSM.cause().is_none());
}

// ---- Context ----------------------------------------------------------------

functions! {
    Context::new: fn() -> Context;
    Context::get_io_threads: fn(&Context) -> Result<i32>;
    Context::set_io_threads: fn(&Context, i32) -> Result<()>;
    Context::socket: fn(&Context, SocketType) -> Result<Socket>;
    Context::destroy: fn(&mut Context) -> Result<()>;
}

traits! {
    Context: Clone, Default, Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

// ---- Socket -----------------------------------------------------------------

functions! {
    Socket::into_raw: fn(Socket) -> *mut c_void;
    Socket::from_raw: unsafe fn(*mut c_void) -> Socket;
    Socket::as_mut_ptr: fn(&mut Socket) -> *mut c_void;
    Socket::bind: fn(&Socket, &str) -> Result<()>;
    Socket::unbind: fn(&Socket, &str) -> Result<()>;
    Socket::connect: fn(&Socket, &str) -> Result<()>;
    Socket::disconnect: fn(&Socket, &str) -> Result<()>;
    Socket::monitor: fn(&Socket, &str, i32) -> Result<()>;
    Socket::send::<Message>: fn(&Socket, Message, i32) -> Result<()>;
    Socket::send_multipart::<Vec<Message>, Message>: fn(&Socket, Vec<Message>, i32) -> Result<()>;
    Socket::recv: fn(&Socket, &mut Message, i32) -> Result<()>;
    Socket::recv_into: fn(&Socket, &mut [u8], i32) -> Result<usize>;
    Socket::recv_msg: fn(&Socket, i32) -> Result<Message>;
    Socket::recv_bytes: fn(&Socket, i32) -> Result<Vec<u8>>;
    Socket::recv_string: fn(&Socket, i32) -> Result<Text>;
    Socket::recv_multipart: fn(&Socket, i32) -> Result<Vec<Vec<u8>>>;
    Socket::as_poll_item: fn(&Socket, PollEvents) -> PollItem;
    Socket::poll: fn(&Socket, PollEvents, i64) -> Result<i32>;
    Socket::get_socket_type: fn(&Socket) -> Result<SocketType>;
    Socket::get_rcvmore: fn(&Socket) -> Result<bool>;
    Socket::get_fd: fn(&Socket) -> Result<RawFd>;
    Socket::get_events: fn(&Socket) -> Result<PollEvents>;
    Socket::get_mechanism: fn(&Socket) -> Result<Mechanism>;
    Socket::get_last_endpoint: fn(&Socket) -> Result<Text>;
}

#[allow(deprecated)]
mod deprecated_for_sockets {
    use super::*;

    functions! {
        Socket::send_msg: fn(&Socket, Message, i32) -> Result<()>;
        Socket::send_str: fn(&Socket, &str, i32) -> Result<()>;
    }
}

/// Options, by the type of their value.
macro_rules! getters {
    ($($type:ty: $($getter:ident)*;)*) => {
        $($(const _: fn(&Socket) -> Result<$type> = Socket::$getter;)*)*
    };
}

macro_rules! setters {
    ($($type:ty: $($setter:ident)*;)*) => {
        $($(const _: fn(&Socket, $type) -> Result<()> = Socket::$setter;)*)*
    };
}

getters! {
    bool: is_ipv6 is_immediate is_plain_server is_conflate is_probe_router
        is_router_mandatory is_router_handover is_curve_server is_gssapi_server
        is_gssapi_plaintext;
    i64: get_maxmsgsize;
    u64: get_affinity;
    i32: get_sndhwm get_rcvhwm get_rate get_recovery_ivl get_sndbuf get_rcvbuf get_tos
        get_linger get_reconnect_ivl get_reconnect_ivl_max get_backlog
        get_multicast_hops get_rcvtimeo get_sndtimeo get_tcp_keepalive
        get_tcp_keepalive_cnt get_tcp_keepalive_idle get_tcp_keepalive_intvl
        get_handshake_ivl get_heartbeat_ivl get_heartbeat_ttl get_heartbeat_timeout
        get_connect_timeout;
    Vec<u8>: get_identity get_curve_publickey get_curve_secretkey get_curve_serverkey;
    Text: get_socks_proxy get_plain_username get_plain_password get_zap_domain
        get_gssapi_principal get_gssapi_service_principal;
}

setters! {
    bool: set_ipv6 set_immediate set_plain_server set_conflate set_probe_router
        set_router_mandatory set_router_handover set_curve_server set_gssapi_server
        set_gssapi_plaintext set_req_relaxed set_req_correlate set_xpub_verbose;
    i64: set_maxmsgsize;
    u64: set_affinity;
    i32: set_sndhwm set_rcvhwm set_rate set_recovery_ivl set_sndbuf set_rcvbuf set_tos
        set_linger set_reconnect_ivl set_reconnect_ivl_max set_backlog
        set_multicast_hops set_rcvtimeo set_sndtimeo set_tcp_keepalive
        set_tcp_keepalive_cnt set_tcp_keepalive_idle set_tcp_keepalive_intvl
        set_handshake_ivl set_heartbeat_ivl set_heartbeat_ttl set_heartbeat_timeout
        set_connect_timeout;
    &[u8]: set_identity set_subscribe set_unsubscribe set_curve_publickey
        set_curve_secretkey set_curve_serverkey;
    Option<&str>: set_socks_proxy set_plain_username set_plain_password
        set_xpub_welcome_msg;
    &str: set_zap_domain set_gssapi_principal set_gssapi_service_principal;
}

traits! {
    Socket: Send, Unpin, UnwindSafe, RefUnwindSafe;
}

#[cfg(unix)]
traits! {
    Socket: std::os::unix::io::AsRawFd;
}

#[cfg(windows)]
traits! {
    Socket: std::os::windows::io::AsRawSocket;
}

not_traits! {
    Socket: Sync;
}

// ---- Sendable ---------------------------------------------------------------

traits! {
    Message: Sendable;
    &'static str: Sendable;
    &'static &'static str: Sendable;
    &'static String: Sendable;
    &'static [u8]: Sendable;
    &'static &'static [u8]: Sendable;
    Vec<u8>: Sendable;
    &'static Vec<u8>: Sendable;
    Box<[u8]>: Sendable;
    &'static Box<[u8]>: Sendable;
    ByValue: Sendable, Into<Message>;
    ByReference: Sendable, Into<Message>;
    &'static ByReference: Sendable, Into<Message>;
    TwoFrames: Sendable;
}

struct ByValue(u8);

impl From<ByValue> for Message {
    fn from(value: ByValue) -> Message {
        Message::from(vec![value.0])
    }
}

#[derive(Clone)]
struct ByReference(String);

impl From<ByReference> for Message {
    fn from(value: ByReference) -> Message {
        Message::from(&value.0)
    }
}

struct NotClone(u8);

impl<'a> From<&'a NotClone> for Message {
    fn from(value: &'a NotClone) -> Message {
        Message::from(&[value.0][..])
    }
}

struct TwoFrames(&'static str, &'static str);

impl Sendable for TwoFrames {
    fn send(self, socket: &Socket, flags: i32) -> Result<()> {
        socket.send(self.0, flags | zmq::SNDMORE)?;
        socket.send(self.1, flags)
    }
}

/// Two sockets that are connected.
fn pair() -> Result<(Socket, Socket)> {
    let context = Context::new();
    let (one, other) = (context.socket(zmq::PAIR)?, context.socket(zmq::PAIR)?);
    one.bind("inproc://api")?;
    other.connect("inproc://api")?;
    for socket in [&one, &other] {
        socket.set_rcvtimeo(10_000)?;
    }
    Ok((one, other))
}

#[test]
fn everything_is_sent() -> Result<()> {
    fn forward<T: Sendable>(socket: &Socket, data: T) -> Result<()> {
        socket.send(data, 0)
    }
    fn forward_frame<T>(socket: &Socket, data: T) -> Result<()>
    where
        T: Into<Message>,
    {
        socket.send(data.into(), 0)
    }
    let (one, other) = pair()?;
    let text = String::from("text");
    let bytes = vec![1, 2];
    one.send("str", 0)?;
    one.send(&"&str", 0)?;
    one.send(&text, 0)?;
    one.send(text.as_str(), 0)?;
    one.send(&text[..2], 0)?;
    one.send(&bytes, 0)?;
    one.send(&bytes[..], 0)?;
    one.send(bytes, 0)?;
    one.send(vec![3], 0)?;
    one.send(&[4][..], 0)?;
    one.send(b"b" as &[u8], 0)?;
    one.send(vec![5].into_boxed_slice(), 0)?;
    one.send(Message::from("message"), 0)?;
    one.send(ByValue(6), 0)?;
    one.send(ByReference(text.clone()), 0)?;
    one.send(&ByReference(text), 0)?;
    one.send(&NotClone(7), 0)?;
    forward(&one, "forwarded")?;
    forward_frame(&one, vec![8])?;
    one.send(TwoFrames("two", "frames"), 0)?;
    let sent: [&[u8]; 21] = [
        b"str",
        b"&str",
        b"text",
        b"text",
        b"te",
        &[1, 2],
        &[1, 2],
        &[1, 2],
        &[3],
        &[4],
        b"b",
        &[5],
        b"message",
        &[6],
        b"text",
        b"text",
        &[7],
        b"forwarded",
        &[8],
        b"two",
        b"frames",
    ];
    for bytes in sent {
        assert_eq!(other.recv_bytes(0)?, bytes);
    }
    Ok(())
}

#[test]
fn every_multipart_is_sent() -> Result<()> {
    fn forward<I, T>(socket: &Socket, frames: I) -> Result<()>
    where
        I: IntoIterator<Item = T>,
        T: Into<Message>,
    {
        socket.send_multipart(frames, 0)
    }
    let (one, other) = pair()?;
    let frames = vec![vec![b'a'], vec![b'b']];
    one.send_multipart(["a", "b"], 0)?;
    one.send_multipart(&["a", "b"], 0)?;
    one.send_multipart(vec!["a", "b"], 0)?;
    one.send_multipart([b"a" as &[u8], b"b"], 0)?;
    one.send_multipart(&frames, 0)?;
    one.send_multipart(frames.iter().map(|frame| &frame[..]), 0)?;
    one.send_multipart(frames.iter(), 0)?;
    one.send_multipart(frames.clone(), 0)?;
    one.send_multipart(frames.into_iter().map(Message::from), 0)?;
    one.send_multipart(&[String::from("a"), String::from("b")], 0)?;
    forward(&one, ["a", "b"])?;
    one.send_multipart(Vec::<Message>::new(), 0)?;
    for _ in 0..11 {
        assert_eq!(other.recv_multipart(0)?, [b"a", b"b"]);
    }
    assert_eq!(other.recv_multipart(zmq::DONTWAIT), Err(Error::EAGAIN));
    Ok(())
}

/// `let socket = context.socket(kind.into())?` alone does not say which kind it
/// becomes. It did, when there was only one.
#[test]
fn a_type_is_converted_where_the_socket_has_one() -> Result<()> {
    struct Kind;
    impl From<Kind> for SocketType {
        fn from(_: Kind) -> SocketType {
            zmq::PULL
        }
    }
    fn open(context: &Context, kind: Kind) -> Result<Socket> {
        context.socket(kind.into())
    }
    let context = Context::new();
    let socket: Socket = context.socket(Kind.into())?;
    let others = [open(&context, Kind)?, context.socket(Kind.into())?];
    let by_closure = |kind| context.socket(kind);
    by_closure(zmq::PULL)?.set_linger(0)?;
    assert_eq!(others[0].get_socket_type(), socket.get_socket_type());
    Ok(())
}

#[test]
fn a_socket_hides_behind_pointers() -> Result<()> {
    struct Holder {
        socket: Socket,
    }
    trait Extension {
        fn nothing(&self) {}
    }
    impl Extension for Socket {}
    impl AsRef<Socket> for Holder {
        fn as_ref(&self) -> &Socket {
            &self.socket
        }
    }
    fn poll(items: &mut [PollItem<'_>]) -> Result<i32> {
        zmq::poll(items, 0)
    }

    let context = Context::new();
    let open = |kinds: &[SocketType]| -> Result<Vec<Socket>> {
        kinds.iter().map(|kind| context.socket(*kind)).collect()
    };
    let sockets = open(&[zmq::PULL, zmq::SUB])?;
    let mut items: Vec<_> = sockets
        .iter()
        .map(|s| s.as_poll_item(zmq::POLLIN))
        .collect();
    assert_eq!(poll(&mut items)?, 0);
    assert!(items[0].has_socket(&sockets[0]) && !items[0].has_socket(&sockets[1]));
    let types: Result<Vec<_>> = sockets.iter().map(Socket::get_socket_type).collect();
    assert_eq!(types?, [zmq::PULL, zmq::SUB]);

    let boxed = Box::new(context.socket(zmq::PULL)?);
    boxed.nothing();
    assert!(boxed.as_poll_item(zmq::POLLIN).has_socket(&boxed));
    let holder = Holder { socket: *boxed };
    holder.as_ref().set_linger(0)?;
    let behind_lock = std::sync::Arc::new(std::sync::Mutex::new(holder));
    std::thread::spawn(move || behind_lock.lock().unwrap().socket.get_linger())
        .join()
        .unwrap()?;
    Ok(())
}

// ---- PollEvents, as bitflags 1 makes it -------------------------------------

functions! {
    PollEvents::empty: fn() -> PollEvents;
    PollEvents::all: fn() -> PollEvents;
    PollEvents::bits: fn(&PollEvents) -> i16;
    PollEvents::from_bits: fn(i16) -> Option<PollEvents>;
    PollEvents::from_bits_truncate: fn(i16) -> PollEvents;
    PollEvents::from_bits_unchecked: unsafe fn(i16) -> PollEvents;
    PollEvents::is_empty: fn(&PollEvents) -> bool;
    PollEvents::is_all: fn(&PollEvents) -> bool;
    PollEvents::intersects: fn(&PollEvents, PollEvents) -> bool;
    PollEvents::contains: fn(&PollEvents, PollEvents) -> bool;
    PollEvents::insert: fn(&mut PollEvents, PollEvents);
    PollEvents::remove: fn(&mut PollEvents, PollEvents);
    PollEvents::toggle: fn(&mut PollEvents, PollEvents);
    PollEvents::set: fn(&mut PollEvents, PollEvents, bool);
    PollEvents::intersection: fn(PollEvents, PollEvents) -> PollEvents;
    PollEvents::union: fn(PollEvents, PollEvents) -> PollEvents;
    PollEvents::difference: fn(PollEvents, PollEvents) -> PollEvents;
    PollEvents::symmetric_difference: fn(PollEvents, PollEvents) -> PollEvents;
    PollEvents::complement: fn(PollEvents) -> PollEvents;
}

traits! {
    PollEvents: Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash;
    PollEvents: Debug, Binary, Octal, LowerHex, UpperHex;
    PollEvents: BitOr, BitAnd, BitXor, Sub, Not<Output = PollEvents>;
    PollEvents: BitOrAssign, BitAndAssign, BitXorAssign, SubAssign;
    PollEvents: Extend<PollEvents>, FromIterator<PollEvents>;
    PollEvents: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

#[test]
fn poll_events_are_constant_expressions() {
    const BOTH: PollEvents = PollEvents::POLLIN.union(PollEvents::POLLOUT);
    const EMPTY: bool = PollEvents::empty().is_empty();
    const BITS: i16 = PollEvents::all().bits();
    const SOME: Option<PollEvents> = PollEvents::from_bits(8);
    // SAFETY: these bits have names.
    const UNCHECKED: PollEvents = unsafe { PollEvents::from_bits_unchecked(3) };
    const CONTAINS: bool = BOTH.contains(PollEvents::POLLIN) && !BOTH.contains(zmq::POLLERR);
    assert_eq!((EMPTY, BITS, SOME, CONTAINS), (true, 7, None, true));
    assert_eq!(UNCHECKED, BOTH);
    assert_eq!(format!("{BOTH:?}"), "POLLIN | POLLOUT");
    assert_eq!(format!("{:?}", PollEvents::empty()), "(empty)");
    assert_eq!(format!("{BOTH:b} {BOTH:#x}"), "11 0x3");
    let collected: PollEvents = [zmq::POLLIN, zmq::POLLOUT].into_iter().collect();
    assert_eq!(collected, zmq::POLLIN | zmq::POLLOUT);
    assert_eq!(!collected, zmq::POLLERR);
    assert!(matches!(zmq::POLLERR, PollEvents::POLLERR));
}

// ---- PollItem ---------------------------------------------------------------

type Item = PollItem<'static>;

functions! {
    Item::from_fd: fn(RawFd, PollEvents) -> Item;
    Item::set_events: fn(&mut Item, PollEvents);
    Item::get_revents: fn(&Item) -> PollEvents;
    Item::is_readable: fn(&Item) -> bool;
    Item::is_writable: fn(&Item) -> bool;
    Item::is_error: fn(&Item) -> bool;
    Item::has_socket: fn(&Item, &Socket) -> bool;
    Item::has_fd: fn(&Item, RawFd) -> bool;
}

traits! {
    Item: Unpin, UnwindSafe, RefUnwindSafe;
}

not_traits! {
    Item: Send, Sync;
}

/// An item of a longer life goes where one of a shorter is wanted.
const _: for<'a> fn(PollItem<'static>, &'a Socket) -> [PollItem<'a>; 2] =
    |item, socket| [item, socket.as_poll_item(PollEvents::POLLIN)];

const _: () = assert!(size_of::<PollItem>() == size_of::<zmq_sys::zmq_pollitem_t>());

// ---- Message ----------------------------------------------------------------

functions! {
    Message::new: fn() -> Message;
    Message::with_size: fn(usize) -> Message;
    Message::as_str: fn(&Message) -> Option<&str>;
    Message::get_more: fn(&Message) -> bool;
    Message::gets: for<'a> fn(&'a mut Message, &str) -> Option<&'a str>;
}

#[allow(deprecated)]
mod deprecated_for_messages {
    use super::*;

    functions! {
        Message::with_capacity: fn(usize) -> Message;
        Message::with_capacity_unallocated: unsafe fn(usize) -> Message;
        Message::from_slice: fn(&[u8]) -> Message;
    }
}

traits! {
    Message: Debug, PartialEq, Eq, Deref<Target = [u8]>, DerefMut;
    Message: From<&'static [u8]>, From<Vec<u8>>, From<Box<[u8]>>;
    Message: From<&'static str>, From<&'static String>;
    Message: From<&'static Vec<u8>>, From<&'static Box<[u8]>>, From<&'static &'static str>;
    Message: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

#[test]
fn a_message_is_a_slice() {
    let mut message = Message::from("two");
    message[0] = b'T';
    message.reverse();
    assert_eq!(message.iter().rev().copied().collect::<Vec<u8>>(), b"Two");
    assert_eq!((message.len(), message.first()), (3, Some(&b'o')));
    assert_eq!(&*message, b"owT");
    assert_eq!(message.to_vec(), *b"owT");
    assert_eq!(message.as_ref(), b"owT");
    assert_eq!(message, Message::from(&b"owT"[..]));
    assert_eq!(format!("{message:?}"), "[111, 119, 84]");
    // Not a message, although it may be cloned now.
    let owned: Vec<u8> = message.to_owned();
    assert_eq!(owned, b"owT");
    let slice: &[u8] = &message;
    assert_eq!(std::str::from_utf8(slice), Ok("owT"));
}

#[test]
fn messages_cross_a_panic() {
    let message = Message::from("kept");
    let caught = catch_unwind(|| {
        assert_eq!(&*message, b"lost");
    });
    assert!(caught.is_err());
    assert_eq!(&*message, b"kept");
}

// ---- proxies ------------------------------------------------------------------

functions! {
    zmq::proxy: fn(&Socket, &Socket) -> Result<()>;
}

type Mut<'a> = &'a mut Socket;

const _: fn(Mut, Mut, Mut) -> Result<()> = |a, b, c| zmq::proxy_with_capture(a, b, c);
const _: fn(Mut, Mut, Mut) -> Result<()> = |a, b, c| zmq::proxy_steerable(a, b, c);
const _: fn(Mut, Mut, Mut, Mut) -> Result<()> =
    |a, b, c, d| zmq::proxy_steerable_with_capture(a, b, c, d);

// ---- events -------------------------------------------------------------------

variants! {
    socket_events, exhaustive SocketEvent:
    CONNECTED CONNECT_DELAYED CONNECT_RETRIED LISTENING BIND_FAILED ACCEPTED ACCEPT_FAILED
    CLOSED CLOSE_FAILED DISCONNECTED MONITOR_STOPPED HANDSHAKE_FAILED_NO_DETAIL
    HANDSHAKE_SUCCEEDED HANDSHAKE_FAILED_PROTOCOL HANDSHAKE_FAILED_AUTH ALL
}

functions! {
    SocketEvent::to_raw: fn(SocketEvent) -> u16;
    SocketEvent::from_raw: fn(u16) -> SocketEvent;
}

traits! {
    SocketEvent: Clone, Copy, Debug, PartialEq, Eq, Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

#[test]
fn socket_events_are_numbers() -> Result<()> {
    assert_eq!(SocketEvent::ALL as i32, 0xffff);
    assert_eq!(SocketEvent::LISTENING as isize, 8);
    let some = SocketEvent::ACCEPTED as i32 | SocketEvent::CLOSED as i32;
    assert_eq!(some, 0xa0);
    let all = [
        (SocketEvent::CONNECTED, 1),
        (SocketEvent::CONNECT_DELAYED, 2),
        (SocketEvent::CONNECT_RETRIED, 4),
        (SocketEvent::LISTENING, 8),
        (SocketEvent::BIND_FAILED, 0x10),
        (SocketEvent::ACCEPTED, 0x20),
        (SocketEvent::ACCEPT_FAILED, 0x40),
        (SocketEvent::CLOSED, 0x80),
        (SocketEvent::CLOSE_FAILED, 0x100),
        (SocketEvent::DISCONNECTED, 0x200),
        (SocketEvent::MONITOR_STOPPED, 0x400),
        (SocketEvent::HANDSHAKE_FAILED_NO_DETAIL, 0x800),
        (SocketEvent::HANDSHAKE_SUCCEEDED, 0x1000),
        (SocketEvent::HANDSHAKE_FAILED_PROTOCOL, 0x2000),
        (SocketEvent::HANDSHAKE_FAILED_AUTH, 0x4000),
        (SocketEvent::ALL, 0xffff),
    ];
    for (event, raw) in all {
        assert_eq!((event.to_raw(), SocketEvent::from_raw(raw)), (raw, event));
    }
    let socket = Context::new().socket(zmq::PULL)?;
    socket.monitor("inproc://events", SocketEvent::ALL as i32)
}

// ---- keys and their text -----------------------------------------------------

functions! {
    zmq::z85_encode: fn(&[u8]) -> std::result::Result<String, EncodeError>;
    zmq::z85_decode: fn(&str) -> std::result::Result<Vec<u8>, DecodeError>;
    CurveKeyPair::new: fn() -> Result<CurveKeyPair>;
    EncodeError::from: fn(FromUtf8Error) -> EncodeError;
    DecodeError::from: fn(std::ffi::NulError) -> DecodeError;
    EncodeError::FromUtf8Error: fn(FromUtf8Error) -> EncodeError;
    DecodeError::NulError: fn(std::ffi::NulError) -> DecodeError;
}

traits! {
    CurveKeyPair: Debug, Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
    EncodeError: Debug, Display, StdError, Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
    DecodeError: Debug, Display, StdError, Send, Sync, Unpin, UnwindSafe, RefUnwindSafe;
}

#[test]
fn keys_are_plain_data() {
    let pair = CurveKeyPair {
        public_key: [1; 32],
        secret_key: [2; 32],
    };
    let CurveKeyPair {
        public_key,
        secret_key,
    } = pair;
    assert_eq!((public_key, secret_key), ([1; 32], [2; 32]));
    let text: String = zmq::z85_encode(&public_key).unwrap();
    assert_eq!(zmq::z85_decode(&text).unwrap(), public_key);
}

#[test]
fn coding_errors_are_told_apart() {
    const _: fn(EncodeError) = |error| match error {
        EncodeError::BadLength => {}
        EncodeError::FromUtf8Error(error) => drop::<FromUtf8Error>(error),
    };
    const _: fn(DecodeError) = |error| match error {
        DecodeError::BadLength => {}
        DecodeError::NulError(error) => drop::<std::ffi::NulError>(error),
        // What 0.10 let pass.
        _ => {}
    };
    let short = zmq::z85_encode(&[0]).unwrap_err();
    assert!(matches!(short, EncodeError::BadLength));
    let short = zmq::z85_decode("0").unwrap_err();
    assert!(matches!(short, DecodeError::BadLength));
    let nul = zmq::z85_decode("0000\0").unwrap_err();
    assert!(matches!(nul, DecodeError::NulError(_)));
}
