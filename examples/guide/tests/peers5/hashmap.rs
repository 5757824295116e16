//! What the clones of chapter 5 print, and what follows from it.
#![allow(dead_code)] // each test file uses some of it

use std::collections::BTreeMap;

use crate::common::ipc;

/// The first endpoint of a server of its own; it ends with a number, to which 1 and 2 are added.
pub fn server() -> String {
    format!("{}.5556", ipc())
}

/// The number in `update=7 ...`, `delete=7 ...`, `snapshot=7 ...`.
pub fn number(line: &str) -> usize {
    let (_, rest) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
    let number = rest.split(' ').next().unwrap();
    number.parse().unwrap_or_else(|_| panic!("{line}"))
}

/// The hashmap after some updates.
#[derive(Default)]
pub struct Model(pub BTreeMap<String, String>);

impl Model {
    pub fn of(updates: &[String]) -> Model {
        let mut model = Model::default();
        updates.iter().for_each(|update| model.apply(update));
        model
    }

    pub fn apply(&mut self, line: &str) {
        let (what, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        if what.starts_with("delete=") {
            self.0.remove(rest);
        } else {
            let (key, value) = rest.split_once('=').unwrap_or_else(|| panic!("{line}"));
            self.0.insert(key.into(), value.into());
        }
    }

    /// The line in which a client says that it has got this.
    pub fn snapshot(&self, number: usize, subtree: &str) -> String {
        let values = self.0.iter().filter(|(key, _)| key.starts_with(subtree));
        let values: String = values
            .map(|(key, value)| format!(" {key}={value}"))
            .collect();
        format!("snapshot={number}{values}")
    }
}
