fn main() {
    let socket = zmq::Context::new().socket(zmq::Pub).unwrap();
    socket.recv_multipart(0).unwrap();
}
