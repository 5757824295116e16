//! tokio.

use driver::runtime;
use zmq::aio::AsyncSocket;
use zmq::Socket;

use crate::Wait;

pub struct Tokio;

impl Wait for Tokio {
    type Runtime = runtime::Tokio;

    fn adopt(socket: Socket) -> AsyncSocket {
        socket.into_tokio().unwrap()
    }
}
