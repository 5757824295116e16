//! The asynchronous clients and server of `asyncsrv` in tokio. There a pool of threads works
//! on as many requests as it has threads; here each request is a task, and nobody waits
//! for a worker. All of them send by the same ROUTER: tasks may share an `AsyncSocket`.
//!
//! `cargo run -p zmq-guide --bin asyncsrv_tokio [tcp://127.0.0.1:5570 [5 [1000]]]`; the
//! numbers are how many requests each client sends, and the milliseconds from one to the
//! next

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{interval, sleep};
use zmq::aio::AsyncSocket;
use zmq::{Dealer, Multipart, Router};
use zmq_guide::{argument, endpoint, text};

const CLIENTS: u32 = 3;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = endpoint(1, "tcp://127.0.0.1:5570");
    let requests = argument(2, 5)?;
    let pause = Duration::from_millis(argument(3, 1000)?.max(1));
    let context = zmq::Context::new();

    let server = context.socket(Router)?;
    server.bind(&endpoint)?;
    tokio::spawn(serve(Arc::new(server.into_tokio()?), pause));

    let mut clients = JoinSet::new();
    for n in 1..=CLIENTS {
        let socket = context.socket(Dealer)?;
        socket.set_identity(format!("client {n}").as_bytes())?;
        socket.connect(&endpoint)?;
        clients.spawn(client(n, socket.into_tokio()?, requests, pause));
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    Ok(()) // the server's tasks end with the runtime
}

/// Sends a request whenever it is time to, and meanwhile hears replies.
async fn client(
    n: u32,
    client: AsyncSocket<Dealer>,
    requests: u32,
    pause: Duration,
) -> zmq::Result<()> {
    let (mut sent, mut answered) = (0, 0);
    let mut due = interval(pause);
    while answered < requests {
        tokio::select! {
            _ = due.tick(), if sent < requests => {
                sent += 1;
                client.send(format!("request {sent}")).await?;
            }
            reply = client.recv_frames() => {
                let reply = reply?;
                println!("client {n}: {}, {}", text(&reply[0]), text(&reply[1]));
                if &reply[1][..] == b"last reply" {
                    answered += 1;
                }
            }
        }
    }
    Ok(())
}

async fn serve(server: Arc<AsyncSocket<Router>>, pause: Duration) -> zmq::Result<()> {
    loop {
        let request = server.recv_frames().await?; // from whom, and what
        tokio::spawn(work(Arc::clone(&server), request, pause));
    }
}

/// Replies up to five times, with pauses.
async fn work(
    server: Arc<AsyncSocket<Router>>,
    request: Multipart,
    pause: Duration,
) -> zmq::Result<()> {
    let replies = fastrand::u32(1..=5);
    for reply in 1..=replies {
        sleep(pause.mul_f64(fastrand::f64() / 5.0)).await;
        let which = match reply {
            last if last == replies => "last reply".to_owned(),
            n => format!("reply {n}"),
        };
        let mut message = request.clone();
        message.push_back(which);
        server.send_frames(message).await?;
    }
    Ok(())
}
