use ours::options::{Unpaced, With};

fn main() {
    driver::main::<With<Unpaced>>();
}
