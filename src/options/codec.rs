//! How the values of socket options travel between libzmq and Rust: one type
//! per form of value, with `get`, `set` or both.

use std::ffi::c_int;
use std::result;

#[cfg(feature = "draft")]
use bitflags::bitflags;
use zmq_sys::RawFd;

use crate::error::{Error, Result};
use crate::kind::SocketType;
use crate::poll::PollEvents;
use crate::raw::RawSocket;
use crate::system;
use crate::traps::Listener as OwnedListener;

/// The longest text or binary value that is expected: what libzmq has no limit
/// for are names of inproc endpoints, and proxies.
const USUAL: usize = 512;
const LONGEST: usize = 1 << 16;

/// The bytes of a number where C, which reads and writes it there, expects one.
#[repr(align(8))]
struct Aligned<const LEN: usize>([u8; LEN]);

/// Numbers as C has them.
macro_rules! numbers {
    ($($codec:ident: $type:ty;)*) => {$(
        pub(super) struct $codec;

        impl $codec {
            pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<$type> {
                let mut value = Aligned([0; size_of::<$type>()]);
                socket.get(option, &mut value.0)?;
                Ok(<$type>::from_ne_bytes(value.0))
            }

            pub(super) fn set(socket: &RawSocket, option: c_int, value: $type) -> Result<()> {
                socket.set(option, Some(&Aligned(value.to_ne_bytes()).0))
            }
        }
    )*};
}

numbers! {
    Int: i32;
    Int64: i64;
    UInt64: u64;
}

/// A high water mark.
pub(super) struct Mark;

impl Mark {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<i32> {
        Int::get(socket, option)
    }

    /// libzmq writes the mark to the other end of every connection, even where
    /// that was freed. The vendored one is mended (vendor/mend.h).
    pub(super) fn set(socket: &RawSocket, option: c_int, value: i32) -> Result<()> {
        if !cfg!(zmq_vendored) && socket.traps().lock().has_endpoint {
            return Err(Error::EBUSY);
        }
        Int::set(socket, option, value)
    }
}

/// An `int` of 0 or 1.
pub(super) struct Bool;

impl Bool {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<bool> {
        Ok(Int::get(socket, option)? != 0)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: bool) -> Result<()> {
        Int::set(socket, option, value.into())
    }
}

/// An `int` that fits a byte. The kernel takes the lowest eight bits of a larger
/// one, or libzmq aborts if it refuses it.
pub(super) struct Byte;

impl Byte {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<i32> {
        Int::get(socket, option)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: i32) -> Result<()> {
        if !(0..=255).contains(&value) {
            return Err(Error::EINVAL);
        }
        Int::set(socket, option, value)
    }
}

/// A switch that is off and can only be turned on: libzmq gets lost in what is
/// left of the state that it had when it was on.
pub(super) struct Once;

impl Once {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: bool) -> Result<()> {
        if !value {
            return Err(Error::EINVAL);
        }
        Bool::set(socket, option, value)
    }
}

/// Manual mode of an XPUB. As it is released, libzmq reads what was freed in it;
/// the vendored one is mended (vendor/mend.h).
pub(super) struct Manual;

impl Manual {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: bool) -> Result<()> {
        if !cfg!(zmq_vendored) {
            return Err(Error::ENOTSUP);
        }
        Once::set(socket, option, value)
    }
}

/// Refuses what makes a socket use GSSAPI. As it is released, libzmq lets in whom a
/// ZAP handler has denied, aborts over a token that was not sealed, and frees one
/// twice; the vendored one is mended (vendor/mend_gssapi.h).
fn check_gssapi() -> Result<()> {
    match cfg!(zmq_vendored) {
        true => Ok(()),
        false => Err(Error::ENOTSUP),
    }
}

/// Whether a socket is a server by GSSAPI.
pub(super) struct GssapiServer;

impl GssapiServer {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<bool> {
        Bool::get(socket, option)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: bool) -> Result<()> {
        check_gssapi()?;
        Bool::set(socket, option, value)
    }
}

/// A principal of GSSAPI.
pub(super) struct GssapiPrincipal;

impl GssapiPrincipal {
    pub(super) fn get(
        socket: &RawSocket,
        option: c_int,
    ) -> Result<result::Result<String, Vec<u8>>> {
        Text::get(socket, option)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: &str) -> Result<()> {
        check_gssapi()?;
        Text::set(socket, option, value)
    }
}

/// Whether a socket probes. If it talks raw TCP, libzmq aborts over the empty
/// message of the probe, for which there are no bytes to send.
pub(super) struct Probe;

impl Probe {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: bool) -> Result<()> {
        let mut state = socket.traps().lock();
        if value && state.is_raw {
            return Err(Error::EINVAL);
        }
        Bool::set(socket, option, value)?;
        state.probes = value;
        Ok(())
    }
}

