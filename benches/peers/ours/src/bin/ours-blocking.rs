use std::ops::Deref;

use driver::{runtime, Receives, Sends};
use ours::{Ours, Wait};
use zmq::{CanRecv, CanSend, Kind, Message, Socket};

struct Blocking<K>(Socket<K>);

impl<K: Kind + CanSend + Send + 'static> Sends for Blocking<K> {
    async fn send(&mut self, bytes: &[u8]) {
        self.0.send(bytes, 0).unwrap();
    }
}

impl<K: Kind + CanRecv + Send + 'static> Receives for Blocking<K> {
    type Message = Message;

    async fn receive(&mut self) -> Message {
        self.0.recv_msg(0).unwrap()
    }

    fn bytes(message: &Message) -> impl Deref<Target = [u8]> {
        &message[..]
    }
}

#[derive(Default)]
struct Threads;

impl Wait for Threads {
    type Runtime = runtime::Threads;
    type Socket<K> = Blocking<K>;

    fn adopt<K: Kind>(socket: Socket<K>) -> Blocking<K> {
        Blocking(socket)
    }
}

fn main() {
    driver::main::<Ours<Threads>>();
}
