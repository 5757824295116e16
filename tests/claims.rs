//! What the tutorial says about the three patterns, claim by claim.
#![cfg(unix)]

mod common;

use common::peer::{Lang, Peer};
use common::{bind, bind_tcp, inproc, ipc, timed, Monitor};
use zmq::{Context, Error, Socket};
use zmq_sys::{ZMQ_EVENT_DISCONNECTED as DISCONNECTED, ZMQ_EVENT_HANDSHAKE_SUCCEEDED as CONNECTED};

// ---- request and reply ----

#[test]
fn a_second_request_before_the_reply_is_refused_and_says_why() {
    timed(|| {
        let context = Context::new();
        let (req, rep) = (
            context.socket(zmq::Req).unwrap(),
            context.socket(zmq::Rep).unwrap(),
        );
        req.connect(&bind_tcp(&rep)).unwrap();

        req.send("first", 0).unwrap();
        let refused = req.send("second", 0).unwrap_err();
        assert_eq!(refused, Error::EFSM);
        let text = refused.to_string();
        assert!(text.contains("REQ socket must receive the reply"), "{text}");

        // The other side likewise, and it does no harm.
        assert_eq!(rep.send("reply", 0), Err(Error::EFSM));
        assert_eq!(rep.recv_bytes(0).unwrap(), b"first");
        rep.send("reply", 0).unwrap();
        assert_eq!(req.recv_bytes(0).unwrap(), b"reply");
        req.send("second", 0).unwrap();
        assert_eq!(rep.recv_bytes(0).unwrap(), b"second");
    });
}

// ---- publish and subscribe ----

/// Waits until another subscriber has joined. An XPUB is a PUB that says so.
fn joined(publisher: &Socket<zmq::XPub>, prefix: &[u8]) {
    assert_eq!(publisher.recv_bytes(0).unwrap(), [b"\x01", prefix].concat());
}

#[test]
fn who_subscribes_late_has_missed_what_was_published() {
    timed(|| {
        let context = Context::new();
        let publisher = context.socket(zmq::XPub).unwrap();
        let endpoint = bind_tcp(&publisher);
        publisher.send("nobody hears this", 0).unwrap();

        let subscriber = context.socket(zmq::Sub).unwrap();
        subscriber.set_subscribe(b"").unwrap();
        subscriber.connect(&endpoint).unwrap();
        joined(&publisher, b"");
        publisher.send("this is heard", 0).unwrap();
        assert_eq!(subscriber.recv_bytes(0).unwrap(), b"this is heard");
    });
}

#[test]
fn a_subscriber_hears_only_what_begins_with_its_prefix() {
    timed(|| {
        let context = Context::new();
        let publisher = context.socket(zmq::XPub).unwrap();
        let subscriber = context.socket(zmq::Sub).unwrap();
        subscriber.set_subscribe(b"A").unwrap();
        subscriber.connect(&bind_tcp(&publisher)).unwrap();
        joined(&publisher, b"A");
        for message in ["B", "A", "BA", "", "a", "AB", "A end"] {
            publisher.send(message, 0).unwrap();
        }
        for message in ["A", "AB", "A end"] {
            assert_eq!(subscriber.recv_bytes(0).unwrap(), message.as_bytes());
        }
    });
}

#[test]
fn a_subscriber_hears_two_publishers_in_turn() {
    const EACH: usize = 100;
    timed(|| {
        let context = Context::new();
        let subscriber = context.socket(zmq::Sub).unwrap();
        subscriber.set_subscribe(b"").unwrap();
        let publishers = [(); 2].map(|_| context.socket(zmq::XPub).unwrap());
        for publisher in &publishers {
            // Inproc, where what was sent is at the subscriber at once.
            subscriber.connect(&bind(publisher, &inproc())).unwrap();
            joined(publisher, b"");
        }
        for (publisher, name) in publishers.iter().zip(["first", "second"]) {
            for _ in 0..EACH {
                publisher.send(name, 0).unwrap();
            }
        }
        let heard: Vec<_> = (0..2 * EACH)
            .map(|_| subscriber.recv_bytes(0).unwrap())
            .collect();
        for (i, two) in heard.chunks(2).enumerate() {
            assert_ne!(two[0], two[1], "messages {} and {}", 2 * i, 2 * i + 1);
        }
    });
}

