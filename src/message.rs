//! Messages: one frame each.

use std::ffi::{c_void, CString};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::RefUnwindSafe;
use std::ptr;
use std::sync::Arc;

#[cfg(feature = "draft")]
use crate::error::Error;
use crate::error::Result;
use crate::panics::attempt;
#[cfg(feature = "draft")]
use crate::raw::SHORT_GROUP;
use crate::raw::{free_later, Free, RawMessage, RawSocket};

/// From this many bytes on, an owned buffer is handed over to libzmq; below, it
/// is copied and freed at once. Handing over costs two more allocations or
/// releases, on whatever thread libzmq is done with it, copying one `memcpy`;
/// they were measured to cost the same around here.
const HAND_OVER: usize = 1024;

/// A message: one frame, received or to be sent.
///
/// It is a byte slice (`Deref<Target = [u8]>`) in memory that libzmq manages.
/// Small ones (33 bytes and less) live within the `Message`, larger ones on the
/// heap. A multipart message is a sequence of these.
///
/// # Making one
///
/// * From a slice, `&str` or array the bytes are copied.
/// * From a `Vec<u8>`, `String` or `Box<[u8]>` of 1 KiB and more the memory is
///   handed over without a copy, from an `Arc<[u8]>` (and, with feature
///   `bytes`, `bytes::Bytes`) it is shared; smaller ones are copied, which is
///   cheaper.
/// * [`from_owner`](Message::from_owner) shares the memory of any other owner,
///   [`from_static`](Message::from_static) that of the program itself.
///
/// # Sharing
///
/// `clone` shares the content instead of copying it, and a message that was
/// published to several inproc subscribers is shared between them. Sharing is
/// invisible: who writes to a shared message (`DerefMut`) gets a private copy of
/// it first.
///
/// ```
/// use zmq::Message;
///
/// let one = Message::from(vec![7; 4096]);
/// let mut other = one.clone();
/// other[0] = 1;
/// assert_eq!((one[0], other[0]), (7, 1));
/// ```
///
/// Follows [zmq_msg_init](https://libzmq.readthedocs.io/en/latest/zmq_msg_init.html)
/// and the pages it links.
pub struct Message {
    pub(crate) raw: RawMessage,
    /// What `raw` is a private copy of, if it is one: it still knows what is not
    /// copied, whether more frames follow and the connection's properties.
    origin: Option<Box<RawMessage>>,
}

impl Message {
    /// An empty message.
    ///
    /// ```
    /// assert!(zmq::Message::new().is_empty());
    /// ```
    #[inline]
    pub fn new() -> Message {
        Message::from_raw_message(RawMessage::new())
    }

    /// A message of `len` bytes, all zero.
    ///
    /// # Panics
    ///
    /// As `vec![0; len]` does: if `len` is over `isize::MAX`.
    ///
    /// ```
    /// let mut message = zmq::Message::with_size(3);
    /// message[1] = 7;
    /// assert_eq!(&message[..], [0, 7, 0]);
    /// ```
    pub fn with_size(len: usize) -> Message {
        Message::from(vec![0; len])
    }

    /// The same as [`with_size`](Message::with_size).
    #[deprecated(since = "0.9.1", note = "use `with_size`")]
    pub fn with_capacity(len: usize) -> Message {
        Message::with_size(len)
    }

    /// The same as [`with_size`](Message::with_size), zeros and all.
    ///
    /// # Safety
    ///
    /// None needed; it is unsafe because it once left the bytes uninitialised.
    #[deprecated(since = "0.9.1", note = "use `with_size`")]
    pub unsafe fn with_capacity_unallocated(len: usize) -> Message {
        Message::with_size(len)
    }

    /// A copy of `data`.
    #[deprecated(since = "0.9.1", note = "use `Message::from`")]
    pub fn from_slice(data: &[u8]) -> Message {
        Message::from(data)
    }

