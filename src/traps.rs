//! What keeps sockets clear of libzmq's traps: orders of calls after which it
//! aborts, or works with what is not there.
//!
//! * It aborts if a connection is given a routing id that another has.
//! * It aborts if a ROUTER that talks raw TCP sends the empty message of a probe.
//! * It writes a greeting into connections to an inproc endpoint that were made
//!   before it was bound, and aborts if one of them has ended since; the message
//!   for who disconnects it puts there while another thread may use it.
//! * It aborts if a name that it asks a SOCKS proxy for is over 255 bytes.
//! * As it is released, it writes a changed high water mark to the other end of
//!   every connection, even where that was freed.
//! * It aborts when it asks a ZAP handler that is no REP, ROUTER or SERVER.
//! * It lets everybody in while nobody is there to be asked about them.
//! * As it is released, it aborts when a peer comes to a PLAIN server that must ask a
//!   ZAP handler, but in no domain; a CURVE server then asks nobody and lets
//!   everybody in.
//! * As it is released, it lets WebSocket peers of NULL sockets in without asking a
//!   ZAP handler, if they want that.
//! * It aborts if there is no descriptor by which to look through the network interfaces
//!   for a name.
//! * `ZMQ_USE_FD` is used by every `bind` that follows, and each closes it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::raw::RawSocket;
use crate::system;

/// A listening socket of the operating system.
#[cfg(unix)]
pub(crate) type Listener = std::os::fd::OwnedFd;
/// A listening socket of the operating system.
#[cfg(windows)]
pub(crate) type Listener = std::os::windows::io::OwnedSocket;

/// What is to be known of a socket, which libzmq does not tell.
#[derive(Default)]
pub(crate) struct Traps {
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    /// Was bound or connected, and may have connections.
    pub(crate) has_endpoint: bool,
    /// Sends an empty message when it connects.
    pub(crate) probes: bool,
    /// Talks raw TCP though it is a ROUTER.
    pub(crate) is_raw: bool,
    /// Has something to say to who connects.
    pub(crate) greeting: bool,
    /// Has something to say in the name of who disconnects.
    pub(crate) farewell: bool,
    /// The routing id for the next connection.
    pub(crate) next_id: Option<Vec<u8>>,
    /// The routing ids that connections were given.
    given_ids: Vec<Vec<u8>>,
    /// What the next `bind` is to listen on.
    #[cfg(unix)]
    pub(crate) listener: Option<Listener>,
}

