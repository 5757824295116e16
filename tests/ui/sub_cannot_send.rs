fn main() {
    let socket = zmq::Context::new().socket(zmq::Sub).unwrap();
    socket.send_multipart(["wrong", "direction"], 0).unwrap();
}