    /// A message over constant data, which is never copied.
    ///
    /// ```
    /// static PAGE: [u8; 4096] = [1; 4096];
    /// let message = zmq::Message::from_static(&PAGE);
    /// assert_eq!(message.as_ptr(), PAGE.as_ptr());
    /// ```
    pub fn from_static(data: &'static [u8]) -> Message {
        // SAFETY: constant data is valid and unchanged for ever. libzmq counts
        // a message without `free` as shared, so nobody writes to it.
        let raw = unsafe {
            RawMessage::over(data.as_ptr().cast_mut(), data.len(), None, ptr::null_mut())
        };
        Message::from_raw_message(raw)
    }

    /// A message over memory that `owner` keeps, without copying it. The owner
    /// is dropped on whatever thread libzmq is done with the message, its own
    /// threads included: it must not be what keeps the last handle of a
    /// [`Context`](crate::Context), which would wait for this thread to end.
    ///
    /// ```
    /// use zmq::Message;
    ///
    /// let owner = vec![7; 4096];
    /// let data = owner.as_ptr();
    /// assert_eq!(Message::from_owner(owner).as_ptr(), data);
    /// ```
    pub fn from_owner<T>(owner: T) -> Message
    where
        T: AsRef<[u8]> + Send + 'static,
    {
        unsafe extern "C" fn free<T>(data: *mut c_void, owner: *mut c_void) {
            // SAFETY: it is called again with the same.
            if unsafe { free_later(free::<T>, data, owner) } {
                return;
            }
            // SAFETY: the hint is the box below, and libzmq calls this once.
            let owner = unsafe { Box::from_raw(owner.cast::<T>()) };
            // A panic must not unwind into libzmq.
            attempt(|| drop(owner));
        }
        let owner = Box::into_raw(Box::new(owner));
        // SAFETY: just made, and nobody else's.
        let data = unsafe { (*owner).as_ref() };
        let (data, len) = (data.as_ptr().cast_mut(), data.len());
        // SAFETY: what `as_ref` returned borrows from the owner, which stays
        // where it is, unused, until `free` drops it.
        unsafe { Message::over_shared(data, len, free::<T>, owner.cast()) }
    }

    #[inline]
    pub(crate) fn from_raw_message(raw: RawMessage) -> Message {
        Message { raw, origin: None }
    }

    /// A message over memory that others may read, so that nobody writes to it
    /// through the message.
    ///
    /// # Safety
    ///
    /// As for `RawMessage::over`.
    unsafe fn over_shared(data: *mut u8, len: usize, free: Free, hint: *mut c_void) -> Message {
        // SAFETY: the caller answers for it.
        let sole = unsafe { RawMessage::over(data, len, Some(free), hint) };
        // The copy carries libzmq's own mark of a shared message, and it stays
        // marked wherever it travels when the first one is gone.
        Message::from_raw_message(sole.share())
    }

