//! A broker with many clients, for as long as `ZMQ_TEST_SOAK_SECONDS` says: every request
//! is answered once, and nothing grows.
#![cfg(target_os = "linux")]

mod common;

use std::fmt;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use common::{bind_tcp, noise, timed_for, Monitor, LIMIT};
use zmq::{Context, CurveKeyPair, Dealer, Error, Kind, Poller, Proxy, ProxyHandle, Rep, Router};
use zmq::{Multipart, Socket, DONTWAIT, POLLIN};

const CLIENTS: usize = 100;
const CLIENT_THREADS: usize = 4;
const WORKERS: u64 = 8;
/// How much more is allocated at one moment than at another, in KiB, for what is on its way.
const UNDER_WAY: u64 = 32 << 10;

/// How many bytes request `number` carries.
fn len(number: u64) -> usize {
    match number % 1000 {
        999 => 1 << 20,
        n if n % 50 == 49 => 64 << 10,
        n if n % 5 == 4 => 4 << 10,
        n => n as usize,
    }
}

/// What all of them share.
struct Soak {
    keys: Option<CurveKeyPair>,
    body: Vec<u8>,
    stop: AtomicBool,
    answered: AtomicU64,
    served: AtomicU64,
}

impl Soak {
    /// Makes `socket` that of a server.
    fn serve<K: Kind>(&self, socket: &Socket<K>) -> String {
        if let Some(keys) = &self.keys {
            socket.set_curve_server(true).unwrap();
            socket.set_curve_secretkey(&keys.secret_key).unwrap();
        }
        bind_tcp(socket)
    }

    /// Connects `socket`, with keys of its own.
    fn connect<K: Kind>(&self, socket: &Socket<K>, endpoint: &str) {
        if let Some(server) = &self.keys {
            let keys = CurveKeyPair::new().unwrap();
            socket.set_curve_serverkey(&server.public_key).unwrap();
            socket.set_curve_publickey(&keys.public_key).unwrap();
            socket.set_curve_secretkey(&keys.secret_key).unwrap();
        }
        socket.connect(endpoint).unwrap();
    }

    /// Sends back what it receives, until it is told to end.
    fn work(&self, endpoint: &str) {
        let context = Context::new();
        let socket = context.socket(Rep).unwrap();
        self.connect(&socket, endpoint);
        loop {
            let request = socket.recv_frames(0).unwrap();
            if request == ["end"] {
                socket.send("ended", 0).unwrap();
                return;
            }
            self.served.fetch_add(1, SeqCst);
            socket.send_frames(request, 0).unwrap();
        }
    }

    fn send(&self, socket: &Socket<Dealer>, number: u64) {
        let mut request = Multipart::from([&[][..], &number.to_le_bytes()]);
        request.push_back(&self.body[..len(number)]);
        socket.send_frames(request, 0).unwrap();
    }

    /// Clients that each have one request under way, and say when the first is answered. Returns
    /// how long each took.
    fn ask(&self, endpoint: &str, first: usize, count: usize, begun: &Sender<()>) -> Times {
        let context = Context::new();
        let clients: Vec<_> = (0..count)
            .map(|_| context.socket(Dealer).unwrap())
            .collect();
        let mut poller = Poller::new().unwrap();
        // Numbers of one client: it begins with another than its neighbours.
        let mut under_way = Vec::new();
        for (i, client) in clients.iter().enumerate() {
            self.connect(client, endpoint);
            poller.add(client, POLLIN, i).unwrap();
            let number = 10 * (first + i) as u64;
            self.send(client, number);
            under_way.push(Some((number, Instant::now())));
        }
        let mut times = Times::default();
        while under_way.iter().any(Option::is_some) {
            let ready: Vec<usize> = poller.wait(-1).unwrap().map(|event| *event.token).collect();
            for i in ready {
                let answer = clients[i].recv_frames(DONTWAIT).unwrap();
                let (number, sent) = under_way[i].take().expect("nothing was asked");
                times.add(sent.elapsed());
                assert_eq!(answer.len(), 3);
                assert_eq!(
                    (&answer[0][..], &answer[1][..]),
                    (&[][..], &number.to_le_bytes()[..])
                );
                assert!(answer[2][..] == self.body[..len(number)], "another body");
                self.answered.fetch_add(1, SeqCst);
                if number == 10 * (first + i) as u64 {
                    begun.send(()).unwrap();
                }
                if !self.stop.load(SeqCst) {
                    self.send(&clients[i], number + 1);
                    under_way[i] = Some((number + 1, Instant::now()));
                }
            }
        }
        for client in &clients {
            assert_eq!(
                client.recv_frames(DONTWAIT),
                Err(Error::EAGAIN),
                "answered twice"
            );
        }
        times
    }
}

/// How many round trips took how long, to some three percent.
struct Times(Vec<u64>);

impl Default for Times {
    fn default() -> Times {
        Times(vec![0; 32 * 40])
    }
}

