//! What may be given to another thread, and what may be used by several: the compiler sees
//! to it. What may not is in `tests/ui`.

use zmq::*;

fn send<T: Send>() {}
fn shared<T: Send + Sync>() {}
#[cfg(any(feature = "tokio", feature = "async-io"))]
fn moves<T: Send>(value: T) -> T {
    value
}

#[test]
fn what_may_be_shared() {
    shared::<Context>();
    shared::<Unfinished>();
    shared::<OpenSocket>();
    shared::<Message>();
    shared::<Multipart>();
    shared::<SendError>();
    shared::<SendError<Multipart>>();
    shared::<Error>();
    shared::<Endpoint>();
    shared::<EndpointError>();
    shared::<CurveKeyPair>();
    shared::<CurveKeyError>();
    shared::<EncodeError>();
    shared::<DecodeError>();
    shared::<MonitorEvent>();
    shared::<ProxyHandle>();
    shared::<TimerId>();
    shared::<OptionInfo>();
}

#[test]
fn what_may_be_shared_about_who_may_talk() {
    use zmq::auth::*;

    shared::<Authenticator>();
    shared::<CurveClients>();
    shared::<CertificateStore>();
    shared::<Certificate>();
    shared::<CertificateError>();
    shared::<CertificateWarning>();
    shared::<ConfigError>();
    shared::<Decision>();
    shared::<Peer>();
    shared::<Claim>();
    shared::<Verdict>();
}

/// By one thread at a time.
#[test]
fn what_may_be_given_away() {
    send::<Socket>();
    send::<Socket<Req>>();
    send::<MonitorSocket>();
}

#[cfg(feature = "draft")]
#[test]
fn sockets_that_libzmq_locks_may_be_shared() {
    shared::<Socket<Client>>();
    shared::<Socket<Server>>();
    shared::<Socket<Radio>>();
    shared::<Socket<Dish>>();
    shared::<Socket<Gather>>();
    shared::<Socket<Scatter>>();
    shared::<Socket<zmq::Peer>>();
    shared::<Socket<Channel>>();
}

/// Tasks move between threads, also while they wait.
#[cfg(any(feature = "tokio", feature = "async-io"))]
#[test]
fn what_is_awaited_may_be_shared() {
    use zmq::aio::{AsyncMonitor, AsyncSocket, RecvHalf, SendHalf};

    shared::<AsyncSocket>();
    shared::<AsyncSocket<Dealer>>();
    shared::<SendHalf<Dealer>>();
    shared::<RecvHalf<Dealer>>();
    shared::<AsyncMonitor>();
    shared::<zmq::aio::Proxy<'_>>();

    // Not to be called: what it returns counts.
    let _ = |socket: &'static AsyncSocket<Req>| {
        drop(moves(async move {
            socket.send("question").await?;
            socket.send_multipart(["question"]).await?;
            socket.recv_msg().await?;
            socket.recv_multipart().await?;
            socket.recv_many(&mut Vec::new(), 10).await
        }));
    };
    let _ = |monitor: AsyncMonitor| moves(async move { monitor.recv().await.map(drop) });
    let _ = |proxy: &'static mut zmq::aio::Proxy<'static>| moves(proxy.run());
}
