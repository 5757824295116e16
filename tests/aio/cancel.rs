//! Futures that are dropped before they are ready, each of the API, after every number
//! of polls: they have sent nothing, and what they would have received is there for
//! the next.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context as Task, Poll};
use std::thread;

use futures_util::Sink;
use zmq::aio::{RecvHalf, SendHalf};
use zmq::{Context, Dealer, Error, Multipart, Pull, Socket, SocketEvent, POLLOUT};

use crate::common::{bind, bind_tcp, inproc, ipc, noise, LIMIT};
use crate::runtimes::{everywhere, tiny_queues, Runtime};
use crate::ways::{Pinned, ENOUGH, FLUSHES, FRAMES, RECEIVES, SENDS, WATCHES};
use crate::woken::Woken;

/// Where a future is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dropped {
    /// When it was polled and there was nothing.
    Polled,
    /// When it was woken once more, and not polled.
    Woken,
}

const EITHER: [Dropped; 2] = [Dropped::Polled, Dropped::Woken];

/// Polls a future at most `polls` times, each time after it was woken, which `cause`
/// brings about. If it is not ready by then it is dropped.
pub async fn poll_times<T>(
    mut future: Pinned<'_, T>,
    polls: usize,
    dropped: Dropped,
    mut cause: impl FnMut(usize),
) -> Option<T> {
    let (woken, waker) = Woken::new();
    for poll in 1..=polls {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Task::from_waker(&waker)) {
            return Some(done);
        }
        if poll < polls || dropped == Dropped::Woken {
            cause(poll);
            woken.wait().await;
        }
    }
    None
}

/// The messages of one direction, whose frames are numbered.
#[derive(Default)]
struct Flow {
    sent: u32,
    received: u32,
    /// How many frames the messages have that are on their way.
    lens: VecDeque<usize>,
    /// Whether some are as long as a network's buffers.
    is_large: bool,
}

impl Flow {
    fn large() -> Flow {
        Flow {
            is_large: true,
            ..Flow::default()
        }
    }

    fn frame(&self, number: u32) -> Vec<u8> {
        // Both of those that libzmq keeps in place and of others.
        let len = match number % 4 {
            3 if self.is_large => ENOUGH - 4,
            short => short as usize * 20,
        };
        [&number.to_ne_bytes()[..], &vec![7; len]].concat()
    }

    /// The next message, if it has so many frames.
    fn next(&self, frames: usize) -> Multipart {
        let numbers = self.sent..self.sent + frames as u32;
        numbers.map(|number| self.frame(number)).collect()
    }

    fn was_sent(&mut self, frames: usize) {
        self.sent += frames as u32;
        if frames > 0 {
            self.lens.push_back(frames);
        }
    }

    fn was_received(&mut self, frames: &Multipart) {
        for frame in frames {
            assert!(self.received < self.sent, "received and not sent");
            let (number, len) = (self.received.to_ne_bytes(), frame.len());
            assert!(
                frame[..] == self.frame(self.received),
                "{:?}, {len} bytes, is not {number:?}",
                &frame[..4.min(len)]
            );
            self.received += 1;
        }
    }

    /// Of what sees where messages end.
    fn message_was_received(&mut self, message: &Multipart) {
        assert_eq!(self.lens.pop_front(), Some(message.len()));
        self.was_received(message);
    }
}

/// A socket in halves, and one that blocks at the other end.
struct Scene {
    sends: SendHalf<Dealer>,
    receives: RecvHalf<Dealer>,
    peer: Socket<Dealer>,
    there: Flow,
    back: Flow,
}

impl Scene {
    /// With queues of one message for each end.
    fn new(runtime: Runtime, endpoint: &str) -> Scene {
        let context = Context::new();
        let [socket, peer] = [(); 2].map(|_| context.socket(Dealer).unwrap());
        tiny_queues(socket.as_dyn(), peer.as_dyn());
        for socket in [&socket, &peer] {
            socket.set_sndbuf(10_000).unwrap();
            socket.set_rcvbuf(10_000).unwrap();
        }
        let limit = LIMIT.as_millis() as i32 / 2;
        peer.set_rcvtimeo(limit).unwrap();
        peer.set_sndtimeo(limit).unwrap();
        let endpoint = bind(&socket, endpoint);
        peer.connect(&endpoint).unwrap();
        let (sends, receives) = runtime.socket(socket).into_split();
        let (there, back) = Default::default();
        Scene {
            sends,
            receives,
            peer,
            there,
            back,
        }
    }
}