    /// How many bytes it has.
    #[inline]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether it has none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The message as a string slice, if it is UTF-8.
    ///
    /// ```
    /// assert_eq!(zmq::Message::from("hello").as_str(), Some("hello"));
    /// assert_eq!(zmq::Message::from(vec![0xff]).as_str(), None);
    /// ```
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self).ok()
    }

    /// A copy of the bytes, like `to_vec`.
    ///
    /// The trait `ToOwned` would clone the message instead; this is what the call
    /// meant when messages could not be cloned.
    ///
    /// ```
    /// let bytes: Vec<u8> = zmq::Message::from("hello").to_owned();
    /// assert_eq!(bytes, b"hello");
    /// ```
    pub fn to_owned(&self) -> Vec<u8> {
        self.to_vec()
    }

    /// Whether more frames of the same multipart message follow
    /// (`ZMQ_MORE`, [zmq_msg_more](https://libzmq.readthedocs.io/en/latest/zmq_msg_more.html)).
    pub fn get_more(&self) -> bool {
        self.origin.as_deref().unwrap_or(&self.raw).more()
    }

    /// A property of the connection that the message came from, like
    /// `"Peer-Address"`, `"Socket-Type"` or `"User-Id"`; none if there is no
    /// such property or it is not UTF-8.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (push, pull) = (context.socket(zmq::Push)?, context.socket(zmq::Pull)?);
    /// pull.bind("tcp://127.0.0.1:*")?;
    /// push.connect(&pull.get_last_endpoint()?.unwrap())?;
    /// push.send("hello", 0)?;
    /// let mut message = pull.recv_msg(0)?;
    /// assert_eq!(message.gets("Peer-Address"), Some("127.0.0.1"));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// See [zmq_msg_gets](https://libzmq.readthedocs.io/en/latest/zmq_msg_gets.html).
    pub fn gets<'a>(&'a mut self, property: &str) -> Option<&'a str> {
        self.property(property)
    }

    /// A property, as [`gets`](Message::gets) reads it, of a message that is only
    /// borrowed. libzmq always has `"Routing-Id"`, `"Socket-Type"` and
    /// `"Peer-Address"` of who connected by tcp or ipc, and `"User-Id"` if a ZAP
    /// handler gave one.
    pub fn property(&self, name: &str) -> Option<&str> {
        // No property has a NUL in its name.
        let name = CString::new(name).ok()?;
        let raw = self.origin.as_deref().unwrap_or(&self.raw);
        raw.property(&name)?.to_str().ok()
    }

    /// Forgets what the message was a copy of, when `raw` is received into.
    #[inline]
    pub(crate) fn received(&mut self) {
        self.origin = None;
    }

    /// Gives up a message that was sent.
    #[inline]
    pub(crate) fn was_sent(self) {
        self.raw.was_sent();
    }

    /// Receives a message at the end of `messages`, which saves moving it there, and says
    /// whether more frames follow.
    #[inline]
    pub(crate) fn push_received(
        messages: &mut Vec<Message>,
        socket: &RawSocket,
        flags: i32,
    ) -> Result<bool> {
        messages.reserve(1);
        let place = messages.spare_capacity_mut()[0].as_mut_ptr();
        // SAFETY: the place is the vector's, which counts it once a message is there.
        unsafe {
            let more = socket.recv_at(&raw mut (*place).raw, flags)?;
            (&raw mut (*place).origin).write(None);
            messages.set_len(messages.len() + 1);
            Ok(more)
        }
    }

    /// Sends what `Message::from(data)` is.
    #[inline]
    pub(crate) fn send_vec(data: Vec<u8>, socket: &RawSocket, flags: i32) -> Result<()> {
        if data.len() < HAND_OVER {
            return socket.send_copy(&data, flags);
        }
        let (start, len, capacity) = parts(data);
        // SAFETY: nobody else has the vector, and `free_vec` drops it.
        unsafe { socket.send_over(start, len, free_vec, capacity, flags) }
    }

    #[cold]
    fn make_private(&mut self) {
        #[cfg_attr(not(feature = "draft"), expect(unused_mut))]
        let mut copy = RawMessage::copy_of(self.raw.as_slice());
        #[cfg(feature = "draft")]
        copy.address_as(&self.raw);
        self.become_copy(copy);
    }

    /// Puts the copy in the place of the message, which is kept for what is not
    /// copied.
    fn become_copy(&mut self, copy: RawMessage) {
        let shared = std::mem::replace(&mut self.raw, copy);
        self.origin.get_or_insert_with(|| Box::new(shared));
    }
}

/// What messages have by libzmq's draft API alone.
#[cfg(feature = "draft")]
impl Message {
    /// The group that the message is for, or came from; none if it has none, or
    /// one that is not UTF-8.
    ///
    /// See [zmq_msg_group](https://libzmq.readthedocs.io/en/latest/zmq_msg_group.html).
    pub fn group(&self) -> Option<&str> {
        let group = self.raw.group().to_str().ok()?;
        (!group.is_empty()).then_some(group)
    }

