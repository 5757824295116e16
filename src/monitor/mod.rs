//! Monitors: what happens to the connections of a socket. `event.rs` has the
//! events, this their reader and how a socket gets one.

mod event;

use std::ffi::CStr;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::kind::{CanRecv, Kind, Pair, SocketType};
use crate::poll::{left_until, PollEvents, PollItem};
use crate::raw::{RawSocket, Watch};
use crate::socket::{nul_terminated, Socket};
#[cfg(feature = "draft")]
use crate::traps;

pub use event::{MonitorEvent, MonitorEventKind, ProtocolError, SocketEvent, ZapStatus};

/// What reads the events of a socket's monitor.
///
/// [`Socket::monitor_socket`] makes one; it may be used in another thread than
/// the socket it watches. Events queue up without limit until they are read,
/// because libzmq would wait for a slow reader, and all of the context's
/// connections with it.
///
/// Monitoring ends when either of them is dropped; how a dropped socket's
/// connections end is not told. (With a libzmq before 4.3, call
/// [`stop_monitor`](Socket::stop_monitor) before this is dropped.)
///
/// ```
/// use zmq::{MonitorEventKind::*, SocketEvent};
///
/// let context = zmq::Context::new();
/// let server = context.socket(zmq::Rep)?;
/// let monitor = server.monitor_socket(SocketEvent::ALL as i32)?;
/// let watching = std::thread::spawn(move || {
///     for event in &monitor {
///         let event = event?;
///         match event.kind {
///             Listening { .. } => println!("listening at {}", event.endpoint()),
///             Accepted { fd } => println!("connection {fd} came"),
///             HandshakeFailedAuth { status } => println!("not let in: {status}"),
///             Disconnected { fd } => println!("connection {fd} went"),
///             _ => {}
///         }
///     }
///     zmq::Result::Ok(())
/// });
/// server.bind("tcp://127.0.0.1:*")?;
/// drop(server);
/// watching.join().unwrap()?;
/// # Ok::<(), zmq::Error>(())
/// ```
pub struct MonitorSocket {
    /// What ends the monitor; none if somebody else started it.
    watch: Option<Arc<Watch>>,
    socket: Socket,
}

impl MonitorSocket {
    /// Reads the events of a monitor that [`Socket::monitor`] started at
    /// `endpoint`.
    ///
    /// Dropping this does not end monitoring, which makes libzmq wait for the
    /// next reader; call [`stop_monitor`](Socket::stop_monitor) before.
    ///
    /// ```
    /// use zmq::{MonitorEventKind, MonitorSocket, SocketEvent};
    ///
    /// let context = zmq::Context::new();
    /// let server = context.socket(zmq::Rep)?;
    /// server.monitor("inproc://events", SocketEvent::ALL as i32)?;
    /// let monitor = MonitorSocket::connect(&context, "inproc://events")?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// assert!(matches!(monitor.recv(0)?.kind, MonitorEventKind::Listening { .. }));
    /// server.stop_monitor()?;
    /// assert_eq!(monitor.recv(0)?.kind, MonitorEventKind::MonitorStopped);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Context::socket`] and [`Socket::connect`].
    pub fn connect(context: &Context, endpoint: &str) -> Result<MonitorSocket> {
        let socket = context.socket(Pair)?;
        socket.set_rcvhwm(0)?;
        socket.connect(endpoint)?;
        Ok(MonitorSocket::from_socket(socket))
    }

    /// Reads events by a socket that is connected to a monitor's endpoint.
    ///
    /// Like [`connect`](MonitorSocket::connect), it does not end monitoring.
    pub fn from_socket<K: CanRecv>(socket: Socket<K>) -> MonitorSocket {
        MonitorSocket {
            watch: None,
            socket: socket.into_dyn(),
        }
    }

