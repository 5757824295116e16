//! The tutorial's patterns, played by programs in any two languages.

use std::time::Duration;

use zmq::Context;

use super::peer::{End, Lang, Peer};
use super::{bind_tcp, ipc, LIMIT};

/// What a user types: among it what is not text, and nothing at all.
pub const LINES: [&[u8]; 5] = [
    b"hello",
    b"",
    b"\xff\xfe\x00 no UTF-8",
    b" q",
    "Zürich".as_bytes(),
];

pub const REPLY: &[u8] = b"server response!";

/// Where, `Peer::endpoint` tells.
pub const ANYWHERE: &str = "tcp://127.0.0.1:*";

#[derive(Clone, Copy)]
pub enum Transport {
    Tcp,
    Ipc,
}

impl Transport {
    /// An endpoint to bind to, of its own.
    pub fn endpoint(self) -> String {
        match self {
            Transport::Tcp => ANYWHERE.into(),
            Transport::Ipc => ipc(),
        }
    }
}

/// Every way to give `N` roles to two.
fn mixes<const N: usize>(langs: [Lang; 2]) -> impl Iterator<Item = [Lang; N]> {
    (0..1 << N).map(move |mix| std::array::from_fn(|role| langs[mix >> role & 1]))
}

/// Starts a program that binds; also returns where.
pub fn server(lang: Lang, role: &str, transport: Transport) -> (Peer, String) {
    let server = Peer::tutorial(lang, role, &[&transport.endpoint()]);
    let endpoint = server.endpoint();
    (server, endpoint)
}

/// Ends a program that would go on for ever; it has printed no more than was
/// read, and the examples end well.
pub fn stop(lang: Lang, peer: Peer) {
    if matches!(lang, Lang::Rust | Lang::Tokio) {
        peer.interrupt();
        assert_eq!(peer.end(), quiet_end());
    } else {
        assert_eq!(peer.kill(), [b""; 0]);
    }
}

/// The end of a program that had nothing more to say.
pub fn quiet_end() -> End {
    End {
        status: Some(0),
        output: vec![],
        errors: vec![],
    }
}

pub fn reqrep(langs: [Lang; 2], transport: Transport) {
    for [client_lang, server_lang] in mixes(langs) {
        println!("client in {client_lang:?}, server in {server_lang:?}");
        let (server, endpoint) = server(server_lang, "reqrep_server", transport);
        let mut client = Peer::tutorial(client_lang, "reqrep_client", &[&endpoint]);
        for line in LINES {
            client.type_line(line);
            assert_eq!(server.line(), line);
            assert_eq!(client.line(), REPLY);
        }
        client.type_line(b"q");
        assert_eq!(client.end(), quiet_end());
        stop(server_lang, server);
    }
}

pub fn pubsub(langs: [Lang; 2], transport: Transport) {
    for [publisher_lang, subscriber_lang] in mixes(langs) {
        println!("publisher in {publisher_lang:?}, subscriber in {subscriber_lang:?}");
        let (mut publisher, endpoint) = server(publisher_lang, "pubsub_server", transport);
        let subscriber = Peer::tutorial(subscriber_lang, "pubsub_client", &["", &endpoint]);
        join(&mut publisher, &subscriber, JOINED);
        for line in LINES {
            publisher.type_line(line);
            assert_eq!(next(&subscriber, JOINED), line);
        }
        publisher.type_line(b"q");
        assert_eq!(publisher.end(), quiet_end());
        stop(subscriber_lang, subscriber);
    }
}

/// What a publisher says until its subscriber hears it.
pub const JOINED: &str = "joined?";

/// Has the publisher say `word` until the subscriber hears it.
pub fn join(publisher: &mut Peer, subscriber: &Peer, word: &str) {
    let every = Duration::from_millis(50);
    let tries = LIMIT.as_millis() / every.as_millis();
    let joined = (0..tries).any(|_| {
        publisher.type_line(word.as_bytes());
        let heard = subscriber.line_within(every);
        heard.is_some_and(|line| line == word.as_bytes())
    });
    assert!(joined, "the subscriber hears nothing");
}