    /// Sets the group, of at most 255 bytes, that a RADIO is to send the message
    /// to; empty: none.
    ///
    /// ```
    /// let mut message = zmq::Message::from("2 to 1");
    /// message.set_group("sport")?;
    /// assert_eq!(message.group(), Some("sport"));
    /// assert_eq!(message.set_group(&"x".repeat(256)), Err(zmq::Error::EINVAL));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` if the group is too long or has a NUL.
    ///
    /// See [zmq_msg_set_group](https://libzmq.readthedocs.io/en/latest/zmq_msg_set_group.html).
    pub fn set_group(&mut self, group: &str) -> Result<()> {
        let group = group_name(group)?;
        if self.raw.group().to_bytes().len() > SHORT_GROUP {
            // Only a fresh message has room for another.
            let mut copy = RawMessage::copy_of(self.raw.as_slice());
            copy.set_routing_id_of(&self.raw);
            self.become_copy(copy);
        }
        self.raw.set_group(&group)
    }

    /// [`set_group`](Message::set_group) in a chain of calls.
    pub fn with_group(mut self, group: &str) -> Result<Message> {
        self.set_group(group)?;
        Ok(self)
    }

    /// The number by which a SERVER or PEER knows the peer that the message came
    /// from or is to go to.
    ///
    /// See [zmq_msg_routing_id](https://libzmq.readthedocs.io/en/latest/zmq_msg_routing_id.html).
    pub fn routing_id(&self) -> Option<u32> {
        match self.raw.routing_id() {
            0 => None,
            routing_id => Some(routing_id),
        }
    }

    /// Sets which peer a SERVER or PEER is to send the message to: the routing id
    /// of a message received from it.
    ///
    /// ```
    /// let context = zmq::Context::new();
    /// let (server, client) = (context.socket(zmq::Server)?, context.socket(zmq::Client)?);
    /// server.bind("inproc://set_routing_id")?;
    /// client.connect("inproc://set_routing_id")?;
    /// client.send("question", 0)?;
    /// let question = server.recv_msg(0)?;
    /// let mut answer = zmq::Message::from("answer");
    /// answer.set_routing_id(question.routing_id().unwrap())?;
    /// server.send(answer, 0)?;
    /// assert_eq!(client.recv_bytes(0)?, b"answer");
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `EINVAL` for 0, which is nobody's.
    ///
    /// See [zmq_msg_set_routing_id](https://libzmq.readthedocs.io/en/latest/zmq_msg_set_routing_id.html).
    pub fn set_routing_id(&mut self, routing_id: u32) -> Result<()> {
        self.raw.set_routing_id(routing_id)
    }

    /// [`set_routing_id`](Message::set_routing_id) in a chain of calls.
    pub fn with_routing_id(mut self, routing_id: u32) -> Result<Message> {
        self.set_routing_id(routing_id)?;
        Ok(self)
    }
}

/// A group as libzmq takes it; `EINVAL` if there can be none of that name.
#[cfg(feature = "draft")]
pub(crate) fn group_name(group: &str) -> Result<CString> {
    if group.len() > zmq_sys::ZMQ_GROUP_MAX_LENGTH as usize {
        return Err(Error::EINVAL);
    }
    CString::new(group).map_err(|_| Error::EINVAL)
}

/// Whatever panics meanwhile, the content stays what it was: what changes in a
/// message that is borrowed is one flag.
impl RefUnwindSafe for Message {}

impl Default for Message {
    fn default() -> Message {
        Message::new()
    }
}

/// Shares the content; see [Sharing](Message#sharing).
impl Clone for Message {
    fn clone(&self) -> Message {
        Message {
            raw: self.raw.share(),
            origin: self.origin.as_ref().map(|o| Box::new(o.share())),
        }
    }
}

impl Deref for Message {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.raw.as_slice()
    }
}

