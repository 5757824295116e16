//! Reads from two sockets with a poller: it sleeps until one of them has something, and
//! says which. The token that a socket is added with is what the poller tells of it.
//!
//! `cargo run -p zmq-guide --bin mspoller [tcp://localhost:5557 [tcp://localhost:5556]]`,
//! beside `taskvent` and `wuserver`

use zmq::{Poller, POLLIN};
use zmq_guide::{endpoint, text};

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let tasks = context.socket(zmq::Pull)?;
    tasks.connect(&endpoint(1, "tcp://localhost:5557"))?;
    let weather = context.socket(zmq::Sub)?;
    weather.connect(&endpoint(2, "tcp://localhost:5556"))?;
    weather.set_subscribe(b"10001")?;

    let mut poller = Poller::new()?;
    poller.add(&tasks, POLLIN, ("task", tasks.as_dyn()))?;
    poller.add(&weather, POLLIN, ("weather", weather.as_dyn()))?;
    loop {
        for ready in poller.wait(-1)? {
            let (what, socket) = ready.token;
            println!("{what}: {}", text(&socket.recv_msg(0)?));
        }
    }
}
