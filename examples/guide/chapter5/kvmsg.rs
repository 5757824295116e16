//! What the clones of this chapter say to each other: key-value messages, in the form of the
//! [Clustered Hashmap Protocol][chp].
//!
//! A message has five frames:
//!
//! | frame | |
//! |---|---|
//! | key | text; on it subscribers filter, so that a prefix is a subtree |
//! | sequence | 8 bytes in network order: the server counts its updates, one by one |
//! | uuid | 16 bytes, or empty: which update of which client it was |
//! | properties | lines `name=value`; the one that servers know is `ttl`, in seconds |
//! | body | the value; an empty one says that there is no such key any more |
//!
//! Three keys are no keys but what is said about the hashmap: [`ICANHAZ`], [`KTHXBAI`] and
//! [`HUGZ`]. The server has three endpoints with numbers that follow each other, of which
//! [`endpoint`] makes the second and third.
//!
//! [chp]: https://rfc.zeromq.org/spec/12
#![allow(dead_code)] // each program uses some of it

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use zmq::{CanMultipart, CanRecv, CanSend, Message, Multipart, Socket};
use zmq_guide::text;

/// What a client asks for a snapshot with; a second frame may say of which subtree.
pub const ICANHAZ: &str = "ICANHAZ?";
/// The key of the message that ends a snapshot, and says which update was its last.
pub const KTHXBAI: &str = "KTHXBAI";
/// The key of the message that says that the server lives.
pub const HUGZ: &str = "HUGZ";

/// Where a server takes snapshot requests (`n` is 0), publishes (1) and collects updates
/// (2): the endpoint with `n` added to the number that it ends with.
pub fn endpoint(first: &str, n: u16) -> Result<String, String> {
    let name = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let number: Result<u16, _> = first[name.len()..].parse();
    match number.ok().and_then(|number| number.checked_add(n)) {
        Some(number) => Ok(format!("{name}{number}")),
        None => Err(format!("{first:?} does not end with a number up to 65533")),
    }
}

pub type Uuid = [u8; 16];

/// A random one (version 4), as good as unique.
pub fn uuid() -> Uuid {
    let mut uuid = fastrand::u128(..).to_be_bytes();
    uuid[6] = uuid[6] & 0x0f | 0x40;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    uuid
}

/// A key-value message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KvMsg {
    pub key: String,
    pub sequence: u64,
    pub uuid: Option<Uuid>,
    pub properties: BTreeMap<String, String>,
    pub body: Message,
}

impl KvMsg {
    pub fn new(key: impl Into<String>, body: impl Into<Message>) -> KvMsg {
        KvMsg {
            key: key.into(),
            body: body.into(),
            ..KvMsg::default()
        }
    }

    pub fn with_sequence(mut self, sequence: u64) -> KvMsg {
        self.sequence = sequence;
        self
    }

    /// A key under `subtree`, and a value, that are random.
    pub fn random(subtree: &str) -> KvMsg {
        let (key, value) = (fastrand::u32(1..=100), fastrand::u32(1..=1_000_000));
        KvMsg::new(format!("{subtree}{key}"), value.to_string())
    }

    /// For how long the value is to be kept; without, until it is deleted.
    pub fn ttl(&self) -> Option<Duration> {
        let seconds = self.properties.get("ttl")?.parse().ok()?;
        let ttl = Duration::try_from_secs_f64(seconds).ok()?;
        (!ttl.is_zero()).then_some(ttl)
    }

    /// Whole seconds; 0 is for ever.
    pub fn with_ttl(mut self, seconds: u64) -> KvMsg {
        if seconds > 0 {
            self.properties.insert("ttl".into(), seconds.to_string());
        }
        self
    }

    pub fn send<K: CanSend + CanMultipart>(&self, socket: &Socket<K>) -> zmq::Result<()> {
        socket.send_multipart(Multipart::from(self), 0)
    }

    /// Receives one; none if what came is none, which is complained of: nobody shall stop a
    /// server, or a client, by talking nonsense to it.
    pub fn recv<K: CanRecv + CanMultipart>(socket: &Socket<K>) -> zmq::Result<Option<KvMsg>> {
        Ok(KvMsg::try_from(socket.recv_frames(0)?)
            .map_err(|why| eprintln!("not a key-value message: {why}"))
            .ok())
    }

    /// Receives what a client wants to be set.
    pub fn recv_update<K: CanRecv + CanMultipart>(
        socket: &Socket<K>,
    ) -> zmq::Result<Option<KvMsg>> {
        Ok(KvMsg::recv(socket)?.filter(|update| {
            if !update.has_key() {
                eprintln!("not a key: {:?}", update.key);
            }
            update.has_key()
        }))
    }

    /// Whether its key is one, and nothing that is said about the hashmap.
    pub fn has_key(&self) -> bool {
        !["", ICANHAZ, KTHXBAI, HUGZ].contains(&self.key.as_str())
    }
}

impl From<&KvMsg> for Multipart {
    fn from(message: &KvMsg) -> Multipart {
        let properties = message.properties.iter();
        let properties: String = properties.map(|(n, v)| format!("{n}={v}\n")).collect();
        Multipart::from([
            message.key.as_str().into(),
            message.sequence.to_be_bytes().as_slice().into(),
            message.uuid.as_ref().map_or(&[][..], |uuid| uuid).into(),
            Message::from(properties),
            message.body.clone(),
        ])
    }
}

impl TryFrom<Multipart> for KvMsg {
    type Error = String;

    fn try_from(frames: Multipart) -> Result<KvMsg, String> {
        let [key, sequence, uuid, properties, body]: [Message; 5] = Vec::from(frames)
            .try_into()
            .map_err(|frames: Vec<_>| format!("it has {} frames instead of 5", frames.len()))?;
        let sequence = sequence[..]
            .try_into()
            .map_err(|_| "its sequence has not 8 bytes")?;
        let uuid = match &uuid[..] {
            [] => None,
            uuid => Some(uuid.try_into().map_err(|_| "its uuid has not 16 bytes")?),
        };
        let properties = properties.as_str().ok_or("its properties are no text")?;
        let pairs = properties.lines().map(|line| line.split_once('='));
        let message = KvMsg {
            key: key.as_str().ok_or("its key is no text")?.into(),
            sequence: u64::from_be_bytes(sequence),
            uuid,
            properties: pairs
                .map(|pair| pair.map(|(name, value)| (name.into(), value.into())))
                .collect::<Option<_>>()
                .ok_or("a property has no value")?,
            body,
        };
        match message.properties.get("ttl").map(|ttl| ttl.parse()) {
            Some(Err(_)) => Err("its ttl is no number".into()),
            Some(Ok(ttl)) if Duration::try_from_secs_f64(ttl).is_err() => {
                Err("its ttl is no time".into())
            }
            _ => Ok(message),
        }
    }
}

/// As people read it: `update=7 /client/1=42`, `delete=8 /client/1`.
impl fmt::Display for KvMsg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.body.is_empty() {
            return write!(f, "delete={} {}", self.sequence, self.key);
        }
        write!(
            f,
            "update={} {}={}",
            self.sequence,
            self.key,
            text(&self.body)
        )
    }
}
