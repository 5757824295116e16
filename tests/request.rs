//! Requests that are sent again until they are answered.

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::{bind_tcp, inproc, timed, LIMIT};
use zmq::{Context, Error, Multipart, Rep, Req, Router, Socket};

fn client(context: &Context, endpoint: &str) -> Socket<Req> {
    let client = context.socket(Req).unwrap();
    client.connect(endpoint).unwrap();
    client
}

#[test]
fn a_reply_comes_back() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Rep).unwrap();
        let endpoint = bind_tcp(&server);
        let serving = thread::spawn(move || {
            for _ in 0..3 {
                let request = server.recv_frames(0).unwrap();
                server.send_frames(request, 0).unwrap();
            }
        });
        let client = client(&context, &endpoint);
        assert_eq!(
            client.request("one frame", LIMIT, 0).unwrap(),
            ["one frame"]
        );
        let several = client.request(["several", "", "frames"], LIMIT, 0);
        assert_eq!(several.unwrap(), ["several", "", "frames"]);
        // For ever is a time too.
        let answer = client.request("", Duration::MAX, 0).unwrap();
        assert_eq!(answer, Multipart::from(""));
        serving.join().unwrap();
    });
}

#[test]
fn every_attempt_has_its_time() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Router).unwrap();
        let endpoint = bind_tcp(&server);
        let client = client(&context, &endpoint);
        let begin = Instant::now();
        let timeout = Duration::from_millis(20);
        assert_eq!(client.request("hello?", timeout, 2), Err(Error::EAGAIN));
        assert!(begin.elapsed() >= 3 * timeout);
        for _ in 0..3 {
            let request = server.recv_frames(0).unwrap();
            assert_eq!(request.back().unwrap().as_str(), Some("hello?"));
        }
        assert_eq!(server.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
    });
}

/// The server answers each attempt, but only after the client has sent the next:
/// replies to what was given up never pass for those to what is asked now.
#[test]
fn a_late_reply_is_not_taken_for_another() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Router).unwrap();
        let endpoint = bind_tcp(&server);
        let client = client(&context, &endpoint);
        let short = Duration::from_millis(20);
        assert_eq!(client.request("first", short, 0), Err(Error::EAGAIN));
        let mut first = server.recv_frames(0).unwrap();
        let serving = thread::spawn(move || {
            let mut second = server.recv_frames(0).unwrap();
            for (request, answer) in [(&mut first, "to the first"), (&mut second, "to the second")]
            {
                request.pop_back();
                request.push_back(answer);
            }
            server.send_frames(first, 0).unwrap();
            // Time for a client that is wrong to show it.
            thread::sleep(Duration::from_millis(50));
            server.send_frames(second, 0).unwrap();
            server
        });
        let reply = client.request("second", LIMIT, 0).unwrap();
        assert_eq!(reply, ["to the second"]);
        serving.join().unwrap();
    });
}

#[test]
fn a_server_that_comes_back_answers_the_same_request() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Rep).unwrap();
        let endpoint = bind_tcp(&server);
        let serving = thread::spawn({
            let (context, endpoint) = (context.clone(), endpoint.clone());
            move || {
                // It takes the request and goes away without an answer.
                assert_eq!(server.recv_bytes(0).unwrap(), b"are you there?");
                server.unbind(&endpoint).unwrap();
                drop(server);
                let server = context.socket(Rep).unwrap();
                while server.bind(&endpoint) == Err(Error::EADDRINUSE) {
                    thread::yield_now();
                }
                assert_eq!(server.recv_bytes(0).unwrap(), b"are you there?");
                server.send("yes", 0).unwrap();
                server
            }
        });
        let client = client(&context, &endpoint);
        client.set_reconnect_ivl(1).unwrap();
        let reply = client.request("are you there?", Duration::from_millis(100), 500);
        assert_eq!(reply.unwrap(), ["yes"]);
        serving.join().unwrap();
    });
}

#[test]
fn without_a_peer_it_waits_for_its_time() {
    timed(|| {
        let context = Context::new();
        let lonely = context.socket(Req).unwrap();
        let short = Duration::from_millis(5);
        assert_eq!(lonely.request("anybody?", short, 1), Err(Error::EAGAIN));
        assert_eq!(
            lonely.request("now?", Duration::ZERO, 0),
            Err(Error::EAGAIN)
        );
        // And is ready for a peer that comes.
        let (server, endpoint) = (context.socket(Rep).unwrap(), inproc());
        server.bind(&endpoint).unwrap();
        lonely.connect(&endpoint).unwrap();
        let serving = thread::spawn(move || server.send(server.recv_msg(0).unwrap(), 0));
        assert_eq!(lonely.request("hello", LIMIT, 0).unwrap(), ["hello"]);
        serving.join().unwrap().unwrap();
    });
}

#[test]
fn shutting_down_ends_it() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(Rep).unwrap();
        let client = client(&context, &bind_tcp(&server));
        let asking = thread::spawn(move || client.request("hello?", LIMIT, 100));
        server.recv_bytes(0).unwrap();
        context.shutdown().unwrap();
        assert_eq!(asking.join().unwrap(), Err(Error::ETERM));
    });
}

#[test]
fn only_req_sockets_have_it() {
    let rep = Context::new().socket(zmq::REP).unwrap();
    assert_eq!(rep.request("?", LIMIT, 0), Err(Error::EINVAL));
}
