//! Halves of sockets.

use std::pin::Pin;
use std::task::{Context as Task, Poll, Waker};

use futures_util::{Sink, SinkExt, StreamExt};
use zmq::{Context, Error, Multipart, Socket};

use crate::common::timed;
use crate::runtimes::{connected, everywhere};

/// Halves are streams and sinks, which hold back when the queues are full.
#[test]
fn halves_stream_and_sink() {
    everywhere(|runtime| async move {
        const MESSAGES: u32 = 1000;
        let context = Context::new();
        let small = |one: &Socket, other: &Socket| {
            one.set_sndhwm(2).unwrap();
            other.set_rcvhwm(2).unwrap();
            one.set_sndbuf(4096).unwrap();
            other.set_rcvbuf(4096).unwrap();
        };
        let (one, other) = connected(runtime, &context, (zmq::Dealer, zmq::Dealer), small);
        let ((mut sink, back), (forth, mut stream)) = (one.into_split(), other.into_split());
        // So much is never on its way at once: the sink says that it is full.
        let body = vec![7; 100_000];
        let mut started = 0;
        let mut full = None;
        let task = &mut Task::from_waker(Waker::noop());
        for i in 0..MESSAGES {
            match Pin::new(&mut sink).poll_ready(task) {
                Poll::Ready(ready) => ready.unwrap(),
                Poll::Pending => {
                    full = Some(i);
                    break;
                }
            }
            let message = Multipart::from(vec![i.to_ne_bytes().to_vec(), body.clone()]);
            Pin::new(&mut sink).start_send(message).unwrap();
            started += 1;
        }
        assert!(full.is_some_and(|full| full > 1), "{full:?}");

        let sends = async move {
            for i in started..MESSAGES {
                let body = Multipart::from(vec![i.to_ne_bytes().to_vec(), vec![7; 1000]]);
                SinkExt::send(&mut sink, body).await.unwrap();
            }
            sink.close().await.unwrap();
            // What comes back, by the other half of the same socket.
            assert_eq!(back.recv_bytes().await.unwrap(), b"all there");
            let whole = sink.reunite(back).unwrap().into_socket();
            assert_eq!(whole.get_socket_type(), Ok(zmq::DEALER));
        };
        let receives = async move {
            for i in 0..MESSAGES {
                let message = stream.next().await.unwrap().unwrap();
                assert_eq!(message[0][..], i.to_ne_bytes());
            }
            forth.send("all there").await.unwrap();
        };
        runtime
            .together(vec![Box::pin(sends), Box::pin(receives)])
            .await;
    });
}

#[test]
fn a_stream_ends_with_its_context() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (push, pull) = connected(runtime, &context, (zmq::Push, zmq::Pull), |_, _| ());
        let (_, mut stream) = pull.into_split();
        push.send("the last").await.unwrap();
        let received: Multipart = stream.next().await.unwrap().unwrap();
        assert_eq!(received, ["the last"]);
        let receives = async move { assert!(stream.next().await.is_none()) };
        let ends = async move { context.shutdown().unwrap() };
        runtime
            .together(vec![Box::pin(receives), Box::pin(ends)])
            .await;
    });
}

#[test]
fn halves_of_two_sockets_do_not_unite() {
    timed(|| {
        let context = Context::new();
        let halves = || {
            let socket = context.socket(zmq::Dealer).unwrap();
            socket.into_async_io().unwrap().into_split()
        };
        let ((one, one_receives), (other, other_receives)) = (halves(), halves());
        let (one, other_receives) = one.reunite(other_receives).unwrap_err();
        one.reunite(one_receives).unwrap();
        other.reunite(other_receives).unwrap();
    });
}

/// What cannot be sent is an error, and does not come back with the next message.
#[test]
fn a_sink_goes_on_after_an_error() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let named = |router: &Socket, dealer: &Socket| {
            router.set_router_mandatory(true).unwrap();
            dealer.set_identity(b"known").unwrap();
        };
        let (router, dealer) = connected(runtime, &context, (zmq::Router, zmq::Dealer), named);
        dealer.send("hello").await.unwrap();
        assert_eq!(router.recv_frames().await.unwrap(), ["known", "hello"]);
        let (mut sink, _) = router.into_split();
        let unknown = sink.feed(["unknown", "lost"].into()).await;
        assert_eq!(unknown, Err(Error::EHOSTUNREACH));
        SinkExt::send(&mut sink, ["known", "found"].into())
            .await
            .unwrap();
        assert_eq!(dealer.recv_bytes().await.unwrap(), b"found");
    });
}
