/* libzmq, and what is ours of it, as one translation unit: each of its files parses
 * the same headers, so they take four times as long one by one.
 *
 * Each begins with precompiled.hpp, and that with platform.hpp. */

#include "libzmq/src/address.cpp"
#include "libzmq/src/client.cpp"
#include "libzmq/src/clock.cpp"
/* All that is done with the list of those who wait for who binds is within its lock, as that
 * of an expression (mend_inproc.h). */
#if defined(LIBZMQ_SRC_MEND_INPROC_H)
#define _pending_connections                                                   \
    ((void) scoped_lock_t (_endpoints_sync), _pending_connections)
#endif
#include "libzmq/src/ctx.cpp"
#undef _pending_connections
#include "libzmq/src/curve_client.cpp"
#include "libzmq/src/curve_mechanism_base.cpp"
#include "libzmq/src/curve_server.cpp"
#include "libzmq/src/dealer.cpp"
#include "libzmq/src/decoder_allocators.cpp"
#include "libzmq/src/devpoll.cpp"
#include "libzmq/src/dgram.cpp"
#include "libzmq/src/dish.cpp"
#include "libzmq/src/dist.cpp"
#include "libzmq/src/endpoint.cpp"
#include "libzmq/src/epoll.cpp"
#include "libzmq/src/err.cpp"
#if defined(LIBZMQ_SRC_MEND_TURNS_H)
#define pipe_terminated unmended_pipe_terminated
#endif
#include "libzmq/src/fq.cpp"
#undef pipe_terminated
#include "libzmq/src/gather.cpp"
#include "libzmq/src/gssapi_client.cpp"
#include "libzmq/src/gssapi_mechanism_base.cpp"
#include "libzmq/src/gssapi_server.cpp"
#include "libzmq/src/io_object.cpp"
#include "libzmq/src/io_thread.cpp"
#include "libzmq/src/ip.cpp"
/* Who cannot be told of the network's interfaces, for want of a descriptor, say, looks for no
 * interface of that name, as where there are none to be told of, and does not abort
 * (resolve_nic_name). ECONNREFUSED it tries again. */
#if defined(ZMQ_HAVE_IFADDRS) && !defined(ZMQ_UNMENDED)
#include <ifaddrs.h>
static int mended_getifaddrs (ifaddrs **list_)
{
    const int rc = getifaddrs (list_);
    if (rc == -1 && errno != ECONNREFUSED)
        errno = EINVAL;
    return rc;
}
#define getifaddrs mended_getifaddrs
#endif
#include "libzmq/src/ip_resolver.cpp"
#undef getifaddrs
#include "libzmq/src/ipc_address.cpp"
/* A connection over ipc has room in the system for what is gathered four times. Who writes is told
 * to go on when most of the room is free again: with that of three, which Linux has by default,
 * each batch has both processes wait for each other. Only where batches are larger than libzmq's
 * own, and never less than there is. */
static void have_room_for_batches (zmq::fd_t fd_, const zmq::options_t &options_)
{
    const int batch = options_.out_batch_size;
    //  So much that four of them are no int is asked for as it is.
    const int room = batch > INT_MAX / 4 ? batch : 4 * batch;
    int current = room;
    socklen_t size = sizeof current;
    if (batch <= 8192
        || getsockopt (fd_, SOL_SOCKET, SO_SNDBUF,
                       reinterpret_cast<char *> (&current), &size)
             != 0
        || current >= room)
        return;
    //  As much as the system allows; it is no error if that is less.
    (void) setsockopt (fd_, SOL_SOCKET, SO_SNDBUF,
                       reinterpret_cast<const char *> (&room), sizeof room);
}
#define unblock_socket(fd) have_room_for_batches (fd, options), unblock_socket (fd)
#include "libzmq/src/ipc_connecter.cpp"
#undef unblock_socket
/* A process that has no descriptor left is no reason to abort (accept). The other listeners
 * take it for what the whole system may have, too, and let the connection be. */
#if defined(HAVE_ACCEPT4)
static int enfile_for_emfile (int accepted_)
{
    if (accepted_ == -1 && errno == EMFILE)
        errno = ENFILE;
    return accepted_;
}
#define accept4(fd, address, size, flags)                                      \
    enfile_for_emfile (accept4 (fd, address, size, flags))
#endif
#define make_socket_noninheritable(fd)                                         \
    have_room_for_batches (fd, options), make_socket_noninheritable (fd)
