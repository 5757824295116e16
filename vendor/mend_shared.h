/* What is mended in the sockets of libzmq 4.3.5 that threads share, apart from their
 * mailbox (shared_mailbox.hpp). Included by platform.hpp, in C++ only, before
 * mend_session.h: sessions know of sockets.
 *
 * When such a socket is closed, the thread that ends it needs a descriptor to be told by,
 * and the process ends if there is none left then (socket_base.cpp, start_reaping). It is
 * made together with the socket, so that there is no socket if there is none for it
 * (unity.cpp says so to the constructor), as it is with the other kinds. The function of
 * old, which makes it, is left unused, under another name. */

#ifndef LIBZMQ_SRC_MEND_SHARED_H
#define LIBZMQ_SRC_MEND_SHARED_H

#include <zmq.h>
#include "mailbox.hpp"
#include "mailbox_safe.hpp"
#include "signaler.hpp"

#define start_reaping(poller)                                                  \
    start_reaping (poller);                                                    \
    void unmended_start_reaping (poller)
//  For pace.h.
#define send(message, flags)                                                   \
    send (message, flags);                                                     \
    LIBZMQ_SRC_INLINE int unmended_send (message, flags);                      \
                                                                               \
    /*  Whether who sends waits for what is ahead. */                          \
    bool is_pacing ();                                                         \
    void set_pacing (bool paces_);                                             \
                                                                               \
    /*  Who is to be told of what it sends, if anybody. */                     \
    lockstep_t *lockstep = NULL;                                               \
                                                                               \
  protected:                                                                   \
    /*  What has come, if anything; in sockets that threads do not share. */   \
    void work_off_news ();                                                     \
                                                                               \
  private:                                                                     \
    friend class pace_t;                                                       \
    bool let_go ();                                                            \
    bool _is_pacing = true;                                                    \
    /*  A connection has been waited for, since that was last looked at. */    \
    bool _has_waited = false;                                                  \
    LIBZMQ_SRC_INLINE int send_in_pace (message, flags);                       \
    int send_in_turn (message, flags);                                         \
                                                                               \
  public:                                                                      \
    static_assert (true, "")
namespace zmq
{
class lockstep_t;
}
#include "socket_base.hpp"
#undef send
#undef start_reaping

inline void zmq::socket_base_t::start_reaping (poller_t *poller_)
{
    _poller = poller_;
    fd_t descriptor;
    if (_thread_safe) {
        //  Who closes the socket has this lock until that is done.
        scoped_lock_t lock (_sync);
        descriptor = _reaper_signaler->get_fd ();
        static_cast<mailbox_safe_t *> (_mailbox)->add_signaler (
          _reaper_signaler);
        //  There may be something in the mailbox already.
        _reaper_signaler->send ();
    } else
        descriptor = static_cast<mailbox_t *> (_mailbox)->get_fd ();

    _handle = _poller->add_fd (descriptor, this);
    _poller->set_pollin (_handle);
    terminate ();
    check_destroy ();
}

#if defined(LIBZMQ_SRC_IO_MAILBOX_HPP)
inline void zmq::socket_base_t::work_off_news ()
{
    //  Where it fails the context ends, which who sends next will hear.
    if (static_cast<mailbox_t *> (_mailbox)->has_news ())
        process_commands (0, false);
}
#endif

//  Its definition, and its one call.
#define start_reaping(poller) ZMQ_MEND_REAPING_##poller)
#define ZMQ_MEND_REAPING_poller_t unmended_start_reaping (poller_t
#define ZMQ_MEND_REAPING__poller start_reaping (_poller

#endif
