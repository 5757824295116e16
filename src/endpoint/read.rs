//! How endpoints are read: one function for the addresses of each transport.

use std::net::Ipv6Addr;
use std::ops::Range;

use super::error::EndpointProblem;
use super::Transport;

/// The bytes that the path of an ipc endpoint may have: the system's room for
/// one, less a NUL.
#[cfg(unix)]
const IPC_PATH_MAX: usize =
    size_of::<libc::sockaddr_un>() - std::mem::offset_of!(libc::sockaddr_un, sun_path) - 1;
#[cfg(not(unix))]
const IPC_PATH_MAX: usize = 107;

/// TIPC keeps the service types below this one for itself.
const TIPC_RESERVED_TYPES: u32 = 64;

/// Where the parts of an address are within its endpoint.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Address {
    pub(super) source: Option<Range<usize>>,
    pub(super) host: Option<Range<usize>>,
    pub(super) port: Option<u16>,
    pub(super) path: Option<Range<usize>>,
    /// What libzmq shall choose.
    pub(super) wildcard: Option<Range<usize>>,
}

/// What is wrong, and where.
pub(super) struct Fault {
    pub(super) problem: EndpointProblem,
    pub(super) part: Range<usize>,
}

/// A part of an endpoint, and where it begins.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Part<'a> {
    fn range(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    fn is(self, problem: EndpointProblem) -> Fault {
        Fault {
            problem,
            part: self.range(),
        }
    }

    /// What is before and after `middle` bytes at `at`.
    fn split(self, at: usize, middle: usize) -> (Part<'a>, Part<'a>) {
        let before = Part {
            text: &self.text[..at],
            at: self.at,
        };
        let after = Part {
            text: &self.text[at + middle..],
            at: self.at + at + middle,
        };
        (before, after)
    }

    fn split_first(self, separator: &str) -> Option<(Part<'a>, Part<'a>)> {
        let at = self.text.find(separator)?;
        Some(self.split(at, separator.len()))
    }

    fn split_last(self, separator: &str) -> Option<(Part<'a>, Part<'a>)> {
        let at = self.text.rfind(separator)?;
        Some(self.split(at, separator.len()))
    }

    /// What is missing at the end.
    fn lacks(self, problem: EndpointProblem) -> Fault {
        self.split(self.text.len(), 0).1.is(problem)
    }
}

pub(super) fn read(endpoint: &str) -> Result<(Transport, Address), Fault> {
    let whole = Part {
        text: endpoint,
        at: 0,
    };
    if let Some(at) = endpoint.find('\0') {
        return Err(Fault {
            problem: EndpointProblem::NulByte,
            part: at..at + 1,
        });
    }
    let (name, address) = whole
        .split_first("://")
        .filter(|(name, _)| !name.text.is_empty())
        .ok_or(Fault {
            problem: EndpointProblem::NoTransport,
            part: 0..0,
        })?;
    let mut transports = Transport::ALL.iter();
    let transport = transports
        .find(|transport| transport.name() == name.text)
        .ok_or(name.is(EndpointProblem::UnknownTransport))?;
    Ok((*transport, transport.read(address)?))
}

pub(super) fn inproc(name: Part<'_>) -> Result<Address, Fault> {
    if name.text.is_empty() {
        return Err(name.is(EndpointProblem::NoName));
    }
    Ok(Address {
        path: Some(name.range()),
        ..Address::default()
    })
}

pub(super) fn ipc(path: Part<'_>) -> Result<Address, Fault> {
    // Whatever follows it, libzmq puts a path of its own in its place.
    let is_wildcard = path.text.starts_with('*');
    match path.text {
        "" | "@" => return Err(path.lacks(EndpointProblem::NoPath)),
        text if text.len() > IPC_PATH_MAX && !is_wildcard => {
            return Err(path.is(EndpointProblem::PathTooLong))
        }
        _ => {}
    }
    Ok(Address {
        path: Some(path.range()),
        wildcard: is_wildcard.then(|| path.range()),
        ..Address::default()
    })
}

pub(super) fn tcp(address: Part<'_>) -> Result<Address, Fault> {
    let Some((source, peer)) = address.split_last(";") else {
        return host_and_port(address);
    };
    host_and_port(source)?;
    Ok(Address {
        source: Some(source.range()),
        ..host_and_port(peer)?
    })
}

