//! Lazy, simple and paranoid pirates.

use crate::common::{finish, ipc, line, line_with, timed, Lang, Peer};
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
