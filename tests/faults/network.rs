//! Hosts that lose one another, and what becomes of the messages between them.

use std::thread;
use std::time::{Duration, Instant};

use crate::common::timed;
use crate::kills::until;
use crate::ledger::Tally;
use crate::parts::{is_sender, Part, There, DEAD, ON_THE_WAY};
use crate::programs;
use crate::wire::{Faults, Hosts, ADDRESSES};

/// Messages that pass between two faults.
const TRAFFIC: u64 = 60;
/// Within this a dead peer is noticed, however busy the machine is. Without heartbeats
/// TCP takes a quarter of an hour.
const NOTICED: Duration = Duration::from_secs(15);

/// Who binds on one host and who connects on the other.
struct Scene {
    hosts: Hosts,
    parts: [Part; 2],
    players: Vec<There>,
}

impl Scene {
    fn new(names: [&'static str; 2], pings: [bool; 2]) -> Option<Scene> {
        let hosts = Hosts::new()?;
        let part = |side: usize| Part {
            name: names[side],
            endpoint: format!("tcp://{}:5555", ADDRESSES[0]),
            who: 0,
            pings: pings[side],
        };
        let parts = [part(0), part(1)];
        let players = vec![start(&hosts, &parts, 0), start(&hosts, &parts, 1)];
        let scene = Scene {
            hosts,
            parts,
            players,
        };
        scene.goes_on();
        Some(scene)
    }

    fn tallies(&self) -> [Tally; 2] {
        [self.players[0].tally(), self.players[1].tally()]
    }

    /// Who receives what the other one sends.
    fn receiver(&self) -> usize {
        usize::from(is_sender(self.parts[0].name))
    }

    /// Waits until messages pass, and how long.
    fn goes_on(&self) -> Duration {
        let begin = Instant::now();
        let receiver = &self.players[self.receiver()];
        let goal = receiver.tally().received() + TRAFFIC;
        until("traffic", || receiver.tally().received() >= goal);
        begin.elapsed()
    }

    /// Until both have noticed that the connection is dead, or only `side`.
    fn noticed(&self, sides: &[usize], before: &[Tally; 2], begin: Instant) -> Duration {
        until("noticed", || {
            let now = self.tallies();
            sides
                .iter()
                .all(|&side| now[side].broken > before[side].broken)
        });
        begin.elapsed()
    }

    /// Has `side` killed and another one in its place.
    fn restart(&mut self, side: usize) -> Tally {
        let killed = self.players.remove(side).kill();
        self.parts[side].who += 1;
        let another = start(&self.hosts, &self.parts, side);
        self.players.insert(side, another);
        killed
    }

    /// Stops the sender, then the receiver, when all has arrived.
    fn end(self) -> [Tally; 2] {
        let receiver = self.receiver();
        let Scene {
            hosts: _hosts,
            mut players,
            parts,
        } = self;
        let received = players.remove(receiver);
        let sender = players.remove(0).end();
        if parts[receiver].name == "pull" {
            until("the last message", || received.tally().has_last_of(&sender));
        }
        let received = received.end();
        match receiver {
            0 => [received, sender],
            _ => [sender, received],
        }
    }
}

fn start(hosts: &Hosts, parts: &[Part; 2], side: usize) -> There {
    There::start_by(&parts[side], |what| {
        programs::again_in(&hosts.names[side], what)
    })
}

/// What TCP can bear: packets that are lost, late or overtaken, a wire that is cut for a
/// while, an interface that goes down. No connection breaks.
fn what_tcp_bears(name: &str, scene: &Scene) {
    let hosts = &scene.hosts;
    let before = hosts.packets();
    hosts.set(Faults {
        loss: 13,
        delay: Duration::from_millis(2),
        jitter: Duration::from_millis(4),
        ..Faults::default()
    });
    let begin = Instant::now();
    until("packets that are lost and overtaken", || {
        let now = hosts.packets();
        now.lost >= before.lost + 5 && now.overtaken >= before.overtaken + 5
    });
    scene.goes_on();
    let (slow, after) = (begin.elapsed(), hosts.packets());
    hosts.set(Faults::default());
    println!("{name}: goes on for {slow:?} with {after:?}");

    hosts.set(Faults {
        cut: true,
        ..Faults::default()
    });
    until("a packet that is lost", || {
        hosts.packets().lost > after.lost
    });
    thread::sleep(Duration::from_millis(300));
    hosts.set(Faults::default());
    println!(
        "{name}: goes on {:?} after the wire was cut",
        scene.goes_on()
    );

    hosts.ip(1, "link set wire down");
    thread::sleep(Duration::from_millis(300));
    hosts.ip(1, "link set wire up");
    println!(
        "{name}: goes on {:?} after the link was down",
        scene.goes_on()
    );
    for tally in scene.tallies() {
        assert_eq!(tally.broken, 0);
    }
}

/// What heartbeats are for: the wire is cut for longer, and an address changes, so that
/// nothing that is under way ever arrives. Who binds is killed at last, which is returned.
fn what_breaks(name: &str, scene: &mut Scene) -> Tally {
    let hosts = &scene.hosts;
    let (before, begin) = (scene.tallies(), Instant::now());
    hosts.set(Faults {
        cut: true,
        ..Faults::default()
    });
    let noticed = scene.noticed(&[0, 1], &before, begin);
    assert!(
        noticed >= Duration::from_millis(DEAD as u64 / 2) && noticed <= NOTICED,
        "{noticed:?}"
    );
    hosts.set(Faults::default());
    let again = scene.goes_on();
    println!("{name}: a cut is noticed after {noticed:?}; goes on {again:?} after its end");

    let before = scene.tallies();
    hosts.ip(1, &format!("addr del {}/24 dev wire", ADDRESSES[1]));
    hosts.ip(1, "addr add 10.98.76.3/24 dev wire");
    let noticed = scene.noticed(&[1], &before, Instant::now());
    let again = scene.goes_on();
    println!("{name}: a changed address is noticed after {noticed:?}, goes on after {again:?}");

    let killed = scene.restart(0);
    println!("{name}: goes on {:?} after a new start", scene.goes_on());
    killed
}

#[test]
fn a_pipeline() {
    timed(|| {
        let Some(scene) = Scene::new(["pull", "push"], [false; 2]) else {
            return;
        };
        what_tcp_bears("pipeline", &scene);
        let [pull, push] = scene.end();
        assert_eq!(
            (pull.received(), pull.missed(), pull.records[0].first),
            (push.sent, 0, 0)
        );
    });
}

/// What was on its way over a connection that breaks is lost, and no more.
#[test]
fn a_pipeline_whose_connections_break() {
    timed(|| {
        let Some(mut scene) = Scene::new(["pull", "push"], [true; 2]) else {
            return;
        };
        let killed = what_breaks("pipeline", &mut scene);
        let [pull, push] = scene.end();
        let (before, after) = (killed.records[0], pull.records[0]);
        assert!(after.first > before.last, "{after:?} after {before:?}");
        assert_eq!((after.missed(), after.last + 1), (0, push.sent));
        let lost = push.sent - killed.received() - pull.received();
        println!(
            "pipeline: {} breaks, {lost} of {} messages lost",
            push.broken, push.sent
        );
        assert!(lost <= push.broken * ON_THE_WAY);
    });
}

#[test]
fn requests() {
    timed(|| {
        let Some(scene) = Scene::new(["rep", "req"], [false; 2]) else {
            return;
        };
        what_tcp_bears("requests", &scene);
        let [rep, req] = scene.end();
        assert_eq!((req.received(), req.missed()), (req.sent, 0));
        assert_eq!((rep.received(), rep.missed()), (req.sent, 0));
    });
}

#[test]
fn requests_whose_connections_break() {
    timed(|| {
        let Some(mut scene) = Scene::new(["rep", "req"], [true; 2]) else {
            return;
        };
        what_breaks("requests", &mut scene);
        let [_, req] = scene.end();
        assert_eq!((req.received(), req.missed()), (req.sent, 0));
        println!("requests: {} breaks, all {} answered", req.broken, req.sent);
    });
}

#[test]
fn subscriptions() {
    timed(|| {
        let Some(scene) = Scene::new(["xpub", "sub"], [false; 2]) else {
            return;
        };
        what_tcp_bears("subscriptions", &scene);
        let [publisher, sub] = scene.end();
        assert!(sub.received() + sub.missed() <= publisher.sent);
    });
}

/// The subscriber has not to do anything to hear the publisher again.
#[test]
fn subscriptions_whose_connections_break() {
    timed(|| {
        let Some(mut scene) = Scene::new(["xpub", "sub"], [true; 2]) else {
            return;
        };
        let killed = what_breaks("subscriptions", &mut scene);
        let [publisher, sub] = scene.end();
        let [before, after] = sub.records[..] else {
            panic!("{sub:?}")
        };
        assert!(before.last <= killed.sent + 20 && after.last <= publisher.sent);
        println!(
            "subscriptions: {} breaks, {} missed",
            sub.broken,
            sub.missed()
        );
    });
}

/// Without traffic, who does not ping is told by the peer's pings when to expect the next.
#[test]
fn a_ping_promises_another() {
    timed(|| {
        let Some(hosts) = Hosts::new() else { return };
        let part = |name, pings| Part {
            name,
            endpoint: format!("tcp://{}:5555", ADDRESSES[0]),
            who: 0,
            pings,
        };
        let parts = [part("pull", false), part("push-once", true)];
        let players = vec![start(&hosts, &parts, 0), start(&hosts, &parts, 1)];
        let scene = Scene {
            hosts,
            parts,
            players,
        };
        until("the message", || scene.tallies()[0].received() == 1);
        // A ping, its answer, and both acknowledged.
        let goal = scene.hosts.packets().passed + 8;
        until("a ping", || scene.hosts.packets().passed >= goal);
        let (before, begin) = (scene.tallies(), Instant::now());
        scene.hosts.set(Faults {
            cut: true,
            ..Faults::default()
        });
        for (side, who) in [(0, "who is promised a ping"), (1, "who pings")] {
            let noticed = scene.noticed(&[side], &before, begin);
            println!("a cut is noticed by {who} after {noticed:?}");
            assert!(noticed <= NOTICED, "{noticed:?}");
        }
    });
}
