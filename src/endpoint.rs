//! Endpoints: what is wrong with one, and where, before libzmq says `EINVAL`.

use std::error;
use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::ops::{Deref, Range};
use std::path::Path;
use std::str::FromStr;

use crate::error::Error;
use crate::library::has;

/// The bytes that the path of an ipc endpoint may have: the system's room for
/// one, less a NUL.
#[cfg(unix)]
const IPC_PATH_MAX: usize =
    size_of::<libc::sockaddr_un>() - std::mem::offset_of!(libc::sockaddr_un, sun_path) - 1;
#[cfg(not(unix))]
const IPC_PATH_MAX: usize = 107;

/// TIPC keeps the service types below this one for itself.
const TIPC_RESERVED_TYPES: u32 = 64;

/// The table of transports. A row is: variant, name, the capability that
/// libzmq has if it was built in (none: it always is), how its addresses are
/// read.
macro_rules! transports {
    ($($(#[$doc:meta])* $variant:ident $name:literal $capability:expr, $read:ident;)*) => {
        /// How messages travel: what is before the `://` of an [`Endpoint`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Transport {
            $($(#[$doc])* $variant,)*
        }

        impl Transport {
            const ALL: &'static [Transport] = &[$(Transport::$variant),*];

            /// The name that endpoints begin with.
            ///
            /// ```
            /// assert_eq!(zmq::Transport::Tcp.name(), "tcp");
            /// ```
            pub fn name(self) -> &'static str {
                match self {
                    $(Transport::$variant => $name,)*
                }
            }

            /// Whether the linked libzmq was built with it.
            ///
            /// ```
            /// assert!(zmq::Transport::Tcp.is_built_in());
            /// ```
            pub fn is_built_in(self) -> bool {
                let capability: Option<&str> = match self {
                    $(Transport::$variant => $capability,)*
                };
                capability.is_none_or(|name| has(name) == Some(true))
            }

            fn read(self, address: Part<'_>) -> Result<Address, Fault> {
                match self {
                    $(Transport::$variant => $read(address),)*
                }
            }
        }
    };
}

transports! {
    /// Between the threads of a context: `inproc://name`.
    ///
    /// See [zmq_inproc](https://libzmq.readthedocs.io/en/latest/zmq_inproc.html).
    Inproc "inproc" None, inproc;
    /// Between processes: `ipc:///path`, `ipc://@name` in Linux' abstract
    /// namespace, `ipc://*` to bind to a file of libzmq's choice.
    ///
    /// See [zmq_ipc](https://libzmq.readthedocs.io/en/latest/zmq_ipc.html).
    Ipc "ipc" Some("ipc"), ipc;
    /// TCP: `tcp://host:port`. To bind, the host is an address, an interface
    /// or `*`, and the port may be `*`; to connect, it may follow an address to
    /// connect from: `tcp://host:port;host:port`.
    ///
    /// See [zmq_tcp](https://libzmq.readthedocs.io/en/latest/zmq_tcp.html).
    Tcp "tcp" None, tcp;
    /// UDP: `udp://host:port`, `udp://interface;group:port`.
    ///
    /// See [zmq_udp](https://libzmq.readthedocs.io/en/latest/zmq_udp.html).
    Udp "udp" None, udp;
    /// WebSocket: `ws://host:port/path`, where the path may be missing.
    ///
    /// See [zmq_ws](https://libzmq.readthedocs.io/en/latest/zmq_ws.html).
    Ws "ws" Some("WS"), ws;
    /// WebSocket over TLS: `wss://host:port/path`.
    ///
    /// See [zmq_ws](https://libzmq.readthedocs.io/en/latest/zmq_ws.html).
    Wss "wss" Some("WSS"), ws;
    /// TIPC, within a cluster: `tipc://{type,lower,upper}` to bind,
    /// `tipc://{type,instance}` to connect, with `@zone.cluster.node` if wanted,
    /// or a port by its identity, `tipc://<zone.cluster.node:reference>`, and
    /// `tipc://<*>` for any to bind to.
    ///
    /// See [zmq_tipc](https://libzmq.readthedocs.io/en/latest/zmq_tipc.html).
    Tipc "tipc" Some("tipc"), tipc;
    /// Reliable multicast over IP: `pgm://interface;group:port`.
    ///
    /// See [zmq_pgm](https://libzmq.readthedocs.io/en/latest/zmq_pgm.html).
    Pgm "pgm" Some("pgm"), pgm;
    /// Reliable multicast over UDP: `epgm://interface;group:port`.
    ///
    /// See [zmq_pgm](https://libzmq.readthedocs.io/en/latest/zmq_pgm.html).
    Epgm "epgm" Some("pgm"), pgm;
    /// Reliable multicast, by NORM: `norm://id,interface;group:port`, where the
    /// id, the interface or both may be missing.
    Norm "norm" Some("norm"), norm;
    /// Between virtual machines of VMware: `vmci://id:port`, each a number of
    /// 32 bits or `*`.
    ///
    /// See [zmq_vmci](https://libzmq.readthedocs.io/en/latest/zmq_vmci.html).
    Vmci "vmci" Some("vmci"), vmci;
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The table of what can be wrong. A row is: variant, text, libzmq's error.
macro_rules! problems {
    ($($variant:ident $text:literal $error:ident;)*) => {
        /// What is wrong with an endpoint.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum EndpointProblem {
            $(
                #[doc = concat!($text, ".")]
                $variant,
            )*
        }

        impl EndpointProblem {
            fn text(self) -> &'static str {
                match self {
                    $(EndpointProblem::$variant => $text,)*
                }
            }
        }

        /// The error that libzmq has for it.
        impl From<EndpointError> for Error {
            fn from(error: EndpointError) -> Error {
                match error.problem {
                    $(EndpointProblem::$variant => Error::$error,)*
                }
            }
        }
    };
}

problems! {
    NoTransport "there is no transport with `://` after it, as in `tcp://localhost:5555`" EINVAL;
    UnknownTransport "there is no such transport" EPROTONOSUPPORT;
    NotBuiltIn "libzmq was built without this transport" EPROTONOSUPPORT;
    NulByte "there is a NUL inside" EINVAL;
    NotUtf8 "the path is not UTF-8" EINVAL;
    NoName "the name is missing" EINVAL;
    NoPath "the path is missing" EINVAL;
    PathTooLong "the path is longer than those of sockets may be" ENAMETOOLONG;
    NoHost "the host is missing" EINVAL;
    BadHost "this cannot be a host; IPv6 addresses are written in brackets" EINVAL;
    OpenBracket "the bracket is not closed" EINVAL;
    NoPort "the port is missing" EINVAL;
    BadPort "the port is not a number" EINVAL;
    PortTooLarge "the port is over 65535" EINVAL;
    NoInterface "the interface is missing, and a `;` after it" EINVAL;
    BadService "this is not a TIPC address: `{type,lower,upper}`, `{type,instance}`, \
        `<zone.cluster.node:reference>` or `<*>`" EINVAL;
    ReservedService "TIPC keeps this service type for itself" EINVAL;
    BadNumber "this is not a number of 32 bits" EINVAL;
    Wildcard "there is a wildcard where none can be" EINVAL;
    Source "an address to connect from makes no sense where one binds" EINVAL;
    PortIdentity "a TIPC port identity can be connected to, not bound to" EINVAL;
}

/// What is wrong with an endpoint, and where.
///
/// As text it says both:
///
/// ```
/// use zmq::{Endpoint, EndpointProblem};
///
/// let error = "tcp://localhost:99999".parse::<Endpoint>().unwrap_err();
/// assert_eq!(error.problem(), EndpointProblem::PortTooLarge);
/// assert_eq!((error.part(), error.position()), ("99999", 16));
/// assert_eq!(
///     error.to_string(),
///     r#"endpoint "tcp://localhost:99999": the port is over 65535: "99999" at byte 16"#
/// );
///
/// let error = "tpc://localhost:5555".parse::<Endpoint>().unwrap_err();
/// assert_eq!(error.suggestion(), Some(zmq::Transport::Tcp));
/// ```
///
/// By `?` it becomes the [`Error`] that libzmq has for it, mostly `EINVAL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    endpoint: String,
    part: Range<usize>,
    problem: EndpointProblem,
}

