//! The command line, and one process or two.

use std::env;
use std::fs;
use std::future;
use std::io::{self, Read};
use std::process::{self, ChildStdin, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::works::{Amount, Work, SHORTEST};
use crate::{Peer, Runtime};

const USAGE: &str = "arguments: WORK TRANSPORT SIZE PROCESSES THREADS SECONDS
    as in: push-pull tcp 256 1 2 1.0
    THREADS of the runtime; 0 is a runtime in the current thread";

/// The exit status of a program that does not offer what is asked for.
const NOT_OFFERED: i32 = 3;

struct Cell {
    name: String,
    work: Work,
    transport: Transport,
    amount: Amount,
    processes: usize,
    threads: usize,
    /// In the second process, where to connect to.
    connect: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Transport {
    Inproc,
    Ipc,
    Tcp,
}

impl Transport {
    /// Where the socket of that number binds.
    fn place(self, number: usize) -> String {
        match self {
            Transport::Inproc => format!("inproc://{number}"),
            Transport::Ipc => format!("ipc://{}", file(number)),
            Transport::Tcp => "tcp://127.0.0.1:0".into(),
        }
    }
}

fn file(number: usize) -> String {
    let folder = env::temp_dir();
    format!("{}/peer-{}-{number}", folder.display(), process::id())
}

fn parse() -> Option<Cell> {
    let args: Vec<_> = env::args().skip(1).collect();
    let [work, transport, size, processes, threads, seconds, connect @ ..] = &args[..] else {
        return None;
    };
    let measured = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    Some(Cell {
        name: match processes.as_str() {
            "2" => format!("{work} over {transport} between processes"),
            _ => format!("{work} over {transport}"),
        },
        work: Work::of(work)?,
        transport: match transport.as_str() {
            "inproc" => Transport::Inproc,
            "ipc" => Transport::Ipc,
            "tcp" => Transport::Tcp,
            _ => return None,
        },
        amount: Amount {
            size: size.parse().ok().filter(|size| *size >= SHORTEST)?,
            warm_up: measured / 4,
            measured,
        },
        processes: processes.parse().ok()?,
        threads: threads.parse().ok()?,
        connect: connect.first().cloned(),
    })
}

impl Cell {
    /// Inproc stays within a process, and is not encrypted.
    fn makes_sense(&self) -> bool {
        let curve = matches!(self.work, Work::Curve);
        self.transport != Transport::Inproc || (self.processes == 1 && !curve)
    }

    fn not_offered(&self) -> ! {
        eprintln!("does not offer {}", self.name);
        exit(NOT_OFFERED);
    }
}

/// Does the work that the command line names, and prints what was measured as one line
/// of numbers.
pub fn main<P: Peer>() {
    let Some(cell) = parse() else {
        eprintln!("{USAGE}");
        process::exit(2);
    };
    // A task that panics would leave the other one waiting.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        report(info);
        exit(101);
    }));
    P::Runtime::block_on(cell.threads, run::<P>(&cell));
    // How a library closes its sockets is not measured.
    exit(0);
}

async fn run<P: Peer>(cell: &Cell) {
    let peer = P::new();
    let spawn = P::Runtime::spawn::<Option<Vec<f64>>>;
    let connect = async |endpoint: &str| {
        let end = cell.work.connect(&peer, endpoint, cell.amount).await;
        spawn(end.unwrap_or_else(|| cell.not_offered()))
    };
    if let Some(endpoint) = &cell.connect {
        print(connect(endpoint).await.await);
        // Told when the process that binds is done.
        thread::spawn(|| {
            io::stdin().read_to_end(&mut Vec::new()).unwrap();
            process::exit(0);
        });
        return future::pending().await;
    }
    if !cell.makes_sense() {
        cell.not_offered();
    }
    let mut number = 0;
    let place = || {
        number += 1;
        cell.transport.place(number)
    };
    let bound = cell.work.bind(&peer, place, cell.amount).await;
    let (end, endpoint) = bound.unwrap_or_else(|| cell.not_offered());
    let end = spawn(end);
    if cell.processes == 1 {
        let other = connect(&endpoint).await;
        print(end.await);
        print(other.await);
    } else {
        let other = start_other(&endpoint);
        print(end.await);
        drop(other);
        // The runtime goes on with what is still to be sent.
        future::pending().await
    }
}

/// Starts this program once more, to connect. It ends when what is returned is dropped,
/// and this process with it.
fn start_other(endpoint: &str) -> ChildStdin {
    let mut other = Command::new(env::current_exe().unwrap())
        .args(env::args().skip(1))
        .arg(endpoint)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let input = other.stdin.take().unwrap();
    thread::spawn(move || {
        let status = other.wait().unwrap();
        exit(status.code().unwrap_or(1));
    });
    input
}

fn print(measured: Option<Vec<f64>>) {
    if let Some(numbers) = measured {
        let words: Vec<_> = numbers.iter().map(|n| format!("{n:.2}")).collect();
        println!("{}", words.join(" "));
    }
}

/// Ends the process, and leaves no files of its endpoints behind.
fn exit(status: i32) -> ! {
    for number in 1..=2 {
        let _ = fs::remove_file(file(number));
    }
    process::exit(status);
}
