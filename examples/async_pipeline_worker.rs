//! Pipeline in tokio, second stage, of which there can be many: prints what the client
//! sends and passes it on to the server.
//!
//! `cargo run --features tokio --example async_pipeline_worker \
//!     [tcp://127.0.0.1:5557] [tcp://127.0.0.1:5558]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(pass_on)
}

#[tokio::main]
async fn pass_on(context: &zmq::Context) -> Result<(), common::Stop> {
    let [from, to] = common::endpoints(["tcp://127.0.0.1:5557", "tcp://127.0.0.1:5558"])?;
    // What is awaited ends with an error then.
    common::shut_down_on_ctrl_c(context);
    let client = context.socket(zmq::Pull)?;
    let server = context.socket(zmq::Push)?;
    common::connect(&client, &from)?;
    common::connect(&server, &to)?;
    let (client, server) = (client.into_tokio()?, server.into_tokio()?);
    loop {
        let work = client.recv_multipart().await?;
        // First, so that Ctrl-C leaves nothing printed behind.
        server.send_multipart(&work).await?;
        for frame in &work {
            common::print(frame)?;
        }
    }
}
