//! Endpoints: their parts are parts of the text, what is wrong is where the error says,
//! and those that the standard library writes are read as it means them.

#![no_main]

use std::net::SocketAddr;

use libfuzzer_sys::fuzz_target;
use zmq::fuzzing::is_misread;
use zmq::{Endpoint, EndpointError, EndpointProblem, Transport};

fuzz_target!(|text: &str| {
    match text.parse::<Endpoint>() {
        Ok(endpoint) => is_whole(text, &endpoint),
        Err(error) => explains(text, &error),
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        let endpoint = Endpoint::from(address);
        let host = endpoint.host().unwrap();
        assert!(host.parse() == Ok(address.ip()) || host.contains('%'));
        assert_eq!(endpoint.port().unwrap_or(0), address.port());
    }
    made_of(text);
});

fn is_whole(text: &str, endpoint: &Endpoint) {
    assert_eq!(endpoint.as_str(), text);
    let transport = endpoint.transport();
    assert_eq!(format!("{transport}://{}", endpoint.address()), text);
    // What is taken for an endpoint, sockets take too.
    assert!(!is_misread(text), "{endpoint:?}");
    for part in [endpoint.host(), endpoint.source(), endpoint.path()] {
        assert!(endpoint.address().contains(part.unwrap_or("")));
    }
    if let Some(port) = endpoint.port() {
        assert_ne!(port, 0);
        assert!(endpoint.address().contains(&port.to_string()));
    }
    for check in [endpoint.check_bind(), endpoint.check_connect()] {
        if let Err(error) = check {
            assert_eq!(error.endpoint(), text);
            is_somewhere(&error);
        }
    }
    if transport == Transport::Tcp && endpoint.has_wildcard() {
        let error = endpoint.check_connect().unwrap_err();
        assert_eq!(error.problem(), EndpointProblem::Wildcard);
        assert!(["*", "0"].contains(&error.part()));
    }
}

fn explains(text: &str, error: &EndpointError) {
    assert_eq!(error.endpoint(), text);
    is_somewhere(error);
    if let Some(transport) = error.suggestion() {
        // Who takes the advice gets further.
        let better = text.replacen(error.part(), transport.name(), 1);
        let is_endpoint = better.parse::<Endpoint>();
        assert_ne!(
            is_endpoint.err().map(|error| error.problem()),
            Some(EndpointProblem::UnknownTransport)
        );
    }
}

fn is_somewhere(error: &EndpointError) {
    assert!(error.endpoint()[error.position()..].starts_with(error.part()));
    assert!(error.to_string().len() > error.endpoint().len());
}

/// Endpoints that are made of something have that in them, and nothing else.
fn made_of(text: &str) {
    let port = text.len() as u16;
    if let Ok(endpoint) = Endpoint::tcp(text, port) {
        let bare = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        assert_eq!(endpoint.host(), Some(bare.unwrap_or(text)));
        assert_eq!(endpoint.port().unwrap_or(0), port);
        assert_eq!(endpoint.source(), None);
    }
    if let Ok(endpoint) = Endpoint::inproc(text) {
        assert_eq!(endpoint.transport(), Transport::Inproc);
        assert_eq!(endpoint.path(), Some(text));
    }
    if let Ok(endpoint) = Endpoint::ipc(text) {
        assert_eq!(endpoint.transport(), Transport::Ipc);
        assert_eq!(endpoint.path(), Some(text));
    }
}
