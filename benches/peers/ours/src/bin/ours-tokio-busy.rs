use driver::runtime;
use ours::busy::busy;
use ours::{Awaited, Wait};
use zmq::aio::AsyncSocket;
use zmq::Socket;

#[derive(Default)]
struct Tokio;

impl Wait for Tokio {
    type Runtime = runtime::Tokio;

    fn adopt(socket: Socket) -> AsyncSocket {
        busy(socket).into_tokio().unwrap()
    }
}

fn main() {
    driver::main::<Awaited<Tokio>>();
}
