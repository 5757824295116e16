//! Binary Star: two servers, of which one is active.

use std::error::Error;
use std::time::Instant;

use zmq::{Context, Multipart, Pub, Router, Socket, Sub, POLLIN};

use super::Heartbeat;

/// What a server is. They tell it each other as a digit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
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
    state: State,
    /// When the other is dead, if nothing is heard of it.
    expiry: Instant,
}

impl Side {
    /// A server that has just started, as `Primary` or `Backup`. Until `expiry` it takes
    /// the other to be alive.
    pub fn new(state: State, expiry: Instant) -> Side {
        Side { state, expiry }
    }

    /// What it is now.
    pub fn state(&self) -> State {
        self.state
    }

    /// The other says what it is, and will be dead at `expiry` unless it says so again. An
    /// error if both are the same, for which there is no remedy.
    pub fn hear(&mut self, other: &[u8], expiry: Instant) -> Result<(), String> {
        use State::*;
        let all = [Primary, Backup, Active, Passive];
        let other = all.into_iter().find(|state| other == state.frame());
        let other = other.ok_or("the other server said what it cannot be")?;
        self.expiry = expiry;
        match (self.state, other) {
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
        match self.state {
            State::Primary if other_is_silent => self.becomes(State::Active, "there is no backup"),
            State::Passive if other_is_silent => self.becomes(State::Active, "failover"),
            _ => {}
        }
        self.state == State::Active
    }

    fn becomes(&mut self, state: State, why: &str) {
        println!("I: {why}, now {state:?}");
        self.state = state;
    }
}

impl State {
    /// As the other is told.
    pub fn frame(self) -> [u8; 1] {
        [b'0' + self as u8]
    }
}

/// Which of the two a server is, and where, by its arguments: `-p` or `-b`, and endpoints
/// for clients, for what it says to the other, and for what the other says.
pub struct Place {
    pub state: State,
    pub clients: String,
    pub local: String,
    pub remote: String,
}

impl Place {
    /// The endpoints are the Guide's if they are not there.
    pub fn from_arguments() -> Result<Place, &'static str> {
        let (state, [clients, local, remote]) = match std::env::args().nth(1).as_deref() {
            Some("-p") => (State::Primary, [5001, 5003, 5004]),
            Some("-b") => (State::Backup, [5002, 5004, 5003]),
            _ => return Err("the argument is -p for the primary, -b for the backup"),
        };
        Ok(Place {
            state,
            clients: crate::endpoint(2, &format!("tcp://*:{clients}")),
            local: crate::endpoint(3, &format!("tcp://*:{local}")),
            remote: crate::endpoint(4, &format!("tcp://localhost:{remote}")),
        })
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
    /// A server at its place. `HEARTBEAT` in the environment is how often it says what it
    /// is, in milliseconds, `LIVENESS` how many may be missed.
    pub fn new(context: &Context, place: &Place) -> Result<BinaryStar, Box<dyn Error>> {
        let publisher = context.socket(Pub)?;
        publisher.bind(&place.local)?;
        let subscriber = context.socket(Sub)?;
        subscriber.set_subscribe(b"")?;
        subscriber.connect(&place.remote)?;
        let beat = Heartbeat::new(1000, 2)?;
        Ok(BinaryStar {
            side: Side::new(place.state, beat.expiry()),
            publisher,
            subscriber,
            beat,
        })
    }

    /// What this server is now.
    pub fn state(&self) -> State {
        self.side.state()
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
                self.publisher.send(&self.state().frame()[..], 0)?;
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
