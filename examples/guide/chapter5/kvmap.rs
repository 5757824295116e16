//! What the clones of this chapter remember: the hashmap that key-value messages make up, and
//! how who comes late gets all of it.
#![allow(dead_code)] // each program uses some of it

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Message, Multipart, Router, Socket, Sub, XPub};
use zmq_guide::text;

use crate::kvmsg::{KvMsg, HUGZ, ICANHAZ, KTHXBAI};

/// How long a client waits for a publisher that says nothing, before it asks the server for a
/// snapshot nevertheless.
pub const SHY: Duration = Duration::from_secs(2);

/// The hashmap, as far as who has it knows: all updates up to one, in the order of their
/// numbers.
#[derive(Debug, Default)]
pub struct KvMap {
    sequence: u64,
    values: BTreeMap<String, Value>,
    /// When which keys are to be deleted.
    expiries: BTreeSet<(Instant, String)>,
}

#[derive(Debug)]
struct Value {
    message: KvMsg,
    expiry: Option<Instant>,
}

impl KvMap {
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    pub fn get(&self, key: &str) -> Option<&Message> {
        self.values.get(key).map(|value| &value.message.body)
    }

    /// What a key has: its value and what is left of its `ttl`, or nothing.
    pub fn current(&self, key: &str) -> KvMsg {
        let Some(Value { message, expiry }) = self.values.get(key) else {
            return KvMsg::new(key, "");
        };
        let ttl = expiry.map_or(0, |when| until(when).as_secs() + 1); // rounded up
        let current = KvMsg::new(key, message.body.clone());
        current.with_sequence(message.sequence).with_ttl(ttl)
    }

    // ---- who publishes ----

    /// Gives an update the next number, and stores it. What comes back is to be published.
    pub fn commit(&mut self, update: KvMsg) -> KvMsg {
        let sequence = self.sequence.saturating_add(1);
        let update = update.with_sequence(sequence);
        self.apply(&update);
        update
    }

    /// How long until a value expires.
    pub fn until_expiry(&self) -> Option<Duration> {
        self.expiries.first().map(|(when, _)| until(*when))
    }

    /// Deletes a value that has expired, if one has. What comes back is to be published.
    pub fn expire(&mut self) -> Option<KvMsg> {
        let now = Instant::now();
        let (_, key) = self.expiries.first().filter(|(when, _)| *when <= now)?;
        let deletion = KvMsg::new(key.clone(), "");
        Some(self.commit(deletion))
    }

    /// Sends a client all that is known of a subtree.
    ///
    /// By the protocol what a snapshot consists of has neither uuid nor properties. Values
    /// that expire keep their `ttl` here, with what is left of it: a backup server must know.
    pub fn send_snapshot(
        &self,
        router: &Socket<Router>,
        (client, subtree): (Message, String),
    ) -> zmq::Result<()> {
        let send = |message: KvMsg| {
            let mut frames = Multipart::from(&message);
            frames.push_front(client.clone());
            router.send_multipart(frames, 0)
        };
        for key in self.values.keys().filter(|key| key.starts_with(&subtree)) {
            send(self.current(key))?;
        }
        println!("snapshot={} of {subtree:?} sent", self.sequence);
        send(KvMsg::new(KTHXBAI, subtree).with_sequence(self.sequence))
    }

    // ---- who follows ----

    /// Asks a server for a snapshot of a subtree, and waits until it is complete. The
    /// subscriber is connected to the same server, and has what is published from then on.
    ///
    /// A subscription takes effect some time after it was made. What is published meanwhile
    /// would be lost, were the snapshot taken before; therefore the server hugs who subscribes
    /// to hugs, and clients wait for that, or for anything else that shows that they hear.
    pub fn join(
        snapshot: &Socket<Dealer>,
        subscriber: &Socket<Sub>,
        subtree: &str,
    ) -> zmq::Result<KvMap> {
        subscriber.poll(zmq::POLLIN, SHY.as_millis() as i64)?;
        snapshot.send_multipart([ICANHAZ, subtree], 0)?;
        let mut map = KvMap::default();
        loop {
            if let Some(message) = KvMsg::recv(snapshot)? {
                if map.sync(message) {
                    return Ok(map);
                }
            }
        }
    }