/// Whether a ROUTER talks raw TCP: see [`Probe`] and [`Once`].
pub(super) struct Raw;

impl Raw {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: bool) -> Result<()> {
        let mut state = socket.traps().lock();
        // libzmq lets a REP be switched too, which is a ROUTER inside.
        if state.probes || Type::get(socket, zmq_sys::ZMQ_TYPE as c_int)? != SocketType::ROUTER {
            return Err(Error::EINVAL);
        }
        Once::set(socket, option, value)?;
        state.is_raw = true;
        Ok(())
    }
}

/// The routing id for the next connection. Those that begin with a zero are the
/// ones that libzmq makes up, and it aborts if one is there already.
pub(super) struct NextId;

impl NextId {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: &[u8]) -> Result<()> {
        if value.first().is_none_or(|&first| first == 0) || value.len() > 255 {
            return Err(Error::EINVAL);
        }
        let mut state = socket.traps().lock();
        if !state.is_new_id(value) {
            return Err(Error::EADDRINUSE);
        }
        socket.set(option, Some(value))?;
        state.next_id = Some(value.to_vec());
        Ok(())
    }
}

/// A socket to listen on, which the next `bind` hands over: libzmq would use its
/// number for every one that follows.
pub(super) struct Listener;

impl Listener {
    #[cfg(unix)]
    pub(super) fn set(socket: &RawSocket, option: c_int, value: OwnedListener) -> Result<()> {
        use std::os::fd::AsFd;

        // libzmq aborts over anything else, when it waits for it or accepts.
        if !system::is_listening(value.as_fd()) {
            return Err(Error::EINVAL);
        }
        // What is to be accepted may be gone when libzmq gets to it.
        let listener = std::net::TcpListener::from(value);
        listener.set_nonblocking(true).map_err(|_| Error::EINVAL)?;
        // An old libzmq does not have the option.
        Int::set(socket, option, -1)?;
        socket.traps().lock().listener = Some(listener.into());
        Ok(())
    }

    /// The option is an `int`, which has no room for a socket's number here.
    #[cfg(windows)]
    pub(super) fn set(_: &RawSocket, _: c_int, _: OwnedListener) -> Result<()> {
        Err(Error::ENOTSUP)
    }
}

/// A network interface, or none.
pub(super) struct Device;

impl Device {
    pub(super) fn get(
        socket: &RawSocket,
        option: c_int,
    ) -> Result<result::Result<String, Vec<u8>>> {
        Text::get(socket, option)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: Option<&str>) -> Result<()> {
        if let Some(name) = value {
            // The kernel cuts off what is longer.
            if name.len() > 15 || name.contains('\0') {
                return Err(Error::EINVAL);
            }
            // Else `bind` would fail without a reason, and `connect` in silence.
            system::try_device(name)?;
        }
        OptionalText::set(socket, option, value)
    }
}

/// An IP address with or without the length of a mask, or none.
pub(super) struct Network;

impl Network {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: Option<&str>) -> Result<()> {
        // libzmq would read `24` from `24x` and ` 24`.
        let mask = value
            .and_then(|text| text.split_once('/'))
            .map(|(_, mask)| mask);
        if mask.is_some_and(|mask| !mask.bytes().all(|c| c.is_ascii_digit())) {
            return Err(Error::EINVAL);
        }
        OptionalText::set(socket, option, value)
    }
}

/// The number of a user, a group or a process, or none.
pub(super) struct OptionalId;

impl OptionalId {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: Option<u32>) -> Result<()> {
        match value {
            Some(id) => Int::set(socket, option, id as i32),
            None => socket.set(option, None),
        }
    }
}

/// Bytes of any length.
pub(super) struct Bytes;

impl Bytes {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<Vec<u8>> {
        let mut value = vec![0; USUAL];
        let len = match socket.get(option, &mut value) {
            // Also what libzmq says when the value is longer than the buffer.
            Err(Error::EINVAL) => {
                value.resize(LONGEST, 0);
                socket.get(option, &mut value)?
            }
            other => other?,
        };
        value.truncate(len);
        Ok(value)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: &[u8]) -> Result<()> {
        socket.set(option, Some(value))
    }
}

/// Text, which libzmq returns with a NUL at its end.
pub(super) struct Text;

impl Text {
    /// The inner error has the bytes if they are not UTF-8.
    pub(super) fn get(
        socket: &RawSocket,
        option: c_int,
    ) -> Result<result::Result<String, Vec<u8>>> {
        let mut value = Bytes::get(socket, option)?;
        if value.last() == Some(&0) {
            value.pop();
        }
        Ok(String::from_utf8(value).map_err(|e| e.into_bytes()))
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: &str) -> Result<()> {
        // libzmq keeps such a text, and cuts it off wherever it uses it.
        if value.contains('\0') {
            return Err(Error::EINVAL);
        }
        socket.set(option, Some(value.as_bytes()))
    }
}

