//! Titanic: requests outlive everybody.

use std::fs;
use std::path::{Path, PathBuf};

use zmq::{Context, Multipart, Req, Socket};

use crate::common::{ipc, line, line_with, timed, Peer, LIMIT};
use crate::start;

/// A folder of its own, which is removed with what is in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let name = ipc().replace("ipc://", "") + ".titanic";
        Folder(name.into())
    }

    /// The files in it, in order.
    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(&self.0)
            .unwrap()
            .map(|file| file.unwrap().file_name());
        let mut files: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A broker, and a Titanic that has found as many requests on the disk.
fn start_both(endpoint: &str, folder: &Path, on_disk: usize) -> [Peer; 2] {
    let broker = start!("mdbroker", endpoint);
    line(&broker);
    let titanic = start!("titanic", endpoint, folder);
    assert_eq!(line(&titanic), format!("I: requests on disk: {on_disk}"));
    [broker, titanic]
}

#[test]
fn a_request_survives_all_that_go_down() {
    timed(|| {
        let (endpoint, folder) = (ipc(), Folder::new());
        let both = start_both(&endpoint, &folder.0, 0);
        let client = start!("ticlient", &endpoint);
        let said = line_with(&client, "I: request ");
        let id = said.strip_prefix("I: request ").unwrap();
        assert_eq!(line(&client), "I: no reply yet: 300");
        for program in both {
            program.kill();
        }
        assert_eq!(folder.files(), [format!("{id}.request")]);

        let [_broker, titanic] = start_both(&endpoint, &folder.0, 1);
        let _worker = start!("mdworker", &endpoint);
        line_with(&titanic, &format!("I: done {id}"));
        assert_eq!(line_with(&client, "I: reply"), "I: reply Hello world");
        assert_eq!(line(&client), "I: closed");
        let end = client.end();
        assert_eq!((end.status, end.errors), (Some(0), vec![]));
        assert_eq!(folder.files(), [""; 0]);
    });
}

/// Asks Titanic, again and again if it is just coming back.
fn ask(endpoint: &str, service: &str, body: &[&str]) -> Multipart {
    let context = Context::new();
    let client: Socket<Req> = context.socket(Req).unwrap();
    client.set_linger(0).unwrap();
    client.connect(endpoint).unwrap();
    let message: Multipart = ["MDPC01", service].iter().chain(body).copied().collect();
    // Sent once: it is in the queue of the broker until Titanic is there.
    client.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
    client.send_frames(message, 0).unwrap();
    let mut reply = client.recv_frames(0).unwrap();
    let head = [reply.pop_front().unwrap(), reply.pop_front().unwrap()];
    assert_eq!(
        head.each_ref().map(|frame| frame.as_str().unwrap()),
        ["MDPC01", service]
    );
    reply
}

#[test]
fn a_reply_survives_too() {
    timed(|| {
        let (endpoint, folder) = (ipc(), Folder::new());
        let [broker, titanic] = start_both(&endpoint, &folder.0, 0);
        let worker = start!("mdworker", &endpoint);
        let stored = ask(&endpoint, "titanic.request", &["echo", "", "two\nlines"]);
        assert_eq!((stored.len(), stored[0].as_str()), (2, Some("200")));
        let id = stored[1].as_str().unwrap();
        assert!(
            id.len() == 32 && id.bytes().all(|c| c.is_ascii_hexdigit()),
            "{id}"
        );
        line_with(&titanic, &format!("I: done {id}"));
        for program in [broker, titanic, worker] {
            program.kill();
        }
        assert_eq!(
            folder.files(),
            [format!("{id}.reply"), format!("{id}.request")]
        );

        let _both = start_both(&endpoint, &folder.0, 0);
        // As often as one asks, until it is closed, which may be said twice.
        for _ in 0..2 {
            let reply = ask(&endpoint, "titanic.reply", &[id]);
            assert_eq!(reply, ["200", "", "two\nlines"]);
        }
        for _ in 0..2 {
            assert_eq!(ask(&endpoint, "titanic.close", &[id]), ["200"]);
            assert_eq!(ask(&endpoint, "titanic.reply", &[id]), ["400"]);
        }
        assert_eq!(folder.files(), [""; 0]);
    });
}

#[test]
fn what_is_no_number_of_a_request_is_refused() {
    timed(|| {
        let (endpoint, folder) = (ipc(), Folder::new());
        let both = start_both(&endpoint, &folder.0, 0);
        let beside = folder.0.with_extension("reply");
        fs::write(&beside, "").unwrap();
        let outside = beside.file_stem().unwrap().to_str().unwrap();
        for id in ["", "0123", &format!("../{outside}"), &"g".repeat(32)] {
            assert_eq!(ask(&endpoint, "titanic.reply", &[id]), ["400"], "{id}");
            assert_eq!(ask(&endpoint, "titanic.close", &[id]), ["200"], "{id}");
        }
        assert!(beside.exists());
        fs::remove_file(beside).unwrap();
        assert_eq!(ask(&endpoint, "titanic.request", &["echo"]), ["400"]);
        // A file that somebody has cut off is an error, and only for who asks for it.
        let id = "0123456789abcdef".repeat(2);
        fs::write(folder.0.join(format!("{id}.request")), "cut off").unwrap();
        assert_eq!(ask(&endpoint, "titanic.reply", &[&id]), ["500"]);
        for program in both {
            program.kill();
        }
        let both = start_both(&endpoint, &folder.0, 1);
        line_with(&both[1], &format!("E: {id}: "));
        assert_eq!(ask(&endpoint, "titanic.reply", &[&id]), ["500"]);
        // The folder goes, and it cannot keep any more.
        fs::remove_dir_all(&folder.0).unwrap();
        assert_eq!(ask(&endpoint, "titanic.request", &["echo", "?"]), ["500"]);
    });
}
