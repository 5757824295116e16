//! Proxies: what one socket receives, another sends.
//!
//! libzmq has two functions for this. The one that can be steered is broken in
//! 4.3.5 (it takes RESUME for PAUSE, and what is not PAUSE for it), so there is
//! one loop here for all of them. Like libzmq's it takes a message only when the
//! other side has room for it, and many at a time.

mod flow;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::bell::Bell;
use crate::error::{Error, Result};
use crate::kind::{CanRecv, CanSend, Kind, SocketType};
use crate::poll::{poll, PollEvents, PollItem, POLLERR, POLLIN, POLLOUT};
use crate::socket::Socket;
use crate::DONTWAIT;

pub(crate) use flow::{which_work, Ends, Flow, WaitsFor};

// ---- the functions of libzmq --------------------------------------------------

/// Passes messages on between two sockets, in both directions if both can send
/// and receive, until the context is shut down: ROUTER and DEALER make a broker,
/// XSUB and XPUB a forwarder, PULL and PUSH a streamer.
///
/// ```
/// let context = zmq::Context::new();
/// let (jobs, workers) = (context.socket(zmq::Pull)?, context.socket(zmq::Push)?);
/// jobs.bind("inproc://jobs")?;
/// workers.bind("inproc://workers")?;
/// let streamer = std::thread::spawn(move || zmq::proxy(&jobs, &workers));
///
/// let (client, worker) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
/// client.connect("inproc://jobs")?;
/// worker.connect("inproc://workers")?;
/// client.send("job", 0)?;
/// assert_eq!(worker.recv_bytes(0)?, b"job");
///
/// context.shutdown()?;
/// assert_eq!(streamer.join().unwrap(), Err(zmq::Error::ETERM));
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// It never returns `Ok`. [`Proxy`] can be steered from another thread.
///
/// # Errors
///
/// `ETERM` once the context was shut down; `EINTR`, after which it may be called
/// again; `EINVAL` if neither socket can send what the other receives; what
/// sending returns, like the `EHOSTUNREACH` of a mandatory ROUTER, which drops
/// the message.
///
/// See [zmq_proxy](https://libzmq.readthedocs.io/en/latest/zmq_proxy.html).
pub fn proxy<F: Kind, B: Kind>(frontend: &Socket<F>, backend: &Socket<B>) -> Result<()> {
    Proxy::new(frontend, backend).run()
}

/// [`proxy`] that also sends a copy of every message to `capture`, which is a
/// PUB, DEALER, PUSH or PAIR.
///
/// The proxy waits while the capture socket has no room.
pub fn proxy_with_capture<F: Kind, B: Kind, C: CanSend>(
    frontend: &mut Socket<F>,
    backend: &mut Socket<B>,
    capture: &mut Socket<C>,
) -> Result<()> {
    Proxy::new(frontend, backend).capture(capture).run()
}

/// [`proxy`] that obeys the commands that it receives from `control`, which is a
/// REP, PAIR, PULL or SUB: `PAUSE`, `RESUME`, `TERMINATE` and `STATISTICS`.
///
/// To `STATISTICS` a REP or PAIR replies eight frames, numbers of 64 bits in the
/// machine's byte order: frames and bytes received and then sent at the frontend,
/// then those at the backend. A REP replies an empty frame to anything else.
///
/// # Errors
///
/// `Ok` after `TERMINATE`, else as for `proxy`. Messages that were on their way
/// are delivered first.
///
/// See [zmq_proxy_steerable](https://libzmq.readthedocs.io/en/latest/zmq_proxy_steerable.html).
pub fn proxy_steerable<F: Kind, B: Kind, T: CanRecv>(
    frontend: &mut Socket<F>,
    backend: &mut Socket<B>,
    control: &mut Socket<T>,
) -> Result<()> {
    let mut proxy = Proxy::new(frontend, backend).control(control);
    proxy.run()?;
    proxy.flush()
}

/// [`proxy_steerable`] and [`proxy_with_capture`] in one.
pub fn proxy_steerable_with_capture<F: Kind, B: Kind, C: CanSend, T: CanRecv>(
    frontend: &mut Socket<F>,
    backend: &mut Socket<B>,
    capture: &mut Socket<C>,
    control: &mut Socket<T>,
) -> Result<()> {
    let mut proxy = Proxy::new(frontend, backend)
        .capture(capture)
        .control(control);
    proxy.run()?;
    proxy.flush()
}

// ---- the builder --------------------------------------------------------------

