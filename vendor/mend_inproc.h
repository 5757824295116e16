/* What is mended in how sockets of libzmq 4.3.5 meet over inproc when one connects before
 * the other binds. Included by platform.hpp, in C++ only, before all that knows contexts
 * and pipes; mend_inproc.cpp has the functions.
 *
 * Who connects makes both ends of the pipe, keeps one and leaves the other in the context,
 * for whoever binds (ctx.cpp, pend_connection). Who binds takes it, and libzmq has it write
 * to both ends (connect_inproc_sockets), of which one is in use by another thread, maybe.
 * And what one end tells the other comes by way of the thread that it was of, which may be
 * the wrong one by the time it is read (libzmq issue 3759). So now:
 *
 * The end that waits for who binds, and whose it is, is guarded by the lock of the context's
 * endpoints. Only three things are told to it meanwhile: that the other end terminates, that
 * marks have changed, and that somebody asks for statistics. The pipe's own functions for
 * that, which hide those that it inherits (object.hpp), tell it at once, within the lock, as
 * long as it waits; else they send, as ever. All else is said in reply only, and so after
 * who binds has taken it.
 *
 * Who binds writes to its own end only. What it has for the other (its marks, and what to
 * say at the end) it leaves there, as terms that are taken by the thread of that end: when
 * it hears of them, when there is no room for a message by the marks of old, and before it
 * says its last.
 *
 * libzmq ends the process, too, when it greets who has gone, by disconnecting, before
 * somebody binds, or is greeted by a PAIR that has a peer already; the end of a context is
 * such a PAIR for those who still wait. Who is gone is not greeted, and the greeting comes
 * before all else.
 *
 * The end of a context makes a socket for each who waits, and ends the process if there can be
 * none, as when there are more than sockets: whoever connects and disconnects waits until
 * then, too (ctx.cpp, terminate). One socket takes them all first. The list of them is copied
 * without the lock; see unity.cpp, also for the call.
 *
 * The function of old is left unused, under another name. */

#ifndef LIBZMQ_SRC_MEND_INPROC_H
#define LIBZMQ_SRC_MEND_INPROC_H

#include <zmq.h>
#include <atomic>
#include <vector>

#include "mailbox.hpp"
#include "object.hpp"

#define connect_pending(address, socket)                                       \
    connect_pending (address, socket);                                         \
    int mended_terminate ();                                                   \
    mutex_t &endpoints_sync () { return _endpoints_sync; }
#define connect_inproc_sockets(...)                                            \
    connect_inproc_sockets (__VA_ARGS__);                                      \
    static void unmended_connect_inproc_sockets (__VA_ARGS__)
#include "ctx.hpp"
#undef connect_inproc_sockets
#undef connect_pending

#define set_nodelay()                                                          \
    set_nodelay ();                                                            \
                                                                               \
    /*  Leaves terms for this end; any thread, once. */                        \
    void offer (const options_t &bind_, const options_t &connect_);            \
                                                                               \
  private:                                                                     \
    struct terms_t                                                             \
    {                                                                          \
        int in_boost, out_boost, in_hwm, out_hwm;                              \
        std::vector<unsigned char> disconnect_msg;                             \
    };                                                                         \
    std::atomic<terms_t *> _terms{NULL};                                       \
                                                                               \
    /*  Whether there were any. */                                             \
    bool take_terms ();                                                        \
    /*  Whether there is room by terms that had not been taken. */             \
    bool has_more_room () const;                                               \
    /*  There are terms. */                                                    \
    void process_seqnum () ZMQ_OVERRIDE;                                       \
                                                                               \
    /*  Whether it is still of the thread of this end; within the lock. */     \
    bool waits (const pipe_t *peer_) const;                                    \
    void send_pipe_term (pipe_t *peer_);                                       \
    void mended_send_pipe_hwm (pipe_t *peer_, int in_, int out_);              \
    void mended_send_pipe_peer_stats (pipe_t *peer_, uint64_t count_,          \
                                      own_t *socket_,                          \
                                      endpoint_uri_pair_t *endpoints_);        \
    void unmended_send_disconnect_msg ();                                      \
                                                                               \
  public:                                                                      \
    static_assert (true, "")
//  For mend_session.h.
#define hiccup()                                                               \
    hiccup ();                                                                 \
                                                                               \
    /*  Whether what was read before is not written yet: then the end is left  \
        where it is. */                                                        \
    void set_unwritten (bool unwritten_) { _unwritten = unwritten_; }          \
    bool read_in_turn (msg_t *msg_);                                           \
    bool has_next () const { return _in_pipe && _in_pipe->has_next (); }       \
                                                                               \
  private:                                                                     \
    bool _unwritten = false;                                                   \
    /*  Set before the end is put there. */                                    \
    std::atomic<bool> _ending{false};                                          \
                                                                               \
  public:                                                                      \
    static_assert (true, "")
//  For pace.h.
#define flush()                                                                \
    flush ();                                                                  \
                                                                               \
    /*  As write(), but has who can wait for what is ahead wait. */            \
    bool write_in_pace (const msg_t *msg_);                                    \
    friend class pace_t;                                                       \
    pace_t pace{this}
#define process_activate_read()                                                \
    unmended_process_activate_read ();                                         \
    void process_activate_read ()
#define write(message) LIBZMQ_SRC_INLINE write (message)
#include "pipe.hpp"
#undef write
#undef process_activate_read
#undef flush
#undef hiccup
#undef set_nodelay

//  Its definition, and its two calls.
#define connect_inproc_sockets(...) ZMQ_MEND_INPROC_##__VA_ARGS__)
#define ZMQ_MEND_INPROC_zmq unmended_connect_inproc_sockets (zmq
#define ZMQ_MEND_INPROC_it connect_inproc_sockets (it
#define ZMQ_MEND_INPROC_bind_socket_ connect_inproc_sockets (bind_socket_

#endif
