//! Endpoints: what is wrong with one, and where, before libzmq says `EINVAL`.

mod error;
mod read;

use std::fmt;
use std::net::SocketAddr;
use std::ops::{Deref, Range};
use std::path::Path;
use std::str::FromStr;

use crate::library::has;
use read::{Address, Fault, Part};

pub use error::{EndpointError, EndpointProblem};
pub(crate) use read::is_misread;

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
                    $(Transport::$variant => read::$read(address),)*
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
    /// WebSocket: `ws://host:port/path`, where the path may be missing. Of a path
    /// with several `/`, libzmq asks for what begins with the last.
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
/// | `ws://host/path:80/x` | port 80 |
/// | `tcp://:5555`, `tcp://[::1:5555`, `tcp://::1`, `tcp://eth0;host:5555` | connects, and finds out in the background, again and again, that there is no such host |
/// | `tipc://{100,1`, `tipc://{100,1}x`, `tipc://<*>x` | it reads no further than it must |
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
        match read::read(&text) {
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
