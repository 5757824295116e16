//! What `twin.c` does, with this crate: works of the same names.

use std::hint::black_box;

use zmq::{Context, Error, Message, Pair, PollItem, Pull, Push, Socket, DONTWAIT, POLLIN};

const BATCH: usize = 128;
const BATCHES: usize = 4;
/// How many counts there are of each work.
pub const TURNS: usize = 3;
/// How often a work is done for each count.
pub const TIMES: usize = BATCH * BATCHES;

const FRAMES: usize = 10;
const LARGE: usize = 65536;

/// What the works need.
struct World {
    push: Socket<Push>,
    pull: Socket<Pull>,
    full: Socket<Push>,
    pair: Socket<Pair>,
    peer: Socket<Pair>,
    idle: Vec<Socket<Pull>>,
    data: Vec<u8>,
    buffer: Vec<u8>,
    buffers: Vec<Vec<u8>>,
    message: Message,
}

type Work = fn(&mut World, usize);

// ---- sending ----

fn send_slice(w: &mut World, size: usize) {
    let data = &w.data[..size];
    for _ in 0..BATCH {
        w.push.send(data, 0).unwrap();
    }
}

fn send_slice_dynamic(w: &mut World, size: usize) {
    let (socket, data) = (w.push.as_dyn(), &w.data[..size]);
    for _ in 0..BATCH {
        socket.send(data, 0).unwrap();
    }
}

fn make_buffers(w: &mut World, size: usize) {
    w.buffers.extend((0..BATCH).map(|_| vec![0; size]));
}

fn send_vec(w: &mut World, _size: usize) {
    for buffer in w.buffers.drain(..) {
        w.push.send(buffer, 0).unwrap();
    }
}

fn send_multipart(w: &mut World, size: usize) {
    let frames = [&w.data[..size]; FRAMES];
    for _ in 0..BATCH {
        w.push.send_multipart(frames.iter().copied(), 0).unwrap();
    }
}

fn send_to_full(w: &mut World, size: usize) {
    let data = &w.data[..size];
    for _ in 0..BATCH {
        assert!(w.full.send(data, DONTWAIT) == Err(Error::EAGAIN));
    }
}

// ---- receiving ----

fn recv_msg(w: &mut World, size: usize) {
    for _ in 0..BATCH {
        assert!(w.pull.recv_msg(0).unwrap().len() == size);
    }
}

fn recv_msg_dynamic(w: &mut World, size: usize) {
    let socket = w.pull.as_dyn();
    for _ in 0..BATCH {
        assert!(socket.recv_msg(0).unwrap().len() == size);
    }
}

fn recv(w: &mut World, size: usize) {
    for _ in 0..BATCH {
        w.pull.recv(&mut w.message, 0).unwrap();
        assert!(w.message.len() == size);
    }
}

fn recv_into(w: &mut World, size: usize) {
    for _ in 0..BATCH {
        assert!(w.pull.recv_into(&mut w.buffer, 0).unwrap() == size);
    }
}

fn recv_bytes(w: &mut World, size: usize) {
    for _ in 0..BATCH {
        assert!(black_box(w.pull.recv_bytes(0).unwrap()).len() == size);
    }
}

fn recv_string(w: &mut World, size: usize) {
    for _ in 0..BATCH {
        let text = w.pull.recv_string(0).unwrap().unwrap();
        assert!(black_box(text).len() == size);
    }
}

fn recv_multipart(w: &mut World, size: usize) {
    for _ in 0..BATCH {
        let frames = w.pull.recv_multipart(0).unwrap();
        assert!(frames.len() == FRAMES && frames[0].len() == size);
    }
}

fn recv_frames(w: &mut World, size: usize) {
    for _ in 0..BATCH {
        let frames = w.pull.recv_frames(0).unwrap();
        assert!(frames.len() == FRAMES && frames[0].len() == size);
    }
}

fn recv_from_empty(w: &mut World, _size: usize) {
    for _ in 0..BATCH {
        let received = w.pull.recv(&mut w.message, DONTWAIT);
        assert!(received == Err(Error::EAGAIN));
    }
}

// ---- both ----

fn there_and_back(w: &mut World, size: usize) {
    let data = &w.data[..size];
    for _ in 0..BATCH {
        w.pair.send(data, 0).unwrap();
        assert!(w.peer.recv_into(&mut w.buffer, 0).unwrap() == size);
    }
}

// ---- polling ----

fn poll_one(w: &mut World, _size: usize) {
    for _ in 0..BATCH {
        assert!(w.pull.poll(POLLIN, 0).unwrap() == 1);
    }
}

