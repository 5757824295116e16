//! Pacing: who sends waits for what is ahead of a fast connection, which `vendor/pace.h`
//! explains.

use crate::kind::CanSend;
use crate::socket::Socket;

impl<K: CanSend> Socket<K> {
    /// Whether sending waits for fast connections; at first it does.
    ///
    /// A thousand messages may wait for a connection
    /// ([`set_sndhwm`](crate::Socket::set_sndhwm)). Large ones take much memory, and have
    /// left the processor's caches when their turn comes, so that writing them takes longer. So
    /// sending waits, as if there were no room, while 1 MiB or more is ahead of a message, until
    /// half of it is left, as long as the connection takes that about as fast as memory gives it:
    /// 512 KiB in every millisecond. Messages of 64 KiB travel 1.2 to 1.45 times as fast for it,
    /// in a tenth to a seventh of the memory.
    ///
    /// It does not wait for slower connections, nor for peers that do not receive: then twice as
    /// much may be ahead each time, so that a few milliseconds pass before all messages that may
    /// be queued are, or with messages of many MiB as long as a few of them take at that rate,
    /// until the connection has caught up. Nor does it wait with
    /// [`DONTWAIT`](crate::DONTWAIT), nor longer than [`set_sndtimeo`](crate::Socket::set_sndtimeo)
    /// says; what may be queued is queued then. An [awaited](crate::aio) socket waits likewise.
    ///
    /// Set it to false where handing over many large messages in no time matters more than how
    /// soon they are there:
    ///
    /// ```
    /// let push = zmq::Context::new().socket(zmq::Push)?;
    /// push.set_pacing(false);
    /// assert!(!push.is_pacing());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// It concerns PUSH, DEALER, REQ, PAIR, CLIENT, SCATTER and CHANNEL. Other kinds never wait
    /// for it: PUB drops, and ROUTER answers, by the high water mark alone. Over inproc nothing
    /// is written, and nobody waits. With a system libzmq it has no effect.
    pub fn set_pacing(&self, paces: bool) {
        self.raw().set_pacing(paces);
    }

    /// Whether sending waits for fast connections; false with a system libzmq.
    pub fn is_pacing(&self) -> bool {
        self.raw().is_pacing()
    }
}
