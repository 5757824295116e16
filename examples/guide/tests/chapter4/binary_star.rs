//! Binary Star: one server is active, whoever goes down.

use zmq::{Context, Req};

use crate::common::{ipc, line, timed, Peer, LIMIT};
use crate::{reply, start};

/// Where two servers are: for clients, and for each other.
struct Pair {
    primary: [String; 2],
    backup: [String; 2],
}

impl Pair {
    fn new() -> Pair {
        Pair {
            primary: [ipc(), ipc()],
            backup: [ipc(), ipc()],
        }
    }

    fn client(&self) -> Peer {
        start!("bstarcli", &self.primary[0], &self.backup[0]; "PAUSE" = "20")
    }
}

/// Servers are there for each other in 1.6 seconds, or dead.
macro_rules! server {
    ($program:literal, $option:literal, $own:expr, $other:expr) => {{
        let ([clients, state], [_, other]) = (&$own, &$other);
        start!($program, $option, clients, state, other; "HEARTBEAT" = "100", "LIVENESS" = "16")
    }};
}

macro_rules! fails_over {
    ($test:ident: $primary:literal $backup:literal) => {
        #[test]
        fn $test() {
            timed(|| {
                let pair = Pair::new();
                let start_primary = || server!($primary, "-p", pair.primary, pair.backup);
                let primary = start_primary();
                assert_eq!(line(&primary), "I: Primary, waiting for the other");
                let backup = server!($backup, "-b", pair.backup, pair.primary);
                assert_eq!(line(&backup), "I: Backup, waiting for the other");
                assert_eq!(line(&primary), "I: the backup is there, now Active");
                assert_eq!(line(&backup), "I: the other is active, now Passive");
                let clients = [pair.client(), pair.client()];
                for client in &clients {
                    reply(client, 3);
                }

                assert_eq!(primary.kill(), [b""; 0]);
                assert_eq!(line(&backup), "I: failover, now Active");
                let next = clients.each_ref().map(|client| next_reply(client) + 3);
                for (client, next) in clients.iter().zip(next) {
                    reply(client, next);
                }

                // Back again, it is passive, and stays so, whoever asks it.
                let primary = start_primary();
                assert_eq!(line(&primary), "I: Primary, waiting for the other");
                assert_eq!(line(&primary), "I: the other is active, now Passive");
                let third = pair.client();
                assert_eq!(line(&third), "W: no reply in time");
                assert_eq!(line(&third), format!("I: going over to {}", pair.backup[0]));
                reply(&third, 3);

                // That was one failover, and this is another.
                assert_eq!(backup.kill(), [b""; 0]);
                assert_eq!(line(&primary), "I: failover, now Active");
                for client in clients.iter().chain([&third]) {
                    let next = next_reply(client) + 3;
                    reply(client, next);
                }
                assert_eq!(primary.kill(), [b""; 0]);
            });
        }
    };
}

fails_over!(fails_over_by_hand: "bstarsrv" "bstarsrv");
fails_over!(fails_over_by_the_class: "bstarsrv2" "bstarsrv2");
fails_over!(fails_over_from_one_to_the_other: "bstarsrv" "bstarsrv2");

/// The number of the first reply since something went down.
fn next_reply(client: &Peer) -> u64 {
    loop {
        let line = line(client);
        if let Some(number) = line.strip_prefix("I: server replied (") {
            return number.trim_end_matches(')').parse().unwrap();
        }
    }
}

#[test]
fn a_primary_without_a_backup_serves_in_the_end() {
    timed(|| {
        let pair = Pair::new();
        let primary = server!("bstarsrv", "-p", pair.primary, pair.backup);
        line(&primary);
        let client = pair.client();
        assert_eq!(line(&primary), "I: there is no backup, now Active");
        reply(&client, 3);
    });
}

#[test]
fn a_backup_without_a_primary_never_serves() {
    timed(|| {
        let pair = Pair::new();
        let backup = server!("bstarsrv2", "-b", pair.backup, pair.primary);
        line(&backup);
        let context = Context::new();
        let client = context.socket(Req).unwrap();
        client.set_linger(0).unwrap();
        client.set_req_relaxed(true).unwrap();
        client.set_rcvtimeo(500).unwrap();
        client.connect(&pair.backup[0]).unwrap();
        for _ in 0..5 {
            client.send("?", 0).unwrap();
            assert_eq!(client.recv_msg(0).err(), Some(zmq::Error::EAGAIN));
        }
        assert_eq!(backup.kill(), [b""; 0]);
    });
}

/// Two active servers would each have a part of the truth.
#[test]
fn both_active_is_the_end() {
    timed(|| {
        for program in ["bstarsrv", "bstarsrv2"] {
            let pair = Pair::new();
            let server = match program {
                "bstarsrv" => server!("bstarsrv", "-p", pair.primary, pair.backup),
                _ => server!("bstarsrv2", "-p", pair.primary, pair.backup),
            };
            line(&server);
            let context = Context::new();
            let other = context.socket(zmq::XPub).unwrap();
            other.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
            other.bind(&pair.backup[1]).unwrap();
            assert_eq!(other.recv_bytes(0).unwrap(), b"\x01"); // subscribed to everything
            other.send("2", 0).unwrap();
            assert_eq!(line(&server), "I: the backup is there, now Active");
            other.send("4", 0).unwrap();
            other.send("3", 0).unwrap();
            let end = server.end();
            assert_eq!((end.status, end.output), (Some(1), vec![]));
            assert_eq!(end.errors, ["Error: \"both are Active\""]);
        }
    });
}

#[test]
fn which_of_the_two_is_to_be_said() {
    timed(|| {
        for server in [start!("bstarsrv"), start!("bstarsrv2", "-x")] {
            let end = server.end();
            assert_eq!(end.status, Some(1));
            assert!(
                end.errors[0].contains("-p for the primary, -b for the backup"),
                "{end:?}"
            );
        }
    });
}