impl Times {
    /// Of 32 places for each power of two, that of so many microseconds.
    fn add(&mut self, time: Duration) {
        let time = time.as_micros() as usize;
        let shift = (time.max(32).ilog2() - 5) as usize;
        self.0[(32 * shift + (time >> shift)).min(32 * 40 - 1)] += 1;
    }

    fn extend(&mut self, other: &Times) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count += more;
        }
    }

    /// What so great a part of all did not exceed.
    fn at(&self, part: f64) -> Duration {
        let all: u64 = self.0.iter().sum();
        let mut left = (all as f64 * part).ceil() as u64;
        for (place, &count) in self.0.iter().enumerate() {
            if count >= left {
                // Places from 32 on have the power of two twice: 32 * 2 to the shift.
                let shift = (place / 32).saturating_sub(1);
                return Duration::from_micros(((place - 32 * shift + 1) as u64) << shift);
            }
            left -= count;
        }
        unreachable!("a part is no more than all")
    }
}

/// What the process has open, allocated and in memory.
#[derive(Clone, Copy)]
struct Size {
    descriptors: usize,
    allocated: u64,
    memory: u64,
}

impl Size {
    fn now() -> Size {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        let memory = memory.trim().trim_end_matches(" kB").parse().unwrap();
        Size {
            descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
            allocated: allocated().unwrap_or(memory),
            memory,
        }
    }
}

/// How many KiB are allocated. What has been freed glibc keeps in part, and ever more of it
/// the more threads it serves, until it can use it again: that is in memory, but no leak.
fn allocated() -> Option<u64> {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: it only counts.
        let info = unsafe { libc::mallinfo() };
        // Numbers of 32 bits that begin anew.
        Some((u64::from(info.uordblks as u32) + u64::from(info.hblkhd as u32)) >> 10)
    }
    #[cfg(not(target_env = "gnu"))]
    None
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} descriptors, {} KiB allocated, {} KiB in memory",
            self.descriptors, self.allocated, self.memory
        )
    }
}

#[test]
fn a_broker_under_load() {
    let seconds = std::env::var("ZMQ_TEST_SOAK_SECONDS");
    let time = Duration::from_secs(seconds.map_or(10, |seconds| seconds.parse().unwrap()));
    timed_for(2 * time + LIMIT, move || broker(time));
}

fn broker(time: Duration) {
    let curve = zmq::has("curve") == Some(true);
    let soak = Arc::new(Soak {
        keys: curve.then(|| CurveKeyPair::new().unwrap()),
        body: noise(3).take(1 << 20).collect(),
        stop: AtomicBool::new(false),
        answered: AtomicU64::new(0),
        served: AtomicU64::new(0),
    });
    let context = Context::new();
    let (front, back) = (
        context.socket(Router).unwrap(),
        context.socket(Dealer).unwrap(),
    );
    let [frontend, backend] = [soak.serve(&front), soak.serve(&back)];
    let workers_come = Monitor::new(&back);
    let handle = ProxyHandle::new().unwrap();
    let proxy = thread::spawn({
        let handle = handle.clone();
        move || {
            Proxy::new(&front, &back).handle(&handle).run().unwrap();
            back
        }
    });
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        let (soak, backend) = (Arc::clone(&soak), backend.clone());
        workers.push(thread::spawn(move || soak.work(&backend)));
        workers_come.wait_for(zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    }
    drop(workers_come);
    let (begun, first_answers) = channel();
    let clients = (0..CLIENT_THREADS).map(|i| {
        let (soak, frontend, begun) = (Arc::clone(&soak), frontend.clone(), begun.clone());
        let count = CLIENTS / CLIENT_THREADS;
        thread::spawn(move || soak.ask(&frontend, i * count, count, &begun))
    });
    let clients: Vec<_> = clients.collect();
    for () in first_answers.iter().take(CLIENTS) {}

    let (before, begin) = (Size::now(), Instant::now());
    let answered_before = soak.answered.load(SeqCst);
    thread::sleep(time);
    let (after, measured) = (Size::now(), begin.elapsed());
    let rate = (soak.answered.load(SeqCst) - answered_before) as f64 / measured.as_secs_f64();
    soak.stop.store(true, SeqCst);
    let mut times = Times::default();
    for client in clients {
        times.extend(&client.join().unwrap());
    }
    handle.terminate();
    let back = proxy.join().unwrap();
    for _ in &workers {
        back.send_multipart(["client", "", "end"], 0).unwrap();
    }
    for worker in workers {
        worker.join().unwrap();
    }
    let [answered, served] = [&soak.answered, &soak.served].map(|count| count.load(SeqCst));
    println!(
        "{answered} requests in {time:?}, {}with CURVE: {rate:.0} a second; \
         p50 {:?}, p99 {:?}, max {:?}; {before}, then {after}",
        if curve { "" } else { "not " },
        times.at(0.5),
        times.at(0.99),
        times.at(1.0),
    );
    assert_eq!(answered, served);
    assert!(answered > CLIENTS as u64);
    assert_eq!(before.descriptors, after.descriptors);
    assert!(after.allocated <= before.allocated + UNDER_WAY);
}
