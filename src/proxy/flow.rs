//! Passing messages on from one socket to another.

use super::ProxyTraffic;
use crate::error::{Error, Result};
use crate::poll::POLLOUT;
use crate::raw::RawMessage;
use crate::socket::Socket;
use crate::{DONTWAIT, SNDMORE};

/// How many messages are passed on before the other direction, and who steers
/// the proxy, are looked at again.
const BURST: usize = 1000;

/// The sockets of one direction, whatever sort of socket.
pub(crate) struct Ends<'a, S = Socket> {
    pub(crate) from: &'a S,
    pub(crate) to: &'a S,
    pub(crate) capture: Option<&'a S>,
}

impl<S> Clone for Ends<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Ends<'_, S> {}

impl<S> Ends<'_, S> {
    /// Those of the other direction.
    pub(crate) fn reversed(self) -> Self {
        Ends {
            from: self.to,
            to: self.from,
            ..self
        }
    }
}

impl Ends<'_> {
    fn can_work(&self) -> Result<bool> {
        Ok(self.from.get_socket_type()?.can_recv() && self.to.get_socket_type()?.can_send())
    }
}

/// Whether these and the reversed ones can pass anything on; `EINVAL` if neither. One
/// socket has one direction.
pub(crate) fn which_work(ends: Ends<'_>) -> Result<[bool; 2]> {
    let one_socket = std::ptr::eq(ends.from, ends.to);
    let works = [ends.can_work()?, ends.reversed().can_work()? && !one_socket];
    match works {
        [false, false] => Err(Error::EINVAL),
        _ => Ok(works),
    }
}

/// One direction, with what it has taken from one side and not yet given to the other.
pub(crate) struct Flow {
    waits_for: WaitsFor,
    frame: RawMessage,
    /// Whether `frame` was received and is still to be sent.
    is_held: bool,
    /// Whether it was sent to the capture socket.
    is_captured: bool,
    /// Whether frames of the message that `frame` belongs to went before it.
    is_begun: bool,
    /// Why the message that `frame` belongs to cannot be sent.
    refused: Option<Error>,
    pub(super) received: ProxyTraffic,
    pub(super) sent: ProxyTraffic,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum WaitsFor {
    Message,
    Room,
    Capture,
}

impl Default for Flow {
    fn default() -> Flow {
        Flow {
            waits_for: WaitsFor::Message,
            frame: RawMessage::new(),
            is_held: false,
            is_captured: false,
            is_begun: false,
            refused: None,
            received: ProxyTraffic::default(),
            sent: ProxyTraffic::default(),
        }
    }
}

impl Flow {
    pub(crate) fn waits_for(&self) -> WaitsFor {
        self.waits_for
    }

    /// Whether it has a message, or a part of one, that is still to be sent.
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    pub(crate) fn is_held(&self) -> bool {
        self.is_held
    }

    /// Passes on what there is, within limits.
    pub(crate) fn pass(&mut self, ends: Ends<'_>) -> Result<()> {
        // While there is no room, messages are left to where they are kept best.
        if self.waits_for == WaitsFor::Message && !ends.to.get_events()?.contains(POLLOUT) {
            self.waits_for = WaitsFor::Room;
            return Ok(());
        }
        if !self.is_held {
            self.waits_for = WaitsFor::Message;
        }
        let mut passed = ProxyTraffic::default();
        let mut done = Ok(true);
        for _ in 0..BURST {
            done = match ends.capture.is_none() && !self.is_held {
                true => self.pass_plainly(ends, &mut passed),
                false => self.pass_message(ends),
            };
            if done != Ok(true) {
                break;
            }
        }
        self.received.add_all(passed);
        self.sent.add_all(passed);
        done.map(drop)
    }

    /// `pass_message` for a message that nobody captures, in as few steps as
    /// libzmq's own loop takes.
    #[inline]
    fn pass_plainly(&mut self, ends: Ends<'_>, passed: &mut ProxyTraffic) -> Result<bool> {
        let (from, to) = (ends.from.raw(), ends.to.raw());
        loop {
            let more = match from.recv(&mut self.frame, DONTWAIT) {
                Ok(more) => more,
                Err(Error::EINTR) if self.is_begun => continue,
                Err(Error::EAGAIN | Error::EFSM) => return self.wait_for(WaitsFor::Message),
                Err(e) => return Err(e),
            };
            let size = self.frame.len();
            let flags = if more { DONTWAIT | SNDMORE } else { DONTWAIT };
            if let Err(error) = to.send(&mut self.frame, flags) {
                self.received.add(size);
                (self.is_held, self.is_captured) = (true, false);
                return self.pass_frame_and_rest(ends, Some(Err(error)));
            }
            passed.add(size);
            self.is_begun = more;
            if !more {
                return Ok(true);
            }
        }
    }

