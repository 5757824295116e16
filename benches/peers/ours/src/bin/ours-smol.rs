use std::future::{self, Future};
use std::thread;

use driver::Runtime;
use ours::{Awaited, Wait};
use smol::Executor;
use zmq::aio::AsyncSocket;
use zmq::Socket;

static EXECUTOR: Executor = Executor::new();

struct Smol;

impl Runtime for Smol {
    fn block_on(threads: usize, future: impl Future<Output = ()>) {
        // smol's own executor has as many threads as the environment says.
        for _ in 0..threads {
            thread::spawn(|| smol::block_on(EXECUTOR.run(future::pending::<()>())));
        }
        if threads == 0 {
            smol::block_on(EXECUTOR.run(future));
        } else {
            smol::block_on(future);
        }
    }

    fn spawn<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> {
        EXECUTOR.spawn(task)
    }
}

impl Wait for Smol {
    type Runtime = Smol;

    fn adopt(socket: Socket) -> AsyncSocket {
        socket.into_async_io().unwrap()
    }
}

fn main() {
    driver::main::<Awaited<Smol>>();
}
