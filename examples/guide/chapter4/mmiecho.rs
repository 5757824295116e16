//! Service discovery: a broker of MMI has services of its own, whose names begin with
//! `mmi.`. Asked for `mmi.service` and the name of a service, it says 200 if somebody
//! offers that, 404 if nobody does; to others of its own that it has not, 501.
//!
//! `cargo run -p zmq-guide --bin mmiecho [tcp://localhost:5555] [echo]`, with `mdbroker`,
//! and with `mdworker` or without. In the environment, `TIMEOUT` is how long it waits for a
//! reply, in milliseconds, `RETRIES` how often it asks again.

use std::error::Error;

use zmq_guide::chapter4::mdp::Client;

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = zmq_guide::endpoint(1, "tcp://localhost:5555");
    let service = zmq_guide::argument(2, String::from("echo"))?;
    let mut client = Client::new(&zmq::Context::new(), &endpoint)?;
    match client.request("mmi.service", service.as_str()) {
        Ok(reply) => println!("{service}: {}", zmq_guide::text(&reply[0])),
        Err(e) => println!("E: no reply from the broker: {e}"),
    }
    Ok(())
}
