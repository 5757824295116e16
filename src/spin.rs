//! Spinning: who waits for a message does the work of the I/O thread for a while, which
//! `vendor/io_poller.hpp` explains.

use std::ffi::c_int;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::kind::CanRecv;

use crate::raw::RawSocket;
use crate::socket::Socket;
use crate::DONTWAIT;

/// How long a socket spins before it waits, in microseconds; 0 is not at all.
#[derive(Default)]
pub(crate) struct Spin(AtomicU32);

impl Spin {
    pub(crate) fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed).into())
    }

    fn set(&self, time: Duration) {
        let micros = time.as_nanos().div_ceil(1000);
        let micros = u32::try_from(micros).unwrap_or(u32::MAX);
        self.0.store(micros, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Before a call with `flags` that may wait: spins until there is something to receive,
    /// or the time is over.
    #[inline]
    pub(crate) fn spin(&self, socket: &RawSocket, flags: c_int) {
        if self.is_on() {
            self.spin_now(socket, flags);
        }
    }

    #[cold]
    fn spin_now(&self, socket: &RawSocket, flags: c_int) {
        // What is wrong with the socket, the call will say.
        let Ok(timeout) = socket.get_int(zmq_sys::ZMQ_RCVTIMEO) else {
            return;
        };
        if flags & DONTWAIT != 0 || timeout == 0 {
            return;
        }
        let timeout = u64::try_from(timeout).map_or(Duration::MAX, Duration::from_millis);
        let is_empty = || {
            let events = socket.get_int(zmq_sys::ZMQ_EVENTS);
            events.is_ok_and(|events| events & zmq_sys::ZMQ_POLLIN as c_int == 0)
        };
        let mut since = None;
        while is_empty() && self.goes_on(socket, &mut since) {
            if since.is_some_and(|since| since.elapsed() >= timeout) {
                break;
            }
            // Who has to answer may need this processor.
            thread::yield_now();
        }
    }

    /// Whether the time that began at `since` is not over yet. If so, does what there is
    /// to do; else leaves it to the I/O threads again.
    pub(crate) fn goes_on(&self, socket: &RawSocket, since: &mut Option<Instant>) -> bool {
        let since = since.get_or_insert_with(Instant::now);
        let goes_on = since.elapsed() < self.get();
        if goes_on {
            socket.drive();
        } else {
            socket.hand_back();
        }
        goes_on
    }
}

impl<K: CanRecv> Socket<K> {
    /// Has a thread that receives spin for at most `time` before it waits. Zero, as it is
    /// at first, is not at all. Counted in microseconds, rounded up; at most 71 minutes.
    ///
    /// Waiting for an answer takes longer than the answer does: libzmq's I/O thread has to
    /// be woken to read it, and then the thread that waits for it. A thread that spins
    /// does the I/O thread's work itself, and nobody has to be woken. That makes
    /// round trips over tcp and ipc three to four times faster, and it takes a
    /// processor all of the time. It pays where answers come soon, in a few dozen
    /// microseconds, and processors are free: let `time` be a few times as long as an
    /// answer takes, at both ends. With less it is worse than without.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let context = zmq::Context::new();
    /// let server = context.socket(zmq::Rep)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let client = context.socket(zmq::Req)?;
    /// client.connect(&server.get_last_endpoint()?.unwrap())?;
    /// for socket in [client.as_dyn(), server.as_dyn()] {
    ///     socket.set_spin(Duration::from_micros(200));
    /// }
    /// client.send("question", 0)?;
    /// assert_eq!(server.recv_bytes(0)?, b"question");
    /// server.send("answer", 0)?;
    /// assert_eq!(client.recv_bytes(0)?, b"answer");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// All that receives spins, and the [awaited](crate::aio) socket too: its task
    /// gives way to others, and is polled again after them. Whatever waits for several
    /// sockets at once, or sends, does not. It is not `ZMQ_BUSY_POLL`, which has the kernel
    /// look at the network's hardware.
    ///
    /// # Notes
    ///
    /// * A timeout ([`set_rcvtimeo`](Socket::set_rcvtimeo)) begins after spinning, which
    ///   ends no later than it would. Signals are noticed after it (`EINTR`).
    /// * The I/O thread does the work of all sockets of a context; so does who spins, for
    ///   one turn at a time. Receivers of other sockets are woken as ever. What a thread
    ///   sends after it has spun leaves when it spins again, or waits, or within a
    ///   millisecond.
    /// * With a system libzmq, on other systems than Linux, in a process that does not
    ///   ignore `SIGPIPE` (Rust's do), and for sockets from
    ///   [`from_raw`](Socket::from_raw), a thread that spins only looks for messages, which
    ///   the I/O thread receives: that needs a third processor to be of use.
    pub fn set_spin(&self, time: Duration) {
        self.raw().spin().set(time);
    }

    /// How long a thread that receives spins before it waits.
    pub fn get_spin(&self) -> Duration {
        self.raw().spin().get()
    }
}
