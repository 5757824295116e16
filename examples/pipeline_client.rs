//! Pipeline, first stage: sends each line typed to one of the workers, in turn.
//!
//! `cargo run --example pipeline_client [tcp://*:5557]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|context| {
        let [endpoint] = common::endpoints(["tcp://*:5557"])?;
        let lines = common::typed_lines();
        let workers = context.socket(zmq::Push)?;
        common::bind(&workers, &endpoint)?;
        for line in lines {
            // Waits until there is a worker, and room in its queue.
            common::insist(|| workers.send(&line, 0))?;
        }
        Ok(())
    })
}