impl EndpointError {
    /// What is wrong.
    pub fn problem(&self) -> EndpointProblem {
        self.problem
    }

    /// The part that is wrong; empty if something is missing.
    pub fn part(&self) -> &str {
        &self.endpoint[self.part.clone()]
    }

    /// Where the part begins, or is missing: bytes from the endpoint's start.
    pub fn position(&self) -> usize {
        self.part.start
    }

    /// The endpoint.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// For an unknown transport, the one that may have been meant.
    pub fn suggestion(&self) -> Option<Transport> {
        if self.problem != EndpointProblem::UnknownTransport {
            return None;
        }
        let name = self.part().to_ascii_lowercase();
        let near = Transport::ALL.iter().filter_map(|&transport| {
            let distance = distance(&name, transport.name());
            let allowed = (transport.name().len() / 3).max(1);
            // The first letter is rarely the wrong one.
            let begins_alike = name.get(..1) == transport.name().get(..1);
            (distance <= allowed).then_some(((distance, !begins_alike), transport))
        });
        near.min_by_key(|&(order, _)| order).map(|(_, t)| t)
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "endpoint {:?}: {}", self.endpoint, self.problem.text())?;
        match self.part() {
            "" => write!(f, ", at byte {}", self.position())?,
            part => write!(f, ": {part:?} at byte {}", self.position())?,
        }
        match self.suggestion() {
            Some(transport) => write!(f, "; is it {:?}?", transport.name()),
            None => Ok(()),
        }
    }
}

