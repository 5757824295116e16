//! Messages that tell who sent them, in which order, and whether they are whole.

use std::sync::OnceLock;

use zmq::Multipart;

use crate::common::noise;

/// The least that a message takes on its way.
pub const LEAST: u64 = 1000;

/// Message `number` of `who`: both, then two frames that follow from the number.
pub fn message(who: u64, number: u64) -> Multipart {
    let head = [who.to_le_bytes(), number.to_le_bytes()].concat();
    let [first, second] = bodies(number);
    Multipart::from([&head[..], first, second])
}

/// Who sent it and its number. The frames before the last three are an envelope; that
/// those are not as they were sent, or not all there, is a failure.
pub fn read(message: &Multipart) -> (u64, u64) {
    let begin = message.len().checked_sub(3).expect("a torn message");
    assert_eq!(message[begin].len(), 16, "a torn message");
    let [who, number] = [0, 8].map(|at| {
        let bytes = message[begin][at..at + 8].try_into();
        u64::from_le_bytes(bytes.unwrap())
    });
    for (frame, body) in message.iter().skip(begin + 1).zip(bodies(number)) {
        assert!(
            frame[..] == *body,
            "frames of different messages in {who}/{number}"
        );
    }
    (who, number)
}

fn bodies(number: u64) -> [&'static [u8]; 2] {
    static NOISE: OnceLock<Vec<u8>> = OnceLock::new();
    let noise = NOISE.get_or_init(|| noise(1).take(4096).collect());
    let at = (number % 1021) as usize;
    [
        &noise[at..][..number as usize % 777],
        &noise[2 * at..][..LEAST as usize],
    ]
}
