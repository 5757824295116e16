//! Which libzmq this program is linked with. The crate's own version is another matter.
//!
//! `cargo run -p zmq-guide --bin version`

fn main() {
    let (major, minor, patch) = zmq::version();
    println!("libzmq {major}.{minor}.{patch}");
}
