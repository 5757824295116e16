//! Publish and subscribe: sends each line typed to all who subscribed to it.
//!
//! `cargo run --example pubsub_server [tcp://127.0.0.1:5000]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|context| {
        let [endpoint] = common::endpoints(["tcp://127.0.0.1:5000"])?;
        let lines = common::typed_lines();
        let publisher = context.socket(zmq::Pub)?;
        common::bind(&publisher, &endpoint)?;
        for line in lines {
            // Never waits: who is not there, or too slow, misses it.
            publisher.send(line, 0)?;
        }
        Ok(())
    })
}
