//! Sockets that tasks wait for: what the vendored libzmq is told of that, and what it has them do
//! (`vendor/io_poller.hpp`, `vendor/lockstep.hpp`). Another does without.

use std::ffi::c_void;
use std::ptr;
use std::task::Waker;

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
        #[link_name = "libzmq_src_has_news"]
        pub fn has_news(socket: *mut c_void) -> c_int;
        #[link_name = "libzmq_src_end_to_wait"]
        pub fn end_to_wait(socket: *mut c_void);
        #[link_name = "libzmq_src_in_turns"]
        pub fn in_turns(socket: *mut c_void) -> c_int;
        #[link_name = "libzmq_src_set_task"]
        pub fn set_task(socket: *mut c_void, is_task: c_int);
        #[link_name = "libzmq_src_wake_into"]
        pub fn wake_into(woken: *mut *const c_void);
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

    pub unsafe fn has_news(_socket: *mut c_void) -> c_int {
        0
    }

    pub unsafe fn end_to_wait(_socket: *mut c_void) {}

    pub unsafe fn in_turns(_socket: *mut c_void) -> c_int {
        0
    }

    pub unsafe fn set_task(_socket: *mut c_void, _is_task: c_int) {}

    pub unsafe fn wake_into(_woken: *mut *const c_void) {}
}

/// While this thread wakes the tasks that it sends something to.
struct Waking<'a> {
    task: *const c_void,
    socket: &'a RawSocket,
    woken: &'a mut Option<Waker>,
}

impl Drop for Waking<'_> {
    fn drop(&mut self) {
        // SAFETY: it is told nothing.
        unsafe { imp::wake_into(ptr::null_mut()) };
        if !self.task.is_null() {
            let context = self.socket.known.context.as_ref();
            *self.woken = context.and_then(|context| context.waker(self.task));
        }
    }
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

    /// Does what that descriptor tells of. Whether to wait for it once more. The socket's own is not
    /// watched any more: whether something has happened to it, `has_news` says.
    pub(crate) fn lead(&self) -> bool {
        // SAFETY: the socket is open, and `begin_to_wait` has given a descriptor.
        unsafe { imp::lead(self.as_ptr()) != 0 }
    }

    /// Whether something has happened that the socket has not worked off.
    pub(crate) fn has_news(&self) -> bool {
        // SAFETY: the socket is open.
        unsafe { imp::has_news(self.as_ptr()) != 0 }
    }

    /// After a task has waited.
    pub(crate) fn end_to_wait(&self) {
        // SAFETY: the socket is open.
        unsafe { imp::end_to_wait(self.as_ptr()) };
    }

    /// Whether who waits by it asks and answers in turns.
    pub(crate) fn in_turns(&self) -> bool {
        // SAFETY: the socket is open.
        unsafe { imp::in_turns(self.as_ptr()) != 0 }
    }

    /// What wakes the tasks that wait for it; none if it is not tasks that do, any more.
    pub(crate) fn set_waker(&self, waker: Option<&Waker>) {
        let Some(context) = &self.known.context else {
            return;
        };
        // In a child, whoever held the mailbox's lock is not there.
        if self.is_forked() {
            return;
        }
        // Who is told of a task finds its waker.
        context.note_waker(self.as_non_null(), waker.cloned());
        // SAFETY: the socket is open.
        unsafe { imp::set_task(self.as_ptr(), waker.is_some().into()) };
    }

    /// Runs what may send by this socket. If that is to a task, its waker is put into `woken`, to be
    /// called; the descriptor it waits for need not tell it then.
    pub(crate) fn waking<T>(&self, woken: &mut Option<Waker>, send: impl FnOnce() -> T) -> T {
        let mut scope = Waking {
            task: ptr::null(),
            socket: self,
            woken,
        };
        // SAFETY: it is there until the scope ends, which says so to this thread; nobody touches it
        // before.
        unsafe { imp::wake_into(&raw mut scope.task) };
        send()
    }
}
