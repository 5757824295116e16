/* See pace.h. */

#include "precompiled.hpp"

#if defined(LIBZMQ_SRC_PACE_H)

#include <algorithm>
#include <limits>

#include "ctx.hpp"
#include "io_thread.hpp"
#include "likely.hpp"
#include "pipe.hpp"
#include "poller.hpp"
#include "socket_base.hpp"

namespace
{
//  Bytes: half of the cache that a processor has of its own, or less, on what there is today.
const int64_t least = 1 << 20;
const int64_t half = least / 2;

const int64_t unlimited = std::numeric_limits<int64_t>::max ();

//  What the reader may say, which is more than it will ever have read.
const int64_t go_on = unlimited;
const int64_t too_slow = unlimited - 1;

const int tick_ms = 1;
const int tick_id = 0x50;
}

zmq::pace_t::pace_t (pipe_t *pipe_) :
    _pipe (pipe_),
    _tid (pipe_->get_tid ()),
    _written (0),
    _seen (0),
    _allowance (least),
    _in_midst (false),
    _waits (false),
    _taken (0),
    _taken_last (0),
    _due (0),
    _ticks (false),
    _is_first (false),
    _awaited (go_on)
{
}

zmq::pace_t::~pace_t ()
{
    if (_ticks)
        thread ()->get_poller ()->cancel_timer (this, tick_id);
}

bool zmq::pace_t::may_begin ()
{
    //  Else there is no room, or nobody who reads, or it still waits; write() will say so.
    if (!_pipe->_out_active || _pipe->_state != pipe_t::active)
        return true;
    _waits = false;
    pace_t &reader = _pipe->_peer->pace;
    socket_base_t *const socket = static_cast<socket_base_t *> (_pipe->_sink);
    if (_pipe->_conflate || !reader.thread () || !socket->_is_pacing) {
        _allowance = unlimited;
        return true;
    }
    _seen = reader._taken.load (std::memory_order_relaxed);
    const int64_t ahead = _written - _seen;
    const int64_t awaited = reader._awaited.load (std::memory_order_acquire);
    if (ahead < least)
        _allowance = least;
    else if (awaited == too_slow)
        _allowance = 2 * ahead;
    if (awaited == too_slow)
        reader._awaited.store (go_on, std::memory_order_relaxed);
    if (ahead < _allowance)
        return true;
    if (awaited == go_on) {
        reader._awaited.store (_written - half, std::memory_order_release);
        _pipe->send_activate_read (_pipe->_peer);
    }
    _waits = true;
    socket->_has_waited = true;
    _pipe->_out_active = false;
    return false;
}

bool zmq::pace_t::let_go ()
{
    if (!_waits || _pipe->_out_active || _pipe->_state != pipe_t::active)
        return false;
    _waits = false;
    _allowance = 2 * (_written - _seen);
    _pipe->_out_active = true;
    _pipe->_sink->write_activated (_pipe);
    return true;
}

void zmq::pace_t::set (bool paces_)
{
    if (paces_)
        _allowance = least;
    else
        let_go ();
}

void zmq::pace_t::took (const msg_t &msg_)
{
    //  Nobody else writes it.
    _taken_last = size (msg_);
    const int64_t taken =
      _taken.load (std::memory_order_relaxed) + _taken_last;
    _taken.store (taken, std::memory_order_relaxed);
    const int64_t awaited = _awaited.load (std::memory_order_relaxed);
    if (unlikely (taken >= awaited))
        answer (awaited, go_on);
}

void zmq::pace_t::rung ()
{
    if (!is_awaited ())
        return;
    const int64_t awaited = _awaited.load (std::memory_order_acquire);
    if (_taken.load (std::memory_order_relaxed) >= awaited) {
        answer (awaited, go_on);
        return;
    }
    _is_first = true;
    if (!_ticks)
        start_tick ();
}

bool zmq::pace_t::is_awaited () const
{
    //  In other states there is an end of the connection for the writer to hear of; it may be
    //  gone.
    return _awaited.load (std::memory_order_acquire) < too_slow
           && (_pipe->_state == pipe_t::active
               || _pipe->_state == pipe_t::waiting_for_delimiter);
}