impl error::Error for EndpointError {}

/// How many characters must be added, left out, replaced or swapped with the
/// next to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    // No name is near one that is twice as long; the table stays small.
    if one.len() > 2 * other.len() {
        return usize::MAX;
    }
    let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=other.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                let best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                let swapped =
                    i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                match swapped {
                    true => best.min(table[i - 2][j - 2] + 1),
                    false => best,
                }
            };
        }
    }
    table[one.len()][other.len()]
}

/// The address of a peer or of oneself, like `tcp://localhost:5555`, that is
/// known to be well formed.
///
/// Sockets take endpoints as text, and libzmq says `EINVAL` if there is something
/// wrong. An `Endpoint` says what is wrong, and where, by an [`EndpointError`]. It
/// is text itself (`Deref<Target = str>`), so that sockets take it. Names are not
/// looked up, and nothing is changed: it is shown as it was written.
///
/// ```
/// use zmq::{Endpoint, Transport};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let endpoint: Endpoint = "tcp://127.0.0.1:*".parse()?;
/// endpoint.check_bind()?;
/// assert!(endpoint.check_connect().is_err(), "the port is a wildcard");
///
/// let server = zmq::Context::new().socket(zmq::Rep)?;
/// server.bind(&endpoint)?;
/// let bound = Endpoint::try_from(server.get_last_endpoint()?.unwrap())?;
/// assert_eq!(bound.transport(), Transport::Tcp);
/// assert_eq!(bound.host(), Some("127.0.0.1"));
/// assert!(bound.port().is_some());
/// # Ok(())
/// # }
/// ```
///
/// # What libzmq takes and this does not
///
/// All else that libzmq binds or connects is an `Endpoint`.
///
/// | endpoint | what libzmq makes of it |
/// |---|---|
/// | `tcp://host:65537` | port 1 |
/// | `tcp://host:5555x`, `tcp://host:+5555`, `tcp://host:5555/path` | port 5555: it takes the digits that it finds |
/// | `tcp://host:-1` | port 65535 |
/// | `ws://host/path:80/x` | port 80 |
/// | `tcp://:5555`, `tcp://[::1:5555`, `tcp://::1`, `tcp://eth0;host:5555` | connects, and finds out in the background, again and again, that there is no such host |
/// | `tipc://{100,1`, `tipc://{100,1}x` | it reads no further than the last number |
/// | `tipc://{100,4294967296}` | 0: numbers have 32 bits |
/// | `pgm://239.192.1.1:5555` | the interface that the system prefers, which is written `pgm://;239.192.1.1:5555` |
/// | `norm://` with something wrong | ends the process when it connects |
///
/// The manual describes endpoints transport by transport; see [`Transport`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    text: String,
    transport: Transport,
    address: Address,
}

