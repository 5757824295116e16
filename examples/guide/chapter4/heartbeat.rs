//! Heartbeats: how two programs that have nothing to say know that the other is there.

use std::error::Error;
use std::time::{Duration, Instant};

/// When one side of a connection is to send its next heartbeat, and how long the other may
/// be silent.
pub struct Heartbeat {
    interval: Duration,
    liveness: u32,
    next: Instant,
}

impl Heartbeat {
    /// One each `milliseconds`, or as many as `HEARTBEAT` is in the environment; who has
    /// missed `liveness` of them, or `LIVENESS`, is dead.
    pub fn new(milliseconds: i32, liveness: u32) -> Result<Heartbeat, Box<dyn Error>> {
        let interval = super::milliseconds("HEARTBEAT", milliseconds)?;
        Ok(Heartbeat {
            interval,
            liveness: super::setting("LIVENESS", liveness)?,
            next: Instant::now() + interval,
        })
    }

    /// Whether it is time to send one. If so, the time until the next begins.
    pub fn is_due(&mut self) -> bool {
        let is_due = Instant::now() >= self.next;
        if is_due {
            self.next = Instant::now() + self.interval;
        }
        is_due
    }

    /// How long `poll` may wait until the next one is due.
    pub fn timeout_ms(&self) -> i64 {
        let left = self.next.saturating_duration_since(Instant::now());
        left.as_millis() as i64 + 1
    }

    /// When somebody is dead who is heard now, and never again.
    pub fn expiry(&self) -> Instant {
        Instant::now() + self.interval * self.liveness
    }
}
