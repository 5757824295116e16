//! Chapter 5: advanced pub-sub. Clones with servers that die are in `chapter5_chp.rs`.
#![cfg(unix)]

mod common;
#[path = "peers5/hashmap.rs"]
mod hashmap;

use common::{finish, ipc, line, line_with, lines, run, timed, Peer};
use hashmap::{server, Model};

// ---- looking on, caching, giving up -----------------------------------------------------------

#[test]
fn espresso_captures_what_the_proxy_passes() {
    timed(|| {
        let output = finish(run!("espresso", ipc(), ipc(), "5"));
        let after = |what: &str| -> Vec<_> {
            let lines = output.iter().filter_map(|line| line.strip_prefix(what));
            lines.map(String::from).collect()
        };
        let received = after("received ");
        assert_eq!(received.len(), 5);
        let captured = after("captured ");
        let (subscriptions, news): (Vec<_>, Vec<_>) = captured
            .into_iter()
            .partition(|line| line.contains("subscription"));
        assert_eq!(
            subscriptions[..2],
            ["a subscription to A", "a subscription to B"]
        );
        // More may have passed than the subscriber waited for.
        assert_eq!(news[..5], received);
        assert!(
            news.iter().all(|line| line.starts_with(['A', 'B'])),
            "{news:?}"
        );
    });
}

/// Slower than any test.
const NEVER: &str = "3600000";

#[test]
fn without_a_cache_who_is_late_waits_for_the_next_message() {
    timed(|| {
        let endpoint = ipc();
        let publisher = run!("pathopub", &endpoint, "1");
        let early = run!("pathosub", &endpoint, "007");
        assert_eq!(line(&publisher), "sent a message on each topic");
        assert_eq!(lines(&early, 2), ["subscribed to 007", "007: Save Roger"]);
        let late = run!("pathosub", &endpoint, "007");
        assert_eq!(
            lines(&late, 2),
            ["subscribed to 007", "007: Off with his head!"]
        );
    });
}

#[test]
fn the_last_value_cache_tells_who_is_late() {
    timed(|| {
        let (news, served) = (ipc(), ipc());
        let publisher = run!("pathopub", &news, NEVER);
        let _cache = run!("lvcache", &news, &served);
        // The last of all: when it is there, the cache has the others.
        let first = run!("pathosub", &served, "999");
        assert_eq!(lines(&first, 2), ["subscribed to 999", "999: Save Roger"]);
        publisher.kill();
        // Two on one topic: the second is told too.
        for _ in 0..2 {
            let late = run!("pathosub", &served, "123");
            assert_eq!(lines(&late, 2), ["subscribed to 123", "123: Save Roger"]);
        }
    });
}

#[test]
fn the_last_value_cache_has_the_last_value() {
    timed(|| {
        let (news, served) = (ipc(), ipc());
        let publisher = run!("pathopub", &news, "1");
        let _cache = run!("lvcache", &news, &served);
        let first = run!("pathosub", &served, "042");
        line_with(&first, "Off with his head!");
        publisher.kill();
        let late = run!("pathosub", &served, "042");
        assert_eq!(
            lines(&late, 2),
            ["subscribed to 042", "042: Off with his head!"]
        );
    });
}

#[test]
fn a_snail_that_is_too_slow_ends() {
    timed(|| {
        let said = finish(run!("suisnail", ipc(), "200", "20"));
        let last = said.last().unwrap();
        let late = last.strip_prefix("cannot keep up: a message is ");
        let late: u32 = late
            .unwrap()
            .strip_suffix(" ms late")
            .unwrap()
            .parse()
            .unwrap();
        assert!(late >= 200, "{last}");
    });
}

#[test]
fn a_snail_that_keeps_up_goes_on() {
    timed(|| {
        let snail = run!("suisnail", ipc(), "60000", "0");
        assert_eq!(
            lines(&snail, 2),
            ["keeps up: 100 messages", "keeps up: 200 messages"]
        );
    });
}

// ---- clones, models one to four ---------------------------------------------------------------

