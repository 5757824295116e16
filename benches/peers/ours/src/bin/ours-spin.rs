use ours::options::{Spin, With};

fn main() {
    driver::main::<With<Spin>>();
}
