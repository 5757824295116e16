//! The example, with the certificates of the other example.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::peer::{example, Peer};
use crate::common::timed;
use crate::keys;

#[test]
fn who_has_no_certificate_gets_no_answer() {
    if keys::<0>().is_none() {
        return;
    }
    timed(|| {
        let folder = format!("ironhouse-{}", std::process::id());
        let folder = &Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(folder.join("clients")).unwrap();
        let run = |program, arguments: &[&str]| {
            let mut command = Command::new(example(program));
            command.current_dir(folder).args(arguments);
            Peer::spawn(command)
        };
        for arguments in [&["server"][..], &["clients/alice", "name=Alice"], &["eve"]] {
            assert_eq!(run("zmq_keygen", arguments).end().status, Some(0));
        }
        let arguments = [
            "server",
            "server.key_secret",
            "clients",
            "tcp://127.0.0.1:*",
        ];
        let server = run("ironhouse", &arguments);
        let endpoint = &server.endpoint();
        let ask = |own, key| run("ironhouse", &["client", own, key, endpoint]).end();

        let alice = ask("clients/alice.key_secret", "server.key");
        assert_eq!(
            (alice.status, alice.output),
            (Some(0), vec![b"Alice said \"hello\"".to_vec()])
        );
        assert!(server.error_line().starts_with("allowed 127.0.0.1"));
        let eve = ask("eve.key_secret", "server.key");
        assert_eq!((eve.status, eve.output), (Some(1), vec![]));
        let entry = server.error_line();
        assert!(entry.starts_with("denied 127.0.0.1"), "{entry}");
        assert!(entry.ends_with(": unknown key"), "{entry}");
        // Another server than she expects: nobody was asked.
        let wrong = ask("clients/alice.key_secret", "eve.key");
        assert_eq!((wrong.status, wrong.output), (Some(1), vec![]));

        fs::remove_file(folder.join("clients/alice.key")).unwrap();
        assert_eq!(
            ask("clients/alice.key_secret", "server.key").status,
            Some(1)
        );
        assert!(server.error_line().starts_with("denied"));
        fs::rename(folder.join("eve.key"), folder.join("clients/eve.key")).unwrap();
        assert_eq!(ask("eve.key_secret", "server.key").status, Some(0));
        assert!(server.error_line().starts_with("allowed"));
        fs::remove_dir_all(folder).unwrap();
    });
}
