use driver::runtime;
use peer_arzmq::{Arzmq, Wait};

struct Threads;

impl Wait for Threads {
    type Runtime = runtime::Threads;
    const AWAITED: bool = false;
}

fn main() {
    driver::main::<Arzmq<Threads>>();
}
