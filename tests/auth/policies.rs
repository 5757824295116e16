//! Who gets in, by address and by mechanism.

use std::fs;
use std::path::Path;

use zmq::auth::{Certificate, CertificateStore, Claim, CurveClients, Reason, Verdict};
use zmq::{MonitorEventKind, Pull, Push, Socket, ZapStatus};

use crate::common::{ipc, timed};
use crate::{anybody, curve_client, curve_server, keys, login, Server, NULL, PLAIN};

#[test]
fn addresses_are_allowed_and_denied() {
    timed(|| {
        let server = Server::new(NULL);
        let (decision, _) = server.admits(anybody);
        assert_eq!(decision.claim, Claim::Null);
        assert_eq!(decision.peer.domain, "test");
        assert_eq!(decision.peer.address, "127.0.0.1");
        assert_eq!(decision.user_id.as_deref(), Some("anonymous"));
        assert_eq!(
            decision.to_string(),
            r#"allowed 127.0.0.1 in "test", NULL, as "anonymous""#
        );

        server.auth.allow(["10.0.0.0/8", "::1"]).unwrap();
        let decision = server.refuses(Reason::AddressNotAllowed, anybody);
        assert_eq!(
            decision.to_string(),
            r#"denied 127.0.0.1 in "test", NULL: address not allowed"#
        );
        server.auth.allow(["127.0.0.0/8"]).unwrap();
        server.admits(anybody);
        server.auth.deny(["127.0.0.1"]).unwrap();
        server.refuses(Reason::AddressDenied, anybody);
        server.auth.reset_addresses();
        server.admits(anybody);
        server.auth.allow([""; 0]).unwrap();
        server.refuses(Reason::AddressNotAllowed, anybody);
    });
}

/// Whose socket is for IPv6 as well sees IPv4 peers under another address.
#[test]
fn an_address_has_two_spellings() {
    timed(|| {
        let prepare = |socket: &Socket<Pull>| {
            NULL(socket);
            socket.set_ipv6(true).unwrap();
        };
        let mut server = Server::bound("tcp://*:*", prepare);
        let port = server.endpoint.rsplit(':').next().unwrap();
        server.endpoint = format!("tcp://127.0.0.1:{port}");
        let (decision, _) = server.admits(anybody);
        assert_eq!(decision.peer.address, "::ffff:127.0.0.1");
        server.auth.deny(["127.0.0.1"]).unwrap();
        server.refuses(Reason::AddressDenied, anybody);
    });
}

#[cfg(unix)]
#[test]
fn peers_over_ipc_are_processes_of_users() {
    timed(|| {
        let server = Server::bound(&ipc(), NULL);
        let (decision, _) = server.admits(anybody);
        // SAFETY: a plain system call.
        let user = unsafe { libc::getuid() };
        if cfg!(target_os = "linux") {
            // SAFETY: a plain system call.
            let group = unsafe { libc::getgid() };
            let expected = format!("localhost:{user}:{group}:{}", std::process::id());
            assert_eq!(decision.peer.address, expected);
        }
        server.auth.allow(["127.0.0.1", "::1"]).unwrap();
        server.refuses(Reason::AddressNotAllowed, anybody);
        server.auth.allow(["ipc"]).unwrap();
        server.admits(anybody);
        server.auth.deny([format!("ipc:{user}")]).unwrap();
        server.refuses(Reason::AddressDenied, anybody);
    });
}

