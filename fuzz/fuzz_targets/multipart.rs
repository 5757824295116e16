//! Messages of several frames: what is done to one is done to a list of lists, and both
//! are the same; and what was cloned does not see what is written.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use zmq::{Message, Multipart};
use zmq_fuzz::frames;

// The first byte of a frame says what to do, with the rest.
fuzz_target!(|bytes: &[u8]| {
    let mut message = Multipart::new();
    let mut model = Vec::<Vec<u8>>::new();
    let mut kept = Vec::new();
    for frame in frames(bytes) {
        let Some((&what, content)) = frame.split_first() else {
            continue;
        };
        let first = content.first().map_or(0, |&first| first.into());
        // Clones that are put back as envelopes would double it without end.
        if model.len() > 100 {
            break;
        }
        match what % 10 {
            0 => {
                message.push_front(content);
                model.insert(0, content.to_vec());
            }
            1 => {
                message.push_back(content.to_vec());
                model.push(content.to_vec());
            }
            // Of memory that others have.
            2 => {
                message.push_back(Message::from_owner(Arc::<[u8]>::from(content)));
                model.push(content.to_vec());
            }
            3 => {
                let popped = (!model.is_empty()).then(|| model.remove(0));
                assert_eq!(message.pop_front().as_deref(), popped.as_deref());
            }
            4 => assert_eq!(message.pop_back().as_deref(), model.pop().as_deref()),
            5 => {
                let envelope = message.take_envelope();
                let end = model.iter().position(Vec::is_empty);
                let taken: Vec<_> = model.drain(..end.map_or(0, |end| end + 1)).collect();
                assert!(envelope == taken[..end.unwrap_or(0)]);
                kept.push((envelope, taken[..end.unwrap_or(0)].to_vec()));
            }
            6 => {
                if let Some((envelope, frames)) = kept.pop() {
                    message.put_envelope(envelope);
                    model.splice(0..0, frames.into_iter().chain([Vec::new()]));
                }
            }
            7 => kept.push((message.clone(), model.clone())),
            8 => {
                if let Some(frame) = model.get_mut(first) {
                    frame.fill(what);
                    message[first].fill(what);
                }
            }
            _ => {
                let text = content.chunks(7);
                message.extend(text.clone());
                model.extend(text.map(<[u8]>::to_vec));
            }
        }
    }
    kept.push((message, model));
    for (message, model) in &kept {
        is_same(message, model);
    }
});

fn is_same(message: &Multipart, model: &[Vec<u8>]) {
    assert!(*message == *model);
    assert_eq!(
        (message.len(), message.is_empty()),
        (model.len(), model.is_empty())
    );
    assert_eq!(message.size(), model.iter().map(Vec::len).sum::<usize>());
    assert_eq!(
        message.front().map(|frame| &frame[..]),
        model.first().map(|frame| &frame[..])
    );
    assert_eq!(
        message.back().map(|frame| &frame[..]),
        model.last().map(|frame| &frame[..])
    );
    assert!(message.get(model.len()).is_none());
}
