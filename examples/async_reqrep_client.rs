//! Request and reply in tokio: sends each line typed and prints the reply to it.
//!
//! `cargo run --features tokio --example async_reqrep_client [tcp://localhost:5555]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(ask)
}

#[tokio::main]
async fn ask(context: &zmq::Context) -> Result<(), common::Stop> {
    let [endpoint] = common::endpoints(["tcp://localhost:5555"])?;
    let lines = common::typed_lines();
    let client = context.socket(zmq::Req)?;
    common::connect(&client, &endpoint)?;
    let client = client.into_tokio()?;
    while let Some(line) = lines.next_line().await {
        client.send(line).await?;
        for frame in client.recv_multipart().await? {
            common::print(&frame)?;
        }
    }
    Ok(())
}
