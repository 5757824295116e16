//! Sockets that connect over inproc before somebody binds. What libzmq 4.3.5 does wrong
//! with them is shown by `tests/defects`, from C.
#![cfg(zmq_vendored)]

mod common;

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use common::{inproc, timed, LIMIT};
use zmq::{Context, Dealer, Error, Pair, Pull, Push, Router, Socket, DONTWAIT, POLLOUT};

/// Who has disconnected, and been told that this is done, is not greeted by who binds then.
#[test]
fn who_has_gone_is_nobodys_peer() {
    timed(|| {
        let (context, endpoint) = (Context::new(), inproc());
        let gone = context.socket(Router).unwrap();
        gone.connect(&endpoint).unwrap();
        gone.disconnect(&endpoint).unwrap();
        for _ in 0..2 {
            assert!(gone.get_events().unwrap().contains(POLLOUT)); // a ROUTER drops
        }
        let dealer = context.socket(Dealer).unwrap();
        dealer.bind(&endpoint).unwrap();
        let here = context.socket(Router).unwrap();
        here.connect(&endpoint).unwrap();
        dealer.send("whoever", 0).unwrap();
        assert_eq!(here.recv_multipart(0).unwrap()[1], b"whoever");
    });
}

/// A PAIR has one peer; another one who waits for it is sent away.
#[test]
fn a_pair_takes_one_of_those_who_wait() {
    timed(|| {
        let (context, endpoint) = (Context::new(), inproc());
        let routers = [0; 3].map(|_| {
            let router = context.socket(Router).unwrap();
            router.connect(&endpoint).unwrap();
            router.set_rcvtimeo(0).unwrap();
            router
        });
        let pair = context.socket(Pair).unwrap();
        pair.bind(&endpoint).unwrap();
        pair.send("hello", 0).unwrap();
        let heard = routers
            .iter()
            .filter_map(|router| router.recv_multipart(0).ok());
        let heard: Vec<_> = heard.map(|message| message[1].clone()).collect();
        assert_eq!(heard, [b"hello"]);
    });
}

/// The end of a context is such a PAIR, for those who still wait.
#[test]
fn a_context_ends_while_several_wait() {
    timed(|| {
        let (context, endpoint) = (Context::new(), inproc());
        let routers = [0; 3].map(|_| {
            let router = context.socket(Router).unwrap();
            router.connect(&endpoint).unwrap();
            router
        });
        thread::scope(|scope| {
            let ending = scope.spawn(|| context.clone().destroy());
            while routers[0].get_events().is_ok() {
                thread::yield_now();
            }
            assert_eq!(routers[1].get_events().unwrap_err(), Error::ETERM);
            drop(routers);
            assert_eq!(ending.join().unwrap(), Ok(()));
        });
    });
}

fn push(context: &Context, mark: i32, endpoint: &str) -> Socket<Push> {
    let push = context.socket(Push).unwrap();
    push.set_sndhwm(mark).unwrap();
    push.connect(endpoint).unwrap();
    push
}

/// Sends numbers until there is no room.
fn fill(push: &Socket<Push>, next: &mut u8) {
    while push.send([*next], DONTWAIT).is_ok() {
        *next += 1;
        assert_ne!(*next, 200);
    }
    assert_eq!(push.send([0], DONTWAIT), Err(Error::EAGAIN));
}

/// The mark of who has connected holds until somebody binds; then that of both together, at
/// once.
#[test]
fn marks_add_up_when_somebody_binds() {
    timed(|| {
        for (sndhwm, rcvhwm) in [(1, 1), (3, 5), (10, 100)] {
            let (context, endpoint) = (Context::new(), inproc());
            let push = push(&context, sndhwm, &endpoint);
            let mut next = 0;
            fill(&push, &mut next);
            assert_eq!(i32::from(next), sndhwm);
            let pull = context.socket(Pull).unwrap();
            pull.set_rcvhwm(rcvhwm).unwrap();
            pull.bind(&endpoint).unwrap();
            // Who had no room looks again when told that there may be some.
            assert!(push.get_events().unwrap().contains(POLLOUT));
            fill(&push, &mut next);
            assert_eq!(i32::from(next), sndhwm + rcvhwm);
            for number in 0..next {
                assert_eq!(pull.recv_bytes(0).unwrap(), [number]);
            }
        }
    });
}

/// Also for who had some left, and has not looked whether there are news.
#[test]
fn marks_add_up_for_who_goes_on() {
    timed(|| {
        let (context, endpoint) = (Context::new(), inproc());
        let push = push(&context, 2, &endpoint);
        push.send([0], DONTWAIT).unwrap();
        let pull = context.socket(Pull).unwrap();
        pull.set_rcvhwm(50).unwrap();
        pull.bind(&endpoint).unwrap();
        let mut next = 1;
        fill(&push, &mut next);
        assert_eq!(next, 52);
    });
}