/// Text, or nothing.
pub(super) struct OptionalText;

impl OptionalText {
    pub(super) fn get(
        socket: &RawSocket,
        option: c_int,
    ) -> Result<result::Result<String, Vec<u8>>> {
        Text::get(socket, option)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: Option<&str>) -> Result<()> {
        match value {
            Some(text) => Text::set(socket, option, text),
            None => socket.set(option, None),
        }
    }
}

/// A message, or none.
pub(super) struct OptionalMessage;

impl OptionalMessage {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: Option<&str>) -> Result<()> {
        socket.set(option, value.map(str::as_bytes))
    }
}

/// A CURVE key: 32 bytes, or the 40 characters of its Z85 text when it is set.
pub(super) struct Key;

impl Key {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<Vec<u8>> {
        // With 32 bytes to write to, libzmq writes the key in binary.
        let mut value = vec![0; 32];
        socket.get(option, &mut value)?;
        Ok(value)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: &[u8]) -> Result<()> {
        // 41 are allowed in C, with a NUL at the end, for which some versions of
        // libzmq search without an end.
        let key = value.strip_suffix(&[0]).filter(|key| key.len() == 40);
        let key = key.unwrap_or(value);
        if key.len() != 32 && key.len() != 40 {
            return Err(Error::EINVAL);
        }
        socket.set(option, Some(key))
    }
}

/// A descriptor of the operating system.
pub(super) struct Fd;

impl Fd {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<RawFd> {
        let mut value = [0; size_of::<RawFd>()];
        socket.get(option, &mut value)?;
        Ok(RawFd::from_ne_bytes(value))
    }
}

/// Declares an enum of numbers of libzmq.
macro_rules! choices {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $constant:ident,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// `EINVAL` for a number that this crate does not know.
            pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<$name> {
                match Int::get(socket, option)? as u32 {
                    $(zmq_sys::$constant => Ok($name::$variant),)*
                    _ => Err(Error::EINVAL),
                }
            }

            pub(super) fn set(socket: &RawSocket, option: c_int, value: $name) -> Result<()> {
                let number = match value {
                    $($name::$variant => zmq_sys::$constant,)*
                };
                Int::set(socket, option, number as i32)
            }
        }
    )*};
}

choices! {
    /// What the name of a GSSAPI principal is.
    ///
    /// See [`set_gssapi_principal_nametype`](crate::Socket::set_gssapi_principal_nametype).
    GssapiNameType {
        /// A service at a host, `service@host`.
        HostBased = ZMQ_GSSAPI_NT_HOSTBASED,
        /// A local user.
        UserName = ZMQ_GSSAPI_NT_USER_NAME,
        /// A Kerberos principal.
        Krb5Principal = ZMQ_GSSAPI_NT_KRB5_PRINCIPAL,
    }
}

#[cfg(feature = "draft")]
choices! {
    /// How NORM controls congestion.
    ///
    /// See [`set_norm_mode`](crate::Socket::set_norm_mode).
    NormMode {
        /// Not at all: a fixed rate, [`set_rate`](crate::Socket::set_rate).
        Fixed = ZMQ_NORM_FIXED,
        /// As TCP does.
        Cc = ZMQ_NORM_CC,
        /// As TCP does, by lost packets only.
        Ccl = ZMQ_NORM_CCL,
        /// As TCP does, by ECN marks too.
        Cce = ZMQ_NORM_CCE,
        /// As TCP does, by ECN marks only.
        CceEcnOnly = ZMQ_NORM_CCE_ECNONLY,
    }
}

#[cfg(feature = "draft")]
bitflags! {
    /// What a ROUTER is told of its peers.
    ///
    /// See [`set_router_notify`](crate::Socket::set_router_notify).
    pub struct RouterNotify: i32 {
        /// That one has connected.
        const CONNECT = zmq_sys::ZMQ_NOTIFY_CONNECT as i32;
        /// That one has disconnected.
        const DISCONNECT = zmq_sys::ZMQ_NOTIFY_DISCONNECT as i32;
    }
}

#[cfg(feature = "draft")]
bitflags! {
    /// What makes a socket stop connecting again.
    ///
    /// See [`set_reconnect_stop`](crate::Socket::set_reconnect_stop).
    pub struct ReconnectStop: i32 {
        /// Nobody listens at the endpoint.
        const CONN_REFUSED = zmq_sys::ZMQ_RECONNECT_STOP_CONN_REFUSED as i32;
        /// The peer does not speak ZeroMQ, or not with this socket.
        const HANDSHAKE_FAILED = zmq_sys::ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED as i32;
        /// [`disconnect`](crate::Socket::disconnect) was called, while an attempt
        /// was under way.
        const AFTER_DISCONNECT = zmq_sys::ZMQ_RECONNECT_STOP_AFTER_DISCONNECT as i32;
    }
}