impl Traps {
    /// Those of a socket of which nothing is known.
    pub(crate) fn of_stranger() -> Traps {
        let state = State {
            has_endpoint: true,
            ..State::default()
        };
        Traps {
            state: Mutex::new(state),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether no connection of this socket has, or had, this routing id. It
    /// may be in use long after its connection was ended.
    pub(crate) fn is_new_id(&self, routing_id: &[u8]) -> bool {
        !self.given_ids.iter().any(|given| given == routing_id)
    }
}

/// Binds `socket`, by `bind`, to `endpoint`.
pub(crate) fn bind(
    socket: &RawSocket,
    endpoint: &str,
    bind: impl FnOnce() -> Result<()>,
) -> Result<()> {
    if endpoint == ZAP_HANDLER && !can_answer_zap(socket) {
        return Err(Error::EINVAL);
    }
    check_zap(socket)?;
    check_websocket(socket, endpoint)?;
    check_descriptors(endpoint, &["tcp://", "ws://", "wss://", "udp://"])?;
    let mut state = socket.traps().lock();
    state.has_endpoint = true;
    if endpoint.starts_with("inproc://") && (state.greeting || state.farewell) {
        return Err(Error::ENOTSUP);
    }
    #[cfg(unix)]
    if let Some(listener) = state.listener.take() {
        let (result, left) = on_listener(socket, endpoint, listener, bind);
        state.listener = left;
        return result;
    }
    // Held meanwhile: another thread, which some sockets allow, must not bind to
    // the descriptor that is in use here.
    let result = bind();
    drop(state);
    result
}

/// Binds to `listener` if the endpoint is of its kind, and returns it if libzmq
/// did not take it over.
#[cfg(unix)]
fn on_listener(
    socket: &RawSocket,
    endpoint: &str,
    listener: Listener,
    bind: impl FnOnce() -> Result<()>,
) -> (Result<()>, Option<Listener>) {
    use std::net::TcpListener;
    use std::os::fd::{AsRawFd, IntoRawFd};
    use std::os::unix::net::UnixListener;

    // libzmq aborts when it accepts from a socket of another family.
    let (listener, fits) = if endpoint.starts_with("tcp://") {
        let listener = TcpListener::from(listener);
        let fits = listener.local_addr().is_ok();
        (Listener::from(listener), fits)
    } else if endpoint.starts_with("ipc://") {
        let listener = UnixListener::from(listener);
        let fits = listener.local_addr().is_ok();
        (Listener::from(listener), fits)
    } else {
        return (bind(), Some(listener));
    };
    if !fits {
        return (Err(Error::EINVAL), Some(listener));
    }
    let use_fd = |fd: i32| socket.set(zmq_sys::ZMQ_USE_FD as i32, Some(&fd.to_ne_bytes()));
    if let Err(e) = use_fd(listener.as_raw_fd()) {
        return (Err(e), Some(listener));
    }
    let result = bind();
    // It fails only when no `bind` can succeed any more.
    let _ = use_fd(-1);
    match result {
        Ok(()) => {
            // libzmq closes it.
            let _ = listener.into_raw_fd();
            (Ok(()), None)
        }
        Err(e) => (Err(e), Some(listener)),
    }
}

/// Connects `socket`, by `connect`, to `endpoint`.
pub(crate) fn connect(
    socket: &RawSocket,
    endpoint: &str,
    connect: impl FnOnce() -> Result<()>,
) -> Result<()> {
    if endpoint.len() > 255
        && endpoint.starts_with("tcp://")
        && has_text(socket, zmq_sys::ZMQ_SOCKS_PROXY)
    {
        return Err(Error::EINVAL);
    }
    check_zap(socket)?;
    check_websocket(socket, endpoint)?;
    check_descriptors(endpoint, &["udp://"])?;
    let mut state = socket.traps().lock();
    state.has_endpoint = true;
    let Some(id) = state.next_id.take() else {
        drop(state);
        return connect();
    };
    let result = check_id(socket, &state, &id).and_then(|()| connect());
    // A connection that is not queued for before it is made has no name yet when
    // libzmq looks; the next one gets it.
    let is_named = result.is_ok()
        && (endpoint.starts_with("inproc://") || !is_on(socket, zmq_sys::ZMQ_IMMEDIATE));
    match is_named {
        true => state.given_ids.push(id),
        false => state.next_id = Some(id),
    }
    result
}

/// `EMFILE` if the endpoint is of a transport for which libzmq looks through the network
/// interfaces at once, and there is no descriptor for it.
fn check_descriptors(endpoint: &str, transports: &[&str]) -> Result<()> {
    match transports.iter().any(|prefix| endpoint.starts_with(prefix)) {
        true => system::has_descriptors(1),
        false => Ok(()),
    }
}

/// `EADDRINUSE` for a routing id that another connection has.
fn check_id(socket: &RawSocket, state: &State, id: &[u8]) -> Result<()> {
    if !state.is_new_id(id) {
        return Err(Error::EADDRINUSE);
    }
    // A peer may have chosen it by itself. libzmq works off who has connected
    // when it is asked for events.
    is_on(socket, zmq_sys::ZMQ_EVENTS);
    match socket.peer_state(id) {
        Ok(_) => Err(Error::EADDRINUSE),
        Err(_) => Ok(()),
    }
}

/// Where libzmq asks about peers. It compares names byte by byte.
pub(crate) const ZAP_HANDLER: &str = "inproc://zeromq.zap.01";

/// Whether libzmq talks to a ZAP handler of this type.
fn can_answer_zap(socket: &RawSocket) -> bool {
    /// `ZMQ_SERVER`, of the draft API.
    const SERVER: u32 = 12;
    let can = [zmq_sys::ZMQ_REP, zmq_sys::ZMQ_ROUTER, SERVER];
    let kind = socket.get_int(zmq_sys::ZMQ_TYPE);
    kind.is_ok_and(|kind| can.contains(&(kind as u32)))
}

/// `EINVAL` if a monitor, which is a PAIR, would be taken for the ZAP handler.
pub(crate) fn check_monitor(endpoint: &str) -> Result<()> {
    match endpoint == ZAP_HANDLER {
        true => Err(Error::EINVAL),
        false => Ok(()),
    }
}

/// `ZMQ_ZAP_ENFORCE_DOMAIN`, of the draft API; since libzmq 4.3.
const ENFORCE: u32 = 93;

/// Sees to it that a socket of a context with an authenticator does without peers
/// when that has gone, which is when the context ends: what lingers then is not for
/// everybody. As libzmq is released, it takes a domain for that; `EINVAL` for a
/// server that is told to ask about passwords or keys, but has none.
fn check_zap(socket: &RawSocket) -> Result<()> {
    let has_domain = || has_text(socket, zmq_sys::ZMQ_ZAP_DOMAIN);
    let is_server = || {
        is_on(socket, zmq_sys::ZMQ_PLAIN_SERVER)
            || is_on(socket, zmq_sys::ZMQ_CURVE_SERVER)
            || is_on(socket, zmq_sys::ZMQ_GSSAPI_SERVER)
    };
    if socket.has_door() && (has_domain() || cfg!(zmq_vendored) && is_server()) {
        // An older libzmq has no such option.
        let _ = socket.set(ENFORCE as i32, Some(&1_i32.to_ne_bytes()));
    }
    if !cfg!(zmq_vendored) && is_on(socket, ENFORCE) && !has_domain() && is_server() {
        return Err(Error::EINVAL);
    }
    Ok(())
}

/// `ENOTSUP` for an endpoint by which peers get in that nobody was asked about.
fn check_websocket(socket: &RawSocket, endpoint: &str) -> Result<()> {
    let is_websocket = endpoint.starts_with("ws://") || endpoint.starts_with("wss://");
    if cfg!(zmq_vendored) || !is_websocket {
        return Ok(());
    }
    let is_null = !is_on(socket, zmq_sys::ZMQ_MECHANISM);
    match is_null && has_text(socket, zmq_sys::ZMQ_ZAP_DOMAIN) {
        true => Err(Error::ENOTSUP),
        false => Ok(()),
    }
}

/// Whether an option that is an int is not 0.
fn is_on(socket: &RawSocket, option: u32) -> bool {
    socket.get_int(option).is_ok_and(|value| value != 0)
}

/// Whether an option that is a text is not empty.
fn has_text(socket: &RawSocket, option: u32) -> bool {
    // One byte has room for an empty text only.
    socket.get(option as i32, &mut [0; 1]).is_err()
}
