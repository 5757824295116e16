//! What sockets do by libzmq's draft API alone.

use super::{nul_terminated, Socket};
use crate::error::{Error, Result};
use crate::kind::{CanConnectPeer, CanJoin, CanRoute, ThreadSafe};
use crate::message::group_name;
use crate::poll::PollEvents;
use crate::traps;

// SAFETY: libzmq locks sockets of these types in every call. All that this crate adds
// to a socket is `Sync`: of other types, the compiler misses it of libzmq's pointer
// alone (`tests/ui/socket_is_not_shared.stderr`).
unsafe impl<K: ThreadSafe> Sync for Socket<K> {}

impl<K: CanJoin> Socket<K> {
    /// Joins a group of at most 255 bytes: its messages are received from now on.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (radio, dish) = (context.socket(zmq::Radio)?, context.socket(zmq::Dish)?);
    /// radio.bind("inproc://join")?;
    /// dish.join("news")?;
    /// dish.connect("inproc://join")?;
    /// radio.send(zmq::Message::from("not heard").with_group("sport")?, 0)?;
    /// radio.send(zmq::Message::from("heard").with_group("news")?, 0)?;
    /// let message = dish.recv_msg(0)?;
    /// assert_eq!((message.as_str(), message.group()), (Some("heard"), Some("news")));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` if the group was joined before, is too long, or has a NUL.
    ///
    /// See [zmq_join](https://libzmq.readthedocs.io/en/latest/zmq_join.html).
    pub fn join(&self, group: &str) -> Result<()> {
        self.raw.group(zmq_sys::zmq_join, &group_name(group)?)
    }

    /// Leaves a group.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the group was not joined.
    ///
    /// See [zmq_leave](https://libzmq.readthedocs.io/en/latest/zmq_leave.html).
    pub fn leave(&self, group: &str) -> Result<()> {
        self.raw.group(zmq_sys::zmq_leave, &group_name(group)?)
    }
}

impl<K: CanConnectPeer> Socket<K> {
    /// Connects, as [`connect`](Socket::connect) does, and returns the routing id
    /// that messages for this peer need ([`Message::with_routing_id`]).
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (one, other) = (context.socket(zmq::Peer)?, context.socket(zmq::Peer)?);
    /// one.bind("inproc://peer")?;
    /// let id = other.connect_peer("inproc://peer")?;
    /// other.send(zmq::Message::from("hello").with_routing_id(id)?, 0)?;
    /// assert_eq!(one.recv_bytes(0)?, b"hello");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for `connect`, and `EFAULT` if the socket [queues for connected peers
    /// only](Socket::set_immediate).
    ///
    /// See [zmq_connect_peer](https://libzmq.readthedocs.io/en/latest/zmq_connect_peer.html).
    ///
    /// [`Message::with_routing_id`]: crate::Message::with_routing_id
    pub fn connect_peer(&self, endpoint: &str) -> Result<u32> {
        if super::is_misread(endpoint) {
            return Err(Error::EINVAL);
        }
        let name = nul_terminated(endpoint)?;
        let mut routing_id = 0;
        traps::connect(&self.raw, endpoint, || {
            routing_id = self.raw.connect_peer(&name)?;
            Ok(())
        })?;
        Ok(routing_id)
    }
}

impl<K: CanRoute> Socket<K> {
    /// Whether messages can be sent to, or received from, the peer that has this
    /// routing id.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (router, dealer) = (context.socket(zmq::Router)?, context.socket(zmq::Dealer)?);
    /// router.bind("inproc://peer_state")?;
    /// dealer.set_identity(b"dealer")?;
    /// dealer.connect("inproc://peer_state")?;
    /// router.set_router_mandatory(true)?;
    /// router.send_multipart(["dealer", "hello"], 0)?;
    /// assert!(router.get_peer_state(b"dealer")?.contains(zmq::POLLOUT));
    /// assert_eq!(router.get_peer_state(b"nobody"), Err(zmq::Error::EHOSTUNREACH));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EHOSTUNREACH` if there is no such peer, `ENOTSUP` from sockets that are no
    /// ROUTER.
    pub fn get_peer_state(&self, routing_id: &[u8]) -> Result<PollEvents> {
        let bits = self.raw.peer_state(routing_id)?;
        Ok(PollEvents::from_bits_truncate(bits as i16))
    }
}
