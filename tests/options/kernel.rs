//! Options that are passed on to the kernel, as Linux tells them.

use std::ffi::c_int;

use zmq::{Context, Error, Kind, Pair, Pull, Push, Socket};

use crate::common::{bind, bind_tcp, inproc, timed};

/// The events of a socket, with the descriptor of their connection.
struct Descriptors(Socket<Pair>);

impl Descriptors {
    fn new<K: Kind>(context: &Context, socket: &Socket<K>) -> Descriptors {
        let endpoint = inproc();
        socket
            .monitor(&endpoint, zmq_sys::ZMQ_EVENT_ALL as i32)
            .unwrap();
        let events = context.socket(Pair).unwrap();
        events.connect(&endpoint).unwrap();
        Descriptors(events)
    }

    /// Waits for `event`, one of `ZMQ_EVENT_*`.
    fn of(&self, event: u32) -> c_int {
        loop {
            let frame = self.0.recv_multipart(0).unwrap().swap_remove(0);
            let (seen, value) = frame.split_at(2);
            if u32::from(u16::from_ne_bytes(seen.try_into().unwrap())) == event {
                return u32::from_ne_bytes(value.try_into().unwrap()) as c_int;
            }
        }
    }
}

/// An option of the kernel that is an int.
fn option(fd: c_int, level: c_int, name: c_int) -> c_int {
    let (mut value, mut len): (c_int, _) = (0, size_of::<c_int>() as libc::socklen_t);
    // SAFETY: `value` has room for an int.
    let rc = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &mut len) };
    assert_eq!(rc, 0, "{}", std::io::Error::last_os_error());
    value
}

/// Both ends of a connection over tcp whose sockets were given to `set`.
fn both_ends(set: impl Fn(&Socket), check: impl Fn(c_int)) {
    both_ends_over("tcp://127.0.0.1:*", set, check);
}

/// The same, where `place` says.
fn both_ends_over(place: &str, set: impl Fn(&Socket), check: impl Fn(c_int)) {
    let context = Context::new();
    let (push, pull) = (context.socket(Push).unwrap(), context.socket(Pull).unwrap());
    set(push.as_dyn());
    set(pull.as_dyn());
    let (connecting, accepting) = (
        Descriptors::new(&context, &push),
        Descriptors::new(&context, &pull),
    );
    push.connect(&bind(&pull, place)).unwrap();
    check(connecting.of(zmq_sys::ZMQ_EVENT_CONNECTED));
    check(accepting.of(zmq_sys::ZMQ_EVENT_ACCEPTED));
}

#[test]
fn buffers_are_of_the_size_asked_for() {
    timed(|| {
        both_ends(
            |socket| {
                socket.set_sndbuf(70_000).unwrap();
                socket.set_rcvbuf(60_000).unwrap();
            },
            |fd| {
                // The kernel doubles them.
                assert_eq!(option(fd, libc::SOL_SOCKET, libc::SO_SNDBUF), 140_000);
                assert_eq!(option(fd, libc::SOL_SOCKET, libc::SO_RCVBUF), 120_000);
            },
        );
    });
}

#[cfg(zmq_vendored)]
#[test]
fn a_connection_over_ipc_has_room_for_four_batches() {
    use std::fs::read_to_string;

    use crate::common::ipc;

    timed(|| {
        let limit = |name: &str| -> c_int {
            let text = read_to_string(format!("/proc/sys/net/core/wmem_{name}")).unwrap();
            text.trim().parse().unwrap()
        };
        let room = 4 * 63 * 1024;
        // The kernel doubles what it is asked for, and that is no more than it allows.
        let expected = if limit("default") < room {
            2 * room.min(limit("max"))
        } else {
            limit("default")
        };
        both_ends_over(
            &ipc(),
            |_| {},
            |fd| assert_eq!(option(fd, libc::SOL_SOCKET, libc::SO_SNDBUF), expected),
        );
    });
}

/// Who asks for libzmq's own batches has the system's room.
#[cfg(all(zmq_vendored, feature = "draft"))]
#[test]
fn a_connection_over_ipc_with_small_batches_has_the_systems_room() {
    use std::os::fd::AsRawFd;

    use crate::common::ipc;

    timed(|| {
        let (other, _) = std::os::unix::net::UnixStream::pair().unwrap();
        let usual = option(other.as_raw_fd(), libc::SOL_SOCKET, libc::SO_SNDBUF);
        both_ends_over(
            &ipc(),
            |socket| socket.set_out_batch_size(8192).unwrap(),
            |fd| assert_eq!(option(fd, libc::SOL_SOCKET, libc::SO_SNDBUF), usual),
        );
    });
}