/// A proxy, as [`proxy`] runs it, with more to choose.
///
/// ```
/// use zmq::{Proxy, ProxyHandle};
///
/// let context = zmq::Context::new();
/// let (clients, workers) = (context.socket(zmq::Router)?, context.socket(zmq::Dealer)?);
/// clients.bind("inproc://clients")?;
/// workers.bind("inproc://workers")?;
/// let handle = ProxyHandle::new()?;
/// let broker = std::thread::spawn({
///     let handle = handle.clone();
///     move || Proxy::new(&clients, &workers).handle(&handle).run()
/// });
///
/// let (client, worker) = (context.socket(zmq::Req)?, context.socket(zmq::Rep)?);
/// client.connect("inproc://clients")?;
/// worker.connect("inproc://workers")?;
/// client.send("question", 0)?;
/// assert_eq!(worker.recv_bytes(0)?, b"question");
/// worker.send("answer", 0)?;
/// assert_eq!(client.recv_bytes(0)?, b"answer");
///
/// handle.terminate();
/// assert_eq!(broker.join().unwrap(), Ok(()));
/// // A routing id, an empty frame, and the question.
/// assert_eq!(handle.statistics().frontend.received.frames, 3);
/// # Ok::<(), zmq::Error>(())
/// ```
#[must_use = "a proxy does nothing until it runs"]
pub struct Proxy<'a> {
    frontend: &'a Socket,
    backend: &'a Socket,
    capture: Option<&'a Socket>,
    /// From the frontend to the backend, and back.
    flows: [Flow; 2],
    control: Option<&'a Socket>,
    state: Option<Arc<Shared>>,
}

impl<'a> Proxy<'a> {
    /// A proxy between two sockets. They may be the same: it then sends back what
    /// it receives.
    pub fn new<F: Kind, B: Kind>(frontend: &'a Socket<F>, backend: &'a Socket<B>) -> Proxy<'a> {
        Proxy {
            frontend: frontend.as_dyn(),
            backend: backend.as_dyn(),
            capture: None,
            flows: Default::default(),
            control: None,
            state: None,
        }
    }

    /// Sends a copy of every message to this socket too. The proxy waits while
    /// there is no room.
    pub fn capture<C: CanSend>(mut self, capture: &'a Socket<C>) -> Proxy<'a> {
        self.capture = Some(capture.as_dyn());
        self
    }

    /// Obeys the commands that this socket receives, as [`proxy_steerable`] does.
    pub fn control<C: CanRecv>(mut self, control: &'a Socket<C>) -> Proxy<'a> {
        self.control = Some(control.as_dyn());
        self
    }

    /// Obeys this handle, which any thread may use.
    pub fn handle(mut self, handle: &ProxyHandle) -> Proxy<'a> {
        self.state = Some(Arc::clone(&handle.0));
        self
    }

    /// Passes messages on until the proxy is terminated, which is the one way to
    /// return `Ok`. It may run again, after an error too.
    ///
    /// A message that it took and found no room for waits for the next run;
    /// [`flush`](Proxy::flush) delivers it without one.
    ///
    /// # Errors
    ///
    /// As for [`proxy`], and `EBUSY` if the handle steers a proxy that runs.
    pub fn run(&mut self) -> Result<()> {
        let state = self.state.clone();
        let Some(shared) = state.as_deref() else {
            return self.pass(None);
        };
        let _running = shared.start()?;
        self.pass(Some(shared))
    }

    /// Waits until what was taken from one side is sent to the other, as long as
    /// the socket's [timeout](Socket::set_sndtimeo) lets it.
    ///
    /// # Errors
    ///
    /// `EAGAIN` when the time is over, and the other errors of
    /// [`send`](Socket::send).
    pub fn flush(&mut self) -> Result<()> {
        let ends = self.ends();
        let mut flows = self.flows.iter_mut().zip(ends);
        flows.try_for_each(|(flow, ends)| flow.flush(ends))
    }

    /// Those of each flow.
    fn ends(&self) -> [Ends<'a>; 2] {
        let there = Ends {
            from: self.frontend,
            to: self.backend,
            capture: self.capture,
        };
        [there, there.reversed()]
    }

    fn pass(&mut self, shared: Option<&Shared>) -> Result<()> {
        let ends = self.ends();
        let mut sockets = Watched::new(self, shared)?;
        // Those who steer do not undo what another has said.
        let (mut wish, mut command) = (Wish::Run, Wish::Run);
        let mut look = shared;
        loop {
            if let Some(shared) = look {
                shared.bell.silence();
                wish = shared.look();
            }
            if wish == Wish::Terminate || command == Wish::Terminate {
                return Ok(());
            }
            let is_paused = wish == Wish::Pause || command == Wish::Pause;
            sockets.wait(&self.flows, is_paused)?;
            for i in [0, 1] {
                if !is_paused && sockets.is_ready(i, self.flows[i].waits_for()) {
                    let passed = self.flows[i].pass(ends[i]);
                    if let Some(shared) = shared {
                        shared.publish(&self.flows);
                    }
                    passed?;
                }
            }
            if let Some(control) = self.control {
                if sockets.has_command() {
                    command = obey(control, &self.flows)?.unwrap_or(command);
                }
            }
            look = shared.filter(|_| sockets.rings());
        }
    }
}

