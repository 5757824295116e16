//! Brokers that know each other, part 3: the whole. Clients ask in bursts, and what the
//! workers of one broker cannot take at once goes to a peer that has workers free. How
//! many those are, the flow of state of `peering1` tells; requests and replies flow as in
//! `peering2`, which has the picture.
//!
//! The state may be old, and a peer gone: a request that cannot be sent comes back, and
//! waits here for a worker. One that a peer takes to its grave, its client notices, when
//! no reply comes.
//!
//! The broker is a reactor, as `lbbroker3`: the poller's tokens are the methods to call.
//!
//! `cargo run -p zmq-guide --bin peering3 DC1 DC2`, and `peering3 DC2 DC1`

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::thread;
use std::time::Duration;

use zmq::{Context, Multipart, PollEvents, Poller, Pub, Req, Router, Socket, Sub, POLLIN};
use zmq_guide::text;

const CLIENTS: usize = 10;
const WORKERS: usize = 5;
/// How long a client waits for a reply.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a broker does not say how many of its workers are free, if that is the same.
const SILENCE_MS: i64 = 200;

type Handler = fn(&mut Broker) -> zmq::Result<()>;

struct Broker<'a> {
    state_in: &'a Socket<Sub>,
    cloud_in: &'a Socket<Router>,
    cloud_out: &'a Socket<Router>,
    frontend: &'a Socket<Router>,
    backend: &'a Socket<Router>,
    /// The envelopes of our workers that are free.
    free: VecDeque<Multipart>,
    /// How many workers are free with each peer, as far as we know.
    peers: BTreeMap<String, usize>,
    /// Requests that came when there was a worker for them, which then there was not.
    waiting: VecDeque<Multipart>,
}

