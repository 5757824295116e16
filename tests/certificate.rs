//! Certificates and folders of them: alone, and with pyzmq and czmq.

mod common;

use std::error::Error as _;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use common::{bind_tcp, noise, timed, LIMIT};
use zmq::auth::{
    Certificate, CertificateError, CertificateProblem as Problem, CertificateStore, MetadataProblem,
};
use zmq::{Context, CurveKeyError, CurveKeyPair, DecodeError, Error};

/// The keys of the test case in libzmq's manual, zmq_curve(7): the client's, and
/// the server's.
const PUBLIC: &str = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
const SECRET: &str = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
const OTHER_PUBLIC: &str = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
const OTHER_SECRET: &str = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";

/// A folder of its own, which is removed.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("certificates-{}-{count}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn key(text: &str) -> [u8; 32] {
    CurveKeyPair::decode_key(text).unwrap()
}

fn certificate() -> Certificate {
    CurveKeyPair::from_z85(PUBLIC, SECRET).unwrap().into()
}

/// One with a public key alone: all its bytes are `number`.
fn public(number: u8) -> Certificate {
    Certificate::from_public_key([number; 32])
}

/// Loads a file with this content.
fn load(content: impl AsRef<[u8]>) -> Result<Certificate, CertificateError> {
    let folder = Folder::new();
    let path = folder.join("the.key");
    fs::write(&path, content).unwrap();
    Certificate::load(path)
}

/// What is wrong with a file of this content, and in which line.
fn problem(content: impl AsRef<[u8]>) -> (Option<usize>, Problem) {
    match load(content).unwrap_err() {
        CertificateError::Content { line, problem, .. } => (line, problem),
        error => panic!("{error}"),
    }
}

/// Whether `text` has a part of the secret key in it.
fn tells_secret(text: &str) -> bool {
    (0..SECRET.len() - 5).any(|at| text.contains(&SECRET[at..at + 5]))
}

fn metadata(certificate: &Certificate) -> Vec<(&str, &str)> {
    certificate.metadata().collect()
}

#[test]
fn certificates_are_saved_and_loaded() {
    let folder = Folder::new();
    let path = folder.join("alice.key");
    let mut alice = certificate();
    alice.set_metadata("name", "Älice").unwrap();
    alice.set_metadata("email", "a@example.org").unwrap();
    alice.set_metadata("name", "Alice # one").unwrap();
    alice.save(&path).unwrap();
    assert_eq!(folder.names(), ["alice.key", "alice.key_secret"]);

    let entries = [("name", "Alice # one"), ("email", "a@example.org")];
    let known = Certificate::load(&path).unwrap();
    assert_eq!(known.public_key(), &key(PUBLIC));
    assert_eq!(known.public_key_z85(), PUBLIC);
    assert!(known.secret_key().is_none());
    assert!(known.key_pair().is_none());
    assert_eq!(metadata(&known), entries);
    assert_eq!(known.get_metadata("email"), Some("a@example.org"));
    assert_eq!(known.get_metadata("Email"), None);
    assert!(!fs::read_to_string(&path).unwrap().contains("secret-key"));

    let own = Certificate::load(folder.join("alice.key_secret")).unwrap();
    assert_eq!(own.public_key(), alice.public_key());
    assert_eq!(own.secret_key(), Some(&key(SECRET)));
    assert_eq!(*own.key_pair().unwrap().secret_key_z85(), SECRET);
    assert_eq!(metadata(&own), entries);
    assert!(own.warning().is_none());

    let shown = format!("{own:?} {own:#?}");
    assert!(shown.contains(PUBLIC) && shown.contains("Alice"), "{shown}");
    assert!(!tells_secret(&shown), "{shown}");

    let error = known.save(&path).unwrap_err();
    assert!(matches!(error, CertificateError::NoSecretKey), "{error}");
    assert_eq!(error.to_string(), "the certificate has no secret key");
    let error = known.save_secret(folder.join("new")).unwrap_err();
    assert!(matches!(error, CertificateError::NoSecretKey), "{error}");
    known.save_public(folder.join("copy.key")).unwrap();
    assert_eq!(
        fs::read(&path).unwrap(),
        fs::read(folder.join("copy.key")).unwrap()
    );
    assert_eq!(
        folder.names(),
        ["alice.key", "alice.key_secret", "copy.key"]
    );
}

