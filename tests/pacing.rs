//! Senders that wait for fast connections, and for no others.
#![cfg(zmq_vendored)]

mod common;

use std::thread;

use common::pacing::{lead, message, see, COUNT, LEN};
use common::{bind, bind_tcp, inproc, ipc, noise, timed};
use zmq::{Context, Dealer, Error, Message, Pair, Pull, Push, Socket, DONTWAIT, SNDMORE};

#[test]
fn senders_pace_themselves_unless_told_not_to() {
    let push = Context::new().socket(Push).unwrap();
    assert!(push.is_pacing());
    push.set_pacing(false);
    assert!(!push.is_pacing());
    push.set_pacing(true);
    assert!(push.is_pacing());
}

#[test]
fn who_sends_waits_for_a_fast_connection() {
    timed(|| {
        see(|paces| {
            lead(LEN, COUNT, paces, |push, sent| {
                for _ in 0..COUNT {
                    push.send(&[0; LEN][..], 0).unwrap();
                    sent();
                }
            })
        })
    });
}

/// Each takes many times as long as libzmq waits to see whether a connection is fast.
#[test]
fn who_sends_what_takes_long_waits_too() {
    const LEN: usize = 16 << 20;
    const COUNT: usize = 60;

    timed(|| {
        see(|paces| {
            lead(LEN, COUNT, paces, |push, sent| {
                let message = Message::from(vec![0; LEN]);
                for _ in 0..COUNT {
                    push.send(message.clone(), 0).unwrap();
                    sent();
                }
            })
        })
    });
}

/// As many messages as may be queued.
const MARK: usize = 100;

/// Sends to somebody who is not there yet as many messages as may be queued, of whom all receive
/// them later.
fn fill(prepare: impl Fn(&Socket), send: impl Fn(&Socket, Vec<u8>)) {
    for (from, to) in [
        (zmq::PUSH, zmq::PULL),
        (zmq::DEALER, zmq::DEALER),
        (zmq::PAIR, zmq::PAIR),
    ] {
        let context = Context::new();
        let [sends, receives] = [from, to].map(|kind| context.socket(kind).unwrap());
        sends.set_sndhwm(MARK as i32).unwrap();
        sends.set_linger(0).unwrap();
        prepare(&sends);
        let endpoint = ipc();
        sends.connect(&endpoint).unwrap();
        for number in 0..MARK {
            send(&sends, message(number));
        }
        assert_eq!(
            sends.send(message(MARK), DONTWAIT),
            Err(Error::EAGAIN),
            "{from:?}"
        );
        receives.bind(&endpoint).unwrap();
        for number in 0..MARK {
            assert_eq!(receives.recv_bytes(0), Ok(message(number)), "{from:?}");
        }
    }
}

#[test]
fn who_sends_does_not_wait_for_who_does_not_receive() {
    timed(|| fill(|_| (), |socket, message| socket.send(message, 0).unwrap()));
}

/// Who receives the first messages, and then reads the begin of one that takes many ticks.
#[test]
fn who_sends_does_not_wait_for_who_stops_in_the_midst() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        push.set_sndhwm(MARK as i32).unwrap();
        push.set_linger(0).unwrap();
        pull.set_rcvhwm(1).unwrap();
        push.connect(&bind_tcp(&pull)).unwrap();
        let large = Message::from(vec![7; 8 << 20]);
        for _ in 0..5 {
            push.send(large.clone(), 0).unwrap();
            assert_eq!(pull.recv_msg(0).unwrap().len(), large.len());
        }
        for _ in 0..MARK {
            push.send(large.clone(), 0).unwrap();
        }
        for _ in 0..MARK {
            assert_eq!(pull.recv_msg(0).unwrap().len(), large.len());
        }
    });
}

