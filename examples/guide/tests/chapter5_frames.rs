//! Chapter 5: what the clones' servers say, frame by frame, to whoever asks, whatever it is;
//! and when one of two becomes active.
#![cfg(unix)]

mod common;
#[path = "peers5/hashmap.rs"]
mod hashmap;

use std::time::{Duration, Instant};

use common::{bind, ipc, line, line_with, run, timed, Peer, LIMIT};
use hashmap::server;
use zmq::{Context, Dealer, Error, Kind, Multipart, Push, Router, Socket, Sub, XPub};

/// A socket that is connected to one of a server's endpoints, and waits for it.
fn connect<K: Kind>(context: &Context, kind: K, endpoint: &str, n: u16) -> Socket<K> {
    let socket = context.socket(kind).unwrap();
    socket
        .as_dyn()
        .set_rcvtimeo(LIMIT.as_millis() as i32 / 2)
        .unwrap();
    let (name, number) = endpoint.rsplit_once('.').unwrap();
    let number: u16 = number.parse().unwrap();
    socket.connect(&format!("{name}.{}", number + n)).unwrap();
    socket
}

/// The frames of a key-value message.
fn message(key: &str, number: u64, uuid: &[u8], properties: &str, body: &str) -> Multipart {
    let number = &number.to_be_bytes()[..];
    let frames = [
        key.as_bytes(),
        number,
        uuid,
        properties.as_bytes(),
        body.as_bytes(),
    ];
    Multipart::from(frames)
}

/// Somebody who talks to a server of model five.
struct Client {
    server: Peer,
    snapshots: Socket<Dealer>,
    updates: Socket<Sub>,
    collector: Socket<Push>,
}

impl Client {
    /// Hears of what begins with a prefix.
    fn new(prefix: &str) -> Client {
        let (context, endpoint) = (Context::new(), server());
        let updates = connect(&context, Sub, &endpoint, 1);
        for prefix in [prefix, "HUGZ"] {
            updates.set_subscribe(prefix.as_bytes()).unwrap();
        }
        Client {
            snapshots: connect(&context, Dealer, &endpoint, 0),
            collector: connect(&context, Push, &endpoint, 2),
            updates,
            server: run!("clonesrv5", &endpoint),
        }
    }

    fn hears(&self, expected: Multipart) {
        assert_eq!(self.updates.recv_frames(0).unwrap(), expected);
    }

    fn sets(&self, update: Multipart) {
        self.collector.send_frames(update, 0).unwrap();
    }

    fn snapshot(&self, request: &[&str]) -> Vec<Multipart> {
        self.snapshots.send_multipart(request, 0).unwrap();
        let mut messages = Vec::new();
        loop {
            let message = self.snapshots.recv_frames(0).unwrap();
            let is_end = &message[0][..] == b"KTHXBAI";
            messages.push(message);
            if is_end {
                return messages;
            }
        }
    }
}

const UUID: &[u8] = b"0123456789abcdef";

#[test]
fn updates_and_snapshots_are_as_the_protocol_has_them() {
    timed(|| {
        let client = Client::new("/a/");
        client.hears(message("HUGZ", 0, b"", "", ""));
        // Numbers of clients mean nothing; uuid and properties are published as they are.
        client.sets(message("/a/1", 77, UUID, "", "one"));
        client.hears(message("/a/1", 1, UUID, "", "one"));
        client.sets(message("/b/1", 0, b"", "", "other"));
        client.sets(message("/a/2", 0, b"", "color=red\nttl=600\n", "two"));
        client.hears(message("/a/2", 3, b"", "color=red\nttl=600\n", "two"));
        client.sets(message("/a/3", 0, b"", "", "three"));
        client.hears(message("/a/3", 4, b"", "", "three"));
        client.sets(message("/a/3", 0, UUID, "", ""));
        client.hears(message("/a/3", 5, UUID, "", ""));

        let mut snapshot = client.snapshot(&["ICANHAZ?", "/a/"]);
        let ttl = snapshot[1][3].as_str().unwrap().to_owned();
        snapshot[1][3] = "".into();
        let expected = [
            message("/a/1", 1, b"", "", "one"),
            message("/a/2", 3, b"", "", "two"),
            message("KTHXBAI", 5, b"", "", "/a/"),
        ];
        assert_eq!(snapshot, expected);
        // What is left of it.
        let left: u32 = ttl
            .strip_prefix("ttl=")
            .unwrap()
            .trim_end()
            .parse()
            .unwrap();
        assert!((500..=600).contains(&left), "{ttl}");

        for everything in [&["ICANHAZ?", ""][..], &["ICANHAZ?"]] {
            let snapshot = client.snapshot(everything);
            let keys: Vec<_> = snapshot.iter().map(|message| &message[0][..]).collect();
            assert_eq!(keys, [b"/a/1", b"/a/2", &b"/b/1"[..], b"KTHXBAI"]);
        }
    });
}

