//! Hello World, a server of several threads: the broker of `msgqueue`, with workers that
//! are threads of its own, to which it talks over inproc. There is no lock and nothing
//! shared; a socket may move to another thread, but the compiler does not let two use it.
//!
//! `cargo run -p zmq-guide --bin mtserver [tcp://*:5555]`, and then `hwclient`

use std::thread;

use zmq::{Rep, Socket};

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let clients = context.socket(zmq::Router)?;
    clients.bind(&zmq_guide::endpoint(1, "tcp://*:5555"))?;
    let workers = context.socket(zmq::Dealer)?;
    workers.bind("inproc://workers")?;

    for n in 1..=5 {
        let worker = context.socket(Rep)?;
        worker.connect("inproc://workers")?;
        thread::spawn(move || work(n, &worker));
    }
    zmq::proxy(&clients, &workers)
}

fn work(n: u32, worker: &Socket<Rep>) -> zmq::Result<()> {
    loop {
        let request = worker.recv_msg(0)?;
        println!("worker {n} received {}", zmq_guide::text(&request));
        worker.send("World", 0)?;
    }
}
