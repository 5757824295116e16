//! Owning pointers to what libzmq allocates: nearly all `unsafe` is here.
//!
//! Each type closes what it owns when it is dropped, and its methods are safe
//! wrappers of one libzmq call. What the compiler is told about threads
//! (`Send`, `Sync`) is argued here.

use std::cell::UnsafeCell;
use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{mpsc, Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use zmq_sys::zmq_msg_t;

use crate::auth::Door;
use crate::error::{Error, Result};
use crate::kind::SocketType;
use crate::system::{self, Scheduling};
use crate::traps::Traps;
#[cfg(feature = "draft")]
use crate::udp::{self, Guard};

/// Turns libzmq's -1 into the error it stands for.
#[inline]
pub(crate) fn check(rc: c_int) -> Result<c_int> {
    if rc == -1 {
        Err(Error::last())
    } else {
        Ok(rc)
    }
}

/// Locks even if a holder panicked: what our locks guard is never left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many bytes one call of the operating system reads from a connection. With
/// libzmq's own 8 KiB such calls are most of what a message of a few KiB costs; beyond
/// this little is gained that would be worth the memory.
const IN_BATCH_SIZE: c_int = 128 << 10;
/// The same for what it writes. A segment of TCP is no longer than 64 KiB with all its
/// headers, and a whole 64 KiB would be a long one and a tiny one.
const OUT_BATCH_SIZE: c_int = 63 << 10;

// zmq.h declares them for the draft API alone; our libzmq has them always.
const ZMQ_IN_BATCH_SIZE: c_int = 101;
const ZMQ_OUT_BATCH_SIZE: c_int = 102;
#[cfg(feature = "draft")]
const _: () = assert!(
    ZMQ_IN_BATCH_SIZE == zmq_sys::ZMQ_IN_BATCH_SIZE as c_int
        && ZMQ_OUT_BATCH_SIZE == zmq_sys::ZMQ_OUT_BATCH_SIZE as c_int
);

// ---- context ---------------------------------------------------------------

/// A libzmq context, terminated on drop.
pub(crate) struct RawContext {
    /// The context, or why there is none: `Context::new` cannot fail, so the
    /// first use of the context does.
    ptr: Result<ContextPtr>,
    /// Whether termination has begun. From then on nobody but the terminating
    /// thread may touch `ptr`, because `zmq_ctx_term` frees it.
    closing: RwLock<bool>,
    /// Whether termination is done and `ptr` is gone. Held while terminating.
    terminated: Mutex<bool>,
    /// The process that the context's threads run in.
    process: u32,
    /// What is to be checked before the first socket is opened, which starts the
    /// context's threads. None once it was.
    unstarted: Mutex<Option<Unstarted>>,
    /// Who decides whom the context's servers let in, once somebody does.
    door: Mutex<Option<Arc<Door>>>,
    /// The sockets that are open and keep the context, by their pointers: what they
    /// are, and where they were bound or connected last.
    open: Mutex<HashMap<usize, (SocketType, Option<CString>)>>,
    stopping: Stopping,
}

/// Held while the sockets of a context are told that it ends.
#[derive(Clone, Default)]
pub(crate) struct Stopping(Arc<Mutex<()>>);

impl Stopping {
    /// Waits, for who has been told, until all are.
    pub(crate) fn wait(&self) {
        drop(lock(&self.0));
    }
}

/// What libzmq aborts over when it starts the threads of a context.
#[derive(Clone)]
pub(crate) struct Unstarted {
    pub(crate) io_threads: c_int,
    pub(crate) scheduling: Scheduling,
}

impl Unstarted {
    fn check(&self) -> Result<()> {
        self.scheduling.check()?;
        // Each thread has a poll set, and what rings its bell. libzmq aborts if there is
        // none for the first, and for the second forgets the threads it has started.
        let each = 1 + if cfg!(any(target_os = "linux", target_os = "android")) {
            1
        } else {
            2
        };
        system::has_descriptors(each * (self.io_threads as usize + 1))?;
        Ok(())
    }
}

/// A context of libzmq, apart from what is known of it: the compiler goes on to see that
/// all of that may be shared, too.
#[derive(Clone, Copy)]
struct ContextPtr(NonNull<c_void>);

// SAFETY: a libzmq context may be used from any thread; it has its own locks.
// That it is not used after it was freed is what `closing` and `terminated` of
// `RawContext` see to.
unsafe impl Send for ContextPtr {}
// SAFETY: as above.
unsafe impl Sync for ContextPtr {}

impl RawContext {
    pub(crate) fn new() -> RawContext {
        // SAFETY: takes no arguments.
        let ptr = NonNull::new(unsafe { zmq_sys::zmq_ctx_new() });
        RawContext {
            ptr: ptr.map(ContextPtr).ok_or_else(Error::last),
            closing: RwLock::new(false),
            terminated: Mutex::new(false),
            process: std::process::id(),
            unstarted: Mutex::new(Some(Unstarted {
                io_threads: 1,
                scheduling: Scheduling::default(),
            })),
            door: Mutex::new(None),
            open: Mutex::default(),
            stopping: Stopping::default(),
        }
    }

    pub(crate) fn door(&self) -> MutexGuard<'_, Option<Arc<Door>>> {
        lock(&self.door)
    }

    /// Whether this is a copy in a forked child. The threads that would close
    /// its sockets are in the parent, so nothing is closed here: libzmq would
    /// say `EINTR` for ever, or wait for a lock that nobody holds any more.
    fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    /// Runs `call` on the live context; `ETERM` once termination has begun.
    fn with<T>(&self, call: impl FnOnce(*mut c_void) -> Result<T>) -> Result<T> {
        let closing = self.closing.read().unwrap_or_else(PoisonError::into_inner);
        if *closing {
            return Err(Error::ETERM);
        }
        call(self.ptr?.0.as_ptr())
    }

    pub(crate) fn get(&self, option: c_int) -> Result<c_int> {
        self.with(|ctx| {
            // -1 is the value of some options too. This leaves an error that
            // reading an option of a live context cannot have.
            // SAFETY: libzmq refuses a context that is null.
            unsafe { zmq_sys::zmq_ctx_get(ptr::null_mut(), option) };
            // SAFETY: `with` hands out a live context.
            match check(unsafe { zmq_sys::zmq_ctx_get(ctx, option) }) {
                Err(Error::EFAULT) => Ok(-1),
                other => other,
            }
        })
    }

    pub(crate) fn set(&self, option: c_int, value: c_int) -> Result<()> {
        // SAFETY: `with` hands out a live context.
        self.with(|ctx| check(unsafe { zmq_sys::zmq_ctx_set(ctx, option, value) }))?;
        Ok(())
    }

    /// Reads `option` into `value`.
    #[cfg(feature = "draft")]
    pub(crate) fn get_bytes(&self, option: c_int, value: &mut [u8]) -> Result<()> {
        let mut len = value.len();
        let data = value.as_mut_ptr().cast();
        // SAFETY: `with` hands out a live context; libzmq writes no more than
        // `len` bytes.
        self.with(|ctx| check(unsafe { zmq_sys::zmq_ctx_get_ext(ctx, option, data, &mut len) }))?;
        Ok(())
    }

    /// Sets `option` to the bytes of its value.
    #[cfg(feature = "draft")]
    pub(crate) fn set_bytes(&self, option: c_int, value: &[u8]) -> Result<()> {
        let (data, len) = (value.as_ptr().cast(), value.len());
        // SAFETY: `with` hands out a live context; libzmq reads no more than `len`
        // bytes.
        self.with(|ctx| check(unsafe { zmq_sys::zmq_ctx_set_ext(ctx, option, data, len) }))?;
        Ok(())
    }

    /// `set` for what concerns the threads. `change` says what it changes, or
    /// why it may not be; afterwards it means nothing.
    pub(crate) fn set_unstarted(
        &self,
        option: c_int,
        value: c_int,
        change: impl FnOnce(&mut Unstarted) -> Result<()>,
    ) -> Result<()> {
        let mut unstarted = lock(&self.unstarted);
        let mut changed = unstarted.clone();
        if let Some(changed) = &mut changed {
            change(changed)?;
        }
        self.set(option, value)?;
        *unstarted = changed;
        Ok(())
    }

    /// Opens a socket that keeps `self` alive.
    pub(crate) fn socket(self: &Arc<Self>, kind: SocketType) -> Result<RawSocket> {
        self.open(kind, Some(Arc::clone(self)))
    }

    /// Opens a socket that does not: terminating the context waits for whoever has
    /// it, who is to close it on `ETERM`, after waiting for the other thing.
    pub(crate) fn servant(&self, kind: SocketType) -> Result<(RawSocket, Stopping)> {
        Ok((self.open(kind, None)?, self.stopping.clone()))
    }

    fn open(&self, kind: SocketType, context: Option<Arc<RawContext>>) -> Result<RawSocket> {
        self.with(|ctx| {
            // Held meanwhile: what was checked must not change.
            let mut unstarted = lock(&self.unstarted);
            if let Some(unstarted) = &*unstarted {
                unstarted.check()?;
            }
            // SAFETY: `with` hands out a live context.
            let ptr = unsafe { zmq_sys::zmq_socket(ctx, kind.to_raw()) };
            let ptr = NonNull::new(ptr).ok_or_else(Error::last)?;
            *unstarted = None;
            drop(unstarted);
            for (option, size) in [
                (ZMQ_IN_BATCH_SIZE, IN_BATCH_SIZE),
                (ZMQ_OUT_BATCH_SIZE, OUT_BATCH_SIZE),
            ] {
                let value = ptr::from_ref(&size).cast();
                // A system's libzmq may not have them, and then keeps its own.
                // SAFETY: the socket was just opened; the value is as long as we say.
                unsafe { zmq_sys::zmq_setsockopt(ptr.as_ptr(), option, value, size_of::<c_int>()) };
            }
            if context.is_some() {
                lock(&self.open).insert(ptr.as_ptr() as usize, (kind, None));
            }
            let known = Known {
                context,
                traps: Traps::default(),
                #[cfg(feature = "draft")]
                udp: Guard::new(kind),
            };
            Ok(RawSocket::new(ptr, known))
        })
    }

    /// Makes every blocked and future call on the context's sockets return
    /// `ETERM`. Doing so again, or after `terminate`, does nothing.
    pub(crate) fn shutdown(&self) -> Result<()> {
        let done = self.with(|ctx| {
            let _stopping = lock(&self.stopping.0);
            // SAFETY: `with` hands out a live context.
            check(unsafe { zmq_sys::zmq_ctx_shutdown(ctx) })
        });
        match done {
            Ok(_) | Err(Error::ETERM) => Ok(()),
            Err(e) => Err(e),
        }
    }

    /// Waits until every socket is closed and its messages are sent or their
    /// linger is over, then frees the context. `EINTR` leaves it to be called
    /// again; once it has succeeded it does nothing. `EBUSY` if that would wait for
    /// the calling thread.
    pub(crate) fn terminate(&self) -> Result<()> {
        let Ok(ContextPtr(ptr)) = self.ptr else {
            return Ok(());
        };
        if self.waits_for_caller() {
            return Err(Error::EBUSY);
        }
        // Waits for the calls that are inside `with`; none of them blocks.
        *self.closing.write().unwrap_or_else(PoisonError::into_inner) = true;
        if self.is_forked() {
            return Ok(());
        }
        let mut terminated = lock(&self.terminated);
        if !*terminated {
            if lock(&self.door).is_some() {
                let _stopping = lock(&self.stopping.0);
                // SAFETY: as below.
                check(unsafe { zmq_sys::zmq_ctx_shutdown(ptr.as_ptr()) })?;
            }
            // SAFETY: not freed yet, and with `closing` set and the lock on
            // `terminated` held, nobody else uses the pointer.
            check(unsafe { zmq_sys::zmq_ctx_term(ptr.as_ptr()) })?;
            *terminated = true;
        }
        Ok(())
    }

    /// `shutdown` and `terminate`, in another thread, which goes on with it when this
    /// has waited for so long. Whether it is done.
    pub(crate) fn end(self: &Arc<Self>, patience: Duration) -> bool {
        let _ = self.shutdown();
        if self.terminated.try_lock().is_ok_and(|done| *done) {
            return true;
        }
        let this = Arc::clone(self);
        let (done, is_done) = mpsc::channel();
        let end = move || {
            while this.terminate() == Err(Error::EINTR) {}
            let _ = done.send(());
        };
        // If there can be no more threads, it is left to the last handle.
        let spawned = thread::Builder::new().name("zmq-end".into()).spawn(end);
        spawned.is_ok() && is_done.recv_timeout(patience).is_ok()
    }

    /// What is open, and where it was bound or connected last.
    pub(crate) fn open_sockets(&self) -> Vec<(SocketType, Option<CString>)> {
        lock(&self.open).values().cloned().collect()
    }
}

