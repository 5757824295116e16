//! Chapter 5: clones whose values expire, and clones of two servers, with servers and clients
//! in Python among them; and what they say, frame by frame.
#![cfg(unix)]

mod common;
mod peers5;

use std::collections::BTreeMap;
use std::process::Command;

use common::{ipc, line, line_with, timed, Peer};
use peers5::hashmap::{server, Model};
use peers5::python;

/// What a clone is written in.
#[derive(Clone, Copy)]
enum Lang {
    Rust,
    Python,
}
use Lang::{Python, Rust};

/// Starts a clone.
fn start(lang: Lang, name: &str, arguments: &[&str]) -> Peer {
    let rust = || match name {
        "clonesrv5" => env!("CARGO_BIN_EXE_clonesrv5"),
        "clonecli5" => env!("CARGO_BIN_EXE_clonecli5"),
        "clonesrv6" => env!("CARGO_BIN_EXE_clonesrv6"),
        "clonecli6" => env!("CARGO_BIN_EXE_clonecli6"),
        _ => panic!("{name} is not started here"),
    };
    let mut command = match lang {
        Rust => Command::new(rust()),
        Python => python(name),
    };
    command.args(arguments);
    Peer::spawn(command)
}

/// Slower than any test.
const NEVER: &str = "3600000";

// ---- model five -------------------------------------------------------------------------------

/// What of some updates and deletions is left, each with the `ttl` that it was set with; what
/// was deleted had one. All was set by one client, which said so in the same order.
fn left<'a>(events: &'a [String], sets: &'a [String]) -> BTreeMap<&'a str, &'a str> {
    let mut sets = sets
        .iter()
        .map(|set| match set.split(' ').collect::<Vec<_>>()[..] {
            ["set", key, "for", ttl, "s"] => (key, ttl),
            _ => panic!("{set}"),
        });
    let mut left = BTreeMap::new();
    for event in events {
        let (what, rest) = event.split_once(' ').unwrap();
        if what.starts_with("delete=") {
            assert_eq!(left.remove(rest), Some("1"), "{event}");
        } else {
            let (key, ttl) = sets.next().unwrap();
            assert_eq!(rest.split('=').next(), Some(key), "{event}");
            left.insert(key, ttl);
        }
    }
    left
}

/// A client sets values that expire after a second, and others that do not, and is killed.
/// The first are deleted, and nothing else is, for everybody.
fn values_expire([server_in, setter_in, observer_in]: [Lang; 3]) {
    let endpoint = server();
    let server = start(server_in, "clonesrv5", &[&endpoint]);
    let observe = || {
        start(
            observer_in,
            "clonecli5",
            &[&endpoint, NEVER, "/client/", "1"],
        )
    };
    let observer = observe();
    let snapshot = line(&observer);
    assert_eq!(snapshot, "snapshot=0");
    let setter = start(setter_in, "clonecli5", &[&endpoint, "50", "/client/", "1"]);

    let next = || line_with(&server, "te="); // update=, delete=
    let mut events = Vec::new();
    while events
        .iter()
        .filter(|event: &&String| event.starts_with("delete="))
        .count()
        < 3
    {
        events.push(next());
    }
    let sets = setter
        .kill()
        .into_iter()
        .map(|line| String::from_utf8(line).unwrap());
    let sets: Vec<_> = sets.filter(|line| line.starts_with("set ")).collect();
    while left(&events, &sets).values().any(|ttl| *ttl == "1") {
        events.push(next());
    }
    assert!(!left(&events, &sets).is_empty(), "what does not expire has");
    for event in &events {
        assert_eq!(&line(&observer), event);
    }
    let end = Model::of(&events).snapshot(events.len(), "");
    assert_eq!(line(&observe()), end);
}

macro_rules! in_languages {
    ($($test:ident: $scenario:ident($($lang:ident),*);)*) => {$(
        #[test]
        fn $test() {
            python(""); // is made ready, should it be needed
            timed(|| $scenario([$($lang),*]));
        }
    )*};
}

