//! Who decides whom a context's servers let in.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::addresses::Range;
use super::certificate::CertificateError;
use super::decision::{Claim, Decision, Peer, Verdict};
use super::door::Door;
use super::error::ConfigError;
use super::function::Function;
use super::passwords::Passwords;
use super::policy::{by_verdict, Log, Policy, Rule, Rules};
use super::store::CertificateStore;
use crate::context::Context;

/// Decides whom the servers of a context let in.
///
/// libzmq asks it about each peer that connects to a socket of the context which is
/// a [PLAIN](crate::Socket::set_plain_server), [CURVE](crate::Socket::set_curve_server)
/// or [GSSAPI](crate::Socket::set_gssapi_server) server, or has a
/// [domain](crate::Socket::set_zap_domain), save where [no mechanism](super) is. A
/// thread of the context answers.
///
/// ```
/// # if zmq::has("curve") != Some(true) { return Ok(()); }
/// use zmq::auth::{Authenticator, CurveClients};
/// use zmq::CurveKeyPair;
///
/// let (server_keys, client_keys) = (CurveKeyPair::new()?, CurveKeyPair::new()?);
/// let context = zmq::Context::new();
///
/// // Before any socket is bound: who comes earlier is not asked about.
/// let auth = Authenticator::start(&context)?;
/// auth.configure_curve("*", CurveClients::keys([client_keys.public_key]))?;
/// auth.on_decision(|decision| println!("{decision}"));
///
/// let server = context.socket(zmq::Pull)?;
/// server.set_curve_server(true)?;
/// server.set_curve_secretkey(&server_keys.secret_key)?;
/// server.bind("tcp://127.0.0.1:*")?;
///
/// let client = context.socket(zmq::Push)?;
/// client.set_curve_serverkey(&server_keys.public_key)?;
/// client.set_curve_publickey(&client_keys.public_key)?;
/// client.set_curve_secretkey(&client_keys.secret_key)?;
/// client.connect(&server.get_last_endpoint()?.unwrap())?;
/// client.send("let me in", 0)?;
///
/// let mut message = server.recv_msg(0)?;
/// assert_eq!(&message[..], b"let me in");
/// assert_eq!(message.gets("User-Id"), Some(&client_keys.public_key_z85()[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Who gets in
///
/// First the addresses: who is [denied](Authenticator::deny), or not among those
/// [allowed](Authenticator::allow) if any are, is out. Then the mechanism:
///
/// | mechanism | without a policy | with one | user id |
/// |---|---|---|---|
/// | NULL | all get in | | `anonymous` |
/// | PLAIN | nobody | [`configure_plain`](Authenticator::configure_plain), [`configure_plain_callback`](Authenticator::configure_plain_callback) | the name |
/// | CURVE | nobody | [`configure_curve`](Authenticator::configure_curve), [`configure_curve_callback`](Authenticator::configure_curve_callback) | the public key in Z85 |
/// | GSSAPI | all get in, Kerberos has vouched for them | [`configure_gssapi`](Authenticator::configure_gssapi), [`configure_gssapi_callback`](Authenticator::configure_gssapi_callback) | the principal |
///
/// A policy is for one domain, or, with `"*"`, for all that have none of their own,
/// sockets without a domain included. It can be changed at any time, from any thread, and holds for whoever
/// connects from then on; who is in stays in.
///
/// # What goes wrong keeps peers out
///
/// A function that panics lets nobody in, nor do certificates that cannot be read.
/// While a function takes its time, all who knock wait, and after
/// [`ZMQ_HANDSHAKE_IVL`](crate::Socket::set_handshake_ivl), 30 seconds by default,
/// are sent away; it is asked about them all the same, and until then libzmq keeps
/// the question, however many there are: functions should be quick. When the
/// authenticator is [stopped](Authenticator::stop) or
/// dropped, nobody gets in until another is started.
///
/// Follows [ZAP](https://rfc.zeromq.org/spec/27/), pyzmq's `zmq.auth` and czmq's
/// `zauth`.
pub struct Authenticator {
    door: Arc<Door>,
}