#include "libzmq/src/ipc_listener.cpp"
#undef make_socket_noninheritable
#undef accept4
#include "libzmq/src/kqueue.cpp"
/* Those who may wait for what is ahead; see pace.h. */
#if defined(LIBZMQ_SRC_PACE_H)
inline bool zmq::pipe_t::write_in_pace (const msg_t *msg_)
{
    if (!pace.may_write () || !write (msg_))
        return false;
    pace.wrote (*msg_);
    return true;
}
#define write(message) write_in_pace (message)
#endif
#include "libzmq/src/channel.cpp"
#if defined(LIBZMQ_SRC_MEND_TURNS_H)
#define pipe_terminated unmended_pipe_terminated
#endif
#include "libzmq/src/lb.cpp"
#undef pipe_terminated
#include "libzmq/src/pair.cpp"
#undef write
#if !defined(LIBZMQ_SRC_IO_MAILBOX_HPP)
#include "libzmq/src/mailbox.cpp"
#endif
#if !defined(LIBZMQ_SRC_SHARED_MAILBOX_HPP)
#include "libzmq/src/mailbox_safe.cpp"
#endif
#include "libzmq/src/mechanism.cpp"
#include "libzmq/src/mechanism_base.cpp"
#include "libzmq/src/metadata.cpp"
#include "libzmq/src/msg.cpp"
#include "libzmq/src/mtrie.cpp"
#include "libzmq/src/norm_engine.cpp"
#include "libzmq/src/null_mechanism.cpp"
#include "libzmq/src/object.cpp"
#include "libzmq/src/options.cpp"
#include "libzmq/src/own.cpp"
#include "libzmq/src/peer.cpp"
#include "libzmq/src/pgm_receiver.cpp"
#include "libzmq/src/pgm_sender.cpp"
#include "libzmq/src/pgm_socket.cpp"
/* Where a message is compared with the marks, and the last is said (mend_inproc.h). */
#if defined(LIBZMQ_SRC_MEND_INPROC_H)
#define uint64_t(mark) uint64_t (mark) && !has_more_room ()
#define send_disconnect_msg unmended_send_disconnect_msg
#endif
#if defined(LIBZMQ_SRC_PACE_H)
#define process_activate_read unmended_process_activate_read
#endif
#include "libzmq/src/pipe.cpp"
#undef process_activate_read
#undef uint64_t
#undef send_disconnect_msg
#include "libzmq/src/plain_client.cpp"
#include "libzmq/src/plain_server.cpp"
#include "libzmq/src/poll.cpp"
#include "libzmq/src/poller_base.cpp"
#include "libzmq/src/polling_util.cpp"
#include "libzmq/src/pollset.cpp"
#include "libzmq/src/precompiled.cpp"
#include "libzmq/src/proxy.cpp"
#include "libzmq/src/pub.cpp"
#include "libzmq/src/pull.cpp"
#include "libzmq/src/push.cpp"
#include "libzmq/src/radio.cpp"
#include "libzmq/src/radix_tree.cpp"
#include "libzmq/src/random.cpp"
#include "libzmq/src/raw_decoder.cpp"
#include "libzmq/src/raw_encoder.cpp"
#include "libzmq/src/raw_engine.cpp"
#include "libzmq/src/reaper.cpp"
#include "libzmq/src/rep.cpp"
#include "libzmq/src/req.cpp"
/* A name that is given to a connection, and somebody has by now, is dropped: the connection gets
 * one as if it had been given none, and this does not abort (identify_peer). */
#define NAME_IS_NEW                                                            \
    connect_routing_id_is_set () && [this] {                                   \
        std::string id = extract_connect_routing_id ();                        \
        unsigned char *const data = reinterpret_cast<unsigned char *> (&id[0]); \
        return !has_out_pipe (blob_t (data, id.size (), reference_tag_t ()))   \
               && xsetsockopt (ZMQ_CONNECT_ROUTING_ID, data, id.size ()) == 0; \
    }()
#if !defined(ZMQ_UNMENDED)
#define connect_routing_id_is_set() NAME_IS_NEW
#endif
#if defined(LIBZMQ_SRC_MEND_ROUTER_H)
#define xsend unmended_xsend
#endif
#include "libzmq/src/router.cpp"
#undef xsend
#undef connect_routing_id_is_set
#include "libzmq/src/scatter.cpp"
#include "libzmq/src/select.cpp"
#include "libzmq/src/server.cpp"
/* For the end of a connection see mend_session.h. */
#if defined(LIBZMQ_SRC_MEND_SESSION_H)
#define pipe_terminated unmended_pipe_terminated
#define process_term(linger) ZMQ_MEND_TERM_##linger)
#define ZMQ_MEND_TERM_int unmended_process_term (int
#define ZMQ_MEND_TERM_0 process_term (0
#define push_msg unmended_push_msg
#define read(message) read_in_turn (message)
#endif
#include "libzmq/src/session_base.cpp"
#undef pipe_terminated
#undef process_term
#undef push_msg
#undef read
#include "libzmq/src/signaler.cpp"
/* A socket without a mailbox is not made (create), nor one that nobody could be told to end
 * (mend_shared.h). */
#if defined(LIBZMQ_SRC_MEND_SHARED_H)
#define mailbox_safe_t(lock)                                                   \
    mailbox_safe_t (lock);                                                     \
    _reaper_signaler = new (std::nothrow) signaler_t;                          \
    alloc_assert (_reaper_signaler);                                           \
    if (!_reaper_signaler->valid ()) {                                         \
        LIBZMQ_DELETE (_mailbox);                                              \
        errno = EMFILE;                                                        \
        return;                                                                \
    }
