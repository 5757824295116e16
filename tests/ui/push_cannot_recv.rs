fn main() {
    let socket = zmq::Context::new().socket(zmq::Push).unwrap();
    socket.recv_msg(0).unwrap();
}
