/* What is mended in libzmq 4.3.5, while it is compiled, of what a hostile peer could do
 * with it. Included by platform.hpp, in C++ only, after mend_session.h: it needs the class
 * that is mended there.
 *
 * A ROUTER numbers the peers that give no routing id, and ends the process if a peer
 * has taken the next number for its own (socket_base.cpp, add_out_pipe). Numbers that
 * are taken are passed over.
 *
 * It does not talk to a peer that has the routing id of another, nor read what that sends;
 * so it never comes to the end of it, and keeps all of it when the peer is gone
 * (router.cpp, identify_peer). There is no need to read it to the end.
 *
 * A REP begins the reply before it knows whether the request is one. If it is none, and who
 * sent it is gone, the reply that was begun stays so, and that to the next is lost, as if
 * it were the rest (router.cpp, rollback). It is ended: by a frame, as a class that REP
 * gets as its base cannot reach what says so.
 *
 * A peer without a mechanism says who it is when the socket has made a place for it. If that
 * is being closed by then, it ends the process (process_routing_id_msg, in zmtp_engine.cpp
 * and ws_engine.cpp). It is left waiting, as who says anything else then. The functions
 * of old are asked once there is a place.
 *
 * A PING that ends before its time to live is answered with what memory holds after it
 * (zmtp_engine.cpp, process_heartbeat_message). It is ignored.
 *
 * A CURVE client takes a READY that comes before the WELCOME, and opens it with a key
 * that nobody has set yet (curve_client.cpp, process_handshake_command). It is a
 * command that is not expected.
 *
 * A WebSocket connection may take for ever to be made (ws_engine.cpp, plug_internal). It
 * gets the timer that ZMTP has. To a peer that has chosen the protocol without a
 * mechanism, a heartbeat ends the process (stream_engine_base.cpp, pull_and_encode).
 * It gets none, as peers of ZMTP without a mechanism get none; see mend.h. The functions
 * that read a frame do not say what is wrong with it (ws_decoder.cpp), and what they
 * refuse is then taken for whatever went wrong last; after EAGAIN the connection stays,
 * and nobody reads from it. It is an error of the protocol. With CURVE, subscriptions
 * are sent as commands (ws_engine.cpp, select_protocol), which nobody reads there; they
 * are sent as the messages that they are with other mechanisms.
 *
 * Who an authenticator has let in under a name cannot be heard by a REQ or a DISH that
 * listens: the name is pushed to the socket before the first message
 * (stream_engine_base.cpp, write_credential), and their sessions take it for a message out
 * of turn, and hang up. It is not pushed; it is dropped wherever else it arrives
 * (pipe.cpp, read). The function of old is left unused, under another name.
 *
 * A RADIO ends the process if a peer joins a group with too long a name (radio.cpp,
 * radio_session_t::push_msg), and keeps the message that a peer has received half of. A
 * DISH ends it if a message for the empty group has to wait (dish.cpp,
 * dish_session_t::push_msg), takes a heartbeat for half a message, and keeps the half
 * that has come when a peer is gone. Their sessions are replaced. */

#include <errno.h>
#include <string.h>
#include "mechanism.hpp"

#define write_credential(msg)                                                  \
    write_credential (msg_t *msg_)                                             \
    {                                                                          \
        _process_msg = &stream_engine_base_t::decode_and_push;                 \
        return decode_and_push (msg_);                                         \
    }                                                                          \
                                                                               \
  public:                                                                      \
    /*  For io_poller.hpp. */                                                  \
    bool is_established () const                                               \
    {                                                                          \
        return !_handshaking                                                   \
               && (!_mechanism || _mechanism->status () == mechanism_t::ready); \
    }                                                                          \
                                                                               \
  private:                                                                     \
    /*  For batch.h. */                                                        \
    int write_batch (unsigned char *data_, size_t size_);                      \
    void set_copied ();                                                        \
    bool _is_large = false;                                                    \
    int unmended_write_credential (msg)