#[test]
fn packets_are_marked() {
    timed(|| {
        both_ends(
            |socket| socket.set_tos(0x28).unwrap(),
            |fd| assert_eq!(option(fd, libc::IPPROTO_IP, libc::IP_TOS), 0x28),
        );
    });
}

#[test]
fn keepalive_and_maxrt_reach_the_kernel() {
    timed(|| {
        both_ends(
            |socket| {
                socket.set_tcp_keepalive(1).unwrap();
                socket.set_tcp_keepalive_cnt(7).unwrap();
                socket.set_tcp_keepalive_idle(77).unwrap();
                socket.set_tcp_keepalive_intvl(17).unwrap();
                if zmq::version() >= (4, 2, 0) {
                    socket.set_tcp_maxrt(7000).unwrap();
                }
            },
            |fd| {
                assert_eq!(option(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE), 1);
                assert_eq!(option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPCNT), 7);
                assert_eq!(option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE), 77);
                assert_eq!(option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL), 17);
                if zmq::version() >= (4, 2, 0) {
                    let timeout = option(fd, libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT);
                    assert_eq!(timeout, 7000);
                }
            },
        );
    });
}

#[test]
fn bindtodevice_binds_to_an_interface() {
    timed(|| {
        let socket = Context::new().socket(Pull).unwrap();
        assert_eq!(socket.set_bindtodevice(Some("no such")), Err(Error::ENODEV));
        match socket.set_bindtodevice(Some("lo")) {
            // Not everybody may.
            Err(e) => return assert_eq!(e, Error::from_raw(libc::EPERM)),
            Ok(()) => assert_eq!(socket.get_bindtodevice(), Ok(Ok("lo".into()))),
        }
        socket.set_bindtodevice(None).unwrap();
        assert_eq!(socket.get_bindtodevice(), Ok(Ok(String::new())));

        let context = Context::new();
        let pull = context.socket(Pull).unwrap();
        pull.set_bindtodevice(Some("lo")).unwrap();
        let descriptors = Descriptors::new(&context, &pull);
        bind_tcp(&pull);
        let fd = descriptors.of(zmq_sys::ZMQ_EVENT_LISTENING);
        let (mut name, mut len) = ([0_u8; 16], 16);
        // SAFETY: `name` has room for 16 bytes.
        let rc = unsafe {
            let to = name.as_mut_ptr().cast();
            libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, to, &mut len)
        };
        assert_eq!((rc, &name[..3]), (0, &b"lo\0"[..]));
    });
}

#[cfg(feature = "draft")]
#[test]
fn priority_and_busy_poll_reach_the_kernel() {
    timed(|| {
        let socket = Context::new().socket(Pull).unwrap();
        // Older kernels do not let everybody.
        let may_poll = match socket.set_busy_poll(50) {
            Err(e) => {
                assert_eq!(e, Error::from_raw(libc::EPERM));
                false
            }
            Ok(()) => true,
        };
        assert_eq!(socket.set_busy_poll(-1), Err(Error::EINVAL));
        assert!(socket.set_priority(-1).is_err());
        both_ends(
            |socket| {
                socket.set_priority(5).unwrap();
                if may_poll {
                    socket.set_busy_poll(50).unwrap();
                }
            },
            |fd| {
                assert_eq!(option(fd, libc::SOL_SOCKET, libc::SO_PRIORITY), 5);
                if may_poll {
                    assert_eq!(option(fd, libc::SOL_SOCKET, libc::SO_BUSY_POLL), 50);
                }
            },
        );
    });
}

/// libzmq aborts when the kernel does not allow it.
#[cfg(feature = "draft")]
#[test]
fn what_the_kernel_does_not_allow_is_refused() {
    use crate::common::without_privileges;

    timed(|| {
        without_privileges(|| {
            let eperm = Err(Error::from_raw(libc::EPERM));
            let socket = Context::new().socket(Pull).unwrap();
            assert_eq!(socket.set_priority(7), eperm);
            assert_eq!(socket.get_priority(), Ok(0));
        });
    });
}
