use driver::runtime;
use peer_arzmq::{Arzmq, Wait};

struct Tokio;

impl Wait for Tokio {
    type Runtime = runtime::Tokio;
    const AWAITED: bool = true;
}

fn main() {
    driver::main::<Arzmq<Tokio>>();
}
