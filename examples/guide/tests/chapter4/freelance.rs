//! Freelance: clients with several servers and nobody between them.

use zmq::{Context, Multipart, Rep, Router};

use crate::common::{finish, ipc, line, timed, Peer, LIMIT};
use crate::start;

#[test]
fn model_1_tries_one_after_the_other() {
    timed(|| {
        let endpoints = [ipc(), ipc()];
        let [first, second] = endpoints
            .each_ref()
            .map(|endpoint| start!("flserver1", endpoint));
        for server in [&first, &second] {
            assert_eq!(line(server), "I: the service is ready");
        }
        let [a, b] = endpoints
            .each_ref()
            .map(|endpoint| format!("I: trying the service at {endpoint}"));
        let (replied, late) = ("I: the service replied Hello world", "W: no reply in time");
        let client = || start!("flclient1", &endpoints[0], &endpoints[1]; "TIMEOUT" = "3000");
        assert_eq!(finish(client()), [&a, replied]);
        first.kill();
        assert_eq!(finish(client()), [&a, late, &b, replied]);
        second.kill();
        let client = start!("flclient1", &endpoints[0], &endpoints[1]; "TIMEOUT" = "100");
        let end = client.end();
        assert_eq!(
            end.output,
            [&a, late, &b, late].map(|line| line.as_bytes().to_vec())
        );
        assert_eq!(end.status, Some(1));
        assert_eq!(
            end.errors,
            ["Error: \"there is no service, or no endpoint was given\""]
        );
    });
}

/// A server that is slow, and answers the first request when it has the second: the reply
/// to the first is not taken for one to the second.
#[test]
fn model_1_asks_its_one_server_again() {
    timed(|| {
        let endpoint = ipc();
        let server = Context::new().socket(Router).unwrap();
        server.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        server.bind(&endpoint).unwrap();
        let client = start!("flclient1", &endpoint; "TIMEOUT" = "3000");
        let [first, second] = [(); 2].map(|()| {
            let mut request = server.recv_frames(0).unwrap();
            let envelope = request.take_envelope();
            assert_eq!(request, ["Hello world"]);
            envelope
        });
        for (envelope, body) in [(first, "too late"), (second, "in time")] {
            let mut reply = Multipart::from(body);
            reply.put_envelope(envelope);
            server.send_frames(reply, 0).unwrap();
        }
        let trying = format!("I: trying the service at {endpoint}");
        assert_eq!(finish(client), [&trying, "I: the service replied in time"]);
    });
}

/// The test itself is one of the servers, and knows by that when the client is in the
/// middle; the others are killed then.
#[test]
fn model_2_does_not_notice_who_dies() {
    timed(|| {
        let endpoints = [ipc(), ipc(), ipc()];
        let killed = [0, 1].map(|n| start!("flserver2", &endpoints[n]));
        for server in &killed {
            assert_eq!(line(server), "I: the service is ready");
        }
        let server = Context::new().socket(Rep).unwrap();
        server.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        server.bind(&endpoints[2]).unwrap();
        let [a, b, c] = &endpoints;
        let client = start!("flclient2", a, b, c; "TIMEOUT" = "20000", "REQUESTS" = "900");
        let mut killed = killed.into_iter();
        for n in 1..=900 {
            // In order, each once: it is asked as all are.
            let number = n.to_string();
            assert_eq!(server.recv_frames(0).unwrap(), [&number, "a name"]);
            server.send_multipart([&number, "OK"], 0).unwrap();
            if n % 300 == 0 {
                killed.next().map(|server| server.kill());
            }
        }
        let end = finish(client);
        assert!(end[0].starts_with("I: 900 replies, "), "{end:?}");
    });
}

#[test]
fn model_2_needs_a_server() {
    timed(|| {
        let client = start!("flclient2", ipc(); "TIMEOUT" = "100");
        let end = client.end();
        assert_eq!(end.status, Some(1));
        assert_eq!(end.errors, ["Error: \"no reply to request 1\""]);
    });
}

/// The first is killed while it is asked, and the test, which is the other, is asked; when
/// the first is back the test falls silent, and the first is asked again.
#[test]
fn model_3_asks_who_is_alive() {
    timed(|| {
        let endpoints = [ipc(), ipc()];
        let start_first = || {
            let first = start!("flserver3", &endpoints[0]);
            let ready = format!("I: the service is ready at {}", endpoints[0]);
            assert_eq!(line(&first), ready);
            first
        };
        let mut first = Some(start_first());
        let server = Context::new().socket(Router).unwrap();
        server.set_identity(endpoints[1].as_bytes()).unwrap();
        server.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        server.bind(&endpoints[1]).unwrap();
        let client = start!("flclient3", &endpoints[0], &endpoints[1];
            "TIMEOUT" = "20000", "REQUESTS" = "10000");
        let (mut pings, mut requests) = (0, 0);
        while requests < 500 {
            let message = server.recv_frames(0).unwrap();
            let client = &message[0][..];
            if message[1].as_str() == Some("PING") {
                assert_eq!(message.len(), 2);
                server.send_multipart([client, b"PONG"], 0).unwrap();
                pings += 1;
                // It is pinged because another is asked.
                if pings == 2 {
                    first.take().map(Peer::kill);
                }
            } else {
                assert_eq!((message.len(), message[2].as_str()), (3, Some("a name")));
                let number = &message[1][..];
                let reply = [client, number, b"OK"];
                server.send_multipart(reply, 0).unwrap();
                requests += 1;
            }
        }
        assert!(first.is_none());
        let _first = start_first();
        let end = finish(client);
        assert!(end[0].starts_with("I: 10000 replies, "), "{end:?}");
    });
}

#[test]
fn model_3_waits_for_who_comes() {
    timed(|| {
        let endpoints = [ipc(), ipc()];
        for comes in &endpoints {
            let client = start!("flclient3", &endpoints[0], &endpoints[1]; "TIMEOUT" = "20000");
            let server = start!("flserver3", comes);
            line(&server);
            assert!(finish(client)[0].starts_with("I: 500 replies, "));
        }
    });
}

#[test]
fn model_3_needs_a_server() {
    timed(|| {
        let client = start!("flclient3", ipc(); "TIMEOUT" = "200");
        let end = client.end();
        assert_eq!((end.status, end.output), (Some(1), vec![]));
        assert_eq!(
            end.errors,
            ["Error: EAGAIN: Resource temporarily unavailable"]
        );
    });
}
