//! Where the tests run.

use std::future::Future;
use std::pin::Pin;

use zmq::aio::AsyncSocket;
use zmq::{Context, Kind, Socket};

use crate::common::{bind_tcp, timed};

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
}

pub const ALL: [Runtime; 4] = [
    Runtime::Tokio,
    Runtime::TokioThreads,
    Runtime::LocalSet,
    Runtime::Smol,
];

impl Runtime {
    pub fn socket<K: Kind>(self, socket: Socket<K>) -> AsyncSocket<K> {
        match self {
            Runtime::Smol => socket.into_async_io().unwrap(),
            _ => socket.into_tokio().unwrap(),
        }
    }

    pub fn block_on(self, work: impl Future<Output = ()>) {
        use tokio::runtime::Builder;

        match self {
            Runtime::Tokio => Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(work),
            Runtime::TokioThreads => Builder::new_multi_thread()
                .worker_threads(4)
                .enable_all()
                .build()
                .unwrap()
                .block_on(work),
            Runtime::LocalSet => {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                tokio::task::LocalSet::new().block_on(&runtime, work);
            }
            Runtime::Smol => smol::block_on(work),
        }
    }

    /// Runs tasks side by side until all have ended.
    pub async fn together(self, work: Vec<Work>) {
        if self == Runtime::Smol {
            let tasks: Vec<_> = work.into_iter().map(smol::spawn).collect();
            for task in tasks {
                task.await;
            }
            return;
        }
        let spawn = |work| match self {
            Runtime::LocalSet => tokio::task::spawn_local(work),
            _ => tokio::spawn(work),
        };
        let tasks: Vec<_> = work.into_iter().map(spawn).collect();
        for task in tasks {
            task.await.unwrap();
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