void zmq::pace_t::answer (int64_t awaited_, int64_t answer_)
{
    if (_awaited.compare_exchange_strong (awaited_, answer_))
        _pipe->send_activate_write (_pipe->_peer, _pipe->_msgs_read);
}

zmq::io_thread_t *zmq::pace_t::thread () const
{
    const uint32_t first = ctx_t::reaper_tid + 1;
    return _tid >= first && _tid - first < 64
             ? _pipe->get_ctx ()->choose_io_thread (uint64_t (1) << (_tid - first))
             : NULL;
}

void zmq::pace_t::start_tick ()
{
    _ticks = true;
    thread ()->get_poller ()->add_timer (tick_ms, this, tick_id);
}

void zmq::pace_t::timer_event (int)
{
    _ticks = false;
    if (!is_awaited ())
        return;
    const int64_t taken = _taken.load (std::memory_order_relaxed);
    if (!_is_first && taken < _due) {
        answer (_awaited.load (std::memory_order_relaxed), too_slow);
        return;
    }
    //  The last frame is being written now, which may take several ticks.
    const int64_t written = taken - _taken_last;
    _due = (_is_first ? written : std::max (_due, written)) + half;
    _is_first = false;
    start_tick ();
}

void zmq::pipe_t::process_activate_read ()
{
    unmended_process_activate_read ();
    pace.rung ();
}

int zmq::socket_base_t::send (msg_t *msg_, int flags_)
{
#if defined(LIBZMQ_SRC_LOCKSTEP_HPP)
    if (unlikely (lockstep != NULL))
        return send_in_turn (msg_, flags_);
#endif
    return send_in_pace (msg_, flags_);
}

#if defined(LIBZMQ_SRC_LOCKSTEP_HPP)
int zmq::socket_base_t::send_in_turn (msg_t *msg_, int flags_)
{
    lockstep_t *const it = lockstep;
    const bool leads = it->leads ();
    lockstep_t *const outer = leads ? it->begin_to_send (flags_) : NULL;
    const int rc = send_in_pace (msg_, flags_);
    if (rc == 0)
        it->has_sent (flags_);
    if (leads)
        it->end_to_send (outer);
    return rc;
}
#endif

LIBZMQ_SRC_INLINE int zmq::socket_base_t::send_in_pace (msg_t *msg_, int flags_)
{
    while (true) {
        const int rc = unmended_send (msg_, flags_);
        if (likely (rc == 0) || (errno != EAGAIN && errno != EINTR)
            || (flags_ & LIBZMQ_SRC_IN_PACE) || !let_go ())
            return rc;
        flags_ |= ZMQ_DONTWAIT;
    }
}

bool zmq::socket_base_t::is_pacing ()
{
    scoped_optional_lock_t sync_lock (_thread_safe ? &_sync : NULL);
    return _is_pacing;
}

bool zmq::socket_base_t::let_go ()
{
    scoped_optional_lock_t sync_lock (_thread_safe ? &_sync : NULL);
    if (!_has_waited)
        return false;
    _has_waited = false;
    const int err = errno;
    bool any = false;
    for (pipes_t::size_type i = 0; i != _pipes.size (); i++)
        any = _pipes[i]->pace.let_go () || any;
    errno = err;
    return any;
}

void zmq::socket_base_t::set_pacing (bool paces_)
{
    scoped_optional_lock_t sync_lock (_thread_safe ? &_sync : NULL);
    _is_pacing = paces_;
    for (pipes_t::size_type i = 0; i != _pipes.size (); i++)
        _pipes[i]->pace.set (paces_);
}

extern "C" void libzmq_src_set_pacing (void *socket_, int paces_)
{
    static_cast<zmq::socket_base_t *> (socket_)->set_pacing (paces_ != 0);
}

extern "C" int libzmq_src_is_pacing (void *socket_)
{
    return static_cast<zmq::socket_base_t *> (socket_)->is_pacing ();
}

#else

extern "C" void libzmq_src_set_pacing (void *, int)
{
}

extern "C" int libzmq_src_is_pacing (void *)
{
    return 0;
}

#endif
