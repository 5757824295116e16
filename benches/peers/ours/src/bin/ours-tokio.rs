use driver::runtime;
use ours::{Awaited, Ours, Wait};
use zmq::{Kind, Socket};

#[derive(Default)]
struct Tokio;

impl Wait for Tokio {
    type Runtime = runtime::Tokio;
    type Socket<K> = Awaited<K>;

    fn adopt<K: Kind>(socket: Socket<K>) -> Awaited<K> {
        Awaited::new(socket.into_tokio().unwrap())
    }
}

fn main() {
    driver::main::<Ours<Tokio>>();
}