/// Fills the socket's queue.
fn fill(socket: &Socket<Dealer>, there: &mut Flow) {
    while socket.get_events().unwrap().contains(POLLOUT) {
        socket.send_frames(there.next(1), zmq::DONTWAIT).unwrap();
        there.was_sent(1);
    }
}

/// Has the peer receive a message.
fn take(peer: &Socket<Dealer>, there: &mut Flow) {
    there.message_was_received(&peer.recv_frames(0).unwrap());
}

/// Has the peer receive all.
fn take_all(peer: &Socket<Dealer>, there: &mut Flow) {
    while !there.lens.is_empty() {
        take(peer, there);
    }
    assert_eq!(there.received, there.sent);
    assert_eq!(peer.recv_bytes(zmq::DONTWAIT), Err(Error::EAGAIN));
}

/// Has the peer send a message.
fn put(peer: &Socket<Dealer>, back: &mut Flow) {
    peer.send_frames(back.next(FRAMES), 0).unwrap();
    back.was_sent(FRAMES);
}

/// Receives what there is.
fn drain(socket: &Socket<Dealer>, back: &mut Flow) {
    while let Ok(frame) = socket.recv_msg(zmq::DONTWAIT) {
        back.was_received(&[frame].into());
    }
}

/// How often futures are woken for nothing before there is what they wait for: by
/// what happens in the other direction.
const IN_VAIN: usize = 3;

#[test]
fn what_is_received_is_for_the_next() {
    everywhere(|runtime| async move {
        for &(name, frames, receive) in RECEIVES {
            for dropped in EITHER {
                println!("{name}, dropped when {dropped:?}");
                receive_after_every_poll(runtime, frames, receive, dropped).await;
            }
        }
    });
}

async fn receive_after_every_poll(
    runtime: Runtime,
    frames: usize,
    receive: for<'a> fn(&'a mut RecvHalf<Dealer>) -> Pinned<'a, Multipart>,
    dropped: Dropped,
) {
    let mut scene = Scene::new(runtime, &inproc());
    let (sends, peer) = (&scene.sends, &scene.peer);
    let (receives, there, back) = (&mut scene.receives, &mut scene.there, &mut scene.back);
    let mut ready_after = None;
    for polls in 1..=IN_VAIN + 2 {
        let cause = |poll| {
            if poll <= IN_VAIN {
                fill(&sends.socket().socket(), there);
                take(peer, there);
            } else {
                put(peer, back);
            }
        };
        if let Some(received) = poll_times(receive(receives), polls, dropped, cause).await {
            ready_after.get_or_insert(polls);
            assert_eq!(received.len(), frames);
            back.was_received(&received);
        }
        // Who comes next gets it, or if there is nothing any more what comes now.
        put(peer, back);
        let received = receive(receives).await;
        assert_eq!(received.len(), frames);
        back.was_received(&received);
        drain(&sends.socket().socket(), back);
        // And so does who comes another way.
        put(peer, back);
        back.was_received(&sends.socket().recv_frames().await.unwrap());
        assert_eq!(back.received, back.sent);
    }
    assert_eq!(ready_after, Some(IN_VAIN + 2));
    take_all(peer, there);
}

#[test]
fn what_is_dropped_is_not_sent() {
    everywhere(|runtime| async move {
        for &(name, frames, send) in SENDS {
            for dropped in EITHER {
                println!("{name}, dropped when {dropped:?}");
                send_after_every_poll(runtime, frames, send, dropped).await;
            }
        }
    });
}

