//! Request and reply in tokio: prints each request and answers it.
//!
//! `cargo run --features tokio --example async_reqrep_server [tcp://*:5555]`

mod common;

use std::process::ExitCode;

use tokio::signal::unix::{signal, SignalKind};

fn main() -> ExitCode {
    common::run(serve)
}

#[tokio::main]
async fn serve(context: &zmq::Context) -> Result<(), common::Stop> {
    let [endpoint] = common::endpoints(["tcp://*:5555"])?;
    // Unlike `tokio::signal::ctrl_c`, hears what comes while nobody awaits it.
    let mut ctrl_c = signal(SignalKind::interrupt())?;
    let server = context.socket(zmq::Rep)?;
    common::bind(&server, &endpoint)?;
    let server = server.into_tokio()?;
    loop {
        // Ctrl-C ends this, and nothing else: what was received is answered.
        let request = tokio::select! {
            request = server.recv_multipart() => request?,
            _ = ctrl_c.recv() => return Ok(()),
        };
        server.send("server response!").await?;
        for frame in &request {
            common::print(frame)?;
        }
    }
}
