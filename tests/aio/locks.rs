//! What is not the crate's own, wakers and what is dropped with them, runs when nothing
//! is locked: it may use the sockets, and wait for those who do.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::task::{Context as Task, Wake, Waker};

use zmq::aio::{AsyncSocket, Proxy};
use zmq::{Context, Dealer, Pull, Socket, POLLERR, POLLOUT};

use crate::common::{inproc, timed};

/// A waker that does what it is told.
struct Does<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Does<F> {
    fn wake(self: Arc<Does<F>>) {
        (self.0)();
    }
}

fn waker(does: impl Fn() + Send + Sync + 'static) -> Waker {
    Arc::new(Does(does)).into()
}

/// A socket, and its peer.
fn pair(context: &Context) -> (AsyncSocket<Dealer>, Socket<Dealer>) {
    let [socket, peer] = [(); 2].map(|_| context.socket(Dealer).unwrap());
    let endpoint = inproc();
    socket.bind(&endpoint).unwrap();
    peer.connect(&endpoint).unwrap();
    (socket.into_async_thread().unwrap(), peer)
}

#[test]
fn wakers_may_use_the_socket() {
    timed(|| {
        let (socket, peer) = pair(&Context::new());
        let socket = Arc::new(socket);
        let times = Arc::new(AtomicUsize::new(0));
        let uses = waker({
            let (socket, times) = (Arc::clone(&socket), Arc::clone(&times));
            move || {
                // Which wakes it again.
                if times.fetch_add(1, Ordering::SeqCst) % 2 == 0 {
                    socket.socket().get_events().unwrap();
                }
            }
        });
        type Takes = fn(&AsyncSocket<Dealer>, &mut Task<'_>);
        let takes: [Takes; 3] = [
            |socket, _| drop(socket.socket()),
            |socket, nobody| assert!(pin!(socket.ready(POLLOUT)).poll(nobody).is_ready()),
            |socket, nobody| assert!(pin!(socket.ready(POLLERR)).poll(nobody).is_pending()),
        ];
        for take in takes {
            let mut receive = pin!(socket.recv_bytes());
            let task = &mut Task::from_waker(&uses);
            assert!(receive.as_mut().poll(task).is_pending());
            peer.send("news", 0).unwrap();
            let before = times.load(Ordering::SeqCst);
            take(&socket, &mut Task::from_waker(Waker::noop()));
            assert!(times.load(Ordering::SeqCst) > before);
            assert!(receive.as_mut().poll(task).is_ready());
        }
    });
}

/// A waker of one side of a proxy uses the other side.
#[test]
fn a_proxy_wakes_when_neither_side_is_locked() {
    timed(|| {
        let context = Context::new();
        let ((one, one_peer), (other, other_peer)) = (pair(&context), pair(&context));
        let sides = Arc::new([one, other]);
        let uses = waker({
            let (sides, times) = (Arc::clone(&sides), AtomicUsize::new(0));
            move || {
                // Which wakes it again.
                if times.fetch_add(1, Ordering::SeqCst) == 0 {
                    for side in &*sides {
                        side.socket().get_sndhwm().unwrap();
                    }
                    times.store(0, Ordering::SeqCst);
                }
            }
        });
        for (side, peer) in sides.iter().zip([one_peer, other_peer]) {
            let mut receives = pin!(side.recv_bytes());
            let task = &mut Task::from_waker(&uses);
            assert!(receives.as_mut().poll(task).is_pending());
            // More than the proxy takes before it looks who else waits.
            for _ in 0..1500 {
                peer.send("news", 0).unwrap();
            }
            let mut proxy = Proxy::new(&sides[0], &sides[1]);
            let mut run = pin!(proxy.run());
            let nobody = &mut Task::from_waker(Waker::noop());
            for _ in 0..5 {
                assert!(run.as_mut().poll(nobody).is_pending());
            }
        }
    });
}

/// A socket is dropped while the thread that waits for it is in somebody's waker, which
/// waits for the one who drops.
#[test]
fn who_drops_a_socket_waits_for_no_waker() {
    timed(|| {
        let context = Context::new();
        let (socket, peer) = pair(&context);
        let other = context.socket(Pull).unwrap().into_async_thread().unwrap();
        let nobody = &mut Task::from_waker(Waker::noop());
        assert!(pin!(other.recv_msg()).poll(nobody).is_pending());
        let queue = Arc::new(Mutex::new(()));
        let (enters, entered) = mpsc::channel();
        let waits = waker({
            let queue = Arc::clone(&queue);
            move || {
                enters.send(()).unwrap();
                drop(queue.lock().unwrap());
            }
        });
        let mut receive = pin!(socket.recv_msg());
        let task = &mut Task::from_waker(&waits);
        assert!(receive.as_mut().poll(task).is_pending());
        // As an executor that clears its queue.
        let cleared = queue.lock().unwrap();
        peer.send("news", 0).unwrap();
        entered.recv().unwrap();
        drop(other);
        drop(cleared);
    });
}

/// A waker that another replaces may be the last of a task that has the socket.
#[test]
fn a_replaced_waker_is_dropped_when_nothing_is_locked() {
    struct Uses(Arc<AsyncSocket<Dealer>>);

    impl Drop for Uses {
        fn drop(&mut self) {
            self.0.socket().get_rcvhwm().unwrap();
        }
    }

    impl Wake for Uses {
        fn wake(self: Arc<Uses>) {}
    }

    timed(|| {
        let (socket, _peer) = pair(&Context::new());
        let socket = Arc::new(socket);
        let mut receive = pin!(socket.recv_msg());
        for _ in 0..2 {
            let uses = Waker::from(Arc::new(Uses(Arc::clone(&socket))));
            let task = &mut Task::from_waker(&uses);
            assert!(receive.as_mut().poll(task).is_pending());
        }
    });
}