    /// Opens the reader, then lets `start` start the monitor at its endpoint.
    fn start(
        monitored: &RawSocket,
        start: impl FnOnce(&CStr) -> Result<()>,
    ) -> Result<MonitorSocket> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let endpoint = format!("inproc://zmq-monitor-socket-{count}");
        let socket: Socket = Socket::new(monitored.sibling(SocketType::PAIR)?);
        socket.set_rcvhwm(0)?;
        // Before there is a monitor, so that it is there for the first event.
        socket.connect(&endpoint)?;
        // Held meanwhile: when threads that share a socket start one each, who is
        // the last to start is also the last to watch.
        let _starting = monitored.traps().lock();
        start(&nul_terminated(&endpoint)?)?;
        Ok(MonitorSocket {
            watch: Some(monitored.watch()),
            socket,
        })
    }

    /// Receives the next event. It waits for one, unless `flags` is
    /// [`DONTWAIT`](crate::DONTWAIT).
    ///
    /// None comes after [`MonitorStopped`](MonitorEventKind::MonitorStopped), so
    /// who does not look out for it waits for ever.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if there is none and it may not wait; `EPROTO` if the message is
    /// not an event. As ever, `ETERM` and `EINTR`.
    pub fn recv(&self, flags: i32) -> Result<MonitorEvent> {
        let frames = self.socket.recv_multipart(flags)?;
        MonitorEvent::parse(&frames).ok_or(Error::EPROTO)
    }

    /// Receives the next event, waiting at most `timeout`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let socket = zmq::Context::new().socket(zmq::Req)?;
    /// let monitor = socket.monitor_socket(zmq::SocketEvent::ALL as i32)?;
    /// let event = monitor.recv_timeout(Duration::from_millis(10));
    /// assert_eq!(event, Err(zmq::Error::EAGAIN));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EAGAIN` if there is none in time, else as for
    /// [`recv`](MonitorSocket::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<MonitorEvent> {
        // None for a time that is beyond what the clock can count.
        let end = Instant::now().checked_add(timeout);
        loop {
            match self.recv(crate::DONTWAIT) {
                Err(Error::EAGAIN) => {}
                received => return received,
            }
            let left = left_until(end);
            if left == 0 {
                return Err(Error::EAGAIN);
            }
            self.socket.poll(crate::POLLIN, left)?;
        }
    }

    /// The events as they come; see [`MonitorEvents`].
    pub fn iter(&self) -> MonitorEvents<'_> {
        MonitorEvents {
            monitor: self,
            ended: false,
        }
    }

    /// The monitor and what to wait for, for [`zmq::poll`](crate::poll).
    ///
    /// ```
    /// let socket = zmq::Context::new().socket(zmq::Rep)?;
    /// let monitor = socket.monitor_socket(zmq::SocketEvent::LISTENING as i32)?;
    /// let mut items = [monitor.as_poll_item(zmq::POLLIN), socket.as_poll_item(zmq::POLLIN)];
    /// socket.bind("tcp://127.0.0.1:*")?;
    /// assert_eq!(zmq::poll(&mut items, 1000)?, 1);
    /// assert!(items[0].is_readable());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn as_poll_item(&self, events: PollEvents) -> PollItem<'_> {
        self.socket.as_poll_item(events)
    }

    /// The socket that the events come by, for its options and its descriptor.
    /// Lowering its high water mark (`set_rcvhwm`), which is unlimited, makes
    /// libzmq wait for a slow reader.
    pub fn as_socket(&self) -> &Socket {
        &self.socket
    }
}

impl Drop for MonitorSocket {
    fn drop(&mut self) {
        // While `socket` is still open, else there is nobody to report the end to.
        if let Some(watch) = self.watch.take() {
            if !self.socket.raw().is_forked() {
                watch.end_afar();
            }
        }
    }
}

impl fmt::Debug for MonitorSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MonitorSocket").field(&self.socket).finish()
    }
}

/// The events of a [`MonitorSocket`], as they come.
///
/// The last one is [`MonitorStopped`](MonitorEventKind::MonitorStopped), or the
/// last before the context was shut down. An error of
/// [`recv`](MonitorSocket::recv) is passed on and does not end it.
#[derive(Debug)]
pub struct MonitorEvents<'a> {
    monitor: &'a MonitorSocket,
    ended: bool,
}