#[test]
fn who_does_not_want_to_wait_does_not() {
    timed(|| {
        fill(
            |_| (),
            |socket, message| socket.send(message, DONTWAIT).unwrap(),
        );
        for timeout in [0, 1] {
            fill(
                |socket| socket.set_sndtimeo(timeout).unwrap(),
                |socket, message| socket.send(message, 0).unwrap(),
            );
        }
    });
}

/// Frames of a message that is begun are not waited with: libzmq would drop the rest.
#[test]
fn messages_stay_whole() {
    const FRAMES: usize = 50;

    timed(|| {
        let context = Context::new();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        push.connect(&bind_tcp(&pull)).unwrap();
        let sends = thread::spawn(move || {
            for number in 0..20 {
                let frames = (0..FRAMES).map(|frame| message(FRAMES * number + frame));
                push.send_multipart(frames, 0).unwrap();
            }
            push
        });
        for number in 0..20 {
            let frames = pull.recv_multipart(0).unwrap();
            assert_eq!(frames.len(), FRAMES);
            for (frame, bytes) in frames.into_iter().enumerate() {
                assert_eq!(bytes, message(FRAMES * number + frame));
            }
        }
        sends.join().unwrap();
    });
}

/// Whoever waits is told when to go on: a message is received for each, of whatever size.
#[test]
fn nobody_waits_for_ever() {
    const COUNT: u32 = 3000;
    let endpoints: [fn() -> String; 4] = [
        || "tcp://127.0.0.1:*".into(),
        ipc,
        inproc,
        || "ws://127.0.0.1:*".into(),
    ];

    timed(move || {
        let context = Context::new();
        let pairs = (0..8).map(|pair| {
            let (one, other) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
            other
                .connect(&bind(&one, &endpoints[pair % endpoints.len()]()))
                .unwrap();
            let lens = move || {
                let mut noise = noise(pair as u32);
                (0..COUNT).map(move |_| {
                    // Mostly some KiB, and some of more than may be ahead.
                    let [a, b, c] = [(); 3].map(|()| usize::from(noise.next().unwrap()));
                    a * b + usize::from(c == 0) * (2 << 20)
                })
            };
            let sends = thread::spawn(move || {
                for len in lens() {
                    one.send(vec![pair as u8; len], 0).unwrap();
                }
                one
            });
            let receives = thread::spawn(move || {
                for len in lens() {
                    let received = other.recv_msg(0).unwrap();
                    assert_eq!(received.len(), len);
                    assert!(received.iter().all(|&byte| byte == pair as u8));
                }
            });
            (sends, receives)
        });
        for (sends, receives) in pairs.collect::<Vec<_>>() {
            receives.join().unwrap();
            sends.join().unwrap();
        }
    });
}

/// Not over inproc either, where nobody reads who could tell.
#[test]
fn who_is_in_the_process_is_not_waited_for() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        push.connect(&bind(&pull, &inproc())).unwrap();
        for number in 0..500 {
            push.send(message(number), 0).unwrap();
        }
        for number in 0..500 {
            assert_eq!(pull.recv_bytes(0), Ok(message(number)));
        }
    });
}

/// A connection that has to be waited for is passed over as long as there is another one.
#[test]
fn another_one_is_sent_to() {
    timed(|| {
        let context = Context::new();
        let dealer = context.socket(Dealer).unwrap();
        dealer.set_sndhwm(MARK as i32).unwrap();
        dealer.set_linger(0).unwrap();
        dealer.connect(&ipc()).unwrap();
        let receives = context.socket(Dealer).unwrap();
        dealer.connect(&bind_tcp(&receives)).unwrap();
        for number in 0..3 * MARK {
            dealer.send(message(number), 0).unwrap();
            dealer.send(message(number), SNDMORE).unwrap();
            dealer.send("the end", 0).unwrap();
        }
        // The others wait for who is not there.
        for _ in 0..5 * MARK {
            let frames = receives.recv_multipart(0).unwrap();
            assert_eq!(frames[0].len(), LEN);
            assert!(frames.len() == 1 || frames[1..] == [b"the end"]);
        }
    });
}
