fn main() {
    let socket = zmq::Context::new().socket(zmq::Dealer).unwrap();
    socket.set_router_mandatory(true).unwrap();
}
