//! Those who knock.

use zmq::{Context, Push, Socket};

use super::{Ending, Pass};
use crate::common::peer::{Lang, Peer};
use crate::common::Monitor;
use crate::socket;

/// How soon they try again, in milliseconds.
const RETRY: i32 = 10;

/// PUSH sockets of one program. All stay open; what is done by one is done by the
/// last.
pub enum Clients {
    Rust {
        context: Context,
        endpoint: String,
        opened: Vec<(Socket<Push>, Monitor)>,
    },
    /// See `auth_client.c`.
    Program(Peer),
}

impl Clients {
    pub fn start(lang: Lang) -> Clients {
        match lang {
            Lang::Rust => Clients::Rust {
                context: Context::new(),
                endpoint: String::new(),
                opened: Vec::new(),
            },
            _ => Clients::Program(Peer::spawn(lang.program("auth_client"))),
        }
    }

    /// Connects a new one.
    pub fn open(&mut self, to: &str, pass: &Pass) {
        match self {
            Clients::Rust {
                context,
                endpoint,
                opened,
            } => {
                let push = socket(context, zmq::Push);
                push.set_linger(0).unwrap();
                push.set_reconnect_ivl(RETRY).unwrap();
                show(&push, pass);
                let monitor = Monitor::new(&push);
                push.connect(to).unwrap();
                opened.push((push, monitor));
                *endpoint = to.into();
            }
            Clients::Program(peer) => {
                command(
                    peer,
                    &format!(
                        "open {to} reconnect_ivl={RETRY} {}",
                        options(pass).join(" ")
                    ),
                );
            }
        }
    }

    /// Connects it anew. What it sends by the connection that was refused is lost.
    pub fn again(&mut self) {
        match self {
            Clients::Rust {
                endpoint, opened, ..
            } => {
                let (push, _) = opened.last().unwrap();
                push.disconnect(endpoint).unwrap();
                push.connect(endpoint).unwrap();
            }
            Clients::Program(peer) => command(peer, "again"),
        }
    }

    /// Sends; who was kept out by then has nobody to send to.
    pub fn send(&mut self, text: &str) {
        match self {
            Clients::Rust { opened, .. } => {
                match opened.last().unwrap().0.send(text, zmq::DONTWAIT) {
                    Ok(()) | Err(zmq::Error::EAGAIN) => {}
                    Err(e) => panic!("{e}"),
                }
            }
            Clients::Program(peer) => command(peer, &format!("send {text}")),
        }
    }

    /// Waits for the end of its next handshake.
    pub fn handshake(&mut self) -> Ending {
        match self {
            Clients::Rust { opened, .. } => Ending::of(&opened.last().unwrap().1.handshake()),
            Clients::Program(peer) => {
                let line = ask(peer, "handshake");
                let (event, value) = line.split_once(' ').unwrap();
                Ending::new(event.parse().unwrap(), value.parse().unwrap())
            }
        }
    }
}

fn ask(peer: &mut Peer, line: &str) -> String {
    peer.type_line(line.as_bytes());
    String::from_utf8(peer.line()).unwrap()
}

fn command(peer: &mut Peer, line: &str) {
    assert_eq!(ask(peer, line), "done");
}

/// Gives a socket what it is to show.
fn show(push: &Socket<Push>, pass: &Pass) {
    match pass {
        Pass::Null => {}
        Pass::Plain { username, password } => {
            push.set_plain_username(Some(username)).unwrap();
            push.set_plain_password(Some(password)).unwrap();
        }
        Pass::Curve { keys, server } => {
            push.set_curve_publickey(&keys.public_key).unwrap();
            push.set_curve_secretkey(&keys.secret_key).unwrap();
            push.set_curve_serverkey(server).unwrap();
        }
    }
}

/// `show`, as options of a program.
fn options(pass: &Pass) -> Vec<String> {
    match pass {
        Pass::Null => Vec::new(),
        Pass::Plain { username, password } => vec![
            format!("plain_username={username}"),
            format!("plain_password={password}"),
        ],
        Pass::Curve { keys, server } => vec![
            format!("curve_publickey={}", keys.public_key_z85()),
            format!("curve_secretkey={}", &keys.secret_key_z85()[..]),
            format!("curve_serverkey={}", zmq::z85_encode(server).unwrap()),
        ],
    }
}
