//! Who may talk: security mechanisms, an authenticator, certificates.
//!
//! By itself a socket talks to whoever connects. What to do about it:
//!
//! | pattern | the server | its clients | who gets in |
//! |---|---|---|---|
//! | grasslands | nothing | nothing | everybody |
//! | strawhouse | [`set_zap_domain`], [`allow`] or [`deny`] | nothing | by address |
//! | woodhouse | [`set_plain_server`], [`configure_plain`] | [`set_plain_username`], [`set_plain_password`] | by password |
//! | stonehouse | [`set_curve_server`], [`set_curve_secretkey`] | [`set_curve_serverkey`], keys of their own | everybody who knows the server's public key |
//! | ironhouse | the same and [`configure_curve`] | the same | by key |
//!
//! # Which mechanism protects what
//!
//! A socket has one, and peers with another do not get in. Which of two peers is the
//! server does not depend on who binds.
//!
//! | | NULL | PLAIN | CURVE | GSSAPI |
//! |---|---|---|---|---|
//! | server knows who the client is | no | by password | by key, with an [`Authenticator`] | by Kerberos |
//! | client knows who the server is | no | **no** | by key | by Kerberos |
//! | others can read messages | yes | yes, **and the password** | no | no, or yes with [`set_gssapi_plaintext`] |
//! | others can change or repeat messages | yes | yes | no | no, or yes as above |
//! | recorded traffic can be read with keys stolen later | | | no | depends on the realm |
//! | needs | nothing | nothing | feature `curve` (default), keys handed over beforehand | feature `gssapi`, a Kerberos realm |
//!
//! So NULL and PLAIN are for networks that are safe by other means, and CURVE is what
//! to use otherwise. No mechanism
//!
//! * hides how many bytes are sent, when, and between which addresses;
//! * covers inproc, udp, pgm and norm, nor raw TCP, that is STREAM sockets and
//!   ROUTERs with [`set_router_raw`]: there, everybody gets in. ipc has, besides,
//!   the permissions of its file;
//! * goes through a broker: it reads what passes;
//! * limits what a peer that is in can do. [`set_maxmsgsize`] and high water marks
//!   do, and against those who only knock [`set_handshake_ivl`];
//! * takes back what it has allowed: who is in stays in until the connection ends.
//!
//! CURVE without an authenticator encrypts, and lets everybody in who knows the
//! server's public key, which is no secret. A message's
//! [`User-Id`](crate::Message::gets) is true only where an [`Authenticator`] has
//! given it: by itself libzmq shows what the peer sent. So it is with other
//! [properties](crate::Message::property), which are those of its certificate only
//! where that has them.
//!
//! All this is so with the vendored libzmq. Another one has defects that cannot be
//! helped here: a CURVE server without a domain that connects, and is dropped with
//! messages left, delivers them to everybody while the context ends, when nobody can
//! be asked any more; a late answer about a peer that has gone ends the process, or is
//! taken for one about the next. GSSAPI, and WebSocket where there is a domain but no
//! mechanism, are `ENOTSUP` with it.
//!
//! libzmq keeps copies of keys and passwords, and does not wipe them. Here they are
//! wiped when they are dropped, and are in no error, log or `Debug`.
//!
//! # Ironhouse
//!
//! ```
//! use zmq::auth::{Authenticator, Certificate, CurveClients};
//!
//! # if zmq::has("curve") != Some(true) { return Ok(()); }
//! # let folder = std::env::temp_dir().join(format!("zmq-doc-ironhouse-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let (ours, clients) = (folder.clone(), folder.clone());
//! # Certificate::new()?.save(ours.join("server.key"))?;
//! # Certificate::new()?.save(ours.join("alice.key"))?;
//! let context = zmq::Context::new();
//!
//! let auth = Authenticator::start(&context)?; // before anything is bound
//! auth.configure_curve("*", CurveClients::directory(&clients)?)?; // clients/*.key
//! let server = context.socket(zmq::Rep)?;
//! Certificate::load(ours.join("server.key_secret"))?.apply(&server)?;
//! server.set_curve_server(true)?;
//! server.bind("tcp://127.0.0.1:*")?;
//!
//! let client = context.socket(zmq::Req)?;
//! Certificate::load(ours.join("alice.key_secret"))?.apply(&client)?;
//! let server_key = Certificate::load(ours.join("server.key"))?;
//! client.set_curve_serverkey(server_key.public_key())?;
//! client.connect(&server.get_last_endpoint()?.unwrap())?;
//! client.send("hello", 0)?;
//! assert_eq!(server.recv_bytes(0)?, b"hello");
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `cargo run --example zmq_keygen` makes such files, `examples/ironhouse.rs` is a
//! program of these lines.
//!
//! # For who knows pyzmq's `zmq.auth`
//!
//! The files are the same.
//!
//! | pyzmq | here |
//! |---|---|
//! | `create_certificates(folder, "alice")` | `Certificate::new()?.save(folder.join("alice.key"))?` |
//! | `load_certificate(path)` | [`Certificate::load`] |
//! | `load_certificates(folder)` | [`CertificateStore::open`] |
//! | `ThreadAuthenticator(context)`, `AsyncioAuthenticator(context)`, `start()` | [`Authenticator::start`] |
//! | `allow("127.0.0.1")`, `deny(..)` | [`allow`], [`deny`] |
//! | `configure_plain(domain, passwords)` | [`configure_plain`] |
//! | `configure_curve(domain, folder)` | [`configure_curve`] with [`CurveClients::directory`] |
//! | `configure_curve(domain, CURVE_ALLOW_ANY)` | [`configure_curve`] with [`CurveClients::any`] |
//! | `configure_curve_callback(domain, provider)` | [`configure_curve_callback`] |
//! | a `curve_user_id` of one's own | [`Verdict::AllowAs`] |
//! | the logger `zmq.auth` | [`on_decision`], and feature `tracing` |
//! | `stop()` | [`stop`], or drop it |
//!
//! Other than there, the domain `"*"` is all domains that have no policy of their own,
//! not only the empty one; addresses may be allowed and others denied; a folder of
//! certificates is followed as it changes; and after `stop` nobody gets in, where
//! libzmq by itself lets CURVE clients in then.
//!
//! [`allow`]: Authenticator::allow
//! [`deny`]: Authenticator::deny
//! [`configure_plain`]: Authenticator::configure_plain
//! [`configure_curve`]: Authenticator::configure_curve
//! [`configure_curve_callback`]: Authenticator::configure_curve_callback
//! [`on_decision`]: Authenticator::on_decision
//! [`stop`]: Authenticator::stop
//! [`set_zap_domain`]: crate::Socket::set_zap_domain
//! [`set_plain_server`]: crate::Socket::set_plain_server
//! [`set_plain_username`]: crate::Socket::set_plain_username
//! [`set_plain_password`]: crate::Socket::set_plain_password
//! [`set_curve_server`]: crate::Socket::set_curve_server
//! [`set_curve_secretkey`]: crate::Socket::set_curve_secretkey
//! [`set_curve_serverkey`]: crate::Socket::set_curve_serverkey
//! [`set_gssapi_plaintext`]: crate::Socket::set_gssapi_plaintext
//! [`set_maxmsgsize`]: crate::Socket::set_maxmsgsize
//! [`set_router_raw`]: crate::Socket::set_router_raw
//! [`set_handshake_ivl`]: crate::Socket::set_handshake_ivl

mod addresses;
mod authenticator;
mod certificate;
mod decision;
mod door;
mod error;
mod function;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod passwords;
mod policy;
mod request;
mod store;
mod zpl;

pub use authenticator::{Authenticator, CurveClients};
pub use certificate::{
    Certificate, CertificateError, CertificateProblem, CertificateWarning, MetadataProblem,
};
pub use decision::{Claim, Decision, Peer, Reason, Verdict};
pub use error::ConfigError;
pub use store::CertificateStore;

pub(crate) use door::Door;