#[test]
fn what_cannot_be_written_changes_nothing() {
    let folder = Folder::new();
    // The public certificate would replace a folder.
    let path = folder.join("alice.key");
    fs::create_dir_all(path.join("in it")).unwrap();
    let error = certificate().save_public(&path).unwrap_err();
    assert!(matches!(error, CertificateError::Io { .. }), "{error}");
    assert_eq!(error.path(), Some(&*path));
    assert_eq!(folder.names(), ["alice.key"]);

    let nowhere = folder.join("no such folder/alice.key");
    let error = certificate().save(&nowhere).unwrap_err();
    let nowhere = format!("{}_secret", nowhere.display());
    assert_eq!(error.path(), Some(Path::new(&nowhere)));
    assert!(error.to_string().starts_with(&nowhere), "{error}");
    assert!(error.source().is_some());
    assert!(certificate().save_public("/").is_err());
    assert!(certificate().save_public("").is_err());
    assert_eq!(folder.names(), ["alice.key"]);
}

/// What pyzmq and czmq write, and what either of them reads.
#[test]
fn files_of_all_sorts_are_read() {
    let quoted = format!("curve\n    public-key = \"{PUBLIC}\"\n");
    let files = [
        quoted.clone(),
        quoted.replace('\n', "\r\n"),
        format!("\u{feff}{quoted}"),
        quoted.trim_end().into(),
        quoted.replace('"', "'"),
        quoted.replace("    ", "\t"),
        quoted.replace("    ", " "),
        quoted.replace("    ", ""),
        quoted.replace("curve\n", ""),
        quoted.replace(" = ", "="),
        quoted.replace(" = ", "\t=\t"),
        quoted.replace('"', ""),
        format!("curve # comment\n    public-key = \"{PUBLIC}\"# comment"),
        format!("\n  # comment\n\npublic-key = {PUBLIC} # comment"),
        format!("public-key = {PUBLIC}#comment"),
        format!("nobody=knows\nwhat\n  this = is\n{quoted}{quoted}= ?"),
        format!("other\n    metadata\n        public-key = {PUBLIC}"),
    ];
    for file in files {
        let certificate = load(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        assert_eq!(certificate.public_key_z85(), PUBLIC, "{file:?}");
        assert!(certificate.secret_key().is_none());
        assert_eq!(certificate.metadata().count(), 0, "{file:?}");
    }

    let secret = load(format!(
        "{quoted}\tsecret-key = {SECRET}\nsecret-key='{SECRET}'"
    ));
    assert_eq!(secret.unwrap().secret_key(), Some(&key(SECRET)));
    // czmq writes zeros for a secret key that it does not know.
    let none = load(format!("{quoted}    secret-key = \"{}\"", "0".repeat(40))).unwrap();
    assert!(none.secret_key().is_none());
}

#[test]
fn metadata_is_read() {
    let file = format!(
        "metadata # all of it\n  \tname = Alice Liddell  # not this\n    quoted = \"a # b\" # c\n\
         \x20   apostrophes = '\"'\n    full name = A. \"L\" = B\n    open = \"Alice\n    junk = \"a\" b\n\
         \x20   empty =\n    none\n        deeper = no\n    name = another\n    \
         public-key = \"{OTHER_PUBLIC}\"\n    secret-key = x\n\
         curve\n    public-key = \"{PUBLIC}\"\nother\n    deep = no\n"
    );
    let certificate = load(file).unwrap();
    let expected = [
        ("name", "Alice Liddell"),
        ("quoted", "a # b"),
        ("apostrophes", "\""),
        ("full name", "A. \"L\" = B"),
        ("open", "\"Alice"),
        ("junk", "\"a\" b"),
        ("empty", ""),
        ("none", ""),
        ("public-key", OTHER_PUBLIC),
        ("secret-key", "x"),
    ];
    assert_eq!(metadata(&certificate), expected);
    assert_eq!(certificate.public_key_z85(), PUBLIC);

    // Not everything that can be read can be written.
    let folder = Folder::new();
    let error = certificate.save_public(folder.join("a.key")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "metadata \"full name\": names have letters, digits and any of $-_@.&+/, / not first or last"
    );
    assert!(folder.names().is_empty());
}

#[test]
fn metadata_comes_back_or_is_refused() {
    let mut certificate = certificate();
    let values = [
        "",
        " blanks ",
        "# no comment",
        "a \"b\" # c",
        "it's",
        "it's \"quoted\"",
        "\ttab",
        "\\",
        "Ünïcödé",
        "a = b",
        "%s",
    ];
    for (number, value) in values.iter().enumerate() {
        certificate
            .set_metadata(&format!("a-{number}"), value)
            .unwrap();
    }
    for name in ["A9$-_@.&+", "a/b", "public"] {
        certificate.set_metadata(name, "x").unwrap();
    }
    let folder = Folder::new();
    certificate.save_public(folder.join("a.key")).unwrap();
    let again = Certificate::load(folder.join("a.key")).unwrap();
    assert_eq!(metadata(&again), metadata(&certificate));
    assert_eq!(again.metadata().count(), values.len() + 3);

    let refused = |name: &str, value: &str| match set(&certificate, name, value) {
        Err(CertificateError::Metadata {
            name: told,
            problem,
        }) => {
            assert_eq!(told, name);
            problem
        }
        other => panic!("{name:?} {value:?}: {other:?}"),
    };
    for name in ["", "a b", "/a", "a/", "ä", "a=b", "a#b", "a\n"] {
        assert_eq!(refused(name, "x"), MetadataProblem::Name);
    }
    for name in ["public-key", "secret-key", "public-keys"] {
        assert_eq!(refused(name, "x"), MetadataProblem::Key);
    }
    let long = "x".repeat(1024);
    let values = [
        "a\nb", "a\rb", "\0", "\u{85}", "\"it's\"", "'\"", "'s \"", "\"' #", "\" ' ", &long,
    ];
    for value in values {
        assert_eq!(refused("a", value), MetadataProblem::Value);
    }
}

/// Whether this could be set.
fn set(certificate: &Certificate, name: &str, value: &str) -> Result<(), CertificateError> {
    certificate.clone().set_metadata(name, value)
}

#[test]
fn what_is_no_certificate_is_refused() {
    let line = |key: &str| format!("curve\n    public-key = \"{key}\"\n");
    let good = line(PUBLIC);
    let metadata = format!("metadata\n    public-key = \"{PUBLIC}\"\n");
    let bad_public = |error| (Some(2), Problem::PublicKey(error));
    let bad_secret = |error| (Some(3), Problem::SecretKey(error));
    let secret = |key: &str| format!("{good}    secret-key = {key}\n");
    let cases = [
        (String::new(), (None, Problem::NoPublicKey)),
        (metadata, (None, Problem::NoPublicKey)),
        (format!("#{PUBLIC}\ncurve\n"), (None, Problem::NoPublicKey)),
        (
            format!("secret-key = {SECRET}"),
            (None, Problem::NoPublicKey),
        ),
        (line(""), bad_public(CurveKeyError::Length(0))),
        (line(&PUBLIC[1..]), bad_public(CurveKeyError::Length(39))),
        (
            line(PUBLIC).replace("=", ""),
            bad_public(CurveKeyError::Length(0)),
        ),
        (
            line(&PUBLIC.replace('@', "~")),
            bad_public(CurveKeyError::Z85(DecodeError::BadCharacter {
                character: '~',
                position: 3,
            })),
        ),
        (line(&"0".repeat(40)), (Some(2), Problem::NullKey)),
        (good.replace("\"\n", ""), (Some(2), Problem::OpenQuote)),
        (good.replace("\"\n", "'"), (Some(2), Problem::OpenQuote)),
        (good.replace("\"\n", "\" x"), (Some(2), Problem::AfterKey)),
        (
            format!("public-key = {PUBLIC} x"),
            (Some(1), Problem::AfterKey),
        ),
        (
            good.clone() + &line(OTHER_PUBLIC),
            (Some(4), Problem::SeveralKeys),
        ),
        (secret(""), bad_secret(CurveKeyError::Length(0))),
        (secret(&SECRET[1..]), bad_secret(CurveKeyError::Length(39))),
        (
            secret(&SECRET.replace('Q', "~")),
            bad_secret(CurveKeyError::SecretZ85 { position: 3 }),
        ),
        (
            secret(SECRET) + "    secret-key = \"" + OTHER_SECRET + "\"",
            (Some(4), Problem::SeveralKeys),
        ),
        (
            secret(&format!("\"{SECRET}")),
            (Some(3), Problem::OpenQuote),
        ),
        (secret(&format!("{SECRET} x")), (Some(3), Problem::AfterKey)),
        (" ".repeat(64 * 1024) + &good, (None, Problem::TooLarge)),
    ];
    for (file, expected) in cases {
        assert_eq!(problem(&file), expected, "{file:?}");
        let error = load(&file).unwrap_err();
        let shown = format!("{error} {error:?} {:?}", error.source());
        assert!(!tells_secret(&shown), "{shown}");
        assert!(!shown.contains(OTHER_SECRET), "{shown}");
    }
    let latin = [good.as_bytes(), b"# K\xf6ln"].concat();
    assert_eq!(problem(latin), (Some(3), Problem::NotUtf8));
    let largest = good.clone() + &"\n".repeat(64 * 1024 - good.len());
    assert_eq!(load(largest).unwrap().public_key(), &key(PUBLIC));

    let folder = Folder::new();
    let path = folder.join("none.key");
    let error = Certificate::load(&path).unwrap_err();
    assert!(matches!(error, CertificateError::Io { .. }), "{error}");
    assert_eq!((error.path(), error.line()), (Some(&*path), None));
    #[cfg(unix)]
    assert!(matches!(
        Certificate::load(&*folder),
        Err(CertificateError::Content {
            problem: Problem::NotAFile,
            ..
        })
    ));
}

#[test]
fn keys_that_do_not_belong_together_are_refused() {
    if zmq::has("curve") != Some(true) {
        println!("skipped: libzmq has no CURVE");
        return;
    }
    let file = format!("public-key = {OTHER_PUBLIC}\nsecret-key = {SECRET}");
    let mismatch = Problem::SecretKey(CurveKeyError::Mismatch);
    assert_eq!(problem(&file), (Some(2), mismatch));
    let error = load(&file).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "the.key, line 2: the secret key: the public key does not belong to the secret key"
        ),
        "{error}"
    );
}

