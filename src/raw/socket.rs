//! Sockets of libzmq.

use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::mem::{self, ManuallyDrop};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

#[cfg(zmq_vendored)]
use super::message::no_memory;
use super::{calls, check, lock, Free, RawContext, RawMessage};
use crate::error::{Error, Result};
use crate::kind::SocketType;
use crate::traps::Traps;
#[cfg(feature = "draft")]
use crate::udp::{self, Guard};

// zmq.h declares it for the draft API alone; our libzmq has it always.
#[cfg(any(zmq_vendored, feature = "draft"))]
extern "C" {
    fn zmq_socket_get_peer_state(
        socket: *mut c_void,
        routing_id: *const c_void,
        len: usize,
    ) -> c_int;
}

// Of the vendored libzmq alone: vendor/io_poller.cpp, vendor/pace.cpp.
#[cfg(zmq_vendored)]
extern "C" {
    fn libzmq_src_set_spin(socket: *mut c_void, micros: u32, context: *mut c_void);
    fn libzmq_src_set_lockstep(socket: *mut c_void, context: *mut c_void);
    fn libzmq_src_set_pacing(socket: *mut c_void, paces: c_int);
    fn libzmq_src_is_pacing(socket: *mut c_void) -> c_int;
    #[cfg(any(test, feature = "tokio", feature = "async-io"))]
    fn libzmq_src_drive(context: *mut c_void);
    #[cfg(test)]
    fn libzmq_src_driven(context: *mut c_void) -> u32;
    #[cfg(test)]
    fn libzmq_src_longest_tick(context: *mut c_void) -> u32;
}

/// A libzmq socket, closed on drop.
pub(crate) struct RawSocket {
    ptr: SocketPtr,
    pub(super) known: Known,
    /// What ends the monitor, if this crate's `MonitorSocket` reads it.
    watch: Mutex<Option<Arc<Watch>>>,
    /// How long it spins before it waits, in microseconds; 0 is not at all.
    spin: AtomicU32,
}

/// What is to be known of a socket beyond what libzmq knows, also while somebody
/// else has it.
pub(super) struct Known {
    /// Keeps the context from being terminated before the socket is closed,
    /// which would wait for the very thread that is to close it. None if the
    /// socket came from outside.
    pub(super) context: Option<Arc<RawContext>>,
    /// What matters before its options take effect.
    pub(super) traps: Traps,
    /// What matters if it uses UDP.
    #[cfg(feature = "draft")]
    pub(super) udp: Guard,
}

/// A socket of libzmq, likewise.
struct SocketPtr(NonNull<c_void>);

// SAFETY: a socket may move between threads if a full fence lies between the
// uses, and whatever hands a value to another thread in Rust is one. It is not
// `Sync`: `NonNull` already says so.
unsafe impl Send for SocketPtr {}

/// What is known of the sockets that `into_raw` has handed out.
static HANDED_OUT: Mutex<Option<HashMap<usize, Known>>> = Mutex::new(None);

impl RawSocket {
    pub(super) fn new(ptr: NonNull<c_void>, known: Known) -> RawSocket {
        RawSocket {
            ptr: SocketPtr(ptr),
            known,
            watch: Mutex::new(None),
            spin: AtomicU32::new(0),
        }
    }

    /// Gives up the socket. Its context stays alive: dropping it here could wait
    /// for ever for the socket that the caller holds now.
    pub(crate) fn into_raw(self) -> *mut c_void {
        // Nobody tells its reader when this socket will be closed.
        self.end_watch();
        self.set_spin(0);
        self.set_lockstep(false);
        let this = ManuallyDrop::new(self);
        let ptr = this.ptr.0.as_ptr();
        // SAFETY: both fields that need dropping are moved out once, and `this` is
        // not dropped.
        let (known, watch) = unsafe { (ptr::read(&this.known), ptr::read(&this.watch)) };
        drop(watch);
        if known.context.is_some() {
            let mut handed_out = lock(&HANDED_OUT);
            handed_out
                .get_or_insert_with(HashMap::new)
                .insert(ptr as usize, known);
        }
        ptr
    }

    /// Takes over a socket, and its context if it once came from `into_raw`.
    ///
    /// # Safety
    ///
    /// `ptr` is an open libzmq socket that nobody else uses or closes.
    pub(crate) unsafe fn from_raw(ptr: NonNull<c_void>) -> RawSocket {
        let mut handed_out = lock(&HANDED_OUT);
        let known = handed_out
            .as_mut()
            .and_then(|known| known.remove(&(ptr.as_ptr() as usize)));
        let known = known.unwrap_or_else(|| Known {
            context: None,
            traps: Traps::of_stranger(),
            #[cfg(feature = "draft")]
            // SAFETY: the caller answers for the socket.
            udp: unsafe { Guard::of_stranger(ptr) },
        });
        RawSocket::new(ptr, known)
    }

