//! Sockets that tasks wait for: what the vendored libzmq is told of that, and what it has them do
//! (`vendor/io_poller.hpp`, `vendor/lockstep.hpp`). Another does without.

use zmq_sys::RawFd;

use super::RawSocket;

#[cfg(zmq_vendored)]
mod imp {
    use std::ffi::{c_int, c_void};

    extern "C" {
        #[link_name = "libzmq_src_set_watched"]
        pub fn set_watched(socket: *mut c_void, watched: c_int);
        #[link_name = "libzmq_src_begin_to_wait"]
        pub fn begin_to_wait(socket: *mut c_void) -> c_int;
        #[link_name = "libzmq_src_lead"]
        pub fn lead(socket: *mut c_void) -> c_int;
        #[link_name = "libzmq_src_end_to_wait"]
        pub fn end_to_wait(socket: *mut c_void);
        #[link_name = "libzmq_src_hand_back"]
        pub fn hand_back(context: *mut c_void);
    }
}

#[cfg(not(zmq_vendored))]
mod imp {
    use std::ffi::{c_int, c_void};

    pub unsafe fn set_watched(_socket: *mut c_void, _watched: c_int) {}

    pub unsafe fn begin_to_wait(_socket: *mut c_void) -> c_int {
        -1
    }

    pub unsafe fn lead(_socket: *mut c_void) -> c_int {
        0
    }

    pub unsafe fn end_to_wait(_socket: *mut c_void) {}
}

impl RawSocket {
    /// Leaves it to the I/O threads again.
    pub(crate) fn hand_back(&self) {
        #[cfg(zmq_vendored)]
        if let Some(context) = self.context() {
            // SAFETY: as in `drive`.
            unsafe { imp::hand_back(context) };
        }
    }

    /// Whether somebody watches the socket's descriptor. If not, what happens need not make
    /// it readable, until somebody does.
    pub(crate) fn set_watched(&self, watched: bool) {
        // SAFETY: the socket is open.
        unsafe { imp::set_watched(self.as_ptr(), watched.into()) };
    }

    /// Before a task waits for the socket to become readable: a descriptor that it is to wait for
    /// too, and then to `lead`. It stays as long as the socket does.
    pub(crate) fn begin_to_wait(&self) -> Option<RawFd> {
        // SAFETY: the socket is open.
        match unsafe { imp::begin_to_wait(self.as_ptr()) } {
            -1 => None,
            fd => Some(fd as RawFd),
        }
    }

    /// Does what that descriptor tells of. Whether to wait for it once more. What happened need not
    /// have made the socket's own descriptor readable, until it is watched again.
    pub(crate) fn lead(&self) -> bool {
        // SAFETY: the socket is open, and `begin_to_wait` has given a descriptor.
        unsafe { imp::lead(self.as_ptr()) != 0 }
    }

    /// After a task has waited.
    pub(crate) fn end_to_wait(&self) {
        // SAFETY: the socket is open.
        unsafe { imp::end_to_wait(self.as_ptr()) };
    }
}
