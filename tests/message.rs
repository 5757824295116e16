//! Messages: what they are made from, and that sharing is invisible.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

use common::{inproc, timed};
use zmq::{Context, Message, Pair, Pull, Push, Socket};

/// Two connected sockets.
fn pair() -> (Socket<Pair>, Socket<Pair>) {
    let context = Context::new();
    let (one, two) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
    let endpoint = inproc();
    one.bind(&endpoint).unwrap();
    two.connect(&endpoint).unwrap();
    (one, two)
}

/// Lengths on both sides of where libzmq and this crate change their ways.
const LENGTHS: [usize; 8] = [0, 1, 33, 34, 255, 256, 1024, 100_000];

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| i as u8 ^ 0x80).collect()
}

#[test]
fn a_message_has_the_bytes_it_was_made_from() {
    for len in LENGTHS {
        let data = bytes(len);
        let text = "x".repeat(len);
        assert_eq!(Message::from(&data[..])[..], data[..]);
        assert_eq!(Message::from(&data)[..], data[..]);
        assert_eq!(Message::from(data.clone())[..], data[..]);
        assert_eq!(Message::from(data.clone().into_boxed_slice())[..], data[..]);
        assert_eq!(Message::from(Arc::<[u8]>::from(&data[..]))[..], data[..]);
        assert_eq!(Message::from_owner(data.clone())[..], data[..]);
        assert_eq!(Message::from(&text[..]).as_str(), Some(&text[..]));
        assert_eq!(Message::from(&text).as_str(), Some(&text[..]));
        assert_eq!(Message::from(text.clone()).as_str(), Some(&text[..]));
        assert_eq!(Message::with_size(len)[..], vec![0; len][..]);
    }
    assert_eq!(Message::from([1, 2, 3])[..], [1, 2, 3]);
    assert_eq!(Message::from(b"three")[..], *b"three");
    assert_eq!(Message::from_static(b"constant")[..], *b"constant");
    assert_eq!(Message::default(), Message::new());
    assert_eq!(format!("{:?}", Message::from([1, 2])), "[1, 2]");
}

#[test]
fn spare_capacity_is_released_too() {
    let mut data = Vec::with_capacity(100_000);
    data.extend_from_slice(&bytes(2000));
    // Under a sanitizer this shows a wrong size given to the allocator.
    assert_eq!(Message::from(data)[..], bytes(2000)[..]);
}

#[test]
fn large_buffers_are_handed_over_and_small_ones_are_not() {
    let data = bytes(1024);
    let at = data.as_ptr();
    assert_eq!(Message::from(data).as_ptr(), at);

    let data = Arc::<[u8]>::from(&bytes(1024)[..]);
    let message = Message::from(data.clone());
    assert_eq!(message.as_ptr(), data.as_ptr());
    drop(message);
    assert_eq!(Arc::strong_count(&data), 1, "the share is given back");

    let data = bytes(1023);
    let at = data.as_ptr();
    let message = Message::from(data.clone());
    assert_ne!(message.as_ptr(), at);
}

#[cfg(feature = "bytes")]
#[test]
fn bytes_are_shared() {
    let data = bytes::Bytes::from(bytes(5000));
    let mut message = Message::from(data.clone());
    assert_eq!(message.as_ptr(), data.as_ptr());
    message[0] ^= 0xff;
    assert_eq!(data[..], bytes(5000)[..]);
    assert_eq!(
        Message::from(bytes::Bytes::from_static(b"few"))[..],
        *b"few"
    );
}

#[test]
fn what_is_received_is_what_was_handed_over() {
    timed(|| {
        let (one, two) = pair();
        let data = bytes(100_000);
        let at = data.as_ptr();
        one.send(data, 0).unwrap();
        let message = two.recv_msg(0).unwrap();
        assert_eq!(message.as_ptr(), at, "no copy on the way");
        assert_eq!(message[..], bytes(100_000)[..]);
    });
}

#[test]
fn writing_to_a_clone_leaves_the_original() {
    for len in LENGTHS.into_iter().filter(|&len| len > 0) {
        let original = Message::from(bytes(len));
        let mut clone = original.clone();
        assert_eq!(clone, original);
        clone[0] ^= 0xff;
        assert_eq!(original[..], bytes(len)[..], "{len}");
        assert_eq!(clone[0], original[0] ^ 0xff);
        assert_eq!(clone[1..], original[1..]);
    }
}

#[test]
fn clones_share_large_contents() {
    let original = Message::from(bytes(1000));
    let mut clone = original.clone();
    assert_eq!(clone.as_ptr(), original.as_ptr());
    clone.as_mut()[0] = 1;
    assert_ne!(clone.as_ptr(), original.as_ptr());
    let private = clone.as_ptr();
    clone[1] = 1;
    assert_eq!(clone.as_ptr(), private, "copied once");
}

#[test]
fn subscribers_of_one_publisher_cannot_see_each_other_write() {
    timed(|| {
        let context = Context::new();
        let publisher = context.socket(zmq::XPub).unwrap();
        publisher.set_xpub_verbose(true).unwrap();
        let endpoint = inproc();
        publisher.bind(&endpoint).unwrap();
        let subscribers = [(); 2].map(|()| {
            let subscriber = context.socket(zmq::Sub).unwrap();
            subscriber.connect(&endpoint).unwrap();
            subscriber.set_subscribe(b"").unwrap();
            assert_eq!(publisher.recv_bytes(0).unwrap(), [1], "subscribed");
            subscriber
        });
        publisher.send(bytes(5000), 0).unwrap();
        let [mut one, mut two] = subscribers.map(|s| s.recv_msg(0).unwrap());
        assert_eq!(
            one.as_ptr(),
            two.as_ptr(),
            "libzmq gave both the same memory"
        );
        one[0] = 1;
        two[0] = 2;
        assert_eq!((one[0], two[0]), (1, 2));
        assert_eq!(one[1..], bytes(5000)[1..]);
    });
}