    /// Passes one message on; not, if it would have to wait for what `waits_for`
    /// then says. Sockets in lockstep say that it is not their turn.
    pub(crate) fn pass_message(&mut self, ends: Ends<'_>) -> Result<bool> {
        self.pass_frame_and_rest(ends, None)
    }

    /// `pass_message`, where `sent` came of sending the frame that is held.
    ///
    /// Nothing waits in the middle of a message. If there is no room there, whom its first
    /// frames were for is gone, and they with it: the rest is dropped, for libzmq would
    /// give the last frame to another peer, as a message.
    fn pass_frame_and_rest(
        &mut self,
        ends: Ends<'_>,
        mut sent: Option<Result<()>>,
    ) -> Result<bool> {
        loop {
            if !self.is_held {
                match ends.from.raw().recv(&mut self.frame, DONTWAIT) {
                    Ok(_) => self.received.add(self.frame.len()),
                    Err(Error::EINTR) if self.is_begun => continue,
                    Err(Error::EAGAIN | Error::EFSM) => return self.wait_for(WaitsFor::Message),
                    Err(e) => return Err(e),
                }
                (self.is_held, self.is_captured) = (true, false);
            }
            let (size, more) = (self.frame.len(), self.frame.more_mut());
            let flags = if more { DONTWAIT | SNDMORE } else { DONTWAIT };
            if let (Some(capture), false) = (ends.capture, self.is_captured) {
                // What is held waits for this, if a signal comes.
                self.waits_for = WaitsFor::Capture;
                match capture.raw().send(&mut self.frame.share(), flags) {
                    Ok(()) => self.is_captured = true,
                    Err(Error::EINTR) if self.is_begun => continue,
                    Err(Error::EAGAIN) if self.is_begun => self.is_captured = true,
                    Err(Error::EAGAIN | Error::EFSM) => return Ok(false),
                    Err(e) => return Err(e),
                }
            }
            if self.refused.is_none() {
                self.waits_for = WaitsFor::Room;
                let sent = sent.take();
                match sent.unwrap_or_else(|| ends.to.raw().send(&mut self.frame, flags)) {
                    Ok(()) => self.sent.add(size),
                    Err(Error::EINTR) if self.is_begun => continue,
                    Err(Error::EAGAIN) if self.is_begun => {
                        if !ends.to.wants_the_rest() {
                            self.refused = Some(Error::EAGAIN);
                        }
                    }
                    Err(Error::EAGAIN | Error::EFSM) => return Ok(false),
                    Err(e @ (Error::ETERM | Error::EINTR)) => return Err(e),
                    // The rest of the message is dropped before anybody hears of it.
                    Err(e) => self.refused = Some(e),
                }
            }
            self.is_held = false;
            self.is_begun = more;
            if !more {
                self.waits_for = WaitsFor::Message;
                return match self.refused.take() {
                    // Gone with its peer.
                    None | Some(Error::EAGAIN) => Ok(true),
                    Some(e) => Err(e),
                };
            }
        }
    }

    fn wait_for(&mut self, waits_for: WaitsFor) -> Result<bool> {
        self.waits_for = waits_for;
        Ok(false)
    }

    /// Sends the message that is held, if one is.
    pub(super) fn flush(&mut self, ends: Ends<'_>) -> Result<()> {
        while self.is_held && !self.pass_message(ends)? {
            let socket = match (self.waits_for, ends.capture) {
                (WaitsFor::Capture, Some(capture)) => capture,
                _ => ends.to,
            };
            if socket.poll(POLLOUT, socket.get_sndtimeo()?.into())? == 0 {
                return Err(Error::EAGAIN);
            }
        }
        Ok(())
    }
}

impl ProxyTraffic {
    fn add(&mut self, size: usize) {
        self.frames += 1;
        self.bytes += size as u64;
    }

    fn add_all(&mut self, other: ProxyTraffic) {
        self.frames += other.frames;
        self.bytes += other.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, PULL, PUSH};

    /// What there is no room for is kept, but the rest of a message: whom it was for is
    /// gone, and it is not for another.
    #[test]
    fn the_rest_of_a_message_is_not_held() {
        let context = Context::new();
        let [from, to] = [PULL, PUSH].map(|kind| context.socket(kind).unwrap());
        let (from, to) = (&from, &to);
        let capture = None;
        for is_begun in [false, true] {
            let mut flow = Flow {
                is_held: true,
                is_begun,
                ..Flow::default()
            };
            let passed = flow.pass_message(Ends { from, to, capture });
            assert_eq!((passed, flow.is_held), (Ok(is_begun), !is_begun));
        }
    }
}
