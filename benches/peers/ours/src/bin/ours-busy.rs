use ours::busy::Busy;

fn main() {
    driver::main::<Busy>();
}
