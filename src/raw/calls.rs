//! The calls of libzmq that send and receive, where the vendored libzmq has some of its
//! own (`vendor/calls.cpp`), which leave out what other callers need. With another libzmq
//! the same is done here.

#[cfg(zmq_vendored)]
mod imp {
    use std::ffi::{c_int, c_void};

    use zmq_sys::zmq_msg_t;

    use crate::raw::Free;

    extern "C" {
        #[link_name = "libzmq_src_send_copy"]
        pub fn send_copy(
            socket: *mut c_void,
            data: *const c_void,
            len: usize,
            flags: c_int,
        ) -> c_int;
        #[link_name = "libzmq_src_send_over"]
        pub fn send_over(
            socket: *mut c_void,
            data: *mut c_void,
            len: usize,
            free: Free,
            hint: *mut c_void,
            flags: c_int,
        ) -> c_int;
        #[link_name = "libzmq_src_recv"]
        pub fn recv(message: *mut zmq_msg_t, socket: *mut c_void, flags: c_int) -> c_int;
        #[link_name = "libzmq_src_recv_new"]
        pub fn recv_new(message: *mut zmq_msg_t, socket: *mut c_void, flags: c_int) -> c_int;
        #[link_name = "libzmq_src_recv_into"]
        pub fn recv_into(socket: *mut c_void, buffer: *mut c_void, len: usize, flags: c_int)
            -> i64;
    }
}

#[cfg(not(zmq_vendored))]
mod imp {
    use std::ffi::{c_int, c_void};

    use zmq_sys::{zmq_msg_close, zmq_msg_init, zmq_msg_more, zmq_msg_t};

    pub unsafe fn send_copy(
        socket: *mut c_void,
        data: *const c_void,
        len: usize,
        flags: c_int,
    ) -> c_int {
        // SAFETY: the caller answers for it.
        unsafe { zmq_sys::zmq_send(socket, data, len, flags) }
    }

    pub unsafe fn recv(message: *mut zmq_msg_t, socket: *mut c_void, flags: c_int) -> c_int {
        // SAFETY: the caller answers for it.
        unsafe {
            match zmq_sys::zmq_msg_recv(message, socket, flags) {
                -1 => -1,
                _ => zmq_msg_more(message),
            }
        }
    }

    pub unsafe fn recv_new(message: *mut zmq_msg_t, socket: *mut c_void, flags: c_int) -> c_int {
        // SAFETY: the caller answers for it; initialising always succeeds.
        unsafe {
            zmq_msg_init(message);
            let more = recv(message, socket, flags);
            if more == -1 {
                // An empty one, for which `errno` stays as it is.
                zmq_msg_close(message);
            }
            more
        }
    }

    pub unsafe fn recv_into(
        socket: *mut c_void,
        buffer: *mut c_void,
        len: usize,
        flags: c_int,
    ) -> i64 {
        // SAFETY: the caller answers for it.
        unsafe { zmq_sys::zmq_recv(socket, buffer, len, flags) }.into()
    }
}

#[cfg(zmq_vendored)]
pub(super) use imp::send_over;
pub(super) use imp::{recv, recv_into, recv_new, send_copy};

/// [`DONTWAIT`](crate::DONTWAIT) for who waits in another way: the vendored libzmq then has it wait
/// for what is ahead, too (`LIBZMQ_SRC_IN_PACE` in `vendor/pace.h`).
#[cfg(any(feature = "tokio", feature = "async-io"))]
pub(crate) const IN_PACE: i32 = crate::DONTWAIT | if cfg!(zmq_vendored) { 0x4000 } else { 0 };