/*  For mend_session.h, which does not know whether it reads anyway. */
#define restart_input()                                                        \
    restart_input () ZMQ_FINAL                                                 \
    {                                                                          \
        return !_input_stopped || unmended_restart_input ();                   \
    }                                                                          \
    virtual bool unmended_restart_input ()
#include "stream_engine_base.hpp"
#undef restart_input
#undef write_credential
#define write_credential(msg) unmended_write_credential (msg)

#define process_routing_id_msg(msg)                                            \
    process_routing_id_msg (msg_t *msg_)                                       \
    {                                                                          \
        if (session ()->can_push ())                                           \
            return unmended_process_routing_id_msg (msg_);                     \
        errno = EAGAIN;                                                        \
        return -1;                                                             \
    }                                                                          \
    int unmended_process_routing_id_msg (msg)
#include "ws_engine.hpp"
#include "zmtp_engine.hpp"
#undef process_routing_id_msg
#define process_routing_id_msg(msg) unmended_process_routing_id_msg (msg)

#include "dish.hpp"
#include "radio.hpp"
#include "router.hpp"
#include "session_base.hpp"
#include "wire.hpp"

namespace zmq
{
//  One that says EPROTO where the one in it says nothing.
class strict_decoder_t : public i_decoder
{
  public:
    explicit strict_decoder_t (i_decoder *decoder_) : _decoder (decoder_) {}
    ~strict_decoder_t () { delete _decoder; }

    void get_buffer (unsigned char **data_, size_t *size_)
    {
        _decoder->get_buffer (data_, size_);
    }
    void resize_buffer (size_t size_) { _decoder->resize_buffer (size_); }
    int decode (const unsigned char *data_, size_t size_, size_t &processed_)
    {
        errno = EPROTO;
        return _decoder->decode (data_, size_, processed_);
    }
    msg_t *msg () { return _decoder->msg (); }

  private:
    i_decoder *const _decoder;
};

class mended_ws_engine_t : public ws_engine_t
{
  public:
    using ws_engine_t::ws_engine_t;

  protected:
    void plug_internal ()
    {
        set_handshake_timer ();
        ws_engine_t::plug_internal ();
    }

    bool handshake ()
    {
        if (!ws_engine_t::handshake ())
            return false;
        _decoder = new (std::nothrow) strict_decoder_t (_decoder);
        alloc_assert (_decoder);
        return true;
    }
};

class mended_router_t : public zmq::router_t
{
  public:
    using zmq::router_t::router_t;

  protected:
    //  What REP calls its base.
    typedef mended_router_t router_t;

    int rollback ()
    {
        zmq::router_t::rollback ();
        msg_t last;
        int rc = last.init ();
        errno_assert (rc == 0);
        //  A message of one frame is for nobody.
        return zmq::router_t::xsend (&last);
    }
};

//  A message for a group, which travels as two frames.
class halves_t
{
  public:
    halves_t () { _kept.init (); }
    ~halves_t () { _kept.close (); }

    //  Whether it has one half.
    bool full () const { return _full; }
    msg_t &kept () { return _kept; }

    void keep (msg_t *msg_)
    {
        const int rc = _kept.move (*msg_);
        errno_assert (rc == 0);
        _full = true;
    }

    void drop ()
    {
        int rc = _kept.close ();
        errno_assert (rc == 0);
        rc = _kept.init ();
        errno_assert (rc == 0);
        _full = false;
    }

  private:
    msg_t _kept;
    bool _full = false;
};

class mended_radio_session_t : public session_base_t
{
  public:
    using session_base_t::session_base_t;

    int push_msg (msg_t *msg_)
    {
        if (!(msg_->flags () & msg_t::command))
            return session_base_t::push_msg (msg_);
        const char *const data = static_cast<char *> (msg_->data ());
        const bool join = msg_->size () >= 5 && !memcmp (data, "\4JOIN", 5);
        const bool leave = msg_->size () >= 6 && !memcmp (data, "\5LEAVE", 6);
        if (!join && !leave)
            return session_base_t::push_msg (msg_);

        const size_t name = join ? 5 : 6;
        msg_t change;
        int rc = join ? change.init_join () : change.init_leave ();
        errno_assert (rc == 0);
        //  The name may be too long.
        if (change.set_group (data + name, msg_->size () - name) != 0) {
            errno = EPROTO;
            return -1;
        }
        rc = msg_->move (change);
        errno_assert (rc == 0);
        return session_base_t::push_msg (msg_);
    }

