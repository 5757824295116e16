//! A client of a clustered hashmap, as an API: `set` and `get`, whatever happens to the
//! servers. It speaks the [Clustered Hashmap Protocol](https://rfc.zeromq.org/spec/12).
//!
//! An agent, a thread that the program talks to over inproc, keeps a copy of the hashmap. It
//! follows one server, and when that is silent for too long, the next: it asks it for a
//! snapshot, and goes on from there. Updates go to all servers, so that one that is to take
//! over knows what the other may not have had the time to publish. Until the agent hears an
//! update of its own published it keeps it, and sends it again when a server comes, or comes
//! back: an update is lost only with the client. The servers know it again by its uuid.

use std::error::Error;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use zmq::{Context, Message, Multipart, Pair, Socket, XPub, POLLIN};
use zmq_guide::text;

use crate::kvmap::{millis, until, KvMap};
use crate::kvmsg::{endpoint, uuid, KvMsg};
use crate::replica::{News, Replica};

/// The client. When it is dropped, it waits for a while for what is not published yet.
pub struct Client {
    agent: Option<JoinHandle<()>>,
    pipe: Socket<Pair>,
    subtree: String,
}

impl Client {
    /// Follows what the servers have in a subtree. One that is silent for as long as
    /// `patience` is taken for gone.
    pub fn new(
        servers: &[String],
        subtree: &str,
        patience: Duration,
    ) -> Result<Client, Box<dyn Error>> {
        let first = servers.first().ok_or("there is no server")?;
        let context = Context::new();
        let (pipe, agents) = (context.socket(zmq::Pair)?, context.socket(zmq::Pair)?);
        pipe.bind("inproc://clone")?;
        agents.connect("inproc://clone")?;
        let publisher = context.socket(zmq::XPub)?;
        publisher.set_xpub_verbose(true)?; // tells of each server that comes to collect
        publisher.set_sndhwm(0)?;
        publisher.set_immediate(true)?; // what is for one that is gone shall not wait for it
        publisher.set_linger(0)?;
        for server in servers {
            publisher.connect(&endpoint(server, 2)?)?;
        }
        let agent = Agent {
            servers: servers.to_vec(),
            current: 0,
            replica: Replica::connect(&context, first, subtree, patience)?,
            subtree: subtree.into(),
            patience,
            map: KvMap::default(),
            unpublished: Vec::new(),
            publisher,
            pipe: agents,
            end: None,
            context,
        };
        let run = move || {
            let context = agent.context.clone();
            if let Err(e) = agent.run() {
                eprintln!("the agent fails: {e}");
                let _ = context.shutdown(); // the client shall not wait for it
            }
        };
        Ok(Client {
            agent: Some(thread::spawn(run)),
            pipe,
            subtree: subtree.into(),
        })
    }

    /// Sets a value for some seconds, 0 is for ever; an empty one deletes the key.
    pub fn set(&self, key: &str, value: &str, ttl: u64) -> Result<(), Box<dyn Error>> {
        if !key.starts_with(&self.subtree) {
            return Err(format!("{key:?} is not in the subtree {:?}", self.subtree).into());
        }
        let update = KvMsg::new(key, value).with_ttl(ttl);
        if !update.has_key() {
            return Err(format!("{key:?} is no key").into());
        }
        let mut command = Multipart::from(&update);
        command.push_front("SET");
        Ok(self.pipe.send_multipart(command, 0)?)
    }

    /// The value that a key has, as far as the client has heard; empty if there is none.
    pub fn get(&self, key: &str) -> zmq::Result<Message> {
        self.pipe.send_multipart(["GET", key], 0)?;
        self.pipe.recv_msg(0)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let end = self.pipe.send("END", 0);
        if let (Ok(()), Some(agent)) = (end, self.agent.take()) {
            let _ = agent.join();
        }
    }
}

struct Agent {
    servers: Vec<String>,
    /// Which of them it follows.
    current: usize,
    replica: Replica,
    subtree: String,
    patience: Duration,
    map: KvMap,
    /// What the client has set and nobody has published yet.
    unpublished: Vec<KvMsg>,
    publisher: Socket<XPub>,
    /// To the program, whose commands are `SET`, with an update, `GET`, with a key, and `END`.
    pipe: Socket<Pair>,
    end: Option<Instant>,
    context: Context,
}

impl Agent {
    fn run(mut self) -> Result<(), Box<dyn Error>> {
        while !self.is_over() {
            let wait = self
                .replica
                .tick()?
                .min(self.end.map_or(Duration::MAX, until));
            let mut items = [
                self.pipe.as_poll_item(POLLIN),
                self.publisher.as_poll_item(POLLIN),
                self.replica.as_poll_item(),
            ];
            zmq::poll(&mut items, millis(Some(wait)))?;
            let [is_command, is_subscription, is_news] = items.map(|item| item.is_readable());
            if is_news {
                let news = self.replica.receive()?;
                self.hear(news)?;
            }
            if is_subscription {
                self.publisher.recv_msg(0)?;
                self.publish_again()?;
            }
            if is_command {
                self.obey()?;
            }
            if self.replica.is_gone() {
                eprintln!("{}: no hugz", self.servers[self.current]);
                self.current = (self.current + 1) % self.servers.len();
                let server = &self.servers[self.current];
                self.replica =
                    Replica::connect(&self.context, server, &self.subtree, self.patience)?;
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.end
            .is_some_and(|end| self.unpublished.is_empty() || until(end).is_zero())
    }

    fn hear(&mut self, news: Option<News>) -> zmq::Result<()> {
        let server = &self.servers[self.current];
        match news {
            Some(News::Snapshot(map)) => {
                eprintln!("{server}: {map}");
                self.map = map;
                self.publish_again()?;
            }
            Some(News::Update(update)) => {
                if self.map.apply(&update) {
                    eprintln!("{server}: {update}");
                }
                if update.uuid.is_some() {
                    self.unpublished.retain(|own| own.uuid != update.uuid);
                }
            }
            None => {}
        }
        Ok(())
    }

    fn publish_again(&self) -> zmq::Result<()> {
        let mut updates = self.unpublished.iter();
        updates.try_for_each(|update| update.send(&self.publisher))
    }

    fn obey(&mut self) -> zmq::Result<()> {
        let mut command = self.pipe.recv_frames(0)?;
        match command.pop_front().as_deref() {
            Some(b"SET") => {
                // The client has made it: it is well-formed.
                if let Ok(mut update) = KvMsg::try_from(command) {
                    update.uuid = Some(uuid());
                    update.send(&self.publisher)?;
                    self.unpublished.push(update);
                }
            }
            Some(b"GET") => {
                // What the client has set counts from the moment that it did.
                let key = text(&command[0]);
                let own = self.unpublished.iter().rfind(|update| update.key == key);
                let value = own.map(|update| &update.body).or(self.map.get(&key));
                self.pipe.send(value.cloned().unwrap_or_default(), 0)?;
            }
            _ => self.end = Some(Instant::now() + 4 * self.patience),
        }
        Ok(())
    }
}