    /// Opens another socket in the same context; `EFAULT` if that is not known.
    pub(crate) fn sibling(&self, kind: SocketType) -> Result<RawSocket> {
        self.known
            .context
            .as_ref()
            .ok_or(Error::EFAULT)?
            .socket(kind)
    }

    /// Whether this is a copy in a forked child, where nothing may be closed.
    pub(crate) fn is_forked(&self) -> bool {
        self.known.context.as_ref().is_some_and(|c| c.is_forked())
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut c_void {
        self.ptr.0.as_ptr()
    }

    /// The same, which is never null.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    pub(super) fn as_non_null(&self) -> NonNull<c_void> {
        self.ptr.0
    }

    pub(crate) fn spin(&self) -> u32 {
        self.spin.load(Ordering::Relaxed)
    }

    /// By who may wait for the socket now.
    pub(crate) fn set_spin(&self, micros: u32) {
        self.spin.store(micros, Ordering::Relaxed);
        #[cfg(zmq_vendored)]
        // SAFETY: the socket is open, and its context is there as long as it is. Those that
        // threads share at the same time are left alone.
        unsafe {
            let context = self.context().unwrap_or(ptr::null_mut());
            libzmq_src_set_spin(self.as_ptr(), micros, context);
        }
    }

    /// Whether who asks and answers by it in turns does the I/O thread's work (vendor/lockstep.hpp).
    /// By who may use the socket now.
    #[cfg_attr(not(zmq_vendored), expect(unused_variables))]
    pub(super) fn set_lockstep(&self, is_on: bool) {
        #[cfg(zmq_vendored)]
        // SAFETY: as in `set_spin`.
        unsafe {
            let context = if is_on { self.context() } else { None };
            libzmq_src_set_lockstep(self.as_ptr(), context.unwrap_or(ptr::null_mut()));
        }
    }

    /// By who may send by the socket now.
    #[cfg_attr(not(zmq_vendored), expect(unused_variables))]
    pub(crate) fn set_pacing(&self, paces: bool) {
        #[cfg(zmq_vendored)]
        // SAFETY: the socket is open.
        unsafe {
            libzmq_src_set_pacing(self.as_ptr(), paces.into());
        }
    }

    pub(crate) fn is_pacing(&self) -> bool {
        #[cfg(zmq_vendored)]
        // SAFETY: the socket is open.
        let is_pacing = unsafe { libzmq_src_is_pacing(self.as_ptr()) } != 0;
        #[cfg(not(zmq_vendored))]
        let is_pacing = false;
        is_pacing
    }

