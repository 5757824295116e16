//! Messages of libzmq.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void, CStr};
use std::mem::{self, MaybeUninit};
use std::ptr;
use std::slice;
use std::sync::Mutex;

use zmq_sys::zmq_msg_t;

#[cfg(feature = "draft")]
use super::check;
use super::lock;
use crate::error::Error;
#[cfg(feature = "draft")]
use crate::error::Result;

/// Releases the memory behind a message: what `zmq_msg_init_data` calls, on any
/// thread, once.
pub(crate) type Free = unsafe extern "C" fn(data: *mut c_void, hint: *mut c_void);

/// What runs code of others calls this first: a thread that does an I/O thread's work may hold
/// locks that they want. If it is so, `free` is called again by the I/O thread.
///
/// # Safety
///
/// `free` may be called with these, by another thread.
pub(crate) unsafe fn free_later(_free: Free, _data: *mut c_void, _hint: *mut c_void) -> bool {
    #[cfg(not(zmq_vendored))]
    return false;
    #[cfg(zmq_vendored)]
    {
        extern "C" {
            // vendor/io_poller.cpp
            fn libzmq_src_free_later(free: Free, data: *mut c_void, hint: *mut c_void) -> c_int;
        }
        // SAFETY: the caller answers for it.
        unsafe { libzmq_src_free_later(_free, _data, _hint) != 0 }
    }
}

/// An initialised libzmq message, closed on drop.
///
/// The cell is there because sharing a message writes a flag into it.
///
/// libzmq does not write all of a message's bytes, hence `MaybeUninit`.
#[repr(transparent)]
pub(crate) struct RawMessage(UnsafeCell<MaybeUninit<zmq_msg_t>>);

// SAFETY: a message owns its content or a share of a reference count that libzmq
// changes atomically; the content's memory is released on whatever thread, which
// everything that a message is made from allows.
unsafe impl Send for RawMessage {}
// SAFETY: behind `&self`, the content and its length are only read. The flags are
// read by `more` and read and written by `share`; both hold `FLAGS`.
unsafe impl Sync for RawMessage {}

/// Running out of memory ends the process, as it does for a `Vec`.
/// It does not unwind, which would drop the message that is none.
#[cold]
pub(super) extern "C" fn no_memory() -> ! {
    match Error::last() {
        Error::ENOMEM => std::alloc::handle_alloc_error(std::alloc::Layout::new::<u8>()),
        e => unreachable!("a message can only lack memory: {e}"),
    }
}

/// Guards the flags of messages that several threads may look at. One lock for
/// all: it is held for some instructions, by who shares a message.
static FLAGS: Mutex<()> = Mutex::new(());

impl RawMessage {
    /// Memory for a message. Who fills it in does all that is to be done in one place,
    /// because where libzmq has written, a move is a copy of 64 bytes.
    ///
    /// # Safety
    ///
    /// libzmq initialises it before it is used, or dropped.
    #[inline]
    pub(super) unsafe fn uninit() -> RawMessage {
        RawMessage(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// An empty message.
    #[inline]
    pub(crate) fn new() -> RawMessage {
        // SAFETY: initialised at once, which always succeeds.
        unsafe {
            let mut message = RawMessage::uninit();
            zmq_sys::zmq_msg_init(message.as_mut_ptr());
            message
        }
    }

    /// A copy of `data`.
    #[inline]
    pub(crate) fn copy_of(data: &[u8]) -> RawMessage {
        // SAFETY: initialised at once, else the process ends. The new message has
        // `data.len()` bytes, nobody else's, and what is copied in makes them
        // initialised.
        unsafe {
            let mut message = RawMessage::uninit();
            if zmq_sys::zmq_msg_init_size(message.as_mut_ptr(), data.len()) == -1 {
                no_memory();
            }
            let to = zmq_sys::zmq_msg_data(message.as_mut_ptr()).cast::<u8>();
            ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
            message
        }
    }

    /// A message over memory that `free(data, hint)` releases; without `free`
    /// the memory is constant.
    ///
    /// # Safety
    ///
    /// The `len` bytes at `data` stay valid and unchanged until `free` runs,
    /// which may be called on any thread.
    #[inline]
    pub(crate) unsafe fn over(
        data: *mut u8,
        len: usize,
        free: Option<Free>,
        hint: *mut c_void,
    ) -> RawMessage {
        // SAFETY: initialised at once, else the process ends; the caller answers for
        // the rest.
        unsafe {
            let mut message = RawMessage::uninit();
            let to = message.as_mut_ptr();
            if zmq_sys::zmq_msg_init_data(to, data.cast(), len, free, hint) == -1 {
                no_memory();
            }
            message
        }
    }

    #[inline]
    pub(crate) fn as_mut_ptr(&mut self) -> *mut zmq_msg_t {
        self.0.get_mut().as_mut_ptr()
    }

    /// Where the message is, for functions that write to none but its flags.
    #[inline]
    fn as_ptr(&self) -> *mut zmq_msg_t {
        self.0.get().cast()
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        // SAFETY: the message is initialised, and this only reads it.
        unsafe { zmq_sys::zmq_msg_size(self.as_ptr()) }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        let message = self.as_ptr();
        // SAFETY: the message is initialised, and these functions only read it.
        let (data, len) = unsafe {
            (
                zmq_sys::zmq_msg_data(message),
                zmq_sys::zmq_msg_size(message),
            )
        };
        if len == 0 {
            return &[];
        }
        // SAFETY: libzmq keeps `len` bytes at `data` until the message is closed,
        // sent or received into, all of which need `&mut self`. Nobody writes to
        // them: `as_mut_slice` refuses a message that others share.
        unsafe { slice::from_raw_parts(data.cast(), len) }
    }

    /// The content for writing; none if somebody else may be reading it.
    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> Option<&mut [u8]> {
        let message = self.as_mut_ptr();
        // SAFETY: the message is initialised, and these functions only read it.
        let (shared, data, len) = unsafe {
            (
                zmq_sys::zmq_msg_get(message, zmq_sys::ZMQ_SHARED as c_int) != 0,
                zmq_sys::zmq_msg_data(message),
                zmq_sys::zmq_msg_size(message),
            )
        };
        if shared {
            return None;
        }
        if len == 0 {
            return Some(&mut []);
        }
        // SAFETY: as in `as_slice`; and no other message has the same content,
        // else libzmq's flag would be set, nor is it constant, nor does any
        // Rust owner share it, which `Message` makes sure of by the same flag.
        Some(unsafe { slice::from_raw_parts_mut(data.cast(), len) })
    }

    /// Whether more frames of the same multipart message follow.
    pub(crate) fn more(&self) -> bool {
        let _flags = lock(&FLAGS);
        // SAFETY: the message is initialised; the lock is for its flags.
        unsafe { zmq_sys::zmq_msg_more(self.as_ptr()) != 0 }
    }

    /// The same for who has the message alone, without the lock.
    #[inline]
    pub(crate) fn more_mut(&mut self) -> bool {
        // SAFETY: the message is initialised.
        unsafe { zmq_sys::zmq_msg_more(self.as_mut_ptr()) != 0 }
    }

    /// A property of the connection that the message came from.
    pub(crate) fn property(&self, name: &CStr) -> Option<&CStr> {
        // SAFETY: the message is initialised and `name` ends in a NUL. Properties
        // are never changed once a message has them.
        let value = unsafe { zmq_sys::zmq_msg_gets(self.as_ptr(), name.as_ptr()) };
        // SAFETY: libzmq returned a string that lives as long as the message is
        // neither closed nor received into.
        (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) })
    }

