//! Who asks to come in, and what is decided.

use std::fmt;

use crate::curve;
use crate::monitor::ZapStatus;

/// Where somebody asks to come in, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// The [domain](crate::Socket::set_zap_domain) of the socket that is connected
    /// to; empty if it has none.
    pub domain: String,
    /// The peer's address in libzmq's words: `192.168.0.7`, `::1`, and over ipc
    /// `localhost:1000:1000:4711`, which are user, group and process where the
    /// system tells. Empty if the peer was gone already.
    pub address: String,
    /// The [routing id](crate::Socket::set_identity) of the socket that is
    /// connected to; empty if it has none.
    pub routing_id: Vec<u8>,
}

/// Who a peer says it is. CURVE and GSSAPI have proven it, PLAIN goes by the
/// password, which is not here.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// Nobody: there is no security but the domain.
    Null,
    /// The user of this name.
    Plain {
        /// The name; what is not UTF-8 is replaced.
        username: String,
    },
    /// Who has the secret key to this public one.
    Curve {
        /// The public key.
        public_key: [u8; 32],
    },
    /// Who has a ticket for this principal.
    Gssapi {
        /// The principal, like `alice@EXAMPLE.ORG`; what is not UTF-8 is replaced.
        principal: String,
    },
    /// The request is not one of libzmq's, or by a mechanism that is not known here.
    Unknown {
        /// What it calls the mechanism; what is not UTF-8 is replaced.
        mechanism: String,
    },
}

impl fmt::Display for Claim {
    /// As in `PLAIN user "alice"`; a public key is in [Z85](crate::z85_encode).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::Null => f.write_str("NULL"),
            Claim::Plain { username } => write!(f, "PLAIN user {username:?}"),
            Claim::Curve { public_key } => write!(f, "CURVE key {}", curve::text(public_key)),
            Claim::Gssapi { principal } => write!(f, "GSSAPI principal {principal:?}"),
            Claim::Unknown { mechanism } => write!(f, "mechanism {mechanism:?}"),
        }
    }
}

/// As it is displayed.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a function that is asked about a peer answers; `true` and `false` will do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The peer may come in.
    Allow,
    /// The peer may come in, and this is the user id on its messages; an empty one
    /// becomes `anonymous`.
    AllowAs(String),
    /// The peer may not come in, for a reason that only the log tells.
    Deny(String),
    /// Not now, for a reason that only the log tells. The peer is not told anything:
    /// it waits for as long as a handshake may take
    /// ([`ZMQ_HANDSHAKE_IVL`](crate::Socket::set_handshake_ivl), 30 seconds by
    /// default), and then tries again. (One that was denied does not, if it is
    /// libzmq.)
    Retry(String),
}

impl From<bool> for Verdict {
    fn from(allowed: bool) -> Verdict {
        match allowed {
            true => Verdict::Allow,
            false => Verdict::Deny("the function said no".into()),
        }
    }
}

/// The table of reasons. A row is: name, the status of ZAP, what it means.
macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident $(($detail:ident))? $status:ident $text:literal;)*) => {
        /// Why a peer was let in, or was not.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Reason {
            $(
                #[doc = $text]
                $(#[$doc])*
                $reason $(($detail))?,
            )*
        }

        impl Reason {
            /// What libzmq, and by it the peer, is told.
            fn status(&self) -> Option<ZapStatus> {
                match self {
                    $(reasons!(@pattern $reason $($detail)?) => reasons!(@status $status),)*
                }
            }

            fn text(&self) -> &'static str {
                match self {
                    $(reasons!(@pattern $reason $($detail)?) => $text,)*
                }
            }
        }
    };
    (@pattern $reason:ident) => { Reason::$reason };
    (@pattern $reason:ident $detail:ident) => { Reason::$reason(_) };
    (@status Ok) => { None };
    (@status $status:ident) => { Some(ZapStatus::$status) };
}

reasons! {
    Allowed Ok "allowed";
    AddressNotAllowed AuthenticationFailure "address not allowed";
    AddressDenied AuthenticationFailure "address denied";
    UnknownDomain AuthenticationFailure "no policy for this domain";
    InvalidUsername AuthenticationFailure "invalid username";
    InvalidPassword AuthenticationFailure "invalid password";
    UnknownKey AuthenticationFailure "unknown key";
    UnknownPrincipal AuthenticationFailure "unknown principal";
    UnknownMechanism AuthenticationFailure "unknown mechanism";
    InvalidCredentials AuthenticationFailure "invalid credentials";
    InvalidRequest AuthenticationFailure "not a ZAP request";
    /// In the words of the function that was asked.
    Denied(String) AuthenticationFailure "denied";
    /// In the words of the function that was asked.
    NotNow(String) TemporaryError "not now";
    /// In the words of the [`CertificateError`](super::CertificateError).
    CertificatesUnreadable(String) InternalError "certificates cannot be read";
    FunctionPanicked InternalError "the function that was asked panicked";
    LogPanicked InternalError "the function that logs decisions panicked";
    Stopped TemporaryError "there is no authenticator any more";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())?;
        match self {
            Reason::Denied(detail)
            | Reason::NotNow(detail)
            | Reason::CertificatesUnreadable(detail) => write!(f, ": {}", detail.escape_debug()),
            _ => Ok(()),
        }
    }
}

/// What was decided about a peer, as
/// [`on_decision`](super::Authenticator::on_decision) tells. No secret is in it.
///
/// As text it is one line, whatever the peer calls itself:
///
/// ```text
/// denied 192.168.0.7 in "global", CURVE key rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7: unknown key
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// Where it asked to come in, and from where.
    pub peer: Peer,
    /// Who it said it is.
    pub claim: Claim,
    /// The user id on its messages, which
    /// [`Message::gets("User-Id")`](crate::Message::gets) tells; none if it was not
    /// let in.
    pub user_id: Option<String>,
    /// Why.
    pub reason: Reason,
}

impl Decision {
    /// Whether it was let in.
    pub fn is_allowed(&self) -> bool {
        self.status().is_none()
    }

    /// What libzmq was told; none if it was let in. The server's monitor has it in
    /// [`HandshakeFailedAuth`](crate::MonitorEventKind::HandshakeFailedAuth), and so
    /// has the peer's, but for a temporary error, of which a peer is not told.
    pub fn status(&self) -> Option<ZapStatus> {
        self.reason.status()
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_allowed() {
            "allowed"
        } else {
            "denied"
        };
        let address = self.peer.address.escape_debug();
        write!(
            f,
            "{word} {address} in {:?}, {}",
            self.peer.domain, self.claim
        )?;
        match &self.user_id {
            Some(user_id) => write!(f, ", as {user_id:?}"),
            None => write!(f, ": {}", self.reason),
        }
    }
}