#[test]
fn passwords_go_by_domain() {
    timed(|| {
        let server = Server::new(PLAIN);
        let decision = server.refuses(Reason::UnknownDomain, login("alice", "secret"));
        let username = "alice".to_owned();
        assert_eq!(decision.claim, Claim::Plain { username });

        let auth = &server.auth;
        auth.configure_plain("*", [("alice", "secret"), ("bob", "geheim")])
            .unwrap();
        let (decision, _) = server.admits(login("alice", "secret"));
        assert_eq!(decision.user_id.as_deref(), Some("alice"));
        assert_eq!(decision.peer.domain, "");
        server.admits(login("bob", "geheim"));
        server.refuses(Reason::InvalidPassword, login("alice", "geheim"));
        server.refuses(Reason::InvalidPassword, login("alice", "secret "));
        server.refuses(Reason::InvalidUsername, login("mallory", "secret"));
        // An address that is allowed does not replace a password.
        auth.allow(["127.0.0.1"]).unwrap();
        server.refuses(Reason::InvalidPassword, login("bob", "secret"));
        // Configuring again replaces, and what is refused changes nothing.
        auth.configure_plain("*", [("carol", "segreto")]).unwrap();
        auth.configure_plain("*", [("dave", "x".repeat(256))])
            .unwrap_err();
        server.refuses(Reason::InvalidUsername, login("alice", "secret"));
        server.admits(login("carol", "segreto"));
    });
    timed(|| {
        let server = Server::new(|socket| {
            PLAIN(socket);
            socket.set_zap_domain("global").unwrap();
        });
        server
            .auth
            .configure_plain("*", [("alice", "secret")])
            .unwrap();
        server
            .auth
            .configure_plain("local", [("bob", "geheim")])
            .unwrap();
        server.admits(login("alice", "secret"));
        server.refuses(Reason::InvalidUsername, login("bob", "geheim"));
        // A policy of its own takes the place of that for all.
        server
            .auth
            .configure_plain("global", [("bob", "geheim")])
            .unwrap();
        server.refuses(Reason::InvalidUsername, login("alice", "secret"));
        let (decision, _) = server.admits(login("bob", "geheim"));
        assert_eq!(decision.peer.domain, "global");
    });
}

