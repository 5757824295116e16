//! A client that does not wait for its reply.

use std::error::Error;

use zmq::{Context, Dealer, Multipart, Socket};

use super::{body, CLIENT};
use crate::chapter4::milliseconds;

/// Asks for services without waiting, and hears the replies as they come. It does not ask
/// again.
pub struct AsyncClient {
    socket: Socket<Dealer>,
}

/// What a service replied.
#[derive(Debug)]
pub struct Reply {
    /// The service.
    pub service: String,
    /// The reply.
    pub body: Multipart,
}

impl AsyncClient {
    /// A client of the broker at an endpoint, which may come later. `TIMEOUT` in the
    /// environment is how long it waits for the next reply, in milliseconds.
    pub fn new(context: &Context, broker: &str) -> Result<AsyncClient, Box<dyn Error>> {
        let socket = context.socket(Dealer)?;
        let timeout = milliseconds("TIMEOUT", 2500)?;
        socket.set_rcvtimeo(timeout.as_millis() as i32)?;
        socket.set_linger(0)?;
        socket.connect(broker)?;
        Ok(AsyncClient { socket })
    }

    /// Asks a service.
    pub fn send(&self, service: &str, body: impl Into<Multipart>) -> zmq::Result<()> {
        let mut request = body.into();
        request.push_front(service);
        request.push_front(CLIENT);
        request.push_front(""); // which a REQ would put there
        Ok(self.socket.send_frames(request, 0)?)
    }

    /// The next reply; `EAGAIN` if none comes.
    pub fn recv(&self) -> zmq::Result<Reply> {
        loop {
            let message = self.socket.recv_frames(0)?;
            let reply = body(message.clone(), CLIENT).and_then(|mut body| {
                let service = body.pop_front()?.as_str()?.into();
                Some(Reply { service, body })
            });
            match reply {
                Some(reply) => return Ok(reply),
                None => println!("E: the broker said {message:?}"),
            }
        }
    }
}
