//! Binary Star: two servers, of which one is active.

use std::error::Error;
use std::time::Instant;

use zmq::{Context, Multipart, Pub, Router, Socket, Sub, POLLIN};

use super::Heartbeat;

/// What a server is. They tell it each other as a digit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Star {
    /// The first, waiting for the other.
    Primary = 1,
    /// The second, waiting for the other.
    Backup,
    /// It serves clients.
    Active,
    /// It does not, unless the other is silent.
    Passive,
}

/// What a server is and what it knows of the other: the rules by which it becomes active,
/// which are to make sure that never both are.
pub struct Side {
    star: Star,
    /// When the other is dead, if nothing is heard of it.
    expiry: Instant,
}

impl Side {
    /// A server that has just started, as `Primary` or `Backup`. Until `expiry` it takes
    /// the other to be alive.
    pub fn new(star: Star, expiry: Instant) -> Side {
        Side { star, expiry }
    }

    /// What it is now.
    pub fn star(&self) -> Star {
        self.star
    }

    /// The other says what it is, and will be dead at `expiry` unless it says so again. An
    /// error if both are the same, for which there is no remedy.
    pub fn hear(&mut self, other: &[u8], expiry: Instant) -> Result<(), String> {
        use Star::*;
        let all = [Primary, Backup, Active, Passive];
        let other = all.into_iter().find(|star| other == star.frame());
        let other = other.ok_or("the other server said what it cannot be")?;
        self.expiry = expiry;
        match (self.star, other) {
            (Primary, Backup) => self.becomes(Active, "the backup is there"),
            (Primary | Backup, Active) => self.becomes(Passive, "the other is active"),
            (Passive, Primary | Backup) => self.becomes(Active, "the other has started again"),
            (Active, Active) | (Passive, Passive) => return Err(format!("both are {other:?}")),
            _ => {}
        }
        Ok(())
    }

    /// A client asks for something. Whether to answer it: a client that comes here has
    /// found the other silent, and if it is silent to this one too, this one takes over.
    pub fn accepts(&mut self) -> bool {
        let other_is_silent = Instant::now() >= self.expiry;
        match self.star {
            Star::Primary if other_is_silent => self.becomes(Star::Active, "there is no backup"),
            Star::Passive if other_is_silent => self.becomes(Star::Active, "failover"),
            _ => {}
        }
        self.star == Star::Active
    }

    fn becomes(&mut self, star: Star, why: &str) {
        println!("I: {why}, now {star:?}");
        self.star = star;
    }
}

impl Star {
    /// As the other is told.
    pub fn frame(self) -> [u8; 1] {
        [b'0' + self as u8]
    }
}

/// One of two servers, with its connection to the other.
pub struct BinaryStar {
    side: Side,
    publisher: Socket<Pub>,
    subscriber: Socket<Sub>,
    beat: Heartbeat,
}

impl BinaryStar {
    /// A server that starts as `Primary` or `Backup`, says at the endpoint `local` what it
    /// is, and hears the other at `remote`. `HEARTBEAT` in the environment is how often, in
    /// milliseconds, `LIVENESS` how many may be missed.
    pub fn new(
        context: &Context,
        star: Star,
        local: &str,
        remote: &str,
    ) -> Result<BinaryStar, Box<dyn Error>> {
        let publisher = context.socket(Pub)?;
        publisher.bind(local)?;
        let subscriber = context.socket(Sub)?;
        subscriber.set_subscribe(b"")?;
        subscriber.connect(remote)?;
        let beat = Heartbeat::new(1000, 2)?;
        Ok(BinaryStar {
            side: Side::new(star, beat.expiry()),
            publisher,
            subscriber,
            beat,
        })
    }

    /// What this server is now.
    pub fn star(&self) -> Star {
        self.side.star()
    }

    /// Waits for the next request that this server is to answer; others are dropped.
    /// An error if both servers are active, or both passive.
    pub fn recv(&mut self, server: &Socket<Router>) -> Result<Multipart, Box<dyn Error>> {
        loop {
            let mut items = [
                self.subscriber.as_poll_item(POLLIN),
                server.as_poll_item(POLLIN),
            ];
            zmq::poll(&mut items, self.beat.timeout_ms())?;
            let [other_speaks, client_speaks] = items.map(|item| item.is_readable());
            if self.beat.is_due() {
                self.publisher.send(&self.star().frame()[..], 0)?;
            }
            // First, for it may be all that keeps this one from taking over.
            if other_speaks {
                let other = self.subscriber.recv_msg(0)?;
                self.side.hear(&other, self.beat.expiry())?;
            } else if client_speaks {
                let request = server.recv_frames(0)?;
                if self.side.accepts() {
                    return Ok(request);
                }
            }
        }
    }
}
