//! Pipeline, last stage: prints what the workers pass on.
//!
//! `cargo run --example pipeline_server [tcp://*:5558]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|context| {
        let [endpoint] = common::endpoints(["tcp://*:5558"])?;
        common::shut_down_on_ctrl_c(context);
        let workers = context.socket(zmq::Pull)?;
        common::bind(&workers, &endpoint)?;
        loop {
            common::print(&workers.recv_msg(0)?)?;
        }
    })
}