    /// Does what the context's I/O threads have to do now.
    #[cfg(any(
        all(test, zmq_vendored, target_os = "linux"),
        feature = "tokio",
        feature = "async-io"
    ))]
    pub(crate) fn drive(&self) {
        #[cfg(zmq_vendored)]
        if let Some(context) = self.context() {
            // SAFETY: `context` is one of libzmq's, which has an open socket.
            unsafe { libzmq_src_drive(context) };
        }
    }

    /// How many turns others than the I/O threads have taken.
    #[cfg(all(test, zmq_vendored))]
    pub(crate) fn driven(&self) -> u32 {
        // SAFETY: as in `drive`.
        unsafe { libzmq_src_driven(self.context().unwrap()) }
    }

    /// How long an I/O thread was to sleep, at most, before it looks whether others still do its work.
    #[cfg(all(test, zmq_vendored))]
    pub(crate) fn longest_tick(&self) -> std::time::Duration {
        // SAFETY: as in `drive`.
        let nanoseconds = unsafe { libzmq_src_longest_tick(self.context().unwrap()) };
        std::time::Duration::from_nanos(nanoseconds.into())
    }

    /// The context, which libzmq frees no sooner than this socket is closed.
    #[cfg(zmq_vendored)]
    pub(super) fn context(&self) -> Option<*mut c_void> {
        self.known.context.as_ref()?.as_ptr()
    }

    pub(crate) fn traps(&self) -> &Traps {
        &self.known.traps
    }

    /// Whether somebody decides whom its context's servers let in, or did.
    pub(crate) fn has_door(&self) -> bool {
        self.known
            .context
            .as_ref()
            .is_some_and(|context| context.door().is_some())
    }

    /// Calls one of the functions that take a socket and an endpoint.
    pub(crate) fn endpoint(
        &self,
        function: unsafe extern "C" fn(*mut c_void, *const c_char) -> c_int,
        endpoint: &CStr,
    ) -> Result<()> {
        #[cfg(feature = "draft")]
        self.known.udp.check(self, endpoint)?;
        // SAFETY: the socket is open and `endpoint` ends in a NUL; `function` is
        // one of zmq_bind, zmq_connect, zmq_unbind and zmq_disconnect, which
        // copy the endpoint.
        let call = || check(unsafe { function(self.as_ptr(), endpoint.as_ptr()) });
        self.before_the_end(endpoint, call)?;
        if let Some(context) = &self.known.context {
            context.note_endpoint(self.ptr.0, endpoint);
        }
        Ok(())
    }

    /// Runs what may connect. Over inproc that is not to be while the context ends, which
    /// looks but once who waits for somebody to bind. It does not take long.
    fn before_the_end<T>(&self, endpoint: &CStr, call: impl FnOnce() -> Result<T>) -> Result<T> {
        match &self.known.context {
            Some(context) if endpoint.to_bytes().starts_with(b"inproc:") => {
                context.with(|_| call())
            }
            _ => call(),
        }
    }

    /// Starts to report `events` at `endpoint`; without one, stops.
    pub(crate) fn monitor(&self, endpoint: Option<&CStr>, events: c_int) -> Result<()> {
        self.end_watch();
        let endpoint = endpoint.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: the socket is open and `endpoint` ends in a NUL, or is null,
        // which libzmq takes for the wish to stop.
        check(unsafe { zmq_sys::zmq_socket_monitor(self.as_ptr(), endpoint, events) })?;
        Ok(())
    }

    /// `monitor` with a format of the messages and a type for the socket that
    /// sends them.
    #[cfg(feature = "draft")]
    pub(crate) fn monitor_versioned(
        &self,
        endpoint: &CStr,
        events: u64,
        version: c_int,
        kind: c_int,
    ) -> Result<()> {
        self.end_watch();
        let (socket, endpoint) = (self.as_ptr(), endpoint.as_ptr());
        // SAFETY: the socket is open and `endpoint` ends in a NUL.
        check(unsafe {
            zmq_sys::zmq_socket_monitor_versioned(socket, endpoint, events, version, kind)
        })?;
        Ok(())
    }

    /// Asks for an event with the length of its queues for each connection.
    ///
    /// # Safety
    ///
    /// The linked libzmq is the mended one, else it reaches for the other ends of
    /// queues that were freed. No other thread uses the socket.
    #[cfg(feature = "draft")]
    pub(crate) unsafe fn monitor_pipes_stats(&self) -> Result<()> {
        // SAFETY: the socket is open; the caller answers for the rest.
        check(unsafe { zmq_sys::zmq_socket_monitor_pipes_stats(self.as_ptr()) })?;
        Ok(())
    }

    /// What ends the monitor that was just started, for the one who reads it.
    pub(crate) fn watch(&self) -> Arc<Watch> {
        let watch = Arc::new(Watch(Mutex::new(Some(self.ptr.0))));
        let last = lock(&self.watch).replace(Arc::clone(&watch));
        if let Some(last) = last {
            // Another thread, which some sockets allow, has started one in between,
            // and libzmq has ended it.
            *lock(&last.0) = None;
        }
        watch
    }

    /// Ends the monitor if a `MonitorSocket` reads it.
    fn end_watch(&self) {
        if !self.is_forked() {
            if let Some(watch) = lock(&self.watch).take() {
                watch.end();
            }
        }
    }

    /// Sets `option` to the bytes of its value; none stands for C's NULL.
    pub(crate) fn set(&self, option: c_int, value: Option<&[u8]>) -> Result<()> {
        let (data, len) = value.map_or((ptr::null(), 0), |v| (v.as_ptr(), v.len()));
        // SAFETY: the socket is open; libzmq reads no more than `len` bytes.
        check(unsafe { zmq_sys::zmq_setsockopt(self.as_ptr(), option, data.cast(), len) })?;
        Ok(())
    }

    /// Reads `option` into `value` and says how many bytes it has.
    pub(crate) fn get(&self, option: c_int, value: &mut [u8]) -> Result<usize> {
        let mut len = value.len();
        let data = value.as_mut_ptr().cast();
        // SAFETY: the socket is open; libzmq writes no more than `len` bytes.
        check(unsafe { zmq_sys::zmq_getsockopt(self.as_ptr(), option, data, &mut len) })?;
        Ok(len)
    }

    /// Reads an option that is an `int`.
    pub(crate) fn get_int(&self, option: u32) -> Result<c_int> {
        let mut value = [0; size_of::<c_int>()];
        self.get(option as c_int, &mut value)?;
        Ok(c_int::from_ne_bytes(value))
    }

    /// Sends `message`, which is empty afterwards; on an error it is unchanged.
    #[inline]
    pub(crate) fn send(&self, message: &mut RawMessage, flags: c_int) -> Result<()> {
        #[cfg(feature = "draft")]
        if self.may_use_udp() {
            return udp::send(self, message, flags);
        }
        self.send_unguarded(message, flags)
    }

    /// Whether messages have limits that libzmq does not look at.
    #[cfg(any(zmq_vendored, feature = "draft"))]
    #[inline]
    fn may_use_udp(&self) -> bool {
        #[cfg(feature = "draft")]
        return self.known.udp.is_on();
        #[cfg(not(feature = "draft"))]
        false
    }

    /// `send` for all but the sockets that may use UDP.
    #[inline]
    pub(crate) fn send_unguarded(&self, message: &mut RawMessage, flags: c_int) -> Result<()> {
        // SAFETY: the socket is open and the message initialised.
        if unsafe { zmq_sys::zmq_msg_send(message.as_mut_ptr(), self.as_ptr(), flags) } == -1 {
            return Err(Error::last());
        }
        Ok(())
    }

    /// Sends a copy of `data`.
    #[inline]
    pub(crate) fn send_copy(&self, data: &[u8], flags: c_int) -> Result<()> {
        #[cfg(feature = "draft")]
        if self.may_use_udp() {
            return udp::send(self, &mut RawMessage::copy_of(data), flags);
        }
        let (data, len) = (data.as_ptr().cast(), data.len());
        // SAFETY: the socket is open; libzmq reads no more than the length given.
        if unsafe { calls::send_copy(self.as_ptr(), data, len, flags) } == -1 {
            return Err(Error::last());
        }
        Ok(())
    }

    /// Sends a message over memory that is handed over, also if it is not sent.
    ///
    /// # Safety
    ///
    /// As for [`RawMessage::over`].
    #[inline]
    pub(crate) unsafe fn send_over(
        &self,
        data: *mut u8,
        len: usize,
        free: Free,
        hint: *mut c_void,
        flags: c_int,
    ) -> Result<()> {
        #[cfg(zmq_vendored)]
        if !self.may_use_udp() {
            let socket = self.as_ptr();
            // SAFETY: the socket is open; the caller answers for the rest.
            return match unsafe { calls::send_over(socket, data.cast(), len, free, hint, flags) } {
                0 => Ok(()),
                -1 => Err(Error::last()),
                _ => no_memory(),
            };
        }
        // SAFETY: the caller answers for it.
        let mut message = unsafe { RawMessage::over(data, len, Some(free), hint) };
        self.send(&mut message, flags)?;
        message.was_sent();
        Ok(())
    }

    /// Receives into `message`, whose old content is released, and says whether more frames
    /// follow; on an error it may be empty.
    #[inline]
    pub(crate) fn recv(&self, message: &mut RawMessage, flags: c_int) -> Result<bool> {
        // SAFETY: the socket is open and the message initialised.
        match unsafe { calls::recv(message.as_mut_ptr(), self.as_ptr(), flags) } {
            -1 => Err(Error::last()),
            more => Ok(more != 0),
        }
    }

    /// Receives a message.
    #[inline]
    pub(crate) fn recv_new(&self, flags: c_int) -> Result<RawMessage> {
        // SAFETY: received into at once.
        let mut message = unsafe { RawMessage::uninit() };
        // SAFETY: the socket is open.
        if unsafe { calls::recv_new(message.as_mut_ptr(), self.as_ptr(), flags) } == -1 {
            // It is none.
            mem::forget(message);
            return Err(Error::last());
        }
        Ok(message)
    }

    /// Receives a message where it is to stay, and says whether more frames follow. On an
    /// error there is none.
    ///
    /// # Safety
    ///
    /// `place` may be written to.
    #[inline]
    pub(crate) unsafe fn recv_at(&self, place: *mut RawMessage, flags: c_int) -> Result<bool> {
        // SAFETY: the socket is open, and a `RawMessage` is laid out as libzmq's; the
        // caller answers for the place.
        match unsafe { calls::recv_new(place.cast(), self.as_ptr(), flags) } {
            -1 => Err(Error::last()),
            more => Ok(more != 0),
        }
    }

    /// Receives into `buffer` what fits and says how long the message was.
    #[inline]
    pub(crate) fn recv_into(&self, buffer: &mut [u8], flags: c_int) -> Result<usize> {
        let (data, len) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: the socket is open; libzmq writes no more than the length given.
        match unsafe { calls::recv_into(self.as_ptr(), data, len, flags) } {
            -1 => Err(Error::last()),
            len => Ok(len as usize),
        }
    }
}