/// What a server publishes, as it says: every update, from the first on.
struct Published<'a> {
    server: &'a Peer,
    updates: Vec<String>,
}

impl Published<'_> {
    fn of(server: &Peer) -> Published<'_> {
        let updates = Vec::new();
        Published { server, updates }
    }

    /// The update with this number.
    fn update(&mut self, number: usize) -> &str {
        while self.updates.len() < number {
            self.updates.push(line_with(self.server, "update="));
        }
        &self.updates[number - 1]
    }

    /// The hashmap when that was published.
    fn map_at(&mut self, number: usize) -> Model {
        (1..=number).for_each(|number| _ = self.update(number));
        Model::of(&self.updates[..number])
    }
}

#[test]
fn model_one_a_client_hears_what_is_published_once_it_is_there() {
    timed(|| {
        let endpoint = server();
        let server = run!("clonesrv1", &endpoint, "2");
        let mut published = Published::of(&server);
        published.update(20);
        let client = run!("clonecli1", &endpoint);
        let first = line(&client);
        let number = hashmap::number(&first);
        assert!(number > 20, "{first}");
        assert_eq!(first, published.update(number));
        for next in number + 1..number + 50 {
            assert_eq!(line(&client), published.update(next));
        }
    });
}

/// A client's first line is a snapshot of what the server had published, and its next are the
/// updates that follow, of those in a subtree.
fn is_a_clone(client: &Peer, published: &mut Published<'_>, subtree: &str) -> usize {
    let snapshot = line(client);
    let mut number = hashmap::number(&snapshot);
    let expected = published.map_at(number).snapshot(number, subtree);
    assert_eq!(snapshot, expected);
    for _ in 0..20 {
        let update = loop {
            number += 1;
            let update = published.update(number);
            if update.contains(&format!(" {subtree}")) {
                break update;
            }
        };
        assert_eq!(line_with(client, "update="), update);
    }
    number
}

#[test]
fn model_two_who_is_late_gets_a_snapshot() {
    timed(|| {
        let endpoint = server();
        let server = run!("clonesrv2", &endpoint, "2");
        let mut published = Published::of(&server);
        for so_far in [200, 400] {
            published.update(so_far);
            let client = run!("clonecli2", &endpoint);
            assert!(is_a_clone(&client, &mut published, "") > so_far);
        }
    });
}

#[test]
fn model_three_clients_change_the_hashmap_in_one_order() {
    timed(|| {
        let endpoint = server();
        let server = run!("clonesrv3", &endpoint);
        let mut published = Published::of(&server);
        let one = run!("clonecli3", &endpoint, "5");
        let other = run!("clonecli3", &endpoint, "5");
        published.update(100);
        let late = run!("clonecli3", &endpoint, NEVER);
        assert!(is_a_clone(&late, &mut published, "") > 100);
        is_a_clone(&one, &mut published, "");
        let number = is_a_clone(&other, &mut published, "");
        // What is published when the first is gone the other has sent.
        one.kill();
        published.update(number + 100);
    });
}

#[test]
fn model_four_a_client_has_its_subtree() {
    timed(|| {
        let endpoint = server();
        let server = run!("clonesrv4", &endpoint);
        let mut published = Published::of(&server);
        let _one = run!("clonecli4", &endpoint, "5");
        let _other = run!("clonecli4", &endpoint, "5", "/other/");
        let both = |published: &mut Published<'_>| {
            let map = published.map_at(100).snapshot(100, "");
            assert!(
                map.contains(" /client/") && map.contains(" /other/"),
                "{map}"
            );
        };
        both(&mut published);
        for subtree in ["/client/", "/other/", "/", ""] {
            let late = run!("clonecli4", &endpoint, NEVER, subtree);
            assert!(is_a_clone(&late, &mut published, subtree) > 100);
        }
        let nothing = run!("clonecli4", &endpoint, NEVER, "/nothing/");
        let snapshot = line(&nothing);
        assert_eq!(snapshot, format!("snapshot={}", hashmap::number(&snapshot)));
    });
}
