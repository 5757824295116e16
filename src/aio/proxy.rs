//! Proxies in tasks.

use std::fmt;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::MutexGuard;
use std::task::Poll;

use super::core::TURN;
use super::socket::AsyncSocket;
use super::waiters::{Place, Wakers, Wish};
use crate::error::{Error, Result};
use crate::kind::{CanSend, Kind};
use crate::poll::{POLLIN, POLLOUT};
use crate::proxy::{which_work, Ends, Flow, ProxyStatistics, WaitsFor};
use crate::socket::Socket;

/// Passes messages on between two sockets, as [`zmq::Proxy`](crate::Proxy) does, for as
/// long as somebody awaits [`run`](Proxy::run).
///
/// The sockets may be used meanwhile, by this task and others.
///
/// ```
/// # #[cfg(feature = "async-io")] {
/// use zmq::aio::Proxy;
///
/// let context = zmq::Context::new();
/// let (clients, workers) = (context.socket(zmq::Router)?, context.socket(zmq::Dealer)?);
/// clients.bind("inproc://aio-clients")?;
/// workers.bind("inproc://aio-workers")?;
/// let (client, worker) = (context.socket(zmq::Req)?, context.socket(zmq::Rep)?);
/// client.connect("inproc://aio-clients")?;
/// worker.connect("inproc://aio-workers")?;
///
/// let (clients, workers) = (clients.into_async_io()?, workers.into_async_io()?);
/// let (client, worker) = (client.into_async_io()?, worker.into_async_io()?);
/// let mut broker = Proxy::new(&clients, &workers);
/// let asks = async {
///     client.send("question").await?;
///     assert_eq!(worker.recv_bytes().await?, b"question");
///     worker.send("answer").await?;
///     assert_eq!(client.recv_bytes().await?, b"answer");
///     zmq::Result::Ok(())
/// };
/// // Whichever ends first; the other one is dropped.
/// # smol::block_on(async {
/// smol::future::or(asks, broker.run()).await?;
/// broker.flush().await?;
/// # zmq::Result::Ok(())
/// # })?;
/// // A routing id, an empty frame, and the question.
/// assert_eq!(broker.statistics().frontend.received.frames, 3);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a proxy does nothing until it runs"]
pub struct Proxy<'a> {
    /// From the frontend to the backend, and back.
    flows: [(Flow, Sides<'a>); 2],
}

/// The sockets of one direction.
type Sides<'a> = Ends<'a, AsyncSocket>;

impl<'a> Proxy<'a> {
    /// A proxy between two sockets. They may be the same: it then sends back what it
    /// receives.
    pub fn new<F: Kind, B: Kind>(
        frontend: &'a AsyncSocket<F>,
        backend: &'a AsyncSocket<B>,
    ) -> Proxy<'a> {
        let there = Ends {
            from: frontend.as_dyn(),
            to: backend.as_dyn(),
            capture: None,
        };
        Proxy {
            flows: [there, there.reversed()].map(|sides| (Flow::default(), sides)),
        }
    }

    /// Sends a copy of every message to this socket too. The proxy waits while there is
    /// no room.
    pub fn capture<C: CanSend>(mut self, capture: &'a AsyncSocket<C>) -> Proxy<'a> {
        for (_, sides) in &mut self.flows {
            sides.capture = Some(capture.as_dyn());
        }
        self
    }

    /// Passes messages on, and never returns `Ok`. The future is to be dropped to end
    /// it, and it may run again. A message that was taken from one side and found no
    /// room at the other waits in the proxy for the next run, or for
    /// [`flush`](Proxy::flush).
    ///
    /// # Errors
    ///
    /// As for [`zmq::proxy`](crate::proxy()), but `EINTR`; `ECANCELED` if the runtime
    /// has ended.
    pub async fn run(&mut self) -> Result<()> {
        let [(there, there_sides), (back, back_sides)] = &mut self.flows;
        let works = which_work(Locked::new(*there_sides).ends())?;
        let mut there = pin!(pass(there, *there_sides));
        let mut back = pin!(pass(back, *back_sides));
        poll_fn(|context| {
            if works[0] {
                if let Poll::Ready(ended) = there.as_mut().poll(context) {
                    return Poll::Ready(ended);
                }
            }
            match works[1] {
                true => back.as_mut().poll(context),
                false => Poll::Pending,
            }
        })
        .await
    }

    /// Waits until what was taken from one side is sent to the other. If the future is
    /// dropped, what is not sent is still in the proxy.
    ///
    /// # Errors
    ///
    /// As for [`AsyncSocket::send`].
    pub async fn flush(&mut self) -> Result<()> {
        for (flow, sides) in &mut self.flows {
            while flow.is_held() {
                let passed = flow.pass_message(Locked::new(*sides).ends());
                match passed {
                    Ok(true) | Err(Error::EINTR) => {}
                    Ok(false) => wait(flow, *sides).await?,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// What it has passed on.
    pub fn statistics(&self) -> ProxyStatistics {
        let [(there, _), (back, _)] = &self.flows;
        ProxyStatistics::of([there, back])
    }
}

async fn pass(flow: &mut Flow, sides: Sides<'_>) -> Result<()> {
    loop {
        wait(flow, sides).await?;
        let passed = flow.pass(Locked::new(sides).ends());
        match passed {
            // A signal is not for a task.
            Err(Error::EINTR) => {}
            passed => passed?,
        }
        // Whichever it waits for next.
        sides.from.core().serve(Wish::RECEIVE, TURN);
        sides.to.core().serve(Wish::SEND, TURN);
    }
}

async fn wait(flow: &Flow, sides: Sides<'_>) -> Result<()> {
    let (socket, events) = match (flow.waits_for(), sides.capture) {
        (WaitsFor::Message, _) => (sides.from, POLLIN),
        (WaitsFor::Capture, Some(capture)) => (capture, POLLOUT),
        _ => (sides.to, POLLOUT),
    };
    socket.ready(events).await?;
    Ok(())
}

/// All sockets of one direction, locked.
struct Locked<'a> {
    sides: Sides<'a>,
    guards: Vec<(&'a AsyncSocket, MutexGuard<'a, Socket>)>,
    /// After the locks, which it is to outlive.
    wakers: Wakers,
}

impl<'a> Locked<'a> {
    fn new(sides: Sides<'a>) -> Locked<'a> {
        let mut sockets = vec![sides.from, sides.to];
        sockets.extend(sides.capture);
        // In one order for all who lock several, who would wait for each other else.
        sockets.sort_by_key(|&socket| std::ptr::from_ref(socket));
        sockets.dedup_by_key(|socket| std::ptr::from_ref(*socket));
        Locked {
            sides,
            guards: sockets.into_iter().map(|s| (s, s.core().lock())).collect(),
            wakers: Wakers::default(),
        }
    }

    fn ends(&self) -> Ends<'_> {
        let locked = |socket: &AsyncSocket| -> &Socket {
            let mut guards = self.guards.iter();
            let guard = guards.find(|(of, _)| std::ptr::eq(*of, socket));
            &guard.expect("all are locked").1
        };
        Ends {
            from: locked(self.sides.from),
            to: locked(self.sides.to),
            capture: self.sides.capture.map(locked),
        }
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        for (socket, guard) in &self.guards {
            let core = socket.core();
            core.tell_others(guard, &Place::default(), &mut self.wakers);
        }
    }
}

impl fmt::Debug for Proxy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").finish_non_exhaustive()
    }
}
