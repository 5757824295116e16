#[path = "../../c/src/start.rs"]
mod start;

fn main() {
    start::main(false);
}