#[test]
fn a_value_lives_as_long_as_its_ttl_and_a_newer_one_as_long_as_its_own() {
    timed(|| {
        let client = Client::new("/");
        client.hears(message("HUGZ", 0, b"", "", ""));
        let start = Instant::now();
        client.sets(message("/short", 0, b"", "ttl=1\n", "a"));
        client.sets(message("/kept", 0, b"", "ttl=1\n", "b"));
        client.sets(message("/kept", 0, b"", "", "c"));
        client.sets(message("/shorter", 0, b"", "ttl=600\n", "d"));
        client.sets(message("/shorter", 0, b"", "ttl=0.5\n", "e"));
        for _ in 0..5 {
            client.updates.recv_frames(0).unwrap();
        }
        client.hears(message("/shorter", 6, b"", "", ""));
        assert!(start.elapsed() >= Duration::from_millis(500));
        client.hears(message("/short", 7, b"", "", ""));
        assert!(start.elapsed() >= Duration::from_secs(1));
        let snapshot = client.snapshot(&["ICANHAZ?", ""]);
        let expected = [
            message("/kept", 3, b"", "", "c"),
            message("KTHXBAI", 7, b"", "", ""),
        ];
        assert_eq!(snapshot, expected);
    });
}

#[test]
fn nonsense_is_named_and_changes_nothing() {
    timed(|| {
        let client = Client::new("/");
        client.hears(message("HUGZ", 0, b"", "", ""));
        let with = |n: usize, frame: &[u8]| {
            let mut update = message("/a", 0, UUID, "ttl=1\n", "value");
            update[n] = frame.into();
            update
        };
        for (update, complaint) in [
            (Multipart::from("/a"), "it has 1 frames instead of 5"),
            (Multipart::from([""; 6]), "it has 6 frames instead of 5"),
            (with(0, b"/\xff"), "its key is no text"),
            (with(1, b"1234567"), "its sequence has not 8 bytes"),
            (with(2, b"123"), "its uuid has not 16 bytes"),
            (with(3, b"\xff=1\n"), "its properties are no text"),
            (with(3, b"ttl\n"), "a property has no value"),
            (with(3, b"ttl=soon\n"), "its ttl is no number"),
            (with(3, b"ttl=-1\n"), "its ttl is no time"),
            (with(3, b"ttl=NaN\n"), "its ttl is no time"),
            (with(3, b"ttl=1e300\n"), "its ttl is no time"),
        ] {
            client.sets(update);
            let expected = format!("not a key-value message: {complaint}");
            assert_eq!(client.server.error_line(), expected);
        }
        for key in ["", "ICANHAZ?", "KTHXBAI", "HUGZ"] {
            client.sets(with(0, key.as_bytes()));
            assert_eq!(client.server.error_line(), format!("not a key: {key:?}"));
        }
        for request in [&["I can haz?"][..], &["ICANHAZ?", "", ""], &[""]] {
            client.snapshots.send_multipart(request, 0).unwrap();
            let complaint = client.server.error_line();
            assert!(
                complaint.starts_with("not a request for a snapshot: "),
                "{complaint}"
            );
        }
        // A time that never comes is one.
        client.sets(with(3, b"ttl=1e18\n"));
        client.hears(message("/a", 1, UUID, "ttl=1e18\n", "value"));
        let end = message("KTHXBAI", 1, b"", "", "/b");
        assert_eq!(client.snapshot(&["ICANHAZ?", "/b"]), [end]);
    });
}

/// More than fit into the queues that sockets have by default.
const MANY: usize = 20_000;

#[test]
fn a_snapshot_of_any_size_is_whole() {
    timed(|| {
        let client = Client::new("/none");
        for n in 0..MANY {
            client.sets(message(&format!("/{n}"), 0, b"", "", "value"));
        }
        line_with(&client.server, &format!("update={MANY} "));
        // Nobody receives it while it is sent.
        client
            .snapshots
            .send_multipart(["ICANHAZ?", ""], 0)
            .unwrap();
        line_with(&client.server, &format!("snapshot={MANY} "));
        for _ in 0..MANY {
            assert_eq!(client.snapshots.recv_frames(0).unwrap()[4], "value".into());
        }
        let end = client.snapshots.recv_frames(0).unwrap();
        assert_eq!(end, message("KTHXBAI", MANY as u64, b"", "", ""));
    });
}

