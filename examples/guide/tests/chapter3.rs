//! Chapter 3: advanced request-reply.
#![cfg(unix)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use common::{finish, ipc, line, line_with, run, timed, Peer};

#[test]
fn a_router_sees_routing_ids() {
    timed(|| {
        let said = finish(run!("identity"));
        let made_up = &said[1];
        assert!(made_up.starts_with("[005] 00"), "{made_up}");
        let rule = "-".repeat(40);
        let expected = [
            &rule[..],
            made_up,
            "[000] ",
            "[028] ROUTER makes up a routing id",
            &rule,
            "[005] PEER2",
            "[000] ",
            "[038] ROUTER uses the routing id of its peer",
        ];
        assert_eq!(said, expected);
    });
}

/// What the ten workers have done is all of the hundred tasks.
fn deals_to_who_asks(broker: Peer) {
    let said = finish(broker);
    let mut workers: Vec<u32> = said.iter().map(|line| number_in(line, 1)).collect();
    workers.sort_unstable();
    assert_eq!(workers, (1..=10).collect::<Vec<_>>());
    let done: Vec<u32> = said.iter().map(|line| number_in(line, 2)).collect();
    assert_eq!(done.iter().sum::<u32>(), 100, "{done:?}");
}

/// The word at `index`, as a number.
fn number_in(line: &str, index: usize) -> u32 {
    let word = line.split(' ').nth(index).unwrap().trim_end_matches(':');
    word.parse().unwrap_or_else(|e| panic!("{line}: {e}"))
}

#[test]
fn a_router_deals_to_req() {
    timed(|| deals_to_who_asks(run!("rtreq", "100")));
}

#[test]
fn a_router_deals_to_dealer() {
    timed(|| deals_to_who_asks(run!("rtdealer", "100")));
}

#[test]
fn routers_talk_by_name() {
    timed(|| {
        let expected = [
            "to nobody: Err(EHOSTUNREACH: Host unreachable)",
            "Ann: I am Ann, hub",
            "Bob: I am Bob, hub",
            "Eve: I am Eve, hub",
        ];
        assert_eq!(finish(run!("rtrouter")), expected);
    });
}

/// Ten clients have each the reply to their own request, by one of three workers.
fn balances_load(broker: Peer) {
    let mut clients = Vec::new();
    for line in finish(broker) {
        let client = number_in(&line, 1);
        let reply = format!("client {client}: OK to \"HELLO from client {client}\" by worker ");
        let worker: u32 = line.strip_prefix(&reply).unwrap().parse().unwrap();
        assert!((1..=3).contains(&worker), "{line}");
        clients.push(client);
    }
    clients.sort_unstable();
    assert_eq!(clients, (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_broker_balances_load() {
    timed(|| balances_load(run!("lbbroker")));
}

#[test]
fn a_reactor_balances_load() {
    timed(|| balances_load(run!("lbbroker3")));
}

#[test]
fn tasks_balance_load() {
    timed(|| balances_load(run!("lbbroker_tokio")));
}

/// Each of three clients has all replies to each of its four requests, in their order.
fn answers_asynchronously(program: Peer) {
    let mut replies: BTreeMap<(u32, u32), Vec<String>> = BTreeMap::new();
    for line in finish(program) {
        let (request, reply) = line.split_once(", ").unwrap();
        let key = (number_in(request, 1), number_in(request, 3));
        replies.entry(key).or_default().push(reply.into());
    }
    let expected = (1..=3).flat_map(|client| (1..=4).map(move |request| (client, request)));
    assert!(replies.keys().copied().eq(expected), "{replies:?}");
    for replies in replies.values() {
        let (last, others) = replies.split_last().unwrap();
        assert_eq!(last, "last reply");
        assert!(others.len() < 5);
        for (reply, n) in others.iter().zip(1..) {
            assert_eq!(*reply, format!("reply {n}"));
        }
    }
}

#[test]
fn a_server_answers_asynchronously() {
    timed(|| answers_asynchronously(run!("asyncsrv", ipc(), "4", "20")));
}

#[test]
fn tasks_answer_asynchronously() {
    timed(|| answers_asynchronously(run!("asyncsrv_tokio", ipc(), "4", "20")));
}

/// A name for a broker, which is the path to its sockets.
fn name() -> String {
    ipc().strip_prefix("ipc://").unwrap().into()
}

#[test]
fn brokers_tell_each_other_their_state() {
    timed(|| {
        let [a, b, c] = [name(), name(), name()];
        let brokers = [
            (run!("peering1", &a, &b, &c), [&b, &c]),
            (run!("peering1", &b, &a, &c), [&a, &c]),
            (run!("peering1", &c, &a, &b), [&a, &b]),
        ];
        for (broker, peers) in &brokers {
            for peer in peers {
                let line = line_with(broker, peer.as_str());
                let free = line.strip_prefix(&format!("{peer} has ")).unwrap();
                assert!(number_in(free, 0) < 10, "{line}");
                assert!(free.ends_with(" workers free"), "{line}");
            }
        }
    });
}

#[test]
fn brokers_give_each_other_requests() {
    timed(|| {
        let [a, b] = [name(), name()];
        let mut brokers = [
            (run!("peering2", &a, &b), [&a, &b]),
            (run!("peering2", &b, &a), [&b, &a]),
        ];
        for (broker, _) in &mut brokers {
            assert_eq!(line(broker), "press Enter when all brokers run");
            broker.type_line(b"");
        }
        for (broker, [own, peer]) in &brokers {
            let line = line_with(broker, &format!("of {peer}"));
            assert!(line.contains(": OK by worker "), "{line}");
            line_with(broker, &format!("of {own}"));
        }
        // Nobody is left waiting: all ten clients go on.
        for (broker, _) in &brokers {
            for client in 1..=10 {
                line_with(broker, &format!("client {client}: OK"));
            }
        }
    });
}

#[test]
fn a_broker_whose_peer_is_not_there_does_it_all() {
    timed(|| {
        let [own, gone] = [name(), name()];
        let mut broker = run!("peering2", &own, &gone);
        broker.type_line(b"");
        for _ in 0..5 {
            for client in 1..=10 {
                let line = line_with(&broker, &format!("client {client}: OK"));
                assert!(line.ends_with(&format!(" of {own}")), "{line}");
            }
        }
    });
}

#[test]
fn brokers_share_their_load() {
    timed(|| {
        let [a, b] = [name(), name()];
        let brokers = [
            (run!("peering3", &a, &b), [&a, &b]),
            (run!("peering3", &b, &a), [&b, &a]),
        ];
        for (broker, [own, peer]) in &brokers {
            let line = line_with(broker, &format!("of {peer}"));
            assert!(line.contains(" done by worker "), "{line}");
            line_with(broker, &format!("of {own}"));
        }
        // What the other was at may be lost, and is said to be. All clients go on.
        let [(alone, [own, _]), (other, _)] = brokers;
        other.kill();
        while alone.line_within(Duration::ZERO).is_some() {}
        let mut going_on = BTreeSet::new();
        while going_on.len() < 10 {
            let line = line_with(&alone, " done by worker ");
            going_on.insert(number_in(&line, 1));
        }
        line_with(&alone, &format!("of {own}"));
    });
}
