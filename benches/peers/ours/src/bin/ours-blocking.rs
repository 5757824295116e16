use ours::blocking::Blocking;

fn main() {
    driver::main::<Blocking>();
}
