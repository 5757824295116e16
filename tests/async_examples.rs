//! The examples that await: in the tutorial's patterns with those that block, with
//! Python and with each other; how they end; and the server that works on many
//! requests.
#![cfg(all(unix, feature = "tokio", feature = "async-io"))]

mod common;

use std::process::Command;

use common::peer::{example, End, Lang, Peer};
use common::tutorial::*;
use common::{timed, LIMIT};
use zmq::{Context, Dealer, Req, Socket};

macro_rules! patterns {
    ($($test:ident: $pattern:ident $other:ident $transport:ident;)*) => {$(
        #[test]
        fn $test() {
            Lang::$other.prepare();
            timed(|| $pattern([Lang::Tokio, Lang::$other], Transport::$transport));
        }
    )*};
}

patterns! {
    reqrep_with_blocking_over_tcp: reqrep Rust Tcp;
    reqrep_with_blocking_over_ipc: reqrep Rust Ipc;
    reqrep_with_python_over_tcp: reqrep Python Tcp;
    reqrep_with_python_over_ipc: reqrep Python Ipc;
    pubsub_with_blocking_over_tcp: pubsub Rust Tcp;
    pubsub_with_blocking_over_ipc: pubsub Rust Ipc;
    pubsub_with_python_over_tcp: pubsub Python Tcp;
    pubsub_with_python_over_ipc: pubsub Python Ipc;
    pipeline_with_blocking_over_tcp: pipeline Rust Tcp;
    pipeline_with_blocking_over_ipc: pipeline Rust Ipc;
    pipeline_with_python_over_tcp: pipeline Python Tcp;
    pipeline_with_python_over_ipc: pipeline Python Ipc;
}

fn tokio(role: &str, arguments: &[&str]) -> Peer {
    Peer::tutorial(Lang::Tokio, role, arguments)
}

#[test]
fn each_of_three_languages_has_a_role_in_the_pipeline() {
    Lang::Python.prepare();
    timed(|| {
        use Lang::{Python, Rust, Tokio};
        for [client, worker, server] in [
            [Rust, Tokio, Python],
            [Python, Rust, Tokio],
            [Tokio, Python, Rust],
        ] {
            let mut client = Peer::tutorial(client, "pipeline_client", &[ANYWHERE]);
            let server = Peer::tutorial(server, "pipeline_server", &[ANYWHERE]);
            let between = [&*client.endpoint(), &server.endpoint()];
            let _worker = Peer::tutorial(worker, "pipeline_worker", &between);
            for line in LINES {
                client.type_line(line);
                assert_eq!(server.line(), line);
            }
        }
    });
}

#[test]
fn a_subscriber_hears_its_prefix_from_all_publishers() {
    timed(|| hears_its_prefix([Lang::Tokio, Lang::Rust], Lang::Tokio));
}

#[test]
fn the_programs_find_those_that_block_without_arguments() {
    timed(|| {
        without_arguments(Lang::Tokio, Lang::Rust);
        without_arguments(Lang::Rust, Lang::Tokio);
    });
}

#[test]
fn a_wrong_endpoint_is_named_and_ends_a_program_with_status_2() {
    timed(|| {
        let wrong = "tcp//no-colon";
        for role in [
            "reqrep_server",
            "reqrep_client",
            "pubsub_server",
            "pipeline_client",
            "pipeline_worker",
            "pipeline_server",
            "router",
        ] {
            let end = tokio(role, &[wrong]).end();
            let [line] = &end.errors[..] else {
                panic!("{role}: {end:?}")
            };
            let expected = format!("async_{role}: {wrong:?}: Invalid argument");
            assert!(line.starts_with(&expected), "{line}");
            assert_eq!((end.status, end.output), (Some(2), vec![]));
        }
    });
}

// ---- how they end ----

#[test]
fn ctrl_c_ends_programs_that_wait() {
    let roles = [
        "reqrep_server",
        "pubsub_server",
        "pipeline_client",
        "pipeline_server",
    ];
    timed(move || {
        ctrl_c_while_listening(Lang::Tokio, &roles);
        ctrl_c_before_a_line(Lang::Tokio);
    });
}

#[test]
fn ctrl_c_ends_programs_whose_peer_does_not_answer() {
    timed(|| {
        ctrl_c_before_a_reply(Lang::Tokio);
        ctrl_c_before_there_is_room(Lang::Tokio);
    });
}

#[test]
fn ctrl_c_loses_nothing_that_a_worker_has_printed() {
    timed(|| ctrl_c_after_work(Lang::Tokio));
}

#[test]
fn a_line_that_nobody_takes_ends_a_program_with_status_1() {
    timed(|| lines_that_nobody_takes(Lang::Tokio));
}

// ---- the server that works on many requests ----

/// A request that takes longer than any test.
const ENDLESS: &str = "3600000";
/// One that takes so long that others which take no time are done before, however
/// busy the machine is.
const LONG: &str = "3000";

fn router() -> (Peer, String) {
    server(Lang::Tokio, "router", Transport::Tcp)
}

fn client(context: &Context, endpoint: &str) -> Socket<Req> {
    let client = context.socket(Req).unwrap();
    client.set_linger(0).unwrap();
    client.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
    client.connect(endpoint).unwrap();
    client
}