/// Where the parts of an address are within its endpoint.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Address {
    source: Option<Range<usize>>,
    host: Option<Range<usize>>,
    port: Option<u16>,
    path: Option<Range<usize>>,
    /// What libzmq shall choose.
    wildcard: Option<Range<usize>>,
}

impl Endpoint {
    /// TCP at `host`, which is a name, an address, an interface or `*`. Port 0
    /// stands for any that is free, `*`.
    ///
    /// ```
    /// use zmq::Endpoint;
    ///
    /// assert_eq!(Endpoint::tcp("localhost", 5555)?.as_str(), "tcp://localhost:5555");
    /// assert_eq!(Endpoint::tcp("::1", 5555)?.as_str(), "tcp://[::1]:5555");
    /// assert_eq!(Endpoint::tcp("*", 0)?.as_str(), "tcp://*:*");
    /// # Ok::<(), zmq::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `NoHost`, `BadHost` and `OpenBracket` for what is no host.
    pub fn tcp(host: &str, port: u16) -> Result<Endpoint, EndpointError> {
        let port = match port {
            0 => "*".to_owned(),
            port => port.to_string(),
        };
        let text = match host.contains(':') && !host.starts_with('[') {
            true => format!("tcp://[{host}]:{port}"),
            false => format!("tcp://{host}:{port}"),
        };
        let endpoint = Endpoint::try_from(text)?;
        // None may hide in the host.
        match endpoint.address.source.clone() {
            Some(source) => Err(endpoint.error(EndpointProblem::BadHost, source)),
            None => Ok(endpoint),
        }
    }

    /// A name for the threads of a context.
    ///
    /// ```
    /// assert_eq!(zmq::Endpoint::inproc("jobs")?.as_str(), "inproc://jobs");
    /// # Ok::<(), zmq::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `NoName` if it is empty, `NulByte`.
    pub fn inproc(name: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::try_from(format!("inproc://{name}"))
    }

    /// A file for the processes of a machine. `@name` is a name in Linux' abstract
    /// namespace, `*` lets libzmq choose a file.
    ///
    /// ```
    /// assert_eq!(zmq::Endpoint::ipc("/run/feed")?.as_str(), "ipc:///run/feed");
    /// # Ok::<(), zmq::EndpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `NoPath` if it is empty, `PathTooLong`, `NotUtf8`, `NulByte`.
    pub fn ipc(path: impl AsRef<Path>) -> Result<Endpoint, EndpointError> {
        let path = path.as_ref();
        if let Some(path) = path.to_str() {
            return Endpoint::try_from(format!("ipc://{path}"));
        }
        let endpoint = format!("ipc://{}", path.display());
        Err(EndpointError {
            part: "ipc://".len()..endpoint.len(),
            endpoint,
            problem: EndpointProblem::NotUtf8,
        })
    }

    /// The endpoint as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How messages travel.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// What is after the `://`.
    ///
    /// ```
    /// let endpoint: zmq::Endpoint = "tipc://{5560,0,0}".parse()?;
    /// assert_eq!(endpoint.address(), "{5560,0,0}");
    /// # Ok::<(), zmq::EndpointError>(())
    /// ```
    pub fn address(&self) -> &str {
        &self.text[self.transport.name().len() + "://".len()..]
    }

    /// The host, without the brackets that an IPv6 address has. It may be a name,
    /// an address, an interface or `*`; of multicast, it is the group.
    ///
    /// ```
    /// let endpoint: zmq::Endpoint = "tcp://[::1]:5555".parse()?;
    /// assert_eq!(endpoint.host(), Some("::1"));
    /// # Ok::<(), zmq::EndpointError>(())
    /// ```
    pub fn host(&self) -> Option<&str> {
        self.part(&self.address.host)
    }