    /// Takes a message of a snapshot, and says whether it was the last.
    pub fn sync(&mut self, message: KvMsg) -> bool {
        let is_end = message.key == KTHXBAI;
        if is_end {
            self.sequence = message.sequence;
        } else {
            self.store(message);
        }
        is_end
    }

    /// Stores an update, and says whether it was news. What the snapshot has already may be
    /// heard of once more; it is known by its number.
    pub fn apply(&mut self, update: &KvMsg) -> bool {
        let is_news = update.key != HUGZ && update.sequence > self.sequence;
        if is_news {
            self.sequence = update.sequence;
            self.store(update.clone());
        }
        is_news
    }

    fn store(&mut self, message: KvMsg) {
        let key = message.key.clone();
        if let Some(Value {
            expiry: Some(when), ..
        }) = self.values.remove(&key)
        {
            self.expiries.remove(&(when, key.clone()));
        }
        if message.body.is_empty() {
            return;
        }
        // A time that no clock reaches is for ever.
        let expiry = message
            .ttl()
            .and_then(|ttl| Instant::now().checked_add(ttl));
        if let Some(when) = expiry {
            self.expiries.insert((when, key.clone()));
        }
        self.values.insert(key, Value { message, expiry });
    }
}

/// As people read it: `snapshot=8 /client/1=42 /client/2=43`.
impl fmt::Display for KvMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "snapshot={}", self.sequence)?;
        let mut values = self.values.iter();
        values.try_for_each(|(key, value)| write!(f, " {key}={}", text(&value.message.body)))
    }
}

/// The time that is left until then.
pub fn until(when: Instant) -> Duration {
    when.saturating_duration_since(Instant::now())
}

/// A time to wait as a poller takes it: in milliseconds, rounded up; -1 is for ever.
pub fn millis(time: Option<Duration>) -> i64 {
    time.map_or(-1, |time| {
        i64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(i64::MAX)
    })
}

// ---- the sockets of a server ----------------------------------------------------------------

/// Where clients ask for snapshots. A ROUTER drops what it has no room for: it has room for
/// snapshots of any size.
pub fn snapshots(context: &Context, endpoint: &str) -> zmq::Result<Socket<Router>> {
    let router = context.socket(zmq::Router)?;
    router.set_sndhwm(0)?;
    router.bind(endpoint)?;
    Ok(router)
}

/// Receives a request for a snapshot: who asks, and for which subtree. None if it is
/// something else, which is complained of.
pub fn recv_request(router: &Socket<Router>) -> zmq::Result<Option<(Message, String)>> {
    let mut frames = router.recv_frames(0)?;
    let client = frames.pop_front().unwrap_or_default();
    let request: Option<Vec<&str>> = frames.iter().map(Message::as_str).collect();
    Ok(match request.as_deref() {
        Some([ICANHAZ]) => Some((client, String::new())),
        Some([ICANHAZ, subtree]) => Some((client, subtree.to_string())),
        _ => {
            eprintln!("not a request for a snapshot: {frames:?}");
            None
        }
    })
}

/// Where updates are published: by an XPUB, which is a PUB that hears of its subscribers.
/// Nothing is dropped for one that is slow, as it would not notice; see `suisnail`.
pub fn publisher(context: &Context, endpoint: &str) -> zmq::Result<Socket<XPub>> {
    let publisher = context.socket(zmq::XPub)?;
    publisher.set_xpub_verbose(true)?; // of each, not only of the first
    publisher.set_sndhwm(0)?;
    publisher.bind(endpoint)?;
    Ok(publisher)
}

/// Receives a subscription, and hugs who has subscribed to hugs.
pub fn welcome(publisher: &Socket<XPub>) -> zmq::Result<()> {
    match publisher.recv_msg(0)?[..] {
        [1, ref prefix @ ..] if HUGZ.as_bytes().starts_with(prefix) => {
            KvMsg::new(HUGZ, "").send(publisher)
        }
        _ => Ok(()),
    }
}
