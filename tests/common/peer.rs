//! Programs that tests talk to, each a process of its own: the examples in Rust,
//! and their peers in Python and C, under `tests/peers/`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use super::LIMIT;

/// The Python binding, with a libzmq of its own.
const PYZMQ: &str = "pyzmq==27.1.0";

/// What a program is written in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lang {
    Rust,
    /// Rust again, by the examples that await.
    Tokio,
    Python,
    C,
}

impl Lang {
    /// Makes ready what its programs need, which takes its time the first time:
    /// to be called outside of a test's time limit.
    pub fn prepare(self) {
        match self {
            Lang::Rust | Lang::Tokio => {}
            Lang::Python => drop(python()),
            Lang::C => {
                for name in ["tutorial", "mirror", "auth_server", "auth_client"] {
                    c_program(name);
                }
                if cfg!(all(feature = "draft", zmq_vendored)) {
                    c_program("draft");
                }
            }
        }
    }

    /// The tutorial's program that plays `role`.
    pub fn tutorial(self, role: &str) -> Command {
        match self {
            Lang::Rust | Lang::Tokio => Command::new(example(&self.example_name(role))),
            Lang::Python => python_script(role),
            Lang::C => {
                let mut command = Command::new(c_program("tutorial"));
                command.arg(role);
                command
            }
        }
    }

    /// What the example that plays `role` is called.
    pub fn example_name(self, role: &str) -> String {
        match self {
            Lang::Tokio => format!("async_{role}"),
            _ => role.into(),
        }
    }

    /// The program `name` of `tests/peers/`, as `mirror` is.
    pub fn program(self, name: &'static str) -> Command {
        match self {
            Lang::Rust | Lang::Tokio => panic!("the tests themselves are the Rust side"),
            Lang::Python => python_script(name),
            Lang::C => Command::new(c_program(name)),
        }
    }
}

/// The program that passes on messages of the draft API; see `draft.c`.
#[cfg(all(feature = "draft", zmq_vendored))]
pub fn draft() -> Command {
    Command::new(c_program("draft"))
}

/// The example `name`, which cargo builds beside the tests.
pub fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples")
        .join(name);
    assert!(
        path.exists(),
        "{} is missing: run `cargo build --examples` first, in the same profile, with the same features",
        path.display()
    );
    path
}

/// What writes and reads certificates with czmq, if that is installed; see
/// `czmq_certificates.c`. It has the libzmq of czmq in it, and not that of this crate.
pub fn czmq_certificates() -> Option<Command> {
    let pkg_config = |what: &[&str]| {
        let output = Command::new("pkg-config")
            .args(what)
            .arg("libczmq")
            .output();
        let output = output.ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    };
    let flags = pkg_config(&["--cflags", "--libs"])?;
    let program = compile("czmq_certificates", |cc| {
        cc.args(flags.split_whitespace());
    });
    Some(Command::new(program))
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(path)
}

fn python_script(name: &str) -> Command {
    let mut command = Command::new(python());
    command.arg(source(&format!("python/{name}.py")));
    // Nothing is to be written among the sources.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Cargo's folder for what tests make, locked against other test processes.
fn workshop() -> (PathBuf, File) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    // SAFETY: the descriptor is open. The lock ends with it.
    let rc = unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_EX) };
    assert_eq!(rc, 0, "{}", std::io::Error::last_os_error());
    (folder, lock)
}

/// The interpreter of a virtual environment that has pyzmq.
fn python() -> PathBuf {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let (folder, _lock) = workshop();
        let venv = folder.join(PYZMQ);
        let complete = venv.join("complete");
        if !complete.exists() {
            let _ = fs::remove_dir_all(&venv);
            run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
            let pip = [
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ];
            run(Command::new(venv.join("bin/python")).args(pip).arg(PYZMQ));
            File::create(complete).unwrap();
        }
        venv.join("bin/python")
    };
    PYTHON.get_or_init(make).clone()
}

/// `tests/peers/c/{name}.c`, compiled, and linked with the libzmq of this crate.
fn c_program(name: &'static str) -> PathBuf {
    compile(name, |cc| {
        let (include, lib, sodium, gssapi) = (
            env!("ZMQ_TEST_INCLUDE"),
            env!("ZMQ_TEST_LIB"),
            env!("ZMQ_TEST_SODIUM"),
            env!("ZMQ_TEST_GSSAPI"),
        );
        if !include.is_empty() {
            cc.arg(format!("-I{include}"));
        }
        if !lib.is_empty() {
            cc.args([format!("-L{lib}"), format!("-Wl,-rpath,{lib}")]);
        }
        cc.arg("-lzmq");
        if !sodium.is_empty() {
            cc.args([format!("-L{sodium}"), "-lsodium".into()]);
        }
        if !gssapi.is_empty() {
            cc.args([format!("-L{gssapi}"), "-lgssapi_krb5".into()]);
        }
        if cfg!(zmq_vendored) {
            let cxx = if cfg!(target_os = "macos") {
                "-lc++"
            } else {
                "-lstdc++"
            };
            cc.args([cxx, "-lpthread", "-lm"]);
        }
    })
}

