//! Requests that survive a server that does not answer.

use std::time::{Duration, Instant};

use super::Socket;
use crate::error::{Error, Result};
use crate::kind::{CanMultipart, CanRecv, CanRequest, CanSend};
use crate::multipart::Multipart;
use crate::poll::{left_until, PollEvents, POLLIN, POLLOUT};
use crate::DONTWAIT;

impl<K: CanRequest + CanSend + CanRecv + CanMultipart> Socket<K> {
    /// Sends a request and waits for its reply, up to `timeout`; if none comes,
    /// sends the request again, `retries` times more. This is the guide's [lazy
    /// pirate](https://zguide.zeromq.org/docs/chapter4/#Client-Side-Reliability-Lazy-Pirate-Pattern).
    ///
    /// A reply that comes late is never taken for that of another request, and the
    /// socket is ready for the next one, also after an error. The server may get a
    /// request more than once.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let context = zmq::Context::new();
    /// let server = context.socket(zmq::Rep)?;
    /// server.bind("inproc://request")?;
    /// std::thread::spawn(move || server.send(server.recv_msg(0)?, 0));
    ///
    /// let client = context.socket(zmq::Req)?;
    /// client.connect("inproc://request")?;
    /// let reply = client.request("echo", Duration::from_secs(1), 3)?;
    /// assert_eq!(reply, ["echo"]);
    ///
    /// // The server answers one request only.
    /// let refused = client.request("another", Duration::from_millis(1), 3);
    /// assert_eq!(refused, Err(zmq::Error::EAGAIN));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// A request of several frames is a [`Multipart`], or an array of frames.
    ///
    /// It sets [`req_relaxed`](Socket::set_req_relaxed) and
    /// [`req_correlate`](Socket::set_req_correlate), for good: the second adds a
    /// frame to the envelope, which REP sends back, and a ROUTER that answers has to
    /// as well.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if no attempt was answered, and the errors of
    /// [`send`](Socket::send) and [`recv`](Socket::recv).
    pub fn request(
        &self,
        request: impl Into<Multipart>,
        timeout: Duration,
        retries: u32,
    ) -> Result<Multipart> {
        let request = request.into();
        self.set_req_relaxed(true)?;
        self.set_req_correlate(true)?;
        for _ in 0..=u64::from(retries) {
            let deadline = Instant::now().checked_add(timeout);
            if self.wait_until(POLLOUT, deadline)? {
                // Frames are shared, not copied, to be there for another attempt.
                self.send_multipart(request.iter(), DONTWAIT)?;
                while self.wait_until(POLLIN, deadline)? {
                    match self.recv_frames(DONTWAIT) {
                        // It was a late reply, which the socket has dropped.
                        Err(Error::EAGAIN) => {}
                        done => return done,
                    }
                }
            }
        }
        Err(Error::EAGAIN)
    }

    /// Whether one of `events` is there before the deadline; without one, it waits
    /// for ever.
    fn wait_until(&self, events: PollEvents, deadline: Option<Instant>) -> Result<bool> {
        loop {
            let left = left_until(deadline);
            if self.poll(events, left)? > 0 {
                return Ok(true);
            }
            if left == 0 {
                return Ok(false);
            }
        }
    }
}
