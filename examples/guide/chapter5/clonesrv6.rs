//! Clone, model six: two servers, of which one may die. They are a binary star: one is
//! active and does what the server of model five does, and hugs its clients at each
//! heartbeat, which they miss when it is gone. The other is passive: it follows the active
//! one as a client does, and so has the same hashmap. It also collects the updates, which
//! clients send to both. What it has collected and not heard published is pending; when it
//! becomes active it publishes that first. When clients come to ask it for a snapshot, and
//! its peer is silent, it knows that it is its turn.
//!
//! Updates are known again by their uuid. One that a client sends again, because it has not
//! heard it published, is not applied again: what the key has now is published instead.
//!
//! `cargo run -p zmq-guide --bin clonesrv6 -- -p`, or `-b` for the backup; then, if not all of
//! it is to be as below: OWN PEER, the first endpoints of both; OWN PEER, where the two tell
//! their states; MILLISECONDS between heartbeats = 1000. And then some `clonecli6`.

mod bstar;
mod kvmap;
mod kvmsg;
mod replica;

use std::collections::VecDeque;
use std::error::Error;
use std::time::{Duration, Instant};

use bstar::{BinaryStar, State};
use kvmap::{millis, until, KvMap};
use kvmsg::{endpoint, KvMsg, Uuid, HUGZ};
use replica::{News, Replica};
use zmq::{Context, Router, Socket, Sub, XPub, POLLIN};

/// How many updates that were published are known again.
const REMEMBERED: usize = 10_000;

struct Server {
    context: Context,
    star: BinaryStar,
    heartbeat: Duration,
    map: KvMap,
    snapshots: Socket<Router>,
    publisher: Socket<XPub>,
    collector: Socket<Sub>,
    /// While it is passive: what it hears of the active one, whose endpoint this is.
    replica: Option<Replica>,
    peer: String,
    /// What it has collected while it was not active, and when.
    pending: Vec<(Instant, KvMsg)>,
    published: VecDeque<Uuid>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (state, defaults) = match std::env::args().nth(1).as_deref() {
        Some("-p") => (State::Primary, [5556, 5566, 5003, 5004]),
        Some("-b") => (State::Backup, [5566, 5556, 5004, 5003]),
        _ => return Err("the first argument is -p, the primary, or -b, the backup".into()),
    };
    let given =
        |n: usize, host| zmq_guide::endpoint(n + 2, &format!("tcp://{host}:{}", defaults[n]));
    let (own, peer) = (given(0, "*"), given(1, "localhost"));
    let (own_state, peer_state) = (given(2, "*"), given(3, "localhost"));
    let heartbeat = Duration::from_millis(zmq_guide::argument::<u32>(6, 1000)?.into());

    let context = Context::new();
    let collector = context.socket(zmq::Sub)?;
    collector.set_subscribe(b"")?;
    collector.set_rcvhwm(0)?;
    collector.bind(&endpoint(&own, 2)?)?;
    let mut server = Server {
        star: BinaryStar::new(&context, state, &own_state, &peer_state, heartbeat)?,
        heartbeat,
        map: KvMap::default(),
        snapshots: kvmap::snapshots(&context, &own)?,
        publisher: kvmap::publisher(&context, &endpoint(&own, 1)?)?,
        collector,
        replica: None,
        peer,
        pending: Vec::new(),
        published: VecDeque::new(),
        context,
    };
    server.run()
}