impl Authenticator {
    /// Starts to decide for all sockets of the context.
    ///
    /// # Errors
    ///
    /// `EADDRINUSE` if the context has an authenticator, or a socket of its own is
    /// bound to `inproc://zeromq.zap.01`; `ETERM` if it was shut down; `EMFILE`;
    /// `EAGAIN` if there can be no more threads.
    pub fn start(context: &Context) -> crate::Result<Authenticator> {
        Door::open(context).map(|door| Authenticator { door })
    }

    /// Lets only peers from these addresses, and those allowed before, try to come
    /// in. To be allowed is not enough where there is PLAIN, CURVE or GSSAPI.
    ///
    /// An address is one of IP, like `192.168.0.7` or `::1`, a network, like
    /// `192.168.0.0/16`, `ipc`, which is all peers over ipc, or `ipc:1000`, which is
    /// those that run as this user (on Linux; elsewhere libzmq does not tell, and with
    /// musl not even that they come over ipc: they count as denied if anybody is). Names
    /// are not looked up. IPv4 peers of an IPv6 socket have their IPv4 address. With
    /// no addresses at all, nobody may try.
    ///
    /// ```
    /// # let context = zmq::Context::new();
    /// let auth = zmq::auth::Authenticator::start(&context)?;
    /// auth.allow(["127.0.0.1", "10.0.0.0/8"])?;
    /// auth.deny(["10.0.0.1"])?;
    /// let error = auth.allow(["localhost"]).unwrap_err();
    /// assert!(error.to_string().contains("\"localhost\" is not an address"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::Address`].
    pub fn allow<A: AsRef<str>>(
        &self,
        addresses: impl IntoIterator<Item = A>,
    ) -> Result<(), ConfigError> {
        let ranges = read(addresses)?;
        self.door.change(|policy| policy.addresses.allow(ranges));
        Ok(())
    }

    /// Keeps peers from these addresses out, even if they are
    /// [allowed](Authenticator::allow), which tells what an address is.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Address`].
    pub fn deny<A: AsRef<str>>(
        &self,
        addresses: impl IntoIterator<Item = A>,
    ) -> Result<(), ConfigError> {
        let ranges = read(addresses)?;
        self.door.change(|policy| policy.addresses.deny(ranges));
        Ok(())
    }

    /// Forgets which addresses are allowed and which are denied: all may try.
    pub fn reset_addresses(&self) {
        self.door
            .change(|policy| policy.addresses = Default::default());
    }

    /// Lets PLAIN peers of the domain in that show one of these names and its
    /// password. Replaces what was configured for PLAIN in this domain.
    ///
    /// Passwords travel as they are: over a network that others can read, they can
    /// read them. Here they are wiped when they are not needed any more.
    ///
    /// ```
    /// # let context = zmq::Context::new();
    /// let auth = zmq::auth::Authenticator::start(&context)?;
    /// auth.configure_plain("*", [("alice", "secret"), ("bob", "geheim")])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::Domain`], [`ConfigError::Username`],
    /// [`ConfigError::Password`].
    pub fn configure_plain<N: AsRef<str>, P: AsRef<str>>(
        &self,
        domain: &str,
        passwords: impl IntoIterator<Item = (N, P)>,
    ) -> Result<(), ConfigError> {
        let mut known = Passwords::default();
        for (username, password) in passwords {
            known.insert(username.as_ref(), password.as_ref())?;
        }
        self.configure(|policy| &mut policy.plain, domain, Rule::Passwords(known))
    }

