#[path = "../../ours/src/blocking.rs"]
mod blocking;

fn main() {
    driver::main::<blocking::Blocking>();
}
