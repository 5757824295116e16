//! Majordomo, frame by frame: what its programs say is MDP/0.1, and what is not is dropped.

use zmq::{Context, Dealer, Message, Multipart, Req, Router, Socket, POLLIN};

use crate::common::{ipc, line, line_with, timed, Peer, LIMIT};
use crate::start;

/// A broker, and where it is.
fn broker() -> (Peer, String) {
    let endpoint = ipc();
    let broker = start!("mdbroker", &endpoint);
    line(&broker);
    (broker, endpoint)
}

fn connect<K: zmq::CanRecv>(context: &Context, kind: K, endpoint: &str) -> Socket<K> {
    let socket = context.socket(kind).unwrap();
    socket.set_linger(0).unwrap();
    socket.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
    socket.connect(endpoint).unwrap();
    socket
}

/// The next message that is no heartbeat, of which a worker that does not send any itself
/// hears few before the broker forgets it.
fn hear(worker: &Socket<Dealer>) -> Multipart {
    loop {
        let message = worker.recv_frames(0).unwrap();
        if message != [&b""[..], b"MDPW01", b"\x04"] {
            return message;
        }
    }
}

#[test]
fn the_broker_says_what_the_protocol_has() {
    timed(|| {
        let (_broker, endpoint) = broker();
        let context = Context::new();
        let worker = connect(&context, Dealer, &endpoint);
        let ready = [&b""[..], b"MDPW01", b"\x01", b"coffee"];
        worker.send_multipart(ready, 0).unwrap();
        // The heartbeat tells that it is known.
        assert_eq!(
            worker.recv_frames(0).unwrap(),
            [&b""[..], b"MDPW01", b"\x04"]
        );

        let client = connect(&context, Req, &endpoint);
        client
            .send_multipart(["MDPC01", "coffee", "black", ""], 0)
            .unwrap();
        let request = hear(&worker);
        let address: Message = request[3].clone();
        assert_eq!(request.len(), 7);
        assert_eq!(
            request,
            [&b""[..], b"MDPW01", b"\x02", &address, b"", b"black", b""]
        );
        let reply = [&b""[..], b"MDPW01", b"\x03", &address, b"", b"a cup", b"\0"];
        worker.send_multipart(reply, 0).unwrap();
        let reply = client.recv_frames(0).unwrap();
        assert_eq!(reply, ["MDPC01", "coffee", "a cup", "\0"]);

        for (service, body, status) in [
            ("mmi.service", "coffee", "200"),
            ("mmi.service", "tea", "404"),
            ("mmi.", "coffee", "501"),
            ("mmi.services", "coffee", "501"),
        ] {
            client.send_multipart(["MDPC01", service, body], 0).unwrap();
            let reply = client.recv_frames(0).unwrap();
            assert_eq!(reply, ["MDPC01", service, status]);
        }

        // The worker leaves.
        worker
            .send_multipart([&b""[..], b"MDPW01", b"\x05"], 0)
            .unwrap();
        loop {
            client
                .send_multipart(["MDPC01", "mmi.service", "coffee"], 0)
                .unwrap();
            if client.recv_frames(0).unwrap()[2].as_str() == Some("404") {
                break;
            }
        }
    });
}

#[test]
fn the_broker_sends_away_who_is_confused() {
    timed(|| {
        let (broker, endpoint) = broker();
        let context = Context::new();
        let client = connect(&context, Req, &endpoint);
        let disconnect = [&b""[..], b"MDPW01", b"\x05"];
        let ready: &[&[u8]] = &[b"", b"MDPW01", b"\x01", b"coffee"];
        for said in [
            // Of a broker's own.
            &[&[&b""[..], b"MDPW01", b"\x01", b"mmi.coffee"][..]][..],
            // Without a name.
            &[&[b"", b"MDPW01", b"\x01"]],
            // Not ready.
            &[&[b"", b"MDPW01", b"\x04"]],
            &[&[b"", b"MDPW01", b"\x03", b"client", b"", b"a cup"]],
            // Ready twice, or done with what nobody asked for.
            &[ready, ready],
            &[ready, &[b"", b"MDPW01", b"\x03", b"client", b"", b"a cup"]],
        ] {
            let worker = connect(&context, Dealer, &endpoint);
            for message in said {
                worker.send_multipart(*message, 0).unwrap();
            }
            assert_eq!(hear(&worker), disconnect, "{said:?}");
            client
                .send_multipart(["MDPC01", "mmi.service", "coffee"], 0)
                .unwrap();
            assert_eq!(client.recv_frames(0).unwrap()[2].as_str(), Some("404"));
        }

        // What is not of the protocol is dropped, and said.
        let stranger = connect(&context, Dealer, &endpoint);
        let dropped: [&[&[u8]]; 9] = [
            &[b""],
            &[b"hello"],
            &[b"", b""],
            &[b"", b"MDPC02", b"coffee", b"black"],
            &[b"MDPC01", b"coffee", b"black"],
            &[b"", b"MDPC01"],
            &[b"", b"MDPC01", b"coffee"],
            &[b"", b"MDPW01"],
            &[b"", b"MDPW01", b"\x06"],
        ];
        for message in dropped {
            stranger.send_multipart(message, 0).unwrap();
            line_with(&broker, "E: dropped");
        }
        assert_eq!(stranger.poll(POLLIN, 0).unwrap(), 0);
        client
            .send_multipart(["MDPC01", "mmi.service", "coffee"], 0)
            .unwrap();
        assert_eq!(client.recv_frames(0).unwrap()[2].as_str(), Some("404"));
    });
}