/// What a proxy waits for. The sockets of `Watched::items` are, in this order:
/// the frontend, the backend, and what there is of capture, control and bell.
struct Watched<'a> {
    items: Vec<PollItem<'a>>,
    /// Which flow can pass anything on.
    works: [bool; 2],
    has_capture: bool,
    has_control: bool,
    has_bell: bool,
}

impl<'a> Watched<'a> {
    fn new(proxy: &Proxy<'a>, shared: Option<&'a Shared>) -> Result<Watched<'a>> {
        let works = which_work(proxy.ends()[0])?;
        let nothing = PollEvents::empty();
        let mut items = vec![
            proxy.frontend.as_poll_item(nothing),
            proxy.backend.as_poll_item(nothing),
        ];
        items.extend(proxy.capture.map(|socket| socket.as_poll_item(nothing)));
        items.extend(proxy.control.map(|socket| socket.as_poll_item(POLLIN)));
        items.extend(shared.map(|shared| shared.bell.as_poll_item()));
        Ok(Watched {
            items,
            works,
            has_capture: proxy.capture.is_some(),
            has_control: proxy.control.is_some(),
            has_bell: shared.is_some(),
        })
    }

    /// The item and the events that flow `i` waits for.
    fn awaited(i: usize, waits_for: WaitsFor) -> (usize, PollEvents) {
        match waits_for {
            WaitsFor::Message => (i, POLLIN),
            WaitsFor::Room => (1 - i, POLLOUT),
            WaitsFor::Capture => (2, POLLOUT),
        }
    }

    fn wait(&mut self, flows: &[Flow; 2], is_paused: bool) -> Result<()> {
        // What no socket is ever ready for: libzmq looks after one that is waited
        // for something only, and the news may be that the context was shut down.
        let mut events = [POLLERR; 3];
        for (i, flow) in flows.iter().enumerate() {
            if self.works[i] && !is_paused {
                let (item, event) = Watched::awaited(i, flow.waits_for());
                events[item] |= event;
            }
        }
        let count = 2 + usize::from(self.has_capture);
        for (item, events) in self.items[..count].iter_mut().zip(events) {
            item.set_events(events);
        }
        poll(&mut self.items, -1)?;
        Ok(())
    }

    fn is_ready(&self, flow: usize, waits_for: WaitsFor) -> bool {
        let (item, event) = Watched::awaited(flow, waits_for);
        self.works[flow] && self.items[item].get_revents().contains(event)
    }

    fn has_command(&self) -> bool {
        let item = 2 + usize::from(self.has_capture);
        self.has_control && self.items[item].is_readable()
    }

    fn rings(&self) -> bool {
        self.has_bell && self.items.last().is_some_and(PollItem::is_readable)
    }
}

/// Receives a command and obeys it; none if there was none that changes anything.
fn obey(control: &Socket, flows: &[Flow; 2]) -> Result<Option<Wish>> {
    let frames = match control.recv_multipart(DONTWAIT) {
        Ok(frames) => frames,
        Err(Error::EAGAIN) => return Ok(None),
        Err(e) => return Err(e),
    };
    let kind = control.get_socket_type()?;
    let wish = match &frames[0][..] {
        b"PAUSE" => Some(Wish::Pause),
        b"RESUME" => Some(Wish::Run),
        b"TERMINATE" => Some(Wish::Terminate),
        b"STATISTICS" if kind.can_send() => {
            let numbers = ProxyStatistics::of(flows.each_ref()).numbers();
            let numbers = numbers.map(u64::to_ne_bytes);
            reply(control.send_multipart(numbers, DONTWAIT))?;
            return Ok(None);
        }
        _ => None,
    };
    if kind == SocketType::REP {
        reply(control.send("", DONTWAIT))?;
    }
    Ok(wish)
}

/// Who asks and does not take the answer shall not stop the proxy.
fn reply(sent: Result<()>) -> Result<()> {
    match sent {
        Err(Error::EAGAIN) => Ok(()),
        other => other,
    }
}

// ---- statistics ---------------------------------------------------------------

/// What a proxy has passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyStatistics {
    /// What the frontend socket received and sent.
    pub frontend: ProxySide,
    /// What the backend socket received and sent.
    pub backend: ProxySide,
}

/// What one socket of a proxy received and sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxySide {
    /// Received from peers.
    pub received: ProxyTraffic,
    /// Sent to peers.
    pub sent: ProxyTraffic,
}

/// How much it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyTraffic {
    /// Frames; a message has one or more. (libzmq's manual calls them messages.)
    pub frames: u64,
    /// Bytes in these frames.
    pub bytes: u64,
}

