//! Bytes as they go over the wire, written out by hand: ZMTP in its versions, and what
//! WebSocket puts around it.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;

use crate::common::LIMIT;

/// More frames of the message follow.
pub const MORE: u8 = 1;
/// Its length has eight bytes.
pub const LONG: u8 = 2;
/// It is a command.
pub const COMMAND: u8 = 4;

/// The ten bytes that every version since 2.0 begins with.
pub const SIGNATURE: [u8; 10] = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f];

/// A greeting of ZMTP 3.x, by a client.
pub fn greeting(minor: u8, mechanism: &str) -> Vec<u8> {
    let mut greeting = [&SIGNATURE[..], &[3, minor], mechanism.as_bytes()].concat();
    greeting.resize(64, 0);
    greeting
}

/// A frame of ZMTP 2.0 and later; its length takes eight bytes if it must.
pub fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    match u8::try_from(body.len()) {
        Ok(len) => [&[flags, len], body].concat(),
        Err(_) => [&long_header(flags, body.len() as u64), body].concat(),
    }
}

/// What a frame begins with whose length takes eight bytes.
pub fn long_header(flags: u8, len: u64) -> Vec<u8> {
    [&[flags | LONG][..], &len.to_be_bytes()].concat()
}

/// A frame of ZMTP 1.0, where the flags count as a byte of it.
pub fn old_frame(flags: u8, body: &[u8]) -> Vec<u8> {
    match body.len() + 1 {
        len @ ..=254 => [&[len as u8, flags], body].concat(),
        len => [&[0xff][..], &(len as u64).to_be_bytes(), &[flags], body].concat(),
    }
}

/// The body of a command.
pub fn command(name: &str, content: &[u8]) -> Vec<u8> {
    [&[name.len() as u8], name.as_bytes(), content].concat()
}

/// A property of a READY or INITIATE.
pub fn property(name: &str, value: &[u8]) -> Vec<u8> {
    let len = (value.len() as u32).to_be_bytes();
    [&[name.len() as u8], name.as_bytes(), &len, value].concat()
}

/// The body of a READY by a socket of `kind`.
pub fn ready(kind: &str) -> Vec<u8> {
    command("READY", &property("Socket-Type", kind.as_bytes()))
}

/// `ready`, with what some kinds add: their routing id.
pub fn ready_as(kind: &str, identity: &[u8]) -> Vec<u8> {
    let properties = [
        property("Socket-Type", kind.as_bytes()),
        property("Identity", identity),
    ];
    command("READY", &properties.concat())
}

/// A frame of WebSocket by a client: masked, `first` being its first byte.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let mut bytes = vec![first];
    match payload.len() {
        len @ ..=125 => bytes.push(0x80 | len as u8),
        len @ ..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(0x80 | 127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
    bytes
}

/// What a WebSocket client asks for, `protocol` being one of ZWS 2.0.
pub fn upgrade(protocol: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {protocol}\r\n\
         Sec-WebSocket-Version: 13\r\n\r\n"
    )
}

trait Connection: Read + Write + Send {}
impl<C: Read + Write + Send> Connection for C {}

/// One end of a connection, whose other end is a socket of this crate.
pub struct Wire {
    stream: Box<dyn Connection>,
    web: bool,
}

impl Wire {
    /// Connects to an endpoint, `tcp://`, `ipc://` or `ws://`, and says nothing yet.
    pub fn connect(endpoint: &str) -> Wire {
        let (transport, address) = endpoint.split_once("://").unwrap();
        if transport == "ipc" {
            let stream = UnixStream::connect(address).unwrap();
            stream.set_read_timeout(Some(LIMIT / 6)).unwrap();
            stream.set_write_timeout(Some(LIMIT / 6)).unwrap();
            return Wire {
                stream: Box::new(stream),
                web: false,
            };
        }
        let address = address.trim_end_matches('/');
        Wire::over(TcpStream::connect(address).unwrap(), transport == "ws")
    }