// ---- one of two -------------------------------------------------------------------------------

/// What the other server tells is told by the test.
struct Star {
    server: Peer,
    states: Socket<XPub>,
    told: Socket<Sub>,
    /// Where the server has its endpoints, and the other, if there were one.
    endpoints: [String; 2],
    context: Context,
    snapshots: Socket<Dealer>,
}

impl Star {
    fn new(role: &str, heartbeat: &str) -> Star {
        let (context, endpoints) = (Context::new(), [server(), server()]);
        let ([endpoint, other], [own, peer]) = (&endpoints, [ipc(), ipc()]);
        let states = context.socket(XPub).unwrap();
        states.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        bind(&states, &peer);
        let told = context.socket(Sub).unwrap();
        told.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        told.set_subscribe(b"").unwrap();
        told.connect(&own).unwrap();
        let snapshots = connect(&context, Dealer, endpoint, 0);
        let server = run!("clonesrv6", role, endpoint, other, own, peer, heartbeat);
        assert_eq!(
            states.recv_bytes(0).unwrap(),
            [1],
            "it subscribes to everything"
        );
        Star {
            server,
            states,
            told,
            snapshots,
            endpoints,
            context,
        }
    }

    /// Who sends updates; the server is there to collect them.
    fn client(&self) -> Socket<XPub> {
        let client = connect(&self.context, XPub, &self.endpoints[0], 2);
        assert_eq!(
            client.recv_bytes(0).unwrap(),
            [1],
            "it subscribes to everything"
        );
        client
    }

    fn ask(&self, subtree: &str) {
        let request = ["ICANHAZ?", subtree];
        self.snapshots.send_multipart(request, 0).unwrap();
    }

    /// It tells this state, whatever it told before.
    fn tells(&self, state: &str) {
        while self.told.recv_bytes(0).unwrap() != state.as_bytes() {}
    }
}

#[test]
fn who_is_passive_takes_over_when_a_client_asks_and_its_peer_is_silent() {
    timed(|| {
        for role in ["-p", "-b"] {
            let star = Star::new(role, "2000");
            let start = Instant::now();
            star.states.send("3", 0).unwrap();
            assert_eq!(line(&star.server), "passive");
            star.tells("4");
            let mut refused = 0;
            // It is asked again and again, and answers when the peer is gone.
            loop {
                star.ask(&format!("/{refused}"));
                if star.snapshots.poll(zmq::POLLIN, 200).unwrap() > 0 {
                    break;
                }
                refused += 1;
            }
            assert!(start.elapsed() >= Duration::from_secs(4));
            assert!(refused > 0);
            for _ in 0..refused {
                assert_eq!(line(&star.server), "not active: no snapshot");
            }
            assert_eq!(line(&star.server), "active");
            star.tells("3");
            // Those that were refused are not answered later.
            let end = message("KTHXBAI", 0, b"", "", &format!("/{refused}"));
            assert_eq!(star.snapshots.recv_frames(0).unwrap(), end);
        }
    });
}

#[test]
fn a_silent_peer_alone_is_no_reason_and_a_backup_waits_for_its_primary() {
    timed(|| {
        let star = Star::new("-b", "100");
        // The peer is silent for more than two heartbeats.
        for _ in 0..5 {
            assert_eq!(star.told.recv_bytes(0).unwrap(), b"2");
        }
        star.ask("/");
        assert_eq!(line(&star.server), "not active: no snapshot");
        star.states.send("3", 0).unwrap();
        assert_eq!(line(&star.server), "passive");
        for _ in 0..5 {
            star.tells("4");
        }
        assert_eq!(
            star.snapshots.recv_frames(zmq::DONTWAIT),
            Err(Error::EAGAIN)
        );
        // Its peer starts again.
        star.states.send("1", 0).unwrap();
        assert_eq!(line(&star.server), "active");
        star.ask("/");
        let end = message("KTHXBAI", 0, b"", "", "/");
        assert_eq!(star.snapshots.recv_frames(0).unwrap(), end);
    });
}

#[test]
fn a_primary_is_active_when_its_backup_is_there() {
    timed(|| {
        let star = Star::new("-p", "100");
        star.tells("1");
        star.states.send("what?", 0).unwrap();
        assert_eq!(star.server.error_line(), "not a state: what?");
        star.states.send("2", 0).unwrap();
        assert_eq!(line(&star.server), "active");
        star.tells("3");
    });
}

