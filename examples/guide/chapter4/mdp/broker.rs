//! The broker.

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::time::Instant;

use zmq::{Context, Multipart, Router, Socket, DONTWAIT, POLLIN};

use super::{body, Command, CLIENT, WORKER};
use crate::chapter4::Heartbeat;

/// What a ROUTER knows a peer by.
type Address = Vec<u8>;
type Name = Vec<u8>;

/// Gives the requests for each service to its workers, to the one that has waited longest
/// first. Requests wait until there is a worker.
pub struct Broker {
    socket: Socket<Router>,
    beat: Heartbeat,
    services: HashMap<Name, Service>,
    workers: HashMap<Address, Worker>,
}

#[derive(Default)]
struct Service {
    requests: VecDeque<Request>,
    /// Its workers that have nothing to do.
    idle: VecDeque<Address>,
}

struct Worker {
    service: Name,
    /// What it works on.
    request: Option<Request>,
    /// When it is dead, if it has nothing to do and says nothing.
    expiry: Instant,
}

struct Request {
    client: Address,
    body: Multipart,
}

impl Broker {
    /// A broker without a place. In the environment, `HEARTBEAT` is the time between two,
    /// in milliseconds, and `LIVENESS` how many of a worker's may be missed.
    pub fn new(context: &Context) -> Result<Broker, Box<dyn Error>> {
        let socket = context.socket(Router)?;
        // Sending to a peer that has gone is an error then, by which the broker notices a
        // worker's death at once where the connection tells it, and by heartbeats else.
        socket.set_router_mandatory(true)?;
        Ok(Broker {
            socket,
            beat: Heartbeat::new(2500, 3)?,
            services: HashMap::new(),
            workers: HashMap::new(),
        })
    }

    /// Takes clients and workers at an endpoint, of which there may be several.
    pub fn bind(&self, endpoint: &str) -> zmq::Result<()> {
        self.socket.bind(endpoint)
    }

    /// Works, for ever.
    pub fn run(&mut self) -> zmq::Result<()> {
        loop {
            if self.socket.poll(POLLIN, self.beat.timeout_ms())? > 0 {
                let message = self.socket.recv_frames(0)?;
                if !self.hear(message.clone())? {
                    println!("E: dropped {message:?}");
                }
            }
            self.bury_the_silent()?;
            if self.beat.is_due() {
                self.send_heartbeats()?;
            }
        }
    }

    /// Whether a message is of the protocol.
    fn hear(&mut self, mut message: Multipart) -> zmq::Result<bool> {
        let sender = message.pop_front().unwrap_or_default().to_vec();
        if let Some(request) = body(message.clone(), CLIENT) {
            self.hear_client(sender, request)
        } else if let Some(told) = body(message, WORKER) {
            self.hear_worker(sender, told)
        } else {
            Ok(false)
        }
    }

    fn hear_client(&mut self, client: Address, mut body: Multipart) -> zmq::Result<bool> {
        let name = body.pop_front().unwrap_or_default().to_vec();
        if body.is_empty() {
            return Ok(false);
        }
        if is_internal(&name) {
            let status = self.manage(&name, &body[0]);
            self.reply(&client, &name, status.into())?;
        } else {
            let service = self.services.entry(name.clone()).or_default();
            service.requests.push_back(Request { client, body });
            self.dispatch(&name)?;
        }
        Ok(true)
    }

