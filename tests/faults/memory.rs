//! When there is no memory left: what is an error, and what ends the process.

use std::fs;

use zmq::{Context, Error, Message, Pull, Push, Result, Socket};

use crate::common::peer::Peer;
use crate::common::{bind_tcp, timed};
use crate::programs;

/// A message for which there is no memory, and what there is of it.
const LARGE: usize = 256 << 20;
const LEFT: u64 = 64 << 20;

/// What is done with a PUSH and a PULL that are connected, and bytes that are there already.
type Attempt = fn(&Context, &Socket<Push>, &Socket<Pull>, Vec<u8>) -> Result<()>;

/// What is done when there is little memory.
struct Row {
    name: &'static str,
    attempt: Attempt,
    /// None if it ends the process.
    outcome: Option<Result<()>>,
}

const ROWS: [Row; 6] = [
    Row {
        name: "`send(&[u8])`, which copies",
        attempt: |_, push, _, large| push.send(&large[..], 0),
        outcome: Some(Err(Error::ENOMEM)),
    },
    Row {
        name: "`send(Vec<u8>)` over inproc, which does not",
        attempt: |context, _, _, large| {
            let (push, pull) = (context.socket(Push)?, context.socket(Pull)?);
            let endpoint = crate::common::inproc();
            push.bind(&endpoint)?;
            pull.connect(&endpoint)?;
            push.send(large, 0)?;
            assert_eq!(pull.recv_msg(0)?.len(), LARGE);
            Ok(())
        },
        outcome: Some(Ok(())),
    },
    // The connection ends, and with it this message. It is made again.
    Row {
        name: "`recv` of a message over tcp",
        attempt: |_, push, pull, large| {
            push.send(large, 0)?;
            pull.recv_msg(0).map(drop)
        },
        outcome: Some(Err(Error::EAGAIN)),
    },
    Row {
        name: "`recv_bytes`, which copies",
        attempt: |context, _, _, large| {
            let (push, pull) = (context.socket(Push)?, context.socket(Pull)?);
            let endpoint = crate::common::inproc();
            push.bind(&endpoint)?;
            pull.connect(&endpoint)?;
            push.send(large, 0)?;
            pull.recv_bytes(0).map(drop)
        },
        outcome: None,
    },
    Row {
        name: "`Message::with_size`, as `vec![0; len]`",
        attempt: |_, _, _, _| {
            assert_eq!(std::hint::black_box(Message::with_size(LARGE)).len(), LARGE);
            Ok(())
        },
        outcome: None,
    },
    Row {
        name: "the threads of a `Context`",
        attempt: |_, _, _, _| {
            let context = Context::new();
            context.set_io_threads(64)?;
            context.socket(Push).map(drop)
        },
        outcome: None,
    },
];

pub fn play(words: &[&str]) {
    let [row] = words else { panic!("{words:?}") };
    let row = &ROWS[row.parse::<usize>().unwrap()];
    let context = Context::new();
    let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
    pull.set_rcvtimeo(1000).unwrap();
    push.connect(&bind_tcp(&pull)).unwrap();
    push.send("connected", 0).unwrap();
    assert_eq!(pull.recv_bytes(0).unwrap(), b"connected");
    let large = vec![1; LARGE];

    let statistics = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statistics.split(' ').next().unwrap().parse().unwrap();
    limit(pages * 4096 + LEFT);
    let outcome = (row.attempt)(&context, &push, &pull, large);
    limit(libc::RLIM_INFINITY);
    eprintln!("{outcome:?}");
    pull.set_rcvtimeo(30_000).unwrap();
    push.send("goes on", 0).unwrap();
    assert_eq!(pull.recv_bytes(0).unwrap(), b"goes on");
}

/// Limits the address space.
fn limit(bytes: u64) {
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: a plain system call; the limit is there to be read.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
}

#[test]
fn memory() {
    timed(|| {
        println!("| call | without memory |\n|---|---|");
        for (i, row) in ROWS.iter().enumerate() {
            let end = Peer::spawn(programs::again(&["memory", &i.to_string()])).end();
            match &row.outcome {
                Some(outcome) => {
                    assert_eq!(end.errors, [format!("{outcome:?}")], "{}", row.name);
                    assert_eq!(end.status, Some(0));
                    println!("| {} | {outcome:?} |", row.name);
                }
                None => {
                    assert_eq!(end.status, None, "{}: {end:?}", row.name);
                    println!(
                        "| {} | ends the process: {} |",
                        row.name,
                        end.errors.join(" ")
                    );
                }
            }
        }
    });
}