/// Makes the content private first if it is shared; see
/// [Sharing](Message#sharing).
impl DerefMut for Message {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        if self.raw.as_mut_slice().is_none() {
            self.make_private();
        }
        self.raw.as_mut_slice().unwrap_or_default()
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for Message {
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Message) -> bool {
        self[..] == other[..]
    }
}

impl Eq for Message {}

/// As a byte slice.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self[..].fmt(f)
    }
}

/// Copies the bytes.
impl<'a> From<&'a [u8]> for Message {
    #[inline]
    fn from(data: &'a [u8]) -> Message {
        Message::from_raw_message(RawMessage::copy_of(data))
    }
}

/// Copies the bytes.
impl<'a> From<&'a str> for Message {
    #[inline]
    fn from(data: &'a str) -> Message {
        Message::from(data.as_bytes())
    }
}

/// Copies the bytes.
impl<const N: usize> From<[u8; N]> for Message {
    #[inline]
    fn from(data: [u8; N]) -> Message {
        Message::from(&data[..])
    }
}

/// What a vector is made of: where it is, its length, and its capacity, for `free_vec`.
#[inline]
fn parts(data: Vec<u8>) -> (*mut u8, usize, *mut c_void) {
    let mut data = ManuallyDrop::new(data);
    let capacity = data.capacity() as *mut c_void;
    (data.as_mut_ptr(), data.len(), capacity)
}

/// # Safety
///
/// These are parts of a vector that nobody else has.
unsafe extern "C" fn free_vec(data: *mut c_void, capacity: *mut c_void) {
    // SAFETY: as above; its bytes need no dropping.
    drop(unsafe { Vec::from_raw_parts(data.cast::<u8>(), 0, capacity as usize) });
}

/// Hands the memory over, or copies it if it is small.
impl From<Vec<u8>> for Message {
    #[inline]
    fn from(data: Vec<u8>) -> Message {
        if data.len() < HAND_OVER {
            return Message::from(&data[..]);
        }
        let (start, len, capacity) = parts(data);
        // SAFETY: nobody else has the vector, and `free_vec` drops it.
        let raw = unsafe { RawMessage::over(start, len, Some(free_vec), capacity) };
        Message::from_raw_message(raw)
    }
}

/// Hands the memory over, or copies it if it is small.
impl From<Box<[u8]>> for Message {
    fn from(data: Box<[u8]>) -> Message {
        Message::from(data.into_vec())
    }
}

/// Hands the memory over, or copies it if it is small.
impl From<String> for Message {
    fn from(data: String) -> Message {
        Message::from(data.into_bytes())
    }
}

/// Shares the memory, or copies it if it is small.
impl From<Arc<[u8]>> for Message {
    fn from(data: Arc<[u8]>) -> Message {
        unsafe extern "C" fn free(data: *mut c_void, len: *mut c_void) {
            let slice = ptr::slice_from_raw_parts(data.cast::<u8>(), len as usize);
            // SAFETY: the `Arc` below.
            drop(unsafe { Arc::from_raw(slice) });
        }
        let len = data.len();
        if len < HAND_OVER {
            return Message::from(&data[..]);
        }
        let start = Arc::into_raw(data).cast::<u8>().cast_mut();
        // SAFETY: the bytes cannot change while there is an `Arc` of them, and
        // `free` gives up the one we had.
        unsafe { Message::over_shared(start, len, free, len as *mut c_void) }
    }
}

/// Shares the memory, or copies it if it is small.
#[cfg(feature = "bytes")]
impl From<bytes::Bytes> for Message {
    fn from(data: bytes::Bytes) -> Message {
        if data.len() < HAND_OVER {
            return Message::from(&data[..]);
        }
        Message::from_owner(data)
    }
}

/// As from a clone of the value.
impl<'a, T> From<&'a T> for Message
where
    T: Into<Message> + Clone,
{
    #[inline]
    fn from(value: &'a T) -> Message {
        value.clone().into()
    }
}