    /// The broker's own services, which are those of MMI
    /// (<https://rfc.zeromq.org/spec/8/>): whether somebody offers a service.
    fn manage(&self, name: &[u8], body: &[u8]) -> &'static str {
        let is_offered = || self.workers.values().any(|worker| worker.service == body);
        match name {
            b"mmi.service" if is_offered() => "200",
            b"mmi.service" => "404",
            _ => "501",
        }
    }

    fn hear_worker(&mut self, address: Address, mut body: Multipart) -> zmq::Result<bool> {
        let command = body.pop_front().unwrap_or_default();
        let expiry = self.beat.expiry();
        match (Command::read(&command), self.workers.get_mut(&address)) {
            (Some(Command::Ready), None) if body.front().is_some_and(|name| !is_internal(name)) => {
                let service = body[0].to_vec();
                let worker = Worker {
                    service: service.clone(),
                    request: None,
                    expiry,
                };
                self.workers.insert(address.clone(), worker);
                self.has_time(address, service)?;
            }
            (Some(Command::Reply), Some(worker)) if worker.request.is_some() && body.len() > 2 => {
                worker.request = None;
                worker.expiry = expiry;
                let service = worker.service.clone();
                let client = body.pop_front().unwrap_or_default();
                body.pop_front(); // the empty frame after it
                self.reply(&client, &service, body)?;
                self.has_time(address, service)?;
            }
            (Some(Command::Heartbeat), Some(worker)) => worker.expiry = expiry,
            (Some(Command::Disconnect), _) => self.remove(&address)?,
            (None | Some(Command::Request), _) => return Ok(false),
            // It was ready for a broker before this one, or is confused: it is to begin
            // again.
            (Some(Command::Ready | Command::Reply | Command::Heartbeat), _) => {
                self.remove(&address)?;
                self.tell(&address, Command::Disconnect, Multipart::new())?;
            }
        }
        Ok(true)
    }

    /// A worker waits for work.
    fn has_time(&mut self, worker: Address, name: Name) -> zmq::Result<()> {
        let service = self.services.entry(name.clone()).or_default();
        service.idle.push_back(worker);
        self.dispatch(&name)
    }

    /// Gives out the requests for a service, if there are workers for them.
    fn dispatch(&mut self, name: &[u8]) -> zmq::Result<()> {
        while let Some(service) = self.services.get_mut(name) {
            if service.requests.is_empty() {
                break;
            }
            let Some(address) = service.idle.pop_front() else {
                break;
            };
            let request = service.requests.pop_front();
            if let (Some(worker), Some(request)) = (self.workers.get_mut(&address), request) {
                let mut body = request.body.clone(); // shared, not copied
                body.push_front("");
                body.push_front(&request.client);
                worker.request = Some(request);
                if !self.tell(&address, Command::Request, body)? {
                    self.remove(&address)?;
                }
            }
        }
        Ok(())
    }

    fn send_heartbeats(&mut self) -> zmq::Result<()> {
        let workers: Vec<Address> = self.workers.keys().cloned().collect();
        for worker in workers {
            if !self.tell(&worker, Command::Heartbeat, Multipart::new())? {
                self.remove(&worker)?;
            }
        }
        Ok(())
    }

    fn bury_the_silent(&mut self) -> zmq::Result<()> {
        let now = Instant::now();
        let is_silent = |worker: &Worker| worker.request.is_none() && now >= worker.expiry;
        let workers = self.workers.iter();
        let silent: Vec<Address> = workers
            .filter(|(_, worker)| is_silent(worker))
            .map(|(address, _)| address.clone())
            .collect();
        for worker in silent {
            self.remove(&worker)?;
        }
        Ok(())
    }

    /// Forgets a worker. What it worked on is for another: MDP has services do the same
    /// work twice without harm.
    fn remove(&mut self, address: &[u8]) -> zmq::Result<()> {
        let Some(worker) = self.workers.remove(address) else {
            return Ok(());
        };
        println!("I: worker {} has gone", crate::text(address));
        let service = self.services.entry(worker.service.clone()).or_default();
        service.idle.retain(|idle| idle != address);
        if let Some(request) = worker.request {
            service.requests.push_front(request);
        }
        self.dispatch(&worker.service)
    }

    /// Sends a command to a worker, and says whether it is still there.
    fn tell(&self, worker: &[u8], command: Command, mut rest: Multipart) -> zmq::Result<bool> {
        rest.push_front(command.frame());
        rest.push_front(WORKER);
        self.send(worker, rest)
    }

    /// Sends the reply of a service to a client, if that is still there.
    fn reply(&self, client: &[u8], service: &[u8], mut body: Multipart) -> zmq::Result<()> {
        body.push_front(service);
        body.push_front(CLIENT);
        self.send(client, body).map(drop)
    }

    fn send(&self, peer: &[u8], mut message: Multipart) -> zmq::Result<bool> {
        message.push_front("");
        message.push_front(peer);
        match self.socket.send_frames(message, DONTWAIT) {
            Ok(()) => Ok(true),
            Err(e) if e.error == zmq::Error::EHOSTUNREACH => Ok(false),
            // It reads nothing, and its queue is full.
            Err(e) if e.error == zmq::Error::EAGAIN => Ok(true),
            Err(e) => Err(e.into()),
        }
    }
}

/// Whether a service is the broker's own.
fn is_internal(service: &[u8]) -> bool {
    service.starts_with(b"mmi.")
}