    int pull_msg (msg_t *msg_)
    {
        if (_body.full ()) {
            //  UDP's engine gives one that is not initialised yet.
            *msg_ = _body.kept ();
            const int rc = _body.kept ().init ();
            errno_assert (rc == 0);
            _body.drop ();
            return 0;
        }
        msg_t body;
        int rc = body.init ();
        errno_assert (rc == 0);
        if (session_base_t::pull_msg (&body) != 0)
            return -1;
        _body.keep (&body);
        const size_t length = strlen (_body.kept ().group ());
        rc = msg_->init_size (length);
        errno_assert (rc == 0);
        memcpy (msg_->data (), _body.kept ().group (), length);
        msg_->set_flags (msg_t::more);
        return 0;
    }

    void reset ()
    {
        session_base_t::reset ();
        _body.drop ();
    }

  private:
    halves_t _body;
};

class mended_dish_session_t : public session_base_t
{
  public:
    using session_base_t::session_base_t;

    int push_msg (msg_t *msg_)
    {
        if (msg_->flags () & msg_t::command)
            return 0;
        const bool more = (msg_->flags () & msg_t::more) != 0;
        if (!_group.full ()) {
            if (!more || msg_->size () > ZMQ_GROUP_MAX_LENGTH) {
                errno = EFAULT;
                return -1;
            }
            _group.keep (msg_);
            return 0;
        }
        if (more) {
            errno = EFAULT;
            return -1;
        }
        //  It has it already if there was no place for it before.
        if (!*msg_->group ()) {
            const int rc =
              msg_->set_group (static_cast<char *> (_group.kept ().data ()),
                               _group.kept ().size ());
            errno_assert (rc == 0);
        }
        const int rc = session_base_t::push_msg (msg_);
        if (rc == 0)
            _group.drop ();
        return rc;
    }

    int pull_msg (msg_t *msg_)
    {
        if (session_base_t::pull_msg (msg_) != 0)
            return -1;
        if (!msg_->is_join () && !msg_->is_leave ())
            return 0;
        const size_t name = msg_->is_join () ? 5 : 6;
        const size_t length = strlen (msg_->group ());
        msg_t command;
        int rc = command.init_size (name + length);
        errno_assert (rc == 0);
        char *const data = static_cast<char *> (command.data ());
        memcpy (data, msg_->is_join () ? "\4JOIN" : "\5LEAVE", name);
        memcpy (data + name, msg_->group (), length);
        command.set_flags (msg_t::command);
        rc = msg_->move (command);
        errno_assert (rc == 0);
        return 0;
    }

    void reset ()
    {
        session_base_t::reset ();
        _group.drop ();
    }

  private:
    halves_t _group;
};
}

#define router_t mended_router_t
#include "rep.hpp"
#undef router_t

#define put_uint32(where, what) (put_uint32) (where, ZMQ_MEND_NUMBER_##what)
#define ZMQ_MEND_NUMBER_random random
#define ZMQ_MEND_NUMBER_static_cast static_cast
#define ZMQ_MEND_NUMBER__next_integral_routing_id                              \
    [this] () -> uint32_t & {                                                  \
        unsigned char name[5] = {0};                                           \
        for (;; ++_next_integral_routing_id) {                                 \
            (put_uint32) (name + 1, _next_integral_routing_id);                \
            if (!has_out_pipe (blob_t (name, 5, reference_tag_t ())))          \
                return _next_integral_routing_id;                              \
        }                                                                      \
    }()

