//! What attackers do: one table.

use crate::target::{Kind, Mechanism, LARGEST};
use crate::wire::{command, greeting, long_header, property, ready, upgrade, Wire};
use crate::wire::{COMMAND, MORE, SIGNATURE};

/// How far an attacker behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stage {
    /// Not at all; over tcp and ipc.
    Connected,
    /// Not at all, over WebSocket.
    Web,
    /// Frames may follow.
    Greeted,
    /// It is a peer, of a socket that takes anybody.
    Joined,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// The socket closes the connection at once.
    Closed,
    /// It does once the handshake has taken too long.
    Late,
    /// Only the attacker ends it.
    Open,
    /// It is a peer of an old version, for who takes anybody. Others close.
    Old,
    /// Where a password is asked for, it is told that it has a wrong one, and may stay until
    /// the handshake has taken too long. Others close.
    Denied,
}

impl End {
    /// Which of the first three it is.
    pub fn with(self, mechanism: Mechanism) -> End {
        match (self, mechanism) {
            (End::Old, Mechanism::Null) => End::Open,
            (End::Denied, Mechanism::Plain) => End::Late,
            (End::Old | End::Denied, _) => End::Closed,
            (end, _) => end,
        }
    }
}

type Act = Box<dyn Fn(&mut Wire, Mechanism, Kind) + Send + Sync>;

pub struct Attack {
    pub name: String,
    pub stage: Stage,
    pub end: End,
    pub act: Act,
}

/// Lengths that are too large, by a little and by all.
const LENGTHS: [u64; 7] = [
    LARGEST as u64 + 1,
    1 << 32,
    1 << 62,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX - 64,
    u64::MAX,
];

struct Table(Vec<Attack>);

impl Table {
    fn act(
        &mut self,
        stage: Stage,
        end: End,
        name: impl Into<String>,
        act: impl Fn(&mut Wire, Mechanism, Kind) + Send + Sync + 'static,
    ) {
        let (name, act) = (name.into(), Box::new(act));
        self.0.push(Attack {
            name,
            stage,
            end,
            act,
        });
    }

    /// One that only writes.
    fn write(&mut self, stage: Stage, end: End, name: impl Into<String>, bytes: Vec<u8>) {
        self.act(stage, end, name, move |wire, _, _| wire.write(&bytes));
    }

    /// One that sends a command.
    fn command(&mut self, stage: Stage, end: End, name: impl Into<String>, body: Vec<u8>) {
        self.act(stage, end, name, move |wire, _, _| {
            wire.send(COMMAND, &body)
        });
    }
}

pub fn attacks() -> Vec<Attack> {
    let mut table = Table(Vec::new());
    greetings(&mut table);
    handshakes(&mut table);
    peers(&mut table);
    upgrades(&mut table);
    table.0
}