/// The next line that begins otherwise than what was said to join.
pub fn next(subscriber: &Peer, word: &str) -> Vec<u8> {
    loop {
        let line = subscriber.line();
        if !line.starts_with(word.as_bytes()) {
            return line;
        }
    }
}

/// A subscriber with a prefix that is not ASCII and two publishers.
pub fn hears_its_prefix(publishers: [Lang; 2], subscriber: Lang) {
    let mut publishers = publishers.map(|lang| Peer::tutorial(lang, "pubsub_server", &[ANYWHERE]));
    let endpoints = publishers.each_ref().map(Peer::endpoint);
    let arguments = ["éA", &endpoints[0], &endpoints[1]];
    let subscriber = Peer::tutorial(subscriber, "pubsub_client", &arguments);
    for (publisher, who) in publishers.iter_mut().zip(["1", "2"]) {
        join(publisher, &subscriber, &format!("éA{JOINED} {who}"));
    }
    for publisher in &mut publishers {
        for line in ["é", "A", "éB", "", "éA", "éAB"] {
            publisher.type_line(line.as_bytes());
        }
        for line in ["éA", "éAB"] {
            let heard = next(&subscriber, &format!("éA{JOINED}"));
            assert_eq!(heard, line.as_bytes());
        }
    }
}

pub fn pipeline(langs: [Lang; 2], transport: Transport) {
    for [client_lang, worker_lang, server_lang] in mixes(langs) {
        println!("client in {client_lang:?}, worker in {worker_lang:?}, server in {server_lang:?}");
        let (mut client, work) = server(client_lang, "pipeline_client", transport);
        let (server, results) = server(server_lang, "pipeline_server", transport);
        let worker = Peer::tutorial(worker_lang, "pipeline_worker", &[&work, &results]);
        for line in LINES {
            client.type_line(line);
        }
        // As good as `q`.
        client.end_input();
        for line in LINES {
            assert_eq!(worker.line(), line);
            assert_eq!(server.line(), line);
        }
        assert_eq!(client.end(), quiet_end());
        stop(worker_lang, worker);
        stop(server_lang, server);
    }
}

/// The programs that bind, of one language, and those that connect, of another, as
/// they are without arguments. The ports may be in use, by whoever; then those that
/// bind to them say so, and the others are not tried.
pub fn without_arguments(binds: Lang, connects: Lang) {
    let binds = |role: &str, endpoint: &str| {
        let peer = Peer::tutorial(binds, role, &[]);
        let line = peer.error_line();
        if line.contains("Address already in use") {
            assert!(line.contains(&format!("{role}: ")), "{line}");
            return None;
        }
        assert_eq!(line, format!("listening on {endpoint}"));
        Some(peer)
    };
    let connects = |role: &str| Peer::tutorial(connects, role, &[]);

    if let Some(server) = binds("reqrep_server", "tcp://0.0.0.0:5555") {
        let mut client = connects("reqrep_client");
        client.type_line(b"hello");
        assert_eq!(
            (client.line(), server.line()),
            (REPLY.to_vec(), b"hello".to_vec())
        );
    }
    if let Some(mut publisher) = binds("pubsub_server", "tcp://127.0.0.1:5000") {
        join(&mut publisher, &connects("pubsub_client"), JOINED);
    }
    let client = binds("pipeline_client", "tcp://0.0.0.0:5557");
    let server = binds("pipeline_server", "tcp://0.0.0.0:5558");
    if let (Some(mut client), Some(server)) = (client, server) {
        let worker = connects("pipeline_worker");
        client.type_line(b"work");
        assert_eq!(
            (worker.line(), server.line()),
            (b"work".to_vec(), b"work".to_vec())
        );
    }
}

// ---- how the programs end ----

/// What a program complains of when its time is up.
pub const CTRL_C_IN_VAIN: &str = "nobody took all there was within 2s";
pub const IN_VAIN: &str = "nobody took all there was within 10s";