//  Where the peer's own routing id is looked up, a statement follows.
#define lookup_out_pipe(...) ZMQ_MEND_LOOKUP_##__VA_ARGS__)
#define ZMQ_MEND_LOOKUP_const lookup_out_pipe (const
#define ZMQ_MEND_LOOKUP_blob_t lookup_out_pipe (blob_t
#define ZMQ_MEND_LOOKUP_routing_id_blob lookup_out_pipe (routing_id_blob
#define ZMQ_MEND_LOOKUP_routing_id                                             \
    lookup_out_pipe (routing_id);                                              \
    if (existing_outpipe && !_handover)                                        \
    (pipe_->set_nodelay ()

//  The call is within the class; its condition comes first.
#define process_heartbeat_message(msg) ZMQ_MEND_HEARTBEAT_##msg)
#define ZMQ_MEND_HEARTBEAT_msg_t process_heartbeat_message (msg_t
#define ZMQ_MEND_HEARTBEAT_msg_                                                \
    msg_->is_ping () && msg_->size () < msg_t::ping_cmd_name_size + 2          \
      ? -1                                                                     \
      : process_heartbeat_message (msg_

//  Nothing begins with READY if its length is 0.
#define is_handshake_command_ready(data, size)                                 \
    is_handshake_command_ready (ZMQ_MEND_READY_##data, ZMQ_MEND_READY_##size)
#define ZMQ_MEND_READY_const const
#define ZMQ_MEND_READY_msg_data msg_data
#define ZMQ_MEND_READY_msg_size _state != expect_ready ? 0 : msg_size

//  What makes one is told from what defines the class by its first argument.
#define ws_engine_t(...) ZMQ_MEND_WS_##__VA_ARGS__)
#define ZMQ_MEND_WS_ ws_engine_t (
#define ZMQ_MEND_WS_fd_t ws_engine_t (fd_t
#define ZMQ_MEND_WS_fd_ mended_ws_engine_t (fd_

//  Only the WebSocket engine says false outright to subscriptions as messages.
#define curve_client_t(...) ZMQ_MEND_CURVE_CLIENT_##__VA_ARGS__)
#define ZMQ_MEND_CURVE_CLIENT_ curve_client_t (
#define ZMQ_MEND_CURVE_CLIENT_session_base_t curve_client_t (session_base_t
#define ZMQ_MEND_CURVE_CLIENT_session() ZMQ_MEND_CURVE_CLIENT (session ()
#define ZMQ_MEND_CURVE_CLIENT(session, options, downgrade)                     \
    curve_client_t (session, options, ZMQ_MEND_DOWNGRADE_##downgrade)
#define curve_server_t(...) ZMQ_MEND_CURVE_SERVER_##__VA_ARGS__)
#define ZMQ_MEND_CURVE_SERVER_ curve_server_t (
#define ZMQ_MEND_CURVE_SERVER_session_base_t curve_server_t (session_base_t
#define ZMQ_MEND_CURVE_SERVER_session() ZMQ_MEND_CURVE_SERVER (session ()
#define ZMQ_MEND_CURVE_SERVER(session, address, options, downgrade)            \
    curve_server_t (session, address, options, ZMQ_MEND_DOWNGRADE_##downgrade)
#define ZMQ_MEND_DOWNGRADE_false true
#define ZMQ_MEND_DOWNGRADE_downgrade_sub_ downgrade_sub_

#define radio_session_t(...) ZMQ_MEND_RADIO_##__VA_ARGS__)
#define ZMQ_MEND_RADIO_ radio_session_t (
#define ZMQ_MEND_RADIO_io_thread_t radio_session_t (io_thread_t
#define ZMQ_MEND_RADIO_io_thread_ mended_radio_session_t (io_thread_

#define dish_session_t(...) ZMQ_MEND_DISH_##__VA_ARGS__)
#define ZMQ_MEND_DISH_ dish_session_t (
#define ZMQ_MEND_DISH_io_thread_t dish_session_t (io_thread_t
#define ZMQ_MEND_DISH_io_thread_ mended_dish_session_t (io_thread_
