//! Freelance, model 3: a client that knows which of its servers are alive.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Multipart, Pair, Router, Socket, POLLIN};

use super::milliseconds;

/// Asks whichever of its servers is alive. The work is done by an agent, a thread, which
/// goes on pinging servers while the program does other things; the two talk by PAIR
/// sockets.
pub struct Freelance {
    agent: Socket<Pair>,
}

/// The agent.
struct Agent {
    program: Socket<Pair>,
    router: Socket<Router>,
    /// The one to be asked next comes first.
    servers: Vec<Server>,
    request: Option<Request>,
    number: u64,
    timeout: Duration,
    ping: Duration,
    ttl: Duration,
}

/// A server, which the ROUTER knows by its endpoint.
struct Server {
    endpoint: String,
    ping_at: Instant,
    /// When it is dead, if nothing is heard of it.
    expiry: Instant,
}

/// What is asked just now.
struct Request {
    body: Multipart,
    /// When it is for the next server.
    send_at: Instant,
    expiry: Instant,
}

impl Freelance {
    /// A client of servers, of which some may be dead, or come later. In the environment
    /// are, in milliseconds, `TIMEOUT`, how long it waits for a reply, `PING`, how often it
    /// pings a silent server, and `TTL`, when that is dead.
    pub fn new(context: &Context, servers: &[String]) -> Result<Freelance, Box<dyn Error>> {
        let (timeout, ping, ttl) = (
            milliseconds("TIMEOUT", 3000)?,
            milliseconds("PING", 2000)?,
            milliseconds("TTL", 6000)?,
        );
        let router = context.socket(Router)?;
        router.set_linger(0)?;
        let now = Instant::now();
        let connect = |endpoint: &String| -> zmq::Result<Server> {
            // So one can send to it before it has said its name.
            router.set_connect_routing_id(endpoint.as_bytes())?;
            router.connect(endpoint)?;
            Ok(Server {
                endpoint: endpoint.clone(),
                ping_at: now,
                expiry: now + ttl,
            })
        };
        let servers = servers.iter().map(connect).collect::<zmq::Result<_>>()?;

        let (program, agent) = (context.socket(Pair)?, context.socket(Pair)?);
        let endpoint = format!("inproc://freelance-{:x}", fastrand::u128(..));
        program.bind(&endpoint)?;
        agent.connect(&endpoint)?;
        let mut agent = Agent {
            program: agent,
            router,
            servers,
            request: None,
            number: 0,
            timeout,
            ping,
            ttl,
        };
        thread::spawn(move || agent.run());
        Ok(Freelance { agent: program })
    }

    /// Asks a server, and waits for the reply; `EAGAIN` if there is none.
    pub fn request(&self, body: impl Into<Multipart>) -> zmq::Result<Multipart> {
        let mut request = body.into();
        request.push_front("REQUEST");
        self.agent.send_frames(request, 0)?;
        let mut reply = self.agent.recv_frames(0)?;
        match reply.pop_front() {
            Some(status) if *status == *b"OK" => Ok(reply),
            _ => Err(zmq::Error::EAGAIN),
        }
    }
}

impl Drop for Freelance {
    fn drop(&mut self) {
        let _ = self.agent.send("END", zmq::DONTWAIT);
    }
}

impl Agent {
    /// Works until it is told to end, or the context does.
    fn run(&mut self) -> zmq::Result<()> {
        loop {
            let mut items = [
                self.program.as_poll_item(POLLIN),
                self.router.as_poll_item(POLLIN),
            ];
            zmq::poll(&mut items, self.timeout_ms())?;
            let [program_speaks, server_speaks] = items.map(|item| item.is_readable());
            if program_speaks {
                let mut body = self.program.recv_frames(0)?;
                if body
                    .pop_front()
                    .is_none_or(|command| *command != *b"REQUEST")
                {
                    return Ok(());
                }
                let now = Instant::now();
                self.number += 1;
                self.request = Some(Request {
                    body,
                    send_at: now,
                    expiry: now + self.timeout,
                });
                self.send_request()?;
            }
            if server_speaks {
                self.hear_server()?;
            }
            self.do_what_is_due()?;
        }
    }

    /// How long there is nothing to do.
    fn timeout_ms(&self) -> i64 {
        let pings = self.servers.iter().map(|server| server.ping_at);
        let request = self.request.iter();
        let times = pings.chain(request.flat_map(|request| [request.send_at, request.expiry]));
        times.min().map_or(-1, |time| {
            let left = time.saturating_duration_since(Instant::now());
            left.as_millis() as i64 + 1
        })
    }

    /// A reply with the number of the request, one that is late, or PONG: each tells that
    /// the server is alive.
    fn hear_server(&mut self) -> zmq::Result<()> {
        let mut reply = self.router.recv_frames(0)?;
        let name = reply.pop_front().unwrap_or_default();
        let mut servers = self.servers.iter_mut();
        if let Some(server) = servers.find(|server| *server.endpoint.as_bytes() == *name) {
            server.ping_at = Instant::now() + self.ping;
            server.expiry = Instant::now() + self.ttl;
        }
        let number = reply.pop_front().unwrap_or_default();
        if self.request.is_some() && *number == *self.number.to_string().as_bytes() {
            self.request = None;
            reply.push_front("OK");
            self.program.send_frames(reply, 0)?;
        }
        Ok(())
    }

    fn do_what_is_due(&mut self) -> zmq::Result<()> {
        let now = Instant::now();
        for server in &mut self.servers {
            if now >= server.ping_at {
                self.router.send_multipart([&server.endpoint, "PING"], 0)?;
                server.ping_at = now + self.ping;
            }
        }
        match &self.request {
            Some(request) if now >= request.expiry => {
                self.request = None;
                self.program.send("FAILED", 0)?;
            }
            Some(request) if now >= request.send_at => {
                // Who has not replied is the last to be asked again.
                let some = usize::from(!self.servers.is_empty());
                self.servers.rotate_left(some);
                self.send_request()?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Sends the request to the first server that is alive, or to the first if none is.
    fn send_request(&mut self) -> zmq::Result<()> {
        let now = Instant::now();
        let alive = self.servers.iter().position(|server| now < server.expiry);
        self.servers.rotate_left(alive.unwrap_or(0));
        if let (Some(request), Some(server)) = (&mut self.request, self.servers.first()) {
            request.send_at = now + self.ping;
            let mut message = request.body.clone(); // shared, not copied
            message.push_front(self.number.to_string());
            message.push_front(&server.endpoint);
            self.router.send_frames(message, 0)?;
        }
        Ok(())
    }
}
