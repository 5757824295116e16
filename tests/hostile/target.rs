//! Sockets that are attacked, each with an honest peer that goes on talking to it.

use std::time::{Duration, Instant};

use zmq::auth::{Authenticator, CurveClients};
use zmq::{Context, CurveKeyPair, Message, Socket, SocketType};

use crate::common::{bind, ipc, LIMIT};
use crate::wire::Wire;

/// How a socket can be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Transport {
    Tcp,
    Ipc,
    Ws,
}

/// Who is let in: anybody; who knows a password; who has a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mechanism {
    Null,
    Plain,
    Curve,
}

impl Mechanism {
    pub const ALL: [Mechanism; 3] = [Mechanism::Null, Mechanism::Plain, Mechanism::Curve];

    pub fn name(self) -> &'static str {
        match self {
            Mechanism::Null => "NULL",
            Mechanism::Plain => "PLAIN",
            Mechanism::Curve => "CURVE",
        }
    }
}

/// Who speaks in a round trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Talk {
    /// The honest peer, and the socket hears it.
    Hears,
    /// The socket, and the honest peer hears it.
    Tells,
    /// The honest peer, and the socket answers.
    Answers,
    /// The socket, and the honest peer answers.
    Asks,
}

/// A kind of socket that is attacked.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub kind: SocketType,
    /// That of its honest peer, which is what attackers say that they are.
    pub peer: SocketType,
    pub talk: Talk,
    /// Whether it shares what it says among its peers: who gets in gets some of it.
    pub shares: bool,
}

impl Kind {
    /// What its peers call themselves.
    pub fn peer_name(&self) -> String {
        format!("{:?}", self.peer)
    }

    /// Whether it has one peer, and sends others away.
    pub fn exclusive(&self) -> bool {
        matches!(&self.peer_name()[..], "PAIR" | "CHANNEL")
    }
}

macro_rules! kinds {
    ($($kind:ident $peer:ident $talk:ident $($shares:ident)?;)*) => {
        &[$(Kind {
            kind: SocketType::$kind,
            peer: SocketType::$peer,
            talk: Talk::$talk,
            shares: !concat!($(stringify!($shares))?).is_empty(),
        }),*]
    };
}

/// All kinds that listen and speak ZMTP; of the others, STREAM is in `stream.rs`, and
/// DGRAM has no connections.
const STABLE: &[Kind] = kinds! {
    PAIR PAIR Answers;
    PUB SUB Tells;
    SUB PUB Hears;
    REQ REP Asks shares;
    REP REQ Answers;
    DEALER DEALER Asks shares;
    ROUTER DEALER Answers;
    PULL PUSH Hears;
    PUSH PULL Tells shares;
    XPUB SUB Tells;
    XSUB PUB Hears;
};

#[cfg(feature = "draft")]
const DRAFT: &[Kind] = kinds! {
    SERVER CLIENT Answers;
    CLIENT SERVER Asks shares;
    RADIO DISH Tells;
    DISH RADIO Hears;
    GATHER SCATTER Hears;
    SCATTER GATHER Tells shares;
    PEER PEER Answers;
    CHANNEL CHANNEL Answers;
};
#[cfg(not(feature = "draft"))]
const DRAFT: &[Kind] = &[];

pub fn kinds() -> impl Iterator<Item = Kind> {
    STABLE.iter().chain(DRAFT).copied()
}

/// The largest frame that is taken.
pub const LARGEST: i64 = 64 << 10;

/// Until when a handshake has to be over.
pub const HANDSHAKE: Duration = Duration::from_secs(2);

/// Who is let in, and by what.
pub struct Keys {
    pub server: CurveKeyPair,
    pub client: CurveKeyPair,
}

/// What listens, in one context.
pub struct Group {
    pub transport: Transport,
    pub mechanism: Mechanism,
    pub keys: Option<Keys>,
    pub targets: Vec<Target>,
    // Ends before the context.
    _auth: Option<Authenticator>,
    _context: Context,
}

/// A socket that is attacked.
pub struct Target {
    pub kind: Kind,
    pub endpoint: String,
    socket: Socket,
    peer: Socket,
    count: u64,
    /// The PEER that the honest PEER talks to.
    #[cfg(feature = "draft")]
    routing_id: u32,
}

