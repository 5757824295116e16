//! Every attack of the table, on every kind of socket, over every transport, with every
//! mechanism; and honest peers meanwhile.

use crate::attacks::{attacks, Attack, End, Stage};
use crate::common::{timed_for, LIMIT};
use crate::measure::{alone, bounded, descriptors, descriptors_come_back, rss, under, Latency};
use crate::target::{kinds, Group, Kind, Mechanism, Target, Transport};
use crate::wire::{ready, Wire};

/// By how much the process may grow, with three sockets of each kind under attack at a time.
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

/// What is done to the sockets of a group.
struct Plan {
    mechanism: Mechanism,
    table: Vec<Attack>,
    goals: Vec<(String, Kind)>,
}

fn attack_over(transport: Transport) {
    let _alone = alone();
    timed_for(LIMIT * 2, move || {
        let has = |mechanism| mechanism != Mechanism::Curve || zmq::has("curve") == Some(true);
        let mechanisms = Mechanism::ALL.into_iter().filter(|m| has(*m));
        let mut groups: Vec<_> = mechanisms
            .map(|mechanism| {
                (
                    Group::new(transport, mechanism, kinds()),
                    Latency::default(),
                )
            })
            .collect();
        let plans: Vec<_> = groups.iter().map(|(group, _)| plan(group)).collect();
        let (memory, open) = (rss(), descriptors());
        under(
            || attack_all(&plans),
            || {
                for (group, latency) in &mut groups {
                    let open_to_all = group.mechanism == Mechanism::Null;
                    for target in &mut group.targets {
                        target.look();
                        if !(open_to_all && target.kind.shares) {
                            latency.add(target.round_trip());
                        }
                    }
                }
            },
        );
        // Who attacked is gone, and the sockets are as they were.
        let targets = || groups.iter().flat_map(|(group, _)| &group.targets);
        descriptors_come_back(open, || targets().for_each(Target::look));
        for ((group, latency), plan) in groups.iter_mut().zip(&plans) {
            for target in &mut group.targets {
                target.let_go(group.mechanism);
                target.round_trip();
                assert!(!target.has_more(), "{:?}", target.kind.kind);
            }
            let attacks = plan.table.len() * plan.goals.len();
            println!(
                "{transport:?} {:?}: {attacks} attacks, {latency}",
                plan.mechanism
            );
        }
        let grown = rss().saturating_sub(memory);
        println!("{transport:?}: grown by {} KiB", grown >> 10);
        bounded(grown, GROWTH);
    });
}

fn plan(group: &Group) -> Plan {
    let (transport, mechanism) = (group.transport, group.mechanism);
    let mut table = attacks();
    table.retain(|attack| applies(attack, transport, mechanism));
    let targets = group.targets.iter();
    Plan {
        mechanism,
        table,
        goals: targets
            .map(|target| (target.endpoint.clone(), target.kind))
            .collect(),
    }
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

impl Plan {
    /// The attacks that wait for the end of their time, or the others, each on each socket.
    fn attacks(&self, late: bool) -> impl Iterator<Item = (&Attack, &str, Kind)> {
        let chosen = move |attack: &&Attack| (attack.end.with(self.mechanism) == End::Late) == late;
        self.goals.iter().flat_map(move |(endpoint, kind)| {
            let table = self.table.iter().filter(chosen);
            table.map(|attack| (attack, &endpoint[..], *kind))
        })
    }

    fn begin(&self, attack: &Attack, endpoint: &str, kind: Kind) -> Wire {
        let mut wire = Wire::connect(endpoint);
        match attack.stage {
            Stage::Connected | Stage::Web => {}
            Stage::Greeted => wire.greet(1, self.mechanism.name()),
            Stage::Joined => wire.join(&ready(&kind.peer_name())),
        }
        (attack.act)(&mut wire, self.mechanism, kind);
        wire
    }
}

fn attack_all(plans: &[Plan]) {
    // Those that wait for the end of their time do so together.
    let mut late = Vec::new();
    for plan in plans {
        for (attack, endpoint, kind) in plan.attacks(true) {
            late.push((attack, kind, plan.begin(attack, endpoint, kind)));
        }
    }
    for plan in plans {
        for (attack, endpoint, kind) in plan.attacks(false) {
            let mut wire = plan.begin(attack, endpoint, kind);
            let closes = attack.end.with(plan.mechanism) == End::Closed;
            if closes && !wire.is_closed() {
                panic!("{} of {:?} is not closed", attack.name, kind.kind);
            }
        }
    }
    for (attack, kind, mut wire) in late {
        assert!(wire.is_closed(), "{} of {:?}", attack.name, kind.kind);
    }
}