fn greetings(table: &mut Table) {
    use {End::*, Stage::Connected};

    for len in [0, 1, 9, 10, 11, 12, 13, 31, 63, 64] {
        let bytes = greeting(1, "NULL")[..len].to_vec();
        table.act(
            Connected,
            Late,
            format!("{len} bytes of a greeting"),
            move |wire, mechanism, _| {
                // The last has all of it, but for what comes next.
                if bytes.len() == 64 {
                    wire.write(&greeting(1, mechanism.name()));
                } else {
                    wire.write(&bytes);
                }
            },
        );
    }
    for (major, minor) in [(3, 99), (4, 0), (255, 255)] {
        let name = format!("version {major}.{minor}");
        table.act(Connected, Late, name, move |wire, mechanism, _| {
            let mut bytes = greeting(minor, mechanism.name());
            bytes[10] = major;
            wire.write(&bytes);
        });
    }
    table.act(
        Connected,
        Late,
        "reserved bytes of the greeting set",
        |wire, mechanism, _| {
            let mut bytes = greeting(1, mechanism.name());
            bytes[1..9].fill(0xee);
            bytes[32..].fill(0xff);
            wire.write(&bytes);
        },
    );
    for mechanism in ["", "XYZZY", "null", "NULLNULLNULLNULLNULL", "GSSAPI"] {
        let name = format!("mechanism {mechanism:?}");
        table.write(Connected, Closed, name, greeting(1, mechanism));
    }
    table.write(Connected, Closed, "mechanism of 0xff", {
        let mut bytes = greeting(1, "");
        bytes[12..32].fill(0xff);
        bytes
    });
    table.act(
        Connected,
        Closed,
        "the mechanisms of others",
        |wire, mechanism, _| {
            let other = match mechanism {
                Mechanism::Null => "CURVE",
                Mechanism::Plain => "NULL",
                Mechanism::Curve => "PLAIN",
            };
            wire.write(&greeting(1, other));
        },
    );
    for (what, filler) in [("zeros", 0), ("ones", 0xff)] {
        let name = format!("a greeting and 1 MiB of {what}");
        table.act(Connected, Closed, name, move |wire, mechanism, _| {
            wire.write(&greeting(1, mechanism.name()));
            wire.write(&vec![filler; 1 << 20]);
        });
    }
    // ZMTP 1.0 begins with the length of a routing id.
    table.write(Connected, Closed, "1.0: a frame without its flags", vec![0]);
    for len in LENGTHS {
        let name = format!("1.0: a routing id of {len} bytes");
        // The flags count too.
        let len = len.saturating_add(1);
        let mut bytes = [&[0xff][..], &len.to_be_bytes()].concat();
        bytes.push(0);
        table.write(Connected, Closed, name, bytes);
    }
    table.write(Connected, Old, "1.0: a routing id, and no more", {
        vec![3, 0, b'i', b'd']
    });
    table.write(Connected, Old, "2.0: a type that is none", {
        [&SIGNATURE[..], &[1, 0xff]].concat()
    });
    for len in LENGTHS {
        let mut bytes = [&SIGNATURE[..], &[1, 5]].concat();
        bytes.extend(long_header(0, len));
        let name = format!("2.0: a routing id of {len} bytes");
        table.write(Connected, Closed, name, bytes);
    }
    table.write(Connected, Old, "TLS", {
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()
    });
}

