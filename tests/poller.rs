//! Pollers: sets of sockets and descriptors that stay from one wait to the next.

mod common;

use std::thread;

use common::{bind_tcp, inproc, pipeline, timed, LIMIT};
use zmq::{Context, Error, Poller, Pull, Push, POLLIN, POLLOUT};

const SOON: i64 = LIMIT.as_millis() as i64 / 2;

/// The tokens of what is ready.
fn ready<T: Copy>(poller: &mut Poller<'_, T>, timeout: i64) -> Vec<T> {
    poller
        .wait(timeout)
        .unwrap()
        .map(|event| *event.token)
        .collect()
}

#[test]
fn tells_the_tokens_of_all_that_are_ready() {
    timed(|| {
        let context = Context::new();
        let pipes: Vec<_> = (0..5).map(|_| pipeline(&context)).collect();
        let mut poller = Poller::new().unwrap();
        for (i, (_, pull)) in pipes.iter().enumerate() {
            poller.add(pull, POLLIN, i).unwrap();
        }
        assert_eq!(poller.len(), 5);
        assert_eq!(ready(&mut poller, 0), []);
        for i in [1, 4] {
            pipes[i].0.send("wake up", 0).unwrap();
        }
        let mut found = ready(&mut poller, SOON);
        found.sort();
        assert_eq!(found, [1, 4]);
        // It stays ready until it is received.
        pipes[1].1.recv_bytes(0).unwrap();
        assert_eq!(ready(&mut poller, SOON), [4]);
    });
}

#[test]
fn says_what_a_socket_is_ready_for() {
    timed(|| {
        let context = Context::new();
        let (one, other) = (
            context.socket(zmq::Pair).unwrap(),
            context.socket(zmq::PAIR).unwrap(),
        );
        let endpoint = inproc();
        one.bind(&endpoint).unwrap();
        let mut poller = Poller::new().unwrap();
        poller.add(&one, POLLIN | POLLOUT, "one").unwrap();
        assert_eq!(poller.wait(0).unwrap().len(), 0, "there is no peer yet");
        other.connect(&endpoint).unwrap();
        let event = poller.wait(SOON).unwrap().next().unwrap();
        assert!(event.is_writable() && !event.is_readable() && !event.is_error());
        other.send("hello", 0).unwrap();
        let event = poller.wait(SOON).unwrap().next().unwrap();
        assert_eq!(event.events, POLLIN | POLLOUT);
        poller.modify(&one, POLLIN).unwrap();
        let event = poller.wait(SOON).unwrap().next().unwrap();
        assert_eq!(event.events, POLLIN);
    });
}

#[test]
fn a_message_from_another_thread_ends_the_wait() {
    timed(|| {
        let context = Context::new();
        let pull = context.socket(Pull).unwrap();
        let endpoint = bind_tcp(&pull);
        let mut poller = Poller::new().unwrap();
        poller.add(&pull, POLLIN, ()).unwrap();
        let sender = thread::spawn(move || {
            let push = context.socket(Push).unwrap();
            push.connect(&endpoint).unwrap();
            push.send("hello", 0).unwrap();
        });
        assert_eq!(poller.wait(SOON).unwrap().len(), 1);
        assert_eq!(pull.recv_bytes(zmq::DONTWAIT).unwrap(), b"hello");
        sender.join().unwrap();
    });
}

#[test]
fn what_is_removed_is_not_told_and_its_place_is_used_again() {
    timed(|| {
        let context = Context::new();
        let pipes: Vec<_> = (0..3).map(|_| pipeline(&context)).collect();
        let mut poller = Poller::new().unwrap();
        for (i, (push, pull)) in pipes.iter().enumerate() {
            push.send("wake up", 0).unwrap();
            poller.add(pull, POLLIN, format!("pull {i}")).unwrap();
        }
        assert_eq!(poller.remove(&pipes[1].1).unwrap(), "pull 1");
        let tokens = |poller: &mut Poller<'_, String>| {
            let mut found: Vec<_> = poller
                .wait(SOON)
                .unwrap()
                .map(|e| e.token.clone())
                .collect();
            found.sort();
            found
        };
        assert_eq!(tokens(&mut poller), ["pull 0", "pull 2"]);
        poller.add(&pipes[1].1, POLLIN, "again".into()).unwrap();
        assert_eq!(tokens(&mut poller), ["again", "pull 0", "pull 2"]);
        for (_, pull) in &pipes {
            poller.remove(pull).unwrap();
        }
        assert!(poller.is_empty());
        assert_eq!(poller.wait(0).unwrap().len(), 0);
    });
}

