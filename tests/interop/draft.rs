//! The kinds of the draft API between this crate and C programs. (pyzmq's wheels
//! are built without.)

use zmq::{CanRecv, CanSend, Context, Message, Socket};

use crate::common::peer::{self, Lang, Peer};
use crate::common::{bind, ipc, timed};
use crate::socket;

/// Starts `tests/peers/c/draft.c`.
fn draft(arguments: &[&str]) -> Peer {
    let mut command = peer::draft();
    command.args(arguments);
    Peer::spawn(command)
}

fn endpoints() -> [String; 2] {
    ["tcp://127.0.0.1:*".into(), ipc()]
}

/// Sizes on both sides of where libzmq stores or frames messages differently.
fn messages() -> Vec<Vec<u8>> {
    let sizes = [0, 1, 33, 34, 255, 256, 1 << 16, 1 << 20];
    sizes
        .map(|size| (0..size).map(|i| (i % 251) as u8).collect())
        .to_vec()
}

fn pass(from: &Socket<impl CanSend>, to: &Socket<impl CanRecv>) {
    for message in messages() {
        from.send(&message, 0).unwrap();
        assert!(
            to.recv_bytes(0).unwrap() == message,
            "{} bytes",
            message.len()
        );
    }
}

#[test]
fn client_and_a_server_in_c() {
    Lang::C.prepare();
    timed(|| {
        for endpoint in endpoints() {
            let peer = draft(&["SERVER", "bind", &endpoint]);
            let client = socket(&Context::new(), zmq::Client);
            client.connect(&peer.endpoint()).unwrap();
            pass(&client, &client);
        }
    });
}

#[test]
fn server_and_a_client_in_c() {
    Lang::C.prepare();
    timed(|| {
        for endpoint in endpoints() {
            let server = socket(&Context::new(), zmq::Server);
            let _peer = draft(&["CLIENT", "connect", &bind(&server, &endpoint)]);
            let hello = server.recv_msg(0).unwrap();
            assert_eq!(hello.as_str(), Some("hello"));
            let id = hello.routing_id().unwrap();
            for message in messages() {
                let to = Message::from(&message).with_routing_id(id).unwrap();
                server.send(to, 0).unwrap();
                let back = server.recv_msg(0).unwrap();
                assert!(back[..] == message, "{} bytes", message.len());
                assert_eq!(back.routing_id(), Some(id));
            }
        }
    });
}

#[test]
fn channel_and_peer() {
    Lang::C.prepare();
    timed(|| {
        for endpoint in endpoints() {
            let context = Context::new();
            let mirror = draft(&["CHANNEL", "bind", &endpoint]);
            let channel = socket(&context, zmq::Channel);
            channel.connect(&mirror.endpoint()).unwrap();
            pass(&channel, &channel);
        }
        for endpoint in endpoints() {
            let mirror = draft(&["PEER", "bind", &endpoint]);
            let peer = socket(&Context::new(), zmq::Peer);
            let id = peer.connect_peer(&mirror.endpoint()).unwrap();
            for message in messages() {
                let to = Message::from(&message).with_routing_id(id).unwrap();
                peer.send(to, 0).unwrap();
                let back = peer.recv_msg(0).unwrap();
                assert!(back[..] == message, "{} bytes", message.len());
                assert_eq!(back.routing_id(), Some(id));
            }
        }
    });
}

#[test]
fn scatter_and_gather() {
    Lang::C.prepare();
    timed(|| {
        for endpoint in endpoints() {
            let context = Context::new();
            let (scatter, gather) = (
                socket(&context, zmq::Scatter),
                socket(&context, zmq::Gather),
            );
            let (from, to) = (
                bind(&scatter, &endpoint),
                bind(&gather, "tcp://127.0.0.1:*"),
            );
            let _mirror = draft(&["GATHER", "connect", &from, "SCATTER", "connect", &to]);
            pass(&scatter, &gather);
        }
    });
}

#[test]
fn radio_and_dish() {
    Lang::C.prepare();
    timed(|| {
        for endpoint in endpoints() {
            let context = Context::new();
            let (radio, dish) = (socket(&context, zmq::Radio), socket(&context, zmq::Dish));
            dish.join("back").unwrap();
            let (from, to) = (bind(&radio, &endpoint), bind(&dish, "tcp://127.0.0.1:*"));
            let _mirror = draft(&["DISH", "connect", &from, "RADIO", "connect", &to]);
            let send = |data: &[u8]| {
                let message = Message::from(data).with_group("there").unwrap();
                radio.send(message, 0).unwrap();
            };
            // Until the groups are known, what is sent is dropped.
            while dish.poll(zmq::POLLIN, 20).unwrap() == 0 {
                send(b"joined?");
            }
            send(b"joined!");
            while dish.recv_bytes(0).unwrap() != b"joined!" {}
            for message in messages() {
                send(&message);
                let back = dish.recv_msg(0).unwrap();
                assert!(back[..] == message, "{} bytes", message.len());
                assert_eq!(back.group(), Some("back"));
            }
        }
    });
}