impl Iterator for MonitorEvents<'_> {
    type Item = Result<MonitorEvent>;

    fn next(&mut self) -> Option<Result<MonitorEvent>> {
        if self.ended {
            return None;
        }
        let event = self.monitor.recv(0);
        match &event {
            Err(Error::ETERM) => {
                self.ended = true;
                return None;
            }
            Ok(event) => self.ended = event.kind == MonitorEventKind::MonitorStopped,
            Err(_) => {}
        }
        Some(event)
    }
}

impl std::iter::FusedIterator for MonitorEvents<'_> {}

impl<'a> IntoIterator for &'a MonitorSocket {
    type Item = Result<MonitorEvent>;
    type IntoIter = MonitorEvents<'a>;

    fn into_iter(self) -> MonitorEvents<'a> {
        self.iter()
    }
}

impl<K: Kind> Socket<K> {
    /// Starts to report what happens to the socket's connections, as typed
    /// events; nothing that happens from now on is missed. `events` is the sum of
    /// those wanted, of [`SocketEvent`];
    /// [`MONITOR_STOPPED`](SocketEvent::MONITOR_STOPPED) always comes.
    ///
    /// Monitoring ends when the monitor or the socket is dropped, with
    /// [`stop_monitor`](Socket::stop_monitor), and when another monitor is
    /// started, even if that fails: a socket has one at a time. Connections over
    /// inproc have no events. While there is a monitor, a `bind` that fails may
    /// return `EAGAIN` in the place of its reason, which
    /// [`BindFailed`](MonitorEventKind::BindFailed) has.
    ///
    /// ```
    /// use zmq::{MonitorEventKind, SocketEvent};
    ///
    /// let server = zmq::Context::new().socket(zmq::Rep)?;
    /// let monitor = server.monitor_socket(SocketEvent::ALL as i32)?;
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let event = monitor.recv(0)?;
    /// assert!(matches!(event.kind, MonitorEventKind::Listening { .. }));
    /// assert_eq!(event.endpoint(), server.get_last_endpoint()?.unwrap());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` if `events` has more than 16 bits, `EMFILE` (it takes two
    /// sockets); `EFAULT` if the socket came from outside, by
    /// [`from_raw`](Socket::from_raw), and its context is not known.
    ///
    /// See [zmq_socket_monitor](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
    pub fn monitor_socket(&self, events: i32) -> Result<MonitorSocket> {
        let events = events | SocketEvent::MONITOR_STOPPED as i32;
        MonitorSocket::start(self.raw(), |endpoint| {
            self.raw().monitor(Some(endpoint), events)
        })
    }

    /// Ends what [`monitor_socket`](Socket::monitor_socket) or
    /// [`monitor`](Socket::monitor) started; its reader gets
    /// [`MONITOR_STOPPED`](SocketEvent::MONITOR_STOPPED), if it was among the
    /// events. Does nothing if there is no monitor. The monitor's endpoint is free
    /// for another one a moment later.
    ///
    /// # Errors
    ///
    /// `ETERM`.
    ///
    /// See [zmq_socket_monitor](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html).
    pub fn stop_monitor(&self) -> Result<()> {
        self.raw().monitor(None, 0)
    }
}

