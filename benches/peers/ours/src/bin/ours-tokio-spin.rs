use ours::{options::Spin, tokio::Tokio, Awaited};

fn main() {
    driver::main::<Awaited<Tokio, Spin>>();
}