impl Group {
    /// Listens with a socket of each of `kinds`; an honest peer of each is there when this
    /// returns.
    pub fn new(
        transport: Transport,
        mechanism: Mechanism,
        kinds: impl IntoIterator<Item = Kind>,
    ) -> Group {
        let context = Context::new();
        let keys = (mechanism == Mechanism::Curve).then(|| Keys {
            server: CurveKeyPair::new().unwrap(),
            client: CurveKeyPair::new().unwrap(),
        });
        // NULL is for a network where nobody is asked.
        let auth = (mechanism != Mechanism::Null).then(|| Authenticator::start(&context).unwrap());
        if let Some(auth) = &auth {
            auth.configure_plain("*", [("honest", "secret")]).unwrap();
            let clients = keys.iter().map(|keys| keys.client.public_key);
            auth.configure_curve("*", CurveClients::keys(clients))
                .unwrap();
        }
        let mut group = Group {
            transport,
            mechanism,
            keys,
            targets: Vec::new(),
            _auth: auth,
            _context: context,
        };
        for kind in kinds {
            let target = group.target(kind);
            group.targets.push(target);
        }
        for target in &mut group.targets {
            target.meet();
        }
        group
    }

    fn target(&self, kind: Kind) -> Target {
        let socket = self.open(kind.kind);
        match (self.mechanism, &self.keys) {
            (Mechanism::Plain, _) => socket.set_plain_server(true).unwrap(),
            (Mechanism::Curve, Some(keys)) => {
                socket.set_curve_server(true).unwrap();
                socket.set_curve_secretkey(&keys.server.secret_key).unwrap();
            }
            _ => {}
        }
        socket.set_maxmsgsize(LARGEST).unwrap();
        socket
            .set_handshake_ivl(HANDSHAKE.as_millis() as i32)
            .unwrap();
        socket.set_backlog(1000).unwrap();
        let endpoint = match self.transport {
            Transport::Tcp => bind(&socket, "tcp://127.0.0.1:*"),
            Transport::Ipc => bind(&socket, &ipc()),
            Transport::Ws => bind(&socket, "ws://127.0.0.1:*"),
        };
        let peer = self.open(kind.peer);
        self.prove(&peer);
        let mut target = Target {
            kind,
            endpoint,
            socket,
            peer,
            count: 0,
            #[cfg(feature = "draft")]
            routing_id: 0,
        };
        target.connect();
        target
    }

    /// Says to a socket who it is, which is one that is let in.
    pub fn prove(&self, socket: &Socket) {
        match (self.mechanism, &self.keys) {
            (Mechanism::Plain, _) => {
                socket.set_plain_username(Some("honest")).unwrap();
                socket.set_plain_password(Some("secret")).unwrap();
            }
            (Mechanism::Curve, Some(keys)) => {
                socket.set_curve_serverkey(&keys.server.public_key).unwrap();
                socket.set_curve_publickey(&keys.client.public_key).unwrap();
                socket.set_curve_secretkey(&keys.client.secret_key).unwrap();
            }
            _ => {}
        }
    }

    pub fn open(&self, kind: SocketType) -> Socket {
        let socket = self._context.socket(kind).unwrap();
        socket.set_linger(0).unwrap();
        socket.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        socket.set_sndtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        socket
    }
}

impl Target {
    fn connect(&mut self) {
        for (socket, kind) in [(&self.socket, self.kind.kind), (&self.peer, self.kind.peer)] {
            match kind {
                SocketType::SUB => socket.set_subscribe(b"").unwrap(),
                #[cfg(feature = "draft")]
                SocketType::DISH => socket.join("group").unwrap(),
                _ => {}
            }
        }
        #[cfg(feature = "draft")]
        if self.kind.peer == SocketType::PEER {
            self.routing_id = self.peer.connect_peer(&self.endpoint).unwrap();
            return;
        }
        self.peer.connect(&self.endpoint).unwrap();
        if self.kind.kind == SocketType::XSUB {
            self.socket.send(&b"\x01"[..], 0).unwrap();
        }
    }

