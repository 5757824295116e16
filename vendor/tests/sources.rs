//! `libzmq/` is what was released: `libzmq.sha256` names its files and their sums.
#![cfg(target_os = "linux")] // has sha256sum

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SUMS: &str = "libzmq.sha256";

#[test]
fn each_file_is_as_released() {
    let sums = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", SUMS])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&sums.stdout);
    assert!(sums.status.success(), "{said}");
}

#[test]
fn there_are_no_others() {
    let sums = fs::read_to_string(SUMS).unwrap();
    let named = sums.lines().map(|line| line.split_once("  ").unwrap().1);
    let named: BTreeSet<PathBuf> = named.map(PathBuf::from).collect();
    let mut there = BTreeSet::new();
    add_files(Path::new("libzmq"), &mut there);
    assert!(!there.is_empty());
    assert_eq!(there, named);
}

fn add_files(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_files(&path, files);
        } else {
            files.insert(path);
        }
    }
}
