//! A server that works on many requests at a time, in tokio. A request is how many
//! milliseconds it takes, and is answered when it is done, before those that take
//! longer.
//!
//! `cargo run --features tokio --example async_router [tcp://*:5555]`
//!
//! Ask it by any number of `reqrep_client`. Ctrl-C has it finish what it has begun, a
//! second one does not.

mod common;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use common::Stop;
use tokio::signal::unix::{signal, SignalKind};
use tokio::task::JoinSet;
use zmq::aio::AsyncSocket;
use zmq::{Context, Multipart, Router};

/// Requests that it works on at a time. Others wait with libzmq.
const AT_A_TIME: usize = 100;

fn main() -> ExitCode {
    common::run(serve)
}

#[tokio::main]
async fn serve(context: &Context) -> Result<(), Stop> {
    let [endpoint] = common::endpoints(["tcp://*:5555"])?;
    // Unlike `tokio::signal::ctrl_c`, hears what comes while nobody awaits it.
    let mut ctrl_c = signal(SignalKind::interrupt())?;
    let server = context.socket(Router)?;
    common::bind(&server, &endpoint)?;
    let server = Arc::new(server.into_tokio()?);
    let mut work = JoinSet::new();
    loop {
        tokio::select! {
            request = server.recv_frames(), if work.len() < AT_A_TIME => {
                work.spawn(answer(Arc::clone(&server), request?));
            }
            Some(done) = work.join_next() => done.expect("no task panics")?,
            _ = ctrl_c.recv() => break,
        }
    }
    eprintln!("still to be answered: {}", work.len());
    tokio::select! {
        answered = work.join_all() => answered.into_iter().collect(),
        _ = ctrl_c.recv() => Ok(()),
    }
}

/// Works on a request. The reply has its envelope, by which it finds the client.
async fn answer(server: Arc<AsyncSocket<Router>>, mut request: Multipart) -> Result<(), Stop> {
    let envelope = request.take_envelope();
    let work = request.back().and_then(|frame| frame.as_str());
    let work = work.unwrap_or_default();
    common::print(work.as_bytes())?;
    tokio::time::sleep(Duration::from_millis(work.parse().unwrap_or(0))).await;
    let mut reply = Multipart::from([format!("done: {work}")]);
    reply.put_envelope(envelope);
    Ok(server.send_frames(reply).await?)
}
