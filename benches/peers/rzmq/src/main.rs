use std::ops::Deref;

use driver::{runtime::Tokio, Kind, Peer};
use rzmq::socket::{
    CURVE_PUBLIC_KEY, CURVE_SECRET_KEY, CURVE_SERVER, CURVE_SERVER_KEY, LAST_ENDPOINT,
};
use rzmq::{Context, Msg, MsgFlags, Socket, SocketType};

struct Rzmq(Context);

struct Of(Socket);

/// It does not make keys, and any bytes will do.
const SERVER_SECRET: &[u8] = &[1; 32];
const CLIENT_SECRET: &[u8] = &[2; 32];

impl Rzmq {
    fn socket(&self, kind: Kind) -> Option<Socket> {
        let kind = match kind {
            Kind::Push | Kind::CurvePush => SocketType::Push,
            Kind::Pull | Kind::CurvePull => SocketType::Pull,
            Kind::Req => SocketType::Req,
            Kind::Rep => SocketType::Rep,
            Kind::Dealer => SocketType::Dealer,
            Kind::Router => SocketType::Router,
            // It has no XPUB.
            Kind::XPub | Kind::Sub => return None,
        };
        Some(self.0.socket(kind).unwrap())
    }
}

impl Peer for Rzmq {
    type Runtime = Tokio;
    type Socket = Of;

    fn new() -> Self {
        Rzmq(Context::new().unwrap())
    }

    async fn bind(&self, kind: Kind, endpoint: &str) -> Option<(Of, String)> {
        let socket = self.socket(kind)?;
        let mut key = String::new();
        if kind == Kind::CurvePull {
            socket.set_option(CURVE_SERVER, true).await.unwrap();
            let secret = socket.set_option(CURVE_SECRET_KEY, SERVER_SECRET);
            secret.await.unwrap();
            let public = socket.get_option(CURVE_PUBLIC_KEY).await.unwrap();
            let bytes = public.iter().map(|byte| format!(" {byte}"));
            key = bytes.collect();
        }
        socket.bind(endpoint).await.unwrap();
        let endpoint = socket.get_option(LAST_ENDPOINT).await.unwrap();
        let endpoint = String::from_utf8(endpoint).unwrap();
        Some((Of(socket), endpoint + &key))
    }

    async fn connect(&self, kind: Kind, endpoint: &str) -> Option<Of> {
        let socket = self.socket(kind)?;
        let mut words = endpoint.split(' ');
        let endpoint = words.next().unwrap();
        if kind == Kind::CurvePush {
            let key: Vec<u8> = words.map(|byte| byte.parse().unwrap()).collect();
            socket.set_option(CURVE_SERVER_KEY, key).await.unwrap();
            let secret = socket.set_option(CURVE_SECRET_KEY, CLIENT_SECRET);
            secret.await.unwrap();
        }
        socket.connect(endpoint).await.unwrap();
        Some(Of(socket))
    }
}

impl driver::Socket for Of {
    type Message = Msg;
    type Frames = Vec<Msg>;

    async fn send(&mut self, bytes: &[u8]) {
        self.give(bytes.to_vec()).await;
    }

    async fn give(&mut self, bytes: Vec<u8>) {
        self.0.send(Msg::from_vec(bytes)).await.unwrap();
    }

    async fn send_frames(&mut self, frames: &[&[u8]]) {
        let frames = frames.iter().enumerate().map(|(i, frame)| {
            let mut message = Msg::from_vec(frame.to_vec());
            if i + 1 < frames.len() {
                message.set_flags(MsgFlags::MORE);
            }
            message
        });
        self.0.send_multipart(frames.collect()).await.unwrap();
    }

    async fn receive(&mut self) -> Msg {
        self.0.recv().await.unwrap()
    }

    async fn receive_frames(&mut self) -> Vec<Msg> {
        self.0.recv_multipart().await.unwrap()
    }

    fn bytes(message: &Msg) -> impl Deref<Target = [u8]> {
        message.data().unwrap()
    }

    fn frame(frames: &Vec<Msg>, i: usize) -> Option<impl Deref<Target = [u8]>> {
        frames.get(i).map(|frame| frame.data().unwrap())
    }
}

fn main() {
    driver::main::<Rzmq>();
}