    /// Lets the function say which PLAIN peers of the domain get in, by name and
    /// password. Replaces what was configured for PLAIN in this domain.
    ///
    /// The function answers `true`, `false` or a [`Verdict`]. It is called by the
    /// thread that answers for the whole context, one peer at a time. It may call the
    /// methods of the authenticator.
    ///
    /// ```
    /// use zmq::auth::{Authenticator, Verdict};
    ///
    /// # let context = zmq::Context::new();
    /// let auth = Authenticator::start(&context)?;
    /// auth.configure_plain_callback("*", |peer, username, password| {
    ///     match (username, password) {
    ///         ("alice", "secret") => Verdict::AllowAs(format!("alice from {}", peer.address)),
    ///         _ => Verdict::Deny("nobody we know".into()),
    ///     }
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::Domain`].
    pub fn configure_plain_callback<V: Into<Verdict>>(
        &self,
        domain: &str,
        mut allows: impl FnMut(&Peer, &str, &str) -> V + Send + 'static,
    ) -> Result<(), ConfigError> {
        self.configure_callback(
            |policy| &mut policy.plain,
            domain,
            move |peer, claim, password| match claim {
                Claim::Plain { username } => allows(peer, username, password).into(),
                _ => false.into(),
            },
        )
    }

    /// Lets these CURVE peers of the domain in. Replaces what was configured for
    /// CURVE in this domain.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Domain`].
    pub fn configure_curve(&self, domain: &str, clients: CurveClients) -> Result<(), ConfigError> {
        self.configure(|policy| &mut policy.curve, domain, clients.0)
    }

    /// Lets the function say which CURVE peers of the domain get in, by their public
    /// key; they have proven to have the secret one. Otherwise as
    /// [`configure_plain_callback`](Authenticator::configure_plain_callback).
    ///
    /// # Errors
    ///
    /// [`ConfigError::Domain`].
    pub fn configure_curve_callback<V: Into<Verdict>>(
        &self,
        domain: &str,
        mut allows: impl FnMut(&Peer, &[u8; 32]) -> V + Send + 'static,
    ) -> Result<(), ConfigError> {
        self.configure_callback(
            |policy| &mut policy.curve,
            domain,
            move |peer, claim, _| match claim {
                Claim::Curve { public_key } => allows(peer, public_key).into(),
                _ => false.into(),
            },
        )
    }

    /// Lets only these GSSAPI peers of the domain in, by their principals, like
    /// `alice@EXAMPLE.ORG`. Replaces what was configured for GSSAPI in this domain.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Domain`].
    pub fn configure_gssapi<P: Into<String>>(
        &self,
        domain: &str,
        principals: impl IntoIterator<Item = P>,
    ) -> Result<(), ConfigError> {
        let principals = principals.into_iter().map(Into::into).collect();
        self.configure(
            |policy| &mut policy.gssapi,
            domain,
            Rule::Principals(principals),
        )
    }

    /// Lets the function say which GSSAPI peers of the domain get in, by their
    /// principal. Otherwise as
    /// [`configure_plain_callback`](Authenticator::configure_plain_callback).
    ///
    /// # Errors
    ///
    /// [`ConfigError::Domain`].
    pub fn configure_gssapi_callback<V: Into<Verdict>>(
        &self,
        domain: &str,
        mut allows: impl FnMut(&Peer, &str) -> V + Send + 'static,
    ) -> Result<(), ConfigError> {
        self.configure_callback(
            |policy| &mut policy.gssapi,
            domain,
            move |peer, claim, _| match claim {
                Claim::Gssapi { principal } => allows(peer, principal).into(),
                _ => false.into(),
            },
        )
    }

    /// Calls the function with each decision, before libzmq hears of it. It replaces
    /// the one before.
    ///
    /// Who is let in is in the log first: if the function panics, the peer stays
    /// out. It is called by the thread that answers for the whole context, and may
    /// call the methods of the authenticator.
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// # let context = zmq::Context::new();
    /// let auth = zmq::auth::Authenticator::start(&context)?;
    /// let (log, decisions) = mpsc::channel();
    /// auth.on_decision(move |decision| log.send(decision.clone()).unwrap());
    ///
    /// let server = context.socket(zmq::Rep)?;
    /// server.set_plain_server(true)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let client = context.socket(zmq::Req)?;
    /// client.set_plain_username(Some("mallory"))?;
    /// client.set_plain_password(Some("guess"))?;
    /// client.connect(&server.get_last_endpoint()?.unwrap())?;
    ///
    /// let decision = decisions.recv()?;
    /// assert!(!decision.is_allowed());
    /// assert_eq!(
    ///     decision.to_string(),
    ///     "denied 127.0.0.1 in \"\", PLAIN user \"mallory\": no policy for this domain"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_decision(&self, log: impl FnMut(&Decision) + Send + 'static) {
        let log = Function::new(Box::new(log) as Box<Log>);
        self.door.change(|policy| policy.log.replace(log));
    }

    /// Ends all decisions, as dropping does. Once it has returned, none of the
    /// functions runs any more, unless one of them it is that calls this, and they
    /// are dropped.
    ///
    /// From then on peers wait for as long as a handshake may take
    /// ([`ZMQ_HANDSHAKE_IVL`](crate::Socket::set_handshake_ivl), 30 seconds by
    /// default), and try again, until another authenticator is started or the context
    /// ends. One that is started knows nobody yet, and who is denied does not come
    /// again: to change a policy, change it, and do not stop.
    pub fn stop(self) {}

    fn configure_callback(
        &self,
        rules: impl FnOnce(&mut Policy) -> &mut Rules,
        domain: &str,
        mut ask: impl FnMut(&Peer, &Claim, &str) -> Verdict + Send + 'static,
    ) -> Result<(), ConfigError> {
        let ask = move |peer: &_, claim: &_, password: &_| by_verdict(ask(peer, claim, password));
        self.configure(rules, domain, Rule::ask(ask))
    }

    fn configure(
        &self,
        rules: impl FnOnce(&mut Policy) -> &mut Rules,
        domain: &str,
        rule: Rule,
    ) -> Result<(), ConfigError> {
        if domain.len() > 255 || domain.contains('\0') {
            return Err(ConfigError::Domain(domain.into()));
        }
        self.door.change(|policy| rules(policy).set(domain, rule));
        Ok(())
    }
}