/// Draft API of libzmq.
#[cfg(feature = "draft")]
impl<K: Kind> Socket<K> {
    /// Like [`monitor_socket`](Socket::monitor_socket), with events that name
    /// [both ends](MonitorEvent::ends) of a connection (version 2).
    /// `events` may have bits over the 16 of [`SocketEvent`], of which there is
    /// `ZMQ_EVENT_PIPES_STATS`.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (server, client) = (context.socket(zmq::Rep)?, context.socket(zmq::Req)?);
    /// server.bind("tcp://127.0.0.1:*")?;
    /// let endpoint = server.get_last_endpoint()?.unwrap();
    /// let monitor = client.monitor_socket_v2(zmq::SocketEvent::CONNECTED as u64)?;
    /// client.connect(&endpoint)?;
    /// let event = monitor.recv(0)?;
    /// let (local, remote) = event.ends().unwrap();
    /// assert!(local.starts_with(b"tcp://127.0.0.1:"));
    /// assert_eq!(remote, endpoint.as_bytes());
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`monitor_socket`](Socket::monitor_socket), without a limit to the
    /// bits.
    ///
    /// See [zmq_socket_monitor_versioned](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor_versioned.html).
    pub fn monitor_socket_v2(&self, events: u64) -> Result<MonitorSocket> {
        let events = events | SocketEvent::MONITOR_STOPPED as u64;
        let version = zmq_sys::ZMQ_CURRENT_EVENT_VERSION_DRAFT as i32;
        MonitorSocket::start(self.raw(), |endpoint| {
            let pair = SocketType::PAIR.to_raw();
            self.raw()
                .monitor_versioned(endpoint, events, version, pair)
        })
    }

    /// Like [`monitor`](Socket::monitor), with the `version` of the events (1 or
    /// 2) and the type of the socket that sends them: PAIR, PUSH, or PUB, which
    /// drops events instead of waiting for a reader.
    /// [`MonitorSocket::from_socket`] reads both versions.
    ///
    /// ```
    /// use zmq::{MonitorEventKind, MonitorSocket, SocketEvent};
    ///
    /// let context = zmq::Context::new();
    /// let (server, events) = (context.socket(zmq::Rep)?, context.socket(zmq::Sub)?);
    /// // Before the monitor, as a publisher drops what nobody subscribed to.
    /// events.set_subscribe(b"")?;
    /// events.connect("inproc://published events")?;
    /// server.monitor_versioned("inproc://published events", 0xffff, 2, zmq::PUB)?;
    /// let monitor = MonitorSocket::from_socket(events);
    /// server.bind("tcp://127.0.0.1:*")?;
    /// assert!(matches!(monitor.recv(0)?.kind, MonitorEventKind::Listening { .. }));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`monitor`](Socket::monitor); `EINVAL` also for other versions and
    /// types.
    ///
    /// See [zmq_socket_monitor_versioned](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor_versioned.html).
    pub fn monitor_versioned(
        &self,
        monitor_endpoint: &str,
        events: u64,
        version: i32,
        kind: SocketType,
    ) -> Result<()> {
        // libzmq takes any version, and reports nothing in those it does not have.
        if !matches!(version, 1 | 2) {
            return Err(Error::EINVAL);
        }
        traps::check_monitor(monitor_endpoint)?;
        let endpoint = nul_terminated(monitor_endpoint)?;
        self.raw()
            .monitor_versioned(&endpoint, events, version, kind.to_raw())
    }

    /// Asks a monitor of version 2 for one event
    /// ([`PipesStats`](MonitorEventKind::PipesStats)) for each connection, with
    /// the lengths of its queues. It comes when the socket is next used.
    ///
    /// The lengths are estimates: each side tells the other what it has taken
    /// only each time that this is half the high water mark, and never if there
    /// is none, so that they are too large by up to as much.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the socket has no monitor, or not one for
    /// `ZMQ_EVENT_PIPES_STATS`; `EAGAIN` if it has no connections; `ENOTSUP` from
    /// sockets that threads share, and from a libzmq that is not the vendored one:
    /// it may read what was freed.
    ///
    /// See [zmq_socket_monitor_versioned](https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor_versioned.html).
    pub fn monitor_pipes_stats(&self) -> Result<()> {
        if !cfg!(zmq_vendored) || self.get_socket_type()?.is_thread_safe() {
            return Err(Error::ENOTSUP);
        }
        // SAFETY: no other thread uses the socket, and the vendored libzmq is
        // mended (vendor/mend.h): it asks only those ends of connections which
        // cannot be freed meanwhile.
        unsafe { self.raw().monitor_pipes_stats() }
    }
}