impl RawContext {
    /// Whether the calling thread is the one that answers for the context, by a
    /// function of the user's.
    fn waits_for_caller(&self) -> bool {
        let door = lock(&self.door).clone();
        !self.is_forked() && door.is_some_and(|door| door.is_here())
    }

    /// The context, and nothing in its place.
    fn take(&mut self) -> RawContext {
        let nothing = RawContext {
            ptr: Err(Error::ETERM),
            closing: RwLock::new(true),
            terminated: Mutex::new(true),
            process: self.process,
            unstarted: Mutex::new(None),
            door: Mutex::new(None),
            open: Mutex::default(),
            stopping: Stopping::default(),
        };
        mem::replace(self, nothing)
    }
}

impl Drop for RawContext {
    fn drop(&mut self) {
        if self.waits_for_caller() {
            let _ = self.shutdown();
            // If there can be no more threads, it stays.
            let this = ManuallyDrop::new(self.take());
            let _ = thread::Builder::new().spawn(|| drop(ManuallyDrop::into_inner(this)));
            return;
        }
        #[cfg(feature = "tracing")]
        let _told = self.tell_if_it_takes_long();
        while self.terminate() == Err(Error::EINTR) {}
    }
}

#[cfg(feature = "tracing")]
impl RawContext {
    /// Starts a thread that says so, unless what is returned is dropped within a second.
    fn tell_if_it_takes_long(&self) -> Option<mpsc::Sender<()>> {
        if lock(&self.unstarted).is_some() || *lock(&self.terminated) || self.is_forked() {
            return None;
        }
        let (done, is_done) = mpsc::channel::<()>();
        let watch = move || {
            if is_done.recv_timeout(Duration::from_secs(1)) == Err(mpsc::RecvTimeoutError::Timeout)
            {
                tracing::warn!(
                    "the last handle of a context was dropped a second ago, which waits until \
                     the messages of its sockets are sent or their linger is over"
                );
            }
        };
        thread::Builder::new().spawn(watch).ok()?;
        Some(done)
    }
}