pub(super) fn udp(address: Part<'_>) -> Result<Address, Fault> {
    let Some((interface, group)) = address.split_last(";") else {
        return host_and_port(address);
    };
    host(interface)?;
    Ok(Address {
        source: Some(interface.range()),
        ..host_and_port(group)?
    })
}

pub(super) fn ws(address: Part<'_>) -> Result<Address, Fault> {
    let path_at = without_path(address.text).len();
    let (host, path) = address.split(path_at, 0);
    Ok(Address {
        path: (!path.text.is_empty()).then(|| path.range()),
        ..host_and_port(host)?
    })
}

pub(super) fn pgm(address: Part<'_>) -> Result<Address, Fault> {
    let Some((interface, group)) = address.split_last(";") else {
        return Err(address.split(0, 0).0.is(EndpointProblem::NoInterface));
    };
    // An empty one is what the system prefers.
    let read = multicast(group)?;
    Ok(Address {
        source: Some(interface.range()),
        ..read
    })
}

pub(super) fn norm(address: Part<'_>) -> Result<Address, Fault> {
    let address = match address.split_first(",") {
        Some((id, _)) if id.text.parse::<u32>().is_err() => {
            return Err(id.is(EndpointProblem::BadNumber))
        }
        Some((_, address)) => address,
        None => address,
    };
    let Some((interface, group)) = address.split_first(";") else {
        return host_and_port(address);
    };
    Ok(Address {
        source: Some(interface.range()),
        ..host_and_port(group)?
    })
}

/// A host and a port, without wildcards.
fn multicast(group: Part<'_>) -> Result<Address, Fault> {
    let read = host_and_port(group)?;
    match read.wildcard {
        Some(part) => Err(Fault {
            problem: EndpointProblem::Wildcard,
            part,
        }),
        None => Ok(read),
    }
}

pub(super) fn vmci(address: Part<'_>) -> Result<Address, Fault> {
    let Some((id, port)) = address.split_last(":") else {
        return Err(match address.text {
            "" => address.is(EndpointProblem::NoHost),
            _ => address.lacks(EndpointProblem::NoPort),
        });
    };
    if id.text.is_empty() {
        return Err(id.is(EndpointProblem::NoHost));
    }
    if port.text.is_empty() {
        return Err(port.is(EndpointProblem::NoPort));
    }
    let is_wildcard = |part: &Part<'_>| part.text == "*" || part.text == "-1";
    for part in [id, port] {
        // "@" is the machine's own id.
        let known = is_wildcard(&part) || part.text == "@" && part.at == id.at;
        if !known && part.text.parse::<u32>().is_err() {
            return Err(part.is(EndpointProblem::BadNumber));
        }
    }
    Ok(Address {
        host: Some(id.range()),
        wildcard: [id, port]
            .iter()
            .find(|p| is_wildcard(p))
            .map(|p| p.range()),
        ..Address::default()
    })
}

pub(super) fn tipc(address: Part<'_>) -> Result<Address, Fault> {
    if address.text == "<*>" {
        return Ok(Address {
            wildcard: Some(address.range()),
            ..Address::default()
        });
    }
    let bad = || address.is(EndpointProblem::BadService);
    if let Some(text) = address.text.strip_prefix('<') {
        let identity = text.strip_suffix('>').ok_or_else(bad)?;
        let (node, reference) = identity.split_once(':').ok_or_else(bad)?;
        tipc_node(node).and(number(reference)).ok_or_else(bad)?;
        return Ok(Address::default());
    }
    let (service, domain) = match address.split_first("@") {
        Some((service, domain)) => (service, Some(domain)),
        None => (address, None),
    };
    if let Some(domain) = domain {
        tipc_node(domain.text).ok_or(domain.is(EndpointProblem::BadService))?;
    }
    let numbers = service.text.strip_prefix('{').ok_or_else(bad)?;
    let numbers = numbers.strip_suffix('}').ok_or_else(bad)?;
    let numbers: Option<Vec<u32>> = numbers.split(',').map(number).collect();
    let is_reserved = match *numbers.ok_or_else(bad)? {
        [kind, lower, upper] if lower <= upper => kind < TIPC_RESERVED_TYPES,
        // libzmq refuses one more of these.
        [kind, _] => kind <= TIPC_RESERVED_TYPES,
        _ => return Err(bad()),
    };
    match is_reserved {
        true => Err(service.is(EndpointProblem::ReservedService)),
        false => Ok(Address::default()),
    }
}

