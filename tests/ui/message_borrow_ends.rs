fn main() {
    let socket = zmq::Context::new().socket(zmq::PULL).unwrap();
    let mut message = socket.recv_msg(0).unwrap();
    let text = message.as_str().unwrap();
    socket.recv(&mut message, 0).unwrap();
    println!("{text}");
}