/// Who keeps the newest message only has no mark, whoever comes first.
#[test]
fn who_conflates_is_never_full() {
    timed(|| {
        let (context, endpoint) = (Context::new(), inproc());
        let [one, other] = [(); 2].map(|()| {
            let dealer = context.socket(Dealer).unwrap();
            dealer.set_conflate(true).unwrap();
            dealer.set_sndhwm(5).unwrap();
            dealer.set_rcvhwm(5).unwrap();
            dealer
        });
        one.connect(&endpoint).unwrap();
        other.bind(&endpoint).unwrap();
        for (from, to) in [(&one, &other), (&other, &one)] {
            for number in 0..=100 {
                from.get_events().unwrap();
                from.send([number], DONTWAIT).unwrap();
            }
            assert_eq!(to.recv_bytes(0).unwrap(), [100]);
            assert_eq!(to.recv_bytes(DONTWAIT), Err(Error::EAGAIN));
        }
    });
}

/// A ROUTER without a mark does not say that it has read: who waits must hear of it
/// otherwise.
#[test]
fn who_waits_for_room_goes_on_when_somebody_binds() {
    timed(|| {
        let (context, endpoint) = (Context::new(), inproc());
        let dealer = context.socket(Dealer).unwrap();
        dealer.set_sndhwm(1).unwrap();
        dealer.connect(&endpoint).unwrap();
        dealer.send("1", 0).unwrap();
        assert_eq!(dealer.send("2", DONTWAIT), Err(Error::EAGAIN));
        let waiting = thread::spawn(move || {
            for text in ["2", "3", "4"] {
                dealer.send(text, 0).unwrap();
            }
        });
        let router = context.socket(Router).unwrap();
        router.set_rcvhwm(0).unwrap();
        router.bind(&endpoint).unwrap();
        for text in ["1", "2", "3", "4"] {
            assert_eq!(router.recv_multipart(0).unwrap()[1], text.as_bytes());
        }
        waiting.join().unwrap();
    });
}

/// A socket may be its own peer, whichever comes first.
#[test]
fn a_socket_may_connect_to_itself() {
    timed(|| {
        for bind_first in [true, false] {
            let (context, endpoint) = (Context::new(), inproc());
            let dealer = context.socket(Dealer).unwrap();
            if bind_first {
                dealer.bind(&endpoint).unwrap();
                dealer.connect(&endpoint).unwrap();
            } else {
                dealer.connect(&endpoint).unwrap();
                dealer.bind(&endpoint).unwrap();
            }
            dealer.send("to myself", 0).unwrap();
            assert_eq!(dealer.recv_bytes(0).unwrap(), b"to myself");
            dealer.disconnect(&endpoint).unwrap();
            drop(dealer);
            context.end(Duration::from_secs(30)).unwrap();
        }
    });
}

/// One thread connects, sends and closes while another binds: all arrives, in order, and
/// answers come back to who waits for one.
#[test]
fn one_thread_connects_while_another_binds() {
    const ROUNDS: usize = 300;
    const EACH: u8 = 20;

    timed(|| {
        let context = Context::new();
        let endpoints: Vec<_> = (0..ROUNDS).map(|_| inproc()).collect();
        let begin = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                for (round, endpoint) in endpoints.iter().enumerate() {
                    let router = context.socket(Router).unwrap();
                    router.set_sndhwm(2).unwrap();
                    router.set_router_mandatory(true).unwrap();
                    begin.wait();
                    router.connect(endpoint).unwrap();
                    let question = router.recv_multipart(0).unwrap();
                    for number in 0..EACH {
                        router
                            .send_multipart([&question[0][..], &[number]], 0)
                            .unwrap();
                    }
                    if round % 2 == 0 {
                        assert_eq!(router.recv_multipart(0).unwrap()[1], b"thanks");
                    }
                }
            });
            for (round, endpoint) in endpoints.iter().enumerate() {
                let dealer = context.socket(Dealer).unwrap();
                dealer.set_rcvhwm(3).unwrap();
                begin.wait();
                dealer.bind(endpoint).unwrap();
                dealer.send("question", 0).unwrap();
                for number in 0..EACH {
                    assert_eq!(dealer.recv_bytes(0).unwrap(), [number]);
                }
                if round % 2 == 0 {
                    dealer.send("thanks", 0).unwrap();
                }
            }
        });
    });
}

/// More than there can be sockets wait for somebody to bind, and some of them have gone: the end
/// of a context made a socket for each, and ended the process when there were too many.
#[test]
fn more_may_wait_than_there_are_sockets() {
    timed(|| {
        let context = Context::new();
        context.set_max_sockets(4).unwrap();
        let [stays, goes] = [(); 2].map(|()| context.socket(Push).unwrap());
        let shared = inproc();
        for _ in 0..100 {
            stays.connect(&inproc()).unwrap();
            stays.connect(&shared).unwrap();
            let endpoint = inproc();
            goes.connect(&endpoint).unwrap();
            goes.disconnect(&endpoint).unwrap();
        }
        drop(stays);
        drop(goes);
        assert_eq!(context.end(LIMIT), Ok(()));
    });
}
