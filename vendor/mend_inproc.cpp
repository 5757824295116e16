/* See mend_inproc.h. */

#if defined(LIBZMQ_SRC_MEND_INPROC_H)

#include <set>
#include <string>

#include "ctx.hpp"
#include "err.hpp"
#include "pipe.hpp"
#include "socket_base.hpp"

int zmq::ctx_t::mended_terminate ()
{
    _slot_sync.lock ();
    std::set<std::string> addresses;
    _endpoints_sync.lock ();
    for (pending_connections_t::iterator it = _pending_connections.begin ();
         it != _pending_connections.end (); ++it)
        addresses.insert (it->first);
    _endpoints_sync.unlock ();
    if (!addresses.empty ()) {
        const bool was_terminating = _terminating;
        _terminating = false;
        socket_base_t *const taker = create_socket (ZMQ_PAIR);
        if (taker) {
            for (std::set<std::string>::iterator it = addresses.begin ();
                 it != addresses.end (); ++it)
                taker->bind (it->c_str ());
            taker->close ();
        }
        _terminating = was_terminating;
    }
    _slot_sync.unlock ();
    return terminate ();
}

void zmq::pipe_t::offer (const options_t &bind_, const options_t &connect_)
{
    terms_t *const terms = new (std::nothrow) terms_t;
    alloc_assert (terms);
    terms->in_boost = bind_.sndhwm;
    terms->out_boost = bind_.rcvhwm;
    terms->in_hwm = connect_.rcvhwm;
    terms->out_hwm = connect_.sndhwm;
    if (bind_.can_recv_disconnect_msg)
        terms->disconnect_msg = bind_.disconnect_msg;
    _terms.store (terms);

    //  It is waited for by the socket of this end, which takes it before it is told that it
    //  is connected, and before this end may go.
    command_t command;
    command.destination = this;
    command.type = command_t::inproc_connected;
    get_ctx ()->send_command (get_tid (), command);
}

bool zmq::pipe_t::take_terms ()
{
    //  Nobody else takes any, and there are some but once.
    terms_t *const terms = _terms.load ();
    if (!terms)
        return false;
    _terms.store (NULL);
    if (!_conflate) {
        set_hwms_boost (terms->in_boost, terms->out_boost);
        set_hwms (terms->in_hwm, terms->out_hwm);
    }
    if (!terms->disconnect_msg.empty ())
        set_disconnect_msg (terms->disconnect_msg);
    delete terms;
    return true;
}

bool zmq::pipe_t::has_more_room () const
{
    return const_cast<pipe_t *> (this)->take_terms () && check_hwm ();
}

void zmq::pipe_t::process_seqnum ()
{
    take_terms ();
    //  Who waits for room, by the marks of old, may go on.
    if (!_out_active && _state == active && check_hwm ()) {
        _out_active = true;
        _sink->write_activated (this);
    }
}

void zmq::pipe_t::send_disconnect_msg ()
{
    take_terms ();
    unmended_send_disconnect_msg ();
}

bool zmq::pipe_t::waits (const pipe_t *peer_) const
{
    //  Or it is for good: a socket that is connected to itself, which makes no difference.
    return peer_->get_tid () == get_tid ();
}

void zmq::pipe_t::send_pipe_term (pipe_t *peer_)
{
    peer_->_ending.store (true);
    scoped_lock_t lock (get_ctx ()->endpoints_sync ());
    if (waits (peer_))
        peer_->process_pipe_term ();
    else
        object_t::send_pipe_term (peer_);
}

void zmq::pipe_t::mended_send_pipe_hwm (pipe_t *peer_, int in_, int out_)
{
    scoped_lock_t lock (get_ctx ()->endpoints_sync ());
    if (waits (peer_))
        peer_->process_pipe_hwm (in_, out_);
    else
        object_t::mended_send_pipe_hwm (peer_, in_, out_);
}

void zmq::pipe_t::mended_send_pipe_peer_stats (pipe_t *peer_,
                                               uint64_t count_,
                                               own_t *socket_,
                                               endpoint_uri_pair_t *endpoints_)
{
    scoped_lock_t lock (get_ctx ()->endpoints_sync ());
    if (waits (peer_))
        peer_->process_pipe_peer_stats (count_, socket_, endpoints_);
    else
        object_t::mended_send_pipe_peer_stats (peer_, count_, socket_,
                                               endpoints_);
}

//  For mend_session.h.
bool zmq::pipe_t::read_in_turn (msg_t *msg_)
{
    //  Looks first what there is: who sees the end sees that it is coming.
    if (_unwritten && _in_active && _in_pipe->check_read () && _ending.load ()
        && _in_pipe->probe (is_delimiter))
        return false;
    if (!read (msg_))
        return false;
    pace.took (*msg_);
    return true;
}

#undef connect_inproc_sockets

//  Within the lock.
void zmq::ctx_t::connect_inproc_sockets (
  socket_base_t *bind_socket_,
  const options_t &bind_,
  const pending_connection_t &connection_,
  side side_)
{
    pipe_t *const pipe = connection_.bind_pipe;
    const options_t &connect = connection_.endpoint.options;

    bind_socket_->inc_seqnum ();
    pipe->set_tid (bind_socket_->get_tid ());
    connection_.connect_pipe->offer (bind_, connect);

    if (!get_effective_conflate_option (connect)) {
        pipe->set_hwms_boost (connect.sndhwm, connect.rcvhwm);
        pipe->set_hwms (bind_.rcvhwm, bind_.sndhwm);
    }
    //  Who connected could not know whether its routing id is wanted.
    if (!bind_.recv_routing_id) {
        msg_t id;
        const bool ok = pipe->read (&id);
        zmq_assert (ok);
        const int rc = id.close ();
        errno_assert (rc == 0);
    }
    //  Else who connected is gone.
    if (pipe->check_write ()) {
        if (connect.recv_routing_id)
            send_routing_id (pipe, bind_);
        if (bind_.can_send_hello_msg && !bind_.hello_msg.empty ())
            send_hello_msg (pipe, bind_);
    }

    if (side_ == connect_side) {
        connection_.connect_pipe->send_bind (bind_socket_, pipe, false);
        return;
    }
    command_t command;
    command.type = command_t::bind;
    command.args.bind.pipe = pipe;
    bind_socket_->process_command (command);
    bind_socket_->send_inproc_connected (connection_.endpoint.socket);
}

#endif
