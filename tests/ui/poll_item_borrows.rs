fn main() {
    let socket = zmq::Context::new().socket(zmq::PULL).unwrap();
    let item = socket.as_poll_item(zmq::POLLIN);
    drop(socket);
    item.is_readable();
}