async fn send_after_every_poll(
    runtime: Runtime,
    frames: usize,
    send: for<'a> fn(&'a mut SendHalf<Dealer>, Multipart) -> Pinned<'a, ()>,
    dropped: Dropped,
) {
    let mut scene = Scene::new(runtime, &inproc());
    let (receives, peer) = (&scene.receives, &scene.peer);
    let (sends, there, back) = (&mut scene.sends, &mut scene.there, &mut scene.back);
    let mut ready_after = None;
    for polls in 1..=IN_VAIN + 2 {
        fill(&receives.socket().socket(), there);
        let message = there.next(frames);
        let cause = |poll| {
            if poll <= IN_VAIN {
                // libzmq tells of a message only when there was none.
                drain(&receives.socket().socket(), back);
                put(peer, back);
            } else {
                take_all(peer, there);
            }
        };
        if let Some(()) = poll_times(send(sends, message), polls, dropped, cause).await {
            ready_after.get_or_insert(polls);
            there.was_sent(frames);
        }
        // Who comes next is not held up, nor who comes another way.
        take_all(peer, there);
        send(sends, there.next(frames)).await;
        there.was_sent(frames);
        take_all(peer, there);
        let other = receives.socket().send_frames(there.next(3));
        other.await.unwrap();
        there.was_sent(3);
        take_all(peer, there);
        drain(&receives.socket().socket(), back);
        assert_eq!(back.received, back.sent);
    }
    assert_eq!(ready_after, Some(IN_VAIN + 2));
}

/// A sink keeps the message that it was given, for whoever flushes it.
#[test]
fn what_a_sink_was_given_is_sent_once() {
    everywhere(|runtime| async move {
        for &(name, flush) in FLUSHES {
            for dropped in EITHER {
                println!("{name}, dropped when {dropped:?}");
                flush_after_every_poll(runtime, flush, dropped).await;
            }
        }
    });
}

async fn flush_after_every_poll(
    runtime: Runtime,
    flush: for<'a> fn(&'a mut SendHalf<Dealer>) -> Pinned<'a, ()>,
    dropped: Dropped,
) {
    let mut scene = Scene::new(runtime, &inproc());
    let (receives, peer) = (&scene.receives, &scene.peer);
    let (sends, there, back) = (&mut scene.sends, &mut scene.there, &mut scene.back);
    let mut ready_after = None;
    for polls in 1..=IN_VAIN + 2 {
        fill(&receives.socket().socket(), there);
        Pin::new(&mut *sends).start_send(there.next(3)).unwrap();
        let cause = |poll| {
            if poll <= IN_VAIN {
                drain(&receives.socket().socket(), back);
                put(peer, back);
            } else {
                take_all(peer, there);
            }
        };
        if let Some(()) = poll_times(flush(sends), polls, dropped, cause).await {
            ready_after.get_or_insert(polls);
        } else {
            take_all(peer, there);
            flush(sends).await;
        }
        there.was_sent(3);
        // There is nothing any more that this could send.
        flush(sends).await;
        take_all(peer, there);
        drain(&receives.socket().socket(), back);
    }
    assert_eq!(ready_after, Some(IN_VAIN + 2));
}

/// What becomes of two futures of which one waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Turn {
    /// The second is dropped at once.
    SecondGivesUp,
    /// It is dropped when there is something, which is the first one's.
    SecondGivesUpLate,
    /// The first is dropped when it was woken.
    FirstGivesUp,
}

const TURNS: [Turn; 3] = [
    Turn::SecondGivesUp,
    Turn::SecondGivesUpLate,
    Turn::FirstGivesUp,
];

/// Drops one of two futures that both wait, the second until the first is done, when
/// `cause` has happened for one of them. Returns what the other one has brought.
/// If the second has no turn to wait for it is ready together with the first.
async fn one_of<T>(
    turn: Turn,
    mut first: Pinned<'_, T>,
    mut second: Pinned<'_, T>,
    has_turn: bool,
    cause: impl FnOnce(),
) -> T {
    let [(first_woken, first_waker), (second_woken, second_waker)] = [(); 2].map(|_| Woken::new());
    let (first_task, second_task) = (
        &mut Task::from_waker(&first_waker),
        &mut Task::from_waker(&second_waker),
    );
    assert!(first.as_mut().poll(first_task).is_pending());
    assert!(second.as_mut().poll(second_task).is_pending());
    if turn == Turn::SecondGivesUp {
        drop(second);
        cause();
        return first.await;
    }
    cause();
    first_woken.wait().await;
    if has_turn {
        assert!(second.as_mut().poll(second_task).is_pending());
        // Nobody wakes it from here on but who comes before it.
        second_woken.is();
    }
    match turn {
        Turn::FirstGivesUp => {
            drop(first);
            second_woken.wait().await;
            second.await
        }
        _ => {
            drop(second);
            first.await
        }
    }
}

