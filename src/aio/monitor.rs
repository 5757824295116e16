//! Monitors in tasks.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use zmq_sys::RawFd;

use super::core::Core;
use super::reactor::Reactor;
use super::waiters::{Place, Wish};
use crate::error::{Error, Result};
use crate::monitor::{MonitorEvent, MonitorEventKind, MonitorSocket};
use crate::DONTWAIT;

/// A [`MonitorSocket`] whose events are to be awaited: one by one, or as a
/// [`Stream`].
///
/// ```
/// # #[cfg(feature = "async-io")] {
/// use zmq::{MonitorEventKind, SocketEvent};
///
/// let socket = zmq::Context::new().socket(zmq::Pull)?.into_async_io()?;
/// let monitor = socket.socket().monitor_socket(SocketEvent::LISTENING as i32)?;
/// let monitor = monitor.into_async_io()?;
/// socket.socket().bind("tcp://127.0.0.1:*")?;
/// # smol::block_on(async {
/// let event = monitor.recv().await?;
/// assert!(matches!(event.kind, MonitorEventKind::Listening { .. }));
/// # zmq::Result::Ok(())
/// # })?;
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AsyncMonitor {
    core: Core<MonitorSocket>,
    place: Place,
    ended: bool,
}

impl MonitorSocket {
    /// Makes a monitor to be awaited in tokio, of the runtime that this is called in.
    ///
    /// # Errors
    ///
    /// As for [`Socket::into_tokio`](crate::Socket::into_tokio).
    #[cfg(feature = "tokio")]
    pub fn into_tokio(self) -> io::Result<AsyncMonitor> {
        AsyncMonitor::new(self, Reactor::tokio)
    }

    /// Makes a monitor to be awaited anywhere.
    ///
    /// # Errors
    ///
    /// As for [`Socket::into_async_io`](crate::Socket::into_async_io).
    #[cfg(feature = "async-io")]
    pub fn into_async_io(self) -> io::Result<AsyncMonitor> {
        AsyncMonitor::new(self, Reactor::async_io)
    }

    /// Makes a monitor to be awaited anywhere, with a thread of this crate.
    ///
    /// # Errors
    ///
    /// As for [`Socket::into_async_thread`](crate::Socket::into_async_thread).
    pub fn into_async_thread(self) -> io::Result<AsyncMonitor> {
        AsyncMonitor::new(self, Reactor::thread)
    }
}

impl AsyncMonitor {
    fn new(
        monitor: MonitorSocket,
        reactor: impl FnOnce(RawFd) -> io::Result<Reactor>,
    ) -> io::Result<AsyncMonitor> {
        let fd = monitor.as_socket().get_fd()?;
        Ok(AsyncMonitor {
            core: Core::new(monitor, fd, reactor)?,
            place: Place::default(),
            ended: false,
        })
    }

    /// Waits for the next event. If the future is dropped before, none is lost.
    ///
    /// # Errors
    ///
    /// As for [`MonitorSocket::recv`], but `EAGAIN` and `EINTR`.
    pub async fn recv(&self) -> Result<MonitorEvent> {
        self.core
            .attempt(Wish::RECEIVE, |monitor| monitor.recv(DONTWAIT))
            .await
    }
}

/// It ends as [`MonitorEvents`](crate::MonitorEvents) do.
impl Stream for AsyncMonitor {
    type Item = Result<MonitorEvent>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let AsyncMonitor { core, place, ended } = self.get_mut();
        if *ended {
            return Poll::Ready(None);
        }
        let receive = |monitor: &MonitorSocket| monitor.recv(DONTWAIT);
        let polled = core.poll_kept(place, Wish::RECEIVE, task, receive);
        polled.map(|event| match event {
            Err(Error::ETERM) => {
                *ended = true;
                None
            }
            Ok(event) => {
                *ended = event.kind == MonitorEventKind::MonitorStopped;
                Some(Ok(event))
            }
            error => Some(error),
        })
    }
}

impl fmt::Debug for AsyncMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncMonitor").finish_non_exhaustive()
    }
}
