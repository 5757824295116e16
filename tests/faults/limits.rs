//! When there are no descriptors left: what each call does then, and that all goes on
//! when there are some again.

use std::fs::File;
use std::time::{Duration, Instant};

use zmq::auth::Authenticator;
use zmq::{
    Context, CurveKeyPair, Error, Poller, ProxyHandle, Pull, Push, Result, Socket, SocketEvent,
    POLLIN,
};

use crate::common::peer::Peer;
use crate::common::{bind, inproc, ipc, timed};
use crate::programs;

/// What is done twice: when there are few descriptors, and when there are enough.
type Attempt = Box<dyn FnMut() -> Result<()>>;

struct Row {
    name: &'static str,
    /// Done before, while there are enough.
    prepare: fn() -> Attempt,
    /// How many it needs; with less it is an error.
    needs: usize,
    /// With so many libzmq ends the process, and nothing that we call can keep it from it.
    ends_with: Option<usize>,
}

const fn row(name: &'static str, needs: usize, prepare: fn() -> Attempt) -> Row {
    Row {
        name,
        prepare,
        needs,
        ends_with: None,
    }
}

#[cfg(not(zmq_vendored))]
const fn ends(name: &'static str, with: usize, prepare: fn() -> Attempt) -> Row {
    Row {
        name,
        prepare,
        needs: 0,
        ends_with: Some(with),
    }
}

const ROWS: &[Row] = &[
    row("`Context::new`, `socket`", 6, first_socket),
    row("the same with 4 I/O threads", 12, first_of_four_threads),
    row("`Context::socket`", 1, another_socket),
    #[cfg(all(feature = "draft", zmq_vendored))]
    row("the same, of a kind that threads share", 1, shared_socket),
    #[cfg(all(feature = "draft", zmq_vendored))]
    row("closing one", 0, closing_shared),
    row("`bind`, tcp", 1, || binding("tcp://127.0.0.1:*".into())),
    row("`bind`, tcp, by interface", 1, || {
        binding("tcp://lo:*".into())
    }),
    #[cfg(zmq_vendored)]
    row("`bind`, ws", 1, || binding("ws://127.0.0.1:*".into())),
    row("`bind`, ipc", 1, || binding(ipc())),
    row("`bind`, inproc", 0, || binding(inproc())),
    row("`connect`, tcp", 0, || {
        connecting("tcp://127.0.0.1:*".into(), "")
    }),
    #[cfg(zmq_vendored)]
    row("`connect`, tcp, from an address", 0, from_an_address),
    #[cfg(not(zmq_vendored))]
    ends("`connect`, tcp, from an address", 0, from_an_address),
    #[cfg(zmq_vendored)]
    row("`connect`, ipc", 0, || connecting(ipc(), "")),
    #[cfg(not(zmq_vendored))]
    ends("`connect`, ipc, in one process", 1, || {
        connecting(ipc(), "")
    }),
    row("`send`, `recv`, tcp", 0, passing),
    row("`monitor_socket`", 2, monitoring),
    row("`zmq::poll`", 0, polling),
    row("`Poller`", 0, poller),
    row("`ProxyHandle::new`", 2, || {
        Box::new(|| ProxyHandle::new().map(drop))
    }),
    row("`Authenticator::start`", 1, authenticator),
    row("`CurveKeyPair::new`", 0, curve),
    #[cfg(feature = "draft")]
    row("`bind`, udp", 1, udp),
    #[cfg(feature = "tokio")]
    row("`into_tokio`", 0, into_tokio),
    #[cfg(any(feature = "tokio", feature = "async-io"))]
    row("`into_async_thread`, the first", 2, into_async_thread),
];

fn from_an_address() -> Attempt {
    connecting("tcp://127.0.0.1:*".into(), "127.0.0.1:0;")
}

/// A socket of a context that works.
fn socket() -> (Context, Socket<Push>) {
    let context = Context::new();
    let socket = context.socket(Push).unwrap();
    (context, socket)
}

