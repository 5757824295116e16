//! Weather updates, the client. A SUB socket receives what begins with something that it
//! has subscribed to, here a zip code or the first digits of several. Without
//! `set_subscribe` it would receive nothing; with an empty prefix, everything. What was
//! published before it came, it has missed.
//!
//! `cargo run -p zmq-guide --bin wuclient [tcp://localhost:5556 [10001 [100]]]`, beside
//! `wuserver`; the numbers are the zip code, and how many updates make an average

use std::error::Error;

use zmq_guide::{argument, endpoint, text};

fn main() -> Result<(), Box<dyn Error>> {
    let zip_code = argument(2, "10001".to_owned())?;
    let updates = argument(3, 100)?;

    let context = zmq::Context::new();
    let subscriber = context.socket(zmq::Sub)?;
    subscriber.connect(&endpoint(1, "tcp://localhost:5556"))?;
    subscriber.set_subscribe(zip_code.as_bytes())?;

    let mut total = 0.0;
    for _ in 0..updates {
        let update = text(&subscriber.recv_msg(0)?);
        let temperature = update.split(' ').nth(1).ok_or("no temperature")?;
        total += temperature.parse::<f64>()?;
    }
    let average = total / f64::from(updates);
    println!("average temperature for zip code {zip_code}: {average:.1} F");
    Ok(())
}
