//! Very many connections that say nothing, or not enough.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{timed_for, LIMIT};
use crate::measure::{alone, bounded, descriptors, descriptors_come_back, rss, under, Latency};
use crate::target::{kinds, Group, Mechanism, Transport};
use crate::wire::{greeting, upgrade, Wire};

/// How many there are at a time, if the system lets a process have as many: each has two
/// descriptors here.
const CONNECTIONS: usize = 5000;

/// What a connection may cost before its handshake is over. Over WebSocket most of it is
/// room for the request and its answer.
fn bound(transport: Transport) -> usize {
    match transport {
        Transport::Tcp | Transport::Ipc => 12 << 10,
        Transport::Ws => 48 << 10,
    }
}

#[test]
fn half_open_connections_over_tcp() {
    flood(Transport::Tcp);
}

#[test]
fn half_open_connections_over_ipc() {
    flood(Transport::Ipc);
}

#[test]
fn half_open_connections_over_ws() {
    flood(Transport::Ws);
}

fn flood(transport: Transport) {
    let _alone = alone();
    timed_for(LIMIT * 2, move || {
        let count = CONNECTIONS.min(most_descriptors().saturating_sub(500) / 2);
        let router = kinds().filter(|kind| format!("{:?}", kind.kind) == "ROUTER");
        let mut group = Group::new(transport, Mechanism::Null, router);
        let target = &mut group.targets[0];
        let endpoint = target.endpoint.clone();
        let (memory, open) = (rss(), descriptors());
        let most = AtomicUsize::new(0);
        let mut latency = Latency::default();
        let mut peak = memory;
        let closed = under(
            || {
                let mut wires = Vec::new();
                for n in 0..count {
                    let mut wire = Wire::connect(&endpoint);
                    // Every other one begins.
                    match (n % 2, transport) {
                        (0, _) => {}
                        (_, Transport::Ws) => wire.write(&upgrade("ZWS2.0/NULL").as_bytes()[..50]),
                        (_, _) => wire.write(&greeting(1, "NULL")[..20]),
                    }
                    wires.push(wire);
                }
                most.store(descriptors() - open, Ordering::Release);
                let closed = wires
                    .iter_mut()
                    .filter_map(|wire| wire.is_closed().then_some(()));
                closed.count()
            },
            || {
                latency.add(target.round_trip());
                if latency.count() % 64 == 0 {
                    peak = peak.max(rss());
                }
            },
        );
        assert_eq!(closed, count);
        descriptors_come_back(open, || target.look());
        let grown = peak.saturating_sub(memory);
        println!(
            "{transport:?}: {count} half-open connections, {} descriptors, at most {} KiB \
             ({} bytes each), {latency}",
            most.load(Ordering::Acquire),
            grown >> 10,
            grown / count,
        );
        bounded(grown, count * bound(transport));
    });
}

/// Raises the limit of descriptors to what this process may have.
fn most_descriptors() -> usize {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both take a pointer to what they are about.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_max;
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &limit), 0);
    }
    limit.rlim_cur as usize
}