impl Broker<'_> {
    /// `[worker, "", "READY"]`, or `[worker, "", envelope, "", reply]`.
    fn hear_worker(&mut self) -> zmq::Result<()> {
        let mut message = self.backend.recv_frames(0)?;
        self.free.push_back(message.take_envelope());
        if message != ["READY"] {
            self.reply(message)?;
        }
        self.waiting
            .pop_front()
            .map_or(Ok(()), |request| self.place(request))
    }

    /// `[peer, envelope, "", reply]`
    fn hear_reply(&mut self) -> zmq::Result<()> {
        let mut message = self.cloud_out.recv_frames(0)?;
        message.pop_front();
        self.reply(message)
    }

    /// `[peer, number]`
    fn hear_state(&mut self) -> zmq::Result<()> {
        let state = self.state_in.recv_frames(0)?;
        if let Some(free) = state
            .front()
            .and_then(|peer| self.peers.get_mut(peer.as_str()?))
        {
            *free = state
                .back()
                .and_then(|free| free.as_str()?.parse().ok())
                .unwrap_or(0);
        }
        Ok(())
    }

    /// `[peer, envelope, "", request]`. It stays here, so that none goes round in circles.
    fn hear_peer(&mut self) -> zmq::Result<()> {
        if self.free.is_empty() {
            return Ok(()); // the request waits
        }
        self.place(self.cloud_in.recv_frames(0)?)
    }

    /// `[envelope, "", request]`
    fn hear_client(&mut self) -> zmq::Result<()> {
        if !self.is_a_worker_free() {
            return Ok(());
        }
        self.place(self.frontend.recv_frames(0)?)
    }

    fn is_a_worker_free(&self) -> bool {
        !self.free.is_empty() || self.peers.values().any(|free| *free > 0)
    }

    /// Gives a request to a worker of ours, else to a peer, else keeps it.
    fn place(&mut self, mut request: Multipart) -> zmq::Result<()> {
        if let Some(worker) = self.free.pop_front() {
            request.put_envelope(worker);
            return Ok(self.backend.send_frames(request, 0)?);
        }
        for (peer, free) in self.peers.iter_mut().filter(|(_, free)| **free > 0) {
            request.push_front(peer.as_str());
            match self.cloud_out.send_frames(request, 0) {
                Ok(()) => {
                    *free -= 1;
                    return Ok(());
                }
                Err(refused) => {
                    *free = 0; // it is not there
                    request = refused.message;
                    request.pop_front();
                }
            }
        }
        self.waiting.push_back(request);
        Ok(())
    }

    /// `[envelope, "", reply]`, where a peer's envelope begins with its name.
    fn reply(&self, reply: Multipart) -> zmq::Result<()> {
        let first = reply.front().and_then(|id| id.as_str());
        let by = match first.is_some_and(|id| self.peers.contains_key(id)) {
            true => self.cloud_in,
            false => self.frontend,
        };
        Ok(by.send_frames(reply, 0)?)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let (name, peers) = names.split_first().ok_or("usage: peering3 NAME PEER...")?;

    let context = Context::new();
    let state_out = context.socket(Pub)?;
    state_out.bind(&format!("ipc://{name}.state"))?;
    let state_in = context.socket(Sub)?;
    state_in.set_subscribe(b"")?;
    let cloud_in = context.socket(Router)?;
    cloud_in.set_identity(name.as_bytes())?;
    cloud_in.bind(&format!("ipc://{name}.cloud"))?;
    let cloud_out = context.socket(Router)?;
    cloud_out.set_identity(name.as_bytes())?;
    cloud_out.set_router_mandatory(true)?; // says when a peer is not there
    cloud_out.set_immediate(true)?; // nothing is kept for one that has gone
    for peer in peers {
        state_in.connect(&format!("ipc://{peer}.state"))?;
        cloud_out.connect(&format!("ipc://{peer}.cloud"))?;
    }
    let frontend = context.socket(Router)?;
    frontend.bind("inproc://frontend")?;
    let backend = context.socket(Router)?;
    backend.bind("inproc://backend")?;
    for n in 1..=WORKERS {
        let (who, worker) = (format!("worker {n} of {name}"), context.socket(Req)?);
        thread::spawn(move || work(&who, &worker));
    }
    for n in 1..=CLIENTS {
        let client = context.socket(Req)?;
        thread::spawn(move || ask(n, &client));
    }

    let mut broker = Broker {
        state_in: &state_in,
        cloud_in: &cloud_in,
        cloud_out: &cloud_out,
        frontend: &frontend,
        backend: &backend,
        free: VecDeque::new(),
        peers: peers.iter().map(|peer| (peer.clone(), 0)).collect(),
        waiting: VecDeque::new(),
    };
    let mut poller = Poller::<Handler>::new()?;
    poller.add(&backend, POLLIN, |broker| broker.hear_worker())?;
    poller.add(&cloud_out, POLLIN, |broker| broker.hear_reply())?;
    poller.add(&state_in, POLLIN, |broker| broker.hear_state())?;
    poller.add(&cloud_in, POLLIN, |broker| broker.hear_peer())?;
    poller.add(&frontend, POLLIN, |broker| broker.hear_client())?;
    let hear_if = |heard| if heard { POLLIN } else { PollEvents::empty() };
    loop {
        // Requests are heard only when there is a worker for them.
        poller.modify(&cloud_in, hear_if(!broker.free.is_empty()))?;
        poller.modify(&frontend, hear_if(broker.is_a_worker_free()))?;
        let were_free = broker.free.len();
        let ready = poller.wait(SILENCE_MS)?;
        let silence = ready.len() == 0;
        for ready in ready {
            (ready.token)(&mut broker)?;
        }
        if silence || broker.free.len() != were_free {
            state_out.send_multipart([name, &broker.free.len().to_string()], 0)?;
        }
    }
}

/// Asks in bursts.
fn ask(n: usize, client: &Socket<Req>) -> zmq::Result<()> {
    client.connect("inproc://frontend")?;
    loop {
        thread::sleep(Duration::from_millis(fastrand::u64(..500)));
        for _ in 0..fastrand::u32(..15) {
            let task = format!("task {:04X}", fastrand::u16(..));
            match client.request(task.as_str(), PATIENCE, 0) {
                Ok(reply) => println!("client {n}: {task} {}", text(&reply[0])),
                Err(zmq::Error::EAGAIN) => println!("client {n}: {task} is lost"),
                Err(e) => return Err(e),
            }
        }
    }
}

fn work(who: &str, worker: &Socket<Req>) -> zmq::Result<()> {
    worker.connect("inproc://backend")?;
    worker.send("READY", 0)?;
    loop {
        let mut request = worker.recv_frames(0)?;
        let envelope = request.take_envelope();
        thread::sleep(Duration::from_millis(fastrand::u64(..50)));
        let mut reply = Multipart::from(format!("done by {who}"));
        reply.put_envelope(envelope);
        worker.send_frames(reply, 0)?;
    }
}