#[test]
fn turns_to_receive_are_given_away() {
    everywhere(|runtime| async move {
        for &(name, _, receive) in RECEIVES {
            for turn in TURNS {
                println!("{name}: {turn:?}");
                let mut scene = Scene::new(runtime, &inproc());
                let (peer, receives, back) = (&scene.peer, &mut scene.receives, &mut scene.back);
                let whole = scene.sends.socket();
                let first = Box::pin(async { whole.recv_frames().await.unwrap() });
                let cause = || put(peer, back);
                let second = receive(receives);
                let received = one_of(turn, first, second, name != "ready", cause).await;
                back.was_received(&received);
                drain(&whole.socket(), back);
                assert_eq!(back.received, back.sent);
            }
        }
    });
}

#[test]
fn turns_to_send_are_given_away() {
    everywhere(|runtime| async move {
        for &(name, frames, send) in SENDS {
            for turn in TURNS {
                println!("{name}: {turn:?}");
                let mut scene = Scene::new(runtime, &inproc());
                let (peer, sends, there) = (&scene.peer, &mut scene.sends, &mut scene.there);
                let whole = scene.receives.socket();
                fill(&whole.socket(), there);
                // Either is sent, and not both.
                let [first, second] = [3, frames].map(|frames| there.next(frames));
                let first = Box::pin(async { whole.send_frames(first).await.unwrap() });
                let cause = || take_all(peer, there);
                one_of(turn, first, send(sends, second), name != "ready", cause).await;
                there.was_sent(match turn {
                    Turn::FirstGivesUp => frames,
                    _ => 3,
                });
                take_all(peer, there);
            }
        }
    });
}

/// Who is dropped when it was woken does not keep what is news for the other direction.
#[test]
fn news_for_others_are_not_dropped() {
    everywhere(|runtime| async move {
        for receives_first in [true, false] {
            let Scene {
                sends,
                receives,
                peer,
                mut there,
                mut back,
            } = Scene::new(runtime, &inproc());
            fill(&sends.socket().socket(), &mut there);
            let send = sends.send_frames(there.next(3));
            let send: Pinned<'_, _> = Box::pin(async { send.await.map(|()| None) });
            let receive = Box::pin(async { receives.recv_frames().await.map(Some) });
            let turn = Turn::FirstGivesUp;
            let done = if receives_first {
                let cause = || take_all(&peer, &mut there);
                one_of(turn, receive, send, false, cause).await
            } else {
                one_of(turn, send, receive, false, || put(&peer, &mut back)).await
            };
            match done.unwrap() {
                None => there.was_sent(3),
                Some(received) => back.was_received(&received),
            }
            take_all(&peer, &mut there);
            assert_eq!(back.received, back.sent);
        }
    });
}

/// Now and then a future lets other tasks go first although there is something for it.
#[test]
fn futures_that_let_others_go_first_may_be_dropped() {
    everywhere(|runtime| async move {
        const ROUNDS: usize = 600;
        let mut went_first = 0;
        for &(name, _, receive) in RECEIVES.iter().filter(|(_, frames, _)| *frames > 0) {
            println!("{name}");
            let mut scene = Scene::new(runtime, &inproc());
            let (receives, back) = (&mut scene.receives, &mut scene.back);
            for _ in 0..ROUNDS {
                put(&scene.peer, back);
                match poll_times(receive(receives), 1, Dropped::Polled, |_| ()).await {
                    Some(received) => back.was_received(&received),
                    None => went_first += 1,
                }
                drain(&receives.socket().socket(), back);
                assert_eq!(back.received, back.sent);
            }
        }
        assert!(went_first > 0);
        went_first = 0;
        for &(name, frames, send) in SENDS.iter().filter(|(_, frames, _)| *frames > 0) {
            println!("{name}");
            let mut scene = Scene::new(runtime, &inproc());
            let (sends, there) = (&mut scene.sends, &mut scene.there);
            for _ in 0..ROUNDS {
                let send = send(sends, there.next(frames));
                match poll_times(send, 1, Dropped::Polled, |_| ()).await {
                    Some(()) => there.was_sent(frames),
                    None => went_first += 1,
                }
                take_all(&scene.peer, there);
            }
        }
        assert!(went_first > 0);
    });
}