    /// The port; none if it is a wildcard, `*` or 0, or the transport has none
    /// of 16 bits.
    pub fn port(&self) -> Option<u16> {
        self.address.port
    }

    /// What is before a `;`: the address to connect from of TCP, the interface
    /// of multicast.
    ///
    /// ```
    /// let endpoint: zmq::Endpoint = "tcp://eth1:0;server:5555".parse()?;
    /// assert_eq!((endpoint.source(), endpoint.host()), (Some("eth1:0"), Some("server")));
    /// # Ok::<(), zmq::EndpointError>(())
    /// ```
    pub fn source(&self) -> Option<&str> {
        self.part(&self.address.source)
    }

    /// The path: of ipc the file or, with an `@`, the abstract name, of WebSocket
    /// what begins with the `/`, of inproc the name.
    ///
    /// ```
    /// let endpoint: zmq::Endpoint = "ws://server:80/feed".parse()?;
    /// assert_eq!(endpoint.path(), Some("/feed"));
    /// # Ok::<(), zmq::EndpointError>(())
    /// ```
    pub fn path(&self) -> Option<&str> {
        self.part(&self.address.path)
    }

    /// Whether libzmq shall choose the host, the port or the file.
    /// [`get_last_endpoint`](crate::Socket::get_last_endpoint) tells what it chose.
    pub fn has_wildcard(&self) -> bool {
        self.address.wildcard.is_some()
    }

    /// Whether it makes sense to [`bind`](crate::Socket::bind) to it, with the
    /// linked libzmq.
    ///
    /// # Errors
    ///
    /// `NotBuiltIn`; `Source`, where libzmq would ignore that it is there;
    /// `PortIdentity`.
    pub fn check_bind(&self) -> Result<(), EndpointError> {
        self.check_built_in()?;
        match &self.address.source {
            Some(source) if self.transport == Transport::Tcp => {
                Err(self.error(EndpointProblem::Source, source.clone()))
            }
            _ if self.transport == Transport::Tipc
                && self.address().starts_with('<')
                && !self.has_wildcard() =>
            {
                Err(self.error(EndpointProblem::PortIdentity, self.address_range()))
            }
            _ => Ok(()),
        }
    }

    /// Whether it makes sense to [`connect`](crate::Socket::connect) to it, with
    /// the linked libzmq.
    ///
    /// # Errors
    ///
    /// `NotBuiltIn`; `Wildcard`, also for port 0; `BadHost` for a host with
    /// characters that only interfaces have in their names.
    pub fn check_connect(&self) -> Result<(), EndpointError> {
        self.check_built_in()?;
        if let Some(wildcard) = &self.address.wildcard {
            return Err(self.error(EndpointProblem::Wildcard, wildcard.clone()));
        }
        if self.transport == Transport::Tcp {
            // What libzmq looks for before it connects.
            let begins = |c: char| c.is_ascii_alphanumeric() || c == '[' || c == ':';
            let goes_on = |c: char| begins(c) || "]-.%;_*".contains(c);
            let wrong = |(at, c): &(usize, char)| !if *at == 0 { begins(*c) } else { goes_on(*c) };
            if let Some((at, c)) = self.address().char_indices().find(wrong) {
                let start = self.address_range().start + at;
                return Err(self.error(EndpointProblem::BadHost, start..start + c.len_utf8()));
            }
        }
        Ok(())
    }

    fn check_built_in(&self) -> Result<(), EndpointError> {
        match self.transport.is_built_in() {
            true => Ok(()),
            false => Err(self.error(EndpointProblem::NotBuiltIn, 0..self.transport.name().len())),
        }
    }

    fn address_range(&self) -> Range<usize> {
        self.text.len() - self.address().len()..self.text.len()
    }

    fn part(&self, range: &Option<Range<usize>>) -> Option<&str> {
        range.clone().map(|range| &self.text[range])
    }

