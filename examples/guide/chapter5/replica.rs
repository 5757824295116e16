//! A copy of a server's hashmap that is kept up to date without ever waiting: for who has
//! other things to do meanwhile, a client's agent or a backup server. It subscribes, waits
//! for the server's hug, asks for a snapshot, and then hears updates.

use std::time::{Duration, Instant};

use zmq::{Context, Dealer, PollItem, Socket, Sub, POLLIN};

use crate::kvmap::{until, KvMap};
use crate::kvmsg::{endpoint, KvMsg, HUGZ, ICANHAZ};

pub struct Replica {
    subscriber: Socket<Sub>,
    snapshot: Socket<Dealer>,
    subtree: String,
    state: State,
    /// When the server is taken for gone, if it is not heard of.
    expiry: Instant,
    patience: Duration,
}

enum State {
    /// For a hug; asks without one when it is time to.
    Waiting(Instant),
    Syncing(KvMap),
    Following,
}

/// What there is to be heard of a server.
pub enum News {
    Snapshot(KvMap),
    /// An update, or a hug.
    Update(KvMsg),
}

impl Replica {
    /// A copy of what a server has in a subtree. A server that is silent for as long as
    /// `patience` is taken for gone.
    pub fn connect(
        context: &Context,
        server: &str,
        subtree: &str,
        patience: Duration,
    ) -> Result<Replica, Box<dyn std::error::Error>> {
        let subscriber = context.socket(zmq::Sub)?;
        subscriber.set_subscribe(subtree.as_bytes())?;
        subscriber.set_subscribe(HUGZ.as_bytes())?;
        subscriber.connect(&endpoint(server, 1)?)?;
        let snapshot = context.socket(zmq::Dealer)?;
        snapshot.set_linger(0)?;
        snapshot.connect(server)?;
        Ok(Replica {
            subscriber,
            snapshot,
            subtree: subtree.into(),
            state: State::Waiting(Instant::now() + patience / 2),
            expiry: Instant::now() + patience,
            patience,
        })
    }

    /// What to wait for; then there is something to `receive`.
    pub fn as_poll_item(&self) -> PollItem<'_> {
        match self.state {
            // What is published meanwhile waits in its queue.
            State::Syncing(_) => self.snapshot.as_poll_item(POLLIN),
            _ => self.subscriber.as_poll_item(POLLIN),
        }
    }

    /// Does what is due, and says how long until something is again.
    pub fn tick(&mut self) -> zmq::Result<Duration> {
        match self.state {
            State::Waiting(since) if until(since).is_zero() => self.ask()?,
            State::Waiting(since) => return Ok(until(since)),
            _ => {}
        }
        Ok(until(self.expiry))
    }

    pub fn is_gone(&self) -> bool {
        until(self.expiry).is_zero()
    }

    pub fn receive(&mut self) -> zmq::Result<Option<News>> {
        self.expiry = Instant::now() + self.patience;
        match &mut self.state {
            State::Waiting(_) => {
                // Whatever it is: the snapshot will be newer.
                self.subscriber.recv_frames(0)?;
                self.ask()?;
                Ok(None)
            }
            State::Syncing(map) => {
                let Some(message) = KvMsg::recv(&self.snapshot)? else {
                    return Ok(None);
                };
                if !map.sync(message) {
                    return Ok(None);
                }
                let map = std::mem::take(map);
                self.state = State::Following;
                Ok(Some(News::Snapshot(map)))
            }
            State::Following => Ok(KvMsg::recv(&self.subscriber)?.map(News::Update)),
        }
    }

    fn ask(&mut self) -> zmq::Result<()> {
        self.state = State::Syncing(KvMap::default());
        self.snapshot.send_multipart([ICANHAZ, &self.subtree], 0)
    }
}
