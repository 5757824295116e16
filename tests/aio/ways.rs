//! The ways to receive and to send, of the whole API.

use std::collections::VecDeque;
use std::future::{poll_fn, Future};
use std::pin::Pin;

use futures_util::{Sink, SinkExt, StreamExt};
use zmq::aio::{AsyncMonitor, RecvHalf, SendHalf};
use zmq::{Dealer, Message, MonitorEvent, Multipart, POLLIN, POLLOUT};

pub type Pinned<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Messages that are received have this many frames.
pub const FRAMES: usize = 3;

/// A way to receive, and how many frames it takes.
pub type Receives = (
    &'static str,
    usize,
    for<'a> fn(&'a mut RecvHalf<Dealer>) -> Pinned<'a, Multipart>,
);

#[rustfmt::skip]
pub const RECEIVES: &[Receives] = &[
    ("recv_msg", 1, |half| Box::pin(async { [half.socket().recv_msg().await.unwrap()].into() })),
    ("recv", 1, |half| Box::pin(async {
        let mut message = Message::from("what was there before");
        half.socket().recv(&mut message).await.unwrap();
        [message].into()
    })),
    ("recv_many", 1, |half| Box::pin(async {
        let mut messages = Vec::new();
        assert_eq!(half.socket().recv_many(&mut messages, 1).await, Ok(1));
        messages.into()
    })),
    ("recv_string", 1, |half| Box::pin(async {
        let string = half.socket().recv_string().await.unwrap();
        [string.map_or_else(|bytes| bytes, String::into_bytes)].into()
    })),
    ("recv_bytes", 1, |half| Box::pin(async { [half.socket().recv_bytes().await.unwrap()].into() })),
    ("recv_into", 1, |half| Box::pin(async {
        let mut bytes = vec![0; ENOUGH];
        let len = half.socket().recv_into(&mut bytes).await.unwrap();
        [&bytes[..len]].into()
    })),
    ("recv_frames", FRAMES, |half| Box::pin(async { half.socket().recv_frames().await.unwrap() })),
    ("recv_multipart", FRAMES, |half| Box::pin(async { half.socket().recv_multipart().await.unwrap().into() })),
    ("a half's recv_msg", 1, |half| Box::pin(async { [half.recv_msg().await.unwrap()].into() })),
    ("a half's recv_bytes", 1, |half| Box::pin(async { [half.recv_bytes().await.unwrap()].into() })),
    ("a half's recv_frames", FRAMES, |half| Box::pin(async { half.recv_frames().await.unwrap() })),
    ("a half's recv_multipart", FRAMES, |half| Box::pin(async { half.recv_multipart().await.unwrap().into() })),
    ("a stream's next", FRAMES, |half| Box::pin(async { half.next().await.unwrap().unwrap() })),
    ("ready", 0, |half| Box::pin(async {
        assert_eq!(half.socket().ready(POLLIN).await, Ok(POLLIN));
        Multipart::new()
    })),
];

/// A way to send, and how many frames it sends.
pub type Sends = (
    &'static str,
    usize,
    for<'a> fn(&'a mut SendHalf<Dealer>, Multipart) -> Pinned<'a, ()>,
);

#[rustfmt::skip]
pub const SENDS: &[Sends] = &[
    ("send", 1, |half, message| Box::pin(async { half.socket().send(only(message)).await.unwrap() })),
    ("send_all", 1, |half, message| Box::pin(async {
        let mut messages = VecDeque::from([only(message)]);
        half.socket().send_all(&mut messages).await.unwrap();
        assert!(messages.is_empty());
    })),
    ("send_frames", 3, |half, message| Box::pin(async { half.socket().send_frames(message).await.unwrap() })),
    ("send_multipart", 3, |half, message| Box::pin(async { half.socket().send_multipart(message).await.unwrap() })),
    ("a half's send", 1, |half, message| Box::pin(async { SendHalf::send(half, only(message)).await.unwrap() })),
    ("a half's send_frames", 3, |half, message| Box::pin(async { half.send_frames(message).await.unwrap() })),
    ("a half's send_multipart", 3, |half, message| Box::pin(async { half.send_multipart(message).await.unwrap() })),
    ("a sink's send", 3, |half, message| Box::pin(async { SinkExt::send(half, message).await.unwrap() })),
    ("a sink's poll_ready", 0, |half, _| Box::pin(async { poll_ready(half).await })),
    ("ready", 0, |half, _| Box::pin(async { assert_eq!(half.socket().ready(POLLOUT).await, Ok(POLLOUT)) })),
];

/// What sends the message that a sink was given.
pub type Flushes = (
    &'static str,
    for<'a> fn(&'a mut SendHalf<Dealer>) -> Pinned<'a, ()>,
);

#[rustfmt::skip]
pub const FLUSHES: &[Flushes] = &[
    ("poll_ready", |half| Box::pin(async { poll_ready(half).await })),
    ("poll_flush", |half| Box::pin(async { SinkExt::flush(half).await.unwrap() })),
    ("poll_close", |half| Box::pin(async { SinkExt::close(half).await.unwrap() })),
];

/// A way to get a monitor's next event.
pub type Watches = (
    &'static str,
    for<'a> fn(&'a mut AsyncMonitor) -> Pinned<'a, MonitorEvent>,
);

#[rustfmt::skip]
pub const WATCHES: &[Watches] = &[
    ("recv", |monitor| Box::pin(async { monitor.recv().await.unwrap() })),
    ("a stream's next", |monitor| Box::pin(async { monitor.next().await.unwrap().unwrap() })),
];

/// As long as a frame may be.
pub const ENOUGH: usize = 40_000;

fn only(mut message: Multipart) -> Message {
    let frame = message.pop_front().unwrap();
    assert!(message.is_empty());
    frame
}

async fn poll_ready(half: &mut SendHalf<Dealer>) {
    poll_fn(|task| Pin::new(&mut *half).poll_ready(task))
        .await
        .unwrap();
}
