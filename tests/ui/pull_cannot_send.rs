fn main() {
    let socket = zmq::Context::new().socket(zmq::Pull).unwrap();
    socket.send("wrong direction", 0).unwrap();
}