// ---- socket ----------------------------------------------------------------

// Of the vendored libzmq alone: vendor/io_poller.cpp.
#[cfg(zmq_vendored)]
extern "C" {
    fn libzmq_src_set_spin(socket: *mut c_void, micros: u32, context: *mut c_void);
    #[cfg(any(test, feature = "tokio", feature = "async-io"))]
    fn libzmq_src_drive(context: *mut c_void);
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    fn libzmq_src_hand_back(context: *mut c_void);
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    fn libzmq_src_set_watched(socket: *mut c_void, watched: c_int);
    #[cfg(test)]
    fn libzmq_src_driven(context: *mut c_void) -> u32;
}

/// A libzmq socket, closed on drop.
pub(crate) struct RawSocket {
    ptr: SocketPtr,
    known: Known,
    /// What ends the monitor, if this crate's `MonitorSocket` reads it.
    watch: Mutex<Option<Arc<Watch>>>,
    /// How long it spins before it waits, in microseconds; 0 is not at all.
    spin: AtomicU32,
}

/// What is to be known of a socket beyond what libzmq knows, also while somebody
/// else has it.
struct Known {
    /// Keeps the context from being terminated before the socket is closed,
    /// which would wait for the very thread that is to close it. None if the
    /// socket came from outside.
    context: Option<Arc<RawContext>>,
    /// What matters before its options take effect.
    traps: Traps,
    /// What matters if it uses UDP.
    #[cfg(feature = "draft")]
    udp: Guard,
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
    fn new(ptr: NonNull<c_void>, known: Known) -> RawSocket {
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

    /// Leaves it to the I/O threads again.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    pub(crate) fn hand_back(&self) {
        #[cfg(zmq_vendored)]
        if let Some(context) = self.context() {
            // SAFETY: as in `drive`.
            unsafe { libzmq_src_hand_back(context) };
        }
    }

