//! Lists of addresses: what they say of a peer is what its bits say.

#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use zmq::fuzzing::{standing, Standing};

// Lines: `+` and whom to allow, `-` and whom to deny, or a peer.
fuzz_target!(|text: &str| {
    let (mut allowed, mut denied) = (Vec::new(), Vec::new());
    let mut peers = vec![String::new(), "localhost:7:7:7".into()];
    for line in text.lines() {
        let (list, entry) = match line.chars().next() {
            Some('+') => (&mut allowed, &line[1..]),
            Some('-') => (&mut denied, &line[1..]),
            _ => {
                peers.push(line.into());
                continue;
            }
        };
        if standing(None, &[entry], "").is_ok() {
            list.push(entry);
            peers.extend(neighbours(entry));
        }
    }
    let is_open = allowed.is_empty();
    for peer in &peers {
        let expected = if denied.iter().any(|entry| has(entry, peer) != Some(false)) {
            Standing::Denied
        } else if is_open || allowed.iter().any(|entry| has(entry, peer) == Some(true)) {
            Standing::Welcome
        } else {
            Standing::NotAllowed
        };
        let allowed = (!is_open).then_some(&allowed[..]);
        assert_eq!(standing(allowed, &denied, peer), Ok(expected), "{peer:?}");
    }
});

/// Whether an entry has the peer, digit by digit; none if nobody can tell.
fn has(entry: &str, peer: &str) -> Option<bool> {
    let Some(credentials) = peer.strip_prefix("localhost") else {
        let address = peer.split('%').next().unwrap().parse().ok()?;
        return Some(!entry.starts_with("ipc") && digits(address).starts_with(&prefix(entry)));
    };
    match entry.strip_prefix("ipc") {
        None => Some(false),
        Some("") => Some(true),
        Some(user) => {
            let theirs: u32 = credentials.split(':').nth(1)?.parse().ok()?;
            Some(user[1..].parse() == Ok(theirs))
        }
    }
}

/// The kind of an address and its bits. One of IPv4 may be written as one of IPv6.
fn digits(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("4{:032b}", u32::from(ip)),
        IpAddr::V6(ip) => match ip.segments() {
            [0, 0, 0, 0, 0, 0xffff, ..] => format!("4{:032b}", u128::from(ip) as u32),
            _ => format!("6{:0128b}", u128::from(ip)),
        },
    }
}

/// What the digits of an entry's peers begin with.
fn prefix(entry: &str) -> String {
    let (ip, bits) = entry.split_once('/').unwrap_or((entry, ""));
    let ip: IpAddr = ip.parse().unwrap();
    let mut digits = digits(ip);
    if let Ok(bits) = bits.parse::<usize>() {
        let all = if ip.is_ipv4() { 32 } else { 128 };
        digits.truncate(digits.len() - (all - bits));
    }
    digits
}

/// The first and the last peer that an entry has, and one beside them.
fn neighbours(entry: &str) -> Vec<String> {
    if entry.starts_with("ipc") {
        return Vec::new();
    }
    let prefix = prefix(entry);
    let (kind, bits) = prefix.split_at(1);
    let filled = |bits: &str, fill: char| {
        let length = if kind == "4" { 32 } else { 128 };
        let bits = format!("{bits}{}", fill.to_string().repeat(length - bits.len()));
        let number = u128::from_str_radix(&bits, 2).unwrap();
        match kind {
            "4" => Ipv4Addr::from(number as u32).to_string(),
            _ => Ipv6Addr::from(number).to_string(),
        }
    };
    let mut peers = vec![filled(bits, '0'), filled(bits, '1')];
    if let Some(rest) = bits.strip_suffix(['0', '1']) {
        let other = if bits.ends_with('0') { '1' } else { '0' };
        peers.push(filled(&format!("{rest}{other}"), '0'));
    }
    peers
}