/// Whatever happens to a file: it is read, or there is an error that does not
/// tell the secret.
#[test]
fn damaged_files_are_no_danger() {
    timed(|| {
        let folder = Folder::new();
        let path = folder.join("a.key");
        let mut certificate = certificate();
        certificate.set_metadata("name", "\u{20ac} 'x'").unwrap();
        certificate.save_secret(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        let check = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            if let Err(error) = Certificate::load(&path) {
                let shown = format!("{error} {error:?}");
                assert!(!tells_secret(&shown), "{shown}");
            }
        };
        (0..whole.len()).for_each(|length| check(&whole[..length]));
        let mut random = noise(4);
        let mut below = |limit: usize| {
            let number = u32::from_le_bytes(std::array::from_fn(|_| random.next().unwrap()));
            number as usize % limit
        };
        for _ in 0..3000 {
            let mut bytes = whole.clone();
            for _ in 0..1 + below(4) {
                let (at, other) = (below(bytes.len()), below(bytes.len()));
                match below(5) {
                    0 => bytes[at] = below(256) as u8,
                    1 => bytes[at] = b"\"'#=\n\r\t \0/"[below(10)],
                    2 => drop(bytes.remove(at)),
                    3 => bytes.insert(at, b"\"'#=\n\r\t \xef\xe2"[below(10)]),
                    _ => bytes.swap(at, other),
                }
            }
            check(&bytes);
        }
    });
}

