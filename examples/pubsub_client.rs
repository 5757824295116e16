//! Publish and subscribe: prints what publishers send that begins with a prefix;
//! without a prefix, or with an empty one, everything.
//!
//! `cargo run --example pubsub_client [PREFIX] [tcp://127.0.0.1:5000 ...]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|context| {
        let mut arguments = std::env::args_os().skip(1).peekable();
        let prefix = arguments
            .next_if(|first| !first.to_string_lossy().contains("://"))
            .unwrap_or_default();
        common::shut_down_on_ctrl_c(context);
        let subscriber = context.socket(zmq::Sub)?;
        subscriber.set_subscribe(prefix.as_encoded_bytes())?;
        if arguments.peek().is_none() {
            common::connect(&subscriber, "tcp://127.0.0.1:5000")?;
        }
        for publisher in arguments {
            common::connect(&subscriber, &publisher.to_string_lossy())?;
        }
        loop {
            common::print(&subscriber.recv_msg(0)?)?;
        }
    })
}