fn first_socket() -> Attempt {
    Box::new(|| Context::new().socket(Push).map(drop))
}

fn first_of_four_threads() -> Attempt {
    Box::new(|| {
        let context = Context::new();
        context.set_io_threads(4)?;
        context.socket(Push).map(drop)
    })
}

fn another_socket() -> Attempt {
    let (context, first) = socket();
    Box::new(move || {
        let _first = &first;
        context.socket(Push).map(drop)
    })
}

#[cfg(all(feature = "draft", zmq_vendored))]
fn shared_socket() -> Attempt {
    let (context, first) = socket();
    Box::new(move || {
        let _first = &first;
        context.socket(zmq::Client).map(drop)
    })
}

#[cfg(all(feature = "draft", zmq_vendored))]
fn closing_shared() -> Attempt {
    let context = Context::new();
    let mut sockets = [0; 2]
        .map(|_| context.socket(zmq::Client).unwrap())
        .into_iter();
    Box::new(move || {
        drop(sockets.next().unwrap());
        Ok(())
    })
}

fn binding(endpoint: String) -> Attempt {
    let context = Context::new();
    let mut sockets = [0; 2].map(|_| context.socket(Push).unwrap()).into_iter();
    Box::new(move || sockets.next().unwrap().bind(&endpoint))
}

/// When there are few, the one who connects or the one who accepts finds none. It goes
/// on trying.
fn connecting(endpoint: String, from: &str) -> Attempt {
    let (context, push) = socket();
    let pull = context.socket(Pull).unwrap();
    pull.set_rcvtimeo(30_000).unwrap();
    let endpoint = bind(&pull, &endpoint).replacen("//", &format!("//{from}"), 1);
    let mut connected = false;
    Box::new(move || {
        if !connected {
            connected = true;
            return push.connect(&endpoint);
        }
        push.send("at last", 0)?;
        assert_eq!(pull.recv_bytes(0)?, b"at last");
        Ok(())
    })
}

fn passing() -> Attempt {
    let mut attempt = connecting("tcp://127.0.0.1:*".into(), "");
    attempt().unwrap();
    attempt().unwrap();
    attempt
}

fn monitoring() -> Attempt {
    let (_, socket) = socket();
    Box::new(move || socket.monitor_socket(SocketEvent::ALL as i32).map(drop))
}

fn polling() -> Attempt {
    let context = Context::new();
    let pull = context.socket(Pull).unwrap();
    Box::new(move || pull.poll(POLLIN, 1).map(drop))
}

fn poller() -> Attempt {
    let context = Context::new();
    let pull = context.socket(Pull).unwrap();
    Box::new(move || {
        let mut poller = Poller::new()?;
        poller.add(&pull, POLLIN, ())?;
        poller.wait(1).map(drop)
    })
}

fn authenticator() -> Attempt {
    let (context, socket) = socket();
    Box::new(move || {
        let _socket = &socket;
        Authenticator::start(&context).map(drop)
    })
}

fn curve() -> Attempt {
    Box::new(|| match CurveKeyPair::new() {
        Err(Error::ENOTSUP) => Ok(()),
        made => made.map(drop),
    })
}

#[cfg(any(feature = "tokio", feature = "async-io"))]
fn error(error: std::io::Error) -> Error {
    Error::from_raw(error.raw_os_error().unwrap())
}

#[cfg(feature = "draft")]
fn udp() -> Attempt {
    let context = Context::new();
    let mut sockets = [0; 2]
        .map(|_| context.socket(zmq::Dish).unwrap())
        .into_iter();
    Box::new(move || sockets.next().unwrap().bind("udp://127.0.0.1:*"))
}

