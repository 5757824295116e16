//! A bell: one thread rings it, another waits for it together with sockets.

use std::io::{self, Read, Write};

use crate::poll::{PollItem, POLLIN};

#[cfg(windows)]
use std::net::TcpStream as Stream;
#[cfg(unix)]
use std::os::unix::net::UnixStream as Stream;

/// A connection to itself, which is what any system can wait for.
pub(crate) struct Bell {
    button: Stream,
    clapper: Stream,
}

impl Bell {
    pub(crate) fn new() -> io::Result<Bell> {
        let (button, clapper) = pair()?;
        button.set_nonblocking(true)?;
        clapper.set_nonblocking(true)?;
        Ok(Bell { button, clapper })
    }

    /// Ends the wait of who waits for the bell, or the next one.
    pub(crate) fn ring(&self) {
        // If there is no room for it, it rings already.
        let _ = (&self.button).write(&[1]);
    }

    /// Ends the ringing. What was to be told is to be looked at afterwards.
    pub(crate) fn silence(&self) {
        let mut rings = [0; 64];
        while matches!((&self.clapper).read(&mut rings), Ok(n) if n == rings.len()) {}
    }

    pub(crate) fn as_poll_item(&self) -> PollItem<'_> {
        #[cfg(unix)]
        let fd = std::os::fd::AsRawFd::as_raw_fd(&self.clapper);
        #[cfg(windows)]
        let fd = std::os::windows::io::AsRawSocket::as_raw_socket(&self.clapper);
        PollItem::from_fd(fd, POLLIN)
    }
}

#[cfg(unix)]
fn pair() -> io::Result<(Stream, Stream)> {
    Stream::pair()
}

#[cfg(windows)]
fn pair() -> io::Result<(Stream, Stream)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    loop {
        let button = Stream::connect(listener.local_addr()?)?;
        let (clapper, from) = listener.accept()?;
        // Anybody on this machine may have connected first.
        if from == button.local_addr()? {
            button.set_nodelay(true)?;
            return Ok((button, clapper));
        }
    }
}
