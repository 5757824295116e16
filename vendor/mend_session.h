/* What is mended in the sessions of libzmq 4.3.5 while it is compiled; apart from
 * mend.h, for it needs the class, and that the poller. Included by platform.hpp.
 *
 * When a connection is lost with a message of several frames half on its way, the rest
 * is read and dropped. If the socket was closed meanwhile, with a linger of 0 or one
 * that is over, nothing more can be read, and this ends the process (session_base.cpp,
 * clean_pipes; libzmq issue 3442). So it is first seen whether something can: by a
 * function that sessions get, called where the loss is announced. Another says whether
 * something can still be written, which mend_peers.h asks. */

#ifndef LIBZMQ_SRC_MEND_SESSION_H
#define LIBZMQ_SRC_MEND_SESSION_H

#include <zmq.h>
#include "pipe.hpp"

#define engine_error(handshaked, reason)                                       \
    forget_what_is_over ()                                                     \
    {                                                                          \
        if (_incomplete_in && (!_pipe || !_pipe->check_read ()))               \
            _incomplete_in = false;                                            \
    }                                                                          \
    bool can_push () { return _pipe && _pipe->check_write (); }                \
    void engine_error (handshaked, reason)
#include "session_base.hpp"
#undef engine_error

#define event_disconnected(endpoints, descriptor)                              \
    ZMQ_MEND_DISCONNECTED_##endpoints, descriptor)
#define ZMQ_MEND_DISCONNECTED_const event_disconnected (const
#define ZMQ_MEND_DISCONNECTED__endpoint_uri_pair                               \
    event_disconnected (_endpoint_uri_pair, _s),                               \
      _session->forget_what_is_over (), (void) (_endpoint_uri_pair

#endif
