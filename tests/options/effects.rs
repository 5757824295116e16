//! Options whose effect any socket shows.

use zmq::{Context, Error};

use crate::common::{bind_tcp, inproc, timed, Monitor};

#[test]
fn timeouts_end_waiting() {
    timed(|| {
        let socket = Context::new().socket(zmq::Dealer).unwrap();
        socket.set_rcvtimeo(1).unwrap();
        socket.set_sndtimeo(1).unwrap();
        assert_eq!(socket.recv_bytes(0), Err(Error::EAGAIN));
        assert_eq!(socket.send("to nobody", 0), Err(Error::EAGAIN));
    });
}

#[test]
fn conflate_keeps_the_last_message() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (
            context.socket(zmq::Push).unwrap(),
            context.socket(zmq::Pull).unwrap(),
        );
        // Over inproc, the option of the side that connects is what counts.
        push.set_conflate(true).unwrap();
        let endpoint = inproc();
        pull.bind(&endpoint).unwrap();
        push.connect(&endpoint).unwrap();
        for i in 0..100_u8 {
            push.send([i], 0).unwrap();
        }
        assert_eq!(pull.recv_bytes(0).unwrap(), [99]);
    });
}

#[test]
fn maxmsgsize_disconnects_who_sends_more() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (
            context.socket(zmq::Push).unwrap(),
            context.socket(zmq::Pull).unwrap(),
        );
        pull.set_maxmsgsize(100).unwrap();
        let events = Monitor::new(&pull);
        push.connect(&bind_tcp(&pull)).unwrap();
        push.send(vec![0; 100], 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), [0; 100]);
        push.send(vec![0; 101], 0).unwrap();
        events.wait_for(zmq_sys::ZMQ_EVENT_DISCONNECTED);
    });
}

#[test]
fn immediate_does_not_queue_for_who_is_not_there() {
    let context = Context::new();
    let (port, push) = (
        std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
        context.socket(zmq::Push).unwrap(),
    );
    push.set_linger(0).unwrap();
    push.set_immediate(true).unwrap();
    // It accepts connections, but never greets.
    push.connect(&format!("tcp://{}", port.local_addr().unwrap()))
        .unwrap();
    assert_eq!(push.send("to nobody", zmq::DONTWAIT), Err(Error::EAGAIN));
}
