//! Lazy, simple and paranoid pirates.

use zmq::{Context, Dealer, Router};

use crate::common::{finish, ipc, line, line_with, timed, Lang, Peer, LIMIT};
use crate::{python, reply, start};

#[test]
fn a_lazy_pirate_outlives_its_server() {
    timed(|| {
        let endpoint = ipc();
        let server = start!("lpserver", &endpoint);
        let client = start!("lpclient", &endpoint);
        assert_eq!(line(&client), "I: connecting to the server");
        assert_eq!(line(&server), "I: request (1)");
        reply(&client, 1);
        let heard = server.kill();
        line_with(&client, "W: no reply in time");

        let server = start!("lpserver", &endpoint);
        let again = line(&server);
        let number = |line: &str| -> u64 {
            let number = line.strip_prefix("I: request (").unwrap();
            number.strip_suffix(')').unwrap().parse().unwrap()
        };
        // The last one that the server got may be the one that is asked again.
        let last = heard
            .last()
            .map_or(1, |line| number(std::str::from_utf8(line).unwrap()));
        let again = number(&again);
        assert!(again == last || again == last + 1, "{again} after {last}");
        reply(&client, again);
        reply(&client, again + 1);
    });
}

#[test]
fn a_late_reply_is_not_that_to_another_request() {
    timed(|| {
        let endpoint = ipc();
        // Too late for the fourth request by far, which is asked again meanwhile.
        let server = start!("lpserver", &endpoint; "TROUBLE" = "overload", "OVERLOAD" = "1000");
        let client = start!("lpclient", &endpoint; "TIMEOUT" = "300");
        line_with(&server, "I: overloaded, on purpose");
        line_with(&client, "W: no reply in time");
        for n in 4..=8 {
            // Anything but the reply to the request would be an error.
            loop {
                let said = line(&client);
                assert!(!said.starts_with("E:"), "{said}");
                if said == format!("I: server replied ({n})") {
                    break;
                }
            }
        }
    });
}

#[test]
fn a_lazy_pirate_gives_up_at_last() {
    timed(|| {
        let endpoint = ipc();
        let server = start!("lpserver", &endpoint; "TROUBLE" = "crash");
        let client = start!("lpclient", &endpoint; "RETRIES" = "2", "TIMEOUT" = "700");
        reply(&client, 3);
        assert_eq!(finish(server).last().unwrap(), "I: crashing, on purpose");
        let end = finish(client);
        let late = end.iter().filter(|line| *line == "W: no reply in time");
        assert_eq!(late.count(), 3);
        assert_eq!(end.last().unwrap(), "E: the server seems to be gone");
    });
}

#[test]
fn a_wrong_setting_is_named() {
    timed(|| {
        for (time, why) in [
            ("soon", "invalid digit found in string"),
            ("-1", "out of range integral type conversion attempted"),
            ("2147483648", "number too large to fit in target type"),
        ] {
            let client = start!("lpclient", ipc(); "TIMEOUT" = time);
            let wrong = format!("Error: \"TIMEOUT={time}: {why}\"");
            assert_eq!(client.end().errors, [wrong]);
        }

        let endpoint = ipc();
        let server = start!("lpserver", &endpoint; "TROUBLE" = "little");
        let _client = start!("lpclient", &endpoint);
        let wrong = "Error: \"TROUBLE=little: none, crash or overload\"";
        assert_eq!(server.end().errors, [wrong]);
    });
}

#[test]
fn simple_pirates_come_and_go() {
    timed(|| {
        let [front, back] = [ipc(), ipc()];
        let _queue = start!("spqueue", &front, &back);
        let client = start!("lpclient", &front);
        let worker = start!("spworker", &back; "TROUBLE" = "crash");
        reply(&client, 3);
        assert_eq!(finish(worker).last().unwrap(), "I: crashing, on purpose");
        // The request that it crashed over is asked again, of others.
        let workers = [start!("spworker", &back), start!("spworker", &back)];
        reply(&client, 4);
        reply(&client, 20);
        for worker in &workers {
            line_with(worker, "replies");
        }
        // A worker that is killed costs one request at the most, too.
        let [killed, _left] = workers;
        killed.kill();
        reply(&client, 40);
    });
}

#[test]
fn the_paranoid_queue_notices_a_dead_worker() {
    timed(|| {
        let [front, back] = [ipc(), ipc()];
        let queue = start!("ppqueue", &front, &back; "LIVENESS" = "10");
        let first = start!("ppworker", &back);
        let ready = line_with(&queue, "is ready");
        first.kill();
        let second = start!("ppworker", &back);
        line_with(&queue, "is ready");
        let silent = ready.replace("I:", "W:").replace("is ready", "is silent");
        line_with(&queue, &silent);
        // Nobody has to ask twice: the dead one, whose turn it was, gets nothing.
        let client = start!("lpclient", &front; "TIMEOUT" = "20000");
        assert_eq!(line(&client), "I: connecting to the server");
        assert_eq!(line(&client), "I: server replied (1)");
        line_with(&second, "I: replying");
    });
}

