//! Every attack of the table, on every kind of socket, over every transport, with every
//! mechanism; and honest peers meanwhile.

use crate::attacks::{attacks, Attack, End, Stage};
use crate::common::{timed_for, LIMIT};
use crate::measure::{alone, descriptors, descriptors_come_back, rss, under, Latency};
use crate::target::{kinds, Group, Kind, Mechanism, Target, Transport, EXCLUSIVE_LETS_GO};
use crate::wire::{ready, Wire};

/// By how much the process may grow, with nineteen sockets under attack at a time.
const GROWTH: usize = 32 << 20;

#[test]
fn attacks_over_tcp() {
    attack_over(Transport::Tcp);
}

#[test]
fn attacks_over_ipc() {
    attack_over(Transport::Ipc);
}

#[test]
fn attacks_over_ws() {
    attack_over(Transport::Ws);
}

fn attack_over(transport: Transport) {
    let _alone = alone();
    timed_for(LIMIT * 2, move || {
        for mechanism in Mechanism::ALL {
            if mechanism == Mechanism::Curve && zmq::has("curve") != Some(true) {
                continue;
            }
            attack_group(transport, mechanism);
        }
    });
}

fn attack_group(transport: Transport, mechanism: Mechanism) {
    let mut group = Group::new(transport, mechanism, kinds());
    let (memory, open) = (rss(), descriptors());
    let table: Vec<_> = attacks()
        .into_iter()
        .filter(|attack| applies(attack, transport, mechanism))
        .collect();
    let goals: Vec<_> = group
        .targets
        .iter()
        .map(|target| (target.endpoint.clone(), target.kind))
        .collect();
    let mut latency = Latency::default();
    under(
        || attack_all(&table, &goals, mechanism),
        || {
            for target in &mut group.targets {
                target.look();
                if !(mechanism == Mechanism::Null && target.kind.shares) {
                    latency.add(target.round_trip());
                }
            }
        },
    );
    // Who attacked is gone, and the sockets are as they were.
    descriptors_come_back(open, || group.targets.iter().for_each(Target::look));
    for target in &mut group.targets {
        target.let_go(mechanism);
        target.round_trip();
        assert!(!target.has_more(), "{:?}", target.kind.kind);
    }
    let grown = rss().saturating_sub(memory);
    println!(
        "{transport:?} {mechanism:?}: {} attacks, grown by {} KiB, {latency}",
        table.len() * goals.len(),
        grown >> 10,
    );
    assert!(grown < GROWTH, "grown by {grown} bytes");
}

fn applies(attack: &Attack, transport: Transport, mechanism: Mechanism) -> bool {
    let web = transport == Transport::Ws;
    match attack.stage {
        Stage::Connected => !web,
        Stage::Web => web,
        Stage::Greeted => true,
        Stage::Joined => mechanism == Mechanism::Null,
    }
}

fn attack_all(table: &[Attack], goals: &[(String, Kind)], mechanism: Mechanism) {
    let attack = |attack: &Attack, endpoint: &str, kind: Kind| {
        let mut wire = Wire::connect(endpoint);
        match attack.stage {
            Stage::Connected | Stage::Web => {}
            Stage::Greeted => wire.greet(1, mechanism.name()),
            Stage::Joined => wire.join(&ready(&kind.peer_name())),
        }
        (attack.act)(&mut wire, mechanism, kind);
        wire
    };
    let is_late = |attack: &Attack| attack.end.with(mechanism) == End::Late;
    // Those that wait for the end of their time do so together.
    let mut late = Vec::new();
    for (endpoint, kind) in goals {
        for slow in table.iter().filter(|attack| is_late(attack)) {
            late.push((slow, kind, attack(slow, endpoint, *kind)));
        }
    }
    for (endpoint, kind) in goals {
        for quick in table.iter().filter(|attack| !is_late(attack)) {
            if quick.stage == Stage::Joined && kind.exclusive() && !EXCLUSIVE_LETS_GO {
                continue;
            }
            let mut wire = attack(quick, endpoint, *kind);
            let closes = quick.end.with(mechanism) == End::Closed;
            if closes && !wire.is_closed() {
                panic!("{} of {:?} is not closed", quick.name, kind.kind);
            }
        }
    }
    for (slow, kind, mut wire) in late {
        assert!(wire.is_closed(), "{} of {:?}", slow.name, kind.kind);
    }
}
