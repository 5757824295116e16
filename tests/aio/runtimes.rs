//! Where the tests run.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::StreamExt;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};
use zmq::aio::{AsyncMonitor, AsyncSocket};
use zmq::{Context, Kind, MonitorSocket, Socket};

use crate::common::{bind_tcp, timed};

/// What a task does.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where tasks run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Runtime {
    /// All in one thread.
    Tokio,
    /// In four.
    TokioThreads,
    /// In one, where they need not be `Send`.
    LocalSet,
    Smol,
    /// In smol, where the crate's own thread waits for sockets.
    Thread,
}

pub const ALL: [Runtime; 5] = [
    Runtime::Tokio,
    Runtime::TokioThreads,
    Runtime::LocalSet,
    Runtime::Smol,
    Runtime::Thread,
];

impl Runtime {
    pub fn socket<K: Kind>(self, socket: Socket<K>) -> AsyncSocket<K> {
        let made = match self {
            Runtime::Tokio | Runtime::TokioThreads | Runtime::LocalSet => socket.into_tokio(),
            Runtime::Smol => socket.into_async_io(),
            Runtime::Thread => socket.into_async_thread(),
        };
        made.unwrap()
    }

    pub fn monitor(self, monitor: MonitorSocket) -> AsyncMonitor {
        let made = match self {
            Runtime::Tokio | Runtime::TokioThreads | Runtime::LocalSet => monitor.into_tokio(),
            Runtime::Smol => monitor.into_async_io(),
            Runtime::Thread => monitor.into_async_thread(),
        };
        made.unwrap()
    }

    pub fn block_on(self, work: impl Future<Output = ()>) {
        let mut builder = match self {
            Runtime::Tokio | Runtime::LocalSet => Builder::new_current_thread(),
            Runtime::TokioThreads => Builder::new_multi_thread(),
            Runtime::Smol | Runtime::Thread => return smol::block_on(work),
        };
        let runtime = builder.worker_threads(4).enable_all().build().unwrap();
        match self {
            Runtime::LocalSet => LocalSet::new().block_on(&runtime, work),
            _ => runtime.block_on(work),
        }
    }

    /// Runs tasks side by side until all have ended, or one has panicked.
    pub async fn together(self, work: Vec<Work>) {
        if matches!(self, Runtime::Smol | Runtime::Thread) {
            let mut tasks: FuturesUnordered<_> = work.into_iter().map(smol::spawn).collect();
            while tasks.next().await.is_some() {}
            return;
        }
        let mut tasks = JoinSet::new();
        for work in work {
            match self {
                Runtime::LocalSet => tasks.spawn_local(work),
                _ => tasks.spawn(work),
            };
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    }

    pub async fn sleep(self, time: Duration) {
        match self {
            Runtime::Smol | Runtime::Thread => drop(smol::Timer::after(time).await),
            _ => tokio::time::sleep(time).await,
        }
    }
}

/// Runs a test in each runtime.
pub fn everywhere<F: Future<Output = ()> + 'static>(test: fn(Runtime) -> F) {
    timed(move || {
        for runtime in ALL {
            runtime.block_on(test(runtime));
        }
    });
}

/// Two sockets that are connected by tcp.
pub fn connected<A: Kind, B: Kind>(
    runtime: Runtime,
    context: &Context,
    (one, other): (A, B),
    prepare: impl Fn(&Socket, &Socket),
) -> (AsyncSocket<A>, AsyncSocket<B>) {
    let (one, other) = (context.socket(one).unwrap(), context.socket(other).unwrap());
    prepare(one.as_dyn(), other.as_dyn());
    let endpoint = bind_tcp(&other);
    one.connect(&endpoint).unwrap();
    (runtime.socket(one), runtime.socket(other))
}

/// Queues of one message each.
pub fn tiny_queues(one: &Socket, other: &Socket) {
    for socket in [one, other] {
        socket.set_sndhwm(1).unwrap();
        socket.set_rcvhwm(1).unwrap();
    }
}
