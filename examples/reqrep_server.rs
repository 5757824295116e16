//! Request and reply: prints each request and answers it.
//!
//! `cargo run --example reqrep_server [tcp://*:5555]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|context| {
        let [endpoint] = common::endpoints(["tcp://*:5555"])?;
        common::shut_down_on_ctrl_c(context);
        let server = context.socket(zmq::Rep)?;
        common::bind(&server, &endpoint)?;
        loop {
            let request = server.recv_multipart(0)?;
            // First, so that Ctrl-C leaves nothing printed unanswered.
            server.send("server response!", 0)?;
            for frame in &request {
                common::print(frame)?;
            }
        }
    })
}
