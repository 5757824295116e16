//! The command line, and one process or two.

use std::env;
use std::future;
use std::io::{self, Read};
use std::process::{self, ChildStdin, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::works::{self, Amount, SHORTEST};
use crate::{Peer, Runtime};

const USAGE: &str = "arguments: WORK TRANSPORT SIZE PROCESSES THREADS SECONDS
    as in: push-pull tcp 256 1 2 1.0
    THREADS of the runtime; 0 is a runtime in the current thread";

struct Cell {
    work: String,
    bind: &'static str,
    amount: Amount,
    processes: usize,
    threads: usize,
    /// In the second process, where to connect to.
    connect: Option<String>,
}

fn parse() -> Option<Cell> {
    let args: Vec<_> = env::args().skip(1).collect();
    let [work, transport, size, processes, threads, seconds, connect @ ..] = &args[..] else {
        return None;
    };
    let measured = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    Some(Cell {
        work: work.clone(),
        bind: match transport.as_str() {
            "tcp" => "tcp://127.0.0.1:0",
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
        process::exit(101);
    }));
    P::Runtime::block_on(cell.threads, run::<P>(&cell));
    // How a library closes its sockets is not measured.
    process::exit(0);
}

async fn run<P: Peer>(cell: &Cell) {
    let peer = P::new();
    let spawn = P::Runtime::spawn::<Option<Vec<f64>>>;
    if let Some(endpoint) = &cell.connect {
        print(spawn(works::connect(&peer, &cell.work, endpoint, cell.amount).await).await);
        // Told when the process that binds is done.
        thread::spawn(|| {
            io::stdin().read_to_end(&mut Vec::new()).unwrap();
            process::exit(0);
        });
        return future::pending().await;
    }
    let (end, endpoint) = works::bind(&peer, &cell.work, cell.bind, cell.amount).await;
    let end = spawn(end);
    if cell.processes == 1 {
        let other = spawn(works::connect(&peer, &cell.work, &endpoint, cell.amount).await);
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
        process::exit(status.code().unwrap_or(1));
    });
    input
}

fn print(measured: Option<Vec<f64>>) {
    if let Some(numbers) = measured {
        let words: Vec<_> = numbers.iter().map(|n| format!("{n:.2}")).collect();
        println!("{}", words.join(" "));
    }
}
