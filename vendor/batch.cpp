/* See batch.h. */

#include "precompiled.hpp"

#if defined(LIBZMQ_SRC_BATCH_H)

#if !defined(ZMQ_HAVE_WINDOWS)
#include <sys/socket.h>
#include <sys/uio.h>
#if defined(MSG_NOSIGNAL)
#define LIBZMQ_SRC_NO_SIGNAL MSG_NOSIGNAL
#else
#define LIBZMQ_SRC_NO_SIGNAL 0
#endif
#endif

#include "session_base.hpp"
#include "stream_engine_base.hpp"

//  Has what was loaded copied as batch.h says.
void zmq::stream_engine_base_t::set_copied ()
{
    const size_t batch = static_cast<size_t> (_options.out_batch_size);
    const size_t size = _tx_msg.size ();
    _is_large = size >= batch;
    if (size / 2 >= batch)
        _encoder->copy_up_to (first_part);
    else
        _encoder->copy_up_to (_is_large && _session->was_last () ? 0 : whole);
}

//  As write(), with what is left apart behind it. Returns what was written of what then is
//  where `_outpos` says.
int zmq::stream_engine_base_t::write_batch (unsigned char *data_, size_t size_)
{
    const unsigned char *apart;
    const size_t apart_size = _encoder ? _encoder->apart (&apart) : 0;
    if (apart_size == 0)
        return write (data_, size_);

#if defined(ZMQ_HAVE_WINDOWS)
    const int sent = write (data_, size_);
    const size_t written = sent;
#else
    iovec parts[] = {{data_, size_},
                     {const_cast<unsigned char *> (apart), apart_size}};
    msghdr message = msghdr ();
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const ssize_t sent = sendmsg (_s, &message, LIBZMQ_SRC_NO_SIGNAL);
    //  What is wrong is for libzmq's own function to say.
    if (sent < 0)
        return write (data_, size_);
    const size_t written = sent;
#endif
    if (sent < 0 || written < size_)
        return static_cast<int> (sent);
    //  The encoder gives it as it is, and nothing is apart any more.
    _outpos = NULL;
    _outsize = _encoder->encode (&_outpos, 0);
    return static_cast<int> (written - size_);
}

#endif
