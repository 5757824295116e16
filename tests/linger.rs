//! What is sent by a socket that was closed meanwhile.
#![cfg(zmq_vendored)]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::time::Duration;

use common::{bind, bind_tcp, timed, Monitor};
use zmq::{Context, Dealer, Pull, Push};

/// It is all sent where the system has little room for what is on its way, too: libzmq ended
/// the connection when it had read all, and what it could not write yet was lost
/// (session_base.cpp, pipe_terminated; shown from C by `tests/defects`).
#[test]
fn what_lingers_is_written_to_its_end() {
    const COUNT: u32 = 5000;

    timed(|| {
        for endpoint in ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"] {
            let (context, peers) = (Context::new(), Context::new());
            let pull = peers.socket(Pull).unwrap();
            pull.set_rcvbuf(4096).unwrap();
            pull.set_rcvhwm(1).unwrap();
            let endpoint = bind(&pull, endpoint);
            let push = context.socket(Push).unwrap();
            push.set_sndbuf(4096).unwrap();
            push.set_sndhwm(0).unwrap();
            push.set_linger(-1).unwrap();
            push.connect(&endpoint).unwrap();
            for number in 0..COUNT {
                push.send([&number.to_ne_bytes()[..], &[0; 96]].concat(), 0)
                    .unwrap();
            }
            drop(push);
            for number in 0..COUNT {
                assert_eq!(pull.recv_bytes(0).unwrap()[..4], number.to_ne_bytes());
            }
            context.end(Duration::from_secs(30)).unwrap();
        }
    });
}

/// Sends a message over tcp, and receives it.
fn pass_on(context: &Context) {
    let [pull, push] = [zmq::PULL, zmq::PUSH].map(|kind| context.socket(kind).unwrap());
    push.connect(&bind_tcp(&pull)).unwrap();
    push.send("through", 0).unwrap();
    assert_eq!(pull.recv_bytes(0), Ok(b"through".to_vec()));
}

/// A connection that is broken is not noticed by reading while the queue is full, nor, in libzmq,
/// by writing (stream_engine_base.cpp, out_event). A socket that is closed then would wait
/// for ever for what it cannot write.
#[cfg(target_os = "linux")]
#[test]
fn who_broke_off_is_not_waited_for() {
    for more in [0, 1] {
        timed(move || {
            let context = Context::new();
            let dealer = context.socket(Dealer).unwrap();
            dealer.set_rcvhwm(1).unwrap();
            dealer.set_linger(-1).unwrap();
            let endpoint = bind_tcp(&dealer);
            let monitor = Monitor::new(&dealer);
            let mut peer = TcpStream::connect(endpoint.trim_start_matches("tcp://")).unwrap();
            peer.write_all(b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL")
                .unwrap();
            peer.write_all(&[0; 48]).unwrap();
            peer.write_all(b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06DEALER")
                .unwrap();
            monitor.wait_for(zmq_sys::ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
            peer.read_exact(&mut [0; 64]).unwrap();
            // Until nobody reads any more: for 50 ms it takes nothing.
            peer.set_nonblocking(true).unwrap();
            let frames = b"\0\x06frames".repeat(10_000);
            let (mut said, mut stalls) = (0, 0);
            while stalls < 50 {
                match peer.write(&frames[said..]) {
                    Ok(more) => (said, stalls) = ((said + more) % frames.len(), 0),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::WouldBlock);
                        stalls += 1;
                        std::thread::sleep(Duration::from_millis(1));
                    }
                }
            }
            let at_once = libc::linger {
                l_onoff: 1,
                l_linger: 0,
            };
            // SAFETY: what it takes, for an open descriptor.
            unsafe {
                libc::setsockopt(
                    peer.as_raw_fd(),
                    libc::SOL_SOCKET,
                    libc::SO_LINGER,
                    std::ptr::from_ref(&at_once).cast(),
                    size_of::<libc::linger>() as u32,
                );
            }
            drop(peer);
            dealer.send("nobody is there", 0).unwrap();
            for _ in 0..more {
                // Once the I/O thread has tried to write that: it works off in order what
                // it is told to.
                pass_on(&context);
                dealer.send("to hear this", 0).unwrap();
            }
            drop(monitor);
            drop(dealer);
            assert_eq!(
                context
                    .end(Duration::from_secs(10))
                    .map_err(|e| e.to_string()),
                Ok(())
            );
        });
    }
}