    fn error(&self, problem: EndpointProblem, part: Range<usize>) -> EndpointError {
        EndpointError {
            endpoint: self.text.clone(),
            part,
            problem,
        }
    }
}

impl TryFrom<String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Endpoint, EndpointError> {
        match read(&text) {
            Ok((transport, address)) => Ok(Endpoint {
                text,
                transport,
                address,
            }),
            Err(Fault { problem, part }) => Err(EndpointError {
                endpoint: text,
                part,
                problem,
            }),
        }
    }
}

impl TryFrom<&str> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::try_from(text.to_owned())
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::try_from(text)
    }
}

/// TCP at this address. For one of IPv6, the socket needs
/// [`set_ipv6`](crate::Socket::set_ipv6).
///
/// ```
/// let address: std::net::SocketAddr = "[::1]:5555".parse().unwrap();
/// assert_eq!(zmq::Endpoint::from(address).as_str(), "tcp://[::1]:5555");
/// ```
impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Endpoint {
        Endpoint::try_from(format!("tcp://{address}"))
            .expect("a socket's address is written as TCP endpoints are")
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> String {
        endpoint.text
    }
}

impl Deref for Endpoint {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Endpoint {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.text).finish()
    }
}

// ---- reading ---------------------------------------------------------------

/// What is wrong, and where.
struct Fault {
    problem: EndpointProblem,
    part: Range<usize>,
}

/// A part of an endpoint, and where it begins.
#[derive(Clone, Copy)]
struct Part<'a> {
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

fn read(endpoint: &str) -> Result<(Transport, Address), Fault> {
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

fn inproc(name: Part<'_>) -> Result<Address, Fault> {
    if name.text.is_empty() {
        return Err(name.is(EndpointProblem::NoName));
    }
    Ok(Address {
        path: Some(name.range()),
        ..Address::default()
    })
}

fn ipc(path: Part<'_>) -> Result<Address, Fault> {
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

fn tcp(address: Part<'_>) -> Result<Address, Fault> {
    let Some((source, peer)) = address.split_last(";") else {
        return host_and_port(address);
    };
    host_and_port(source)?;
    Ok(Address {
        source: Some(source.range()),
        ..host_and_port(peer)?
    })
}

fn udp(address: Part<'_>) -> Result<Address, Fault> {
    let Some((interface, group)) = address.split_last(";") else {
        return host_and_port(address);
    };
    host(interface)?;
    Ok(Address {
        source: Some(interface.range()),
        ..host_and_port(group)?
    })
}

fn ws(address: Part<'_>) -> Result<Address, Fault> {
    let path_at = without_path(address.text).len();
    let (host, path) = address.split(path_at, 0);
    Ok(Address {
        path: (!path.text.is_empty()).then(|| path.range()),
        ..host_and_port(host)?
    })
}

fn pgm(address: Part<'_>) -> Result<Address, Fault> {
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

fn norm(address: Part<'_>) -> Result<Address, Fault> {
    let address = match address.split_first(",") {
        Some((id, _)) if id.text.parse::<u32>().is_err() => {
            return Err(id.is(EndpointProblem::BadNumber))
        }
        Some((_, address)) => address,
        None => address,
    };
    let Some((interface, group)) = address.split_first(";") else {
        return multicast(address);
    };
    Ok(Address {
        source: Some(interface.range()),
        ..multicast(group)?
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

fn vmci(address: Part<'_>) -> Result<Address, Fault> {
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

fn tipc(address: Part<'_>) -> Result<Address, Fault> {
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

/// Whether the endpoint has a port over 65535. libzmq would take the rest of its
/// division by 65536, and use a port that nobody asked for.
pub(crate) fn has_impossible_port(endpoint: &str) -> bool {
    let Some((transport, rest)) = endpoint.split_once("://") else {
        return false;
    };
    let address = match transport {
        "tcp" | "udp" => rest,
        "ws" | "wss" => without_path(rest),
        _ => return false,
    };
    let last = address.rsplit(':').next().unwrap_or(address);
    port(last) == Err(EndpointProblem::PortTooLarge)
}
