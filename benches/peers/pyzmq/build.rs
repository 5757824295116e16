//! Installs pyzmq, to where the program finds it.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let folder = env::var("OUT_DIR").unwrap() + "/venv";
    let python = format!("{folder}/bin/python");
    run(Command::new("python3").args(["-m", "venv", &folder]));
    let pip = ["-m", "pip", "install", "--quiet", "pyzmq==27.1.0"];
    run(Command::new(&python).args(pip));
    println!("cargo:rustc-env=PYTHON={python}");
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