/// A message that begins with its number.
fn numbered(number: u64, size: usize) -> Vec<u8> {
    let mut message = vec![0; size];
    message[..8].copy_from_slice(&number.to_be_bytes());
    message
}

fn number(message: &[u8]) -> u64 {
    u64::from_be_bytes(message[..8].try_into().unwrap())
}

/// Has a publisher send 10,000 messages to a subscriber that reads only then,
/// and returns the numbers of those that it finds.
fn publish_to_a_slow_subscriber(endpoint: &str, size: usize, sndhwm: i32, rcvhwm: i32) -> Vec<u64> {
    let context = Context::new();
    let publisher = context.socket(zmq::XPub).unwrap();
    publisher.set_sndhwm(sndhwm).unwrap();
    publisher.set_sndbuf(SMALL).unwrap();
    let subscriber = context.socket(zmq::Sub).unwrap();
    subscriber.set_rcvhwm(rcvhwm).unwrap();
    subscriber.set_rcvbuf(SMALL).unwrap();
    subscriber.set_subscribe(b"").unwrap();
    subscriber.connect(&bind(&publisher, endpoint)).unwrap();
    joined(&publisher, b"");

    // That none of these waits is what the test's time limit is for.
    for i in 0..10_000 {
        publisher.send(numbered(i, size), 0).unwrap();
    }
    // Dropped as well, until there is room.
    let mut found = Vec::new();
    loop {
        publisher.send("end", 0).unwrap();
        if subscriber.poll(zmq::POLLIN, 50).unwrap() == 0 {
            continue;
        }
        let message = subscriber.recv_bytes(0).unwrap();
        if message == b"end" {
            return found;
        }
        found.push(number(&message));
    }
}

/// Bytes that the kernel may buffer for a tcp connection; it takes more.
const SMALL: i32 = 4096;

#[test]
fn a_slow_subscriber_within_the_process_misses_what_is_over_both_high_water_marks() {
    timed(|| {
        let found = publish_to_a_slow_subscriber(&inproc(), 4096, 5, 7);
        assert_eq!(found, (0..5 + 7).collect::<Vec<_>>());
    });
}

/// Besides the high water marks, there is room in the buffers of the kernel and
/// of both libzmqs: that for 32 messages of 16 KiB is more than there is.
#[test]
fn a_slow_subscriber_elsewhere_misses_what_is_over_high_water_marks_and_buffers() {
    timed(|| {
        for endpoint in ["tcp://127.0.0.1:*", &ipc()] {
            let found = publish_to_a_slow_subscriber(endpoint, 16 << 10, 5, 7);
            println!("{endpoint}: {found:?}");
            // In order, and none twice.
            assert!(found.is_sorted_by(|one, next| one < next), "{found:?}");
            // What fits is there whatever happens.
            assert_eq!(found[..5], [0, 1, 2, 3, 4]);
            assert!(found.len() <= 5 + 7 + 32, "{endpoint}: {}", found.len());
        }
    });
}

// ---- pipeline ----

/// Larger than any buffer on the way, so that only queues hold messages.
const LARGE: usize = 512 << 10;

/// A stage of a pipeline between a client and a server in the test: a process
/// that can be killed, with high water marks of 1.
fn stage(how: &str, from: &str, to: &str) -> Peer {
    let pull = ["PULL", how, from, "rcvhwm=1", "rcvbuf=4096", "--"];
    let push = ["PUSH", "connect", to, "sndhwm=1", "sndbuf=4096"];
    let mut command = Lang::C.program("mirror");
    command.args(pull).args(push);
    Peer::spawn(command)
}

/// The ends of a pipeline, which see what happens to their connections.
struct Pipeline {
    client: Socket<zmq::Push>,
    client_monitor: Monitor,
    server: Socket<zmq::Pull>,
    server_monitor: Monitor,
    /// How many messages the client has sent; each has its number.
    sent: u64,
}

