//! Pipeline in tokio, last stage: prints what the workers pass on.
//!
//! `cargo run --features tokio --example async_pipeline_server [tcp://*:5558]`

mod common;

use std::process::ExitCode;

fn main() -> ExitCode {
    common::run(collect)
}

#[tokio::main]
async fn collect(context: &zmq::Context) -> Result<(), common::Stop> {
    let [endpoint] = common::endpoints(["tcp://*:5558"])?;
    // What is awaited ends with an error then.
    common::shut_down_on_ctrl_c(context);
    let workers = context.socket(zmq::Pull)?;
    common::bind(&workers, &endpoint)?;
    let workers = workers.into_tokio()?;
    loop {
        common::print(&workers.recv_msg().await?)?;
    }
}
