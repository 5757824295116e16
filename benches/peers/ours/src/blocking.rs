//! Sockets that wait, in threads, as crate `zmq` has them: this one, and 0.10, for which
//! this same file is compiled.

use std::ops::Deref;

use driver::{runtime::Threads, Kind, Peer};
use zmq::{Context, CurveKeyPair, Message, Socket, SocketType};

pub struct Blocking {
    context: Context,
    /// What is done to a socket before it binds or connects.
    set: Box<dyn Fn(&Socket) + Send + Sync>,
}

impl Blocking {
    pub fn set_to(set: impl Fn(&Socket) + Send + Sync + 'static) -> Self {
        Blocking {
            context: Context::new(),
            set: Box::new(set),
        }
    }

    fn open(&self, kind: Kind) -> Option<Socket> {
        let curve = matches!(kind, Kind::CurvePull | Kind::CurvePush);
        if curve && zmq::has("curve") != Some(true) {
            return None;
        }
        let socket = self.context.socket(match kind {
            Kind::Push | Kind::CurvePush => SocketType::PUSH,
            Kind::Pull | Kind::CurvePull => SocketType::PULL,
            Kind::XPub => SocketType::XPUB,
            Kind::Sub => SocketType::SUB,
            Kind::Req => SocketType::REQ,
            Kind::Rep => SocketType::REP,
            Kind::Dealer => SocketType::DEALER,
            Kind::Router => SocketType::ROUTER,
        });
        let socket = socket.unwrap();
        (self.set)(&socket);
        match kind {
            Kind::XPub => {
                socket.set_xpub_verbose(true).unwrap();
                socket.set_sndhwm(0).unwrap();
            }
            Kind::Sub => socket.set_subscribe(b"").unwrap(),
            _ => {}
        }
        Some(socket)
    }

    pub fn bound(&self, kind: Kind, endpoint: &str) -> Option<(Socket, String)> {
        let socket = self.open(kind)?;
        let key = (kind == Kind::CurvePull).then(|| {
            let keys = CurveKeyPair::new().unwrap();
            socket.set_curve_server(true).unwrap();
            socket.set_curve_secretkey(&keys.secret_key[..]).unwrap();
            zmq::z85_encode(&keys.public_key).unwrap()
        });
        socket.bind(endpoint).unwrap();
        let endpoint = socket.get_last_endpoint().unwrap().unwrap();
        Some((
            socket,
            [endpoint]
                .into_iter()
                .chain(key)
                .collect::<Vec<_>>()
                .join(" "),
        ))
    }

    pub fn connected(&self, kind: Kind, endpoint: &str) -> Option<Socket> {
        let socket = self.open(kind)?;
        let (endpoint, key) = endpoint.split_once(' ').unwrap_or((endpoint, ""));
        if kind == Kind::CurvePush {
            let keys = CurveKeyPair::new().unwrap();
            socket.set_curve_serverkey(key.as_bytes()).unwrap();
            socket.set_curve_publickey(&keys.public_key[..]).unwrap();
            socket.set_curve_secretkey(&keys.secret_key[..]).unwrap();
        }
        socket.connect(endpoint).unwrap();
        Some(socket)
    }
}

impl Peer for Blocking {
    type Runtime = Threads;
    type Socket = Of;

    fn new() -> Self {
        Blocking::set_to(|_| ())
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(Of, String)> {
        let (socket, endpoint) = self.bound(kind, endpoint)?;
        Some((Of::new(socket), endpoint))
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<Of> {
        self.connected(kind, endpoint).map(Of::new)
    }
}

pub struct Of {
    pub socket: Socket,
    /// What was received last of what is only looked at.
    message: Message,
}

impl Of {
    pub fn new(socket: Socket) -> Of {
        Of {
            socket,
            message: Message::new(),
        }
    }
}

impl driver::Socket for Of {
    type Message = Message;
    type Frames = Vec<Message>;

    async fn send(&mut self, bytes: &[u8]) {
        self.socket.send(bytes, 0).unwrap();
    }

    async fn give(&mut self, bytes: Vec<u8>) {
        self.socket.send(bytes, 0).unwrap();
    }

    async fn send_frames(&mut self, frames: &[&[u8]]) {
        self.socket
            .send_multipart(frames.iter().copied(), 0)
            .unwrap();
    }

    async fn receive(&mut self) -> Message {
        self.socket.recv_msg(0).unwrap()
    }

    async fn look<T: Send>(&mut self, look: impl FnOnce(&[u8]) -> T + Send) -> T {
        self.socket.recv(&mut self.message, 0).unwrap();
        look(&self.message)
    }

    async fn receive_frames(&mut self) -> Vec<Message> {
        let mut frames = Vec::new();
        loop {
            let frame = self.socket.recv_msg(0).unwrap();
            let more = frame.get_more();
            frames.push(frame);
            if !more {
                return frames;
            }
        }
    }

    async fn answer(&mut self, _name: &mut Vec<u8>, answer: &mut [u8]) {
        let mut name = Message::new();
        self.socket.recv(&mut name, 0).unwrap();
        self.look(|question| answer.copy_from_slice(question)).await;
        self.socket.send(name, zmq::SNDMORE).unwrap();
        self.socket.send(&*answer, 0).unwrap();
    }

    fn bytes(message: &Message) -> impl Deref<Target = [u8]> {
        &message[..]
    }

    fn frame(frames: &Vec<Message>, i: usize) -> Option<impl Deref<Target = [u8]>> {
        frames.get(i).map(|frame| &frame[..])
    }
}
