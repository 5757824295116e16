//! Messages of several frames, as values.

mod common;

use std::collections::VecDeque;

use common::{pipeline, timed};
use zmq::{Context, Error, Message, Multipart, Push};

#[test]
fn frames_are_pushed_and_popped_at_both_ends() {
    let mut message = Multipart::new();
    assert!(message.is_empty());
    assert_eq!((message.pop_front(), message.pop_back()), (None, None));
    message.push_back("b");
    message.push_back(vec![0xff; 3]);
    message.push_front(String::from("a"));
    message.push_front(b"");
    assert_eq!((message.len(), message.size()), (4, 5));
    assert_eq!(message, [&b""[..], b"a", b"b", &[0xff; 3]]);
    assert_eq!(message.front().unwrap().as_str(), Some(""));
    assert_eq!(message.back().unwrap()[..], [0xff; 3]);
    assert_eq!(message.pop_front().unwrap().as_str(), Some(""));
    assert_eq!(message.pop_back().unwrap()[..], [0xff; 3]);
    assert_eq!(message[1].as_str(), Some("b"));
    assert_eq!(message.get(2), None);
    message[0] = "A".into();
    for frame in message.iter_mut() {
        frame[0] = frame[0].to_ascii_uppercase();
    }
    assert_eq!(message, ["A", "B"]);
    assert_ne!(message, ["A"]);
}

#[test]
fn it_is_made_from_whatever_frames_are_made_from() {
    let expected = Multipart::from(["a", "b"]);
    assert_eq!(Multipart::from(vec!["a", "b"]), expected);
    assert_eq!(Multipart::from(vec![vec![b'a'], vec![b'b']]), expected);
    assert_eq!(Multipart::from([Message::from("a"), "b".into()]), expected);
    assert_eq!(["a", "b"].into_iter().collect::<Multipart>(), expected);
    let mut extended = Multipart::from("a");
    extended.extend(["b"]);
    assert_eq!(extended, expected);
    for one in [
        Multipart::from("text"),
        String::from("text").into(),
        b"text".to_vec().into(),
        (&b"text"[..]).into(),
        Message::from("text").into(),
    ] {
        assert_eq!(one, ["text"]);
    }
    let frames: Vec<Message> = expected.clone().into();
    assert_eq!(frames.len(), 2);
    let frames: VecDeque<Message> = expected.clone().into();
    assert_eq!(frames.len(), 2);
    let lens: Vec<_> = (&expected).into_iter().map(|frame| frame.len()).collect();
    assert_eq!(lens, [1, 1]);
}

#[test]
fn an_envelope_ends_with_the_first_empty_frame() {
    for (whole, envelope, body) in [
        (&["a", "b", "", "body"][..], &["a", "b"][..], &["body"][..]),
        (&["a", "", "", "x"], &["a"], &["", "x"]),
        (&["", "body"], &[], &["body"]),
        (&["a", ""], &["a"], &[]),
    ] {
        let mut message: Multipart = whole.iter().collect();
        let taken = message.take_envelope();
        assert_eq!(taken, *envelope);
        assert_eq!(message, *body);
        message.put_envelope(taken);
        assert_eq!(message, *whole);
    }
    let mut without = Multipart::from(["no", "delimiter"]);
    assert_eq!(without.take_envelope(), Multipart::new());
    assert_eq!(without, ["no", "delimiter"]);
}

#[test]
fn nothing_is_copied_on_the_way() {
    timed(|| {
        let (push, pull) = pipeline(&Context::new());
        let (one, other) = (vec![1; 10_000], vec![2; 20_000]);
        let places = [one.as_ptr(), other.as_ptr()];
        push.send_frames(Multipart::from([one, other]), 0).unwrap();
        let received = pull.recv_frames(0).unwrap();
        let received_at: Vec<_> = received.iter().map(|frame| frame.as_ptr()).collect();
        assert_eq!(received_at, places);
        // And back in.
        push.send_multipart(received, 0).unwrap();
        let again = pull.recv_frames(0).unwrap();
        let again: Vec<_> = again.iter().map(|frame| frame.as_ptr()).collect();
        assert_eq!(again, places);
    });
}

#[test]
fn frames_arrive_as_they_were_sent() {
    timed(|| {
        let (push, pull) = pipeline(&Context::new());
        for frames in [
            &[""][..],
            &["", ""],
            &["a", "", "c"],
            &["one frame only"],
            &["x"; 1000],
        ] {
            let message: Multipart = frames.iter().collect();
            push.send_frames(message.clone(), 0).unwrap();
            assert_eq!(pull.recv_frames(0).unwrap(), message);
        }
        push.send_frames(Multipart::new(), 0).unwrap();
        assert_eq!(pull.recv_frames(zmq::DONTWAIT), Err(Error::EAGAIN));
    });
}

#[test]
fn a_message_that_is_refused_comes_back_whole() {
    let push = Context::new().socket(Push).unwrap();
    let data = vec![7; 5000];
    let place = data.as_ptr();
    let message = Multipart::from([Message::from("head"), data.into()]);
    let refused = push.send_frames(message, zmq::DONTWAIT).unwrap_err();
    assert_eq!(refused.error, Error::EAGAIN);
    assert_eq!(
        refused.to_string(),
        format!("a message was not sent: {}", Error::EAGAIN)
    );
    assert_eq!(refused.message.len(), 2);
    assert_eq!(refused.message[0].as_str(), Some("head"));
    assert_eq!(refused.message[1].as_ptr(), place);
    let error: Error = refused.into();
    assert_eq!(error, Error::EAGAIN);
}
