//! The text of certificates: what is read stands there, whoever ends the lines.

#![no_main]

use libfuzzer_sys::fuzz_target;
use zmq::fuzzing::{properties, Property};

fuzz_target!(|text: &str| {
    let read = properties(text);
    let lines: Vec<_> = text.lines().collect();
    let mut before: Option<&Property> = None;
    for property in &read {
        stands_in(lines[property.line - 1], property);
        assert_eq!(property.depth == 0, property.section.is_none());
        assert!(property.line > before.map_or(0, |before| before.line));
        assert!(property.depth <= before.map_or(0, |before| before.depth + 1));
        // The section is the last property before that is in none.
        if property.depth > 0 {
            let above = read.iter().take_while(|above| above.line < property.line);
            let section = above.filter(|above| above.depth == 0).last().unwrap();
            assert_eq!(property.section.as_ref(), Some(&section.name));
        }
        before = Some(property);
    }
    // What begins with Windows' mark, or ends its lines as there, is no other text.
    if !text.contains(['\r', '\u{feff}']) {
        assert_eq!(
            properties(&format!("\u{feff}{}", text.replace('\n', "\r\n"))),
            read
        );
    }
    // Neither is what has comments between.
    if !text.contains('\r') {
        let mut between = properties(&text.replace('\n', "\n# = \"\n"));
        for property in &mut between {
            assert_eq!(property.line % 2, 1);
            property.line = property.line / 2 + 1;
        }
        assert_eq!(between, read);
    }
});

fn stands_in(line: &str, property: &Property) {
    let Property {
        name, value, key, ..
    } = property;
    assert!(!name.is_empty() && name.trim() == name && !name.contains(['=', '#']));
    let (_, after) = line.split_once(&**name).unwrap();
    assert!(after.contains(&**value));
    if let Ok(key) = key {
        assert!(after.contains(&**key));
        // As a key, a value has more in it, but never less.
        assert!(key.starts_with(&**value) || value.starts_with(&**key));
    }
}
