//! How the costs of a program grow with how many sockets, connections, subscriptions,
//! polled sockets and frames it has.
//!
//! `cargo bench --bench growth` prints a table for each, `-- --json` one line of JSON
//! for each; `-- polled frames` does only those. Each measurement is a process of its
//! own, so that none uses the memory that another has left behind.

mod connections;
mod frames;
mod poll;
mod sockets;
mod subscriptions;

use std::env;
use std::fs;
use std::process::{self, Command};
use std::thread;
use std::time::Instant;

use zmq::{Context, Message, Pull, Push, Socket};

const ROUNDS: usize = 5;

/// How many messages a rate is measured with.
const MESSAGES: usize = 500_000;

/// Something that there can be few or many of.
struct Growth {
    /// What there are many of.
    name: &'static str,
    counts: &'static [usize],
    /// What is measured of them, with its unit.
    figures: &'static [&'static str],
    /// Takes how many there are, and how many messages to send where a rate is measured.
    measure: fn(usize, usize) -> Vec<f64>,
}

const TABLE: [Growth; 5] = [
    Growth {
        name: "sockets",
        counts: &[1, 10, 100, 1000, 10_000],
        figures: &[
            "µs to open each",
            "KiB each",
            "messages/s of one pair",
            "µs to close each",
        ],
        measure: sockets::measure,
    },
    Growth {
        name: "connections",
        counts: &[1, 100, 10_000],
        figures: &[
            "µs to connect each",
            "KiB each, receiver",
            "KiB each, sender",
        ],
        measure: connections::measure,
    },
    Growth {
        name: "subscriptions",
        counts: &[1, 10, 100, 1000, 10_000, 100_000, 1_000_000],
        figures: &["µs to subscribe each", "bytes each", "messages/s received"],
        measure: subscriptions::measure,
    },
    Growth {
        name: "polled",
        counts: &[1, 10, 100, 1000],
        figures: &["µs of zmq::poll", "µs of Poller::wait"],
        measure: poll::measure,
    },
    Growth {
        name: "frames",
        counts: &[1, 10, 100, 1000],
        figures: &["µs per message", "ns per frame"],
        measure: frames::measure,
    },
];

/// What the processes that measure are told by.
const ROW: &str = "--row";

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        [ROW, name, count, messages] => return row(name, number(count), number(messages)),
        [connections::SENDER, endpoint, count] => {
            return connections::sender(endpoint, number(count))
        }
        _ => {}
    }
    // `cargo test --benches` only wants to know that it can run.
    let is_test = !words.contains(&"--bench");
    let json = words.contains(&"--json");
    let names: Vec<&str> = words.into_iter().filter(|w| !w.starts_with('-')).collect();
    if let Some(name) = names.iter().find(|name| find(name).is_none()) {
        let known = TABLE.map(|growth| growth.name).join(", ");
        eprintln!("{name} is none of {known}");
        process::exit(2);
    }
    let chosen = |growth: &&Growth| names.is_empty() || names.contains(&growth.name);
    for growth in TABLE.iter().filter(chosen) {
        let (counts, rounds, messages) = match is_test {
            true => (&growth.counts[..2], 1, 1000),
            false => (growth.counts, ROUNDS, MESSAGES),
        };
        let rows: Vec<_> = counts
            .iter()
            .map(|&count| medians(growth, count, rounds, messages))
            .collect();
        match json {
            true => print_json(growth, counts, &rows),
            false => print_table(growth, counts, &rows),
        }
    }
}

fn find(name: &str) -> Option<&'static Growth> {
    TABLE.iter().find(|growth| growth.name == name)
}

fn number(word: &str) -> usize {
    word.parse().unwrap()
}

/// Measures, and prints the figures as one line.
fn row(name: &str, count: usize, messages: usize) {
    raise_descriptor_limit();
    let figures = (find(name).unwrap().measure)(count, messages);
    let words: Vec<_> = figures.iter().map(f64::to_string).collect();
    println!("{}", words.join(" "));
    // The sockets that are left are not waited for.
    process::exit(0);
}