#[test]
fn certificates_are_applied_to_sockets() {
    timed(|| {
        let context = Context::new();
        let client = context.socket(zmq::Req).unwrap();
        let refused = public(7).apply(&client);
        assert_eq!(refused, Err(Error::EINVAL));
        if zmq::has("curve") != Some(true) {
            println!("skipped: libzmq has no CURVE");
            assert_eq!(certificate().apply(&client), Err(Error::EINVAL));
            return;
        }
        let server = context.socket(zmq::REP).unwrap();
        let of_server = Certificate::new().unwrap();
        of_server.apply(&server).unwrap();
        server.set_curve_server(true).unwrap();
        let endpoint = bind_tcp(&server);

        certificate().apply(&client).unwrap();
        client.set_curve_serverkey(of_server.public_key()).unwrap();
        client.connect(&endpoint).unwrap();
        client.send("question", 0).unwrap();
        assert_eq!(server.recv_bytes(0).unwrap(), b"question");
        assert_eq!(client.get_curve_publickey().unwrap(), key(PUBLIC));
    });
}

#[test]
fn a_store_follows_its_folder() {
    let folder = Folder::new();
    let mut store = CertificateStore::open(&*folder).unwrap();
    assert!(store.is_empty());
    let mut knows = |number| store.find(&[number; 32]).unwrap().is_some();

    // All at once: nothing of it needs the clock to move on.
    for number in 1..50 {
        let path = folder.join(format!("{number}.key"));
        assert!(!knows(number));
        public(number).save_public(&path).unwrap();
        assert!(knows(number));
        fs::remove_file(&path).unwrap();
        assert!(!knows(number));
        assert!(!knows(number - 1));
    }

    // In place, with the same size.
    let path = folder.join("edited.key");
    let content = |number| format!("public-key = {}\n", public(number).public_key_z85());
    fs::write(&path, content(100)).unwrap();
    assert!(knows(100));
    for number in 101..200 {
        fs::write(&path, content(number)).unwrap();
        assert!(!knows(number - 1));
        assert!(knows(number));
    }
    // Even if the time on it says that it is as it was.
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, content(200)).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(time).unwrap();
    assert!(!knows(199));
    assert!(knows(200));

    // Nobody asks for the old key.
    fs::write(&path, content(201)).unwrap();
    let since = Instant::now();
    while !knows(201) {
        assert!(since.elapsed() < LIMIT);
        std::thread::yield_now();
    }
    assert!(!knows(200));

    // Renamed, and a link.
    fs::rename(&path, folder.join("not a certificate")).unwrap();
    assert!(!knows(201));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("not a certificate", &path).unwrap();
        assert!(knows(201));
        fs::write(folder.join("not a certificate"), content(202)).unwrap();
        assert!(!knows(201));
        assert!(knows(202));
    }
}

