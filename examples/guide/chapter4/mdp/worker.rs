//! A worker.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use zmq::{Context, Dealer, Message, Multipart, Socket, POLLIN};

use super::{body, Command, WORKER};
use crate::chapter4::{milliseconds, Heartbeat};

/// Offers a service to a broker, and begins again when the broker has gone or was
/// restarted.
pub struct Worker {
    context: Context,
    broker: String,
    service: String,
    socket: Socket<Dealer>,
    beat: Heartbeat,
    expiry: Instant,
    pause: Duration,
}

/// Work.
#[derive(Debug)]
pub struct Request {
    /// Whom to reply to.
    pub client: Message,
    /// What is asked.
    pub body: Multipart,
}

impl Worker {
    /// A worker of the broker at an endpoint, which may come later. In the environment,
    /// `HEARTBEAT` is the time between two, in milliseconds, `LIVENESS` how many of the
    /// broker's it may miss, and `RECONNECT` how long it then waits before it begins again.
    pub fn new(context: &Context, broker: &str, service: &str) -> Result<Worker, Box<dyn Error>> {
        let beat = Heartbeat::new(2500, 3)?;
        Ok(Worker {
            context: context.clone(),
            broker: broker.into(),
            service: service.into(),
            socket: connect(context, broker, service)?,
            expiry: beat.expiry(),
            beat,
            pause: milliseconds("RECONNECT", 2500)?,
        })
    }

    /// Waits for work. Heartbeats go to and fro meanwhile; while a worker works there are
    /// none, and a broker does not ask for them.
    pub fn recv(&mut self) -> zmq::Result<Request> {
        loop {
            if self.socket.poll(POLLIN, self.beat.timeout_ms())? > 0 {
                let message = self.socket.recv_frames(0)?;
                self.expiry = self.beat.expiry();
                match read(message.clone()) {
                    Some((Command::Request, mut body)) if body.len() > 2 => {
                        let client = body.pop_front().unwrap_or_default();
                        body.pop_front(); // the empty frame after it
                        return Ok(Request { client, body });
                    }
                    Some((Command::Heartbeat, _)) => {}
                    Some((Command::Disconnect, _)) => self.begin_again()?,
                    _ => println!("E: the broker said {message:?}"),
                }
            } else if Instant::now() >= self.expiry {
                println!("W: the broker is silent");
                thread::sleep(self.pause);
                self.begin_again()?;
            }
            if self.beat.is_due() {
                self.send(Command::Heartbeat, Multipart::new())?;
            }
        }
    }

    /// Sends the reply to a request.
    pub fn reply(&mut self, client: Message, body: impl Into<Multipart>) -> zmq::Result<()> {
        let mut reply = body.into();
        reply.push_front("");
        reply.push_front(client);
        self.send(Command::Reply, reply)
    }

    fn begin_again(&mut self) -> zmq::Result<()> {
        self.socket = connect(&self.context, &self.broker, &self.service)?;
        self.expiry = self.beat.expiry();
        Ok(())
    }

    fn send(&self, command: Command, rest: Multipart) -> zmq::Result<()> {
        send(&self.socket, command, rest)
    }
}

fn connect(context: &Context, broker: &str, service: &str) -> zmq::Result<Socket<Dealer>> {
    let socket = context.socket(Dealer)?;
    socket.set_linger(0)?;
    socket.connect(broker)?;
    send(&socket, Command::Ready, service.into())?;
    println!("I: ready for {service}");
    Ok(socket)
}

fn send(socket: &Socket<Dealer>, command: Command, rest: Multipart) -> zmq::Result<()> {
    let mut message = rest;
    message.push_front(command.frame());
    message.push_front(WORKER);
    message.push_front("");
    Ok(socket.send_frames(message, 0)?)
}

fn read(message: Multipart) -> Option<(Command, Multipart)> {
    let mut body = body(message, WORKER)?;
    let command = Command::read(&body.pop_front()?)?;
    Some((command, body))
}
