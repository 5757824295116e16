//! Options of publishers and subscribers.

use zmq::{Context, Error, Kind, Socket};

use crate::common::{bind_tcp, inproc, timed};

/// A publisher, and subscribers that are connected to it.
fn connected<P: Kind, S: Kind, const N: usize>(
    publisher: P,
    subscriber: S,
) -> (Socket<P>, [Socket<S>; N]) {
    let context = Context::new();
    let publisher = context.socket(publisher).unwrap();
    let endpoint = inproc();
    publisher.bind(&endpoint).unwrap();
    let subscribers = std::array::from_fn(|_| {
        let subscriber = context.socket(subscriber).unwrap();
        subscriber.connect(&endpoint).unwrap();
        subscriber
    });
    (publisher, subscribers)
}

#[test]
fn subscriptions_come_and_go() {
    timed(|| {
        let context = Context::new();
        let (xpub, sub) = (
            context.socket(zmq::XPub).unwrap(),
            context.socket(zmq::Sub).unwrap(),
        );
        let endpoint = inproc();
        xpub.bind(&endpoint).unwrap();
        sub.connect(&endpoint).unwrap();
        sub.set_subscribe(b"A").unwrap();
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
        xpub.send("B, not wanted", 0).unwrap();
        xpub.send("A, wanted", 0).unwrap();
        assert_eq!(sub.recv_bytes(0).unwrap(), b"A, wanted");
        sub.set_unsubscribe(b"A").unwrap();
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x00A");
    });
}

#[test]
fn xpub_verbose_shows_every_subscription() {
    timed(|| {
        let context = Context::new();
        let xpub = context.socket(zmq::XPub).unwrap();
        let endpoint = inproc();
        xpub.bind(&endpoint).unwrap();
        let subscribe = |topic: &[u8]| {
            let sub = context.socket(zmq::Sub).unwrap();
            sub.connect(&endpoint).unwrap();
            sub.set_subscribe(topic).unwrap();
            sub
        };
        let _subs = [subscribe(b"A"), subscribe(b"A"), subscribe(b"B")];
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
        assert_eq!(
            xpub.recv_bytes(0).unwrap(),
            b"\x01B",
            "the second A is hidden"
        );
        xpub.set_xpub_verbose(true).unwrap();
        let _sub = subscribe(b"A");
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
    });
}

#[test]
fn xpub_welcome_msg_greets_subscribers() {
    timed(|| {
        let context = Context::new();
        let (xpub, sub) = (
            context.socket(zmq::XPub).unwrap(),
            context.socket(zmq::Sub).unwrap(),
        );
        xpub.set_xpub_welcome_msg(Some("W")).unwrap();
        let endpoint = inproc();
        xpub.bind(&endpoint).unwrap();
        sub.set_subscribe(b"W").unwrap();
        sub.connect(&endpoint).unwrap();
        // The publisher greets when it takes up the subscription.
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01W");
        assert_eq!(sub.recv_bytes(0).unwrap(), b"W");
        xpub.set_xpub_welcome_msg(None).unwrap();
    });
}

#[test]
fn xpub_verboser_shows_every_cancellation() {
    timed(|| {
        let (xpub, subs) = connected::<_, _, 2>(zmq::XPub, zmq::Sub);
        if zmq::version() < (4, 2, 0) {
            assert_eq!(xpub.set_xpub_verboser(true), Err(Error::EINVAL));
            return;
        }
        xpub.set_xpub_verboser(true).unwrap();
        for sub in &subs {
            sub.set_subscribe(b"A").unwrap();
            assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
        }
        for sub in &subs {
            sub.set_unsubscribe(b"A").unwrap();
            // Otherwise the first would not be seen.
            assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x00A");
        }
    });
}

#[test]
fn xpub_manual_leaves_subscribing_to_the_program() {
    timed(|| {
        if !cfg!(zmq_vendored) {
            return; // `manual_mode_needs_a_mended_libzmq`
        }
        let (xpub, [xsub]) = connected(zmq::XPub, zmq::XSub);
        assert_eq!(xpub.set_subscribe(b"B"), Err(Error::EINVAL));
        xpub.set_xpub_manual(true).unwrap();
        xsub.send("\x01A", 0).unwrap();
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
        xpub.set_subscribe(b"B").unwrap();
        xpub.send("A, not subscribed to by the program", 0).unwrap();
        xpub.send("B, subscribed to instead", 0).unwrap();
        assert_eq!(xsub.recv_bytes(0).unwrap(), b"B, subscribed to instead");
        xsub.send("\x01C", 0).unwrap();
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01C");
        xpub.set_unsubscribe(b"B").unwrap();
        xpub.set_subscribe(b"C").unwrap();
        xpub.send("B, no more", 0).unwrap();
        xpub.send("C", 0).unwrap();
        assert_eq!(xsub.recv_bytes(0).unwrap(), b"C");
        // libzmq would keep the pointer to a peer that goes away now.
        assert_eq!(xpub.set_xpub_manual(false), Err(Error::EINVAL));
    });
}