/// `tests/peers/c/{name}.c`, compiled with what `link` adds.
fn compile(name: &'static str, link: impl FnOnce(&mut Command)) -> PathBuf {
    static COMPILED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let (folder, _lock) = workshop();
    let program = folder.join(format!("c-{name}"));
    let mut compiled = COMPILED.lock().unwrap();
    if compiled.contains(&name) {
        return program;
    }
    // Renamed when complete: another test process may be running the last one.
    let new = folder.join(format!("c-{name}.new"));
    let compiler = std::env::var("CC").unwrap_or("cc".into());
    let mut cc = Command::new(compiler);
    cc.args(["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]);
    cc.arg(&new).arg(source(&format!("c/{name}.c")));
    link(&mut cc);
    run(&mut cc);
    fs::rename(new, &program).unwrap();
    compiled.push(name);
    program
}

/// Runs a command that the tests cannot do without.
fn run(command: &mut Command) {
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!(
            "the tests need {command:?}, which failed:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(e) => panic!("the tests need {command:?}, which cannot be run: {e}"),
    }
}

/// A running program. It is killed when this is dropped.
pub struct Peer {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Vec<u8>>,
    errors: Receiver<Vec<u8>>,
}

impl Peer {
    /// Starts a program whose standard input is a pipe, to type into.
    pub fn spawn(command: Command) -> Peer {
        Peer::spawn_with(command, Stdio::piped())
    }

    pub fn spawn_with(mut command: Command, input: Stdio) -> Peer {
        let name = format!("{command:?}");
        command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(target_os = "linux")]
        // SAFETY: prctl is a plain system call. It sees to it that the program
        // does not outlive a test process that ends without dropping anything.
        unsafe {
            command.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                Ok(())
            });
        }
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{name}: {e}"));
        Peer {
            input: child.stdin.take(),
            output: lines(child.stdout.take().unwrap()),
            errors: lines(child.stderr.take().unwrap()),
            name,
            child,
        }
    }

    /// The tutorial's program that plays `role` in `lang`.
    pub fn tutorial(lang: Lang, role: &str, arguments: &[&str]) -> Peer {
        let mut command = lang.tutorial(role);
        command.args(arguments);
        Peer::spawn(command)
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &[u8]) {
        let input = self.input.as_mut().expect("its input has not ended");
        input.write_all(&[line, b"\n"].concat()).unwrap();
    }

    /// Ends its input.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// The next line that it prints.
    pub fn line(&self) -> Vec<u8> {
        self.expect_line(&self.output)
    }

    /// The next line that it prints, if it prints one within `time`.
    pub fn line_within(&self, time: Duration) -> Option<Vec<u8>> {
        self.output.recv_timeout(time).ok()
    }

    /// The next line on its standard error.
    pub fn error_line(&self) -> String {
        String::from_utf8(self.expect_line(&self.errors)).unwrap()
    }

    /// Where it says that it listens.
    pub fn endpoint(&self) -> String {
        let line = self.error_line();
        let endpoint = line.strip_prefix("listening on ");
        endpoint
            .unwrap_or_else(|| panic!("{}: {line}", self.name))
            .into()
    }

    fn expect_line(&self, lines: &Receiver<Vec<u8>>) -> Vec<u8> {
        match lines.recv_timeout(LIMIT / 2) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("{}: no line in time", self.name),
            Err(RecvTimeoutError::Disconnected) => {
                let errors: Vec<_> = self.errors.iter().collect();
                let errors = errors.join(&b'\n');
                panic!(
                    "{} has ended: {}",
                    self.name,
                    String::from_utf8_lossy(&errors)
                )
            }
        }
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        // SAFETY: kill is a plain system call; the process is not waited for yet,
        // so the number is still its own.
        let rc = unsafe { libc::kill(self.child.id() as libc::pid_t, libc::SIGINT) };
        assert_eq!(rc, 0, "{}", std::io::Error::last_os_error());
    }

    /// Waits for its end.
    pub fn end(mut self) -> End {
        let (output, errors) = (self.remaining(&self.output), self.remaining(&self.errors));
        let status = self.child.wait().unwrap().code();
        End {
            status,
            output,
            errors: errors
                .into_iter()
                .map(|line| String::from_utf8(line).unwrap())
                .collect(),
        }
    }

    /// The lines up to the end of the stream, and with it of the program.
    fn remaining(&self, lines: &Receiver<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut remaining = Vec::new();
        loop {
            match lines.recv_timeout(LIMIT / 2) {
                Ok(line) => remaining.push(line),
                Err(RecvTimeoutError::Disconnected) => return remaining,
                Err(RecvTimeoutError::Timeout) => {
                    remaining.extend(self.errors.try_iter());
                    let said = remaining.join(&b'\n');
                    panic!(
                        "{} does not end: {}",
                        self.name,
                        String::from_utf8_lossy(&said)
                    )
                }
            }
        }
    }

    /// Kills it, and returns what it had printed.
    pub fn kill(mut self) -> Vec<Vec<u8>> {
        self.child.kill().unwrap();
        self.remaining(&self.output)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a program has ended.
#[derive(Debug, PartialEq)]
pub struct End {
    /// None if a signal killed it.
    pub status: Option<i32>,
    /// The lines that nobody had read yet.
    pub output: Vec<Vec<u8>>,
    pub errors: Vec<String>,
}

/// Reads lines in the background.
fn lines(stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    lines
}