    /// Waits until both know of each other.
    fn meet(&mut self) {
        let listener = match self.kind.talk {
            Talk::Hears => &self.socket,
            Talk::Tells => &self.peer,
            Talk::Answers | Talk::Asks => {
                self.round_trip();
                return;
            }
        };
        let patience = listener.get_rcvtimeo().unwrap();
        listener.set_rcvtimeo(10).unwrap();
        // What nobody has asked for yet is dropped.
        while {
            self.tell();
            listener.recv_msg(0).is_err()
        } {
            // A subscription is read by the thread that has the socket.
            self.socket.get_events().unwrap();
        }
        listener.set_rcvtimeo(patience).unwrap();
        self.round_trip();
    }

    /// What says something first.
    fn speaker(&self) -> &Socket {
        match self.kind.talk {
            Talk::Hears | Talk::Answers => &self.peer,
            Talk::Tells | Talk::Asks => &self.socket,
        }
    }

    fn listener(&self) -> &Socket {
        match self.kind.talk {
            Talk::Hears | Talk::Answers => &self.socket,
            Talk::Tells | Talk::Asks => &self.peer,
        }
    }

    fn text(&self) -> String {
        format!("honest {}", self.count)
    }

    fn tell(&self) {
        #[allow(unused_mut)]
        let mut message = Message::from(self.text().as_bytes());
        #[cfg(feature = "draft")]
        match self.kind.kind {
            SocketType::RADIO | SocketType::DISH => message.set_group("group").unwrap(),
            SocketType::PEER => message.set_routing_id(self.routing_id).unwrap(),
            _ => {}
        }
        self.speaker().send_message(message, 0).unwrap();
    }

    /// Hears what was told; what was told before, when nobody knew who would hear it, may
    /// come first. Nothing else may.
    fn hear(&self) {
        loop {
            let message = self
                .listener()
                .recv_msg(0)
                .expect("honest peers are served");
            let text = String::from_utf8_lossy(&message);
            let number = text.strip_prefix("honest ").and_then(|n| n.parse().ok());
            match number {
                Some(number) if number == self.count => return,
                Some(0) => {}
                _ => panic!("{:?} received {text:?}", self.kind.kind),
            }
        }
    }

    /// A message and, where there is one, its answer: how long it takes.
    pub fn round_trip(&mut self) -> Duration {
        self.count += 1;
        let begin = Instant::now();
        self.tell();
        match self.kind.talk {
            Talk::Hears | Talk::Tells => self.hear(),
            Talk::Answers if self.kind.kind == SocketType::ROUTER => {
                let question = self.socket.recv_multipart(0).unwrap();
                assert_eq!(question[1..], [self.text().into_bytes()]);
                self.socket.send_multipart(question, 0).unwrap();
                self.answered();
            }
            Talk::Answers | Talk::Asks => {
                let question = self.listener().recv_msg(0).expect("a question");
                assert_eq!(&question[..], self.text().as_bytes());
                self.listener().send_message(question, 0).unwrap();
                self.answered();
            }
        }
        begin.elapsed()
    }

    fn answered(&self) {
        let answer = self.speaker().recv_msg(0);
        let answer = answer.unwrap_or_else(|e| panic!("{:?}: {e}", self.kind.kind));
        assert_eq!(&answer[..], self.text().as_bytes());
    }

    /// Lets the socket take note of who has come and gone, and of subscriptions.
    pub fn look(&self) {
        self.socket.get_events().unwrap();
        if self.kind.kind == SocketType::XPUB {
            while self.socket.recv_msg(zmq::DONTWAIT).is_ok() {}
        }
    }

    /// Waits until the socket no longer counts on peers whose connections are gone: it asks the
    /// I/O thread to end them, which does so before it greets who comes then, and tells it.
    pub fn let_go(&self, mechanism: Mechanism) {
        self.look();
        Wire::connect(&self.endpoint).greet(1, mechanism.name());
        self.look();
    }

    /// Receives whatever there is.
    pub fn drain(&self) {
        self.look();
        while self.kind.talk != Talk::Tells && self.socket.recv_multipart(zmq::DONTWAIT).is_ok() {
            // One question at a time.
            if self.kind.kind == SocketType::REP {
                self.socket.send("whatever", 0).unwrap();
            }
        }
    }

    /// Whether there is something to receive that nobody honest has sent.
    pub fn has_more(&self) -> bool {
        self.kind.talk != Talk::Tells && self.socket.recv_msg(zmq::DONTWAIT).is_ok()
    }
}