/// The median of each figure, or why there is none.
fn medians(
    growth: &Growth,
    count: usize,
    rounds: usize,
    messages: usize,
) -> Result<Vec<f64>, String> {
    let mut columns = vec![Vec::new(); growth.figures.len()];
    for _ in 0..rounds {
        let output = Command::new(env::current_exe().unwrap())
            .args([ROW, growth.name])
            .args([count.to_string(), messages.to_string()])
            .output()
            .unwrap();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(errors.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        let line = String::from_utf8(output.stdout).unwrap();
        for (column, word) in columns.iter_mut().zip(line.split_whitespace()) {
            column.push(word.parse::<f64>().unwrap());
        }
    }
    let median = |mut column: Vec<f64>| {
        column.sort_by(f64::total_cmp);
        column[column.len() / 2]
    };
    Ok(columns.into_iter().map(median).collect())
}

type Row = Result<Vec<f64>, String>;

fn print_table(growth: &Growth, counts: &[usize], rows: &[Row]) {
    println!("\n{:>14}  {}", growth.name, growth.figures.join("  "));
    for (count, row) in counts.iter().zip(rows) {
        print!("{count:14}");
        match row {
            Ok(figures) => {
                for (figure, head) in figures.iter().zip(growth.figures) {
                    print!("  {figure:width$.2}", width = head.chars().count());
                }
                println!();
            }
            Err(why) => println!("  fails: {why}"),
        }
    }
}

fn print_json(growth: &Growth, counts: &[usize], rows: &[Row]) {
    let rows = counts.iter().zip(rows).map(|(count, row)| match row {
        Ok(figures) => format!(r#"{{"count": {count}, "figures": {figures:?}}}"#),
        Err(why) => format!(r#"{{"count": {count}, "failure": {}}}"#, quote(why)),
    });
    println!(
        r#"{{"name": "{}", "figures": {:?}, "rows": [{}]}}"#,
        growth.name,
        growth.figures,
        rows.collect::<Vec<_>>().join(", ")
    );
}

/// A string of JSON; control characters, which an error message has no use for, are
/// left out.
fn quote(text: &str) -> String {
    let text = text.replace(char::is_control, "");
    format!(r#""{}""#, text.replace('\\', r"\\").replace('"', "\\\""))
}

// ---- what the measurements share --------------------------------------------

/// Sends `count` messages from one to the other; how many arrive in a second.
fn messages_per_second(push: Socket<Push>, pull: &Socket<Pull>, count: usize) -> f64 {
    let mut message = Message::new();
    push.send(&[7; 16][..], 0).unwrap();
    pull.recv(&mut message, 0).unwrap();
    let begin = Instant::now();
    let sender = thread::spawn(move || {
        for _ in 0..count {
            push.send(&[7; 16][..], 0).unwrap();
        }
        push
    });
    for _ in 0..count {
        pull.recv(&mut message, 0).unwrap();
    }
    let rate = count as f64 / begin.elapsed().as_secs_f64();
    sender.join().unwrap();
    rate
}

/// A PUSH and the PULL that it is connected to over tcp.
fn connected(context: &Context) -> (Socket<Push>, Socket<Pull>) {
    let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
    pull.bind("tcp://127.0.0.1:*").unwrap();
    let endpoint = pull.get_last_endpoint().unwrap().unwrap();
    push.connect(&endpoint).unwrap();
    (push, pull)
}

fn micros_each(begin: Instant, count: usize) -> f64 {
    begin.elapsed().as_secs_f64() * 1e6 / count as f64
}

/// The bytes of memory that this process has; not a number where the system does not
/// say so as Linux does.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.map_or(f64::NAN, |kib: f64| kib * 1024.0)
}

/// Has as many descriptors allowed as may be.
fn raise_descriptor_limit() {
    #[cfg(unix)]
    // SAFETY: the calls read and fill in a structure of plain numbers that is ours.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            // If it fails, opening them says what there is too little of.
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}
