//! Pipeline, second stage, of which there can be many: prints what the client
//! sends and passes it on to the server.
//!
//! `cargo run --example pipeline_worker [tcp://127.0.0.1:5557] [tcp://127.0.0.1:5558]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|context| {
        let [from, to] = common::endpoints(["tcp://127.0.0.1:5557", "tcp://127.0.0.1:5558"])?;
        common::shut_down_on_ctrl_c(context);
        let client = context.socket(zmq::Pull)?;
        let server = context.socket(zmq::Push)?;
        common::connect(&client, &from)?;
        common::connect(&server, &to)?;
        loop {
            let work = client.recv_multipart(0)?;
            // First, so that Ctrl-C leaves nothing printed behind.
            server.send_multipart(&work, 0)?;
            for frame in &work {
                common::print(frame)?;
            }
        }
    })
}
