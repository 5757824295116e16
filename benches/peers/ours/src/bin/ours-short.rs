use ours::options::{Short, With};

fn main() {
    driver::main::<With<Short>>();
}