impl RawSocket {
    /// What the peer with this routing id is ready for, as bits of `ZMQ_POLL*`. `ENOTSUP`
    /// with a libzmq that may not have the draft API.
    pub(crate) fn peer_state(&self, routing_id: &[u8]) -> Result<c_int> {
        #[cfg(any(zmq_vendored, feature = "draft"))]
        {
            let (data, len) = (routing_id.as_ptr().cast(), routing_id.len());
            // SAFETY: the socket is open; libzmq reads no more than `len` bytes.
            check(unsafe { zmq_socket_get_peer_state(self.as_ptr(), data, len) })
        }
        #[cfg(not(any(zmq_vendored, feature = "draft")))]
        {
            let _ = routing_id;
            Err(Error::ENOTSUP)
        }
    }
}

#[cfg(feature = "draft")]
impl RawSocket {
    pub(crate) fn udp(&self) -> &Guard {
        &self.known.udp
    }

    /// Joins, or leaves, a group.
    pub(crate) fn group(
        &self,
        function: unsafe extern "C" fn(*mut c_void, *const c_char) -> c_int,
        group: &CStr,
    ) -> Result<()> {
        // SAFETY: the socket is open and `group` ends in a NUL; `function` is
        // zmq_join or zmq_leave, which copy the group.
        check(unsafe { function(self.as_ptr(), group.as_ptr()) })?;
        Ok(())
    }

