//! When there are no descriptors left, or no memory: what each call does then, and that
//! all goes on when there are some again.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::time::Duration;

use zmq::{
    Context, Error, Message, Poller, ProxyHandle, Pull, Push, Rep, Req, Result, SocketEvent, POLLIN,
};

use crate::common::peer::Peer;
use crate::common::{bind_tcp, ipc, timed, LIMIT};
use crate::programs;

/// What is tried. `prepare` is done while there are enough descriptors, and what it
/// returns is done when there are few, and again when there are enough.
struct Row {
    name: &'static str,
    prepare: fn() -> Box<dyn FnMut() -> Result<()>>,
}

const ROWS: &[Row] = &[
    Row {
        name: "Context::socket, the first",
        prepare: || {
            Box::new(|| {
                let context = Context::new();
                context.socket(Push)?;
                Ok(())
            })
        },
    },
    Row {
        name: "Context::socket, the first of four I/O threads",
        prepare: || {
            Box::new(|| {
                let context = Context::new();
                context.set_io_threads(4)?;
                context.socket(Push)?;
                Ok(())
            })
        },
    },
    Row {
        name: "Context::socket",
        prepare: || {
            let (context, first) = with_socket();
            Box::new(move || {
                let _first = &first;
                context.socket(Push).map(drop)
            })
        },
    },
    Row {
        name: "bind, tcp",
        prepare: || {
            let (_, socket) = with_socket();
            Box::new(move || socket.bind("tcp://127.0.0.1:*"))
        },
    },
    Row {
        name: "bind, ipc",
        prepare: || {
            let (_, socket) = with_socket();
            Box::new(move || socket.bind(&ipc()))
        },
    },
    Row {
        name: "bind, inproc",
        prepare: || {
            let (_, socket) = with_socket();
            Box::new(move || socket.bind(&crate::common::inproc()))
        },
    },
];

fn with_socket() -> (Context, zmq::Socket<Push>) {
    let context = Context::new();
    let socket = context.socket(Push).unwrap();
    (context, socket)
}

pub fn play(words: &[&str]) {
    let [row, free] = words else {
        panic!("{words:?}")
    };
    let row = &ROWS[row.parse::<usize>().unwrap()];
    let free: usize = free.parse().unwrap();
    let mut attempt = (row.prepare)();
    let taken = take_all_but(free);
    let few = attempt();
    eprintln!("{few:?}");
    drop(taken);
    let enough = attempt();
    eprintln!("{enough:?}");
}

/// Takes all descriptors but some.
fn take_all_but(free: usize) -> Vec<File> {
    let limit = libc::rlimit {
        rlim_cur: 128,
        rlim_max: 128,
    };
    // SAFETY: a plain system call; the limit is there to be read.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    let first = File::open("/dev/null").unwrap();
    let mut taken: Vec<File> = std::iter::from_fn(|| first.try_clone().ok()).collect();
    taken.push(first);
    taken.truncate(taken.len() - free);
    taken
}

#[test]
fn descriptors() {
    timed(|| {
        for (i, row) in ROWS.iter().enumerate() {
            for free in 0..=8 {
                let what = [i.to_string(), free.to_string()];
                let peer = Peer::spawn(programs::again(&["limits", &what[0], &what[1]]));
                let end = peer.end();
                println!(
                    "{}: {free} left: {:?} {:?}",
                    row.name, end.status, end.errors
                );
            }
        }
    });
}
