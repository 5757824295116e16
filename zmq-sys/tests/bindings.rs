//! The checked-in declarations are what `build/bindings.rs` generates from the
//! vendored header. With `ZMQ_SYS_BLESS=1` they are written instead of compared.
#![cfg(feature = "bindgen")]

use std::{env, fs, path::Path};

#[test]
fn checked_in_declarations_are_up_to_date() {
    assert_eq!(
        (4, 3, 5),
        (
            zmq_sys::ZMQ_VERSION_MAJOR,
            zmq_sys::ZMQ_VERSION_MINOR,
            zmq_sys::ZMQ_VERSION_PATCH
        ),
        "only the vendored header's declarations are checked in"
    );
    compare(
        "stable.rs",
        include_str!(concat!(env!("OUT_DIR"), "/stable.rs")),
    );
    #[cfg(feature = "draft")]
    compare(
        "draft.rs",
        include_str!(concat!(env!("OUT_DIR"), "/draft.rs")),
    );
}

fn compare(name: &str, generated: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/bindings")
        .join(name);
    if env::var_os("ZMQ_SYS_BLESS").is_some() {
        fs::write(&file, generated).unwrap();
    }
    // Not assert_eq: a thousand lines twice would hide the message.
    assert!(
        fs::read_to_string(&file).unwrap_or_default() == generated,
        "{} differs from what bindgen generates now: run with ZMQ_SYS_BLESS=1",
        file.display()
    );
}