    /// The next that connects to `listener`.
    pub fn accept(listener: &TcpListener) -> Wire {
        Wire::over(listener.accept().unwrap().0, false)
    }

    fn over(stream: TcpStream, web: bool) -> Wire {
        stream.set_read_timeout(Some(LIMIT / 6)).unwrap();
        stream.set_write_timeout(Some(LIMIT / 6)).unwrap();
        stream.set_nodelay(true).unwrap();
        Wire {
            stream: Box::new(stream),
            web,
        }
    }

    /// Writes bytes; that the other end has closed by now is no matter.
    pub fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Writes what a frame of ZMTP is here.
    pub fn send(&mut self, flags: u8, body: &[u8]) {
        if self.web {
            let flags = flags & MORE | (flags & COMMAND) >> 1;
            self.write(&masked(0x82, &[&[flags], body].concat()));
        } else {
            self.write(&frame(flags, body));
        }
    }

    /// Writes the beginning of a frame that says it is `len` long.
    pub fn send_header(&mut self, flags: u8, len: u64) {
        if self.web {
            let len = len.saturating_add(1).to_be_bytes();
            let flags = flags & MORE | (flags & COMMAND) >> 1;
            // Masked by nothing.
            self.write(&[&[0x82, 0xff][..], &len, &[0; 4], &[flags]].concat());
        } else {
            self.write(&long_header(flags, len));
        }
    }

    /// Comes to where frames may be sent.
    pub fn greet(&mut self, minor: u8, mechanism: &str) {
        if self.web {
            self.upgrade(&format!("ZWS2.0/{mechanism}"));
        } else {
            self.write(&greeting(minor, mechanism));
            let theirs = self.read(64);
            assert_eq!(theirs[..10], SIGNATURE);
        }
    }

    /// Asks for a protocol of WebSocket, and gets it.
    pub fn upgrade(&mut self, protocol: &str) {
        self.write(upgrade(protocol).as_bytes());
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.extend(self.read(1));
        }
        let chosen = format!("Sec-WebSocket-Protocol: {protocol}\r\n");
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 101 ") && answer.contains(&chosen));
    }

    /// Reads exactly so many bytes.
    pub fn read(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Reads a frame: its flags, without that of its length, and its body.
    pub fn frame(&mut self) -> (u8, Vec<u8>) {
        if self.web {
            let header = self.read(2);
            assert_eq!(header[0], 0x82);
            let len = match header[1] {
                126 => u16::from_be_bytes(self.read(2).try_into().unwrap()).into(),
                127 => u64::from_be_bytes(self.read(8).try_into().unwrap()) as usize,
                len => len.into(),
            };
            let mut payload = self.read(len);
            let flags = payload.remove(0);
            return (flags & MORE | (flags & 2) << 1, payload);
        }
        let flags = self.read(1)[0];
        let len = match flags & LONG {
            0 => self.read(1)[0].into(),
            _ => u64::from_be_bytes(self.read(8).try_into().unwrap()) as usize,
        };
        (flags & !LONG, self.read(len))
    }

    /// Becomes a peer, by the mechanism NULL.
    pub fn join(&mut self, ready: &[u8]) {
        self.greet(1, "NULL");
        self.send(COMMAND, ready);
        let (flags, theirs) = self.frame();
        assert_eq!((flags, &theirs[..6]), (COMMAND, &b"\x05READY"[..]));
    }

    /// Reads until the other end closes.
    pub fn closed(&mut self) {
        assert!(self.is_closed(), "was not closed");
    }

    /// Whether the other end closes, after all that it has to say.
    pub fn is_closed(&mut self) -> bool {
        let mut some = [0; 4096];
        loop {
            match self.stream.read(&mut some) {
                Ok(0) => return true,
                Ok(_) => {}
                // By a signal that stops the process, as it goes on.
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return e.kind() == io::ErrorKind::ConnectionReset,
            }
        }
    }

    pub fn is_web(&self) -> bool {
        self.web
    }
}
