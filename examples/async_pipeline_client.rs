//! Pipeline in tokio, first stage: sends each line typed to one of the workers, in
//! turn.
//!
//! `cargo run --features tokio --example async_pipeline_client [tcp://*:5557]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(hand_out)
}

#[tokio::main]
async fn hand_out(context: &zmq::Context) -> Result<(), common::Stop> {
    let [endpoint] = common::endpoints(["tcp://*:5557"])?;
    let lines = common::typed_lines();
    let workers = context.socket(zmq::Push)?;
    common::bind(&workers, &endpoint)?;
    let workers = workers.into_tokio()?;
    while let Some(line) = lines.next_line().await {
        // Waits until there is a worker, and room in its queue.
        workers.send(line).await?;
    }
    Ok(())
}