/// Files that were there long before, too: there is another way to trust them.
#[cfg(target_os = "linux")]
#[test]
fn a_store_follows_old_files() {
    timed(|| {
        let folder = Folder::new();
        let path = folder.join("a.key");
        public(1).save_public(&path).unwrap();
        // Until file and folder are no more taken for ones that were just changed.
        std::thread::sleep(std::time::Duration::from_millis(2100));
        let mut store = CertificateStore::open(&*folder).unwrap();
        let mut knows = |number| store.find(&[number; 32]).unwrap().is_some();
        assert!(knows(1) && !knows(2));

        // In place, with the same size, and the time on it that it had.
        let edit = |number| {
            let text = fs::read_to_string(&path).unwrap();
            let old = Certificate::load(&path).unwrap().public_key_z85();
            let text = text.replace(&old, &public(number).public_key_z85());
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            fs::write(&path, text).unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
        };
        edit(2);
        assert!(!knows(1));
        assert!(knows(2));

        // Nobody asks for the old key.
        edit(3);
        let since = Instant::now();
        while !knows(3) {
            assert!(since.elapsed() < LIMIT / 2);
            std::thread::yield_now();
        }

        public(4).save_public(folder.join("b.key")).unwrap();
        assert!(knows(4));
        fs::remove_file(&path).unwrap();
        assert!(!knows(3) && knows(4));
    });
}

#[test]
fn a_store_has_the_files_that_are_meant() {
    timed(|| {
        let folder = Folder::new();
        let mut alice = certificate();
        alice.set_metadata("name", "Alice").unwrap();
        alice.save(folder.join("alice.key")).unwrap();
        public(1).save_public(folder.join("bob.txt")).unwrap();
        public(2).save_public(folder.join(".hidden.key")).unwrap();
        fs::create_dir(folder.join("folder.key")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let pipe = folder.join("pipe.key");
            let pipe = std::ffi::CString::new(pipe.as_os_str().as_bytes()).unwrap();
            // SAFETY: the path ends in a NUL.
            assert_eq!(unsafe { libc::mkfifo(pipe.as_ptr(), 0o600) }, 0);
            assert!(Certificate::load(folder.join("pipe.key")).is_err());
            std::os::unix::fs::symlink("nowhere", folder.join("link.key")).unwrap();
        }
        let mut store = CertificateStore::open(&*folder).unwrap();
        assert_eq!(store.len(), 1);
        let found = store.find(&key(PUBLIC)).unwrap().unwrap();
        assert_eq!(found.get_metadata("name"), Some("Alice"));
        let mut all = CertificateStore::open_all(&*folder).unwrap();
        let keys: Vec<_> = all.iter().map(|it| *it.public_key()).collect();
        assert_eq!(keys, [key(PUBLIC), [1; 32]]);
        assert!(all.find(&[2; 32]).unwrap().is_none());
        assert!(store.problems().is_empty() && all.problems().is_empty());

        // Of two with the same key the first counts, while it is there.
        alice.set_metadata("name", "Another").unwrap();
        alice.save_public(folder.join("a.key")).unwrap();
        let mut store = CertificateStore::open(&*folder).unwrap();
        let mut name = || {
            let found = store.find(&key(PUBLIC)).unwrap().unwrap();
            found.get_metadata("name").unwrap().to_owned()
        };
        assert_eq!(name(), "Another");
        fs::remove_file(folder.join("a.key")).unwrap();
        assert_eq!(name(), "Alice");

        // A secret key has no business here.
        certificate().save_secret(folder.join("alice.key")).unwrap();
        let found = store.find(&key(PUBLIC)).unwrap().unwrap();
        assert!(found.secret_key().is_none());
        let shown = format!("{store:?}");
        assert!(!tells_secret(&shown), "{shown}");
    });
}

