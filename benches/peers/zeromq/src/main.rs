use std::ops::Deref;

use driver::{runtime::Tokio, Kind, Peer};
use zeromq::{
    DealerSocket, PullSocket, PushSocket, RepSocket, ReqSocket, RouterSocket, Socket, SocketRecv,
    SocketSend, SubSocket, XPubSocket, ZmqMessage,
};

struct Zeromq;

enum Of {
    Push(PushSocket),
    Pull(PullSocket),
    XPub(XPubSocket),
    Sub(SubSocket),
    Req(ReqSocket),
    Rep(RepSocket),
    Dealer(DealerSocket),
    Router(RouterSocket),
}

impl Of {
    /// It has no CURVE.
    fn new(kind: Kind) -> Option<Of> {
        Some(match kind {
            Kind::Push => Of::Push(PushSocket::new()),
            Kind::Pull => Of::Pull(PullSocket::new()),
            Kind::XPub => Of::XPub(XPubSocket::new()),
            Kind::Sub => Of::Sub(SubSocket::new()),
            Kind::Req => Of::Req(ReqSocket::new()),
            Kind::Rep => Of::Rep(RepSocket::new()),
            Kind::Dealer => Of::Dealer(DealerSocket::new()),
            Kind::Router => Of::Router(RouterSocket::new()),
            Kind::CurvePush | Kind::CurvePull => return None,
        })
    }

    async fn send_message(&mut self, message: ZmqMessage) {
        let sent = match self {
            Of::Push(socket) => socket.send(message).await,
            Of::XPub(socket) => socket.send(message).await,
            Of::Req(socket) => socket.send(message).await,
            Of::Rep(socket) => socket.send(message).await,
            Of::Dealer(socket) => socket.send(message).await,
            Of::Router(socket) => socket.send(message).await,
            Of::Pull(_) | Of::Sub(_) => panic!("does not send"),
        };
        sent.unwrap();
    }
}

/// Calls a method of whichever socket it is.
macro_rules! each {
    ($of:expr, $method:ident($argument:expr)) => {
        match $of {
            Of::Push(socket) => socket.$method($argument).await.unwrap(),
            Of::Pull(socket) => socket.$method($argument).await.unwrap(),
            Of::XPub(socket) => socket.$method($argument).await.unwrap(),
            Of::Sub(socket) => socket.$method($argument).await.unwrap(),
            Of::Req(socket) => socket.$method($argument).await.unwrap(),
            Of::Rep(socket) => socket.$method($argument).await.unwrap(),
            Of::Dealer(socket) => socket.$method($argument).await.unwrap(),
            Of::Router(socket) => socket.$method($argument).await.unwrap(),
        }
    };
}

impl driver::Socket for Of {
    type Message = ZmqMessage;
    type Frames = ZmqMessage;

    async fn send(&mut self, bytes: &[u8]) {
        self.give(bytes.to_vec()).await;
    }

    async fn give(&mut self, bytes: Vec<u8>) {
        self.send_message(bytes.into()).await;
    }

    async fn send_frames(&mut self, frames: &[&[u8]]) {
        let mut message = ZmqMessage::from(frames[0].to_vec());
        for frame in &frames[1..] {
            message.push_back(frame.to_vec().into());
        }
        self.send_message(message).await;
    }

    async fn receive(&mut self) -> ZmqMessage {
        let received = match self {
            Of::Pull(socket) => socket.recv().await,
            Of::XPub(socket) => socket.recv().await,
            Of::Sub(socket) => socket.recv().await,
            Of::Req(socket) => socket.recv().await,
            Of::Rep(socket) => socket.recv().await,
            Of::Dealer(socket) => socket.recv().await,
            Of::Router(socket) => socket.recv().await,
            Of::Push(_) => panic!("does not receive"),
        };
        received.unwrap()
    }

    async fn receive_frames(&mut self) -> ZmqMessage {
        self.receive().await
    }

    fn bytes(message: &ZmqMessage) -> impl Deref<Target = [u8]> {
        &message.get(0).unwrap()[..]
    }

    fn frame(frames: &ZmqMessage, i: usize) -> Option<impl Deref<Target = [u8]>> {
        frames.get(i).map(|frame| &frame[..])
    }
}

impl Peer for Zeromq {
    type Runtime = Tokio;
    type Socket = Of;

    fn new() -> Self {
        Zeromq
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(Of, String)> {
        if endpoint.starts_with("inproc:") {
            return None;
        }
        let mut socket = Of::new(kind)?;
        let endpoint = each!(&mut socket, bind(endpoint));
        Some((socket, endpoint.to_string()))
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<Of> {
        let mut socket = Of::new(kind)?;
        each!(&mut socket, connect(endpoint));
        if let Of::Sub(socket) = &mut socket {
            socket.subscribe("").await.unwrap();
        }
        Some(socket)
    }
}

fn main() {
    driver::main::<Zeromq>();
}
