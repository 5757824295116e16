//! Which addresses may knock at all.

use std::net::IpAddr;

use super::error::ConfigError;

/// The two lists of addresses. Who is on both is denied.
#[derive(Default)]
pub(super) struct Addresses {
    /// None: everybody who is not denied.
    allowed: Option<Vec<Range>>,
    denied: Vec<Range>,
}

/// What the lists say of a peer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    Welcome,
    NotAllowed,
    Denied,
}

impl Addresses {
    pub(super) fn allow(&mut self, ranges: Vec<Range>) {
        self.allowed.get_or_insert_with(Vec::new).extend(ranges);
    }

    pub(super) fn deny(&mut self, ranges: Vec<Range>) {
        self.denied.extend(ranges);
    }

    /// What they say of the peer at `address`, in libzmq's words.
    pub(super) fn standing(&self, address: &str) -> Standing {
        let address = Address::of(address);
        // Of whom nothing is known, the worst is assumed.
        if self.denied.iter().any(|range| range.may_have(&address)) {
            return Standing::Denied;
        }
        match &self.allowed {
            Some(allowed) if !allowed.iter().any(|range| range.has(&address)) => {
                Standing::NotAllowed
            }
            _ => Standing::Welcome,
        }
    }
}

/// The address of a peer.
enum Address {
    Ip(IpAddr),
    /// The user that the peer's process runs as, where the system tells.
    Ipc(Option<u32>),
    /// The peer was gone when libzmq asked.
    Unknown,
}

impl Address {
    fn of(text: &str) -> Address {
        // Over ipc `localhost:user:group:process`, or less.
        if let Some(credentials) = text.strip_prefix("localhost") {
            let user = credentials.split(':').nth(1);
            return Address::Ipc(user.and_then(|user| user.parse().ok()));
        }
        // An address within one link has the interface's name behind it.
        let ip = text.split('%').next().unwrap_or(text);
        ip.parse().map_or(Address::Unknown, |ip: IpAddr| {
            // Over a socket for both, IPv4 peers have IPv6 addresses.
            Address::Ip(ip.to_canonical())
        })
    }
}

/// An entry of a list: peers that have something in common.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Range {
    /// Whose first `bits` are those of `network`.
    Ip { network: IpAddr, bits: u32 },
    /// Over ipc, of one user or of any.
    Ipc { user: Option<u32> },
}

impl Range {
    /// Reads `192.168.0.7`, `192.168.0.0/16`, `::1`, `fe80::/10`, `ipc`, `ipc:1000`.
    pub(super) fn read(text: &str) -> Result<Range, ConfigError> {
        Range::parse(text).ok_or_else(|| ConfigError::Address(text.into()))
    }

    fn parse(text: &str) -> Option<Range> {
        if text == "ipc" {
            return Some(Range::Ipc { user: None });
        }
        if let Some(user) = text.strip_prefix("ipc:") {
            let user = Some(user.parse().ok()?);
            return Some(Range::Ipc { user });
        }
        let (ip, bits) = match text.split_once('/') {
            None => (text, None),
            Some((ip, bits)) => (ip, Some(bits.parse::<u32>().ok()?)),
        };
        let ip: IpAddr = ip.parse().ok()?;
        let network = ip.to_canonical();
        let length = |ip: IpAddr| if ip.is_ipv4() { 32 } else { 128 };
        // An IPv4 address that is written as an IPv6 one has 96 bits before it.
        let bits = bits
            .unwrap_or(length(ip))
            .checked_sub(length(ip) - length(network))?;
        (bits <= length(network)).then_some(Range::Ip { network, bits })
    }