/// Flags in an `int`.
#[cfg(feature = "draft")]
macro_rules! flags {
    ($($codec:ident: $flags:ident;)*) => {$(
        pub(super) struct $codec;

        impl $codec {
            pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<$flags> {
                Ok($flags::from_bits_truncate(Int::get(socket, option)?))
            }

            pub(super) fn set(socket: &RawSocket, option: c_int, value: $flags) -> Result<()> {
                Int::set(socket, option, value.bits())
            }
        }
    )*};
}

#[cfg(feature = "draft")]
flags! {
    NotifyFlags: RouterNotify;
    StopFlags: ReconnectStop;
}

/// The size of a buffer that each connection has, in bytes. With one of 8 and
/// less, libzmq takes the length of a message for its content; it aborts if it
/// cannot allocate one.
#[cfg(feature = "draft")]
pub(super) struct BatchSize;

#[cfg(feature = "draft")]
impl BatchSize {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<i32> {
        Int::get(socket, option)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: i32) -> Result<()> {
        if !(64..=1 << 24).contains(&value) {
            return Err(Error::EINVAL);
        }
        Int::set(socket, option, value)
    }
}

/// An option of the kernel, `SO_PRIORITY`, over which libzmq aborts if this
/// process may not set it.
#[cfg(feature = "draft")]
pub(super) struct Priority;

#[cfg(feature = "draft")]
impl Priority {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<i32> {
        Int::get(socket, option)
    }

    pub(super) fn set(socket: &RawSocket, option: c_int, value: i32) -> Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        system::try_int_option(libc::SO_PRIORITY, value)?;
        Int::set(socket, option, value)
    }
}

/// An option of the kernel, `SO_BUSY_POLL`. libzmq says nothing if this process
/// may not set it.
#[cfg(feature = "draft")]
pub(super) struct BusyPoll;

#[cfg(feature = "draft")]
impl BusyPoll {
    pub(super) fn set(socket: &RawSocket, option: c_int, value: i32) -> Result<()> {
        if value < 0 {
            return Err(Error::EINVAL);
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if value > 0 {
            system::try_int_option(libc::SO_BUSY_POLL, value)?;
        }
        Int::set(socket, option, value)
    }
}

/// Messages that libzmq sends, or makes up, when a peer comes or goes; empty:
/// none. What may follow is in `traps.rs`.
#[cfg(feature = "draft")]
macro_rules! own_messages {
    ($($codec:ident: $flag:ident;)*) => {$(
        pub(super) struct $codec;

        impl $codec {
            pub(super) fn set(socket: &RawSocket, option: c_int, value: &[u8]) -> Result<()> {
                let mut state = socket.traps().lock();
                socket.set(option, Some(value))?;
                state.$flag = !value.is_empty();
                Ok(())
            }
        }
    )*};
}

#[cfg(feature = "draft")]
own_messages! {
    Greeting: greeting;
    Farewell: farewell;
}

/// What a socket is ready for.
pub(super) struct Events;

impl Events {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<PollEvents> {
        let bits = Int::get(socket, option)?;
        Ok(PollEvents::from_bits_truncate(bits as i16))
    }
}

/// The type of a socket.
pub(super) struct Type;

impl Type {
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<SocketType> {
        SocketType::from_raw(Int::get(socket, option)?)
    }
}

/// A security mechanism.
///
/// See [zmq_getsockopt](https://libzmq.readthedocs.io/en/latest/zmq_getsockopt.html),
/// `ZMQ_MECHANISM`.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// None.
    ZMQ_NULL,
    /// User name and password in clear text.
    ZMQ_PLAIN,
    /// Elliptic curve cryptography.
    ZMQ_CURVE,
    /// Kerberos.
    ZMQ_GSSAPI,
}

impl Mechanism {
    /// `EINVAL` for a mechanism that this crate does not know.
    pub(super) fn get(socket: &RawSocket, option: c_int) -> Result<Mechanism> {
        match Int::get(socket, option)? as u32 {
            zmq_sys::ZMQ_NULL => Ok(Mechanism::ZMQ_NULL),
            zmq_sys::ZMQ_PLAIN => Ok(Mechanism::ZMQ_PLAIN),
            zmq_sys::ZMQ_CURVE => Ok(Mechanism::ZMQ_CURVE),
            zmq_sys::ZMQ_GSSAPI => Ok(Mechanism::ZMQ_GSSAPI),
            _ => Err(Error::EINVAL),
        }
    }
}
