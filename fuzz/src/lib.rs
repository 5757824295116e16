//! What several targets make of a fuzzer's bytes.

use std::str;

/// Frames: before each stands a byte that says how long it is. The last one ends where
/// the bytes do.
pub fn frames(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some((&length, rest)) = bytes.split_first() {
        let (frame, rest) = rest.split_at(rest.len().min(length.into()));
        frames.push(frame.to_vec());
        bytes = rest;
    }
    frames
}

/// Names and values: each two frames that are text.
pub fn pairs(frames: &[Vec<u8>]) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    for two in frames.chunks_exact(2) {
        if let (Ok(name), Ok(value)) = (str::from_utf8(&two[0]), str::from_utf8(&two[1])) {
            pairs.push((name, value));
        }
    }
    pairs
}
