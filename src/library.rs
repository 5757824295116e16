//! The linked libzmq: its version and what it was built with.

use std::ffi::CString;

/// The version of the linked libzmq, as `(major, minor, patch)`.
///
/// ```
/// assert!(zmq::version() >= (4, 1, 0));
/// ```
///
/// See [zmq_version](https://libzmq.readthedocs.io/en/latest/zmq_version.html).
pub fn version() -> (i32, i32, i32) {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: writes three numbers to where they are wanted.
    unsafe { zmq_sys::zmq_version(&mut major, &mut minor, &mut patch) };
    (major, minor, patch)
}

/// Whether the linked libzmq has a capability: `"ipc"`, `"pgm"`, `"tipc"`,
/// `"norm"`, `"curve"`, `"gssapi"`, `"draft"`, `"WS"` (spelled so), ... Always
/// `Some`; a name that libzmq does not know is `Some(false)`.
///
/// ```
/// assert_eq!(zmq::has("no such thing"), Some(false));
/// ```
///
/// See [zmq_has](https://libzmq.readthedocs.io/en/latest/zmq_has.html).
pub fn has(capability: &str) -> Option<bool> {
    // No capability has a NUL in its name.
    let Ok(name) = CString::new(capability) else {
        return Some(false);
    };
    // SAFETY: `name` ends in a NUL.
    Some(unsafe { zmq_sys::zmq_has(name.as_ptr()) } == 1)
}
