//! What is private here, for the targets of `fuzz/`. Nothing else is compiled with it.

#![allow(missing_docs)]

use super::addresses::{self, Addresses, Range};
use super::certificate::{self, Certificate, CertificateError, CertificateProblem};
use super::decision::{Claim, Decision, Peer, Reason};
use super::error::ConfigError;
use super::request::{self, Request};
use super::zpl;
use crate::multipart::Multipart;

/// A line of ZPL that has a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    pub line: usize,
    pub section: Option<String>,
    pub depth: usize,
    pub name: String,
    pub value: String,
    pub key: Result<String, CertificateProblem>,
}

pub fn properties(text: &str) -> Vec<Property> {
    let owned = |property: zpl::Property<'_>| Property {
        line: property.line,
        section: property.section.map(str::to_owned),
        depth: property.depth,
        name: property.name.to_owned(),
        value: property.value().to_owned(),
        key: property.key().map(str::to_owned),
    };
    zpl::properties(text).map(owned).collect()
}

/// What a file of these bytes is: a certificate, or where it is wrong.
pub fn certificate(bytes: &[u8]) -> Result<Certificate, (Option<usize>, CertificateProblem)> {
    certificate::parse(bytes)
}

/// What `save_public` writes.
pub fn public_text(certificate: &Certificate) -> Result<String, CertificateError> {
    certificate.public_text(certificate::PUBLIC_BANNER)
}

/// What `save_secret` writes.
pub fn secret_text(certificate: &Certificate) -> Result<String, CertificateError> {
    certificate.secret_text().map(|text| text.to_string())
}

/// What two lists say of a peer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    Welcome,
    NotAllowed,
    Denied,
}

/// The first list may not be there, which allows everybody.
pub fn standing(
    allowed: Option<&[&str]>,
    denied: &[&str],
    peer: &str,
) -> Result<Standing, ConfigError> {
    let read = |entries: &[&str]| -> Result<Vec<_>, _> {
        entries.iter().map(|entry| Range::read(entry)).collect()
    };
    let mut lists = Addresses::default();
    if let Some(entries) = allowed {
        lists.allow(read(entries)?);
    }
    lists.deny(read(denied)?);
    Ok(match lists.standing(peer) {
        addresses::Standing::Welcome => Standing::Welcome,
        addresses::Standing::NotAllowed => Standing::NotAllowed,
        addresses::Standing::Denied => Standing::Denied,
    })
}

/// A question of libzmq about a peer.
pub struct ZapRequest(Request);

impl ZapRequest {
    pub fn read(frames: Multipart) -> ZapRequest {
        ZapRequest(Request::read(frames))
    }

    pub fn peer(&self) -> &Peer {
        &self.0.peer
    }

    pub fn claim(&self) -> &Claim {
        &self.0.claim
    }

    pub fn password(&self) -> &str {
        &self.0.password
    }

    pub fn problem(&self) -> Option<&Reason> {
        self.0.problem.as_ref()
    }

    /// The answer that libzmq gets, with these properties for the peer's messages.
    pub fn answer(
        &self,
        reason: Reason,
        user_id: Option<String>,
        properties: &[(&str, &str)],
    ) -> [Vec<u8>; 6] {
        let decision = Decision {
            peer: self.0.peer.clone(),
            claim: self.0.claim.clone(),
            user_id,
            reason,
        };
        let metadata = request::metadata(properties.iter().copied());
        self.0.answer(&decision, &metadata)
    }
}
