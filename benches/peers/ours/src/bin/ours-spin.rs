use ours::spin::Spin;

fn main() {
    driver::main::<Spin>();
}
