//! Request and reply in smol, in one process: a server that is a task, and clients
//! that ask it at the same time.
//!
//! `cargo run --features async-io --example async_smol`

use zmq::aio::AsyncSocket;
use zmq::{Context, Rep, Req};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    smol::block_on(async {
        let context = Context::new();
        let server = context.socket(Rep)?;
        server.bind("tcp://127.0.0.1:*")?; // any free port
        let endpoint = server.get_last_endpoint()?.unwrap_or_default();
        let serving = smol::spawn(serve(server.into_async_io()?));

        let names = ["Alice", "Bob", "Carol"];
        let asking = names.map(|name| smol::spawn(ask(context.clone(), endpoint.clone(), name)));
        for (name, answer) in names.into_iter().zip(asking) {
            println!("{name} hears {:?}", answer.await?);
        }
        // Dropped at an `await`, where nothing is lost by it.
        serving.cancel().await;
        Ok(())
    })
}

async fn serve(server: AsyncSocket<Rep>) -> zmq::Result<()> {
    loop {
        let name = server.recv_bytes().await?;
        let answer = format!("hello, {}", String::from_utf8_lossy(&name));
        server.send(answer).await?;
    }
}

async fn ask(context: Context, endpoint: String, name: &str) -> std::io::Result<String> {
    let client = context.socket(Req)?;
    client.connect(&endpoint)?;
    let client = client.into_async_io()?;
    client.send(name).await?;
    let answer = client.recv_bytes().await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
