/* What functions of zmq.h do that send and receive, for callers that know of a socket and a
 * message that they are such, and have no use for a length that fits into an int: fewer calls,
 * and fewer instructions in them. src/raw/calls.rs calls them. */

#include "precompiled.hpp"

#include "copy.h"
#include "err.hpp"
#include "likely.hpp"
#include "msg.hpp"
#include "socket_base.hpp"

namespace
{
//  After sending or receiving it has failed.
int close_message (zmq::msg_t *message_)
{
    const int err = errno;
    const int rc = message_->close ();
    errno_assert (rc == 0);
    errno = err;
    return -1;
}

//  A message that is not needed any more if it cannot be sent. It is empty when it was sent, and
//  need not be closed.
int send_or_close (void *socket_, zmq::msg_t *message_, int flags_)
{
    zmq::socket_base_t *const socket =
      static_cast<zmq::socket_base_t *> (socket_);
    return likely (socket->send (message_, flags_) == 0)
             ? 0
             : close_message (message_);
}
}

//  Sends a copy.
extern "C" int libzmq_src_send_copy (void *socket_,
                                     const void *data_,
                                     size_t size_,
                                     int flags_)
{
    zmq::msg_t message;
    if (unlikely (message.init_size (size_) != 0))
        return -1;
    if (size_)
        zmq::copy_bytes (message.data (), data_, size_);
    return send_or_close (socket_, &message, flags_);
}

//  Sends what `free_` is called for when it is not needed any more, also if it is not sent. If
//  there is no memory for that, -2.
extern "C" int libzmq_src_send_over (void *socket_,
                                     void *data_,
                                     size_t size_,
                                     zmq_free_fn *free_,
                                     void *hint_,
                                     int flags_)
{
    zmq::msg_t message;
    if (unlikely (message.init_data (data_, size_, free_, hint_) != 0))
        return -2;
    return send_or_close (socket_, &message, flags_);
}

//  Receives into a message. Whether more frames of the same message follow, or -1.
extern "C" int libzmq_src_recv (void *message_, void *socket_, int flags_)
{
    zmq::msg_t *const message = static_cast<zmq::msg_t *> (message_);
    zmq::socket_base_t *const socket =
      static_cast<zmq::socket_base_t *> (socket_);
    return likely (socket->recv (message, flags_) == 0)
             ? message->flags () & zmq::msg_t::more
             : -1;
}

//  The same for a message that is not initialised; it is not afterwards either if this fails.
extern "C" int libzmq_src_recv_new (void *message_, void *socket_, int flags_)
{
    zmq::msg_t *const message = static_cast<zmq::msg_t *> (message_);
    message->init ();
    const int more = libzmq_src_recv (message, socket_, flags_);
    return likely (more != -1) ? more : close_message (message);
}

//  Receives what fits into a buffer. How long the message was, or -1.
extern "C" int64_t
libzmq_src_recv_into (void *socket_, void *buffer_, size_t size_, int flags_)
{
    zmq::msg_t message;
    if (unlikely (libzmq_src_recv_new (&message, socket_, flags_) == -1))
        return -1;
    const size_t size = message.size ();
    const size_t copied = size < size_ ? size : size_;
    if (copied)
        zmq::copy_bytes (buffer_, message.data (), copied);
    const int rc = message.close ();
    errno_assert (rc == 0);
    return static_cast<int64_t> (size);
}
