//! The example `ironhouse` and its twin of pyzmq's `zmq.auth`, with certificates that
//! either has made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::peer::{example, Lang, Peer};
use crate::common::timed;
use crate::keys;

/// A folder with certificates of a server and of two clients, of which one is in the
/// folder of those who are let in.
struct House(PathBuf);

impl House {
    fn new(maker: Lang) -> House {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ironhouse-{}-{count}", std::process::id());
        let house = House(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        fs::create_dir_all(house.0.join("clients")).unwrap();
        for (folder, name) in [(".", "server"), (".", "eve"), ("clients", "alice")] {
            let mut command = match maker {
                Lang::Python => Lang::Python.program("certificates"),
                _ => Command::new(example("zmq_keygen")),
            };
            match maker {
                Lang::Python => command.args(["create", folder, name]),
                _ => command.arg(format!("{folder}/{name}")),
            };
            command.arg("name=Alice");
            assert_eq!(house.run(command, &[]).end().status, Some(0));
        }
        house
    }

    fn run(&self, mut command: Command, arguments: &[&str]) -> Peer {
        command.current_dir(&self.0).args(arguments);
        Peer::spawn(command)
    }

    fn play(&self, lang: Lang, arguments: &[&str]) -> Peer {
        let command = match lang {
            Lang::Rust => Command::new(example("ironhouse")),
            other => other.program("ironhouse"),
        };
        self.run(command, arguments)
    }

    fn server(&self, lang: Lang) -> (Peer, String) {
        let arguments = [
            "server",
            "server.key_secret",
            "clients",
            "tcp://127.0.0.1:*",
        ];
        let server = self.play(lang, &arguments);
        loop {
            // It may have something to say of others who can read its key first.
            let line = server.error_line();
            if let Some(endpoint) = line.strip_prefix("listening on ") {
                return (server, endpoint.into());
            }
        }
    }

    /// What a client with these certificates prints, if it gets an answer.
    fn ask(&self, lang: Lang, own: &str, server: &str, endpoint: &str) -> Option<String> {
        let end = self.play(lang, &["client", own, server, endpoint]).end();
        let output = end.output.concat();
        match end.status {
            Some(0) => Some(String::from_utf8(output).unwrap()),
            Some(1) if output.is_empty() => None,
            _ => panic!("{:?}: {:?}", end.status, end.errors),
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn both_bindings_have_the_same_house() {
    if keys::<0>().is_none() {
        return;
    }
    Lang::Python.prepare();
    timed(|| {
        for maker in [Lang::Rust, Lang::Python] {
            let house = House::new(maker);
            for (at_server, at_client) in [(Lang::Rust, Lang::Python), (Lang::Python, Lang::Rust)] {
                let (server, endpoint) = house.server(at_server);
                let ask = |own| house.ask(at_client, own, "server.key", &endpoint);
                let answer = ask("clients/alice.key_secret").unwrap();
                assert!(answer.ends_with(" said \"hello\""), "{answer}");
                assert_eq!(ask("eve.key_secret"), None);
                // Each has written both down.
                for word in ["allowed", "denied"] {
                    while !server.error_line().to_lowercase().starts_with(word) {}
                }
            }
        }
    });
}

#[test]
fn who_has_no_certificate_gets_no_answer() {
    if keys::<0>().is_none() {
        return;
    }
    timed(|| {
        let house = House::new(Lang::Rust);
        let (server, endpoint) = house.server(Lang::Rust);
        let ask = |own, key| house.ask(Lang::Rust, own, key, &endpoint);
        let (alice, eve) = ("clients/alice.key_secret", "eve.key_secret");

        assert_eq!(ask(alice, "server.key").unwrap(), "Alice said \"hello\"");
        assert!(server.error_line().starts_with("allowed 127.0.0.1"));
        assert_eq!(ask(eve, "server.key"), None);
        let entry = server.error_line();
        assert!(entry.starts_with("denied 127.0.0.1"), "{entry}");
        assert!(entry.ends_with(": unknown key"), "{entry}");
        // Another server than she expects: nobody was asked.
        assert_eq!(ask(alice, "eve.key"), None);

        let file = |name| house.0.join(name);
        fs::remove_file(file("clients/alice.key")).unwrap();
        assert_eq!(ask(alice, "server.key"), None);
        assert!(server.error_line().starts_with("denied"));
        fs::rename(file("eve.key"), file("clients/eve.key")).unwrap();
        assert!(ask(eve, "server.key").is_some());
        assert!(server.error_line().starts_with("allowed"));
    });
}
