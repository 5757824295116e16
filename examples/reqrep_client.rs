//! Request and reply: sends each line typed and prints the reply to it.
//!
//! `cargo run --example reqrep_client [tcp://localhost:5555]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(|context| {
        let [endpoint] = common::endpoints(["tcp://localhost:5555"])?;
        let lines = common::typed_lines();
        let client = context.socket(zmq::Req)?;
        common::connect(&client, &endpoint)?;
        for line in lines {
            common::insist(|| client.send(&line, 0))?;
            for frame in common::insist(|| client.recv_multipart(0))? {
                common::print(&frame)?;
            }
        }
        Ok(())
    })
}
