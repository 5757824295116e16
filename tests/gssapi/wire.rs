//! A peer that talks ZMTP and GSSAPI by itself, and need not be polite.

use std::ffi::c_void;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ptr::null_mut;
use std::time::Duration;

use crate::common::LIMIT;

#[repr(C)]
struct Buffer {
    length: usize,
    value: *mut c_void,
}

impl Buffer {
    const EMPTY: Buffer = Buffer {
        length: 0,
        value: null_mut(),
    };

    fn of(bytes: &[u8]) -> Buffer {
        Buffer {
            length: bytes.len(),
            value: bytes.as_ptr() as *mut c_void,
        }
    }

    /// The content of a buffer that the library has made, which stays allocated.
    fn bytes(&self) -> Vec<u8> {
        if self.length == 0 {
            return Vec::new();
        }
        // SAFETY: the library says that there are so many bytes.
        unsafe { std::slice::from_raw_parts(self.value.cast::<u8>(), self.length) }.to_vec()
    }
}

const MUTUAL_AND_REPLAY: u32 = 2 | 4;
const CONTINUE_NEEDED: u32 = 1;

// Linked with libzmq.
extern "C" {
    static GSS_C_NT_USER_NAME: *mut c_void;
    fn gss_import_name(
        minor: *mut u32,
        name: *mut Buffer,
        kind: *mut c_void,
        out: *mut *mut c_void,
    ) -> u32;
    fn gss_init_sec_context(
        minor: *mut u32,
        credentials: *mut c_void,
        context: *mut *mut c_void,
        target: *mut c_void,
        mechanism: *mut c_void,
        flags: u32,
        time: u32,
        bindings: *mut c_void,
        input: *mut Buffer,
        actual: *mut *mut c_void,
        output: *mut Buffer,
        flags_out: *mut u32,
        time_out: *mut u32,
    ) -> u32;
    fn gss_wrap(
        minor: *mut u32,
        context: *mut c_void,
        seal: i32,
        quality: u32,
        input: *mut Buffer,
        sealed: *mut i32,
        output: *mut Buffer,
    ) -> u32;
}

pub struct Peer {
    stream: TcpStream,
    service: String,
    context: *mut c_void,
}

impl Peer {
    /// Connects to a server, and exchanges greetings.
    pub fn connect(endpoint: &str, service: &str) -> Peer {
        let stream = TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap();
        Peer::greet(stream, service, false)
    }

    /// Waits for a client, and exchanges greetings.
    pub fn accept(listener: &TcpListener) -> Peer {
        Peer::greet(listener.accept().unwrap().0, "", true)
    }

    fn greet(mut stream: TcpStream, service: &str, is_server: bool) -> Peer {
        stream.set_read_timeout(Some(LIMIT / 2)).unwrap();
        let mut greeting = [0; 64];
        greeting[..12].copy_from_slice(&[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]);
        greeting[12..18].copy_from_slice(b"GSSAPI");
        greeting[32] = is_server.into();
        stream.write_all(&greeting).unwrap();
        stream.read_exact(&mut greeting).unwrap();
        assert_eq!(&greeting[12..18], b"GSSAPI");
        Peer {
            stream,
            service: service.to_owned(),
            context: null_mut(),
        }
    }

    /// The content of the next frame.
    pub fn frame(&mut self) -> Vec<u8> {
        let mut flags = [0];
        self.stream.read_exact(&mut flags).unwrap();
        let mut size = [0; 8];
        let from = if flags[0] & 2 == 0 { 7 } else { 0 };
        self.stream.read_exact(&mut size[from..]).unwrap();
        let mut content = vec![0; u64::from_be_bytes(size) as usize];
        self.stream.read_exact(&mut content).unwrap();
        content
    }

    /// The next frame, if one begins to come in time.
    pub fn frame_within(&mut self, time: Duration) -> Option<Vec<u8>> {
        self.stream.set_read_timeout(Some(time)).unwrap();
        let comes = matches!(self.stream.peek(&mut [0]), Ok(1));
        self.stream.set_read_timeout(Some(LIMIT / 2)).unwrap();
        comes.then(|| self.frame())
    }

    /// A frame with `flags`: 4 for a command.
    fn send_frame(&mut self, flags: u8, content: &[u8]) {
        let mut frame = vec![flags | 2];
        frame.extend((content.len() as u64).to_be_bytes());
        frame.extend(content);
        // It may be over by now.
        let _ = self.stream.write_all(&frame);
    }

    /// Sends a token, and some more bytes than it says it has.
    pub fn send_initiate(&mut self, token: &[u8], more: usize) {
        let size = (token.len() as u32).to_be_bytes();
        let content = [b"\x08INITIATE", &size[..], token, &vec![0; more]].concat();
        self.send_frame(4, &content);
    }

    /// Sends a token that holds `content`, sealed or just signed.
    pub fn send_wrapped(&mut self, seal: bool, content: &[u8]) {
        let (mut minor, mut sealed, mut wrapped) = (0, 0, Buffer::EMPTY);
        // SAFETY: all buffers live on; the library reads `content` only.
        let major = unsafe {
            gss_wrap(
                &mut minor,
                self.context,
                seal.into(),
                0,
                &mut Buffer::of(content),
                &mut sealed,
                &mut wrapped,
            )
        };
        assert_eq!((major, sealed), (0, seal.into()));
        let token = wrapped.bytes();
        let size = (token.len() as u32).to_be_bytes();
        self.send_frame(0, &[b"\x07MESSAGE", &size[..], &token].concat());
    }

    /// Shows its ticket, until the server sends its READY.
    pub fn exchange_tokens(&mut self) {
        let (mut minor, mut target, mut input) = (0, null_mut(), Vec::new());
        // SAFETY: the buffer lives on.
        let major = unsafe {
            let mut name = Buffer::of(self.service.as_bytes());
            gss_import_name(&mut minor, &mut name, GSS_C_NT_USER_NAME, &mut target)
        };
        assert_eq!(major, 0);
        loop {
            let mut output = Buffer::EMPTY;
            // SAFETY: all that is pointed to lives on.
            let major = unsafe {
                gss_init_sec_context(
                    &mut minor,
                    null_mut(),
                    &mut self.context,
                    target,
                    null_mut(),
                    MUTUAL_AND_REPLAY,
                    0,
                    null_mut(),
                    &mut Buffer::of(&input),
                    null_mut(),
                    &mut output,
                    null_mut(),
                    null_mut(),
                )
            };
            if major != CONTINUE_NEEDED {
                assert_eq!(major, 0, "minor {minor}");
                break;
            }
            self.send_initiate(&output.bytes(), 0);
            let frame = self.frame();
            assert_eq!(&frame[..9], b"\x08INITIATE");
            input = frame[13..].to_vec();
        }
        // What libzmq's client has left to say.
        self.send_frame(4, b"");
        assert_eq!(&self.frame()[..8], b"\x07MESSAGE");
    }

    /// Becomes the peer of a PULL.
    pub fn shake_hands(&mut self) {
        self.exchange_tokens();
        self.send_wrapped(true, b"\0\x05READY\x0bSocket-Type\0\0\0\x04PUSH");
    }
}
