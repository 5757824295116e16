//! Tasks that ask and answer in turns do the I/O thread's work, as threads do
//! (`tests/lockstep.rs`).

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{self, Wake};

use futures_util::future::{select, Either};
use futures_util::FutureExt;
use zmq::aio::AsyncSocket;
use zmq::{CanRecv, CanSend, Context, Dealer, Pull, Push, Rep, Req, Socket};

use crate::common::bind_tcp;
use crate::runtimes::{connected, everywhere, tiny_queues, Runtime, Work};

const TURNS: u32 = 1000;

/// Beside tasks of that context that send one way, and who asks gives up waiting now and then.
#[test]
fn questions_are_answered() {
    everywhere(answered);
}

async fn answered(runtime: Runtime) {
    let context = Context::new();
    let mut work: Vec<Work> = Vec::new();
    for _ in 0..2 {
        let (client, server) = connected(runtime, &context, (Req, Rep), |_, _| ());
        work.push(Box::pin(async move {
            for number in 0..TURNS {
                client.send(number.to_le_bytes()).await.unwrap();
                if number % 7 == 0 {
                    if let Some(answer) = client.recv_bytes().now_or_never() {
                        assert_eq!(answer.unwrap(), number.to_le_bytes());
                        continue;
                    }
                }
                assert_eq!(client.recv_bytes().await.unwrap(), number.to_le_bytes());
            }
        }));
        work.push(Box::pin(async move {
            for _ in 0..TURNS {
                let question = server.recv_msg().await.unwrap();
                server.send(question).await.unwrap();
            }
        }));
    }
    let (push, pull) = connected(runtime, &context, (Push, Pull), |_, _| ());
    work.push(Box::pin(async move {
        for number in 0..10 * TURNS {
            push.send(number.to_le_bytes()).await.unwrap();
        }
    }));
    work.push(Box::pin(async move {
        for number in 0..10 * TURNS {
            assert_eq!(pull.recv_bytes().await.unwrap(), number.to_le_bytes());
        }
    }));
    runtime.together(work).await;
}

/// Who does the I/O thread's work for an answer hears of other things as well: here of each message
/// that there is room for one more.
#[test]
fn other_news_are_no_answers() {
    everywhere(answered_with_little_room);
}

async fn answered_with_little_room(runtime: Runtime) {
    let context = Context::new();
    let (client, server) = connected(runtime, &context, (Req, Rep), tiny_queues);
    let asks: Work = Box::pin(async move {
        for number in 0..5 * TURNS {
            client.send(number.to_le_bytes()).await.unwrap();
            assert_eq!(client.recv_bytes().await.unwrap(), number.to_le_bytes());
        }
    });
    let answers: Work = Box::pin(async move {
        for _ in 0..5 * TURNS {
            let question = server.recv_msg().await.unwrap();
            server.send(question).await.unwrap();
        }
    });
    runtime.together(vec![asks, answers]).await;
}

/// Who waits for the answer to each that it sends has given way to others, and need not do so
/// besides: it would have tokio wake another thread.
#[cfg(all(zmq_vendored, target_os = "linux"))]
#[test]
fn who_asks_in_turns_sends_at_once() {
    use std::cell::Cell;

    use futures_util::future::join;

    // More than a task may send in a row.
    const ROUNDS: u32 = 600;

    /// Sends, and counts it if that is not done at once.
    async fn send<K: CanSend>(socket: &AsyncSocket<K>, message: &[u8], late: &Cell<u32>) {
        if let Some(sent) = socket.send(message).now_or_never() {
            return sent.unwrap();
        }
        late.set(late.get() + 1);
        socket.send(message).await.unwrap();
    }

    async fn sent_at_once(runtime: Runtime) {
        let context = Context::new();
        let (client, server) = connected(runtime, &context, (Req, Rep), |_, _| ());
        // An answer that takes long, as on a busy machine, is not in turns.
        for _ in 0..50 {
            let late = Cell::new(0);
            let asks = async {
                for number in 0..ROUNDS {
                    send(&client, &number.to_le_bytes(), &late).await;
                    assert_eq!(client.recv_bytes().await.unwrap(), number.to_le_bytes());
                }
            };
            let answers = async {
                for _ in 0..ROUNDS {
                    let question = server.recv_bytes().await.unwrap();
                    send(&server, &question, &late).await;
                }
            };
            join(asks, answers).await;
            if late.get() == 0 {
                return;
            }
        }
        panic!("some of {ROUNDS} never went at once");
    }

    everywhere(sent_at_once);
}

/// Who waited for an answer may be gone when it comes, and another may wait for it, in a thread
/// even.
#[test]
fn somebody_else_may_go_on() {
    everywhere(gone_on_with);
}