    /// Whether somebody watches the socket's descriptor. If not, what happens need not make
    /// it readable, until somebody does.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    pub(crate) fn set_watched(&self, _watched: bool) {
        #[cfg(zmq_vendored)]
        // SAFETY: the socket is open.
        unsafe {
            libzmq_src_set_watched(self.ptr.0.as_ptr(), _watched.into())
        };
    }

    /// How many turns others than the I/O threads have taken.
    #[cfg(all(test, zmq_vendored))]
    pub(crate) fn driven(&self) -> u32 {
        // SAFETY: as in `drive`.
        unsafe { libzmq_src_driven(self.context().unwrap()) }
    }

    /// The context, which libzmq frees no sooner than this socket is closed.
    #[cfg(zmq_vendored)]
    fn context(&self) -> Option<*mut c_void> {
        let context = self.known.context.as_ref()?;
        Some(context.ptr.ok()?.0.as_ptr())
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
        check(unsafe { function(self.as_ptr(), endpoint.as_ptr()) })?;
        if let Some(context) = &self.known.context {
            if let Some((_, last)) = lock(&context.open).get_mut(&(self.as_ptr() as usize)) {
                *last = Some(endpoint.to_owned());
            }
        }
        Ok(())
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

    /// Sends `message`, which is empty afterwards, and says how many bytes it had,
    /// at most `i32::MAX`; on an error it is unchanged.
    #[inline]
    pub(crate) fn send(&self, message: &mut RawMessage, flags: c_int) -> Result<c_int> {
        #[cfg(feature = "draft")]
        if self.known.udp.is_on() {
            return udp::send(self, message, flags);
        }
        self.send_unguarded(message, flags)
    }

    /// Sends a copy of `data`.
    #[inline]
    pub(crate) fn send_slice(&self, data: &[u8], flags: c_int) -> Result<c_int> {
        #[cfg(feature = "draft")]
        if self.known.udp.is_on() {
            return udp::send(self, &mut RawMessage::copy_of(data), flags);
        }
        // SAFETY: the socket is open; libzmq reads no more than the length given.
        check(unsafe { zmq_sys::zmq_send(self.as_ptr(), data.as_ptr().cast(), data.len(), flags) })
    }

    /// `send` for all but the sockets that may use UDP.
    #[inline]
    pub(crate) fn send_unguarded(&self, message: &mut RawMessage, flags: c_int) -> Result<c_int> {
        // SAFETY: the socket is open and the message initialised.
        check(unsafe { zmq_sys::zmq_msg_send(message.as_mut_ptr(), self.as_ptr(), flags) })
    }

    /// Receives into `message`, whose old content is released, and says how many
    /// bytes it has, at most `i32::MAX`; on an error it may be empty.
    #[inline]
    pub(crate) fn recv(&self, message: &mut RawMessage, flags: c_int) -> Result<c_int> {
        // SAFETY: the socket is open and the message initialised.
        check(unsafe { zmq_sys::zmq_msg_recv(message.as_mut_ptr(), self.as_ptr(), flags) })
    }

    /// Receives a message, and returns what `take` makes of it.
    #[inline]
    pub(crate) fn recv_with<T>(
        &self,
        flags: c_int,
        take: impl FnOnce(&mut RawMessage) -> T,
    ) -> Result<T> {
        // SAFETY: initialised next, which always succeeds.
        let mut message = unsafe { RawMessage::uninit() };
        // SAFETY: initialises the memory it is given.
        unsafe { zmq_sys::zmq_msg_init(message.as_mut_ptr()) };
        self.recv(&mut message, flags)?;
        Ok(take(&mut message))
    }

    /// Receives a message; not by `recv_with`, which would move it once more.
    #[inline]
    pub(crate) fn recv_new(&self, flags: c_int) -> Result<RawMessage> {
        // SAFETY: initialised at once, which always succeeds.
        unsafe {
            let mut message = RawMessage::uninit();
            zmq_sys::zmq_msg_init(message.as_mut_ptr());
            self.recv(&mut message, flags)?;
            Ok(message)
        }
    }

    /// Receives into `buffer` what fits and says how long the message was.
    #[inline]
    pub(crate) fn recv_into(&self, buffer: &mut [u8], flags: c_int) -> Result<usize> {
        let (data, len) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: the socket is open; libzmq writes no more than the length given.
        Ok(check(unsafe { zmq_sys::zmq_recv(self.as_ptr(), data, len, flags) })? as usize)
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
        // SAFETY: the socket is open and `endpoint` ends in a NUL.
        match unsafe { zmq_sys::zmq_connect_peer(self.as_ptr(), endpoint.as_ptr()) } {
            0 => Err(Error::last()),
            routing_id => Ok(routing_id),
        }
    }

    /// What the peer with this routing id is ready for, as bits of `ZMQ_POLL*`.
    pub(crate) fn peer_state(&self, routing_id: &[u8]) -> Result<c_int> {
        let (data, len) = (routing_id.as_ptr().cast(), routing_id.len());
        // SAFETY: the socket is open; libzmq reads no more than `len` bytes.
        check(unsafe { zmq_sys::zmq_socket_get_peer_state(self.as_ptr(), data, len) })
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
            lock(&context.open).remove(&(self.as_ptr() as usize));
        }
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

// ---- message ---------------------------------------------------------------

/// Releases the memory behind a message: what `zmq_msg_init_data` calls, on any
/// thread, once.
pub(crate) type Free = unsafe extern "C" fn(data: *mut c_void, hint: *mut c_void);

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
extern "C" fn no_memory() -> ! {
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
    unsafe fn uninit() -> RawMessage {
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
