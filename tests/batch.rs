//! What is written to a connection at once, and read from it.

mod common;

use std::io::Read;
use std::net::TcpStream;
use std::thread;

use common::{bind, ipc, timed};
use zmq::{Context, Pull, Push, Rep, Req};

/// The bytes that libzmq, as it is vendored here, gathers before it writes.
const BATCH: usize = 63 << 10;
/// And those that it reads at once, but for messages that do not fit.
const BUFFER: usize = 128 << 10;

/// Where to bind: over each of the transports that gather.
fn endpoints() -> Vec<String> {
    let tcp = "tcp://127.0.0.1:*".to_owned();
    let ws = cfg!(zmq_vendored).then(|| "ws://127.0.0.1:*".to_owned());
    [tcp, ipc()].into_iter().chain(ws).collect()
}

/// The frame of that number, which is no other's.
fn frame(number: usize, size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 7 + number * 31) as u8).collect()
}

/// How many bytes each of the frames of a pipeline has: small ones and some that are about as
/// large as a batch, or two, or larger, in an order that differs from batch to batch.
fn sizes(batch: usize, frames: usize) -> Vec<usize> {
    let mut state = batch as u32;
    let mut below = move |limit: usize| {
        // Numerical Recipes' generator; the low bits are poor.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % limit
    };
    (0..frames)
        .map(|_| match below(4) {
            0 => below(300),
            1 => (batch - 20 + below(40)).saturating_sub(below(2) * batch / 2),
            2 => 2 * batch - 20 + below(40),
            _ => batch + below(3 * batch),
        })
        .collect()
}

/// Sends frames of these sizes, every third with another one behind it, and receives them. The
/// system has hardly any room for them.
fn pipeline(endpoint: &str, batches: Option<(i32, i32)>, sizes: Vec<usize>) {
    let context = Context::new();
    let pull = context.socket(Pull).unwrap();
    let push = context.socket(Push).unwrap();
    pull.set_rcvbuf(4096).unwrap();
    push.set_sndbuf(4096).unwrap();
    #[cfg(feature = "draft")]
    if let Some((batch_in, batch_out)) = batches {
        pull.set_in_batch_size(batch_in).unwrap();
        push.set_out_batch_size(batch_out).unwrap();
    }
    push.connect(&bind(&pull, endpoint)).unwrap();
    let sent = sizes.clone();
    let sender = thread::spawn(move || {
        for (number, size) in sent.into_iter().enumerate() {
            let flags = if number % 3 == 0 { zmq::SNDMORE } else { 0 };
            push.send(frame(number, size), flags).unwrap();
        }
        push.send("the end", 0).unwrap();
    });
    for (number, size) in sizes.into_iter().enumerate() {
        let received = pull.recv_bytes(0).unwrap();
        assert!(
            received == frame(number, size),
            "{endpoint}, {batches:?}: {number}, of {size} bytes, as {}",
            received.len()
        );
        assert_eq!(pull.get_rcvmore(), Ok(number % 3 == 0));
    }
    assert_eq!(pull.recv_bytes(0), Ok(b"the end".to_vec()));
    sender.join().unwrap();
}

#[test]
fn messages_of_any_size_arrive() {
    timed(|| {
        for endpoint in endpoints() {
            pipeline(&endpoint, None, sizes(BATCH, 200));
            pipeline(&endpoint, None, sizes(BUFFER, 100));
        }
    });
}

#[cfg(feature = "draft")]
#[test]
fn messages_of_any_size_pass_batches_of_any_size() {
    timed(|| {
        for endpoint in endpoints() {
            for batches in [(64, 64), (1 << 20, 64), (64, 1000), (8192, 8192)] {
                pipeline(&endpoint, Some(batches), sizes(batches.1 as usize, 300));
            }
            let sizes = vec![0, 1, 63, 64, 65, 255, 256, 70_000, 3_000_000];
            pipeline(&endpoint, Some((64, 1 << 20)), sizes);
        }
    });
}

/// A STREAM's bytes have no header that the batch would end with.
#[test]
fn a_stream_arrives() {
    timed(|| {
        let context = Context::new();
        let stream = context.socket(zmq::Stream).unwrap();
        let endpoint = bind(&stream, "tcp://127.0.0.1:*");
        let mut peer = TcpStream::connect(endpoint.trim_start_matches("tcp://")).unwrap();
        let [id, nothing] = stream.recv_multipart(0).unwrap().try_into().unwrap();
        assert_eq!(nothing, []);
        // One without bytes would end the connection.
        let sizes: Vec<_> = (sizes(BATCH, 200).iter().map(|size| 1.max(*size))).collect();
        let sent: Vec<u8> = (sizes.iter().enumerate())
            .flat_map(|(number, size)| frame(number, *size))
            .collect();
        let reader = thread::spawn(move || {
            let mut received = vec![0; sent.len()];
            peer.read_exact(&mut received).unwrap();
            assert!(received == sent);
        });
        for (number, size) in sizes.into_iter().enumerate() {
            stream.send(&id, zmq::SNDMORE).unwrap();
            stream.send(frame(number, size), 0).unwrap();
        }
        reader.join().unwrap();
    });
}

/// Requests and replies, each of which is alone.
#[test]
fn what_is_alone_arrives() {
    timed(|| {
        for endpoint in endpoints() {
            let context = Context::new();
            let rep = context.socket(Rep).unwrap();
            let req = context.socket(Req).unwrap();
            req.connect(&bind(&rep, &endpoint)).unwrap();
            let near = |size: usize| size - 12..size + 12;
            let batches = near(BATCH).chain(near(2 * BATCH));
            let buffers = near(BUFFER / 2).chain(near(BUFFER));
            for size in batches.chain(buffers).chain([1 << 18, 1 << 20]) {
                let sent = frame(size, size);
                req.send(&sent, 0).unwrap();
                let received = rep.recv_bytes(0).unwrap();
                assert!(received == sent, "{endpoint}: {size} there");
                rep.send(received, 0).unwrap();
                assert!(
                    req.recv_bytes(0).unwrap() == sent,
                    "{endpoint}: {size} back"
                );
            }
        }
    });
}