fn answer(client: &Socket<Req>) -> String {
    client.recv_string(0).unwrap().unwrap()
}

/// Asks, and waits until the server works on it.
fn begin(router: &Peer, client: &Socket<Req>, request: &str) {
    client.send(request, 0).unwrap();
    assert_eq!(router.line(), request.as_bytes());
}

#[test]
fn a_slow_request_does_not_hold_a_fast_one() {
    timed(|| {
        let (router, endpoint) = router();
        let context = Context::new();
        let slow = client(&context, &endpoint);
        begin(&router, &slow, ENDLESS);
        // Many at a time, and each several times.
        let clients: Vec<_> = (0..20).map(|_| client(&context, &endpoint)).collect();
        for round in 0..3 {
            for (i, client) in clients.iter().enumerate() {
                client.send(format!("{i} in {round}"), 0).unwrap();
            }
            for (i, client) in clients.iter().enumerate() {
                assert_eq!(answer(client), format!("done: {i} in {round}"));
            }
        }
        assert_eq!(slow.recv_msg(zmq::DONTWAIT), Err(zmq::Error::EAGAIN));
    });
}

#[test]
fn answers_come_in_the_order_in_which_they_are_done() {
    timed(|| {
        let (_router, endpoint) = router();
        let client = Context::new().socket(Dealer).unwrap();
        client.connect(&endpoint).unwrap();
        for request in [LONG, "0"] {
            // The empty frame ends the envelope, as REQ puts it.
            client.send_multipart(["", request], 0).unwrap();
        }
        for request in ["0", LONG] {
            let answer = client.recv_frames(0).unwrap();
            assert_eq!(answer, ["", &format!("done: {request}")]);
        }
    });
}

#[test]
fn an_answer_goes_the_way_back_that_its_request_came() {
    timed(|| {
        let (_router, endpoint) = router();
        let client = Context::new().socket(Dealer).unwrap();
        client.connect(&endpoint).unwrap();
        client
            .send_multipart(["broker", "client", "", "hello"], 0)
            .unwrap();
        let answer = client.recv_frames(0).unwrap();
        assert_eq!(answer, ["broker", "client", "", "done: hello"]);
    });
}

#[test]
fn the_tutorials_clients_can_ask_it() {
    Lang::Python.prepare();
    timed(|| {
        let (router, endpoint) = router();
        for lang in [Lang::Rust, Lang::Tokio, Lang::Python] {
            let mut client = Peer::tutorial(lang, "reqrep_client", &[&endpoint]);
            client.type_line(b"1");
            assert_eq!(router.line(), b"1");
            assert_eq!(client.line(), b"done: 1");
        }
    });
}

#[test]
fn a_hundred_requests_at_a_time() {
    timed(|| {
        let (router, endpoint) = router();
        let context = Context::new();
        let client = context.socket(Dealer).unwrap();
        client.connect(&endpoint).unwrap();
        for _ in 0..99 {
            client.send_multipart(["", ENDLESS], 0).unwrap();
            assert_eq!(router.line(), ENDLESS.as_bytes());
        }
        // There is one place left: the second of these waits for the first.
        for request in [LONG, "0"] {
            client.send_multipart(["", request], 0).unwrap();
        }
        for request in [LONG, "0"] {
            let answer = client.recv_frames(0).unwrap();
            assert_eq!(answer, ["", &format!("done: {request}")]);
        }
    });
}

#[test]
fn ctrl_c_has_the_server_finish_what_it_has_begun() {
    timed(|| {
        let (router, endpoint) = router();
        let context = Context::new();
        let (slow, late) = (client(&context, &endpoint), client(&context, &endpoint));
        begin(&router, &slow, LONG);
        router.interrupt();
        assert_eq!(router.error_line(), "still to be answered: 1");
        late.send("too late", 0).unwrap();
        assert_eq!(answer(&slow), format!("done: {LONG}"));
        assert_eq!(router.end(), quiet_end());
        assert_eq!(late.recv_msg(zmq::DONTWAIT), Err(zmq::Error::EAGAIN));
    });
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_anything() {
    timed(|| {
        let (router, endpoint) = router();
        let client = client(&Context::new(), &endpoint);
        begin(&router, &client, ENDLESS);
        router.interrupt();
        assert_eq!(router.error_line(), "still to be answered: 1");
        router.interrupt();
        assert_eq!(router.end(), quiet_end());
    });
}

#[test]
fn ctrl_c_ends_a_server_that_has_nothing_to_do() {
    timed(|| {
        let (router, _) = router();
        router.interrupt();
        let end = End {
            errors: vec!["still to be answered: 0".into()],
            ..quiet_end()
        };
        assert_eq!(router.end(), end);
    });
}

// ---- smol ----

#[test]
fn in_smol_each_client_hears_its_name() {
    timed(|| {
        let end = Peer::spawn(Command::new(example("async_smol"))).end();
        let expected = ["Alice", "Bob", "Carol"]
            .map(|name| format!("{name} hears \"hello, {name}\"").into_bytes());
        assert_eq!(end.output, expected);
        assert_eq!((end.status, end.errors), (Some(0), vec![]));
    });
}