#[test]
fn owners_outside_do_not_see_writes() {
    timed(|| {
        let owner = Arc::<[u8]>::from(&bytes(5000)[..]);
        let mut message = Message::from(owner.clone());
        message[0] ^= 0xff;
        assert_eq!(owner[..], bytes(5000)[..]);

        // Nor does it help to send the message through a socket first.
        let (one, two) = pair();
        one.send(owner.clone(), 0).unwrap();
        let mut received = two.recv_msg(0).unwrap();
        assert_eq!(received.as_ptr(), owner.as_ptr());
        received[0] ^= 0xff;
        assert_eq!(owner[..], bytes(5000)[..]);

        static CONSTANT: [u8; 5000] = [7; 5000];
        one.send(Message::from_static(&CONSTANT), 0).unwrap();
        let mut received = two.recv_msg(0).unwrap();
        received[0] = 1; // would be a crash, in memory that is not writable
        assert_eq!((received[0], CONSTANT[0]), (1, 7));
    });
}

#[test]
fn a_private_copy_knows_what_the_original_knew() {
    timed(|| {
        let (one, two) = pair();
        let shared = Message::from(bytes(5000));
        one.send(shared.clone(), zmq::SNDMORE).unwrap();
        one.send("last", 0).unwrap();
        let mut first = two.recv_msg(0).unwrap();
        assert!(first.get_more());
        first[0] ^= 0xff;
        assert!(first.get_more(), "more frames still follow");
        assert!(first.clone().get_more());
        assert_eq!(shared[..], bytes(5000)[..]);
        // Received into, it has a new content and new properties.
        two.recv(&mut first, 0).unwrap();
        assert!(!first.get_more());
        assert_eq!(first.as_str(), Some("last"));
    });
}

#[test]
fn messages_know_where_they_are_from() {
    timed(|| {
        let context = Context::new();
        let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
        push.connect(&common::bind_tcp(&pull)).unwrap();
        push.send(bytes(5000), 0).unwrap();
        let mut message = pull.recv_msg(0).unwrap();
        assert_eq!(message.gets("Peer-Address"), Some("127.0.0.1"));
        assert_eq!(message.gets("Socket-Type"), Some("PUSH"));
        assert_eq!(message.gets("no such property"), None);
        assert_eq!(message.gets("Peer\0Address"), None);
        // Several may look at once.
        let (shared, clone) = (&message, message.clone());
        for name in ["Peer-Address", "Socket-Type", "no such property", "a\0b"] {
            assert_eq!(shared.property(name), clone.property(name), "{name:?}");
        }
        assert_eq!(shared.property("Socket-Type"), Some("PUSH"));
        // Writing to a shared one makes a copy, which knows the same.
        let mut other = message.clone();
        other[0] ^= 0xff;
        assert_eq!(other.gets("Peer-Address"), Some("127.0.0.1"));
        assert_eq!(Message::new().gets("Peer-Address"), None);
    });
}

/// Counts how often it is dropped.
struct Owner(Vec<u8>, Arc<AtomicUsize>, bool);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
        assert!(!self.2, "a panic on purpose");
    }
}

#[test]
fn an_owner_is_dropped_once_after_the_last_share() {
    timed(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let message = Message::from_owner(Owner(bytes(10), drops.clone(), false));
        let (one, two) = pair();
        one.send(message.clone(), 0).unwrap();
        drop(message);
        assert_eq!(drops.load(Ordering::SeqCst), 0, "it is on its way");
        let received = two.recv_msg(0).unwrap();
        assert_eq!(received[..], bytes(10)[..]);
        drop(received);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        // A message that is never received is released with the sockets.
        one.send(
            Message::from_owner(Owner(bytes(10), drops.clone(), false)),
            0,
        )
        .unwrap();
        drop((one, two));
        while drops.load(Ordering::SeqCst) < 2 {
            thread::yield_now(); // libzmq's own thread does it
        }
    });
}

#[test]
fn a_panic_in_an_owner_stays_in_rust() {
    let drops = Arc::new(AtomicUsize::new(0));
    drop(Message::from_owner(Owner(bytes(10), drops.clone(), true)));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_panic_within_a_panic_of_an_owner_stays_in_rust() {
    /// What comes with the panic, and panics in its turn.
    struct Bomb(Arc<AtomicUsize>);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
            panic!("another on purpose");
        }
    }
    struct Owner(Arc<AtomicUsize>);
    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            b"content"
        }
    }
    impl Drop for Owner {
        fn drop(&mut self) {
            std::panic::panic_any(Bomb(self.0.clone()));
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    drop(Message::from_owner(Owner(drops.clone())));
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn one_message_may_be_cloned_and_read_by_many_threads() {
    timed(|| {
        let message = Message::from(bytes(5000));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let mut clone = message.clone();
                        assert!(!message.get_more());
                        clone[0] = 1;
                        assert_eq!(message[0], 0x80);
                    }
                });
            }
        });
        assert_eq!(message[..], bytes(5000)[..]);
    });
}