/// Others have had their turn when a task has waited: it has all of its own again.
#[test]
fn who_has_waited_need_not_let_others_go_first() {
    everywhere(|runtime| async move {
        for &(name, _, receive) in RECEIVES.iter().filter(|(_, frames, _)| *frames > 0) {
            println!("{name}");
            let mut scene = Scene::new(runtime, &inproc());
            let (receives, back) = (&mut scene.receives, &mut scene.back);
            for _ in 0..4 {
                for message in 0..400 {
                    put(&scene.peer, back);
                    let received = poll_times(receive(receives), 1, Dropped::Polled, |_| ());
                    match received.await {
                        Some(received) => back.was_received(&received),
                        None => panic!("message {message} was not received at once"),
                    }
                    drain(&receives.socket().socket(), back);
                }
                let waits = poll_times(receive(receives), 1, Dropped::Polled, |_| ());
                assert!(waits.await.is_none());
            }
            assert_eq!(back.received, back.sent);
        }
    });
}

/// Who sends lets others go first however often the other half has waited.
#[test]
fn who_sends_lets_others_go_first_although_who_receives_has_waited() {
    everywhere(|runtime| async move {
        let mut scene = Scene::new(runtime, &inproc());
        let mut went_first = 0;
        for _ in 0..600 {
            let send = Box::pin(scene.sends.send_frames(scene.there.next(1)));
            match poll_times(send, 1, Dropped::Polled, |_| ()).await {
                Some(sent) => {
                    sent.unwrap();
                    scene.there.was_sent(1);
                }
                None => went_first += 1,
            }
            take_all(&scene.peer, &mut scene.there);
            let receive = Box::pin(scene.receives.recv_frames());
            let waits = poll_times(receive, 1, Dropped::Polled, |_| ());
            assert!(waits.await.is_none());
        }
        assert_eq!(went_first, 1);
    });
}

/// Dropped anywhere, while a peer sends or receives all the time.
#[test]
fn nothing_is_lost_in_traffic() {
    const MESSAGES: usize = 100;

    everywhere(|runtime| async move {
        for endpoint in ["tcp://127.0.0.1:*", &ipc()] {
            for &(name, frames, receive) in RECEIVES.iter().filter(|(_, frames, _)| *frames > 0) {
                println!("{name} over {endpoint}");
                let mut scene = Scene::new(runtime, endpoint);
                let (peer, mut sent) = (scene.peer, Flow::large());
                let sends = thread::spawn(move || {
                    for _ in 0..MESSAGES {
                        put(&peer, &mut sent);
                    }
                    peer
                });
                let mut back = Flow::large();
                back.sent = (MESSAGES * FRAMES) as u32;
                let mut when = whenever();
                while back.received < back.sent {
                    let (polls, dropped) = when.next().unwrap();
                    let receive = receive(&mut scene.receives);
                    if let Some(received) = poll_times(receive, polls, dropped, |_| ()).await {
                        assert_eq!(received.len(), frames);
                        back.was_received(&received);
                    }
                }
                drop(sends.join().unwrap());
            }
            for &(name, frames, send) in SENDS.iter().filter(|(_, frames, _)| *frames > 0) {
                println!("{name} over {endpoint}");
                let mut scene = Scene::new(runtime, endpoint);
                let (peer, mut received) = (scene.peer, Flow::large());
                for _ in 0..MESSAGES {
                    received.was_sent(frames);
                }
                let receives = thread::spawn(move || {
                    while !received.lens.is_empty() {
                        take(&peer, &mut received);
                    }
                    assert_eq!(peer.recv_bytes(0).unwrap(), b"the end");
                });
                let mut there = Flow::large();
                let mut when = whenever();
                while there.lens.len() < MESSAGES {
                    let (polls, dropped) = when.next().unwrap();
                    let send = send(&mut scene.sends, there.next(frames));
                    if let Some(()) = poll_times(send, polls, dropped, |_| ()).await {
                        there.was_sent(frames);
                    }
                }
                scene.sends.send("the end").await.unwrap();
                receives.join().unwrap();
            }
        }
    });
}

