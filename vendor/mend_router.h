/* What is mended in how ROUTER, and with it REP, of libzmq 4.3.5 finds room for a message.
 * Included by platform.hpp, after mend_session.h: it knows of sessions.
 *
 * It drops what there is no room for, and hears of room by its mailbox, which who sends looks into
 * once in a millisecond at most (socket_base.cpp, process_commands). So what a peer has read
 * already, and has answered, still counts: with short queues replies are dropped that nothing
 * is ahead of. Here it looks before each message, if something has come, which our mailbox
 * (io_mailbox.hpp) knows at once. The function of old is called under another name (unity.cpp). */

#if defined(LIBZMQ_SRC_IO_MAILBOX_HPP) && !defined(LIBZMQ_SRC_MEND_ROUTER_H)
#define LIBZMQ_SRC_MEND_ROUTER_H

#define xsend(message)                                                         \
    unmended_xsend (message);                                                  \
    int xsend (message)
#include "router.hpp"
#undef xsend

inline int zmq::router_t::xsend (msg_t *msg_)
{
    work_off_news ();
    return unmended_xsend (msg_);
}

#endif
