//! What programs do most, all within one process and one thread.
//!
//! In this folder, `cargo run --release -- --bench` measures everything, and with a word
//! more, as `poll`, what has that in its name.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{
    criterion_group, criterion_main, BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput,
};
use zmq::{Context, Message, Multipart, PollItem, Pull, Push, Socket, POLLIN};

const SIZES: [usize; 8] = [
    16,
    256,
    1 << 10,
    4 << 10,
    16 << 10,
    64 << 10,
    256 << 10,
    1 << 20,
];
const FRAMES: usize = 10;

/// A PUSH and the PULL that it sends to.
fn sockets() -> (Socket<Push>, Socket<Pull>) {
    let context = Context::new();
    let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
    push.bind("inproc://hot").unwrap();
    pull.connect("inproc://hot").unwrap();
    (push, pull)
}

/// Measures `work` with a buffer that was just filled, as a program has when it has made
/// what it will send.
fn with_buffer<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    size: usize,
    mut work: impl FnMut(Vec<u8>) -> T,
) {
    group.bench_function(BenchmarkId::new(name, size), |b| {
        b.iter_batched(|| vec![7; size], &mut work, BatchSize::PerIteration);
    });
}

fn send_and_recv(c: &mut Criterion) {
    let (push, pull) = sockets();
    let mut message = Message::new();
    let mut group = c.benchmark_group("send and recv");
    for size in SIZES {
        group.throughput(Throughput::Bytes(size as u64));
        with_buffer(&mut group, "copied", size, |buffer| {
            push.send(&buffer[..], 0).unwrap();
            pull.recv(&mut message, 0).unwrap();
        });
        with_buffer(&mut group, "handed over", size, |buffer| {
            push.send(buffer, 0).unwrap();
            pull.recv(&mut message, 0).unwrap();
        });
    }
}

fn message(c: &mut Criterion) {
    let mut group = c.benchmark_group("message");
    for size in SIZES {
        group.throughput(Throughput::Bytes(size as u64));
        with_buffer(&mut group, "copied", size, |buffer| {
            drop(Message::from(&buffer[..]))
        });
        with_buffer(&mut group, "handed over", size, |buffer| {
            drop(Message::from(buffer));
        });
        let message = Message::from(vec![7; size]);
        group.bench_function(BenchmarkId::new("clone", size), |b| {
            b.iter(|| black_box(&message).clone());
        });
    }
}

fn multipart(c: &mut Criterion) {
    let (push, pull) = sockets();
    let mut group = c.benchmark_group("multipart");
    group.throughput(Throughput::Elements(FRAMES as u64));
    group.bench_function("bytes", |b| {
        b.iter(|| {
            push.send_multipart([&b"a frame"[..]; FRAMES], 0).unwrap();
            pull.recv_multipart(0).unwrap()
        });
    });
    group.bench_function("frames", |b| {
        b.iter(|| {
            let message = Multipart::from([&b"a frame"[..]; FRAMES]);
            push.send_frames(message, 0).unwrap();
            pull.recv_frames(0).unwrap()
        });
    });
}

fn z85(c: &mut Criterion) {
    let key = [0x86; 32];
    let text = zmq::z85_encode(&key).unwrap();
    let mut group = c.benchmark_group("z85");
    group.bench_function("encode a key", |b| {
        b.iter(|| zmq::z85_encode(black_box(&key)).unwrap());
    });
    group.bench_function("decode a key", |b| {
        b.iter(|| zmq::z85_decode(black_box(&text)).unwrap());
    });
}

fn poll(c: &mut Criterion) {
    let context = Context::new();
    let (push, pull) = sockets();
    push.send("ready", 0).unwrap();
    let idle = (1..FRAMES).map(|_| context.socket(Pull).unwrap());
    let idle: Vec<Socket<Pull>> = idle.collect();
    let mut group = c.benchmark_group("poll");
    group.bench_function("one", |b| {
        b.iter(|| assert_eq!(pull.poll(POLLIN, 0), Ok(1)));
    });
    let sockets = idle.iter().chain([&pull]);
    let items = sockets.map(|socket| socket.as_poll_item(POLLIN));
    let mut items: Vec<PollItem<'_>> = items.collect();
    group.bench_function("ten, of which one is ready", |b| {
        b.iter(|| assert_eq!(zmq::poll(&mut items, 0), Ok(1)));
    });
}

criterion_group!(hot, send_and_recv, message, multipart, z85, poll);
criterion_main!(hot);