#[test]
fn a_malformed_file_is_a_problem_of_its_own() {
    let folder = Folder::new();
    let (bad, good) = (folder.join("bad.key"), folder.join("good.key"));
    public(1).save_public(&good).unwrap();
    public(2).save_public(&bad).unwrap();
    let mut store = CertificateStore::open(&*folder).unwrap();
    assert_eq!(store.len(), 2);

    fs::write(&bad, "public-key = x\n").unwrap();
    assert!(store.find(&[2; 32]).unwrap().is_none());
    assert!(store.find(&[1; 32]).unwrap().is_some());
    assert_eq!(store.len(), 1);
    let [problem] = store.problems() else {
        panic!("{:?}", store.problems());
    };
    assert_eq!((problem.path(), problem.line()), (Some(&*bad), Some(1)));

    #[cfg(unix)]
    {
        let circle = folder.join("circle.key");
        std::os::unix::fs::symlink("circle.key", &circle).unwrap();
        assert!(store.find(&[3; 32]).unwrap().is_none());
        assert_eq!(store.problems().len(), 2);
        fs::remove_file(circle).unwrap();
        assert!(store.find(&[3; 32]).unwrap().is_none());
        assert_eq!(store.problems().len(), 1);
    }

    public(2).save_public(&bad).unwrap();
    assert!(store.find(&[2; 32]).unwrap().is_some());
    assert!(store.problems().is_empty());
}

#[test]
fn nobody_is_known_without_the_folder() {
    let parent = Folder::new();
    let folder = parent.join("keys");
    let error = CertificateStore::open(&folder).unwrap_err();
    assert!(matches!(error, CertificateError::Io { .. }), "{error}");
    assert_eq!(error.path(), Some(&*folder));

    fs::create_dir(&folder).unwrap();
    public(1).save_public(folder.join("a.key")).unwrap();
    let mut store = CertificateStore::open(&folder).unwrap();
    assert!(store.find(&[1; 32]).unwrap().is_some());
    fs::rename(&folder, parent.join("moved")).unwrap();
    let error = store.find(&[1; 32]).unwrap_err();
    assert_eq!(error.path(), Some(&*folder));
    fs::write(&folder, "a file").unwrap();
    assert!(store.find(&[1; 32]).is_err());
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    assert!(store.find(&[1; 32]).unwrap().is_none());
    public(2).save_public(folder.join("a.key")).unwrap();
    assert!(store.find(&[2; 32]).unwrap().is_some());
}