    /// Connects and returns the routing id of the peer.
    pub(crate) fn connect_peer(&self, endpoint: &CStr) -> Result<u32> {
        self.before_the_end(endpoint, || {
            // SAFETY: the socket is open and `endpoint` ends in a NUL.
            match unsafe { zmq_sys::zmq_connect_peer(self.as_ptr(), endpoint.as_ptr()) } {
                0 => Err(Error::last()),
                routing_id => Ok(routing_id),
            }
        })
    }
}

impl Drop for RawSocket {
    fn drop(&mut self) {
        if self.is_forked() {
            return;
        }
        self.end_watch();
        if let Some(context) = &self.known.context {
            // Before: another socket may get the pointer.
            context.forget(self.ptr.0);
        }
        #[cfg(any(feature = "tokio", feature = "async-io"))]
        self.set_waker(None);
        self.set_lockstep(false);
        // SAFETY: the socket is open, and this is its last use.
        let rc = unsafe { zmq_sys::zmq_close(self.as_ptr()) };
        debug_assert_eq!(rc, 0, "zmq_close refuses only what is no socket");
    }
}

/// What ends the monitor of a socket, from the socket's side or its reader's.
///
/// libzmq reports events from its own threads, which wait for ever if there is
/// nobody to report to: the context stands still. So monitoring must end before
/// its reader is closed, and the reader must not reach for a socket that is
/// closed: whoever goes first takes the socket out, and ends the monitor, while
/// the other waits.
pub(crate) struct Watch(Mutex<Option<NonNull<c_void>>>);

// SAFETY: the pointer is used under the lock alone, and for one call of libzmq,
// `zmq_socket_monitor`, which does all that it does here under the lock that
// libzmq's own threads take to report an event (since 4.3.0, see `end_afar`).
unsafe impl Send for Watch {}
// SAFETY: as above.
unsafe impl Sync for Watch {}

impl Watch {
    /// Ends the monitor, unless that was done already; in the socket's thread.
    fn end(&self) {
        let mut socket = lock(&self.0);
        if let Some(socket) = socket.take() {
            // SAFETY: the socket is open: who closes it, or gives it away, calls
            // this first, and waits for the lock.
            unsafe { zmq_sys::zmq_socket_monitor(socket.as_ptr(), ptr::null(), 0) };
            // It fails only if the context was shut down, which ends it as well.
        }
    }

    /// The same, in any thread. Old versions of libzmq cannot do that.
    pub(crate) fn end_afar(&self) {
        if crate::library::version() >= (4, 3, 0) {
            self.end();
        }
    }
}
