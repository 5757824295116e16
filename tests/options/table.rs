//! The tables of options against the `zmq.h` of the library that is linked.

use std::collections::BTreeMap;
use std::path::Path;

/// The options that `zmq.h` lists for contexts among those for sockets.
const SHARED: [&str; 2] = ["ZMQ_BLOCKY", "ZMQ_IPV6"];

/// `zmq.h`, where it is known to be.
fn header() -> Option<String> {
    let folder = match env!("ZMQ_TEST_INCLUDE") {
        "" => "/usr/include",
        folder => folder,
    };
    std::fs::read_to_string(Path::new(folder).join("zmq.h")).ok()
}

/// The numbers that `zmq.h` defines between two of its comments; aliases are none.
fn section(header: &str, from: &str, to: &str) -> BTreeMap<String, i32> {
    let Some((_, rest)) = header.split_once(&format!("/*  {from}")) else {
        panic!("zmq.h has no {from}");
    };
    let (section, _) = rest.split_once(&format!("/*  {to}")).expect(to);
    let numbers: BTreeMap<_, _> = section
        .lines()
        .filter_map(|line| line.strip_prefix("#define "))
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, number)| Some((name.to_owned(), number.parse().ok()?)))
        .collect();
    assert!(!numbers.is_empty(), "{from}");
    numbers
}

/// The table is complete and right. With another libzmq than the table's, it may
/// have more than the header.
fn compare(table: &BTreeMap<String, i32>, header: &BTreeMap<String, i32>) {
    for (name, number) in header {
        assert_eq!(table.get(name), Some(number), "{name}");
    }
    if cfg!(zmq_vendored) {
        for name in table.keys() {
            assert!(header.contains_key(name), "{name}");
        }
    }
}

#[test]
fn every_socket_option_of_the_header_has_a_row() {
    let Some(text) = header() else { return };
    let mut expected = section(&text, "Socket options.", "Message options");
    assert_eq!(
        expected.remove("ZMQ_BLOCKY"),
        Some(70),
        "an option of contexts"
    );
    let deprecated = section(
        &text,
        "Deprecated options and aliases",
        "Deprecated Message",
    );
    assert_eq!(deprecated.len(), 5, "{deprecated:?}");
    expected.extend(deprecated);
    let stable = zmq::SOCKET_OPTIONS.iter().filter(|option| !option.draft);
    compare(
        &stable.map(|o| (o.name.to_owned(), o.number)).collect(),
        &expected,
    );
    if cfg!(feature = "draft") {
        let expected = section(&text, "DRAFT Socket options.", "DRAFT ");
        let draft = zmq::SOCKET_OPTIONS.iter().filter(|option| option.draft);
        compare(
            &draft.map(|o| (o.name.to_owned(), o.number)).collect(),
            &expected,
        );
    }
}

#[test]
fn every_context_option_of_the_header_has_a_row() {
    let Some(text) = header() else { return };
    let mut expected = section(&text, "Context options", "Default for new contexts");
    let sockets = section(&text, "Socket options.", "Message options");
    expected.extend(SHARED.map(|name| (name.to_owned(), sockets[name])));
    let stable = zmq::CONTEXT_OPTIONS.iter().filter(|option| !option.draft);
    compare(
        &stable.map(|o| (o.name.to_owned(), o.number)).collect(),
        &expected,
    );
    if cfg!(feature = "draft") {
        let expected = section(&text, "DRAFT Context options", "DRAFT Context methods.");
        let draft = zmq::CONTEXT_OPTIONS.iter().filter(|option| option.draft);
        compare(
            &draft.map(|o| (o.name.to_owned(), o.number)).collect(),
            &expected,
        );
    }
}

#[test]
fn rows_say_what_can_be_done() {
    for option in zmq::SOCKET_OPTIONS {
        assert!(option.getter.or(option.setter).is_some(), "{option:?}");
        assert!(
            option.setter.is_none_or(|name| name.starts_with("set_")),
            "{option:?}"
        );
    }
    let find = |name| {
        zmq::SOCKET_OPTIONS
            .iter()
            .find(|option| option.name == name)
            .unwrap()
    };
    let events = find("ZMQ_EVENTS");
    assert_eq!((events.getter, events.setter), (Some("get_events"), None));
    let subscribe = find("ZMQ_SUBSCRIBE");
    assert_eq!(
        (subscribe.getter, subscribe.setter),
        (None, Some("set_subscribe"))
    );
    assert_eq!(subscribe.value, "&[u8]");
    assert!(!subscribe.draft);
}