#[test]
fn manual_mode_needs_a_mended_libzmq() {
    let xpub = Context::new().socket(zmq::XPub).unwrap();
    let expected = match cfg!(zmq_vendored) {
        true => Ok(()),
        false => Err(Error::ENOTSUP),
    };
    assert_eq!(xpub.set_xpub_manual(true), expected);
}

/// Under valgrind: as it is released, libzmq asks the freed end of a connection
/// whether it is still there.
#[test]
fn xpub_manual_does_nothing_for_who_is_gone() {
    timed(|| {
        if !cfg!(zmq_vendored) {
            return; // `manual_mode_needs_a_mended_libzmq`
        }
        let context = Context::new();
        context.set_max_sockets(3).unwrap();
        let xpub = context.socket(zmq::XPub).unwrap();
        xpub.set_xpub_manual(true).unwrap();
        let endpoint = inproc();
        xpub.bind(&endpoint).unwrap();
        let [gone, here] = [(); 2].map(|()| {
            let xsub = context.socket(zmq::XSub).unwrap();
            xsub.connect(&endpoint).unwrap();
            xsub.send("\x01A", 0).unwrap();
            xsub
        });
        drop(gone);
        // Its place is free when the connection has ended on both sides.
        while context.socket(zmq::Pair).is_err() {
            xpub.get_events().unwrap();
        }
        xpub.get_events().unwrap();
        for topic in ["B", "C"] {
            assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
            xpub.set_subscribe(topic.as_bytes()).unwrap();
        }
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x00A");
        xpub.send("B, for who is gone", 0).unwrap();
        xpub.send("C", 0).unwrap();
        assert_eq!(here.recv_bytes(0).unwrap(), b"C");
    });
}

#[test]
fn nodrop_says_that_a_queue_is_full() {
    fn fill<P: Kind + zmq::CanSend + zmq::CanDistribute>(publisher: P) {
        let context = Context::new();
        let (publisher, sub) = (
            context.socket(publisher).unwrap(),
            context.socket(zmq::Sub).unwrap(),
        );
        publisher.set_xpub_nodrop(true).unwrap();
        publisher.set_sndhwm(1).unwrap();
        sub.set_rcvhwm(1).unwrap();
        sub.set_subscribe(b"").unwrap();
        let endpoint = inproc();
        publisher.bind(&endpoint).unwrap();
        sub.connect(&endpoint).unwrap();
        let mut sent: u32 = 0;
        // Without the option this would go on for ever.
        let full = loop {
            match publisher.send(sent.to_string(), zmq::DONTWAIT) {
                Ok(()) => sent += 1,
                Err(e) => break e,
            }
        };
        assert_eq!(full, Error::EAGAIN);
        for expected in 0..sent {
            assert_eq!(sub.recv_bytes(0).unwrap(), expected.to_string().as_bytes());
        }
    }
    timed(|| {
        if zmq::version() >= (4, 2, 0) {
            fill(zmq::XPub);
            fill(zmq::Pub);
        }
    });
}

#[test]
fn invert_matching_sends_to_who_did_not_subscribe() {
    timed(|| {
        let (xpub, [sub]) = connected(zmq::XPub, zmq::Sub);
        if zmq::version() < (4, 2, 0) {
            assert_eq!(xpub.set_invert_matching(true), Err(Error::EINVAL));
            return;
        }
        xpub.set_invert_matching(true).unwrap();
        sub.set_invert_matching(true).unwrap();
        sub.set_subscribe(b"A").unwrap();
        assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
        xpub.send("A", 0).unwrap();
        xpub.send("B", 0).unwrap();
        assert_eq!(sub.recv_bytes(0).unwrap(), b"B");
    });
}

#[cfg(feature = "draft")]
mod draft {
    use super::*;

