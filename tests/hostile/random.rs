//! Bytes of honest peers, changed at random. `HOSTILE_SEED` makes the same ones again, and
//! `HOSTILE_ROUNDS` says how many connections there are.

use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;

use crate::common::{timed_for, LIMIT};
use crate::measure::{alone, bounded, descriptors, descriptors_come_back, rss, under};
use crate::target::{kinds, Group, Kind, Mechanism, Target, Transport};
use crate::wire::{command, frame, greeting, masked, ready_as, upgrade, Wire};
use crate::wire::{COMMAND, MORE, SIGNATURE};

/// By how much the process may grow, and for each connection: what one has delivered stays when it
/// is gone, and a REQ reads it when it asks next.
const GROWTH: usize = 16 << 20;
const FOR_EACH: usize = 512;

/// How many connections there may be at a time.
const TOGETHER: u64 = 100;

/// How many connections there are if nobody says.
const ROUNDS: u64 = 4500;

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// Runs `test` for each transport and mechanism, with a share of the connections.
fn with_seed(test: impl Fn(Transport, Mechanism, u64, &mut Random) + Send + 'static) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seed = number("HOSTILE_SEED").unwrap_or(now.unwrap().as_nanos() as u64);
    let rounds = number("HOSTILE_ROUNDS").unwrap_or(ROUNDS);
    // Shown if the test fails.
    println!("HOSTILE_SEED={seed} HOSTILE_ROUNDS={rounds}");
    let limit = LIMIT * (1 + rounds / ROUNDS) as u32;
    timed_for(limit, move || {
        let mut random = Random(seed | 1);
        for transport in [Transport::Tcp, Transport::Ipc, Transport::Ws] {
            for mechanism in Mechanism::ALL {
                if mechanism == Mechanism::Curve && zmq::has("curve") != Some(true) {
                    continue;
                }
                test(transport, mechanism, rounds / 9, &mut random);
            }
        }
    });
}

#[test]
fn random_bytes() {
    let _alone = alone();
    with_seed(attack);
}

fn attack(transport: Transport, mechanism: Mechanism, rounds: u64, random: &mut Random) {
    let open_to_all = mechanism == Mechanism::Null;
    let mut group = Group::new(transport, mechanism, kinds());
    let (memory, open) = (rss(), descriptors());
    let goals: Vec<_> = group
        .targets
        .iter()
        .map(|target| (target.endpoint.clone(), target.kind))
        .collect();
    let turns = AtomicUsize::new(0);
    under(
        || {
            for round in 1..=rounds {
                let (endpoint, kind) = &goals[random.below(goals.len())];
                let bytes = random.bytes(transport, mechanism, *kind);
                let mut wire = Wire::connect(endpoint);
                for part in bytes.chunks(1 + random.below(bytes.len().max(1))) {
                    wire.write(part);
                }
                drop(wire);
                // Nobody makes more as long as some of them wait for an end, which the sockets'
                // thread has a part in.
                if round % TOGETHER == 0 {
                    descriptors_come_back(open, thread::yield_now);
                    let now = turns.load(Ordering::Acquire);
                    while turns.load(Ordering::Acquire) < now + 2 {
                        thread::yield_now();
                    }
                }
            }
        },
        || {
            for target in &mut group.targets {
                if open_to_all {
                    // Who takes anybody hears anything.
                    target.drain();
                } else {
                    target.round_trip();
                }
            }
            turns.fetch_add(1, Ordering::Release);
        },
    );
    descriptors_come_back(open, || group.targets.iter().for_each(Target::drain));
    for target in &mut group.targets {
        target.let_go(mechanism);
        target.drain();
        target.round_trip();
    }
    let grown = rss().saturating_sub(memory);
    println!(
        "{transport:?} {mechanism:?}: {rounds} at random, grown by {} KiB",
        grown >> 10
    );
    let limit = GROWTH + FOR_EACH * rounds as usize;
    bounded(grown, limit);
}

