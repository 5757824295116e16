//! The build refuses sources that are not those of `libzmq.sha256`, and says which.
#![cfg(target_os = "linux")] // has sha256sum

#[path = "../sums.rs"]
mod sums;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What `sha256sum` says of a file.
fn sum_of(file: &str) -> String {
    let output = Command::new("sha256sum").arg(file).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

fn file(name: &str, content: &[u8]) -> String {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, content).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn what_was_compiled_is_known() {
    let sum = sum_of("libzmq.sha256");
    assert_eq!(sums::verify("libzmq.sha256"), Ok(sum.clone()));
    assert!(libzmq_src::SHA256.is_none_or(|compiled| compiled == sum));
}

/// Around each place where the padding of SHA-256 changes.
#[test]
fn sums_are_those_of_sha256sum() {
    for length in (0..200).chain([4096, 100_001]) {
        let content: Vec<u8> = (0..length).map(|i| (i * 7 + i / 256) as u8).collect();
        let data = file("data", &content);
        let list = file(
            "good.sha256",
            format!("{}  {data}\n", sum_of(&data)).as_bytes(),
        );
        assert_eq!(sums::verify(&list), Ok(sum_of(&list)), "{length} bytes");
    }
}

#[test]
fn what_differs_is_named() {
    let data = file("changed", b"changed");
    let (sum, zeros) = (sum_of(&data), "0".repeat(64));
    let list = file("bad.sha256", format!("{zeros}  {data}\n").as_bytes());
    let wrong = format!("{data} has the sum {sum}, and {list} says {zeros}");
    assert_eq!(sums::verify(&list), Err(wrong));

    let list = file("missing.sha256", format!("{zeros}  nowhere\n").as_bytes());
    assert!(sums::verify(&list).unwrap_err().starts_with("nowhere: "));
    let list = file("odd.sha256", b"no sum\n");
    assert!(sums::verify(&list).unwrap_err().contains("no sum"));
    assert!(sums::verify("no/list")
        .unwrap_err()
        .starts_with("no/list: "));
}