impl Drop for Authenticator {
    fn drop(&mut self) {
        self.door.close();
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

fn read<A: AsRef<str>>(addresses: impl IntoIterator<Item = A>) -> Result<Vec<Range>, ConfigError> {
    addresses
        .into_iter()
        .map(|text| Range::read(text.as_ref()))
        .collect()
}

/// Which CURVE clients an [`Authenticator`] lets in.
pub struct CurveClients(Rule);

impl CurveClients {
    /// Everybody: the connection is encrypted, and the client may be anybody. It is
    /// pyzmq's `CURVE_ALLOW_ANY`.
    pub fn any() -> CurveClients {
        CurveClients(Rule::Any)
    }

    /// Who has the secret key to one of these public ones.
    pub fn keys(public_keys: impl IntoIterator<Item = [u8; 32]>) -> CurveClients {
        CurveClients(Rule::Keys(public_keys.into_iter().collect()))
    }

    /// Whose certificate is in the folder, in a file `*.key`, as pyzmq has it. The
    /// folder may change at any time; see [`CertificateStore`], which also tells which
    /// files cannot be read.
    ///
    /// The metadata of the certificate are [properties](crate::Message::property) of
    /// the peer's messages. One that it does not have, the peer may have sent.
    ///
    /// # Errors
    ///
    /// If there is no such folder, or it cannot be read.
    pub fn directory(path: impl Into<PathBuf>) -> Result<CurveClients, CertificateError> {
        CertificateStore::open(path).map(CurveClients::from)
    }
}

/// Whose certificate is in the store.
impl From<CertificateStore> for CurveClients {
    fn from(store: CertificateStore) -> CurveClients {
        CurveClients(Rule::store(store))
    }
}

impl fmt::Debug for CurveClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurveClients").finish_non_exhaustive()
    }
}
