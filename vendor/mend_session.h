/* What is mended in the sessions of libzmq 4.3.5 while it is compiled; apart from
 * mend.h, for it needs the class, and that the poller. Included by platform.hpp.
 *
 * When a connection is lost with a message of several frames half on its way, the rest
 * is read and dropped. If the socket was closed meanwhile, with a linger of 0 or one
 * that is over, nothing more can be read, and this ends the process (session_base.cpp,
 * clean_pipes; libzmq issue 3442). So it is first seen whether something can: by a
 * function that sessions get, called where the loss is announced. Another says whether
 * something can still be written, which mend_peers.h asks.
 *
 * A PAIR or CHANNEL that has a peer sends the next one away, a ROUTER whose routing id it hands
 * over, but only its queue: the connection stays, and if the peer has sent something, it
 * stays when the peer is gone, for nobody reads from it (session_base.cpp, pipe_terminated):
 * strangers may fill the table of descriptors. Such a connection, if it is one that was
 * accepted, is closed with its queue. One that was made stays as it is: it gets a new queue when
 * it is made again. The function of old is called under another name (unity.cpp).
 *
 * A socket that lingers ends its connection when the session has read all that was to be
 * sent, and not when it is written: what the engine has gathered meanwhile and the system has
 * no room for is lost (stream_engine_base.cpp, out_event, and session_base.cpp,
 * pipe_terminated). With batches of 8 KiB, libzmq's own, there mostly is room, with larger
 * ones not. The end is left in the queue while something is not written yet: the engine
 * says so when it asks for more (unity.cpp). It also says when it writes no more, for it
 * has written all, or cannot.
 *
 * A connection that cannot be written to ends when reading says so, too, and that does not happen
 * while nobody has room for what was received (stream_engine_base.cpp, out_event). If the socket
 * is closed then, nobody will ever have, and libzmq waits as long as it lingers, which may be
 * for ever, with whatever is still to be sent. So from then on what is received is dropped, and
 * reading goes on. */

#ifndef LIBZMQ_SRC_MEND_SESSION_H
#define LIBZMQ_SRC_MEND_SESSION_H

#include <errno.h>
#include <zmq.h>
#include "pipe.hpp"
#include "socket_base.hpp"

#define pipe_terminated(pipe)                                                  \
    pipe_terminated (pipe) ZMQ_FINAL;                                          \
    virtual void unmended_pipe_terminated (pipe)
#define process_term(linger)                                                   \
    process_term (linger) ZMQ_FINAL;                                           \
    virtual void unmended_process_term (linger)
#define push_msg(message)                                                      \
    push_msg (message);                                                        \
    int unmended_push_msg (message)
#define engine_error(handshaked, reason)                                       \
    forget_what_is_over ()                                                     \
    {                                                                          \
        if (_incomplete_in && (!_pipe || !_pipe->check_read ()))               \
            _incomplete_in = false;                                            \
        _is_full = false;                                                      \
    }                                                                          \
    /*  Whether the engine waits with a message for which there was no room. */ \
    bool _is_full = false;                                                     \
    /*  How many frames the engine has gathered; whether the last was small. */ \
    int _gathered = 0;                                                         \
    bool _is_small = false;                                                    \
    /*  The same as pull_msg, but nothing where it is time to write. */        \
    int pull_more (msg_t *msg_, bool unwritten_, bool is_at_end_)              \
    {                                                                          \
        if (_pipe)                                                             \
            _pipe->set_unwritten (unwritten_);                                 \
        _gathered = unwritten_ ? _gathered + 1 : 0;                            \
        /*  See batch.h. */                                                    \
        if (is_at_end_ || _gathered == LIBZMQ_SRC_MOST_GATHERED                \
            || (_gathered && _is_small && _pipe && !_pipe->has_next ())) {     \
            errno = EAGAIN;                                                    \
            return -1;                                                         \
        }                                                                      \
        const int rc = pull_msg (msg_);                                        \
        _is_small = rc == 0 && msg_->is_vsm ();                                \
        return rc;                                                             \
    }                                                                          \
    /*  Whether none was there behind the last, when it was looked for. */     \
    bool was_last () const { return !_pipe || !_pipe->has_next (); }           \
    /*  All is written, or nobody is there to read it: the end may come. */        \
    void writes_no_more ()                                                     \
    {                                                                          \
        if (!_pipe)                                                            \
            return;                                                            \
        _pipe->set_unwritten (false);                                          \
        _pipe->check_read ();                                                  \
    }                                                                          \
    bool can_push () { return _pipe && _pipe->check_write (); }                \
    void engine_error (handshaked, reason)
#include "session_base.hpp"
#undef engine_error
#undef pipe_terminated
#undef process_term
#undef push_msg

//  These have a process_term, too: session_base.cpp is not to declare another.
#include "tcp_connecter.hpp"
#if defined(ZMQ_HAVE_WS)
#include "ws_connecter.hpp"
#endif

inline void zmq::session_base_t::pipe_terminated (pipe_t *pipe_)
{
    const bool sent_away =
      pipe_ == _pipe && !_active && !_pending && !is_terminating ();
    unmended_pipe_terminated (pipe_);
    if (sent_away && _engine) {
        _engine->terminate ();
        _engine = NULL;
        terminate ();
    }
}

inline int zmq::session_base_t::push_msg (msg_t *msg_)
{
    int rc;
    if (_pending) {
        rc = msg_->close ();
        errno_assert (rc == 0);
        return msg_->init ();
    }
    rc = unmended_push_msg (msg_);
    _is_full = rc == -1;
    return rc;
}

inline void zmq::session_base_t::process_term (int linger_)
{
    //  Else this may be the end of the session.
    const bool lingers = _pipe != NULL;
    unmended_process_term (linger_);
    if (lingers && _engine && _is_full) {
        _is_full = false;
        _engine->restart_input ();
    }
}

#define event_disconnected(endpoints, descriptor)                              \
    ZMQ_MEND_DISCONNECTED_##endpoints, descriptor)
#define ZMQ_MEND_DISCONNECTED_const event_disconnected (const
#define ZMQ_MEND_DISCONNECTED__endpoint_uri_pair                               \
    event_disconnected (_endpoint_uri_pair, _s),                               \
      _session->forget_what_is_over (), (void) (_endpoint_uri_pair

#endif