    fn has(&self, address: &Address) -> bool {
        match (self, address) {
            (Range::Ip { network, bits }, Address::Ip(ip)) => {
                let same = |one: u128, other: u128, length| {
                    let rest = length - bits;
                    one.checked_shr(rest) == other.checked_shr(rest)
                };
                match (*network, *ip) {
                    (IpAddr::V4(one), IpAddr::V4(other)) => {
                        same(one.to_bits().into(), other.to_bits().into(), 32)
                    }
                    (IpAddr::V6(one), IpAddr::V6(other)) => {
                        same(one.to_bits(), other.to_bits(), 128)
                    }
                    _ => false,
                }
            }
            (Range::Ipc { user: None }, Address::Ipc(_)) => true,
            (Range::Ipc { user }, Address::Ipc(other)) => user == other,
            _ => false,
        }
    }

    /// Whether it has the address, or nobody can tell that it has not.
    fn may_have(&self, address: &Address) -> bool {
        match (self, address) {
            (_, Address::Unknown) => true,
            (Range::Ipc { .. }, Address::Ipc(None)) => true,
            _ => self.has(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> Vec<Range> {
        let read = |entry: &&str| Range::read(entry).unwrap();
        entries.iter().map(read).collect()
    }

    #[test]
    fn the_list_of_those_denied_wins() {
        let open = Addresses::default();
        for anybody in ["10.0.0.1", "::1", "localhost:0:0:17", ""] {
            assert_eq!(open.standing(anybody), Standing::Welcome, "{anybody:?}");
        }
        let addresses = Addresses {
            allowed: Some(list(&["10.0.0.0/8", "::1", "ipc:1000"])),
            denied: list(&["10.1.0.0/16", "192.168.0.1", "ipc:1001"]),
        };
        for (standing, peers) in [
            (
                Standing::Welcome,
                &[
                    "10.0.0.1",
                    "10.255.255.255",
                    "::ffff:10.0.0.1",
                    "::1",
                    "localhost:1000:0:17",
                ][..],
            ),
            (
                Standing::NotAllowed,
                &["11.0.0.1", "127.0.0.1", "::2", "localhost:0:1000:17"],
            ),
            (
                Standing::Denied,
                &[
                    "10.1.0.0",
                    "10.1.255.255",
                    "::ffff:10.1.2.3",
                    "192.168.0.1",
                    "localhost:1001:0:17",
                    // Nobody knows.
                    "localhost",
                    "localhost:x",
                    "",
                ],
            ),
        ] {
            for peer in peers {
                assert_eq!(addresses.standing(peer), standing, "{peer:?}");
            }
        }
        // A list of those allowed that has nobody.
        let closed = Addresses {
            allowed: Some(Vec::new()),
            denied: Vec::new(),
        };
        assert_eq!(closed.standing("127.0.0.1"), Standing::NotAllowed);
    }

    #[test]
    fn networks_have_their_length() {
        for (entry, inside, outside) in [
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "ff::1", "1.2.3.4"),
            ("1.2.3.4/31", "1.2.3.5", "1.2.3.6"),
            ("1.2.3.4/32", "1.2.3.4", "1.2.3.5"),
            ("::ffff:1.2.3.0/120", "1.2.3.4", "1.2.4.4"),
            ("fe80::/10", "fe80::1%eth0", "fec0::1"),
            ("2001:db8::/127", "2001:db8::1", "2001:db8::2"),
        ] {
            let addresses = Addresses {
                allowed: Some(list(&[entry])),
                denied: Vec::new(),
            };
            assert_eq!(addresses.standing(inside), Standing::Welcome, "{entry}");
            assert_eq!(addresses.standing(outside), Standing::NotAllowed, "{entry}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for entry in [
            "",
            "localhost",
            "example.org",
            "1.2.3",
            "1.2.3.4/33",
            "::1/129",
            "1.2.3.4/-1",
            "1.2.3.4/",
            "::ffff:1.2.3.4/95",
            "ipc:",
            "ipc:root",
            "tcp://1.2.3.4",
            "1.2.3.4:80",
            "*",
        ] {
            assert_eq!(
                Range::read(entry),
                Err(ConfigError::Address(entry.into())),
                "{entry:?}"
            );
        }
    }
}