#[cfg(unix)]
mod modes {
    use std::os::unix::fs::{symlink, PermissionsExt};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn secret_keys_are_written_for_their_owner_alone() {
        let folder = Folder::new();
        let (public, secret) = (folder.join("a.key"), folder.join("a.key_secret"));
        certificate().save(&public).unwrap();
        assert_eq!(mode(&secret), 0o600);
        fs::write(folder.join("any"), "").unwrap();
        assert_eq!(mode(&public), mode(&folder.join("any")));

        // A file that others can read, and one that leads elsewhere.
        chmod(&secret, 0o666);
        certificate().save(&public).unwrap();
        assert_eq!(mode(&secret), 0o600);
        let elsewhere = folder.join("elsewhere");
        fs::write(&elsewhere, "untouched").unwrap();
        chmod(&elsewhere, 0o644);
        fs::remove_file(&secret).unwrap();
        symlink(&elsewhere, &secret).unwrap();
        certificate().save_secret(&secret).unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"untouched");
        assert!(fs::symlink_metadata(&secret).unwrap().is_file());
        assert_eq!(mode(&secret), 0o600);
        assert_eq!(
            folder.names(),
            ["a.key", "a.key_secret", "any", "elsewhere"]
        );
    }

    #[test]
    fn a_secret_key_that_others_can_read_draws_a_warning() {
        let folder = Folder::new();
        let path = folder.join("a.key");
        certificate().save(&path).unwrap();
        let secret = folder.join("a.key_secret");
        chmod(&path, 0o666);
        assert!(Certificate::load(&path).unwrap().warning().is_none());
        for private in [0o600, 0o400, 0o711] {
            chmod(&secret, private);
            assert!(Certificate::load(&secret).unwrap().warning().is_none());
        }
        for open in [0o640, 0o604, 0o620, 0o666] {
            chmod(&secret, open);
            let loaded = Certificate::load(&secret).unwrap();
            let warning = loaded.warning().unwrap();
            assert_eq!((warning.path(), warning.mode()), (&*secret, open));
        }
        chmod(&secret, 0o644);
        let text = Certificate::load(&secret)
            .unwrap()
            .warning()
            .unwrap()
            .to_string();
        let path = secret.display();
        let expected =
            format!("{path}: others can read or write the secret key (mode 644): chmod 600 {path}");
        assert_eq!(text, expected);
    }
}

#[cfg(unix)]
mod peers {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::common::peer::{self, Lang, Peer};

    /// Runs a program to its end, and returns its lines.
    fn run(mut command: Command, arguments: &[&str]) -> Vec<String> {
        command.args(arguments);
        let end = Peer::spawn_with(command, Stdio::null()).end();
        assert_eq!(end.status, Some(0), "{arguments:?}: {:?}", end.errors);
        let lines = end.output.into_iter();
        lines.map(|line| String::from_utf8(line).unwrap()).collect()
    }

