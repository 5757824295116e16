//! Who has no key, but sits between those who have: it repeats what it has seen, and
//! changes what goes by.

use std::net::TcpListener;

use zmq::auth::{Authenticator, CurveClients};
use zmq::{Context, CurveKeyPair, Pull, Push, Socket};

use crate::common::{bind_tcp, timed_for, LIMIT};
use crate::measure::among_others;
use crate::wire::{greeting, Wire, COMMAND};

/// A server that knows one client, and a place between the two.
struct Place {
    server: Socket<Pull>,
    endpoint: String,
    listener: TcpListener,
    server_key: [u8; 32],
    client: CurveKeyPair,
    _auth: Authenticator,
    context: Context,
}

/// A connection that goes through the place.
struct Between {
    client: Wire,
    server: Wire,
    _socket: Socket<Push>,
}

/// The commands of a connection, in their order, and whether the client sends them.
const COMMANDS: [(&str, bool); 5] = [
    ("HELLO", true),
    ("WELCOME", false),
    ("INITIATE", true),
    ("READY", false),
    ("MESSAGE", true),
];

impl Place {
    fn new() -> Place {
        let context = Context::new();
        let (server_keys, client) = (CurveKeyPair::new().unwrap(), CurveKeyPair::new().unwrap());
        let auth = Authenticator::start(&context).unwrap();
        let clients = CurveClients::keys([client.public_key]);
        auth.configure_curve("*", clients).unwrap();
        let server = context.socket(Pull).unwrap();
        server.set_curve_server(true).unwrap();
        server.set_curve_secretkey(&server_keys.secret_key).unwrap();
        server.set_rcvtimeo(LIMIT.as_millis() as i32 / 2).unwrap();
        let endpoint = bind_tcp(&server);
        Place {
            server,
            endpoint,
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            server_key: server_keys.public_key,
            client,
            _auth: auth,
            context,
        }
    }

    /// A client that has something to say, and connects to `endpoint`.
    fn client(&self, endpoint: &str, message: &str) -> Socket<Push> {
        let push = self.context.socket(Push).unwrap();
        push.set_linger(0).unwrap();
        push.set_reconnect_ivl(-1).unwrap();
        push.set_curve_serverkey(&self.server_key).unwrap();
        push.set_curve_publickey(&self.client.public_key).unwrap();
        push.set_curve_secretkey(&self.client.secret_key).unwrap();
        push.connect(endpoint).unwrap();
        push.send(message, 0).unwrap();
        push
    }

    /// A client that has come here, greeted as the server would.
    fn between(&self, message: &str) -> Between {
        let here = format!("tcp://{}", self.listener.local_addr().unwrap());
        let socket = self.client(&here, message);
        let mut between = Between {
            client: Wire::accept(&self.listener),
            server: Wire::connect(&self.endpoint),
            _socket: socket,
        };
        // Each waits for a part of the other's before it says more.
        for len in [10, 1, 53] {
            for to_server in [true, false] {
                let (from, to) = between.ends(to_server);
                let part = from.read(len);
                to.write(&part);
            }
        }
        between
    }

    /// Nothing has arrived but what an honest client says now.
    fn has_heard_nobody(&self) {
        let _client = self.client(&self.endpoint, "an honest word");
        assert_eq!(self.server.recv_bytes(0).unwrap(), b"an honest word");
    }
}

impl Between {
    fn ends(&mut self, to_server: bool) -> (&mut Wire, &mut Wire) {
        match to_server {
            true => (&mut self.client, &mut self.server),
            false => (&mut self.server, &mut self.client),
        }
    }

    /// Passes on a command, as `change` makes it, and returns what it was.
    fn pass(&mut self, index: usize, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let (name, to_server) = COMMANDS[index];
        let (from, to) = self.ends(to_server);
        let (flags, body) = from.frame();
        // A MESSAGE is a message, by its flags.
        assert_eq!(flags & COMMAND != 0, name != "MESSAGE");
        assert_eq!(&body[1..=name.len()], name.as_bytes());
        let mut changed = body.clone();
        change(&mut changed);
        to.send(flags, &changed);
        body
    }
}

fn has_curve() -> bool {
    zmq::has("curve") == Some(true)
}

#[test]
fn what_was_recorded_is_of_no_use() {
    if !has_curve() {
        return;
    }
    let _others = among_others();
    timed_for(LIMIT, || {
        let place = Place::new();
        let mut between = place.between("a secret");
        let recorded: Vec<_> = (0..5).map(|index| between.pass(index, |_| {})).collect();
        assert_eq!(place.server.recv_bytes(0).unwrap(), b"a secret");

        // A message a second time, on the same connection.
        between.server.send(0, &recorded[4]);
        between.server.closed();

        // The cookie in its INITIATE is of another connection.
        let fresh = || {
            let mut wire = Wire::connect(&place.endpoint);
            wire.write(&greeting(1, "CURVE"));
            wire.read(64);
            wire
        };
        let mut again = fresh();
        again.send(COMMAND, &recorded[0]);
        let (flags, welcome) = again.frame();
        assert_eq!((flags, &welcome[..8]), (COMMAND, &b"\x07WELCOME"[..]));
        assert_ne!(welcome, recorded[1]);
        again.send(COMMAND, &recorded[2]);
        again.send(0, &recorded[4]);
        again.closed();

        // Parts of it, in other orders.
        for order in [&[2][..], &[2, 4], &[4], &[0, 4], &[0, 0], &[0, 2, 2]] {
            let mut wire = fresh();
            for index in order {
                let flags = if *index == 4 { 0 } else { COMMAND };
                wire.send(flags, &recorded[*index]);
            }
            wire.closed();
        }
        place.has_heard_nobody();
    });
}

/// With `HOSTILE_ALL` set, every byte is changed in turn; else every eleventh.
#[test]
fn what_is_changed_on_its_way_ends_the_connection() {
    if !has_curve() {
        return;
    }
    let step = if std::env::var_os("HOSTILE_ALL").is_some() {
        1
    } else {
        11
    };
    let _others = among_others();
    timed_for(LIMIT * 10, move || {
        let place = Place::new();
        let mut changes = 0;
        for (index, (name, to_server)) in COMMANDS.into_iter().enumerate() {
            let mut position = index % step;
            loop {
                let mut between = place.between("changed");
                for earlier in 0..index {
                    between.pass(earlier, |_| {});
                }
                let bit = 1 << (position % 8);
                let mut len = 0;
                // What a HELLO is filled up with is not looked at.
                let filler = name == "HELLO" && (8..80).contains(&position);
                between.pass(index, |body| {
                    len = body.len();
                    if position < len && !filler {
                        body[position] ^= bit;
                    }
                });
                if position >= len {
                    break;
                }
                if !filler {
                    let (_, to) = between.ends(to_server);
                    assert!(to.is_closed(), "byte {position} of {name}");
                    changes += 1;
                }
                position += step;
            }
            // The last came unchanged.
            if name == "MESSAGE" {
                assert_eq!(place.server.recv_bytes(0).unwrap(), b"changed");
            }
        }
        println!("{changes} changes");
        place.has_heard_nobody();
    });
}