#[test]
fn a_paranoid_worker_notices_that_the_queue_is_gone() {
    timed(|| {
        let [front, back] = [ipc(), ipc()];
        let queue = start!("ppqueue", &front, &back);
        let worker = start!("ppworker", &back; "LIVENESS" = "10");
        line_with(&queue, "is ready");
        assert_eq!(line(&worker), "I: ready");
        queue.kill();
        // The pause gets longer.
        for pause in ["100ms", "200ms"] {
            let silent = format!("W: the queue is silent, reconnecting in {pause}");
            assert_eq!(line(&worker), silent);
            assert_eq!(line(&worker), "I: ready");
        }
        let _queue = start!("ppqueue", &front, &back);
        let client = start!("lpclient", &front);
        reply(&client, 1);
    });
}

/// The protocol, PPP, byte by byte.
#[test]
fn paranoid_pirates_say_what_the_protocol_has() {
    timed(|| {
        let [front, back] = [ipc(), ipc()];
        let context = Context::new();
        let patience = LIMIT.as_millis() as i32 / 2;
        const READY: &[u8] = b"\x01";
        const HEARTBEAT: &[u8] = b"\x02";

        // The test is a worker,
        let queue = start!("ppqueue", &front, &back);
        let worker = context.socket(Dealer).unwrap();
        worker.set_rcvtimeo(patience).unwrap();
        worker.connect(&back).unwrap();
        worker.send("nonsense", 0).unwrap();
        assert!(line(&queue).starts_with("E: a worker said"));
        worker.send(READY, 0).unwrap();
        assert!(line(&queue).ends_with("is ready"));
        assert_eq!(worker.recv_multipart(0).unwrap(), [HEARTBEAT]);
        let client = start!("lpclient", &front; "TIMEOUT" = "20000");
        for n in 1..=2 {
            let request = loop {
                let message = worker.recv_multipart(0).unwrap();
                if message != [HEARTBEAT] {
                    break message;
                }
            };
            assert_eq!(request.len(), 3);
            assert_eq!(request[1..], [b"".to_vec(), n.to_string().into_bytes()]);
            worker.send_multipart(request, 0).unwrap();
            reply(&client, n);
        }

        // and a queue.
        let endpoint = ipc();
        let queue = context.socket(Router).unwrap();
        queue.set_rcvtimeo(patience).unwrap();
        queue.bind(&endpoint).unwrap();
        let worker = start!("ppworker", &endpoint);
        let [name, said] = &queue.recv_multipart(0).unwrap()[..] else {
            panic!("READY has one frame");
        };
        assert_eq!(said, READY);
        assert_eq!(queue.recv_multipart(0).unwrap(), [name, HEARTBEAT]);
        queue.send_multipart([name, &b"nonsense"[..]], 0).unwrap();
        assert_eq!(line(&worker), "I: ready");
        assert!(line(&worker).starts_with("E: the queue said"));
        let request = [name, &b"client"[..], b"more", b"", b"one", b""];
        queue.send_multipart(request, 0).unwrap();
        let answer = loop {
            let message = queue.recv_multipart(0).unwrap();
            if message[1..] != [HEARTBEAT] {
                break message;
            }
        };
        assert_eq!(answer, request);
    });
}

/// Client, queue and worker, each in its language, and the two that keep the client
/// waiting are killed while it asks.
fn paranoid(client: Lang, queue: Lang, worker: Lang) {
    Lang::Python.prepare();
    timed(move || {
        let [front, back] = [ipc(), ipc()];
        let start_queue = || match queue {
            Lang::Python => python("ppqueue", &[&front, &back], &[]),
            _ => start!("ppqueue", &front, &back),
        };
        let start_worker = || match worker {
            Lang::Python => python("ppworker", &[&back], &[]),
            _ => start!("ppworker", &back),
        };
        let queue = start_queue();
        let worker = start_worker();
        let client: Peer = match client {
            Lang::Python => python("lpclient", &[&front], &[]),
            _ => start!("lpclient", &front),
        };
        reply(&client, 5);
        worker.kill();
        line_with(&client, "W: no reply in time");
        let _worker = start_worker();
        let next = next_reply(&client);
        reply(&client, next + 5);
        queue.kill();
        line_with(&client, "W: no reply in time");
        let _queue = start_queue();
        let next = next_reply(&client);
        reply(&client, next + 5);
    });
}

/// The number of the next reply.
fn next_reply(client: &Peer) -> u64 {
    let line = line_with(client, "I: server replied (");
    let number = line.trim_start_matches("I: server replied (");
    number.trim_end_matches(')').parse().unwrap()
}

macro_rules! mixes {
    ($($test:ident: $client:ident $queue:ident $worker:ident;)*) => {$(
        #[test]
        fn $test() {
            paranoid(Lang::$client, Lang::$queue, Lang::$worker);
        }
    )*};
}

mixes! {
    paranoid_all_in_rust: Rust Rust Rust;
    paranoid_with_a_worker_in_python: Rust Rust Python;
    paranoid_with_a_queue_in_python: Rust Python Rust;
    paranoid_with_a_client_in_rust: Rust Python Python;
    paranoid_with_a_client_in_python: Python Rust Rust;
    paranoid_with_a_queue_in_rust: Python Rust Python;
    paranoid_with_a_worker_in_rust: Python Python Rust;
    paranoid_all_in_python: Python Python Python;
}
