//! Certificates: what was read is written so that it is read again, by pyzmq too, and an
//! error says where.

#![no_main]

use libfuzzer_sys::fuzz_target;
use zmq::auth::{Certificate, CertificateError};
use zmq::fuzzing::{certificate, public_text, secret_text};
use zmq::z85_encode;

fuzz_target!(|bytes: &[u8]| {
    let read = match certificate(bytes) {
        Ok(read) => read,
        Err((line, problem)) => {
            let lines = bytes.split(|&c| c == b'\n').count();
            assert!(
                line.is_none_or(|line| (1..=lines).contains(&line)),
                "{problem}"
            );
            return;
        }
    };
    let key = z85_encode(read.public_key()).unwrap();
    assert!(String::from_utf8_lossy(bytes).contains(&key));
    let metadata: Vec<_> = read.metadata().collect();
    // Of the secret key, nothing.
    assert_eq!(
        format!("{read:?}"),
        format!("Certificate {{ public_key: {key:?}, metadata: {metadata:?}, warning: None, .. }}")
    );
    match public_text(&read) {
        Ok(text) => {
            let public = is_same(&text, &read);
            assert_eq!(public.secret_key(), None);
            assert_eq!(keys_of_pyzmq(&text), (Some(key.clone()), None));
        }
        // What others wrote cannot always be written.
        Err(error) => assert!(matches!(error, CertificateError::Metadata { .. })),
    }
    match (secret_text(&read), read.secret_key()) {
        (Ok(text), Some(secret)) => {
            assert_eq!(is_same(&text, &read).secret_key(), Some(secret));
            let secret = z85_encode(secret).unwrap();
            assert_eq!(keys_of_pyzmq(&text), (Some(key), Some(secret)));
        }
        (Err(CertificateError::Metadata { .. }), Some(_)) => {}
        (Err(CertificateError::NoSecretKey), None) => {}
        (other, _) => panic!("{other:?}"),
    }
});

/// The certificate of the text, which has in it what `read` has.
fn is_same(text: &str, read: &Certificate) -> Certificate {
    let again = certificate(text.as_bytes()).unwrap();
    assert_eq!(again.public_key(), read.public_key());
    assert!(again.metadata().eq(read.metadata()));
    again
}

/// The public and the secret key as pyzmq's `load_certificate` finds them.
fn keys_of_pyzmq(text: &str) -> (Option<String>, Option<String>) {
    let find = |name: &str| {
        let lines = text.split('\n').map(str::trim);
        let line = lines.filter(|line| line.starts_with(name)).last()?;
        let (_, value) = line.split_once('=').unwrap();
        Some(value.trim_matches([' ', '\t', '\'', '"']).to_owned())
    };
    (find("public-key"), find("secret-key"))
}
