//! Options about which connections there are.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};

use zmq::{Context, Error};

use crate::common::{bind_tcp, timed};

/// Whether a connection is kept: who speaks ZeroMQ greets, with a byte of 0xff.
fn is_accepted(mut peer: impl Read) -> bool {
    let mut greeting = [0];
    match peer.read(&mut greeting) {
        Ok(1) => {
            assert_eq!(greeting, [0xff]);
            true
        }
        _ => false,
    }
}

#[test]
fn tcp_accept_filter_lets_in_whom_it_names() {
    timed(|| {
        let is_let_in = |filters: &[Option<&str>]| {
            let pull = Context::new().socket(zmq::Pull).unwrap();
            for filter in filters {
                pull.set_tcp_accept_filter(*filter).unwrap();
            }
            let endpoint = bind_tcp(&pull);
            is_accepted(TcpStream::connect(endpoint.strip_prefix("tcp://").unwrap()).unwrap())
        };
        assert!(is_let_in(&[]));
        assert!(!is_let_in(&[Some("192.0.2.0/24")]));
        assert!(is_let_in(&[Some("192.0.2.0/24"), Some("127.0.0.0/8")]));
        assert!(is_let_in(&[Some("127.0.0.1")]));
        assert!(is_let_in(&[Some("192.0.2.1"), None]));
    });
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn ipc_filters_let_in_whom_they_name() {
    use crate::common::{bind, ipc};

    timed(|| {
        // SAFETY: both take nothing.
        let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
        let pid = std::process::id();
        let is_let_in = |filter: &dyn Fn(&zmq::Socket) -> zmq::Result<()>| {
            let pull = Context::new().socket(zmq::PULL).unwrap();
            filter(&pull).unwrap();
            let endpoint = bind(&pull, &ipc());
            is_accepted(UnixStream::connect(endpoint.strip_prefix("ipc://").unwrap()).unwrap())
        };
        assert!(!is_let_in(&|s| s.set_ipc_filter_pid(Some(pid + 1))));
        assert!(is_let_in(&|s| s.set_ipc_filter_pid(Some(pid))));
        assert!(!is_let_in(&|s| s.set_ipc_filter_uid(Some(uid + 1))));
        assert!(is_let_in(&|s| s.set_ipc_filter_uid(Some(uid))));
        assert!(!is_let_in(&|s| s.set_ipc_filter_gid(Some(gid + 54_321))));
        assert!(is_let_in(&|s| s.set_ipc_filter_gid(Some(gid))));
        assert!(is_let_in(&|s| {
            s.set_ipc_filter_pid(Some(pid + 1))?;
            s.set_ipc_filter_uid(Some(uid + 1))?;
            s.set_ipc_filter_gid(Some(gid + 54_321))?;
            s.set_ipc_filter_pid(None)?;
            s.set_ipc_filter_uid(None)?;
            s.set_ipc_filter_gid(None)
        }));
    });
}

#[cfg(unix)]
#[test]
fn use_fd_listens_on_what_is_open_already() {
    use crate::common::ipc;

    timed(|| {
        if zmq::version() < (4, 2, 0) {
            return;
        }
        let context = Context::new();
        let (pull, push) = (
            context.socket(zmq::Pull).unwrap(),
            context.socket(zmq::Push).unwrap(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        pull.set_use_fd(listener.into()).unwrap();
        // inproc has no use for it.
        pull.bind(&crate::common::inproc()).unwrap();
        pull.bind("tcp://127.0.0.1:*").unwrap();
        assert_eq!(pull.get_last_endpoint().unwrap().unwrap(), address);
        // libzmq would take the same once more.
        assert_ne!(bind_tcp(&pull), address);
        push.connect(&address).unwrap();
        push.send("tcp", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"tcp");

        let endpoint = ipc();
        let path = endpoint.strip_prefix("ipc://").unwrap();
        pull.set_use_fd(UnixListener::bind(path).unwrap().into())
            .unwrap();
        pull.bind(&endpoint).unwrap();
        let push = context.socket(zmq::Push).unwrap();
        push.connect(&endpoint).unwrap();
        push.send("ipc", 0).unwrap();
        assert_eq!(pull.recv_bytes(0).unwrap(), b"ipc");
        std::fs::remove_file(path).unwrap();
    });
}

/// libzmq aborts when it waits for what is no socket, or accepts from one that does
/// not listen.
#[cfg(unix)]
#[test]
fn use_fd_takes_what_listens() {
    timed(|| {
        if zmq::version() < (4, 2, 0) {
            return;
        }
        let pull = Context::new().socket(zmq::Pull).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connected = TcpStream::connect(address).unwrap();
        assert_eq!(pull.set_use_fd(connected.into()), Err(Error::EINVAL));
        let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        assert_eq!(pull.set_use_fd(datagrams.into()), Err(Error::EINVAL));
        let file = std::fs::File::open("/dev/null").unwrap();
        assert_eq!(pull.set_use_fd(file.into()), Err(Error::EINVAL));

        pull.set_use_fd(listener.into()).unwrap();
        // It is of another family, and stays for a better one.
        assert_eq!(pull.bind(&crate::common::ipc()), Err(Error::EINVAL));
        assert_eq!(pull.bind("tcp://malformed"), Ok(()));
        assert!(is_accepted(TcpStream::connect(address).unwrap()));

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        pull.set_use_fd(listener.into()).unwrap();
        TcpStream::connect(address).unwrap();
        drop(pull);
        // Never used, it is closed all the same.
        assert!(TcpStream::connect(address).is_err());
    });
}

/// libzmq aborts over a name that SOCKS has no room for.
#[test]
fn a_proxy_is_not_asked_for_a_longer_name_than_there_can_be() {
    let socket = Context::new().socket(zmq::Push).unwrap();
    let endpoint = format!("tcp://{}:1", "a".repeat(300));
    assert_eq!(socket.connect(&endpoint), Ok(()));
    socket.set_socks_proxy(Some("127.0.0.1:1")).unwrap();
    assert_eq!(socket.connect(&endpoint), Err(Error::EINVAL));
}

#[cfg(feature = "draft")]
mod draft {
    use std::io::Write;
    use std::thread;

    use zmq::{ReconnectStop, POLLOUT};

    use super::*;
    use crate::common::Monitor;

    /// A SOCKS5 proxy for one connection, to `target`. Returns whom it was told to
    /// be asked by: user name and password.
    fn proxy(listener: TcpListener, target: String) -> (Vec<u8>, Vec<u8>) {
        let mut client = listener.accept().unwrap().0;
        let mut read = |len: usize| {
            let mut data = vec![0; len];
            client.read_exact(&mut data).unwrap();
            data
        };
        let greeting = read(2);
        assert_eq!(greeting[0], 5);
        assert!(
            read(greeting[1].into()).contains(&2),
            "user name and password"
        );
        client.write_all(&[5, 2]).unwrap();
        let mut read = |len: usize| {
            let mut data = vec![0; len];
            client.read_exact(&mut data).unwrap();
            data
        };
        let len = read(2)[1];
        let user = read(len.into());
        let len = read(1)[0];
        let password = read(len.into());
        client.write_all(&[1, 0]).unwrap();
        let mut request = [0; 5];
        client.read_exact(&mut request).unwrap();
        assert_eq!(request[..3], [5, 1, 0]);
        let rest = match request[3] {
            1 => 3 + 2,
            3 => usize::from(request[4]) + 2,
            _ => 15 + 2,
        };
        client.read_exact(&mut vec![0; rest]).unwrap();
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        let server = TcpStream::connect(target).unwrap();
        let pass_on = |mut from: TcpStream, mut to: TcpStream| {
            thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
            });
        };
        pass_on(client.try_clone().unwrap(), server.try_clone().unwrap());
        pass_on(server, client);
        (user, password)
    }

    #[test]
    fn socks_username_and_password_reach_the_proxy() {
        timed(|| {
            let context = Context::new();
            let (push, pull) = (
                context.socket(zmq::Push).unwrap(),
                context.socket(zmq::Pull).unwrap(),
            );
            let endpoint = bind_tcp(&pull);
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap().to_string();
            let target = endpoint.strip_prefix("tcp://").unwrap().to_owned();
            let proxy = thread::spawn(move || proxy(listener, target));
            push.set_socks_proxy(Some(&address)).unwrap();
            push.set_socks_username(Some("user")).unwrap();
            push.set_socks_password(Some("secret")).unwrap();
            push.connect(&endpoint).unwrap();
            push.send("through the proxy", 0).unwrap();
            assert_eq!(pull.recv_bytes(0).unwrap(), b"through the proxy");
            assert_eq!(
                proxy.join().unwrap(),
                (b"user".to_vec(), b"secret".to_vec())
            );
        });
    }

    /// A port that nobody listens on.
    fn closed_port() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("tcp://{}", listener.local_addr().unwrap())
    }

    #[test]
    fn reconnect_stop_gives_up_if_refused() {
        timed(|| {
            let push = Context::new().socket(zmq::Push).unwrap();
            push.set_reconnect_stop(ReconnectStop::CONN_REFUSED)
                .unwrap();
            push.connect(&closed_port()).unwrap();
            // Otherwise there would be a connection to queue for, for ever.
            while push.poll(POLLOUT, 0).unwrap() == 1 {
                thread::yield_now();
            }
            assert_eq!(push.send("to nobody", zmq::DONTWAIT), Err(Error::EAGAIN));
        });
    }

    #[test]
    fn reconnect_stop_gives_up_if_not_understood() {
        timed(|| {
            let push = Context::new().socket(zmq::Push).unwrap();
            push.set_reconnect_stop(ReconnectStop::HANDSHAKE_FAILED)
                .unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            push.connect(&format!("tcp://{}", listener.local_addr().unwrap()))
                .unwrap();
            drop(listener.accept().unwrap());
            while push.poll(POLLOUT, 0).unwrap() == 1 {
                thread::yield_now();
            }
        });
    }

    #[test]
    fn without_reconnect_stop_it_tries_again() {
        timed(|| {
            let context = Context::new();
            let push = context.socket(zmq::Push).unwrap();
            let events = Monitor::new(&push);
            push.connect(&closed_port()).unwrap();
            events.wait_for(zmq_sys::ZMQ_EVENT_CONNECT_RETRIED);
            assert_eq!(push.poll(POLLOUT, 0), Ok(1));
        });
    }
}
