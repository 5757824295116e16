//! Binary star: of two servers one is active, and when it is gone the other takes its place.
//!
//! Each tells the other its state, again and again, by publishing a number. One is started as
//! the primary, the other as its backup; they find each other, and the primary becomes active,
//! the backup passive. For the passive one to take over, two things must come together: it has
//! not heard of its peer for two heartbeats, and a client asks it. A network that breaks
//! between the servers alone is thus no reason to take over, as no client turns away from the
//! active one. Who was gone and comes back finds the other active, and becomes passive.
//!
//! | state | hears of a peer that is | and becomes |
//! |---|---|---|
//! | primary | backup | active |
//! | primary, backup | active | passive |
//! | passive | primary, backup: it has started again | active |
//! | primary, passive | gone, when a client asks | active |
//! | active | active | it is an error: nobody knows who is right |

use std::time::{Duration, Instant};

use zmq::{Context, PollItem, Pub, Socket, Sub};

use crate::kvmap::until;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    Primary = 1,
    Backup = 2,
    Active = 3,
    Passive = 4,
}

pub struct BinaryStar {
    state: State,
    publisher: Socket<Pub>,
    subscriber: Socket<Sub>,
    heartbeat: Duration,
    next_beat: Instant,
    /// When the peer is taken for gone, if it is not heard of.
    peer_expiry: Instant,
}

impl BinaryStar {
    /// A server that starts as primary or backup, tells its state at the endpoint `own`, and
    /// hears of its peer at `peer`.
    pub fn new(
        context: &Context,
        state: State,
        own: &str,
        peer: &str,
        heartbeat: Duration,
    ) -> zmq::Result<BinaryStar> {
        let publisher = context.socket(zmq::Pub)?;
        publisher.bind(own)?;
        let subscriber = context.socket(zmq::Sub)?;
        subscriber.set_subscribe(b"")?;
        subscriber.connect(peer)?;
        Ok(BinaryStar {
            state,
            publisher,
            subscriber,
            heartbeat,
            next_beat: Instant::now(),
            peer_expiry: Instant::now() + 2 * heartbeat,
        })
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// What to wait for; then there is something to `hear`.
    pub fn as_poll_item(&self) -> PollItem<'_> {
        self.subscriber.as_poll_item(zmq::POLLIN)
    }

    /// Tells the peer the state, if it is time to, and says how long until it is again.
    pub fn beat(&mut self) -> zmq::Result<Duration> {
        let now = Instant::now();
        if now >= self.next_beat {
            if now >= self.next_beat + self.heartbeat {
                // It was not the peer who slept, or not alone: it gets the time anew.
                self.peer_expiry = now + 2 * self.heartbeat;
            }
            self.publisher.send((self.state as u8).to_string(), 0)?;
            self.next_beat = now + self.heartbeat;
        }
        Ok(until(self.next_beat))
    }

    /// Receives what the peer tells.
    pub fn hear(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        use State::*;
        let peer = match &self.subscriber.recv_msg(0)?[..] {
            b"1" => Primary,
            b"2" => Backup,
            b"3" => Active,
            b"4" => Passive,
            other => {
                eprintln!("not a state: {}", zmq_guide::text(other));
                return Ok(());
            }
        };
        self.peer_expiry = Instant::now() + 2 * self.heartbeat;
        self.become_state(match (self.state, peer) {
            (Primary, Backup) => Active,
            (Primary | Backup, Active) => Passive,
            (Passive, Primary | Backup) => Active,
            (Active, Active) => return Err("both servers are active".into()),
            (Passive, Passive) => return Err("both servers are passive".into()),
            (state, _) => state,
        });
        Ok(())
    }

    /// A client asks: whether it is to be answered.
    pub fn vote(&mut self) -> bool {
        let peer_is_gone = until(self.peer_expiry).is_zero();
        if peer_is_gone && matches!(self.state, State::Primary | State::Passive) {
            self.become_state(State::Active);
        }
        self.state == State::Active
    }

    fn become_state(&mut self, state: State) {
        if self.state != state {
            println!(
                "{}",
                if state == State::Active {
                    "active"
                } else {
                    "passive"
                }
            );
            self.state = state;
            self.next_beat = Instant::now(); // the peer shall know at once
        }
    }
}
