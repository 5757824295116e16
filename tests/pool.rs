//! The pool that the vendored libzmq has its memory from: `vendor/pool.cpp`.
#![cfg(all(zmq_vendored, target_os = "linux"))]

mod common;

use std::time::Duration;
use std::{ptr, slice};

use common::{bind_tcp, inproc, timed, timed_for};
use zmq::{Context, Pair, Pull, Push};

extern "C" {
    fn zmq_pool_kept() -> usize;
}

/// Bytes that wait in the pool.
fn kept() -> usize {
    // SAFETY: it reads a number that is atomic.
    unsafe { zmq_pool_kept() }
}

fn exercise(flavour: &str, flags: &[&str], cases: &[(&str, u32)]) {
    // The program calls the pool by its name, and has malloc as well.
    let flags = [&["-DZMQ_POOL=0"], flags].concat();
    common::exercise::exercise("pool", &["pool.cpp"], flavour, &flags, cases);
}

const ONE_THREAD: [(&str, u32); 4] = [
    ("each_size", 1),
    ("reallocation", 1),
    ("alignment", 1),
    ("too_large", 1),
];
const THREADS: [(&str, u32); 3] = [
    ("threads_come_and_go", 10),
    ("threads_that_end", 2),
    ("the_depot_has_a_limit", 1),
];

/// Far more than it takes on a machine that does nothing else.
const LONG: Duration = Duration::from_secs(300);

#[test]
fn the_pool_keeps_its_promises() {
    timed_for(LONG, || {
        // Ten million messages; and the sanitizers' malloc may hang after a fork.
        let more = [("memory_is_bounded", 100), ("forks", 10)];
        let cases = [&ONE_THREAD[..], &THREADS, &more].concat();
        exercise("plain", &[], &cases);
    });
}

#[test]
fn threads_do_not_race_for_the_pool() {
    timed_for(LONG, || {
        let cases = [&THREADS[..], &[("memory_is_bounded", 1)]].concat();
        exercise("thread", &["-fsanitize=thread"], &cases);
    });
}

#[test]
fn the_pool_stays_within_its_blocks() {
    timed_for(LONG, || {
        let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
        exercise("address", &flags, &[&ONE_THREAD[..], &THREADS].concat());
    });
}

#[test]
fn messages_come_from_the_pool() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        push.connect(&bind_tcp(&pull)).unwrap();
        let text: Vec<u8> = (0..=255).cycle().take(300).collect();
        for _ in 0..2000 {
            push.send(&text[..], 0).unwrap();
            assert_eq!(pull.recv_bytes(0).unwrap(), text);
        }
        drop((push, pull, context));
        // The threads of libzmq have ended, and left what they had.
        assert_eq!(
            kept() > 0,
            option_env!("LIBZMQ_NO_POOL").is_none_or(|v| v == "0")
        );
    });
}

/// What `zmq_recviov` fills is its caller's to free, and not of the pool.
#[test]
fn received_vectors_are_freed_by_free() {
    timed(|| {
        let context = Context::new();
        let (left, mut right) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
        let endpoint = inproc();
        left.bind(&endpoint).unwrap();
        right.connect(&endpoint).unwrap();
        let frames: [&[u8]; 3] = [b"one", b"", &[7; 100_000]];
        left.send_multipart(frames, 0).unwrap();

        let old = libc::iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        };
        let (mut buffers, mut count) = ([old; 5], 5);
        // SAFETY: there are so many buffers, and the socket lives.
        let received = unsafe {
            zmq_sys::zmq_recviov(
                right.as_mut_ptr(),
                buffers.as_mut_ptr().cast(),
                &mut count,
                0,
            )
        };
        assert_eq!((received, count), (3, 3));
        for (buffer, frame) in buffers.iter().zip(frames) {
            // SAFETY: it has filled so many, with memory of malloc.
            unsafe {
                let data = slice::from_raw_parts(buffer.iov_base.cast::<u8>(), buffer.iov_len);
                assert_eq!(data, frame);
                libc::free(buffer.iov_base);
            }
        }

        // SAFETY: as above; the call is refused.
        let refused = unsafe {
            zmq_sys::zmq_recviov(ptr::null_mut(), buffers.as_mut_ptr().cast(), &mut count, 0)
        };
        assert_eq!(refused, -1);
    });
}