#[cfg(feature = "tokio")]
fn into_tokio() -> Attempt {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let context = Context::new();
    let mut sockets = [0; 2].map(|_| context.socket(Push).unwrap()).into_iter();
    Box::new(move || {
        let _inside = runtime.enter();
        sockets
            .next()
            .unwrap()
            .into_tokio()
            .map(drop)
            .map_err(error)
    })
}

#[cfg(any(feature = "tokio", feature = "async-io"))]
fn into_async_thread() -> Attempt {
    let context = Context::new();
    let mut sockets = [0; 2].map(|_| context.socket(Push).unwrap()).into_iter();
    Box::new(move || {
        sockets
            .next()
            .unwrap()
            .into_async_thread()
            .map(drop)
            .map_err(error)
    })
}

/// The process that has few descriptors. It says what came of both attempts, or what it
/// costs to try again and again to accept.
pub fn play(words: &[&str]) {
    let [row, free] = words else {
        panic!("{words:?}")
    };
    let free: usize = free.parse().unwrap();
    if *row == "cost" {
        let mut attempt = connecting("tcp://127.0.0.1:*".into(), "");
        let taken = take_all_but(free);
        attempt().unwrap();
        let (begin, before) = (Instant::now(), cpu_time());
        std::thread::sleep(Duration::from_millis(500));
        let cost = (cpu_time() - before).as_secs_f64() / begin.elapsed().as_secs_f64();
        drop(taken);
        attempt().unwrap();
        eprintln!("{cost:.2}");
        return;
    }
    let mut attempt = (ROWS[row.parse::<usize>().unwrap()].prepare)();
    let taken = take_all_but(free);
    let few = attempt();
    eprintln!("{few:?}");
    // Time for what is tried in the background, to find that there are none.
    std::thread::sleep(Duration::from_millis(20));
    drop(taken);
    eprintln!("{:?}", attempt());
}

/// What the process has used.
fn cpu_time() -> Duration {
    // SAFETY: numbers only; all zeros is a value of it.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: it is there to be written to.
    assert_eq!(unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) }, 0);
    let time = |time: libc::timeval| Duration::new(time.tv_sec as u64, 1000 * time.tv_usec as u32);
    time(usage.ru_utime) + time(usage.ru_stime)
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
        println!("| call | descriptors it needs | with less |\n|---|---|---|");
        for (i, row) in ROWS.iter().enumerate() {
            let with = |free: usize| {
                let what = ["limits", &i.to_string(), &free.to_string()];
                Peer::spawn(programs::again(&what)).end()
            };
            let most = row.needs.max(row.ends_with.unwrap_or(0)) + 2;
            for free in 0..most {
                let end = with(free);
                let at_once = if free < row.needs {
                    Err(Error::EMFILE)
                } else {
                    Ok(())
                };
                let expected = [format!("{at_once:?}"), "Ok(())".to_owned()];
                if row.ends_with == Some(free) {
                    assert_eq!(end.status, None, "{} with {free}: {end:?}", row.name);
                } else {
                    assert_eq!(end.errors, expected, "{} with {free}", row.name);
                    assert_eq!(end.status, Some(0));
                }
            }
            let less = match row {
                Row {
                    ends_with: Some(free),
                    ..
                } => format!("libzmq aborts with {free}"),
                Row { needs: 0, .. } => "".into(),
                _ => "`EMFILE`".into(),
            };
            println!("| {} | {} | {less} |", row.name, row.needs);
        }
    });
}

/// Who cannot accept tries again at once: that costs a CPU, and ends by itself.
#[test]
fn accepting_waits_for_a_descriptor() {
    timed(|| {
        let cost = |free: &str| {
            let end = Peer::spawn(programs::again(&["limits", "cost", free])).end();
            assert_eq!(end.status, Some(0), "{:?}", end.errors);
            end.errors[0].parse::<f64>().unwrap()
        };
        let [waiting, accepted] = ["1", "2"].map(cost);
        println!("who cannot accept uses {waiting} of a CPU, who has accepted {accepted}");
        assert!(waiting > accepted);
    });
}
