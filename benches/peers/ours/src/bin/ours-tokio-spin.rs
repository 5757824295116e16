use driver::runtime;
use ours::spin::spinning;
use ours::{Awaited, Wait};
use zmq::aio::AsyncSocket;
use zmq::Socket;

#[derive(Default)]
struct Tokio;

impl Wait for Tokio {
    type Runtime = runtime::Tokio;

    fn adopt(socket: Socket) -> AsyncSocket {
        spinning(socket).into_tokio().unwrap()
    }
}

fn main() {
    driver::main::<Awaited<Tokio>>();
}
