//! Chapter 1: basics.
#![cfg(unix)]

mod common;

use common::{finish, ipc, line, run, timed};

#[test]
fn hello_world() {
    timed(|| {
        let endpoint = ipc();
        let client = run!("hwclient", &endpoint);
        let server = run!("hwserver", &endpoint);
        let expected: Vec<_> = (1..=10)
            .flat_map(|n| {
                [
                    format!("sending request {n}"),
                    format!("received reply {n}: World"),
                ]
            })
            .collect();
        assert_eq!(finish(client), expected);
        for _ in 1..=10 {
            assert_eq!(line(&server), "received Hello");
        }
    });
}