fn poll_ten(w: &mut World, _size: usize) {
    let items = w.idle.iter().map(|socket| socket.as_poll_item(POLLIN));
    let mut items: Vec<PollItem<'_>> = items.collect();
    for _ in 0..BATCH {
        assert!(zmq::poll(&mut items, 0).unwrap() == 0);
    }
}

// ---- messages ----

fn message_from_slice(w: &mut World, size: usize) {
    let data = &w.data[..size];
    for _ in 0..BATCH {
        black_box(&Message::from(data));
    }
}

fn message_from_vec(w: &mut World, _size: usize) {
    for buffer in w.buffers.drain(..) {
        black_box(&Message::from(buffer));
    }
}

fn message_clone(w: &mut World, _size: usize) {
    for _ in 0..BATCH {
        black_box(&w.message.clone());
    }
}

// ---- what comes before and after ----

fn nothing(_w: &mut World, _size: usize) {}

fn drain(w: &mut World, _size: usize) {
    while w.pull.recv_into(&mut w.buffer, DONTWAIT).is_ok() {}
}

fn make_and_send(w: &mut World, size: usize) {
    make_buffers(w, size);
    send_vec(w, size);
}

fn send_one(w: &mut World, size: usize) {
    w.push.send(&w.data[..size], 0).unwrap();
}

fn fill_message(w: &mut World, size: usize) {
    w.message = Message::from(&w.data[..size]);
}

// ---- all of it ----

/// What is counted, and what comes before and after it each time.
fn work(name: &str) -> [Work; 3] {
    match name {
        "send_slice" => [send_slice, nothing, drain],
        "send_slice_dynamic" => [send_slice_dynamic, nothing, drain],
        "send_vec" => [send_vec, make_buffers, drain],
        "send_multipart" => [send_multipart, nothing, drain],
        "send_to_full" => [send_to_full, nothing, nothing],
        "recv_msg" => [recv_msg, send_slice, nothing],
        "recv_msg_dynamic" => [recv_msg_dynamic, send_slice, nothing],
        "recv_msg_of_vec" => [recv_msg, make_and_send, nothing],
        "recv" => [recv, send_slice, nothing],
        "recv_into" => [recv_into, send_slice, nothing],
        "recv_bytes" => [recv_bytes, send_slice, nothing],
        "recv_string" => [recv_string, send_slice, nothing],
        "recv_multipart" => [recv_multipart, send_multipart, nothing],
        "recv_frames" => [recv_frames, send_multipart, nothing],
        "recv_from_empty" => [recv_from_empty, nothing, nothing],
        "there_and_back" => [there_and_back, nothing, nothing],
        "poll_one" => [poll_one, send_one, drain],
        "poll_ten" => [poll_ten, nothing, nothing],
        "message_from_slice" => [message_from_slice, nothing, nothing],
        "message_from_vec" | "message_from_vec_copied" => [message_from_vec, make_buffers, nothing],
        "message_clone" => [message_clone, fill_message, nothing],
        _ => panic!("there is no work {name:?}"),
    }
}

/// What is done here is counted.
#[no_mangle]
#[inline(never)]
fn counted(work: Work, world: &mut World, size: usize) {
    black_box(work)(world, size);
    black_box(());
}

/// Here the count is written down, and begins anew.
#[no_mangle]
#[inline(never)]
fn turn() {
    black_box(());
}

/// Does the works, of which each argument names one and its size in bytes is the next.
pub fn run(arguments: &[String]) {
    let context = Context::new();
    let push = context.socket(Push).unwrap();
    let pull = context.socket(Pull).unwrap();
    push.bind("inproc://push").unwrap();
    pull.connect("inproc://push").unwrap();
    let pair = context.socket(Pair).unwrap();
    let peer = context.socket(Pair).unwrap();
    pair.bind("inproc://pair").unwrap();
    peer.connect("inproc://pair").unwrap();
    let full = context.socket(Push).unwrap();
    let stopped = context.socket(Pull).unwrap();
    full.bind("inproc://full").unwrap();
    stopped.connect("inproc://full").unwrap();
    while full.send("x", DONTWAIT).is_ok() {}
    let idle = (0..FRAMES).map(|_| context.socket(Pull).unwrap());
    let mut world = World {
        idle: idle.collect(),
        push,
        pull,
        full,
        pair,
        peer,
        data: vec![b'x'; LARGE],
        buffer: vec![0; LARGE],
        buffers: Vec::with_capacity(BATCH),
        message: Message::new(),
    };
    for argument in arguments.chunks_exact(2) {
        let size = argument[1].parse().unwrap();
        let [counts, before, after] = work(&argument[0]);
        turn();
        for i in 0..TURNS * BATCHES {
            before(&mut world, size);
            counted(counts, &mut world, size);
            after(&mut world, size);
            if i % BATCHES == BATCHES - 1 {
                turn();
            }
        }
    }
}