/// Sockets that are closed in the middle of it.
#[test]
fn random_bytes_to_the_end() {
    let _alone = alone();
    with_seed(|transport, mechanism, rounds, random| {
        let open = descriptors();
        for _ in 0..rounds / TOGETHER {
            let group = Group::new(transport, mechanism, kinds());
            let mut begun: Vec<_> = (0..TOGETHER)
                .map(|_| {
                    let target = &group.targets[random.below(group.targets.len())];
                    let mut bytes = random.bytes(transport, mechanism, target.kind);
                    let rest = bytes.split_off(random.below(bytes.len() + 1));
                    let mut wire = Wire::connect(&target.endpoint);
                    wire.write(&bytes);
                    (wire, rest)
                })
                .collect();
            thread::scope(|scope| {
                scope.spawn(|| begun.iter_mut().for_each(|(wire, rest)| wire.write(rest)));
                drop(group);
            });
        }
        assert_eq!(descriptors(), open);
    });
}

/// What an honest peer writes; who needs a password has a wrong one. Where none is asked for,
/// some know no mechanism yet: `old`.
fn honest(transport: Transport, mechanism: Mechanism, kind: Kind, old: bool) -> Vec<u8> {
    let web = transport == Transport::Ws;
    let (mut bytes, first) = match mechanism {
        Mechanism::Null if old && web => (upgrade("ZWS2.0").into(), (0, b"id".to_vec())),
        Mechanism::Null if old => (
            [&SIGNATURE[..], &[1, kind.peer as u8]].concat(),
            (0, b"id".to_vec()),
        ),
        _ => {
            let name = mechanism.name();
            let greeting = match web {
                true => upgrade(&format!("ZWS2.0/{name}")).into_bytes(),
                false => greeting(1, name),
            };
            let first = match mechanism {
                Mechanism::Null => ready_as(&kind.peer_name(), b"id"),
                Mechanism::Plain => command("HELLO", b"\x06honest\x06wrong!"),
                Mechanism::Curve => command("HELLO", &[&[1, 0][..], &[0; 192]].concat()),
            };
            (greeting, (COMMAND, first))
        }
    };
    let frames: [(u8, &[u8]); 9] = [
        (first.0, &first.1),
        (COMMAND, &command("SUBSCRIBE", b"topic")),
        (COMMAND, &command("JOIN", b"group")),
        (COMMAND, &command("PING", b"\0\0context")),
        (MORE, b""),
        (0, b"\x01topic"),
        (MORE, b"group"),
        (0, &[7; 300]),
        (0, b"\0topic"),
    ];
    for (flags, body) in frames {
        match web {
            true => {
                let flags = flags & MORE | (flags & COMMAND) >> 1;
                bytes.extend(masked(0x82, &[&[flags], body].concat()));
            }
            false => bytes.extend(frame(flags, body)),
        }
    }
    bytes
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn below(&mut self, limit: usize) -> usize {
        self.next() as usize % limit
    }

    /// What an honest peer writes, changed.
    fn bytes(&mut self, transport: Transport, mechanism: Mechanism, kind: Kind) -> Vec<u8> {
        let old = self.below(4) == 0;
        self.change(honest(transport, mechanism, kind, old))
    }

    /// Changes one to four things, the later ones more often: what comes first is looked
    /// at first.
    fn change(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(4) {
            let len = bytes.len();
            if len < 2 {
                break;
            }
            let at = self.below(len).max(self.below(len));
            let end = (at + 1 + self.below(16)).min(len);
            match self.below(7) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.next() as u8,
                2 => bytes.truncate(at),
                3 => bytes[at..end].fill(0xff),
                4 => bytes[at..end].fill(0),
                5 => drop(bytes.drain(at..end)),
                _ => {
                    let again = bytes[at..end].to_vec();
                    bytes.splice(at..at, again);
                }
            }
        }
        bytes
    }
}
