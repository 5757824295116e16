//! What is told by `tracing`: decisions of an authenticator, and dangerous files.
#![cfg(all(feature = "tracing", unix))]

mod common;

use std::fmt::Debug;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::{self, Sender};
use std::sync::Mutex;

use common::{bind_tcp, timed, LIMIT};
use tracing::field::{Field, Visit};
use tracing::{span, Event, Level, Metadata, Subscriber};
use zmq::auth::{Authenticator, Certificate};
use zmq::{Context, CurveKeyPair, Pull, Push};

/// Passes on what is traced.
struct Traced(Mutex<Sender<(Level, String)>>);

impl Subscriber for Traced {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "zmq::auth"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        let entry = (*event.metadata().level(), message.0);
        self.0.lock().unwrap().send(entry).unwrap();
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        assert_eq!(field.name(), "message");
        self.0 = format!("{value:?}");
    }
}

/// The only test, because it gets what is traced in the whole process.
#[test]
fn decisions_and_dangerous_files_are_traced() {
    timed(|| {
        let (traced, trace) = mpsc::channel();
        tracing::subscriber::set_global_default(Traced(Mutex::new(traced))).unwrap();

        let name = format!("tracing-{}.key_secret", std::process::id());
        let secret = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let pair = CurveKeyPair {
            public_key: [1; 32],
            // One of zeros is none.
            secret_key: [2; 32],
        };
        // The secret key that belongs to it, if there is CURVE to tell.
        let pair = CurveKeyPair::new().unwrap_or(pair);
        Certificate::from(pair).save_secret(&secret).unwrap();
        Certificate::load(&secret).unwrap();
        assert!(trace.try_recv().is_err());
        fs::set_permissions(&secret, Permissions::from_mode(0o640)).unwrap();
        let loaded = Certificate::load(&secret).unwrap();
        let warning = loaded.warning().unwrap().to_string();
        assert!(warning.contains("mode 640"), "{warning}");
        assert_eq!(trace.try_recv(), Ok((Level::WARN, warning)));
        fs::remove_file(secret).unwrap();

        let context = Context::new();
        let auth = Authenticator::start(&context).unwrap();
        auth.configure_plain("*", [("alice", "open sesame")])
            .unwrap();
        let server = context.socket(Pull).unwrap();
        server.set_plain_server(true).unwrap();
        let endpoint = bind_tcp(&server);
        let client = |password| {
            let client = context.socket(Push).unwrap();
            client.set_plain_username(Some("alice")).unwrap();
            client.set_plain_password(Some(password)).unwrap();
            client.connect(&endpoint).unwrap();
            (client, trace.recv_timeout(LIMIT / 2).unwrap())
        };
        let (_guest, entry) = client("open sesame");
        let allowed = r#"allowed 127.0.0.1 in "", PLAIN user "alice", as "alice""#;
        assert_eq!(entry, (Level::INFO, allowed.into()));
        let (_intruder, entry) = client("let me in");
        let denied = r#"denied 127.0.0.1 in "", PLAIN user "alice": invalid password"#;
        assert_eq!(entry, (Level::WARN, denied.into()));
    });
}