impl Server {
    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        let mut next_hug = Instant::now();
        loop {
            self.play_part()?;
            let mut wait = self.star.beat()?;
            if self.is_active() {
                if until(next_hug).is_zero() {
                    KvMsg::new(HUGZ, "").send(&self.publisher)?;
                    next_hug = Instant::now() + self.heartbeat;
                }
                while let Some(deletion) = self.map.expire() {
                    self.publish(deletion)?;
                }
                wait = wait.min(until(next_hug));
                wait = wait.min(self.map.until_expiry().unwrap_or(wait));
            }
            if let Some(replica) = &mut self.replica {
                wait = wait.min(replica.tick()?);
            }
            let mut items = vec![
                self.star.as_poll_item(),
                self.collector.as_poll_item(POLLIN),
                self.snapshots.as_poll_item(POLLIN),
                self.publisher.as_poll_item(POLLIN),
            ];
            items.extend(self.replica.as_ref().map(Replica::as_poll_item));
            zmq::poll(&mut items, millis(Some(wait)))?;
            let is_ready: Vec<_> = items.iter().map(|item| item.is_readable()).collect();

            // The peer first: who hears of it needs no vote.
            if is_ready[0] {
                self.star.hear()?;
                self.play_part()?;
            }
            if is_ready.get(4) == Some(&true) {
                self.follow()?;
            }
            if is_ready[1] {
                self.collect()?;
            }
            if is_ready[2] {
                if let Some(request) = kvmap::recv_request(&self.snapshots)? {
                    if self.star.vote() {
                        self.play_part()?;
                        self.map.send_snapshot(&self.snapshots, request)?;
                    } else {
                        println!("not active: no snapshot");
                    }
                }
            }
            if is_ready[3] {
                kvmap::welcome(&self.publisher)?;
            }
        }
    }

    fn is_active(&self) -> bool {
        self.star.state() == State::Active
    }

    /// Does what is to be done in a state that is new; and, while it is passive, begins to
    /// follow anew if the active server has been silent for long.
    fn play_part(&mut self) -> Result<(), Box<dyn Error>> {
        match self.star.state() {
            State::Active => {
                self.replica = None;
                for (_, update) in std::mem::take(&mut self.pending) {
                    let update = self.map.commit(update);
                    self.publish(update)?;
                }
            }
            State::Passive if self.replica.as_ref().is_none_or(Replica::is_gone) => {
                let patience = 4 * self.heartbeat;
                let replica = Replica::connect(&self.context, &self.peer, "", patience)?;
                self.replica = Some(replica);
            }
            _ => {}
        }
        Ok(())
    }

    fn publish(&mut self, update: KvMsg) -> zmq::Result<()> {
        println!("{update}");
        update.send(&self.publisher)?;
        self.remember(update.uuid);
        Ok(())
    }

    fn remember(&mut self, uuid: Option<Uuid>) {
        self.published.extend(uuid);
        if self.published.len() > REMEMBERED {
            self.published.pop_front();
        }
    }

    /// A client has an update.
    fn collect(&mut self) -> zmq::Result<()> {
        let Some(mut update) = KvMsg::recv_update(&self.collector)? else {
            return Ok(());
        };
        let is_known = update
            .uuid
            .is_some_and(|uuid| self.published.contains(&uuid));
        if !self.is_active() {
            let is_pending = self.pending.iter().any(|(_, own)| own.uuid == update.uuid);
            if !is_known && (update.uuid.is_none() || !is_pending) {
                println!("pending: {}", update.key);
                self.pending.push((Instant::now(), update));
            }
            return Ok(());
        }
        if is_known {
            let uuid = update.uuid;
            update = self.map.current(&update.key);
            update.uuid = uuid;
        }
        let update = self.map.commit(update);
        self.publish(update)
    }

    /// The active server has news.
    fn follow(&mut self) -> zmq::Result<()> {
        let Some(replica) = &mut self.replica else {
            return Ok(());
        };
        match replica.receive()? {
            Some(News::Snapshot(map)) => {
                println!("{map}");
                self.map = map;
            }
            Some(News::Update(update)) => {
                if self.map.apply(&update) {
                    println!("{update}");
                }
                // What the active one has not published long after it has not collected.
                let (age, uuid) = (2 * self.heartbeat, update.uuid);
                self.pending
                    .retain(|(when, own)| own.uuid != uuid && when.elapsed() < age);
                self.remember(uuid);
            }
            None => {}
        }
        Ok(())
    }
}
