//! Error numbers that libzmq's functions leave in `errno`.
//!
//! The first block are the platform's own; libzmq defines those that a platform
//! lacks, and its four native ones, from `ZMQ_HAUSNUMERO` up.

use crate::ffi::ZMQ_HAUSNUMERO;

const HAUSNUMERO: i32 = ZMQ_HAUSNUMERO as i32;

/// The platform's numbers: one table, because two would drift apart.
macro_rules! platform {
    ($($name:ident = $windows:literal),* $(,)?) => {$(
        #[doc = concat!("`", stringify!($name), "` of the platform.")]
        #[cfg(not(windows))]
        pub const $name: i32 = libc::$name;
        #[doc = concat!("`", stringify!($name), "` of the platform.")]
        #[cfg(windows)]
        pub const $name: i32 = $windows;
    )*};
}

// The Windows numbers are those of its errno.h since Visual Studio 2010.
platform! {
    EACCES = 13,
    EADDRINUSE = 100,
    EADDRNOTAVAIL = 101,
    EAGAIN = 11,
    EBUSY = 16,
    ECONNREFUSED = 107,
    EFAULT = 14,
    EINTR = 4,
    EHOSTUNREACH = 110,
    EINPROGRESS = 112,
    EINVAL = 22,
    EMFILE = 24,
    EMSGSIZE = 115,
    ENAMETOOLONG = 38,
    ENODEV = 19,
    ENOENT = 2,
    ENOMEM = 12,
    ENOTCONN = 126,
    ENOTSOCK = 128,
    EPROTO = 134,
    EPROTONOSUPPORT = 135,
    ENOTSUP = 129,
    ENOBUFS = 119,
    ENETDOWN = 116,
}

/// What libzmq uses itself, or where the platform has no number.
macro_rules! hausnumero {
    ($($name:ident = $offset:literal: $doc:literal),* $(,)?) => {$(
        #[doc = $doc]
        pub const $name: i32 = HAUSNUMERO + $offset;
    )*};
}

hausnumero! {
    EFSM = 51: "The operation cannot be done in the socket's current state.",
    ENOCOMPATPROTO = 52: "The protocol is not compatible with the socket type.",
    ETERM = 53: "The context was terminated.",
    EMTHREAD = 54: "There is no I/O thread for the task.",

    ENOTSUP_ALT = 1: "`ENOTSUP` where the platform has none.",
    EPROTONOSUPPORT_ALT = 2: "`EPROTONOSUPPORT` where the platform has none.",
    ENOBUFS_ALT = 3: "`ENOBUFS` where the platform has none.",
    ENETDOWN_ALT = 4: "`ENETDOWN` where the platform has none.",
    EADDRINUSE_ALT = 5: "`EADDRINUSE` where the platform has none.",
    EADDRNOTAVAIL_ALT = 6: "`EADDRNOTAVAIL` where the platform has none.",
    ECONNREFUSED_ALT = 7: "`ECONNREFUSED` where the platform has none.",
    EINPROGRESS_ALT = 8: "`EINPROGRESS` where the platform has none.",
    ENOTSOCK_ALT = 9: "`ENOTSOCK` where the platform has none.",
    EMSGSIZE_ALT = 10: "`EMSGSIZE` where the platform has none.",
    EAFNOSUPPORT_ALT = 11: "`EAFNOSUPPORT` where the platform has none.",
    ENETUNREACH_ALT = 12: "`ENETUNREACH` where the platform has none.",
    ECONNABORTED_ALT = 13: "`ECONNABORTED` where the platform has none.",
    ECONNRESET_ALT = 14: "`ECONNRESET` where the platform has none.",
    ENOTCONN_ALT = 15: "`ENOTCONN` where the platform has none.",
    ETIMEDOUT_ALT = 16: "`ETIMEDOUT` where the platform has none.",
    EHOSTUNREACH_ALT = 17: "`EHOSTUNREACH` where the platform has none.",
    ENETRESET_ALT = 18: "`ENETRESET` where the platform has none.",
}
