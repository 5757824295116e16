//! Makes a pair of CURVE keys, in files that pyzmq and czmq read too: `NAME.key`
//! to give away and `NAME.key_secret` to keep.
//!
//! `cargo run --example zmq_keygen NAME [name=value ...]`

use std::path::Path;
use std::process::ExitCode;

use zmq::auth::Certificate;

const USAGE: &str = "usage: zmq_keygen NAME [name=value ...]";

fn main() -> ExitCode {
    let arguments: Option<Vec<String>> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.into_string().ok())
        .collect();
    let Some((name, metadata)) = arguments.as_deref().and_then(<[_]>::split_first) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match make(name, metadata) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("zmq_keygen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(name: &str, metadata: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let (public, secret) = (format!("{name}.key"), format!("{name}.key_secret"));
    for file in [&public, &secret] {
        if Path::new(file).symlink_metadata().is_ok() {
            return Err(format!("{file} is there already").into());
        }
    }
    let mut certificate = Certificate::new()?;
    for entry in metadata {
        let (name, value) = entry.split_once('=').ok_or(USAGE)?;
        certificate.set_metadata(name, value)?;
    }
    certificate.save(&public)?;
    println!("{public}: give this to those you talk to\n{secret}: keep this");
    Ok(())
}