    /// Another message with the same content: shared if it is large, copied if
    /// it is within the message itself.
    #[inline(always)]
    pub(crate) fn share(&self) -> RawMessage {
        // SAFETY: the copy is initialised at once. What copying writes to the original
        // are its flags, for which we hold the lock, and reference counts, which are
        // atomic.
        unsafe {
            let mut copy = RawMessage::uninit();
            zmq_sys::zmq_msg_init(copy.as_mut_ptr());
            let _flags = lock(&FLAGS);
            let rc = zmq_sys::zmq_msg_copy(copy.as_mut_ptr(), self.as_ptr());
            assert!(rc == 0, "zmq_msg_copy refuses only what is no message");
            copy
        }
    }

    /// Gives up a message that was sent. libzmq has left an empty one, which has
    /// nothing to close; its own `zmq_send` does not close it either.
    #[inline]
    pub(crate) fn was_sent(self) {
        mem::forget(self);
    }
}

#[cfg(feature = "draft")]
impl RawMessage {
    /// The group, empty if there is none.
    pub(crate) fn group(&self) -> &CStr {
        // SAFETY: the message is initialised; this reads the group, which only
        // `set_group` changes, by `&mut self`. It always ends in a NUL.
        unsafe { CStr::from_ptr(zmq_sys::zmq_msg_group(self.as_ptr())) }
    }

    /// Sets the group of a message that has none, or one of at most 14 bytes:
    /// longer ones are kept elsewhere, and libzmq would forget where.
    pub(crate) fn set_group(&mut self, group: &CStr) -> Result<()> {
        debug_assert!(self.group().to_bytes().len() <= SHORT_GROUP);
        // SAFETY: the message is initialised and `group` ends in a NUL.
        check(unsafe { zmq_sys::zmq_msg_set_group(self.as_mut_ptr(), group.as_ptr()) })?;
        Ok(())
    }

    /// The number of the peer that the message is from or for; 0 if none.
    pub(crate) fn routing_id(&self) -> u32 {
        // SAFETY: the message is initialised; this reads a number, which only
        // `set_routing_id` changes, by `&mut self`.
        unsafe { zmq_sys::zmq_msg_routing_id(self.as_ptr()) }
    }

    pub(crate) fn set_routing_id(&mut self, routing_id: u32) -> Result<()> {
        // SAFETY: the message is initialised.
        check(unsafe { zmq_sys::zmq_msg_set_routing_id(self.as_mut_ptr(), routing_id) })?;
        Ok(())
    }

    /// Goes to the peer that `other` goes to.
    pub(crate) fn set_routing_id_of(&mut self, other: &RawMessage) {
        match other.routing_id() {
            0 => {}
            routing_id => self.set_routing_id(routing_id).expect("not 0"),
        }
    }

    /// Goes where `other` goes; for a message that has no group yet.
    pub(crate) fn address_as(&mut self, other: &RawMessage) {
        self.set_routing_id_of(other);
        self.set_group(other.group())
            .expect("short enough for `other`");
    }

    /// Puts `other` in the place of a message that libzmq may have closed.
    pub(crate) fn replace(&mut self, other: RawMessage) {
        // SAFETY: closing a message twice is an error that changes nothing.
        unsafe { zmq_sys::zmq_msg_close(self.as_mut_ptr()) };
        // SAFETY: what is overwritten is closed.
        unsafe { ptr::write(self, other) };
    }
}

/// The longest group that is kept within a message.
#[cfg(feature = "draft")]
pub(crate) const SHORT_GROUP: usize = 14;

impl Drop for RawMessage {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the message is initialised, and this is its last use.
        let rc = unsafe { zmq_sys::zmq_msg_close(self.as_mut_ptr()) };
        debug_assert_eq!(rc, 0, "zmq_msg_close refuses only what is no message");
    }
}
