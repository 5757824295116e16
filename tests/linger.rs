//! What is sent by a socket that was closed meanwhile.
#![cfg(zmq_vendored)]

mod common;

use std::time::Duration;

use common::{bind, timed};
use zmq::{Context, Pull, Push};

/// It is all sent where the system has little room for what is on its way, too: libzmq ended
/// the connection when it had read all, and what it could not write yet was lost
/// (session_base.cpp, pipe_terminated; shown from C by `tests/defects`).
#[test]
fn what_lingers_is_written_to_its_end() {
    const COUNT: u32 = 5000;

    timed(|| {
        for endpoint in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"] {
            let (context, peers) = (Context::new(), Context::new());
            let pull = peers.socket(Pull).unwrap();
            pull.set_rcvbuf(4096).unwrap();
            pull.set_rcvhwm(1).unwrap();
            let endpoint = bind(&pull, endpoint);
            let push = context.socket(Push).unwrap();
            push.set_sndbuf(4096).unwrap();
            push.set_sndhwm(0).unwrap();
            push.set_linger(-1).unwrap();
            push.connect(&endpoint).unwrap();
            for number in 0..COUNT {
                push.send([&number.to_ne_bytes()[..], &[0; 96]].concat(), 0)
                    .unwrap();
            }
            drop(push);
            for number in 0..COUNT {
                assert_eq!(pull.recv_bytes(0).unwrap()[..4], number.to_ne_bytes());
            }
            context.end(Duration::from_secs(30)).unwrap();
        }
    });
}