#endif
#if defined(LIBZMQ_SRC_PACE_H)
#define send(...) ZMQ_PACE_SEND_##__VA_ARGS__)
#define ZMQ_PACE_SEND_msg_t unmended_send (msg_t
#define ZMQ_PACE_SEND_ send (
#endif
#include "libzmq/src/socket_base.cpp"
#undef send
#undef mailbox_safe_t
#include "libzmq/src/socket_poller.cpp"
#include "libzmq/src/socks.cpp"
#include "libzmq/src/socks_connecter.cpp"
#if !defined(ZMQ_UNMENDED)
#define connect_routing_id_is_set() NAME_IS_NEW
#endif
#include "libzmq/src/stream.cpp"
#undef connect_routing_id_is_set
#undef NAME_IS_NEW
#include "libzmq/src/stream_connecter_base.cpp"
#if defined(LIBZMQ_SRC_MEND_SESSION_H)
#define pull_msg(message)                                                      \
    pull_more (message, _outsize != 0, _is_large && _encoder->is_amid ())
#define reset_pollout() reset_pollout (), _session->writes_no_more ()
#define restart_input unmended_restart_input
//  See batch.h. Of the smallest the encoder need not hear.
#define load_msg(message)                                                      \
    load_msg (message);                                                        \
    if (!_tx_msg.is_vsm () || _is_large)                                       \
    set_copied ()
//  Its definition, and its call.
#define write(data, size) ZMQ_BATCH_WRITE_##data, size)
#define ZMQ_BATCH_WRITE_const write (const
#define ZMQ_BATCH_WRITE__outpos write_batch (_outpos
#endif
#include "libzmq/src/stream_engine_base.cpp"
#undef write
#undef load_msg
#undef pull_msg
#undef reset_pollout
#undef restart_input
#include "libzmq/src/stream_listener_base.cpp"
#include "libzmq/src/sub.cpp"
/* A connection that is closed is an error, to whichever thread notices; the signal is not
 * wanted. */
#if defined(MSG_NOSIGNAL)
#define send(fd, data, size, flags) send (fd, data, size, flags | MSG_NOSIGNAL)
#endif
#include "libzmq/src/tcp.cpp"
#undef send
#include "libzmq/src/tcp_address.cpp"
#include "libzmq/src/tcp_connecter.cpp"
#include "libzmq/src/tcp_listener.cpp"
#include "libzmq/src/thread.cpp"
#include "libzmq/src/timers.cpp"
#include "libzmq/src/tipc_address.cpp"
#include "libzmq/src/tipc_connecter.cpp"
#include "libzmq/src/tipc_listener.cpp"
#include "libzmq/src/trie.cpp"
#include "libzmq/src/udp_address.cpp"
/* A datagram that is shorter than its group is none (mend.h). */
#if !defined(ZMQ_UNMENDED)
#define recvfrom(descriptor, buffer, size, flags, address, length)             \
    zmq::mended_received (                                                     \
      static_cast<int> (                                                       \
        recvfrom (descriptor, buffer, size, flags, address, length)),          \
      buffer, _options.raw_socket)
#endif
#include "libzmq/src/udp_engine.cpp"
#undef recvfrom
#include "libzmq/src/v1_decoder.cpp"
#include "libzmq/src/v1_encoder.cpp"
#include "libzmq/src/v2_decoder.cpp"
#include "libzmq/src/v2_encoder.cpp"
#include "libzmq/src/v3_1_encoder.cpp"
#include "libzmq/src/vmci.cpp"
#include "libzmq/src/vmci_address.cpp"
#include "libzmq/src/vmci_connecter.cpp"
#include "libzmq/src/vmci_listener.cpp"
#include "libzmq/src/ws_address.cpp"
#include "libzmq/src/ws_connecter.cpp"
#include "libzmq/src/ws_decoder.cpp"
#include "libzmq/src/ws_encoder.cpp"
#include "libzmq/src/ws_engine.cpp"
#include "libzmq/src/ws_listener.cpp"
#include "libzmq/src/xpub.cpp"
#include "libzmq/src/xsub.cpp"
#include "libzmq/src/zap_client.cpp"
#if defined(LIBZMQ_SRC_MEND_INPROC_H)
#define terminate() mended_terminate ()
#endif
#include "libzmq/src/zmq.cpp"
#undef terminate
#include "libzmq/src/zmq_utils.cpp"
#include "libzmq/src/zmtp_engine.cpp"

#include "batch.cpp"
#include "calls.cpp"
#include "io_mailbox.cpp"
#include "io_poller.cpp"
#include "lockstep.cpp"
#include "mend_inproc.cpp"
#include "pace.cpp"
#include "process.cpp"
#include "shared_mailbox.cpp"
#if defined(__linux__)
#include "pool.cpp"
#include "recviov.cpp"
#endif

/* Last, for its macros have names of one letter. */
#include "libzmq/external/sha1/sha1.c"