in_languages! {
    // Server, client, another client.
    model_five_in_rust: values_expire(Rust, Rust, Rust);
    model_five_with_a_client_in_python: values_expire(Rust, Python, Rust);
    model_five_with_clients_in_python: values_expire(Rust, Python, Python);
    model_five_with_a_server_in_python: values_expire(Python, Rust, Python);
    model_five_in_python_but_for_a_client: values_expire(Python, Python, Rust);
}

// ---- model six --------------------------------------------------------------------------------

/// Between heartbeats. The peer is gone after two.
const HEARTBEAT: &str = "1000";
/// When a client takes a server for gone.
const PATIENCE: &str = "3000";

/// The endpoints of two servers, and where they tell each other their states.
struct Pair {
    servers: [String; 2],
    states: [String; 2],
}

impl Pair {
    fn new() -> Pair {
        Pair {
            servers: [server(), server()],
            states: [ipc(), ipc()],
        }
    }

    fn primary(&self, lang: Lang) -> Peer {
        let ([p, b], [ps, bs]) = (&self.servers, &self.states);
        start(lang, "clonesrv6", &["-p", p, b, ps, bs, HEARTBEAT])
    }

    fn backup(&self, lang: Lang) -> Peer {
        let ([p, b], [ps, bs]) = (&self.servers, &self.states);
        start(lang, "clonesrv6", &["-b", b, p, bs, ps, HEARTBEAT])
    }

    fn client(&self, lang: Lang) -> Peer {
        let [p, b] = &self.servers;
        start(lang, "clonecli6", &[p, b, PATIENCE])
    }
}

/// Reads what a client hears of the servers until `what` is in it.
fn hears(client: &Peer, what: &str) -> String {
    loop {
        let line = client.error_line();
        if line.contains(what) {
            return line;
        }
    }
}

fn set(client: &mut Peer, update: &str) {
    client.type_line(update.as_bytes());
}

/// What a client has for a key.
fn get(client: &mut Peer, key: &str) -> String {
    client.type_line(key.as_bytes());
    let line = line(client);
    let value = line.strip_prefix(&format!("{key}="));
    value.unwrap_or_else(|| panic!("{line}")).into()
}

