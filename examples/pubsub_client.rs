//! Publish and subscribe: prints what publishers send that begins with a prefix;
//! without a prefix, or with an empty one, everything.
//!
//! `cargo run --example pubsub_client [PREFIX] [tcp://127.0.0.1:5000 ...]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|context| {
        let (prefix, publishers) = common::prefix_and_endpoints("tcp://127.0.0.1:5000");
        common::shut_down_on_ctrl_c(context);
        let subscriber = context.socket(zmq::Sub)?;
        subscriber.set_subscribe(prefix.as_encoded_bytes())?;
        for publisher in publishers {
            common::connect(&subscriber, &publisher)?;
        }
        loop {
            common::print(&subscriber.recv_msg(0)?)?;
        }
    })
}
