fn main() {
    let socket = zmq::Context::new().socket(zmq::PUB).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| socket.send("from two threads", 0));
    });
}