#[test]
fn a_socket_is_there_once_or_it_is_an_error() {
    let context = Context::new();
    let (push, pull) = pipeline(&context);
    let mut poller = Poller::new().unwrap();
    poller.add(&pull, POLLIN, 1).unwrap();
    assert_eq!(poller.add(&pull, POLLIN, 2), Err(Error::EINVAL));
    assert_eq!(poller.modify(&push, POLLIN), Err(Error::EINVAL));
    assert_eq!(poller.remove(&push), Err(Error::EINVAL));
    assert_eq!(poller.len(), 1);
    // The dynamic socket is the same one.
    assert_eq!(poller.remove(pull.as_dyn()), Ok(1));
    assert_eq!(poller.remove(&pull), Err(Error::EINVAL));
}

#[test]
fn waiting_for_nothing_for_ever_is_an_error() {
    let context = Context::new();
    let mut poller = Poller::<()>::new().unwrap();
    assert_eq!(poller.wait(-1).unwrap_err(), Error::EINVAL);
    assert_eq!(poller.wait(1).unwrap().len(), 0);
    let (_push, pull) = pipeline(&context);
    let mut poller = Poller::new().unwrap();
    poller.add(&pull, zmq::PollEvents::empty(), ()).unwrap();
    assert_eq!(poller.wait(-1).unwrap_err(), Error::EINVAL);
    assert_eq!(poller.wait(1).unwrap().len(), 0);
}

#[test]
fn a_context_that_is_shut_down_ends_the_wait() {
    timed(|| {
        let context = Context::new();
        let (_push, pull) = pipeline(&context);
        let mut poller = Poller::new().unwrap();
        poller.add(&pull, POLLIN, ()).unwrap();
        let other = context.clone();
        let shutter = thread::spawn(move || other.shutdown());
        assert_eq!(poller.wait(SOON).unwrap_err(), Error::ETERM);
        shutter.join().unwrap().unwrap();
        assert_eq!(poller.wait(SOON).unwrap_err(), Error::ETERM);
        // A change makes it look at the sockets again.
        poller.modify(&pull, POLLIN | POLLOUT).unwrap();
        assert_eq!(poller.wait(SOON).unwrap_err(), Error::ETERM);
        let mut late = Poller::new().unwrap();
        late.add(&pull, POLLIN, ()).unwrap();
        assert_eq!(late.wait(SOON).unwrap_err(), Error::ETERM);
    });
}

#[test]
#[cfg(unix)]
fn descriptors_wait_beside_sockets() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    timed(|| {
        let context = Context::new();
        let (push, pull) = pipeline(&context);
        let (mut one, mut other) = UnixStream::pair().unwrap();
        let clone = other.try_clone().unwrap();
        let mut poller = Poller::new().unwrap();
        poller.add(&pull, POLLIN, "socket").unwrap();
        poller.add_fd(&clone, POLLIN, "stream").unwrap();
        assert_eq!(poller.add_fd(&clone, POLLIN, "twice"), Err(Error::EINVAL));
        assert_eq!(ready(&mut poller, 0), [""; 0]);
        one.write_all(b"x").unwrap();
        assert_eq!(ready(&mut poller, SOON), ["stream"]);
        push.send("wake up", 0).unwrap();
        let mut found = Vec::new();
        while found.len() < 2 {
            found = ready(&mut poller, SOON);
        }
        found.sort();
        assert_eq!(found, ["socket", "stream"]);
        other.read_exact(&mut [0]).unwrap();
        assert_eq!(ready(&mut poller, SOON), ["socket"]);
        poller.modify_fd(&clone, POLLIN | POLLOUT).unwrap();
        let mut found = ready(&mut poller, SOON);
        found.sort();
        assert_eq!(found, ["socket", "stream"]);
        assert_eq!(poller.remove_fd(&clone), Ok("stream"));
        assert_eq!(poller.remove_fd(&clone), Err(Error::EINVAL));
        assert_eq!(ready(&mut poller, SOON), ["socket"]);
    });
}

