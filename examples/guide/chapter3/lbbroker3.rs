//! The load-balancing broker of `lbbroker` as a reactor: what is to be done when a socket
//! has something is a method, and the poller says which to call. Its tokens are those
//! methods. What the broker knows is in one place, and a further socket would be a line.
//!
//! `cargo run -p zmq-guide --bin lbbroker3`

use std::collections::VecDeque;
use std::thread;

use zmq::{Context, Multipart, PollEvents, Poller, Req, Router, Socket, POLLIN};
use zmq_guide::text;

const CLIENTS: usize = 10;
const WORKERS: usize = 3;

type Handler = fn(&mut Broker) -> zmq::Result<()>;

struct Broker<'a> {
    frontend: &'a Socket<Router>,
    backend: &'a Socket<Router>,
    free: VecDeque<Multipart>,
    replies: usize,
}

impl Broker<'_> {
    /// `[worker, "", "READY"]`, or `[worker, "", client, "", reply]`.
    fn hear_worker(&mut self) -> zmq::Result<()> {
        let mut message = self.backend.recv_frames(0)?;
        self.free.push_back(message.take_envelope());
        if message != ["READY"] {
            self.frontend.send_frames(message, 0)?;
            self.replies += 1;
        }
        Ok(())
    }

    /// `[client, "", request]`
    fn hear_client(&mut self) -> zmq::Result<()> {
        let Some(worker) = self.free.pop_front() else {
            return Ok(()); // the request waits
        };
        let mut request = self.frontend.recv_frames(0)?;
        request.put_envelope(worker);
        Ok(self.backend.send_frames(request, 0)?)
    }
}

fn main() -> zmq::Result<()> {
    let context = Context::new();
    let (frontend, backend) = (context.socket(Router)?, context.socket(Router)?);
    frontend.bind("inproc://frontend")?;
    backend.bind("inproc://backend")?;
    let spawn = |n, task: fn(usize, &Context) -> zmq::Result<()>| {
        let context = context.clone();
        thread::spawn(move || task(n, &context))
    };
    let clients: Vec<_> = (1..=CLIENTS).map(|n| spawn(n, client)).collect();
    let workers: Vec<_> = (1..=WORKERS).map(|n| spawn(n, worker)).collect();

    let mut broker = Broker {
        frontend: &frontend,
        backend: &backend,
        free: VecDeque::new(),
        replies: 0,
    };
    let mut poller = Poller::<Handler>::new()?;
    poller.add(&backend, POLLIN, |broker| broker.hear_worker())?;
    poller.add(&frontend, POLLIN, |broker| broker.hear_client())?;
    while broker.replies < CLIENTS {
        // Clients are heard only when there is a worker for them.
        let nobody_is_free = broker.free.is_empty();
        let heard = if nobody_is_free {
            PollEvents::empty()
        } else {
            POLLIN
        };
        poller.modify(&frontend, heard)?;
        for ready in poller.wait(-1)? {
            (ready.token)(&mut broker)?;
        }
    }
    for client in clients {
        client.join().expect("no client panics")?;
    }
    context.shutdown()?;
    for worker in workers {
        let _ = worker.join(); // with `ETERM`
    }
    Ok(())
}

fn client(n: usize, context: &Context) -> zmq::Result<()> {
    let client = context.socket(Req)?;
    client.connect("inproc://frontend")?;
    client.send(format!("HELLO from client {n}"), 0)?;
    println!("client {n}: {}", text(&client.recv_msg(0)?));
    Ok(())
}

fn worker(n: usize, context: &Context) -> zmq::Result<()> {
    let worker = context.socket(Req)?;
    worker.connect("inproc://backend")?;
    worker.send("READY", 0)?;
    loop {
        let mut request = worker.recv_frames(0)?;
        let client = request.take_envelope();
        let mut reply = Multipart::from(format!("OK to {:?} by worker {n}", text(&request[0])));
        reply.put_envelope(client);
        worker.send_frames(reply, 0)?;
    }
}
