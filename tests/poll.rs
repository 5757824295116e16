//! Waiting for several sockets and descriptors at once.

mod common;

use common::{inproc, timed};
use zmq::{Context, Error, Pair, PollEvents, PollItem, POLLERR, POLLIN, POLLOUT};

#[test]
fn poll_tells_which_sockets_are_ready_for_what() {
    timed(|| {
        let context = Context::new();
        let (one, two) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
        let idle = context.socket(Pair).unwrap();
        let endpoint = inproc();
        one.bind(&endpoint).unwrap();
        two.connect(&endpoint).unwrap();
        one.send("ready", 0).unwrap();

        let mut items = [
            two.as_poll_item(POLLIN),
            one.as_poll_item(POLLIN | POLLOUT),
            idle.as_poll_item(POLLIN | POLLOUT),
        ];
        assert_eq!(zmq::poll(&mut items, -1), Ok(2));
        assert!(items[0].is_readable() && !items[0].is_writable() && !items[0].is_error());
        assert!(!items[1].is_readable() && items[1].is_writable());
        assert_eq!(items[1].get_revents(), POLLOUT);
        assert_eq!(items[2].get_revents(), PollEvents::empty());
        assert!(items[0].has_socket(&two) && !items[0].has_socket(&one));
        assert!(!items[0].has_fd(0));

        items[1].set_events(POLLIN);
        assert_eq!(zmq::poll(&mut items[1..], 1), Ok(0));
        assert_eq!(two.poll(POLLIN, -1), Ok(1));
        assert_eq!(one.poll(POLLIN, 0), Ok(0));
    });
}

#[cfg(unix)]
#[test]
fn descriptors_of_the_system_mix_with_sockets() {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    timed(|| {
        let socket = Context::new().socket(Pair).unwrap();
        let (mut here, there) = UnixStream::pair().unwrap();
        let mut items = [
            socket.as_poll_item(POLLIN),
            PollItem::from_fd(there.as_raw_fd(), POLLIN | POLLERR),
        ];
        assert_eq!(zmq::poll(&mut items, 0), Ok(0));
        here.write_all(b"x").unwrap();
        assert_eq!(zmq::poll(&mut items, -1), Ok(1));
        assert!(items[1].is_readable() && items[1].has_fd(there.as_raw_fd()));
        assert!(!items[1].has_socket(&socket));
    });
}

#[test]
fn polling_nothing_for_ever_is_refused() {
    assert_eq!(zmq::poll(&mut [], -1), Err(Error::EINVAL));
    assert_eq!(zmq::poll(&mut [], -5), Err(Error::EINVAL));
    assert_eq!(zmq::poll(&mut [], 1), Ok(0));
}

#[test]
fn a_timeout_of_any_size_is_a_timeout() {
    timed(|| {
        let context = Context::new();
        let (one, two) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
        let endpoint = inproc();
        one.bind(&endpoint).unwrap();
        two.connect(&endpoint).unwrap();
        for timeout in [i64::MAX, i64::from(u32::MAX) + 1, i64::MIN] {
            one.send("wake", 0).unwrap();
            assert_eq!(two.poll(POLLIN, timeout), Ok(1));
            two.recv_bytes(0).unwrap();
        }
    });
}

#[test]
fn shutdown_wakes_who_polls() {
    timed(|| {
        let context = Context::new();
        let socket = context.socket(Pair).unwrap();
        let polling = std::thread::spawn(move || socket.poll(POLLIN, -1));
        context.shutdown().unwrap();
        assert_eq!(polling.join().unwrap(), Err(Error::ETERM));
    });
}

#[test]
fn events_are_a_set() {
    let both = POLLIN | POLLOUT;
    assert!(both.contains(POLLIN) && !both.contains(POLLERR));
    assert_eq!(both.bits(), 3);
    assert_eq!(PollEvents::from_bits(8), None);
    assert_eq!(PollEvents::from_bits_truncate(0xf), PollEvents::all());
}

/// libzmq would abort: the system takes no more items than there may be
/// descriptors.
#[test]
#[cfg(unix)]
fn more_items_than_descriptors_are_an_error() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: a plain system call that writes the limit.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    if limit.rlim_cur > 10_000_000 {
        return;
    }
    let count = limit.rlim_cur as usize + 1;
    let mut items: Vec<_> = (0..count)
        .map(|_| zmq::PollItem::from_fd(0, zmq::PollEvents::empty()))
        .collect();
    assert_eq!(zmq::poll(&mut items, 0), Err(Error::EINVAL));
}
