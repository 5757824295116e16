//! What can be wrong with an endpoint.

use std::fmt;
use std::ops::Range;

use super::Transport;
use crate::error::Error;

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
    pub(super) endpoint: String,
    pub(super) part: Range<usize>,
    pub(super) problem: EndpointProblem,
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

impl std::error::Error for EndpointError {}

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
