#[derive(Clone, Copy)]
struct Mine;

impl zmq::Kind for Mine {
    fn socket_type(self) -> zmq::SocketType {
        zmq::PULL
    }
}

impl zmq::CanSend for Mine {}

fn main() {}
