//! Messages of several frames.

use std::collections::{vec_deque, VecDeque};
use std::ops::{Index, IndexMut};

use crate::message::Message;

/// A message of several frames, none copied on the way in or out.
///
/// [`Socket::recv_frames`](crate::Socket::recv_frames) receives one,
/// [`Socket::send_frames`](crate::Socket::send_frames) sends one, and so does
/// [`send_multipart`](crate::Socket::send_multipart). Frames are pushed and popped
/// at both ends, which is how envelopes are put on and taken off:
///
/// ```
/// use zmq::Multipart;
///
/// let mut message = Multipart::from(["body"]);
/// message.push_front("");
/// message.push_front("client");
/// assert_eq!(message, ["client", "", "body"]);
///
/// let envelope = message.take_envelope();
/// assert_eq!((envelope, &message), (Multipart::from(["client"]), &Multipart::from(["body"])));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multipart {
    frames: VecDeque<Message>,
}

impl Multipart {
    /// A message without frames, to which some are to be pushed.
    pub fn new() -> Multipart {
        Multipart::default()
    }

    pub(crate) fn from_frames(frames: Vec<Message>) -> Multipart {
        Multipart {
            frames: frames.into(),
        }
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// How many bytes all frames have together.
    pub fn size(&self) -> usize {
        self.frames.iter().map(|frame| frame.len()).sum()
    }

    /// Puts a frame before the others.
    pub fn push_front(&mut self, frame: impl Into<Message>) {
        self.frames.push_front(frame.into());
    }

    /// Puts a frame after the others.
    pub fn push_back(&mut self, frame: impl Into<Message>) {
        self.frames.push_back(frame.into());
    }

    /// Takes the first frame off.
    pub fn pop_front(&mut self) -> Option<Message> {
        self.frames.pop_front()
    }

    /// Takes the last frame off.
    pub fn pop_back(&mut self) -> Option<Message> {
        self.frames.pop_back()
    }

    /// The frame at `index`, counted from 0.
    pub fn get(&self, index: usize) -> Option<&Message> {
        self.frames.get(index)
    }

    /// The first frame.
    pub fn front(&self) -> Option<&Message> {
        self.frames.front()
    }

    /// The last frame.
    pub fn back(&self) -> Option<&Message> {
        self.frames.back()
    }

    /// The frames in their order.
    pub fn iter(&self) -> vec_deque::Iter<'_, Message> {
        self.frames.iter()
    }

    /// The frames in their order, for writing.
    pub fn iter_mut(&mut self) -> vec_deque::IterMut<'_, Message> {
        self.frames.iter_mut()
    }

    /// Takes off the envelope, which is the frames before the first empty one: the
    /// routing ids that ROUTER sockets put there. The empty frame goes too.
    /// Without an empty frame there is no envelope, and nothing is taken off.
    ///
    /// What is left is the body, to which [`put_envelope`](Multipart::put_envelope)
    /// puts the envelope back.
    ///
    /// ```
    /// use zmq::Multipart;
    ///
    /// let mut request = Multipart::from(["broker", "client", "", "question"]);
    /// let envelope = request.take_envelope();
    /// assert_eq!(request, ["question"]);
    ///
    /// let mut reply = Multipart::from(["answer"]);
    /// reply.put_envelope(envelope);
    /// assert_eq!(reply, ["broker", "client", "", "answer"]);
    /// ```
    pub fn take_envelope(&mut self) -> Multipart {
        let Some(end) = self.frames.iter().position(|frame| frame.is_empty()) else {
            return Multipart::new();
        };
        let body = self.frames.split_off(end + 1);
        let mut envelope = std::mem::replace(&mut self.frames, body);
        envelope.truncate(end);
        Multipart { frames: envelope }
    }

    /// Puts an envelope, and the empty frame that ends it, before the frames.
    pub fn put_envelope(&mut self, envelope: Multipart) {
        let body = std::mem::replace(&mut self.frames, envelope.frames);
        self.push_back(Message::new());
        self.frames.extend(body);
    }
}

/// # Panics
///
/// If there is no such frame.
impl Index<usize> for Multipart {
    type Output = Message;

    fn index(&self, index: usize) -> &Message {
        &self.frames[index]
    }
}

/// # Panics
///
/// If there is no such frame.
impl IndexMut<usize> for Multipart {
    fn index_mut(&mut self, index: usize) -> &mut Message {
        &mut self.frames[index]
    }
}

impl<T: Into<Message>> FromIterator<T> for Multipart {
    fn from_iter<I: IntoIterator<Item = T>>(frames: I) -> Multipart {
        Multipart {
            frames: frames.into_iter().map(Into::into).collect(),
        }
    }
}

impl<T: Into<Message>> Extend<T> for Multipart {
    fn extend<I: IntoIterator<Item = T>>(&mut self, frames: I) {
        self.frames.extend(frames.into_iter().map(Into::into));
    }
}

impl IntoIterator for Multipart {
    type Item = Message;
    type IntoIter = vec_deque::IntoIter<Message>;

    fn into_iter(self) -> vec_deque::IntoIter<Message> {
        self.frames.into_iter()
    }
}

impl<'a> IntoIterator for &'a Multipart {
    type Item = &'a Message;
    type IntoIter = vec_deque::Iter<'a, Message>;

    fn into_iter(self) -> vec_deque::Iter<'a, Message> {
        self.iter()
    }
}

/// Messages of one frame.
macro_rules! from_frame {
    ($($frame:ty),*) => {$(
        /// A message of one frame.
        impl From<$frame> for Multipart {
            fn from(frame: $frame) -> Multipart {
                std::iter::once(frame).collect()
            }
        }
    )*};
}

from_frame!(Message, &str, String, &[u8], Vec<u8>);

impl<T: Into<Message>, const N: usize> From<[T; N]> for Multipart {
    fn from(frames: [T; N]) -> Multipart {
        frames.into_iter().collect()
    }
}

impl<T: Into<Message>> From<Vec<T>> for Multipart {
    fn from(frames: Vec<T>) -> Multipart {
        frames.into_iter().collect()
    }
}

impl From<Multipart> for Vec<Message> {
    fn from(message: Multipart) -> Vec<Message> {
        message.frames.into()
    }
}

impl From<Multipart> for VecDeque<Message> {
    fn from(message: Multipart) -> VecDeque<Message> {
        message.frames
    }
}

impl<T: AsRef<[u8]>, const N: usize> PartialEq<[T; N]> for Multipart {
    fn eq(&self, other: &[T; N]) -> bool {
        *self == other[..]
    }
}

impl<T: AsRef<[u8]>> PartialEq<[T]> for Multipart {
    fn eq(&self, other: &[T]) -> bool {
        let frames = self.iter().map(|frame| &frame[..]);
        frames.eq(other.iter().map(AsRef::as_ref))
    }
}