/// `zone.cluster.node`
fn tipc_node(text: &str) -> Option<()> {
    let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
    (numbers?.len() == 3).then_some(())
}

/// A number as C reads it: white space may come before it.
fn number(text: &str) -> Option<u32> {
    let digits = text.trim_start();
    let only_digits = digits.bytes().all(|c| c.is_ascii_digit());
    only_digits.then(|| digits.parse().ok()).flatten()
}

fn host_and_port(address: Part<'_>) -> Result<Address, Fault> {
    if address.text.is_empty() {
        return Err(address.is(EndpointProblem::NoHost));
    }
    let (host_part, port_part) = if address.text.starts_with('[') {
        // The colons of an IPv6 address are within its brackets.
        let Some((_, rest)) = address.split_first("]") else {
            return Err(address.is(EndpointProblem::OpenBracket));
        };
        let (host, _) = address.split(rest.at - address.at, 0);
        match rest.text.chars().next() {
            Some(':') => (host, rest.split(0, 1).1),
            Some(_) => return Err(address.is(EndpointProblem::BadHost)),
            None => return Err(rest.is(EndpointProblem::NoPort)),
        }
    } else {
        let parts = address.split_last(":");
        parts.ok_or_else(|| address.lacks(EndpointProblem::NoPort))?
    };
    let host = host(host_part)?;
    let port = port(port_part.text).map_err(|problem| port_part.is(problem))?;
    let wildcard = match (host.text, port) {
        ("*", _) => Some(host),
        (_, None) => Some(port_part),
        _ => None,
    };
    Ok(Address {
        host: Some(host.range()),
        port,
        wildcard: wildcard.map(Part::range),
        ..Address::default()
    })
}

/// A host, less its brackets.
fn host(part: Part<'_>) -> Result<Part<'_>, Fault> {
    let inner = match part.text.strip_prefix('[') {
        Some(inner) if inner.ends_with(']') => part.split(1, 0).1.split(inner.len() - 1, 0).0,
        Some(_) => return Err(part.is(EndpointProblem::OpenBracket)),
        None => part,
    };
    if inner.text.is_empty() {
        return Err(inner.is(EndpointProblem::NoHost));
    }
    // Interfaces may have almost any name, a colon inside included.
    let wrong = |c: char| c.is_whitespace() || c.is_control() || "/;[]".contains(c);
    if inner.text.contains(wrong) {
        return Err(inner.is(EndpointProblem::BadHost));
    }
    let address = match inner.text.rsplit_once('%') {
        Some((_, "")) => return Err(inner.is(EndpointProblem::BadHost)),
        Some((address, _)) => address,
        None => inner.text,
    };
    let half = address.starts_with(':') || address.ends_with(':');
    if half && address.parse::<Ipv6Addr>().is_err() {
        return Err(inner.is(EndpointProblem::BadHost));
    }
    Ok(inner)
}

/// A port; none if it is a wildcard, which 0 is as well.
fn port(text: &str) -> Result<Option<u16>, EndpointProblem> {
    match text {
        "" => Err(EndpointProblem::NoPort),
        "*" | "0" => Ok(None),
        _ if !text.bytes().all(|c| c.is_ascii_digit()) => Err(EndpointProblem::BadPort),
        _ => match text.parse() {
            Ok(0) => Err(EndpointProblem::BadPort),
            Ok(port) => Ok(Some(port)),
            Err(_) => Err(EndpointProblem::PortTooLarge),
        },
    }
}

/// The address of a WebSocket endpoint up to its path.
fn without_path(address: &str) -> &str {
    address.split('/').next().unwrap_or(address)
}

/// Whether libzmq would do something with the endpoint that nobody asked for:
/// it takes a port over 65535 or below 0 modulo 65536, and aborts the process over
/// a NORM endpoint that is malformed.
pub(crate) fn is_misread(endpoint: &str) -> bool {
    let Some((transport, rest)) = endpoint.split_once("://") else {
        return false;
    };
    let address = match transport {
        "tcp" | "udp" => rest,
        "ws" | "wss" => without_path(rest),
        "norm" => return endpoint.parse::<super::Endpoint>().is_err(),
        _ => return false,
    };
    let last = address.rsplit(':').next().unwrap_or(address);
    last.starts_with('-') || port(last) == Err(EndpointProblem::PortTooLarge)
}
