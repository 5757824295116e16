//! A STREAM takes anybody, and any bytes: what attackers write reaches the program, under
//! their names only.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use zmq::{Context, Stream};

use crate::attacks::{attacks, Stage};
use crate::common::{bind_tcp, timed};
use crate::measure::{alone, bounded, descriptors, rss, Latency};
use crate::target::{kinds, Mechanism};
use crate::wire::Wire;

/// By how much the process may grow.
const GROWTH: usize = 16 << 20;

/// What the honest peer says and hears, each time.
const WORDS: &[u8; 16] = b"an honest word, ";

#[test]
fn a_stream_tells_peers_apart() {
    let _alone = alone();
    timed(|| {
        let context = Context::new();
        let stream = context.socket(Stream).unwrap();
        stream.set_linger(0).unwrap();
        let endpoint = bind_tcp(&stream);
        let mut honest = Wire::connect(&endpoint);
        let name = stream.recv_bytes(0).unwrap();
        assert_eq!(stream.recv_bytes(0).unwrap(), b"");

        let kind = kinds().next().unwrap();
        let mut table = attacks();
        table.retain(|attack| attack.stage == Stage::Connected);
        let (memory, open) = (rss(), descriptors());
        let done = AtomicBool::new(false);
        let mut latency = Latency::default();
        // How often others have come and gone: a message of no bytes each.
        let mut strangers = HashMap::<Vec<u8>, usize>::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                for attack in &table {
                    (attack.act)(&mut Wire::connect(&endpoint), Mechanism::Null, kind);
                }
                done.store(true, Ordering::Release);
            });
            let ended = |strangers: &HashMap<_, usize>| {
                done.load(Ordering::Acquire)
                    && strangers.len() == table.len()
                    && strangers.values().all(|times| *times == 2)
            };
            while !ended(&strangers) {
                let begin = Instant::now();
                honest.write(WORDS);
                let mut heard = Vec::new();
                while heard.len() < WORDS.len() {
                    let message = stream.recv_multipart(0).unwrap();
                    let [from, bytes] = &message[..] else {
                        panic!("{} frames", message.len());
                    };
                    if *from == name {
                        heard.extend_from_slice(bytes);
                    } else {
                        *strangers.entry(from.clone()).or_default() +=
                            usize::from(bytes.is_empty());
                    }
                }
                assert_eq!(heard, WORDS);
                stream.send_multipart([&name[..], WORDS], 0).unwrap();
                assert_eq!(honest.read(WORDS.len()), WORDS);
                latency.add(begin.elapsed());
            }
        });
        assert_eq!(descriptors(), open);
        let grown = rss().saturating_sub(memory);
        println!(
            "STREAM: {} attacks, grown by {} KiB, {latency}",
            table.len(),
            grown >> 10
        );
        bounded(grown, GROWTH);
    });
}