    #[test]
    fn xpub_manual_last_value_sends_to_the_newest() {
        timed(|| {
            if !cfg!(zmq_vendored) {
                return;
            }
            let (xpub, [old, new]) = connected(zmq::XPub, zmq::XSub);
            xpub.set_xpub_manual_last_value(true).unwrap();
            for xsub in [&old, &new] {
                xsub.send("\x01A", 0).unwrap();
                assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
                xpub.set_subscribe(b"A").unwrap();
            }
            xpub.send("A last value", 0).unwrap();
            xpub.send("A next value", 0).unwrap();
            assert_eq!(new.recv_bytes(0).unwrap(), b"A last value");
            assert_eq!(new.recv_bytes(0).unwrap(), b"A next value");
            assert_eq!(old.recv_bytes(0).unwrap(), b"A next value");
            assert_eq!(xpub.set_xpub_manual_last_value(false), Err(Error::EINVAL));
        });
    }

    #[test]
    fn only_first_subscribe_leaves_later_frames_alone() {
        timed(|| {
            for only_first in [false, true] {
                let (xpub, [xsub]) = connected(zmq::XPub, zmq::XSub);
                xpub.set_only_first_subscribe(only_first).unwrap();
                xsub.set_only_first_subscribe(only_first).unwrap();
                xsub.send_multipart(["first", "\x01A"], 0).unwrap();
                assert_eq!(xpub.recv_bytes(0).unwrap(), b"first");
                assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
                assert_eq!(xpub.get_topics_count(), Ok(i32::from(!only_first)));
            }
        });
    }

    #[test]
    fn xsub_verbose_unsubscribe_passes_on_every_cancellation() {
        timed(|| {
            for (verbose, expected) in [(false, 1), (true, 2)] {
                let (xpub, [xsub]) = connected(zmq::XPub, zmq::XSub);
                xpub.set_xpub_verboser(true).unwrap();
                xsub.set_xsub_verbose_unsubscribe(verbose).unwrap();
                for request in ["\x01A", "\x01A", "\x00A", "\x00A", "\x01Z"] {
                    xsub.send(request, 0).unwrap();
                }
                let mut cancelled = 0;
                loop {
                    match &xpub.recv_bytes(0).unwrap()[..] {
                        b"\x00A" => cancelled += 1,
                        b"\x01Z" => break,
                        other => assert_eq!(other, b"\x01A"),
                    }
                }
                assert_eq!(cancelled, expected);
            }
        });
    }

    #[test]
    fn topics_count_counts_topics() {
        timed(|| {
            let (xpub, [sub]) = connected(zmq::XPub, zmq::Sub);
            assert_eq!(xpub.get_topics_count(), Ok(0));
            assert_eq!(sub.get_topics_count(), Ok(0));
            for topic in [b"A", b"B", b"A"] {
                sub.set_subscribe(topic).unwrap();
            }
            assert_eq!(sub.get_topics_count(), Ok(2));
            assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01A");
            assert_eq!(xpub.recv_bytes(0).unwrap(), b"\x01B");
            assert_eq!(xpub.get_topics_count(), Ok(2));
        });
    }
}

/// libzmq queues subscriptions as messages, and drops what is too much.
#[test]
fn more_subscriptions_than_the_default_mark_arrive() {
    fn subscribed<S: zmq::CanQueue>(sub: S, subscribe: fn(&Socket<S>, &[u8])) {
        let context = Context::new();
        let (xpub, sub) = (
            context.socket(zmq::XPub).unwrap(),
            context.socket(sub).unwrap(),
        );
        sub.set_sndhwm(0).unwrap();
        assert_eq!(sub.get_sndhwm(), Ok(0));
        let topics: Vec<_> = (0..2000_u32).map(u32::to_be_bytes).collect();
        for topic in &topics {
            subscribe(&sub, topic);
        }
        sub.connect(&bind_tcp(&xpub)).unwrap();
        let mut seen: Vec<_> = topics.iter().map(|_| xpub.recv_bytes(0).unwrap()).collect();
        seen.sort();
        let expected = topics.iter().map(|topic| [&[1], &topic[..]].concat());
        assert_eq!(seen, expected.collect::<Vec<_>>());
    }
    timed(|| {
        subscribed(zmq::Sub, |sub, topic| sub.set_subscribe(topic).unwrap());
        subscribed(zmq::XSub, |sub, topic| {
            sub.send([&[1], topic].concat(), 0).unwrap();
        });
    });
}
