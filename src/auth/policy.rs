//! Who may come in: what an authenticator was told.

use std::collections::{HashMap, HashSet};

use super::addresses::{Addresses, Standing};
use super::decision::{Claim, Decision, Peer, Reason, Verdict};
use super::function::Function;
use super::passwords::Passwords;
use super::request::{is_name, metadata, Request};
use super::store::CertificateStore;
use crate::curve;

/// What a user id is where nobody has said who the peer is. There is always one: a
/// peer may send a property of this name itself, which an empty one would let stand.
const ANYBODY: &str = "anonymous";

/// The domain that stands for all that have no policy of their own.
pub(super) const ALL_DOMAINS: &str = "*";

/// What those get who are let in.
#[derive(Default)]
pub(super) struct Pass {
    /// None: what they claim to be.
    user_id: Option<String>,
    /// Further properties of their messages, as ZAP writes them.
    pub(super) properties: Vec<u8>,
}

/// Asked about a peer, its claim, and its password if there is one; says why it may
/// not come in, if it may not.
pub(super) type Ask = dyn FnMut(&Peer, &Claim, &str) -> Result<Pass, Reason> + Send;
/// Told what was decided.
pub(super) type Log = dyn FnMut(&Decision) + Send;

/// How those are told apart who use one mechanism in one domain.
pub(super) enum Rule {
    /// Everybody who has proven to be who they say.
    Any,
    Passwords(Passwords),
    Keys(HashSet<[u8; 32]>),
    Principals(HashSet<String>),
    Ask(Function<Ask>),
}

impl Rule {
    pub(super) fn ask(
        ask: impl FnMut(&Peer, &Claim, &str) -> Result<Pass, Reason> + Send + 'static,
    ) -> Rule {
        Rule::Ask(Function::new(Box::new(ask)))
    }

    /// Who has a certificate. A function, for files may take their time.
    pub(super) fn store(mut store: CertificateStore) -> Rule {
        Rule::ask(move |_, claim, _| {
            let Claim::Curve { public_key } = claim else {
                return Err(Reason::UnknownKey);
            };
            match store.find(public_key) {
                Ok(Some(certificate)) => Ok(Pass {
                    user_id: None,
                    properties: metadata(certificate.metadata()),
                }),
                Ok(None) => Err(Reason::UnknownKey),
                Err(e) => Err(Reason::CertificatesUnreadable(e.to_string())),
            }
        })
    }
}

/// What a function of the user's has said.
pub(super) fn by_verdict(verdict: Verdict) -> Result<Pass, Reason> {
    match verdict {
        Verdict::Allow => Ok(Pass::default()),
        Verdict::AllowAs(user_id) if is_name(user_id.as_bytes()) => Ok(Pass {
            user_id: Some(user_id),
            properties: Vec::new(),
        }),
        Verdict::AllowAs(user_id) => {
            let why = format!("user id {user_id:?} has a NUL inside");
            Err(Reason::Denied(why))
        }
        Verdict::Deny(why) => Err(Reason::Denied(why)),
        Verdict::Retry(why) => Err(Reason::NotNow(why)),
    }
}

/// Rules by domain.
#[derive(Default)]
pub(super) struct Rules(HashMap<String, Rule>);

impl Rules {
    /// Replaces the rule of a domain, and returns the old one.
    pub(super) fn set(&mut self, domain: &str, rule: Rule) -> Option<Rule> {
        self.0.insert(domain.into(), rule)
    }

    fn get(&self, domain: &str) -> Option<&Rule> {
        self.0.get(domain).or_else(|| self.0.get(ALL_DOMAINS))
    }
}

/// All that an authenticator was told.
#[derive(Default)]
pub(super) struct Policy {
    pub(super) addresses: Addresses,
    pub(super) plain: Rules,
    pub(super) curve: Rules,
    pub(super) gssapi: Rules,
    pub(super) log: Option<Function<Log>>,
}

impl Policy {
    /// Why the peer may not come in, unless it may, or it is for a function to say.
    pub(super) fn judge(&self, request: &Request) -> Result<Judgement, Reason> {
        if let Some(problem) = &request.problem {
            return Err(problem.clone());
        }
        match self.addresses.standing(&request.peer.address) {
            Standing::Welcome => {}
            Standing::NotAllowed => return Err(Reason::AddressNotAllowed),
            Standing::Denied => return Err(Reason::AddressDenied),
        }
        let rules = match request.claim {
            Claim::Null => return Ok(Judgement::Welcome),
            Claim::Plain { .. } => &self.plain,
            Claim::Curve { .. } => &self.curve,
            Claim::Gssapi { .. } => &self.gssapi,
            Claim::Unknown { .. } => return Err(Reason::UnknownMechanism),
        };
        match (&request.claim, rules.get(&request.peer.domain)) {
            (_, Some(Rule::Ask(ask))) => return Ok(Judgement::Ask(ask.clone())),
            (Claim::Plain { username }, Some(Rule::Passwords(passwords))) => {
                passwords.check(username, &request.password)?;
            }
            (Claim::Curve { .. }, Some(Rule::Any)) => {}
            (Claim::Curve { public_key }, Some(Rule::Keys(keys))) => {
                keys.get(public_key).ok_or(Reason::UnknownKey)?;
            }
            // Whom Kerberos gave a ticket for this service, as it is everywhere.
            (Claim::Gssapi { .. }, None) => {}
            (Claim::Gssapi { principal }, Some(Rule::Principals(principals))) => {
                principals.get(principal).ok_or(Reason::UnknownPrincipal)?;
            }
            _ => return Err(Reason::UnknownDomain),
        }
        Ok(Judgement::Welcome)
    }
}

/// What a policy says of a peer that it does not keep out.
pub(super) enum Judgement {
    Welcome,
    /// This function decides.
    Ask(Function<Ask>),
}

/// What is decided about a peer that gets a pass, or does not.
pub(super) fn decision(request: &Request, judged: &Result<Pass, Reason>) -> Decision {
    let (user_id, reason) = match judged {
        Ok(pass) => {
            let claimed = || match &request.claim {
                Claim::Plain { username: name } | Claim::Gssapi { principal: name } => name.clone(),
                Claim::Curve { public_key } => curve::text(public_key),
                Claim::Null | Claim::Unknown { .. } => String::new(),
            };
            let user_id = pass.user_id.clone().unwrap_or_else(claimed);
            let user_id = match user_id.is_empty() {
                true => ANYBODY.into(),
                false => user_id,
            };
            (Some(user_id), Reason::Allowed)
        }
        Err(reason) => (None, reason.clone()),
    };
    Decision {
        peer: request.peer.clone(),
        claim: request.claim.clone(),
        user_id,
        reason,
    }
}