#[test]
fn many_sockets() {
    timed(|| {
        let context = Context::new();
        let pipes: Vec<_> = (0..300).map(|_| pipeline(&context)).collect();
        let mut poller = Poller::new().unwrap();
        for (i, (_, pull)) in pipes.iter().enumerate() {
            poller.add(pull, POLLIN, i).unwrap();
        }
        for (i, (push, pull)) in pipes.iter().enumerate() {
            push.send("one at a time", 0).unwrap();
            assert_eq!(ready(&mut poller, SOON), [i]);
            pull.recv_bytes(zmq::DONTWAIT).unwrap();
        }
    });
}

#[test]
#[cfg(feature = "draft")]
fn sockets_that_threads_share() {
    timed(|| {
        let context = Context::new();
        let server = context.socket(zmq::Server).unwrap();
        let endpoint = bind_tcp(&server);
        let (push, pull) = pipeline(&context);
        let mut poller = Poller::new().unwrap();
        poller.add(&server, POLLIN, "server").unwrap();
        poller.add(&pull, POLLIN, "pull").unwrap();
        let client = context.socket(zmq::Client).unwrap();
        client.connect(&endpoint).unwrap();
        client.send("hello", 0).unwrap();
        assert_eq!(ready(&mut poller, SOON), ["server"]);
        assert_eq!(server.recv_bytes(0).unwrap(), b"hello");
        push.send("hello", 0).unwrap();
        assert_eq!(ready(&mut poller, SOON), ["pull"]);
        assert_eq!(poller.remove(&server), Ok("server"));
        assert_eq!(ready(&mut poller, SOON), ["pull"]);
        // `poll` can wait for both kinds too.
        client.send("again", 0).unwrap();
        let mut items = [server.as_poll_item(POLLIN), pull.as_poll_item(POLLIN)];
        while zmq::poll(&mut items, SOON).unwrap() < 2 {}
        assert!(items.iter().all(|item| item.is_readable()));
        // libzmq aborts here unless it is asked first.
        context.shutdown().unwrap();
        assert_eq!(pull.recv_bytes(0), Ok(b"hello".to_vec()));
        assert_eq!(pull.recv_bytes(0), Err(Error::ETERM));
        assert_eq!(zmq::poll(&mut items, SOON), Err(Error::ETERM));
        poller.modify(&pull, POLLIN | POLLOUT).unwrap();
        assert_eq!(poller.wait(SOON).unwrap_err(), Error::ETERM);
    });
}

/// A signal that is blocked, and arrives, ends the wait as soon as `ppoll` lets
/// it in; `poll` does not notice.
#[test]
#[cfg(all(unix, feature = "draft"))]
fn ppoll_lets_signals_in() {
    extern "C" fn handle(_signal: libc::c_int) {}

    timed(|| {
        let context = Context::new();
        let (push, pull) = pipeline(&context);
        // SAFETY: plain system calls; the handler does nothing, and the signal is
        // sent to this thread alone.
        let none = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handle as *const () as usize;
            libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut());
            let (mut set, mut none) = (std::mem::zeroed(), std::mem::zeroed());
            libc::sigemptyset(&mut set);
            libc::sigemptyset(&mut none);
            libc::sigaddset(&mut set, libc::SIGUSR1);
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
            libc::pthread_kill(libc::pthread_self(), libc::SIGUSR1);
            none
        };
        let mut items = [pull.as_poll_item(POLLIN)];
        assert_eq!(zmq::poll(&mut items, 10), Ok(0));
        assert_eq!(zmq::ppoll(&mut items, 10, None), Ok(0));
        assert_eq!(zmq::ppoll(&mut items, SOON, Some(&none)), Err(Error::EINTR));
        // It was delivered.
        assert_eq!(zmq::ppoll(&mut items, 10, Some(&none)), Ok(0));
        push.send("wake up", 0).unwrap();
        assert_eq!(zmq::ppoll(&mut items, SOON, Some(&none)), Ok(1));
        assert!(items[0].is_readable());
        // What has no place in the sets of select is refused.
        for fd in [-1, 1024, i32::MAX] {
            let mut items = [zmq::PollItem::from_fd(fd, POLLIN)];
            assert_eq!(zmq::ppoll(&mut items, 10, None), Err(Error::EINVAL));
        }
        let client = context.socket(zmq::Client).unwrap();
        let mut items = [client.as_poll_item(POLLIN)];
        assert_eq!(zmq::ppoll(&mut items, 10, None), Err(Error::EINVAL));
    });
}