#[test]
fn an_update_that_comes_again_is_not_applied_again() {
    timed(|| {
        let star = Star::new("-p", "1000");
        let updates = connect(&star.context, Sub, &star.endpoints[0], 1);
        updates.set_subscribe(b"").unwrap();
        star.states.send("2", 0).unwrap();
        assert_eq!(line(&star.server), "active");
        while updates.recv_frames(0).unwrap() != message("HUGZ", 0, b"", "", "") {}
        let client = star.client();
        let other = b"fedcba9876543210";
        let sent = [(UUID, "one"), (other, "other"), (UUID, "one")];
        for (uuid, value) in sent {
            let update = message("/a", 0, uuid, "", value);
            client.send_frames(update, 0).unwrap();
        }
        // Who sent it again hears of it, and of what has become of it.
        let published = [(UUID, "one"), (other, "other"), (UUID, "other")];
        for (number, (uuid, value)) in (1..).zip(published) {
            let update = loop {
                let update = updates.recv_frames(0).unwrap();
                if update[0] != "HUGZ".into() {
                    break update;
                }
            };
            assert_eq!(update, message("/a", number, uuid, "", value));
        }
    });
}

#[test]
fn what_is_pending_is_published_unless_it_is_old() {
    timed(|| {
        let star = Star::new("-b", "1000");
        // The test is the active server.
        let other = &star.endpoints[1];
        let snapshots = star.context.socket(Router).unwrap();
        snapshots
            .set_rcvtimeo(LIMIT.as_millis() as i32 / 2)
            .unwrap();
        snapshots.bind(other).unwrap();
        let publisher = star.context.socket(XPub).unwrap();
        publisher.bind(&other.replace(".5556", ".5557")).unwrap();
        star.states.send("3", 0).unwrap();
        assert_eq!(line(&star.server), "passive");
        // Until it has subscribed, nobody hears.
        let hug = || {
            publisher
                .send_frames(message("HUGZ", 0, b"", "", ""), 0)
                .unwrap()
        };
        while snapshots.poll(zmq::POLLIN, 10).unwrap() == 0 {
            hug();
        }
        let request = snapshots.recv_frames(0).unwrap();
        assert_eq!(
            request.iter().skip(1).collect::<Vec<_>>(),
            [&"ICANHAZ?".into(), &"".into()]
        );
        let mut end = message("KTHXBAI", 7, b"", "", "");
        end.push_front(request[0].clone());
        snapshots.send_frames(end, 0).unwrap();
        assert_eq!(line(&star.server), "snapshot=7");

        let client = star.client();
        let collects = |key: &str, uuid: &[u8]| {
            client
                .send_frames(message(key, 0, uuid, "", "value"), 0)
                .unwrap();
            let expected = format!("pending: {key}");
            assert_eq!(line_with(&star.server, "pending: "), expected);
        };
        collects("/published", b"0000000000000000");
        let update = message("/published", 8, b"0000000000000000", "", "value");
        publisher.send_frames(update, 0).unwrap();
        assert_eq!(
            line_with(&star.server, "update="),
            "update=8 /published=value"
        );
        collects("/old", b"1111111111111111");
        let since = Instant::now();
        // Longer than two heartbeats, in which the active server lives.
        while since.elapsed() < Duration::from_millis(2500) {
            hug();
            star.tells("4");
        }
        let update = message("/last", 9, b"2222222222222222", "", "value");
        publisher.send_frames(update, 0).unwrap();
        assert_eq!(line_with(&star.server, "update="), "update=9 /last=value");
        collects("/pending", b"3333333333333333");
        // It starts again; there is nothing that it can have published.
        star.states.send("1", 0).unwrap();
        assert_eq!(line_with(&star.server, "active"), "active");
        assert_eq!(line(&star.server), "update=10 /pending=value");
        star.ask("");
        for (key, number) in [("/last", 9), ("/pending", 10), ("/published", 8)] {
            let expected = message(key, number, b"", "", "value");
            assert_eq!(star.snapshots.recv_frames(0).unwrap(), expected);
        }
        let end = message("KTHXBAI", 10, b"", "", "");
        assert_eq!(star.snapshots.recv_frames(0).unwrap(), end);
    });
}

#[test]
fn two_that_are_active_are_an_error() {
    timed(|| {
        for (own, why) in [("3", "active"), ("4", "passive")] {
            let star = Star::new("-p", "100");
            // What makes it what it is, and then the same of the peer.
            star.states
                .send(if own == "3" { "2" } else { "3" }, 0)
                .unwrap();
            star.tells(own);
            star.states.send(own, 0).unwrap();
            let end = star.server.end();
            assert_eq!(end.status, Some(1));
            assert_eq!(end.errors, [format!("Error: \"both servers are {why}\"")]);
        }
    });
}