async fn gone_on_with(runtime: Runtime) {
    let context = Context::new();
    let peer = Context::new().socket(Dealer).unwrap();
    let dealer = context.socket(Dealer).unwrap();
    dealer.connect(&bind_tcp(&peer)).unwrap();
    let (mut dealer, peer) = (runtime.socket(dealer), runtime.socket(peer));
    for round in 0..20_u32 {
        let answers = Box::pin(async {
            for _ in 0..50 {
                let question = peer.recv_msg().await.unwrap();
                peer.send(question).await.unwrap();
            }
            std::future::pending::<()>().await;
        });
        let asks = Box::pin(async {
            for number in 0..50_u32 {
                dealer.send(number.to_le_bytes()).await.unwrap();
                assert_eq!(dealer.recv_bytes().await.unwrap(), number.to_le_bytes());
            }
            dealer.send("the last").await.unwrap();
            // It waits, and is dropped.
            assert!(dealer.recv_bytes().now_or_never().is_none());
        });
        let Either::Right((_, answers)) = select(answers, asks).await else {
            unreachable!("it never ends");
        };
        drop(answers);
        assert_eq!(peer.recv_bytes().await.unwrap(), b"the last");
        peer.send("to somebody").await.unwrap();
        if round % 2 == 0 {
            assert_eq!(dealer.recv_bytes().await.unwrap(), b"to somebody");
        } else {
            let thread = dealer.into_socket();
            assert_eq!(thread.recv_bytes(0).unwrap(), b"to somebody");
            dealer = runtime.socket(thread);
        }
    }
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Flag>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Sends to a task that waits already. Whether that was woken before the runtime could look for
/// events.
async fn send_to_waiting(from: &AsyncSocket<impl CanSend>, to: &AsyncSocket<impl CanRecv>) -> bool {
    let flag = Arc::new(Flag::default());
    let mut receives = pin!(to.recv_bytes());
    let waker = flag.clone().into();
    assert!(receives
        .as_mut()
        .poll(&mut task::Context::from_waker(&waker))
        .is_pending());
    from.send("for you").await.unwrap();
    let woken = flag.0.load(Ordering::SeqCst);
    assert_eq!(receives.await.unwrap(), b"for you");
    woken
}

/// Who sends wakes the task that waits for it, if that is in the same process.
#[test]
fn who_sends_wakes_who_waits() {
    everywhere(woken_by_who_sends);
}

async fn woken_by_who_sends(runtime: Runtime) {
    let context = Context::new();
    let (client, server) = connected(runtime, &context, (Req, Rep), |_, _| ());
    let mut woken = 0;
    let mut turns = 0;
    // It takes a machine that has time for it: however long that takes.
    let is_mended = cfg!(all(zmq_vendored, target_os = "linux"));
    while turns < TURNS || (is_mended && woken < 20) {
        turns += 1;
        woken += u32::from(send_to_waiting(&client, &server).await);
        woken += u32::from(send_to_waiting(&server, &client).await);
    }
}

/// Whoever gets a socket that tasks waited for, a thread, another runtime or libzmq to close it,
/// hears of what was sent to it.
#[test]
fn who_waited_may_be_gone() {
    everywhere(gone);
}

async fn gone(runtime: Runtime) {
    for round in 0..30 {
        let context = Context::new();
        let unsent = |client: &Socket, _: &Socket| client.set_linger(0).unwrap();
        let (client, mut server) = connected(runtime, &context, (Req, Rep), unsent);
        for _ in 0..20 {
            send_to_waiting(&client, &server).await;
            send_to_waiting(&server, &client).await;
        }
        assert!(server.recv_msg().now_or_never().is_none());
        match round % 3 {
            0 => {
                let server = server.into_socket();
                let answers = std::thread::spawn(move || {
                    for _ in 0..TURNS {
                        let question = server.recv_msg(0).unwrap();
                        server.send(question, 0).unwrap();
                    }
                });
                for number in 0..TURNS {
                    client.send(number.to_le_bytes()).await.unwrap();
                    assert_eq!(client.recv_bytes().await.unwrap(), number.to_le_bytes());
                }
                answers.join().unwrap();
            }
            1 => {
                let socket = server.into_socket();
                client.send("to another task").await.unwrap();
                server = runtime.socket(socket);
                assert_eq!(server.recv_bytes().await.unwrap(), b"to another task");
            }
            _ => {
                drop(server);
                client.send("to nobody").await.unwrap();
            }
        }
    }
}

/// What was begun in one runtime goes on in another.
#[test]
fn runtimes_may_end() {
    crate::common::timed(|| {
        let context = Context::new();
        let server = Context::new().socket(Rep).unwrap();
        let client = context.socket(Req).unwrap();
        client.connect(&bind_tcp(&server)).unwrap();
        let answers = std::thread::spawn(move || {
            for _ in 0..10 * TURNS {
                let question = server.recv_msg(0).unwrap();
                server.send(question, 0).unwrap();
            }
        });
        let mut client = Some(client);
        for round in 0..10 {
            let runtime = [Runtime::Tokio, Runtime::TokioThreads, Runtime::Smol][round % 3];
            let mut socket = client.take().unwrap();
            runtime.block_on(async {
                let asks = runtime.socket(socket);
                for number in 0..TURNS {
                    asks.send(number.to_le_bytes()).await.unwrap();
                    assert_eq!(asks.recv_bytes().await.unwrap(), number.to_le_bytes());
                }
                socket = asks.into_socket();
                client = Some(socket);
            });
        }
        answers.join().unwrap();
    });
}
