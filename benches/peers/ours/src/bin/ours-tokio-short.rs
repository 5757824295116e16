use ours::{options::Short, tokio::Tokio, Awaited};

fn main() {
    driver::main::<Awaited<Tokio, Short>>();
}