/// After few polls, or fewer.
pub fn whenever() -> impl Iterator<Item = (usize, Dropped)> {
    noise(1).map(|noise| (1 + noise as usize % 3, EITHER[noise as usize / 3 % 2]))
}

#[test]
fn events_are_for_the_next() {
    everywhere(|runtime| async move {
        let context = Context::new();
        for &(name, watch) in WATCHES {
            let pull = context.socket(Pull).unwrap();
            let listening = SocketEvent::LISTENING as i32;
            let mut monitor = runtime.monitor(pull.monitor_socket(listening).unwrap());
            for dropped in EITHER {
                println!("{name}, dropped when {dropped:?}");
                for polls in 1..=2 {
                    let (mut seen, mut bound) = (Vec::new(), Vec::new());
                    let cause = |_| bound.push(bind_tcp(&pull));
                    seen.extend(poll_times(watch(&mut monitor), polls, dropped, cause).await);
                    assert_eq!(seen.len(), polls - 1);
                    bound.push(bind_tcp(&pull));
                    while seen.len() < bound.len() {
                        seen.push(watch(&mut monitor).await);
                    }
                    bound.push(bind_tcp(&pull));
                    seen.push(monitor.recv().await.unwrap());
                    let seen = seen.iter().map(|event| event.endpoint().into_owned());
                    assert_eq!(seen.collect::<Vec<_>>(), bound);
                }
            }
        }
    });
}

/// Who has gone without anything does not stand before those who come later, by
/// whatever way they receive or send.
#[test]
fn who_was_dropped_holds_nobody_up() {
    everywhere(|runtime| async move {
        for &(name, _, receive) in RECEIVES {
            println!("{name}");
            let mut scene = Scene::new(runtime, &inproc());
            let (peer, receives, back) = (&scene.peer, &mut scene.receives, &mut scene.back);
            let dropped = poll_times(receive(receives), 1, Dropped::Polled, |_| ()).await;
            assert_eq!(dropped, None);
            put(peer, back);
            back.was_received(&receives.recv_frames().await.unwrap());
            put(peer, back);
            back.was_received(&scene.sends.socket().recv_frames().await.unwrap());
        }
        for &(name, frames, send) in SENDS {
            println!("{name}");
            let mut scene = Scene::new(runtime, &inproc());
            let (peer, sends, there) = (&scene.peer, &mut scene.sends, &mut scene.there);
            fill(&scene.receives.socket().socket(), there);
            let send = send(sends, there.next(frames));
            let dropped = poll_times(send, 1, Dropped::Polled, |_| ()).await;
            assert_eq!(dropped, None);
            for _ in 0..2 {
                take_all(peer, there);
                sends.send_frames(there.next(3)).await.unwrap();
                there.was_sent(3);
                take_all(peer, there);
                let whole = scene.receives.socket();
                whole.send_frames(there.next(3)).await.unwrap();
                there.was_sent(3);
            }
        }
        for &(name, watch) in WATCHES {
            println!("a monitor's {name}");
            let pull = Context::new().socket(Pull).unwrap();
            let listening = SocketEvent::LISTENING as i32;
            let mut monitor = runtime.monitor(pull.monitor_socket(listening).unwrap());
            let dropped = poll_times(watch(&mut monitor), 1, Dropped::Polled, |_| ()).await;
            assert_eq!(dropped, None);
            let endpoint = bind_tcp(&pull);
            assert_eq!(monitor.recv().await.unwrap().endpoint(), endpoint);
        }
    });
}