impl Pipeline {
    fn new(sndhwm: i32) -> Pipeline {
        let context = Context::new();
        let client = context.socket(zmq::Push).unwrap();
        client.set_sndhwm(sndhwm).unwrap();
        client.set_sndbuf(SMALL).unwrap();
        client.set_linger(0).unwrap();
        let server = context.socket(zmq::Pull).unwrap();
        server.set_rcvhwm(1).unwrap();
        server.set_rcvbuf(SMALL).unwrap();
        Pipeline {
            client_monitor: Monitor::new(&client),
            server_monitor: Monitor::new(&server),
            client,
            server,
            sent: 0,
        }
    }

    /// One whose stage is the server, which the returned function starts: over
    /// ipc, because nobody else takes the path while it is away.
    fn to_a_server(sndhwm: i32) -> (Pipeline, impl Fn() -> Peer) {
        let pipeline = Pipeline::new(sndhwm);
        let listens = ipc();
        let reports = bind(&pipeline.server, &ipc());
        pipeline.client.connect(&listens).unwrap();
        (pipeline, move || stage("bind", &listens, &reports))
    }

    fn send(&mut self, flags: i32) -> zmq::Result<()> {
        self.client.send(numbered(self.sent, LARGE), flags)?;
        self.sent += 1;
        Ok(())
    }

    fn receive(&self, flags: i32) -> zmq::Result<u64> {
        Ok(number(&self.server.recv_msg(flags)?))
    }

    /// Sends until every queue on the way is full, one message having arrived.
    fn fill(&mut self) {
        self.send(0).unwrap();
        self.server.poll(zmq::POLLIN, -1).unwrap();
        // Should a machine be so busy that this is over before they are full,
        // fewer messages can be lost.
        while self.client.poll(zmq::POLLOUT, 300).unwrap() == 1 {
            self.send(0).unwrap();
        }
    }

    /// Kills the stage and receives what is left of it on the way to the server:
    /// the first messages, no more and no less. Returns how many.
    fn lose(&self, stage: Peer) -> u64 {
        stage.kill();
        self.client_monitor.wait_for(DISCONNECTED);
        let mut arrived = Vec::new();
        loop {
            let gone = self.server_monitor.has_seen(DISCONNECTED);
            while let Ok(number) = self.receive(zmq::DONTWAIT) {
                arrived.push(number);
            }
            if gone {
                break;
            }
            // The connection ends once everything before its end was received.
            self.server.poll(zmq::POLLIN, 10).unwrap();
        }
        let count = arrived.len() as u64;
        assert!(arrived.iter().copied().eq(0..count), "{arrived:?}");
        println!("of {}, {count} have arrived", self.sent);
        count
    }
}

/// A killed worker takes with it what it had, what was on its way to it and from
/// it, and what the client had queued *for it*, which is up to the client's high
/// water mark: the client binds, and its queue for a peer ends with the
/// connection. With high water marks of 1 these are at most
///
/// - the client's queue, the message being written to the worker, the message
///   that the worker is reading, its queue: 4;
/// - the one that it passes on: 1;
/// - its queue for the server, the message being written, the one that the server
///   is reading: 3.
///
/// Everything before and after arrives, once and in order; `send` waits while
/// there is no worker.
#[test]
fn a_killed_worker_loses_no_more_than_what_was_on_the_way_through_it() {
    Lang::C.prepare();
    timed(|| {
        for endpoints in [[ipc(), ipc()], [(); 2].map(|_| "tcp://127.0.0.1:*".into())] {
            let mut pipeline = Pipeline::new(1);
            let work = bind(&pipeline.client, &endpoints[0]);
            let results = bind(&pipeline.server, &endpoints[1]);

            let worker = stage("connect", &work, &results);
            pipeline.fill();
            pipeline.client_monitor.wait_for(CONNECTED);
            let lost = pipeline.sent - pipeline.lose(worker);
            assert!(lost <= 4 + 1 + 3, "{lost}");

            let _worker = stage("connect", &work, &results);
            pipeline.client_monitor.wait_for(CONNECTED);
            // The socket learns of both connections' fates.
            pipeline.client.get_events().unwrap();
            for _ in 0..20 {
                pipeline.send(0).unwrap();
                assert_eq!(pipeline.receive(0), Ok(pipeline.sent - 1));
            }
        }
    });
}

