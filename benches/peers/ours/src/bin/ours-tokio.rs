use ours::{tokio::Tokio, Awaited};

fn main() {
    driver::main::<Awaited<Tokio>>();
}
