//! A client that waits for its reply.

use std::error::Error;
use std::time::Duration;

use zmq::{Context, Multipart, Req, Socket};

use super::CLIENT;
use crate::chapter4::{milliseconds, setting};

/// Asks for services, one request at a time. If there is no reply in time, it asks again,
/// as a lazy pirate does: by a new socket.
pub struct Client {
    context: Context,
    broker: String,
    socket: Socket<Req>,
    timeout: Duration,
    retries: u32,
}

impl Client {
    /// A client of the broker at an endpoint, which may come later. `TIMEOUT` in the
    /// environment is how long it waits for a reply, in milliseconds, and `RETRIES` how
    /// often it asks again.
    pub fn new(context: &Context, broker: &str) -> Result<Client, Box<dyn Error>> {
        let timeout = milliseconds("TIMEOUT", 2500)?;
        Ok(Client {
            context: context.clone(),
            broker: broker.into(),
            socket: connect(context, broker, timeout)?,
            timeout,
            retries: setting("RETRIES", 3)?,
        })
    }

    /// Asks a service, and returns its reply, which has a frame at least; `EAGAIN` if none
    /// came.
    pub fn request(&mut self, service: &str, body: impl Into<Multipart>) -> zmq::Result<Multipart> {
        let mut request = body.into();
        request.push_front(service);
        request.push_front(CLIENT);
        for _ in 0..=self.retries {
            // Frames are shared, not copied, to be there for another attempt.
            self.socket.send_multipart(request.iter(), 0)?;
            match self.socket.recv_frames(0) {
                Ok(mut reply) => {
                    let head = [reply.pop_front(), reply.pop_front()];
                    let expected = [CLIENT, service].map(|frame| Some(frame.into()));
                    if head == expected && !reply.is_empty() {
                        return Ok(reply);
                    }
                    println!("E: the broker said {head:?} {reply:?}");
                }
                Err(zmq::Error::EAGAIN) => println!("W: no reply in time"),
                Err(e) => return Err(e),
            }
            self.socket = connect(&self.context, &self.broker, self.timeout)?;
        }
        Err(zmq::Error::EAGAIN)
    }
}

fn connect(context: &Context, broker: &str, timeout: Duration) -> zmq::Result<Socket<Req>> {
    let socket = context.socket(Req)?;
    socket.set_rcvtimeo(timeout.as_millis() as i32)?;
    socket.set_linger(0)?;
    socket.connect(broker)?;
    Ok(socket)
}