impl ProxyStatistics {
    pub(crate) fn of([there, back]: [&Flow; 2]) -> ProxyStatistics {
        ProxyStatistics {
            frontend: ProxySide {
                received: there.received,
                sent: back.sent,
            },
            backend: ProxySide {
                received: back.received,
                sent: there.sent,
            },
        }
    }

    /// The eight numbers in libzmq's order.
    fn numbers(self) -> [u64; 8] {
        let [f, b] = [self.frontend, self.backend];
        let mut numbers = [0; 8];
        for (i, traffic) in [f.received, f.sent, b.received, b.sent].iter().enumerate() {
            (numbers[2 * i], numbers[2 * i + 1]) = (traffic.frames, traffic.bytes);
        }
        numbers
    }
}

// ---- the handle ---------------------------------------------------------------

/// Steers a [`Proxy`] from any thread. Clones steer the same one.
///
/// It can be made, and used, before the proxy runs, and may outlive it.
#[derive(Clone)]
pub struct ProxyHandle(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Rung by who changes the wish.
    bell: Bell,
    /// Told when the proxy has seen the wish, or ended.
    changed: Condvar,
    numbers: [AtomicU64; 8],
}

struct State {
    wish: Wish,
    /// The wish that the proxy acts upon.
    seen: Wish,
    is_running: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Wish {
    Run,
    Pause,
    Terminate,
}

impl ProxyHandle {
    /// A handle for a proxy that is yet to be made.
    ///
    /// # Errors
    ///
    /// `EMFILE` if the process is out of descriptors: a handle has two.
    pub fn new() -> Result<ProxyHandle> {
        let bell = Bell::new()
            .map_err(|e| Error::from_raw(e.raw_os_error().unwrap_or(Error::EMFILE.to_raw())))?;
        Ok(ProxyHandle(Arc::new(Shared {
            state: Mutex::new(State {
                wish: Wish::Run,
                seen: Wish::Run,
                is_running: false,
            }),
            bell,
            changed: Condvar::new(),
            numbers: Default::default(),
        })))
    }

    /// Makes the proxy pass nothing on until it is resumed; its sockets queue up
    /// to their high water marks. When this returns, the proxy has paused, if it
    /// runs at all.
    pub fn pause(&self) {
        self.0.tell(Wish::Pause);
    }

    /// Makes the proxy go on.
    pub fn resume(&self) {
        self.0.tell(Wish::Run);
    }

    /// Ends the run of the proxy, or the next one if it does not run. When this
    /// returns, it does not run any more.
    pub fn terminate(&self) {
        self.0.tell(Wish::Terminate);
    }

    /// What the proxy has passed on, as far as it has said: it does so before it
    /// waits for more, and before it pauses or ends.
    pub fn statistics(&self) -> ProxyStatistics {
        let n = |i: usize| self.0.numbers[i].load(Ordering::Relaxed);
        let traffic = |i| ProxyTraffic {
            frames: n(i),
            bytes: n(i + 1),
        };
        let side = |i| ProxySide {
            received: traffic(i),
            sent: traffic(i + 2),
        };
        ProxyStatistics {
            frontend: side(0),
            backend: side(4),
        }
    }
}

impl fmt::Debug for ProxyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyHandle").finish_non_exhaustive()
    }
}

impl Shared {
    /// Locks even if a holder panicked: the state is never left half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what is wished, and waits until the proxy has seen it.
    fn tell(&self, wish: Wish) {
        let mut state = self.state();
        state.wish = wish;
        self.bell.ring();
        // Another thread may wish otherwise meanwhile.
        let is_pending = |state: &mut State| {
            let is_done = match wish {
                Wish::Terminate => false,
                _ => state.seen == wish,
            };
            state.is_running && state.wish == wish && !is_done
        };
        drop(
            self.changed
                .wait_while(state, is_pending)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    fn look(&self) -> Wish {
        let mut state = self.state();
        state.seen = state.wish;
        self.changed.notify_all();
        state.seen
    }

    fn publish(&self, flows: &[Flow; 2]) {
        let numbers = ProxyStatistics::of(flows.each_ref()).numbers();
        for (to, number) in self.numbers.iter().zip(numbers) {
            to.store(number, Ordering::Relaxed);
        }
    }

    /// `EBUSY` if it runs already.
    fn start(&self) -> Result<Running<'_>> {
        let mut state = self.state();
        if state.is_running {
            return Err(Error::EBUSY);
        }
        state.is_running = true;
        Ok(Running(self))
    }
}

/// A run of the proxy; it ends when this is dropped.
struct Running<'a>(&'a Shared);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_running = false;
        if state.wish == Wish::Terminate {
            state.wish = Wish::Run;
        }
        self.0.changed.notify_all();
    }
}