#[test]
fn who_is_silent_is_forgotten() {
    timed(|| {
        let endpoint = ipc();
        let broker = start!("mdbroker", &endpoint; "LIVENESS" = "2");
        line(&broker);
        let worker = connect(&Context::new(), Dealer, &endpoint);
        worker
            .send_multipart([&b""[..], b"MDPW01", b"\x01", b"coffee"], 0)
            .unwrap();
        // Its connection stays; it says nothing.
        line_with(&broker, "has gone");
        // What it says now is nothing to a broker that does not know it.
        worker
            .send_multipart([&b""[..], b"MDPW01", b"\x04"], 0)
            .unwrap();
        assert_eq!(hear(&worker), [&b""[..], b"MDPW01", b"\x05"]);
    });
}

#[test]
fn the_worker_says_what_the_protocol_has() {
    timed(|| {
        let endpoint = ipc();
        let broker = Context::new().socket(Router).unwrap();
        broker.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        broker.bind(&endpoint).unwrap();
        let worker = start!("mdworker", &endpoint);
        // The next message that is no heartbeat, or the next heartbeat.
        let hear = |heartbeat: bool| loop {
            let mut message = broker.recv_frames(0).unwrap();
            let address = message.pop_front().unwrap();
            if (message == [&b""[..], b"MDPW01", b"\x04"]) == heartbeat {
                return (address, message);
            }
        };
        let ready = [&b""[..], b"MDPW01", b"\x01", b"echo"];
        let (address, message) = hear(false);
        assert_eq!(message, ready);
        assert_eq!(hear(true).0, address);
        assert_eq!(line(&worker), "I: ready for echo");

        // What is not of the protocol does not matter.
        let nonsense: [&[&[u8]]; 4] = [
            &[b"hello"],
            &[b"", b"MDPW01", b"\x02", b"client", b""],
            &[b"", b"MDPW01", b"\x01", b"echo"],
            &[b"", b"MDPC01", b"\x02", b"client", b"", b"body"],
        ];
        for message in nonsense {
            let message = [&[&address[..]], message].concat();
            broker.send_multipart(message, 0).unwrap();
            line_with(&worker, "E: the broker said");
        }
        let request = [
            &address,
            &b""[..],
            b"MDPW01",
            b"\x02",
            b"client",
            b"",
            b"one",
            b"",
        ];
        broker.send_multipart(request, 0).unwrap();
        let (from, message) = hear(false);
        assert_eq!(from, address);
        assert_eq!(
            message,
            [&b""[..], b"MDPW01", b"\x03", b"client", b"", b"one", b""]
        );

        // Told to, it begins again, on a new socket.
        broker
            .send_multipart([&address, &b""[..], b"MDPW01", b"\x05"], 0)
            .unwrap();
        let (second, message) = hear(false);
        assert_eq!(message, ready);
        assert_ne!(second, address);
        assert_eq!(line(&worker), "I: ready for echo");
        // And when the broker is silent.
        assert_eq!(line(&worker), "W: the broker is silent");
        let (third, message) = hear(false);
        assert_eq!(message, ready);
        assert!(third != address && third != second);
        assert_eq!(line(&worker), "I: ready for echo");
    });
}

#[test]
fn the_clients_say_what_the_protocol_has() {
    timed(|| {
        let endpoint = ipc();
        let broker = Context::new().socket(Router).unwrap();
        broker.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        broker.bind(&endpoint).unwrap();
        let hear = || {
            let mut message = broker.recv_frames(0).unwrap();
            let address = message.pop_front().unwrap();
            assert_eq!(message, ["", "MDPC01", "echo", "Hello world 0"]);
            address
        };
        let send = |address: &Message, protocol: &str, body: &str| {
            let head = [&address[..], b"", protocol.as_bytes(), b"echo"];
            let message = head.into_iter().chain([body.as_bytes()]);
            broker.send_multipart(message, 0).unwrap();
        };

        // What is not of the protocol is no reply: it asks again, by a new socket.
        let client = start!("mdclient", &endpoint, "1"; "TIMEOUT" = "20000");
        let first = hear();
        send(&first, "MDPC02", "Hello");
        let second = hear();
        assert_ne!(first, second);
        send(&second, "MDPC01", "Hello");
        assert!(line(&client).starts_with("E: the broker said"));
        assert_eq!(line(&client), "1 requests and replies");

        // This one never asks again.
        let client = start!("mdclient2", &endpoint, "1"; "TIMEOUT" = "20000");
        let address = hear();
        send(&address, "MDPC02", "Hello");
        send(&address, "MDPC01", "Hello");
        assert!(line(&client).starts_with("E: the broker said"));
        assert_eq!(line(&client), "1 replies to 1 requests");
        assert_eq!(broker.poll(POLLIN, 0).unwrap(), 0);
    });
}
