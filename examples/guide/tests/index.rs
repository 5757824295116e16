//! The README names all programs that there are, and no others.

use std::collections::BTreeSet;

/// What `line` has between `begin` and `end`.
fn between<'a>(line: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(begin)?;
    Some(rest.split_once(end)?.0)
}

#[test]
fn the_readme_names_all_programs() {
    let programs: BTreeSet<_> = include_str!("../Cargo.toml")
        .lines()
        .filter_map(|line| {
            Some((
                between(line, "name = \"", "\"")?,
                between(line, "path = \"", "\",")?,
            ))
        })
        .collect();
    let named: BTreeSet<_> = include_str!("../README.md")
        .lines()
        .filter_map(|line| Some((between(line, "| [", "]")?, between(line, "](", ")")?)))
        .collect();
    assert_eq!(named, programs);
    assert!(programs.contains(&("hwserver", "chapter1/hwserver.rs")));
}
