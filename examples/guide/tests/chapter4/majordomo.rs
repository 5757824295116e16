//! Majordomo, its programs, and those in Python.

use crate::common::{finish, ipc, line, line_with, timed, Lang, Peer};
use crate::{python, start};

/// Starts a broker, which is there when this returns.
fn broker(lang: Lang, endpoint: &str) -> Peer {
    let broker = match lang {
        Lang::Python => python("mdbroker", &[endpoint], &[]),
        _ => start!("mdbroker", endpoint),
    };
    assert_eq!(line(&broker), format!("I: the broker is at {endpoint}"));
    broker
}

fn worker(lang: Lang, endpoint: &str) -> Peer {
    let worker = match lang {
        Lang::Python => python("mdworker", &[endpoint], &[("WORK", "0")]),
        _ => start!("mdworker", endpoint),
    };
    assert_eq!(line(&worker), "I: ready for echo");
    worker
}

fn client(lang: Lang, endpoint: &str, requests: &str) -> Peer {
    match lang {
        Lang::Python => python("mdclient", &[endpoint, requests], &[]),
        _ => start!("mdclient", endpoint, requests),
    }
}

/// Client, broker and worker, each in its language. While the client waits for its first
/// reply, the broker is killed and started again; then the worker is.
fn majordomo(client_lang: Lang, broker_lang: Lang, worker_lang: Lang) {
    Lang::Python.prepare();
    timed(move || {
        let endpoint = ipc();
        let first_broker = broker(broker_lang, &endpoint);
        let first_worker = worker(worker_lang, &endpoint);
        assert_eq!(
            finish(client(client_lang, &endpoint, "20")),
            ["20 requests and replies"]
        );

        first_broker.kill();
        let waiting = client(client_lang, &endpoint, "20");
        assert_eq!(line(&waiting), "W: no reply in time");
        let _broker = broker(broker_lang, &endpoint);
        // The worker need not be started again: the broker sends it back to the start, or
        // it has done so itself.
        line_with(&first_worker, "I: ready for echo");
        assert_eq!(finish(waiting).last().unwrap(), "20 requests and replies");

        first_worker.kill();
        let waiting = client(client_lang, &endpoint, "20");
        let _worker = worker(worker_lang, &endpoint);
        assert_eq!(finish(waiting).last().unwrap(), "20 requests and replies");
    });
}

macro_rules! mixes {
    ($($test:ident: $client:ident $broker:ident $worker:ident;)*) => {$(
        #[test]
        fn $test() {
            majordomo(Lang::$client, Lang::$broker, Lang::$worker);
        }
    )*};
}

mixes! {
    all_in_rust: Rust Rust Rust;
    with_a_worker_in_python: Rust Rust Python;
    with_a_broker_in_python: Rust Python Rust;
    with_a_client_in_rust: Rust Python Python;
    with_a_client_in_python: Python Rust Rust;
    with_a_broker_in_rust: Python Rust Python;
    with_a_worker_in_rust: Python Python Rust;
    all_in_python: Python Python Python;
}

#[test]
fn many_requests_at_a_time() {
    timed(|| {
        let endpoint = ipc();
        let broker = broker(Lang::Rust, &endpoint);
        let _workers = [(); 3].map(|()| worker(Lang::Rust, &endpoint));
        let client = start!("mdclient2", &endpoint, "5000");
        assert_eq!(finish(client), ["5000 replies to 5000 requests"]);
        assert_eq!(broker.kill(), [b""; 0]);
    });
}

/// Neither of the two that wait for a reply asks again: what the one worker had when it
/// was killed is done by the other.
#[test]
fn what_a_dead_worker_had_another_does() {
    Lang::Python.prepare();
    timed(|| {
        let endpoint = ipc();
        let broker = broker(Lang::Rust, &endpoint);
        let dies = python("mdworker", &[&endpoint], &[("WORK", "100000")]);
        assert_eq!(line(&dies), "I: ready for echo");
        let asks = start!("mdclient", &endpoint, "1"; "TIMEOUT" = "30000", "RETRIES" = "0");
        assert_eq!(line(&dies), "I: working");
        let asks2 = start!("mdclient2", &endpoint, "1"; "TIMEOUT" = "30000");
        dies.kill();
        line_with(&broker, "has gone");
        let _lives = worker(Lang::Rust, &endpoint);
        assert_eq!(finish(asks), ["1 requests and replies"]);
        assert_eq!(finish(asks2), ["1 replies to 1 requests"]);
    });
}

#[test]
fn clients_give_up_at_last() {
    timed(|| {
        let endpoint = ipc();
        let _broker = broker(Lang::Rust, &endpoint);
        // Nobody offers the service.
        let client = start!("mdclient", &endpoint, "1"; "TIMEOUT" = "100", "RETRIES" = "2");
        let client2 = start!("mdclient2", &endpoint, "1"; "TIMEOUT" = "100");
        let late = "W: no reply in time";
        assert_eq!(finish(client), [late, late, late, "0 requests and replies"]);
        assert_eq!(finish(client2), ["0 replies to 1 requests"]);
    });
}

#[test]
fn the_broker_knows_its_services() {
    timed(|| {
        let endpoint = ipc();
        let broker = broker(Lang::Rust, &endpoint);
        let asks = || finish(start!("mmiecho", &endpoint));
        assert_eq!(asks(), ["echo: 404"]);
        let worker = worker(Lang::Rust, &endpoint);
        // By the time the worker's first request is answered, the broker knows it.
        finish(client(Lang::Rust, &endpoint, "1"));
        assert_eq!(asks(), ["echo: 200"]);
        assert_eq!(
            finish(start!("mmiecho", &endpoint, "coffee")),
            ["coffee: 404"]
        );
        worker.kill();
        line_with(&broker, "has gone");
        assert_eq!(asks(), ["echo: 404"]);
    });
}
