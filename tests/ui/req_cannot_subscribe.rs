fn main() {
    let socket = zmq::Context::new().socket(zmq::Req).unwrap();
    socket.set_subscribe(b"topic").unwrap();
}
