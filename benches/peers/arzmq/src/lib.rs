//! arzmq as a peer: the sockets are the same, whoever waits for them.

use std::marker::PhantomData;
use std::ops::Deref;

use arzmq::prelude::{
    Context, DealerSocket, Message, MultipartMessage, MultipartSender, PullSocket, PushSocket,
    Receiver, RecvFlags, ReplySocket, RequestSocket, RouterSocket, SendFlags, Sender,
    SubscribeSocket, XPublishSocket,
};
use arzmq::security::{curve, SecurityMechanism};
use driver::{Kind, Peer, Runtime};

/// A way to wait.
pub trait Wait: Send + Sync + 'static {
    type Runtime: Runtime;
    const AWAITED: bool;
}

pub struct Arzmq<W> {
    context: Context,
    _wait: PhantomData<W>,
}

pub enum Any {
    Push(PushSocket),
    Pull(PullSocket),
    XPub(XPublishSocket),
    Sub(SubscribeSocket),
    Req(RequestSocket),
    Rep(ReplySocket),
    Dealer(DealerSocket),
    Router(RouterSocket),
}

/// Does the same with whichever socket it is.
macro_rules! each {
    ($any:expr, $socket:ident => $does:expr) => {
        match $any {
            Any::Push($socket) => $does,
            Any::Pull($socket) => $does,
            Any::XPub($socket) => $does,
            Any::Sub($socket) => $does,
            Any::Req($socket) => $does,
            Any::Rep($socket) => $does,
            Any::Dealer($socket) => $does,
            Any::Router($socket) => $does,
        }
    };
}

macro_rules! each_that_sends {
    ($any:expr, $socket:ident => $does:expr) => {
        match $any {
            Any::Push($socket) => $does,
            Any::XPub($socket) => $does,
            Any::Req($socket) => $does,
            Any::Rep($socket) => $does,
            Any::Dealer($socket) => $does,
            Any::Router($socket) => $does,
            Any::Pull(_) | Any::Sub(_) => panic!("does not send"),
        }
    };
}

macro_rules! each_that_receives {
    ($any:expr, $socket:ident => $does:expr) => {
        match $any {
            Any::Pull($socket) => $does,
            Any::XPub($socket) => $does,
            Any::Sub($socket) => $does,
            Any::Req($socket) => $does,
            Any::Rep($socket) => $does,
            Any::Dealer($socket) => $does,
            Any::Router($socket) => $does,
            Any::Push(_) => panic!("does not receive"),
        }
    };
}

impl<W> Arzmq<W> {
    fn socket(&self, kind: Kind) -> Any {
        let context = &self.context;
        match kind {
            Kind::Push | Kind::CurvePush => Any::Push(PushSocket::from_context(context).unwrap()),
            Kind::Pull | Kind::CurvePull => Any::Pull(PullSocket::from_context(context).unwrap()),
            Kind::XPub => {
                let socket = XPublishSocket::from_context(context).unwrap();
                socket.set_verbose(true).unwrap();
                socket.set_send_highwater_mark(0).unwrap();
                Any::XPub(socket)
            }
            Kind::Sub => {
                let socket = SubscribeSocket::from_context(context).unwrap();
                socket.subscribe("").unwrap();
                Any::Sub(socket)
            }
            Kind::Req => Any::Req(RequestSocket::from_context(context).unwrap()),
            Kind::Rep => Any::Rep(ReplySocket::from_context(context).unwrap()),
            Kind::Dealer => Any::Dealer(DealerSocket::from_context(context).unwrap()),
            Kind::Router => Any::Router(RouterSocket::from_context(context).unwrap()),
        }
    }
}

impl<W: Wait> Peer for Arzmq<W> {
    type Runtime = W::Runtime;
    type Socket = Of<W>;

    fn new() -> Self {
        Arzmq {
            context: Context::new().unwrap(),
            _wait: PhantomData,
        }
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(Of<W>, String)> {
        let any = self.socket(kind);
        let mut key = String::new();
        if kind == Kind::CurvePull {
            let (public_key, secret_key) = keys();
            let server = SecurityMechanism::CurveServer { secret_key };
            each!(&any, socket => socket.set_security_mechanism(&server).unwrap());
            key = format!(" {}", String::from_utf8(public_key).unwrap());
        }
        let endpoint = each!(&any, socket => {
            socket.bind(endpoint).unwrap();
            socket.last_endpoint().unwrap()
        });
        Some((Of(any, PhantomData), endpoint + &key))
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<Of<W>> {
        let any = self.socket(kind);
        let (endpoint, key) = endpoint.split_once(' ').unwrap_or((endpoint, ""));
        if kind == Kind::CurvePush {
            let (public_key, secret_key) = keys();
            let client = SecurityMechanism::CurveClient {
                server_key: key.into(),
                public_key,
                secret_key,
            };
            each!(&any, socket => socket.set_security_mechanism(&client).unwrap());
        }
        each!(&any, socket => socket.connect(endpoint).unwrap());
        Some(Of(any, PhantomData))
    }
}

/// A public key and its secret one, without the NUL that ends each.
fn keys() -> (Vec<u8>, Vec<u8>) {
    let (mut public, mut secret) = curve::curve_keypair().unwrap();
    public.pop();
    secret.pop();
    (public, secret)
}

pub struct Of<W>(Any, PhantomData<W>);

impl<W: Wait> Of<W> {
    async fn send_message(&self, message: Message) {
        let flags = SendFlags::empty();
        let sent = if W::AWAITED {
            each_that_sends!(&self.0, socket => socket.send_msg_wait(message, flags).await)
        } else {
            each_that_sends!(&self.0, socket => socket.send_msg(message, flags))
        };
        sent.unwrap();
    }
}

impl<W: Wait> driver::Socket for Of<W> {
    type Message = Message;
    type Frames = MultipartMessage;

    async fn send(&mut self, bytes: &[u8]) {
        self.send_message(bytes.into()).await;
    }

    async fn give(&mut self, bytes: Vec<u8>) {
        self.send_message(bytes.into()).await;
    }

    async fn send_frames(&mut self, frames: &[&[u8]]) {
        let frames: MultipartMessage = frames.iter().copied().collect();
        let flags = SendFlags::empty();
        let sent = if W::AWAITED {
            each_that_sends!(&self.0, socket => socket.send_multipart_wait(frames, flags).await)
        } else {
            each_that_sends!(&self.0, socket => socket.send_multipart(frames, flags))
        };
        sent.unwrap();
    }

    async fn receive(&mut self) -> Message {
        let flags = RecvFlags::empty();
        let received = if W::AWAITED {
            each_that_receives!(&self.0, socket => socket.recv_msg_wait().await)
        } else {
            each_that_receives!(&self.0, socket => socket.recv_msg(flags))
        };
        received.unwrap()
    }

    async fn receive_frames(&mut self) -> MultipartMessage {
        // To await several there is no method.
        let mut frames = MultipartMessage::new();
        loop {
            let frame = self.receive().await;
            let more = frame.get_more();
            frames.push_back(frame);
            if !more {
                return frames;
            }
        }
    }

    fn bytes(message: &Message) -> impl Deref<Target = [u8]> {
        message.as_bytes()
    }

    fn frame(frames: &MultipartMessage, i: usize) -> Option<impl Deref<Target = [u8]>> {
        frames.get(i).map(|frame| frame.as_bytes())
    }
}
