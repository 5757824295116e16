//! Publish and subscribe in tokio: sends each line typed to all who subscribed to it.
//!
//! `cargo run --features tokio --example async_pubsub_server [tcp://127.0.0.1:5000]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(publish)
}

#[tokio::main]
async fn publish(context: &zmq::Context) -> Result<(), common::Stop> {
    let [endpoint] = common::endpoints(["tcp://127.0.0.1:5000"])?;
    let lines = common::typed_lines();
    let publisher = context.socket(zmq::Pub)?;
    common::bind(&publisher, &endpoint)?;
    let publisher = publisher.into_tokio()?;
    while let Some(line) = lines.next_line().await {
        // Never waits: who is not there, or too slow, misses it.
        publisher.send(line).await?;
    }
    Ok(())
}
