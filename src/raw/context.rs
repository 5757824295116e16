//! Contexts of libzmq.

use std::collections::HashMap;
use std::ffi::{c_int, c_void, CStr, CString};
use std::mem::{self, ManuallyDrop};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc, Mutex, MutexGuard, PoisonError, RwLock};
#[cfg(any(feature = "tokio", feature = "async-io"))]
use std::task::Waker;
use std::thread;
use std::time::Duration;

use super::socket::{Known, RawSocket};
use super::{check, lock};
use crate::auth::Door;
use crate::error::{Error, Result};
use crate::kind::SocketType;
use crate::system::{self, Scheduling};
use crate::traps::Traps;
#[cfg(feature = "draft")]
use crate::udp::Guard;

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
    /// Whether its I/O threads may leave their work to others. Known once it has a socket.
    lends: AtomicBool,
    /// Who decides whom the context's servers let in, once somebody does.
    door: Mutex<Option<Arc<Door>>>,
    /// The sockets that are open and keep the context, by their pointers.
    open: Mutex<HashMap<usize, Open>>,
    stopping: Stopping,
}

struct Open {
    kind: SocketType,
    /// Where it was bound or connected last.
    endpoint: Option<CString>,
    /// Wakes the tasks that wait for it, if tasks do.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    waker: Option<Waker>,
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

/// Whether what is received by one of that kind may be answered by it.
fn sends_and_receives(kind: SocketType) -> bool {
    use SocketType::{DEALER, PAIR, REP, REQ, ROUTER, STREAM};
    matches!(kind, REQ | REP | DEALER | ROUTER | PAIR | STREAM)
}

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
            lends: AtomicBool::new(false),
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
    pub(super) fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    /// Runs `call` on the live context; `ETERM` once termination has begun, which waits
    /// for it.
    pub(super) fn with<T>(&self, call: impl FnOnce(*mut c_void) -> Result<T>) -> Result<T> {
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
                // Who says where its threads are to run wants it to be these that do their work.
                let lends = unstarted.scheduling.is_default();
                self.lends.store(lends, Ordering::Relaxed);
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
                let open = Open {
                    kind,
                    endpoint: None,
                    #[cfg(any(feature = "tokio", feature = "async-io"))]
                    waker: None,
                };
                lock(&self.open).insert(ptr.as_ptr() as usize, open);
            }
            let known = Known {
                context,
                traps: Traps::default(),
                #[cfg(feature = "draft")]
                udp: Guard::new(kind),
            };
            let socket = RawSocket::new(ptr, known);
            socket.set_lockstep(sends_and_receives(kind) && self.lends.load(Ordering::Relaxed));
            Ok(socket)
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

    /// Notes where an open socket was bound or connected last.
    pub(super) fn note_endpoint(&self, socket: NonNull<c_void>, endpoint: &CStr) {
        if let Some(open) = lock(&self.open).get_mut(&(socket.as_ptr() as usize)) {
            open.endpoint = Some(endpoint.to_owned());
        }
    }

    /// Notes what wakes the tasks that wait for an open socket.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    pub(super) fn note_waker(&self, socket: NonNull<c_void>, waker: Option<Waker>) {
        let mut open = lock(&self.open);
        let former = match open.get_mut(&(socket.as_ptr() as usize)) {
            Some(open) => mem::replace(&mut open.waker, waker),
            None => waker,
        };
        // Unlocked, for it may be the last of what is not ours.
        drop(open);
        drop(former);
    }

    /// Whatever is not open any more has nobody to be woken.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    pub(super) fn waker(&self, socket: *const c_void) -> Option<Waker> {
        lock(&self.open).get(&(socket as usize))?.waker.clone()
    }

    /// Forgets a socket that is about to be closed.
    pub(super) fn forget(&self, socket: NonNull<c_void>) {
        let gone = lock(&self.open).remove(&(socket.as_ptr() as usize));
        // Unlocked, as in `note_waker`.
        drop(gone);
    }

    /// libzmq's context, which is not freed before its sockets are closed.
    #[cfg(zmq_vendored)]
    pub(super) fn as_ptr(&self) -> Option<*mut c_void> {
        Some(self.ptr.ok()?.0.as_ptr())
    }

    /// What is open, and where it was bound or connected last.
    pub(crate) fn open_sockets(&self) -> Vec<(SocketType, Option<CString>)> {
        let open = lock(&self.open);
        open.values()
            .map(|open| (open.kind, open.endpoint.clone()))
            .collect()
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
            lends: AtomicBool::new(false),
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