/// The primary is killed; then, when it is back, the backup. Nothing that was set is lost,
/// what was deleted or has expired stays so, and updates go on.
fn fails_over([primary_in, backup_in, one_in, other_in]: [Lang; 4]) {
    let pair = Pair::new();
    let [first, second] = &pair.servers;
    let primary = pair.primary(primary_in);
    let backup = pair.backup(backup_in);
    assert_eq!(line(&primary), "active");
    assert_eq!(line(&backup), "passive");
    assert_eq!(line(&backup), "snapshot=0");
    let (mut one, mut other) = (pair.client(one_in), pair.client(other_in));
    for client in [&one, &other] {
        assert_eq!(hears(client, "snapshot="), format!("{first}: snapshot=0"));
    }
    for update in [
        "a=1",
        "b=2",
        "c=3",
        "b=4",
        "gone=5",
        "gone=",
        "later=6 3600",
        "soon=7 5",
    ] {
        set(&mut one, &format!("/client/{update}"));
    }
    hears(&other, "/client/soon=7");
    set(&mut other, "/client/d=8");
    hears(&one, "/client/d=8");
    line_with(&backup, "/client/d=8");

    primary.kill();
    set(&mut one, "/client/during=9");
    for client in [&one, &other] {
        hears(client, &format!("{second}: snapshot="));
    }
    line_with(&backup, "active");
    set(&mut one, "/client/after=10");
    for client in [&one, &other] {
        hears(client, "/client/after=10");
    }
    let expected = [
        ("a", "1"),
        ("b", "4"),
        ("c", "3"),
        ("d", "8"),
        ("gone", ""),
        ("later", "6"),
        ("during", "9"),
        ("after", "10"),
    ];
    for client in [&mut one, &mut other] {
        for (key, value) in expected {
            assert_eq!(get(client, &format!("/client/{key}")), value);
        }
    }
    // The backup knew how long that was to live. It may have been deleted before.
    let expires = |server: &Peer| loop {
        let line = line(server);
        assert_ne!(line, "active", "once is enough");
        if line.starts_with("delete=") && line.ends_with(" /client/soon") {
            break;
        }
    };
    if !get(&mut other, "/client/soon").is_empty() {
        expires(&backup);
    }

    // The primary comes back and follows.
    let primary = pair.primary(primary_in);
    assert_eq!(line(&primary), "passive");
    let snapshot = line(&primary);
    let all = " /client/a=1 /client/after=10 /client/b=4 /client/c=3 /client/d=8 \
        /client/during=9 /client/later=6";
    assert!(snapshot.ends_with(all), "{snapshot}");
    set(&mut other, "/client/after=11");
    hears(&one, "/client/after=11");
    line_with(&primary, "/client/after=11");

    backup.kill();
    set(&mut other, "/client/again=12");
    for client in [&one, &other] {
        hears(client, &format!("{first}: snapshot="));
    }
    line_with(&primary, "active");
    set(&mut other, "/client/end=13");
    hears(&one, "/client/end=13");
    // Who comes late has to find out that the second is gone, or not.
    let late = pair.client(other_in);
    let snapshot = hears(&late, "snapshot=");
    let all = all.replace("after=10", "after=11 /client/again=12");
    let all = all.replace(" /client/later", " /client/end=13 /client/later");
    let has = |line: &str| {
        let mut values: Vec<_> = line
            .split(' ')
            .filter(|word| word.contains("/client/"))
            .collect();
        values.sort();
        values.join(" ")
    };
    assert_eq!(has(&snapshot), has(&all));
}

in_languages! {
    // Primary, backup, and two clients.
    model_six_in_rust: fails_over(Rust, Rust, Rust, Rust);
    model_six_with_a_client_in_python: fails_over(Rust, Rust, Rust, Python);
    model_six_with_a_backup_in_python: fails_over(Rust, Python, Python, Rust);
    model_six_with_a_primary_in_python: fails_over(Python, Rust, Rust, Python);
    model_six_with_servers_in_python: fails_over(Python, Python, Python, Rust);
}

#[test]
fn nothing_that_is_set_is_lost_before_there_is_a_server_or_at_the_end() {
    timed(|| {
        let pair = Pair::new();
        let mut early = pair.client(Rust);
        set(&mut early, "/client/early=1");
        // It has taken it: its own updates count at once.
        assert_eq!(get(&mut early, "/client/early"), "1");
        let primary = pair.primary(Rust);
        let backup = pair.backup(Rust);
        line_with(&primary, "/client/early=1");
        line_with(&backup, "/client/early=1");
        let mut brief = pair.client(Rust);
        set(&mut brief, "/client/brief=2");
        brief.end_input();
        assert_eq!(brief.end().status, Some(0));
        line_with(&primary, "/client/brief=2");
        hears(&early, "/client/brief=2");
    });
}

#[test]
fn what_cannot_be_set_is_said() {
    timed(|| {
        let mut client = Pair::new().client(Rust);
        for (update, complaint) in [
            (
                "/other/a=1",
                "\"/other/a\" is not in the subtree \"/client/\"",
            ),
            (
                "/client/a=1 soon",
                "\"soon\" seconds: invalid digit found in string",
            ),
        ] {
            set(&mut client, update);
            assert_eq!(client.error_line(), format!("not set: {complaint}"));
        }
        assert_eq!(get(&mut client, "/client/a"), "");
        assert_eq!(get(&mut client, ""), "");
    });
}