/// What comes in place of the first command.
fn handshakes(table: &mut Table) {
    use {End::*, Stage::Greeted};

    for (what, flags) in [("message", 0), ("command", COMMAND)] {
        table.act(
            Greeted,
            Closed,
            format!("an empty {what}"),
            move |wire, _, _| wire.send(flags, b""),
        );
        for len in LENGTHS {
            let name = format!("a {what} of {len} bytes");
            table.act(Greeted, Closed, name, move |wire, _, _| {
                wire.send_header(flags, len)
            });
        }
    }
    table.act(Greeted, Closed, "a message", |wire, _, _| {
        wire.send(0, b"let me in")
    });
    table.act(Greeted, Closed, "half a message", |wire, _, _| {
        wire.send(MORE, b"let me in")
    });
    table.act(Greeted, Closed, "reserved flags", |wire, _, _| {
        wire.send(0xf9, b"let me in")
    });
    for name in [
        "READY",
        "HELLO",
        "INITIATE",
        "WELCOME",
        "MESSAGE",
        "ERROR",
        "PING",
        "PONG",
        "JOIN",
        "SUBSCRIBE",
        "CANCEL",
        "LEAVE",
        "XYZZY",
        "",
    ] {
        for len in [0, 1, 8, 194, 300] {
            // It is a READY, and nothing is wrong with it.
            if (name, len) == ("READY", 0) {
                continue;
            }
            let body = command(name, &vec![0xff; len]);
            let what = format!("{name:?} with {len} bytes");
            table.act(Greeted, Closed, what, move |wire, mechanism, _| {
                // An ERROR is one once both sides have said something.
                if mechanism == Mechanism::Null {
                    wire.frame();
                }
                wire.send(COMMAND, &body);
            });
        }
    }
    table.command(
        Greeted,
        Closed,
        "a name longer than its command",
        vec![200, b'R'],
    );
    let malformed: [(&str, Vec<u8>); 6] = [
        ("a name that does not end", vec![255, b'S']),
        ("a name and no value", b"\x0bSocket-Type\0".to_vec()),
        ("a value of 4 GiB", b"\x01X\xff\xff\xff\xffv".to_vec()),
        ("a value of 2 GiB", b"\x01X\x7f\xff\xff\xffv".to_vec()),
        ("a value that ends before", b"\x01X\0\0\0\x02v".to_vec()),
        (
            "a socket type that is none",
            property("Socket-Type", b"NOBODY"),
        ),
    ];
    for (what, properties) in malformed {
        for mechanism in ["READY", "INITIATE"] {
            let body = command(mechanism, &properties);
            table.command(Greeted, Closed, format!("{mechanism} with {what}"), body);
        }
    }
    table.act(
        Greeted,
        Late,
        "a command that does not end",
        |wire, _, _| {
            wire.send_header(COMMAND, 60_000);
            wire.write(b"\x05READY");
        },
    );
    table.act(
        Greeted,
        Denied,
        "a PLAIN login of nobody",
        |wire, mechanism, _| match mechanism {
            Mechanism::Plain => wire.send(COMMAND, &command("HELLO", b"\x06nobody\x06secret")),
            _ => wire.send(COMMAND, &command("HELLO", b"\0\0")),
        },
    );
    table.act(Greeted, Closed, "PLAIN skipped", |wire, _, _| {
        wire.send(COMMAND, &command("INITIATE", &[]));
        wire.send(COMMAND, &command("INITIATE", &[]));
        wire.send(0, b"let me in");
    });
}

/// What peers of a socket do that takes anybody.
fn peers(table: &mut Table) {
    use {End::*, Stage::Joined};

    table.act(Joined, Open, "READY twice", |wire, _, kind| {
        wire.send(COMMAND, &ready(&kind.peer_name()));
    });
    for name in [
        "ERROR", "HELLO", "INITIATE", "WELCOME", "MESSAGE", "XYZZY", "",
    ] {
        let body = command(name, &[0xff; 5]);
        table.command(Joined, Open, format!("{name:?} after READY"), body);
    }
    table.command(Joined, Open, "an empty command", vec![]);
    table.command(
        Joined,
        Open,
        "a name longer than its command",
        vec![9, b'S'],
    );
    for (what, flags) in [("message", 0), ("command", COMMAND)] {
        for len in LENGTHS {
            let name = format!("a {what} of {len} bytes, as a peer");
            table.act(Joined, Closed, name, move |wire, _, _| {
                wire.send_header(flags, len)
            });
        }
    }
    table.act(Joined, Open, "frames without a last", |wire, _, _| {
        for _ in 0..1000 {
            wire.send(MORE, b"m");
        }
    });
    table.act(Joined, Open, "PING with too much", |wire, _, kind| {
        wire.send(COMMAND, &command("PING", &[0; 60_000]));
        wire.send(
            COMMAND,
            &command("PING", &[b"\0\0"[..].to_vec(), vec![7; 300]].concat()),
        );
        if !kind.exclusive() && !wire.is_web() {
            assert_eq!(next_pong(wire), [0; 16]);
            assert_eq!(next_pong(wire), [7; 16]);
        }
    });
    table.act(Joined, Open, "half a frame", |wire, _, _| {
        wire.send_header(0, 60_000);
        wire.write(&[7; 30_000]);
    });
}

/// The next PONG; what the socket says to all comes between.
fn next_pong(wire: &mut Wire) -> Vec<u8> {
    loop {
        let (flags, body) = wire.frame();
        if flags == COMMAND && body.starts_with(b"\x04PONG") {
            return body[5..].to_vec();
        }
    }
}

