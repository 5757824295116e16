//! What else a socket does, and its end.

use std::sync::Arc;

use zmq::{Context, Error, Multipart, POLLIN, POLLOUT};

use crate::common::{inproc, timed};
use crate::runtimes::{connected, everywhere, Runtime, Work};

#[test]
fn the_end_of_a_context_wakes_everybody() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (dealer, _other) =
            connected(runtime, &context, (zmq::Dealer, zmq::Dealer), |one, _| {
                one.set_sndhwm(1).unwrap();
            });
        let dealer = Arc::new(dealer);
        let mut work: Vec<Work> = Vec::new();
        for _ in 0..3 {
            let dealer = Arc::clone(&dealer);
            work.push(Box::pin(async move {
                assert_eq!(dealer.recv_msg().await, Err(Error::ETERM));
                assert_eq!(dealer.recv_msg().await, Err(Error::ETERM));
                assert_eq!(dealer.ready(POLLIN).await, Err(Error::ETERM));
            }));
        }
        let ends = context.clone();
        work.push(Box::pin(async move { ends.shutdown().unwrap() }));
        runtime.together(work).await;
    });
}

#[test]
fn it_says_what_it_is_ready_for() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let (one, other) = connected(runtime, &context, (zmq::Dealer, zmq::Dealer), |_, _| ());
        assert_eq!(one.ready(POLLIN | POLLOUT).await, Ok(POLLOUT));
        one.send("news").await.unwrap();
        assert_eq!(other.ready(POLLIN).await, Ok(POLLIN));
        let mut bytes = [0; 2];
        assert_eq!(other.recv_into(&mut bytes).await, Ok(4));
        assert_eq!(&bytes, b"ne");
        // Options and endpoints are those of the socket.
        let endpoint = inproc();
        other.socket().bind(&endpoint).unwrap();
        one.socket().connect(&endpoint).unwrap();
        assert_eq!(one.socket().get_socket_type(), Ok(zmq::DEALER));
        let message = Multipart::from(["several", "frames"]);
        one.send_frames(message.clone()).await.unwrap();
        assert_eq!(
            other.recv_multipart().await.unwrap(),
            [&b"several"[..], b"frames"]
        );
    });
}

#[test]
fn what_cannot_be_says_so() {
    let socket = || Context::new().socket(zmq::Pull).unwrap();
    let outside = socket().into_tokio().unwrap_err();
    assert!(
        outside.to_string().contains("no tokio runtime here"),
        "{outside}"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let without = runtime.block_on(async { socket().into_tokio().unwrap_err() });
    assert!(without.to_string().contains("enable_io"), "{without}");
    let context = Context::new();
    let pull = context.socket(zmq::Pull).unwrap();
    context.shutdown().unwrap();
    let ended = pull.into_async_io().unwrap();
    assert_eq!(smol::block_on(ended.recv_msg()), Err(Error::ETERM));
}

/// Which of the two ends first does not matter.
#[test]
fn a_socket_may_outlive_its_runtime() {
    timed(|| {
        let context = Context::new();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (push, pull) = runtime.block_on(async {
            connected(Runtime::Tokio, &context, (zmq::Push, zmq::Pull), |_, _| ())
        });
        drop(runtime);
        smol::block_on(async {
            let canceled = pull.recv_msg().await.unwrap_err();
            assert_eq!(canceled.to_raw(), libc::ECANCELED);
            // What need not wait works.
            push.ready(POLLOUT).await.unwrap_or(POLLOUT);
        });
        let (push, pull) = (push.into_socket(), pull.into_socket());
        push.send("without a runtime", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"without a runtime");
        let pull = pull.into_async_io().unwrap();
        push.send("in another", 0).unwrap();
        assert_eq!(smol::block_on(pull.recv_bytes()).unwrap(), b"in another");
    });
}

/// Those that threads can share have nothing that could be waited for.
#[cfg(feature = "draft")]
#[test]
fn sockets_that_threads_share_are_not_awaited() {
    let server = Context::new().socket(zmq::Server).unwrap();
    let error = server.into_async_thread().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("no descriptor"), "{error}");
}

/// Nor does who waits for nothing wait for ever.
#[test]
fn the_end_of_a_context_wakes_who_waits_for_nothing() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let socket = runtime.socket(context.socket(zmq::Pull).unwrap());
        let waits: Work = Box::pin(async move {
            let nothing = zmq::PollEvents::empty();
            assert_eq!(socket.ready(nothing).await, Err(Error::ETERM));
        });
        let ends: Work = Box::pin(async move { context.shutdown().unwrap() });
        runtime.together(vec![waits, ends]).await;
    });
}
