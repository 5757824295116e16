//! What the tutorial's programs share: arguments, typed lines, printed
//! messages, and how they end.
#![allow(dead_code)] // each program uses some of it

use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::{self, ExitCode};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use smol::channel::{self, Receiver};
use zmq::{Context, Kind, Socket};

/// How long what was typed may wait for somebody to take it after the last line.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same after Ctrl-C or an error.
const SHORT_PATIENCE: Duration = Duration::from_secs(2);

/// Why a program ends.
pub enum Stop {
    /// Ctrl-C: status 0.
    Interrupted,
    /// Something failed: status 1.
    Failed(String),
    /// Its arguments are wrong: status 2.
    Misused(String),
}

impl From<zmq::Error> for Stop {
    fn from(e: zmq::Error) -> Stop {
        match e {
            // Whichever a blocked call notices first: the signal itself, or that
            // its handler has shut the context down.
            zmq::Error::EINTR | zmq::Error::ETERM => Stop::Interrupted,
            e => Stop::Failed(e.to_string()),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Stop {
        Stop::Failed(e.to_string())
    }
}

/// Runs a program, waits until what it sent is delivered, and makes an exit
/// status of its end.
pub fn run(program: impl FnOnce(&Context) -> Result<(), Stop>) -> ExitCode {
    let mut context = Context::new();
    let (reason, status) = match program(&context) {
        Ok(()) | Err(Stop::Interrupted) => (None, 0),
        Err(Stop::Failed(reason)) => (Some(reason), 1),
        Err(Stop::Misused(reason)) => (Some(reason), 2),
    };
    if let Some(reason) = reason {
        complain(&reason);
        thread::spawn(move || {
            thread::sleep(SHORT_PATIENCE);
            give_up(SHORT_PATIENCE, status);
        });
    }
    // Dropping it would not do: the handler of Ctrl-C has a clone.
    while context.destroy() == Err(zmq::Error::EINTR) {}
    ExitCode::from(status)
}

fn complain(reason: &str) {
    eprintln!("{}: {reason}", env!("CARGO_CRATE_NAME"));
}

/// The arguments as endpoints; the defaults for those that are missing.
pub fn endpoints<const N: usize>(defaults: [&str; N]) -> Result<[String; N], Stop> {
    let mut given = std::env::args_os().skip(1);
    // What is not UTF-8 is no endpoint: libzmq will say so.
    let endpoints = defaults.map(|default| match given.next() {
        Some(endpoint) => endpoint.to_string_lossy().into_owned(),
        None => default.to_owned(),
    });
    match given.count() {
        0 => Ok(endpoints),
        more => Err(Stop::Misused(format!(
            "{} arguments given, at most {N} taken",
            N + more
        ))),
    }
}

/// A prefix, which may be missing, and endpoints; the default if there is none.
pub fn prefix_and_endpoints(default: &str) -> (OsString, Vec<String>) {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let prefix = arguments.next_if(|first| !first.to_string_lossy().contains("://"));
    let mut endpoints: Vec<_> = arguments
        .map(|endpoint| endpoint.to_string_lossy().into_owned())
        .collect();
    if endpoints.is_empty() {
        endpoints.push(default.into());
    }
    (prefix.unwrap_or_default(), endpoints)
}

/// Binds, and says on standard error where, should the port be a wildcard.
pub fn bind<K: Kind>(socket: &Socket<K>, endpoint: &str) -> Result<(), Stop> {
    socket.bind(endpoint).map_err(|e| wrong(endpoint, e))?;
    let bound = socket.get_last_endpoint()?;
    eprintln!("listening on {}", bound.as_deref().unwrap_or(endpoint));
    Ok(())
}

/// Connects; the peer may come later.
pub fn connect<K: Kind>(socket: &Socket<K>, endpoint: &str) -> Result<(), Stop> {
    socket.connect(endpoint).map_err(|e| wrong(endpoint, e))
}

fn wrong(endpoint: &str, e: zmq::Error) -> Stop {
    match Stop::from(e) {
        Stop::Failed(reason) => Stop::Misused(format!("{endpoint:?}: {reason}")),
        stop => stop,
    }
}

/// Prints a line.
pub fn print(line: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Makes Ctrl-C shut the context down, so that every call that blocks, or is
/// awaited, returns `ETERM`.
pub fn shut_down_on_ctrl_c(context: &Context) {
    let context = context.clone();
    on_ctrl_c(move || {
        let _ = context.shutdown();
    });
}

fn on_ctrl_c(stop: impl Fn() + Send + 'static) {
    let handler = move || {
        stop();
        thread::sleep(SHORT_PATIENCE);
        give_up(SHORT_PATIENCE, 0);
    };
    ctrlc::set_handler(handler).expect("there is no other handler");
}

/// Ends the process, whatever its main thread waits for.
fn give_up(patience: Duration, status: u8) {
    complain(&format!("nobody took all there was within {patience:?}"));
    process::exit(status.into());
}

/// The lines typed, or piped, into standard input, until `q`, end of input or
/// Ctrl-C.
pub struct TypedLines {
    /// A line, or none for the end. They can be waited for and awaited.
    lines: Receiver<Option<Vec<u8>>>,
    /// When the program last came back for a line.
    back: Arc<Mutex<Instant>>,
}

/// A thread reads, because Ctrl-C would not wake a program that does, and
/// because the end of input is to be noticed by one that waits for a peer.
pub fn typed_lines() -> TypedLines {
    let (typed, lines) = channel::unbounded();
    let back = Arc::new(Mutex::new(Instant::now()));

    let interrupted = typed.clone();
    on_ctrl_c(move || {
        let _ = interrupted.try_send(None);
    });

    let program_back = Arc::clone(&back);
    thread::spawn(move || {
        let input = io::stdin().lock().split(b'\n');
        for line in input.map_while(Result::ok).take_while(|line| line != b"q") {
            let _ = typed.try_send(Some(line));
        }
        let _ = typed.try_send(None);
        // The program has now `PATIENCE` for each line that is left, and for its
        // end, which is also the end of this thread.
        let mut waits_since = Instant::now();
        while waits_since.elapsed() < PATIENCE {
            thread::sleep(PATIENCE.saturating_sub(waits_since.elapsed()));
            waits_since = *program_back.lock().unwrap();
        }
        give_up(PATIENCE, 1);
    });
    TypedLines { lines, back }
}

impl Iterator for TypedLines {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        prompt()?;
        let line = self.lines.recv_blocking().ok().flatten();
        *self.back.lock().unwrap() = Instant::now();
        line
    }
}

impl TypedLines {
    /// The next line, for programs that await it.
    pub async fn next_line(&self) -> Option<Vec<u8>> {
        prompt()?;
        let line = self.lines.recv().await.ok().flatten();
        *self.back.lock().unwrap() = Instant::now();
        line
    }
}

/// Asks for a line, if somebody is there to type it.
fn prompt() -> Option<()> {
    if io::stdin().is_terminal() {
        print!("input your data:");
        io::stdout().flush().ok()?;
    }
    Some(())
}

/// Repeats a call that a signal interrupts. The signal is Ctrl-C, which ends the
/// typed lines; those before it shall still be delivered.
pub fn insist<T>(call: impl Fn() -> zmq::Result<T>) -> zmq::Result<T> {
    loop {
        match call() {
            Err(zmq::Error::EINTR) => {}
            done => return done,
        }
    }
}