/// Programs that have said that they listen, and done nothing since.
pub fn ctrl_c_while_listening(lang: Lang, roles: &[&str]) {
    for role in roles {
        let peer = Peer::tutorial(lang, role, &[ANYWHERE]);
        peer.endpoint();
        peer.interrupt();
        assert_eq!(peer.end(), quiet_end(), "{role}");
    }
}

pub fn ctrl_c_before_a_line(lang: Lang) {
    let server = Peer::tutorial(lang, "reqrep_server", &[ANYWHERE]);
    let mut client = Peer::tutorial(lang, "reqrep_client", &[&server.endpoint()]);
    client.type_line(b"hello");
    assert_eq!(client.line(), REPLY);
    client.interrupt();
    assert_eq!(client.end(), quiet_end());
}

pub fn ctrl_c_before_a_reply(lang: Lang) {
    let context = Context::new();
    let server = context.socket(zmq::Rep).unwrap();
    let mut client = Peer::tutorial(lang, "reqrep_client", &[&bind_tcp(&server)]);
    client.type_line(b"hello");
    assert_eq!(server.recv_bytes(0).unwrap(), b"hello");
    client.interrupt();
    let end = client.end();
    let name = lang.example_name("reqrep_client");
    assert_eq!(end.errors, [format!("{name}: {CTRL_C_IN_VAIN}")]);
    assert_eq!(end.status, Some(0));
}

pub fn ctrl_c_before_there_is_room(lang: Lang) {
    let context = Context::new();
    let client = context.socket(zmq::Push).unwrap();
    let worker = Peer::tutorial(lang, "pipeline_worker", &[&bind_tcp(&client), &ipc()]);
    // 1000 is the high water mark of what is queued for a server.
    for _ in 0..=1000 {
        client.send("work", 0).unwrap();
    }
    for _ in 0..1000 {
        assert_eq!(worker.line(), b"work");
    }
    worker.interrupt();
    let end = worker.end();
    let name = lang.example_name("pipeline_worker");
    assert_eq!(end.errors, [format!("{name}: {CTRL_C_IN_VAIN}")]);
    assert_eq!(end.status, Some(0));
}

pub fn ctrl_c_after_work(lang: Lang) {
    let context = Context::new();
    let client = context.socket(zmq::Push).unwrap();
    let server = context.socket(zmq::Pull).unwrap();
    let endpoints = [&*bind_tcp(&client), &bind_tcp(&server)];
    let worker = Peer::tutorial(lang, "pipeline_worker", &endpoints);
    for i in 0..500 {
        client.send(i.to_string().as_str(), 0).unwrap();
    }
    for i in 0..500 {
        assert_eq!(worker.line(), i.to_string().as_bytes());
    }
    worker.interrupt();
    assert_eq!(worker.end(), quiet_end());
    for i in 0..500 {
        assert_eq!(server.recv_bytes(0).unwrap(), i.to_string().as_bytes());
    }
}

pub fn lines_that_nobody_takes(lang: Lang) {
    // A request to nobody, one without a reply, and work without a worker.
    let context = Context::new();
    let server = context.socket(zmq::Rep).unwrap();
    let programs = [
        ("reqrep_client", ipc()),
        ("reqrep_client", bind_tcp(&server)),
        ("pipeline_client", ANYWHERE.into()),
    ];
    // All at once, because each has 10 seconds.
    let ends = programs.map(|(role, endpoint)| {
        let mut peer = Peer::tutorial(lang, role, &[&endpoint]);
        peer.type_line(b"hello");
        peer.end_input();
        (role, peer)
    });
    assert_eq!(server.recv_bytes(0).unwrap(), b"hello");
    for (role, peer) in ends {
        if role == "pipeline_client" {
            peer.endpoint();
        }
        let end = peer.end();
        let name = lang.example_name(role);
        assert_eq!(end.errors, [format!("{name}: {IN_VAIN}")]);
        assert_eq!((end.status, end.output), (Some(1), vec![]));
    }
}