/// A killed server takes with it what it had and what was on its way to it, but
/// nothing of what is queued for it: the worker, or whoever sends, connects, and
/// its queue outlives the connection. Here the test sends, the process is the
/// server, which reports to the test what has arrived, and lost can be
///
/// - the message being written to the server, the message that it is reading, its
///   queue: 3;
/// - the one that it reports: 1;
/// - its queue for reports, the report being written, and being read: 3.
///
/// Everything before and after arrives, once and in order.
#[test]
fn a_killed_server_loses_nothing_that_was_queued_for_it() {
    const QUEUE: i32 = 10;
    Lang::C.prepare();
    timed(|| {
        let (mut pipeline, start_server) = Pipeline::to_a_server(QUEUE);
        let server = start_server();
        pipeline.fill();
        let arrived = pipeline.lose(server);
        // Now the queue is full, even if `fill` was over too early. (Libzmq notes
        // in batches of half a high water mark what has left it: it may be half
        // full.)
        while pipeline.send(zmq::DONTWAIT).is_ok() {}

        let _server = start_server();
        let first = pipeline.receive(0).unwrap();
        let lost = first - arrived;
        assert!(lost <= 3 + 1 + 3, "{lost}");
        assert!(
            pipeline.sent - first > (QUEUE / 2) as u64,
            "{first} of {}",
            pipeline.sent
        );
        for expected in first + 1..pipeline.sent {
            assert_eq!(pipeline.receive(0), Ok(expected));
        }
        for _ in 0..20 {
            pipeline.send(0).unwrap();
            assert_eq!(pipeline.receive(0), Ok(pipeline.sent - 1));
        }
    });
}

/// What is sent while there is no server waits for it, whole.
#[test]
fn what_is_sent_while_the_server_is_away_arrives() {
    const QUEUE: i32 = 10;
    Lang::C.prepare();
    timed(|| {
        let (mut pipeline, start_server) = Pipeline::to_a_server(QUEUE);
        let server = start_server();
        pipeline.send(0).unwrap();
        assert_eq!(pipeline.receive(0), Ok(0));
        assert_eq!(pipeline.lose(server), 0);

        // Libzmq notes in batches of half a high water mark what has left a queue,
        // so that there may be less room than that.
        while pipeline.send(zmq::DONTWAIT).is_ok() {}
        assert!(pipeline.sent > (QUEUE / 2) as u64);
        let _server = start_server();
        for expected in 1..pipeline.sent {
            assert_eq!(pipeline.receive(0), Ok(expected));
        }
    });
}

/// A server that has no room for more still gets what its client sent before it ended
/// (libzmq issue 4660: not over ipc).
#[test]
#[cfg(all(zmq_vendored, target_os = "linux"))]
fn what_a_client_that_has_ended_sent_arrives_once_there_is_room() {
    // More than libzmq reads at a time, with what the operating system has on the way.
    const COUNT: u32 = 50_000;
    for endpoint in ["tcp://127.0.0.1:*".to_owned(), ipc()] {
        timed(move || {
            let server = Context::new().socket(zmq::Pull).unwrap();
            server.set_rcvhwm(1).unwrap();
            let endpoint = bind(&server, &endpoint);
            let client = Context::new().socket(zmq::Push).unwrap();
            client.set_sndhwm(0).unwrap();
            client.connect(&endpoint).unwrap();
            for number in 0..COUNT {
                client.send(number.to_le_bytes(), 0).unwrap();
            }
            // Waits until the operating system has everything.
            let ends = std::thread::spawn(move || drop(client));
            server.set_rcvtimeo(20_000).unwrap();
            for number in 0..COUNT {
                let received = server.recv_bytes(0);
                assert_eq!(received, Ok(number.to_le_bytes().to_vec()), "{endpoint}");
            }
            ends.join().unwrap();
        });
    }
}