#[test]
fn a_function_may_check_passwords() {
    timed(|| {
        let server = Server::new(PLAIN);
        server
            .auth
            .configure_plain_callback("*", |peer, username, password| {
                assert_eq!((&peer.domain[..], &peer.address[..]), ("", "127.0.0.1"));
                match (username, password) {
                    ("alice", "secret") => Verdict::Allow,
                    ("bob", "geheim") => Verdict::AllowAs("robert".into()),
                    ("carol", _) => Verdict::Retry("after lunch".into()),
                    ("nul", _) => Verdict::AllowAs("root\0".into()),
                    _ => Verdict::Deny(format!("never heard of {username}\n")),
                }
            })
            .unwrap();
        let (decision, _) = server.admits(login("alice", "secret"));
        assert_eq!(decision.user_id.as_deref(), Some("alice"));
        let (decision, _) = server.admits(login("bob", "geheim"));
        assert_eq!(decision.user_id.as_deref(), Some("robert"));
        let denied = Reason::Denied("never heard of mallory\n".into());
        let decision = server.refuses(denied, login("mallory", "?"));
        // One line, whatever anybody calls themselves.
        assert_eq!(
            decision.to_string(),
            r#"denied 127.0.0.1 in "", PLAIN user "mallory": denied: never heard of mallory\n"#
        );
        server.refuses(Reason::NotNow("after lunch".into()), login("carol", "?"));
        let nul = Reason::Denied(r#"user id "root\0" has a NUL inside"#.into());
        server.refuses(nul, login("nul", "?"));

        server
            .auth
            .configure_plain_callback("*", |_, username, _| username == "alice")
            .unwrap();
        server.admits(login("alice", "?"));
        let denied = Reason::Denied("the function said no".into());
        server.refuses(denied, login("bob", "geheim"));
    });
}

#[test]
fn curve_keys_are_known_or_not() {
    let Some([server_keys, alice, bob]) = keys() else {
        return;
    };
    timed(move || {
        let server = Server::new(curve_server(&server_keys));
        let (alice, bob) = (&alice, &bob);
        let keys = |client| curve_client(client, &server_keys);
        let decision = server.refuses(Reason::UnknownDomain, keys(alice));
        let public_key = alice.public_key;
        assert_eq!(decision.claim, Claim::Curve { public_key });
        assert_eq!(
            decision.to_string(),
            format!(
                "denied 127.0.0.1 in \"\", CURVE key {}: no policy for this domain",
                alice.public_key_z85()
            )
        );

        let configure = |clients| server.auth.configure_curve("*", clients).unwrap();
        configure(CurveClients::keys([alice.public_key]));
        let (decision, _) = server.admits(keys(alice));
        assert_eq!(decision.user_id, Some(alice.public_key_z85()));
        server.refuses(Reason::UnknownKey, keys(bob));
        configure(CurveClients::any());
        server.admits(keys(bob));
        configure(CurveClients::keys([]));
        server.refuses(Reason::UnknownKey, keys(alice));

        let known = bob.public_key;
        server
            .auth
            .configure_curve_callback("*", move |_, key| match *key == known {
                true => Verdict::AllowAs("bob".into()),
                false => false.into(),
            })
            .unwrap();
        let (decision, _) = server.admits(keys(bob));
        assert_eq!(decision.user_id.as_deref(), Some("bob"));
        let denied = Reason::Denied("the function said no".into());
        server.refuses(denied, keys(alice));
    });
}

#[test]
fn certificates_are_in_a_folder() {
    let Some([server_keys, alice, bob]) = keys() else {
        return;
    };
    timed(move || {
        let folder = format!("auth-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(&folder).unwrap();
        let file = |name| folder.join(name);
        let mut certificate = Certificate::from(alice.clone());
        // What libzmq knows better stays what it is.
        for (name, value) in [
            ("name", "Alice"),
            ("User-Id", "root"),
            ("Socket-Type", "PUB"),
        ] {
            certificate.set_metadata(name, value).unwrap();
        }
        certificate.save_public(file("alice.key")).unwrap();

        let server = Server::new(curve_server(&server_keys));
        let keys = |client| curve_client(client, &server_keys);
        let nowhere = CurveClients::directory(folder.join("nowhere")).unwrap_err();
        assert!(nowhere.to_string().contains("nowhere"), "{nowhere}");
        let clients = CurveClients::directory(&folder).unwrap();
        server.auth.configure_curve("*", clients).unwrap();
        let (_, message) = server.admits(keys(&alice));
        assert_eq!(message.property("name"), Some("Alice"));
        assert_eq!(message.property("Socket-Type"), Some("PUSH"));
        let user_id = alice.public_key_z85();
        assert_eq!(message.property("User-Id"), Some(&user_id[..]));

        // As it changes.
        server.refuses(Reason::UnknownKey, keys(&bob));
        let certificate = Certificate::from(bob.clone());
        certificate.save_public(file("bob.key")).unwrap();
        server.admits(keys(&bob));
        fs::remove_file(file("alice.key")).unwrap();
        server.refuses(Reason::UnknownKey, keys(&alice));
        fs::write(file("bob.key"), "nonsense").unwrap();
        server.refuses(Reason::UnknownKey, keys(&bob));
        fs::remove_dir_all(&folder).unwrap();
        let client = server.client("an intruder", keys(&bob));
        let decision = server.decision();
        let Reason::CertificatesUnreadable(why) = &decision.reason else {
            panic!("{decision}");
        };
        assert!(why.contains(&*folder.to_string_lossy()), "{why}");
        let status = ZapStatus::InternalError;
        let failed = MonitorEventKind::HandshakeFailedAuth { status };
        assert_eq!(client.events.handshake(), failed);
        assert_eq!(server.events.handshake(), failed);

        // czmq's folders have other names in them.
        fs::create_dir_all(&folder).unwrap();
        certificate.save(file("bob")).unwrap();
        let store = CertificateStore::open_all(&folder).unwrap();
        server.auth.configure_curve("*", store.into()).unwrap();
        server.admits(keys(&bob));
        server.refuses(Reason::UnknownKey, keys(&alice));
        fs::remove_dir_all(&folder).unwrap();
    });
}

/// Who is the server is a matter of options, not of who connects.
#[test]
fn the_client_may_be_who_binds() {
    timed(|| {
        let server = Server::new(PLAIN);
        server
            .auth
            .configure_plain("*", [("alice", "secret")])
            .unwrap();
        let client = server.context.socket(Push).unwrap();
        login("alice", "secret")(&client);
        let endpoint = crate::common::bind_tcp(&client);
        server.socket.connect(&endpoint).unwrap();
        client.send("bound", 0).unwrap();
        assert_eq!(server.decision().reason, Reason::Allowed);
        let mut message = server.socket.recv_msg(0).unwrap();
        assert_eq!(&message[..], b"bound");
        assert_eq!(message.gets("User-Id"), Some("alice"));
    });
}
