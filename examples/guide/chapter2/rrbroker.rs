//! Request and reply through a broker: clients and workers connect to it, and need not
//! know of each other.
//!
//! ```text
//! rrclient (REQ)   rrclient (REQ)
//!          \       /
//!          (ROUTER)
//!          rrbroker
//!          (DEALER)
//!          /       \
//! rrworker (REP)   rrworker (REP)
//! ```
//!
//! ROUTER and DEALER are REP and REQ without the taking of turns. The ROUTER puts before
//! each request who it is from, the DEALER gives it to the next worker, whose REP keeps
//! that envelope and puts it on the reply; by it the ROUTER finds the client again.
//! `msgqueue` does the same by the proxy that is built in.
//!
//! `cargo run -p zmq-guide --bin rrbroker [tcp://*:5559 [tcp://*:5560]]`, and then
//! `rrworker` and `rrclient`

use zmq::{Poller, POLLIN};
use zmq_guide::endpoint;

fn main() -> zmq::Result<()> {
    let context = zmq::Context::new();
    let frontend = context.socket(zmq::Router)?;
    frontend.bind(&endpoint(1, "tcp://*:5559"))?;
    let backend = context.socket(zmq::Dealer)?;
    backend.bind(&endpoint(2, "tcp://*:5560"))?;

    let mut poller = Poller::new()?;
    poller.add(&frontend, POLLIN, (frontend.as_dyn(), backend.as_dyn()))?;
    poller.add(&backend, POLLIN, (backend.as_dyn(), frontend.as_dyn()))?;
    loop {
        for ready in poller.wait(-1)? {
            let (from, to) = ready.token;
            to.send_frames(from.recv_frames(0)?, 0)?; // all frames, the envelope too
        }
    }
}
