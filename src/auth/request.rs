//! What libzmq and its authenticator say to each other,
//! [ZAP](https://rfc.zeromq.org/spec/27/) 1.0.

use zeroize::{Zeroize, Zeroizing};

use super::decision::{Claim, Decision, Peer, Reason};
use crate::multipart::Multipart;

const VERSION: &[u8] = b"1.0";

/// A question of libzmq.
pub(super) struct Request {
    /// What the answer has to repeat.
    id: Vec<u8>,
    pub(super) peer: Peer,
    pub(super) claim: Claim,
    /// What goes with the claim to prove it; empty but for PLAIN.
    pub(super) password: Zeroizing<String>,
    /// What is wrong with it, if anything is.
    pub(super) problem: Option<Reason>,
}

impl Request {
    /// Reads a question, and wipes it.
    pub(super) fn read(mut frames: Multipart) -> Request {
        let request = Request::parse(&frames);
        for i in 0..frames.len() {
            frames[i][..].zeroize();
        }
        request
    }

    fn parse(frames: &Multipart) -> Request {
        let frame = |i: usize| frames.get(i).map_or(&b""[..], |frame| frame);
        let text = |i: usize| String::from_utf8_lossy(frame(i)).into_owned();
        let mut request = Request {
            id: frame(1).to_vec(),
            peer: Peer {
                domain: text(2),
                address: text(3),
                routing_id: frame(4).to_vec(),
            },
            claim: Claim::Unknown { mechanism: text(5) },
            password: Zeroizing::default(),
            problem: None,
        };
        request.problem = request.read_claim(frames, frame).err();
        request
    }

    fn read_claim<'a>(
        &mut self,
        frames: &Multipart,
        frame: impl Fn(usize) -> &'a [u8],
    ) -> Result<(), Reason> {
        if frames.len() < 6 || frame(0) != VERSION {
            return Err(Reason::InvalidRequest);
        }
        let credentials = frames.len() - 6;
        let is_valid = match (frame(5), credentials) {
            (b"NULL", 0) => {
                self.claim = Claim::Null;
                true
            }
            (b"PLAIN", 2) => {
                let username = String::from_utf8_lossy(frame(6)).into_owned();
                self.claim = Claim::Plain { username };
                let password = std::str::from_utf8(frame(7));
                self.password = Zeroizing::new(password.unwrap_or_default().to_owned());
                is_name(frame(6)) && password.is_ok()
            }
            (b"CURVE", 1) => match frame(6).try_into() {
                Ok(public_key) => {
                    self.claim = Claim::Curve { public_key };
                    true
                }
                Err(_) => false,
            },
            (b"GSSAPI", 1) => {
                let principal = String::from_utf8_lossy(frame(6)).into_owned();
                self.claim = Claim::Gssapi { principal };
                is_name(frame(6))
            }
            (b"NULL" | b"PLAIN" | b"CURVE" | b"GSSAPI", _) => false,
            _ => return Err(Reason::UnknownMechanism),
        };
        is_valid.then_some(()).ok_or(Reason::InvalidCredentials)
    }

    /// The answer that says what was decided, with properties for the messages of
    /// the peer if it is let in.
    pub(super) fn answer(&self, decision: &Decision, metadata: &[u8]) -> [Vec<u8>; 6] {
        let status = decision.status().map_or(200, |status| status.to_raw());
        let user_id = decision.user_id.as_deref().unwrap_or_default();
        [
            VERSION.to_vec(),
            self.id.clone(),
            status.to_string().into_bytes(),
            decision.reason.to_string().into_bytes(),
            user_id.as_bytes().to_vec(),
            metadata.to_vec(),
        ]
    }
}

/// Whether it can be the name of somebody. Behind a NUL nobody would see it: who
/// asks a message for its user reads up to there.
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.contains(&0) && std::str::from_utf8(name).is_ok()
}

/// Properties that a peer's messages have by what libzmq knows of it.
const RESERVED: [&str; 6] = [
    "Identity",
    "Peer-Address",
    "Resource",
    "Routing-Id",
    "Socket-Type",
    "User-Id",
];

/// Properties as libzmq reads them. Those that it has itself, or cannot have, are
/// left out.
pub(super) fn metadata<'a>(properties: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in properties {
        let is_reserved = RESERVED
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name));
        let (Ok(name_len @ 1..), Ok(value_len)) =
            (u8::try_from(name.len()), i32::try_from(value.len()))
        else {
            continue;
        };
        if is_reserved || name.starts_with("__") {
            continue;
        }
        bytes.push(name_len);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&value_len.to_be_bytes());
        bytes.extend_from_slice(value.as_bytes());
    }
    bytes
}
