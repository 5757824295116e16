//! A Kerberos realm: MIT's KDC, run by whoever runs the tests, in a folder of its
//! own.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::common::peer::Peer;
use crate::common::timed;

/// Who has tickets.
pub const ALICE: &str = "alice@ZMQ.TEST";
/// Whose key the servers have.
pub const SERVICE: &str = "zmqtest/localhost@ZMQ.TEST";
/// The same, as a service at a host.
pub const SERVICE_AT_HOST: &str = "zmqtest@localhost";
/// Whose key nobody has, though the realm knows it.
pub const OTHER: &str = "other/localhost@ZMQ.TEST";

/// What tickets a client may have.
#[derive(Clone, Copy, PartialEq)]
pub enum Tickets {
    Alice,
    None,
}

const PROGRAMS: [&str; 4] = ["krb5kdc", "kdb5_util", "kadmin.local", "kinit"];

/// Runs a test within a realm. The libraries of Kerberos look at the process's
/// environment, from libzmq's threads: the test runs in a process of its own,
/// which starts with the right one.
pub fn with_kerberos(tickets: Tickets, test: impl FnOnce() + Send + 'static) {
    const INSIDE: &str = "ZMQ_TEST_IN_REALM";
    const DONE: &str = "done within its realm";
    if env::var_os(INSIDE).is_some() {
        timed(test);
        println!("{DONE}");
        // Not in order: that would take Kerberos' locks away from libzmq's threads,
        // which some contexts still have.
        // SAFETY: ends the process, as is.
        unsafe { libc::_exit(0) };
    }
    if let Some(missing) = PROGRAMS.iter().find(|name| find(name).is_none()) {
        println!("skipped: there is no {missing}; install krb5-kdc krb5-admin-server krb5-user");
        return;
    }
    timed(move || {
        assert_eq!(zmq::has("gssapi"), Some(true));
        let name = thread::current().name().unwrap().to_owned();
        let realm = Realm::start(&name, tickets);
        let mut inside = Command::new(env::current_exe().unwrap());
        inside.args([&name, "--exact", "--nocapture"]);
        inside.env(INSIDE, "1").envs(realm.environment.clone());
        let end = Peer::spawn(inside).end();
        let output: Vec<_> = end
            .output
            .iter()
            .map(|line| String::from_utf8_lossy(line))
            .collect();
        let output = output.join("\n");
        println!("{output}\n{}", end.errors.join("\n"));
        assert_eq!(end.status, Some(0), "{name}, within its realm");
        assert!(output.ends_with(DONE));
    });
}

/// Where a program is; Debian has some of them where only root looks.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let more = [
        "/usr/sbin",
        "/usr/local/sbin",
        "/opt/homebrew/opt/krb5/sbin",
    ];
    env::split_paths(&path)
        .chain(more.map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// A realm that is there until this is dropped.
struct Realm {
    folder: PathBuf,
    environment: Vec<(&'static str, OsString)>,
    _kdc: Peer,
}

impl Realm {
    fn start(name: &str, tickets: Tickets) -> Realm {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("realm-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        configure(&folder, free_port());
        let environment = environment(&folder);
        create(&environment);
        let mut kdc = Command::new(find("krb5kdc").unwrap());
        kdc.arg("-n").envs(environment.clone());
        let kdc = Peer::spawn_with(kdc, Stdio::null());
        while !kdc.error_line().contains("commencing operation") {}
        if tickets == Tickets::Alice {
            let keytab = folder.join("client.keytab");
            run(
                "kinit",
                &["-k", "-t", keytab.to_str().unwrap(), ALICE],
                &environment,
                "",
            );
        } else {
            fs::remove_file(folder.join("client.keytab")).unwrap();
        }
        Realm {
            _kdc: kdc,
            folder,
            environment,
        }
    }
}

impl Drop for Realm {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A port that is free by tcp and by udp.
fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap();
        if UdpSocket::bind(address).is_ok() {
            return address.port();
        }
    }
}

fn configure(folder: &Path, port: u16) {
    let here = folder.display();
    let client = format!(
        "\
[libdefaults]
    default_realm = ZMQ.TEST
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
[realms]
    ZMQ.TEST = {{
        kdc = 127.0.0.1:{port}
    }}
[domain_realm]
    localhost = ZMQ.TEST
[logging]
    kdc = STDERR
"
    );
    let server = format!(
        "\
[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    ZMQ.TEST = {{
        database_name = {here}/principal
        key_stash_file = {here}/stash
        acl_file = {here}/acl
    }}
"
    );
    fs::write(folder.join("krb5.conf"), client).unwrap();
    fs::write(folder.join("kdc.conf"), server).unwrap();
    fs::create_dir_all(folder.join("tickets")).unwrap();
}

fn environment(folder: &Path) -> Vec<(&'static str, OsString)> {
    let file = |name: &str| folder.join(name).into_os_string();
    let of_type = |kind: &str, name: &str| format!("{kind}:{}", folder.join(name).display()).into();
    vec![
        ("KRB5_CONFIG", file("krb5.conf")),
        ("KRB5_KDC_PROFILE", file("kdc.conf")),
        ("KRB5_KTNAME", of_type("FILE", "keytab")),
        ("KRB5_CLIENT_KTNAME", of_type("FILE", "client.keytab")),
        ("KRB5CCNAME", of_type("DIR", "tickets")),
        ("KRB5RCACHEDIR", folder.as_os_str().to_owned()),
    ]
}

/// Creates the database, and its principals, and keytabs.
fn create(environment: &[(&'static str, OsString)]) {
    run(
        "kdb5_util",
        &["create", "-s", "-P", "secret"],
        environment,
        "",
    );
    let file = |at: usize| {
        let value = environment[at].1.to_str().unwrap();
        value.strip_prefix("FILE:").unwrap()
    };
    let commands = format!(
        "\
addprinc -randkey {ALICE}
addprinc -randkey {SERVICE}
addprinc -randkey {OTHER}
ktadd -k {keytab} {ALICE}
ktadd -norandkey -k {client} {ALICE}
ktadd -k {keytab} {SERVICE}
ktadd -norandkey -k {client} {SERVICE}
",
        keytab = file(2),
        client = file(3),
    );
    run("kadmin.local", &[], environment, &commands);
}

/// Runs a program of Kerberos that has to succeed.
fn run(program: &str, arguments: &[&str], environment: &[(&'static str, OsString)], input: &str) {
    let mut command = Command::new(find(program).unwrap());
    command.args(arguments).envs(environment.to_vec());
    let mut peer = Peer::spawn(command);
    for line in input.lines() {
        peer.type_line(line.as_bytes());
    }
    peer.end_input();
    let end = peer.end();
    assert_eq!(end.status, Some(0), "{program}: {end:?}");
}
