//! Who may come in: what an authenticator was told.

use std::collections::{HashMap, HashSet};

use super::addresses::{Addresses, Standing};
use super::decision::{key_text, Claim, Decision, Peer, Reason, Verdict};
use super::function::Function;
use super::passwords::Passwords;
use super::request::{is_name, metadata, Request};
use super::store::CertificateStore;

/// What a user id is where nobody has said who the peer is. There is always one: a
/// peer may send a property of this name itself, which an empty one would let stand.
const ANYBODY: &str = "anonymous";

/// The domain that stands for all that have no policy of their own.
pub(super) const ALL_DOMAINS: &str = "*";

/// Asked about a peer, its claim, and its password if there is one.
pub(super) type Ask = dyn FnMut(&Peer, &Claim, &str) -> Verdict + Send;
/// Told what was decided.
pub(super) type Log = dyn FnMut(&Decision) + Send;

/// How those are told apart who use one mechanism in one domain.
pub(super) enum Rule {
    /// Everybody who has proven to be who they say.
    Any,
    Passwords(Passwords),
    Keys(HashSet<[u8; 32]>),
    Store(CertificateStore),
    Principals(HashSet<String>),
    Ask(Function<Ask>),
}

/// Rules by domain.
#[derive(Default)]
pub(super) struct Rules(HashMap<String, Rule>);

impl Rules {
    /// Replaces the rule of a domain, and returns the old one.
    pub(super) fn set(&mut self, domain: &str, rule: Rule) -> Option<Rule> {
        self.0.insert(domain.into(), rule)
    }

    fn get(&mut self, domain: &str) -> Option<&mut Rule> {
        let domain = match self.0.contains_key(domain) {
            true => domain,
            false => ALL_DOMAINS,
        };
        self.0.get_mut(domain)
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

/// What a policy says of a peer.
pub(super) enum Judgement {
    /// It has decided. The bytes are properties for the peer's messages.
    Decided(Decision, Vec<u8>),
    /// This function decides.
    Ask(Function<Ask>),
}

impl Policy {
    pub(super) fn judge(&mut self, request: &Request) -> Judgement {
        let mut properties = Vec::new();
        let reason = match self.examine(request, &mut properties) {
            Ok(Some(ask)) => return Judgement::Ask(ask),
            Ok(None) => Reason::Allowed,
            Err(reason) => reason,
        };
        Judgement::Decided(decision(request, reason, None), properties)
    }

    /// Why the peer may not come in, or who is to be asked, if anybody is.
    fn examine(
        &mut self,
        request: &Request,
        properties: &mut Vec<u8>,
    ) -> Result<Option<Function<Ask>>, Reason> {
        if let Some(problem) = &request.problem {
            return Err(problem.clone());
        }
        match self.addresses.standing(&request.peer.address) {
            Standing::Welcome => {}
            Standing::NotAllowed => return Err(Reason::AddressNotAllowed),
            Standing::Denied => return Err(Reason::AddressDenied),
        }
        let rules = match request.claim {
            Claim::Null => return Ok(None),
            Claim::Plain { .. } => &mut self.plain,
            Claim::Curve { .. } => &mut self.curve,
            Claim::Gssapi { .. } => &mut self.gssapi,
            Claim::Unknown { .. } => return Err(Reason::UnknownMechanism),
        };
        let rule = rules.get(&request.peer.domain);
        match (&request.claim, rule) {
            (_, Some(Rule::Ask(ask))) => Ok(Some(ask.clone())),
            (Claim::Plain { username }, Some(Rule::Passwords(passwords))) => {
                passwords.check(username, &request.password).map(|()| None)
            }
            // Whom Kerberos gave a ticket for this service, as it is everywhere.
            (Claim::Gssapi { .. }, None | Some(Rule::Any)) => Ok(None),
            (Claim::Gssapi { principal }, Some(Rule::Principals(principals))) => {
                match principals.contains(principal) {
                    true => Ok(None),
                    false => Err(Reason::UnknownPrincipal),
                }
            }
            (Claim::Curve { .. }, Some(Rule::Any)) => Ok(None),
            (Claim::Curve { public_key }, Some(Rule::Keys(keys))) => {
                match keys.contains(public_key) {
                    true => Ok(None),
                    false => Err(Reason::UnknownKey),
                }
            }
            (Claim::Curve { public_key }, Some(Rule::Store(store))) => {
                match store.find(public_key) {
                    Ok(Some(certificate)) => {
                        *properties = metadata(certificate.metadata());
                        Ok(None)
                    }
                    Ok(None) => Err(Reason::UnknownKey),
                    Err(e) => Err(Reason::CertificatesUnreadable(e.to_string())),
                }
            }
            _ => Err(Reason::UnknownDomain),
        }
    }
}

/// The decision that a function's answer, or none because it panicked, stands for.
pub(super) fn by_verdict(request: &Request, verdict: Option<Verdict>) -> Decision {
    let (reason, user_id) = match verdict {
        Some(Verdict::Allow) => (Reason::Allowed, None),
        Some(Verdict::AllowAs(user_id)) if is_name(user_id.as_bytes()) => {
            (Reason::Allowed, Some(user_id))
        }
        Some(Verdict::AllowAs(user_id)) => {
            let reason = format!("user id {user_id:?} has a NUL inside");
            (Reason::Denied(reason), None)
        }
        Some(Verdict::Deny(why)) => (Reason::Denied(why), None),
        Some(Verdict::Retry(why)) => (Reason::NotNow(why), None),
        None => (Reason::FunctionPanicked, None),
    };
    decision(request, reason, user_id)
}

pub(super) fn decision(request: &Request, reason: Reason, user_id: Option<String>) -> Decision {
    let mut decision = Decision {
        peer: request.peer.clone(),
        claim: request.claim.clone(),
        user_id: None,
        reason,
    };
    if decision.is_allowed() {
        let claimed = || match &request.claim {
            Claim::Plain { username: name } | Claim::Gssapi { principal: name } => name.clone(),
            Claim::Curve { public_key } => key_text(public_key),
            Claim::Null | Claim::Unknown { .. } => String::new(),
        };
        let user_id = user_id.unwrap_or_else(claimed);
        decision.user_id = Some(match user_id.is_empty() {
            true => ANYBODY.into(),
            false => user_id,
        });
    }
    decision
}
