/* What is mended in libzmq 4.3.5 while it is compiled: its source stays as it
 * was released, so the preprocessor does it. Included by platform.hpp.
 *
 * Changing a high water mark, and asking for statistics of a monitored socket,
 * write to the other end of each of the socket's connections
 * (pipe.cpp, send_hwms_to_peer and send_stats_to_peer). When this end has
 * acknowledged that the connection is over, the other may be freed (libzmq issue
 * 4524). Only ends that are still active may write.
 *
 * The two functions that write are renamed, in their declaration, definition and
 * one call each; what the first argument begins with tells which it is.
 *
 * An XPUB that leaves subscriptions to the program notes who asked for what. When
 * the program receives what was asked, it wants to know whether the peer is still
 * there, and reads from its pipe where that is, freed or not (dist.cpp, has_pipe).
 * It is looked for among those that are there instead; the function of old is left
 * unused, under another name.
 *
 * A socket that connects, and asks a ZAP handler about who is there, keeps the line
 * to the handler when the connection is over. An answer that comes late is then
 * taken for one about the next peer, or ends the process, as the next connection
 * has not asked yet (session_base.cpp, read_activated). The line is given up with
 * the connection, where the next one is begun.
 *
 * WebSocket has a protocol without any mechanism, which peers of NULL sockets may
 * choose: nobody asks a ZAP handler about them (ws_engine.cpp, select_protocol).
 * Where there is a domain it is refused, as ZMTP without a mechanism is. Heartbeats end
 * the process there, for want of a mechanism (stream_engine_base.cpp, pull_and_encode);
 * there are none.
 *
 * A PLAIN or CURVE server that is told to do without peers as long as there is no ZAP
 * handler (ZMQ_ZAP_ENFORCE_DOMAIN) ends the process, or asks nobody and lets
 * everybody in, if it has no domain (plain_server.cpp, curve_server.cpp). It asks
 * in the empty domain instead. The function that says whether to ask is const; it gets
 * a twin that is not, which is the one that its callers find.
 *
 * A datagram for a DISH says how long its group is. If that is more than there is, it is
 * ignored, but a message that was made for the group is never freed (udp_engine.cpp,
 * in_event): anybody may fill the memory of who listens. Such a datagram becomes one of
 * no bytes, with no group, which is ignored before anything is made for it (unity.cpp). */

#if defined(__cplusplus) && !defined(ZMQ_UNMENDED)

#define send_pipe_hwm(destination, in, out) ZMQ_MEND_HWM_##destination, in, out)
#define ZMQ_MEND_HWM_zmq mended_send_pipe_hwm (zmq
#define ZMQ_MEND_HWM_pipe_t mended_send_pipe_hwm (pipe_t
#define ZMQ_MEND_HWM__peer                                                     \
    _state != active ? (void) 0 : mended_send_pipe_hwm (_peer

#define send_pipe_peer_stats(destination, count, socket, endpoints)            \
    ZMQ_MEND_STATS_##destination, count, socket, endpoints)
#define ZMQ_MEND_STATS_zmq mended_send_pipe_peer_stats (zmq
#define ZMQ_MEND_STATS_pipe_t mended_send_pipe_peer_stats (pipe_t
#define ZMQ_MEND_STATS__peer                                                   \
    _state != active ? delete ep : mended_send_pipe_peer_stats (_peer

#define has_pipe(pipe) ZMQ_MEND_HAS_PIPE_##pipe)
#define ZMQ_MEND_HAS_PIPE_zmq                                                  \
    has_pipe (zmq::pipe_t *pipe_);                                             \
    bool unmended_has_pipe (zmq
#define ZMQ_MEND_HAS_PIPE_pipe_t                                               \
    has_pipe (pipe_t *pipe_)                                                   \
    {                                                                          \
        for (pipes_t::size_type i = 0; i != _pipes.size (); i++)               \
            if (_pipes[i] == pipe_)                                            \
                return true;                                                   \
        return false;                                                          \
    }                                                                          \
    bool zmq::dist_t::unmended_has_pipe (pipe_t
#define ZMQ_MEND_HAS_PIPE__last_pipe has_pipe (_last_pipe

#define start_connecting(wait) ZMQ_MEND_CONNECTING_##wait)
#define ZMQ_MEND_CONNECTING_ start_connecting (
#define ZMQ_MEND_CONNECTING_bool start_connecting (bool
#define ZMQ_MEND_CONNECTING_false start_connecting (false
#define ZMQ_MEND_CONNECTING_true                                               \
    !_zap_pipe ? (void) 0                                                      \
               : (_zap_pipe->terminate (false),                                \
                  (void) _terminating_pipes.insert (_zap_pipe),                \
                  (void) (_zap_pipe = NULL)),                                  \
      start_connecting (true

#define select_protocol(name) ZMQ_MEND_PROTOCOL_##name)
#define ZMQ_MEND_PROTOCOL_const select_protocol (const
#define ZMQ_MEND_PROTOCOL_p ZMQ_MEND_PROTOCOL (p
#define ZMQ_MEND_PROTOCOL__header_value ZMQ_MEND_PROTOCOL (_header_value
#define ZMQ_MEND_PROTOCOL                                                      \
    [this] (const char *name_) {                                               \
        const bool bare = strcmp (name_, "ZWS2.0") == 0;                       \
        if (bare && session ()->zap_enabled ())                                \
            return false;                                                      \
        /* It adds the timer of heartbeats unless there is one. */             \
        _has_heartbeat_timer = bare;                                           \
        const bool selected = (select_protocol) (name_);                       \
        _has_heartbeat_timer = false;                                          \
        return selected;                                                       \
    }

#define zap_required()                                                         \
    zap_required ()                                                            \
    {                                                                          \
        return !options.zap_domain.empty ()                                    \
               || (options.zap_enforce_domain                                  \
                   && options.mechanism != ZMQ_NULL);                          \
    }                                                                          \
    bool zap_required ()
#include <zmq.h>
#include "mechanism_base.hpp"
#undef zap_required

namespace zmq
{
/* How long a datagram of `size_` bytes is when it is passed on. */
inline int mended_received (int size_, char *datagram_, bool raw_)
{
    const int group_size = static_cast<unsigned char> (datagram_[0]);
    if (raw_ || size_ < 0 || size_ > group_size)
        return size_;
    datagram_[0] = 0;
    return 0;
}
}

#if defined(HAVE_LIBGSSAPI_KRB5)
#include "mend_gssapi.h"
#endif

#endif