fn upgrades(table: &mut Table) {
    use {End::*, Stage::Web};

    let good = upgrade("ZWS2.0/NULL");
    for len in [0, 1, 30, good.len() - 1] {
        let bytes = good.as_bytes()[..len].to_vec();
        table.write(Web, Late, format!("{len} bytes of a request"), bytes);
    }
    let header = |name: &str, value: &str| {
        good.replace("Host: here", &format!("Host: here\r\n{name}: {value}"))
    };
    let wrong = [
        ("another method", good.replace("GET", "POST")),
        ("another version", good.replace("HTTP/1.1", "HTTP/1.0")),
        ("ends of lines", good.replace("\r\n", "\n")),
        ("no upgrade", good.replace("Upgrade: websocket\r\n", "")),
        (
            "an upgrade to something",
            good.replace(": websocket", ": h2c"),
        ),
        ("no connection", good.replace("Connection: Upgrade\r\n", "")),
        ("no key", good.replace("Sec-WebSocket-Key", "X")),
        ("no protocol", good.replace("Sec-WebSocket-Protocol", "X")),
        ("a protocol of others", good.replace("ZWS2.0/NULL", "chat")),
        (
            "a request without a header",
            "GET / HTTP/1.1\r\n\r\n".into(),
        ),
        ("a name of 1 MiB", header(&"n".repeat(1 << 20), "v")),
        ("a value of 1 MiB", header("n", &"v".repeat(1 << 20))),
        ("a name of 1025 bytes", header(&"n".repeat(1025), "v")),
        ("a value of 2049 bytes", header("n", &"v".repeat(2049))),
        ("a key of 2049 bytes", {
            good.replace("dGhlIHNhbXBsZSBub25jZQ==", &"k".repeat(2049))
        }),
        ("ZMTP", String::from_utf8_lossy(&greeting(1, "NULL")).into()),
        ("zeros", "\0".repeat(4096)),
    ];
    for (what, request) in wrong {
        table.write(Web, Closed, format!("HTTP: {what}"), request.into_bytes());
    }
    // As large as they may be, and as many as somebody likes.
    table.act(Web, Late, "HTTP: large headers", |wire, mechanism, _| {
        let mut request = upgrade(&format!("ZWS2.0/{}", mechanism.name()));
        let large = format!("{}: {}\r\n", "n".repeat(1000), "v".repeat(2000));
        request = request.replace("Host: here\r\n", &large.repeat(100));
        request = request.replace("dGhlIHNhbXBsZSBub25jZQ==", &"k".repeat(2000));
        wire.write(request.as_bytes());
    });
    let frames: [(&str, &[u8]); 8] = [
        ("a fragment", &[0x02, 0x81, 0, 0, 0, 0, 0]),
        ("text", &[0x81, 0x81, 0, 0, 0, 0, 0]),
        ("a continuation", &[0x80, 0x81, 0, 0, 0, 0, 0]),
        ("an opcode that is none", &[0x8f, 0x80, 0, 0, 0, 0]),
        ("a frame without a mask", &[0x82, 0x01, 0]),
        ("a frame of nothing", &[0x82, 0x80, 0, 0, 0, 0]),
        (
            "a long frame of nothing",
            &[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ),
        ("a ping in place of a command", &[0x89, 0x80, 0, 0, 0, 0]),
    ];
    for (what, bytes) in frames {
        table.act(
            Stage::Web,
            Closed,
            format!("WebSocket: {what}"),
            move |wire, mechanism, _| {
                wire.greet(1, mechanism.name());
                wire.write(bytes);
            },
        );
    }
    for len in LENGTHS {
        let name = format!("WebSocket: a close of {len} bytes");
        table.act(Stage::Web, Closed, name, move |wire, mechanism, _| {
            wire.greet(1, mechanism.name());
            wire.write(&[&[0x88, 0xff][..], &len.to_be_bytes(), &[0; 4]].concat());
        });
    }
}
