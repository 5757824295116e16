//! The load-balancing broker of `lbbroker` in tokio: clients, workers and the broker are
//! tasks. `select!` is the poller, and a branch that is not to be taken now has an `if`.
//! It loses nothing: a branch that is not taken has received nothing.
//!
//! `cargo run -p zmq-guide --bin lbbroker_tokio`

use std::collections::VecDeque;
use std::error::Error;

use tokio::task::JoinSet;
use zmq::aio::AsyncSocket;
use zmq::{Multipart, Req};
use zmq_guide::text;

const CLIENTS: usize = 10;
const WORKERS: usize = 3;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new();
    let frontend = context.socket(zmq::Router)?;
    frontend.bind("inproc://frontend")?;
    let frontend = frontend.into_tokio()?;
    let backend = context.socket(zmq::Router)?;
    backend.bind("inproc://backend")?;
    let backend = backend.into_tokio()?;
    let connect = |endpoint| -> Result<AsyncSocket<Req>, Box<dyn Error>> {
        let socket = context.socket(Req)?;
        socket.connect(endpoint)?;
        Ok(socket.into_tokio()?)
    };
    let mut clients = JoinSet::new();
    for n in 1..=CLIENTS {
        clients.spawn(client(n, connect("inproc://frontend")?));
    }
    for n in 1..=WORKERS {
        tokio::spawn(worker(n, connect("inproc://backend")?)); // ends with the runtime
    }

    let mut free = VecDeque::new();
    loop {
        tokio::select! {
            // [worker, "", "READY"], or [worker, "", client, "", reply]
            message = backend.recv_frames() => {
                let mut message = message?;
                free.push_back(message.take_envelope());
                if message != ["READY"] {
                    frontend.send_frames(message).await?;
                }
            }
            // Clients are heard only when there is a worker for them.
            request = frontend.recv_frames(), if !free.is_empty() => {
                let mut request = request?;
                request.put_envelope(free.pop_front().expect("there is one"));
                backend.send_frames(request).await?;
            }
            client = clients.join_next() => match client {
                Some(done) => done??,
                None => return Ok(()), // all have their replies
            }
        }
    }
}

async fn client(n: usize, client: AsyncSocket<Req>) -> zmq::Result<()> {
    client.send(format!("HELLO from client {n}")).await?;
    println!("client {n}: {}", text(&client.recv_msg().await?));
    Ok(())
}

async fn worker(n: usize, worker: AsyncSocket<Req>) -> zmq::Result<()> {
    worker.send("READY").await?;
    loop {
        let mut request = worker.recv_frames().await?;
        let client = request.take_envelope();
        let mut reply = Multipart::from(format!("OK to {:?} by worker {n}", text(&request[0])));
        reply.put_envelope(client);
        worker.send_frames(reply).await?;
    }
}
