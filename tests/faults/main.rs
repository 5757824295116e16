//! What happens when the network, a peer, descriptors or memory fail, and what stays
//! behind after many connections. docs/reliability/faults.md tells the results.
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;
mod growth;
mod kills;
mod ledger;
mod limits;
mod memory;
mod messages;
mod network;
mod parts;
mod programs;
mod wire;

/// How often something is repeated: `variable` says it, else it is `default`.
fn times(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |times| times.parse().unwrap())
}