    fn text(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    #[test]
    fn pyzmq_and_this_crate_read_each_other() {
        Lang::Python.prepare();
        timed(|| {
            let pyzmq = |arguments: &[&str]| run(Lang::Python.program("certificates"), arguments);
            let folder = Folder::new();
            let metadata = ["name=Alice Liddell", "email=a@example.org"];
            let paths = pyzmq(&[&["create", text(&folder), "alice"], &metadata[..]].concat());
            assert_eq!(paths[0], text(&folder.join("alice.key")));
            let public = Certificate::load(&paths[0]).unwrap();
            let secret = Certificate::load(&paths[1]).unwrap();
            assert_eq!(public.public_key(), secret.public_key());
            // pyzmq writes it to the secret certificate alone.
            assert_eq!(public.metadata().count(), 0);
            let expected = [("name", "Alice Liddell"), ("email", "a@example.org")];
            assert_eq!(super::metadata(&secret), expected);
            // It gives it the mode of any file.
            assert!(secret.warning().is_some());
            let pair = secret.key_pair().unwrap();
            assert_eq!(
                pyzmq(&["load", &paths[1]]),
                [pair.public_key_z85(), pair.secret_key_z85().to_string()]
            );

            let mut own = certificate();
            for value in ["it's \"x\"", "'", "\""] {
                own.set_metadata(&format!("n{}", value.len()), value)
                    .unwrap();
                own.save(folder.join("own.key")).unwrap();
                let secret = folder.join("own.key_secret");
                assert_eq!(pyzmq(&["load", text(&secret)]), [PUBLIC, SECRET]);
            }
            assert_eq!(pyzmq(&["load", text(&folder.join("own.key"))]), [PUBLIC]);

            let mut store = CertificateStore::open(&*folder).unwrap();
            let mut keys: Vec<_> = store.iter().map(|it| it.public_key_z85()).collect();
            keys.sort();
            assert_eq!(pyzmq(&["load_all", text(&folder)]), keys);
            assert_eq!(keys.len(), 2);
            assert!(store.find(public.public_key()).unwrap().is_some());
        });
    }

    #[test]
    fn czmq_and_this_crate_read_each_other() {
        if peer::czmq_certificates().is_none() {
            println!("skipped: there is no czmq, of libczmq-dev");
            return;
        }
        timed(|| {
            let czmq = |arguments: &[&str]| run(peer::czmq_certificates().unwrap(), arguments);
            let folder = Folder::new();
            let path = folder.join("alice.txt");
            let metadata = ["name=Alice Liddell", "email=a#b", "nick=it's"];
            czmq(&[&["create", text(&path)], &metadata[..]].concat());
            let secret = Certificate::load(folder.join("alice.txt_secret")).unwrap();
            let public = Certificate::load(&path).unwrap();
            for certificate in [&public, &secret] {
                assert_eq!(certificate.public_key(), secret.public_key());
                assert_eq!(certificate.get_metadata("name"), Some("Alice Liddell"));
                assert_eq!(certificate.get_metadata("email"), Some("a#b"));
                assert_eq!(certificate.get_metadata("nick"), Some("it's"));
                assert_eq!(certificate.metadata().count(), 3);
            }
            assert!(public.secret_key().is_none());
            assert!(secret.warning().is_none());
            let pair = secret.key_pair().unwrap();
            let loaded = czmq(&["load", text(&path)]);
            assert_eq!(
                loaded[..2],
                [pair.public_key_z85(), pair.secret_key_z85().to_string()]
            );

            let own = folder.join("own.key");
            let mut certificate = certificate();
            let metadata = [
                ("A9$-_@.&+", " x # y "),
                ("a/b", "say \"x\""),
                ("both", "it's \"x\""),
                ("empty", ""),
                ("long", &"x".repeat(1010)),
                ("unicode", "Ünïcödé"),
            ];
            for (name, value) in metadata {
                certificate.set_metadata(name, value).unwrap();
            }
            certificate.save(&own).unwrap();
            let entries: Vec<_> = metadata
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let loaded = czmq(&["load", text(&own)]);
            assert_eq!(loaded[..2], [PUBLIC, SECRET]);
            assert_eq!(loaded[2..], entries);
            fs::remove_file(folder.join("own.key_secret")).unwrap();
            let loaded = czmq(&["load", text(&own)]);
            assert_eq!(loaded[..2], [PUBLIC, &"0".repeat(40)]);
            assert_eq!(loaded[2..], entries);

            let found = czmq(&["lookup", text(&folder), PUBLIC]);
            assert_eq!((&*found[0], &found[1..]), ("found", &entries[..]));
            assert_eq!(czmq(&["lookup", text(&folder), OTHER_PUBLIC]), ["unknown"]);
            let mut store = CertificateStore::open_all(&*folder).unwrap();
            assert_eq!(store.len(), 2);
            assert!(store.find(public.public_key()).unwrap().is_some());
        });
    }

    #[test]
    fn zmq_keygen_makes_certificates() {
        let keygen = |folder: &Path, arguments: &[&str]| {
            let mut command = Command::new(peer::example("zmq_keygen"));
            command.args(arguments).current_dir(folder);
            Peer::spawn_with(command, Stdio::null()).end()
        };
        timed(move || {
            let folder = Folder::new();
            let end = keygen(&folder, &[]);
            assert_eq!(end.status, Some(2));
            assert_eq!(end.errors, ["usage: zmq_keygen NAME [name=value ...]"]);
            if zmq::has("curve") != Some(true) {
                println!("skipped: libzmq has no CURVE");
                return;
            }
            let end = keygen(&folder, &["alice", "name=Alice", "email=a=b"]);
            assert_eq!(end.status, Some(0), "{:?}", end.errors);
            assert_eq!(folder.names(), ["alice.key", "alice.key_secret"]);
            let alice = Certificate::load(folder.join("alice.key_secret")).unwrap();
            assert!(alice.key_pair().is_some());
            assert_eq!(
                super::metadata(&alice),
                [("name", "Alice"), ("email", "a=b")]
            );

            // What is there is not replaced, be it one of the two.
            let refused = |existing| {
                let end = keygen(&folder, &["alice"]);
                assert_eq!(end.status, Some(1));
                assert_eq!(
                    end.errors,
                    [format!("zmq_keygen: {existing} is there already")]
                );
                let key = Certificate::load(folder.join("alice.key_secret")).unwrap();
                assert_eq!(key.public_key(), alice.public_key());
            };
            refused("alice.key");
            fs::remove_file(folder.join("alice.key")).unwrap();
            refused("alice.key_secret");

            for (argument, reason) in [
                ("email", "usage: zmq_keygen NAME [name=value ...]"),
                (
                    "e=a\nb",
                    "metadata \"e\": there is no way to write this value",
                ),
            ] {
                let end = keygen(&folder, &["bob", argument]);
                assert_eq!(end.status, Some(1));
                assert_eq!(end.errors, [format!("zmq_keygen: {reason}")]);
            }
            assert_eq!(folder.names(), ["alice.key_secret"]);
        });
    }
}
