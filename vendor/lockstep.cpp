/* See lockstep.hpp. */

#include "precompiled.hpp"

#if defined(LIBZMQ_SRC_LOCKSTEP_HPP)

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <algorithm>

#include "clock.hpp"
#include "ctx.hpp"
#include "io_thread.hpp"
#include "socket_base.hpp"

namespace
{
//  So many turns in a row, at first and at most after failures.
const uint32_t least_needed = 8;
const uint32_t most_needed = 1024;
//  After so many the failures are forgotten.
const uint32_t most_turns = 2 * most_needed;

//  The longest that an answer takes, and that who got it takes until it asks or answers again.
const uint64_t short_wait_us = 1000;
const uint64_t short_work_us = 200;

//  How often it may wait without having sent: it may be woken for other things.
const uint32_t most_waits = 4;

//  How often who is woken, and finds another at work, looks again, and how long it then leaves
//  that one alone.
const int most_busy = 20;
const timespec nap = {0, 50 * 1000};
}

thread_local zmq::lockstep_t *zmq::lockstep_t::_sender = NULL;
thread_local zmq::lockstep_t *zmq::lockstep_t::_leader = NULL;
thread_local const void **zmq::lockstep_t::_woken = NULL;

zmq::lockstep_t::lockstep_t (mailbox_t *mailbox_) :
    _mailbox (mailbox_),
    _thread (NULL),
    _io_mailbox (NULL),
    _told (NULL),
    _sent (0),
    _waits (0),
    _turns (0),
    _needed (least_needed),
    _leads (false),
    _began (0),
    _ended (0),
    _was_short (false),
    _claimed (false),
    _found (false),
    _acted (false),
    _keeps (false)
{
}

void zmq::lockstep_t::set_thread (io_thread_t *thread_, lockstep_t **told_)
{
    if (_thread) {
        release ();
        set_turns (0);
    }
    _thread = thread_;
    _io_mailbox = thread_ ? thread_->get_mailbox () : NULL;
    _told = told_;
    *_told = NULL;
}

void zmq::lockstep_t::set_turns (uint32_t turns_)
{
    _turns = turns_;
    const bool leads = _turns >= _needed;
    if (leads == _leads)
        return;
    _leads = leads;
    _thread->get_poller ()->add_askers (leads ? 1 : -1);
    if (!leads)
        _thread->get_poller ()->take_back ();
}

zmq::lockstep_t *zmq::lockstep_t::begin_to_send (int flags_)
{
    lockstep_t *const outer = _sender;
    if (_sent == 0 && !(flags_ & ZMQ_SNDMORE)
        && _thread->get_poller ()->is_lent ())
        _sender = this;
    return outer;
}

void zmq::lockstep_t::end_to_send (lockstep_t *outer_)
{
    if (_sender == this) {
        const int err = errno;
        deliver ();
        errno = err;
    }
    _sender = outer_;
}

bool zmq::lockstep_t::wakes (const void *task_)
{
    if (!_woken || (*_woken && *_woken != task_))
        return false;
    *_woken = task_;
    return true;
}

void zmq::lockstep_t::deliver ()
{
    lockstep_t *const it = _sender;
    _sender = NULL;
    if (!it)
        return;
    const command_t *const kept = it->_keeps ? &it->_kept : NULL;
    it->_keeps = false;
    it->_thread->get_poller ()->deliver (kept);
}

bool zmq::lockstep_t::acts (const mailbox_t *mailbox_,
                            const command_t &command_)
{
    //  What came before is done before.
    if (mailbox_ != _mailbox || !mailbox_t::is_light (command_)
        || !_mailbox->is_worked_off ())
        return false;
    _acted = true;
    command_.destination->process_command (command_);
    return true;
}

bool zmq::lockstep_t::keeps (mailbox_t *mailbox_, const command_t &command_)
{
    if (mailbox_ != _io_mailbox)
        return false;
    const bool is_first = !_keeps;
    _keeps = is_first && mailbox_t::is_light (command_);
    if (_keeps)
        _kept = command_;
    else if (!is_first)
        mailbox_->put (_kept);
    return _keeps;
}

void zmq::lockstep_t::count_wait ()
{
    *_told = this;
    _found = false;
    _acted = false;
    if (_sent == 0)
        return;
    _began = clock_t::now_us ();
    const bool in_turn =
      _sent == 1 && _was_short && _began - _ended < short_work_us;
    if (_leads && _sent > 1)
        give_up ();
    if (in_turn)
        set_turns (std::min (_turns + 1, most_turns));
    else if (_sent > 1 || _was_short)
        set_turns (0);
    if (_turns == most_turns)
        _needed = least_needed;
    _sent = 0;
    _waits = 0;
}

void zmq::lockstep_t::end_to_wait ()
{
    _ended = clock_t::now_us ();
    _was_short = _ended - _began < short_wait_us;
    //  A long wait may be chance, many are not.
    if (!_was_short)
        set_turns (_turns / 2);
    if (++_waits > most_waits)
        set_turns (0);
    //  Who led, and had what it waited for from another, did so in vain.
    if (_claimed && !_found && !_thread->get_poller ()->pay (-1))
        give_up ();
    release ();
}

void zmq::lockstep_t::release ()
{
    if (_claimed) {
        _claimed = false;
        _thread->get_poller ()->release (_mailbox);
    }
}

bool zmq::lockstep_t::claim ()
{
    _claimed = _leads && _thread->get_poller ()->claim (_mailbox);
    return _claimed;
}

void zmq::lockstep_t::give_up ()
{
    release ();
    set_turns (0);
    _needed = std::min (2 * _needed, most_needed);
}

zmq::fd_t zmq::lockstep_t::begin_to_wait ()
{
    count_wait ();
    return claim () ? _thread->get_poller ()->fd () : retired_fd;
}

bool zmq::lockstep_t::lead_unwatched ()
{
    _mailbox->set_watched (false);
    return lead () == io_poller_t::led;
}

int zmq::lockstep_t::lead ()
{
    _leader = this;
    const io_poller_t::led_t led = _thread->get_poller ()->lead (_mailbox);
    _leader = NULL;
    _found = _found || _mailbox->has_news ();
    if (led == io_poller_t::in_vain)
        give_up ();
    return led;
}

bool zmq::lockstep_t::wait (int timeout_)
{
    count_wait ();
    io_poller_t *const poller = _thread->get_poller ();
    const uint64_t end =
      _leads && timeout_ > 0
        ? clock_t::now_us () + static_cast<uint64_t> (timeout_) * 1000
        : 0;
    int left = timeout_;
    bool taken = false;
    int ready = 0;
    int busy = 0;
    while (!taken && !_acted && ready >= 0 && left != 0 && claim ()) {
        pollfd items[] = {{_mailbox->_signaler.get_fd (), POLLIN, 0},
                          {poller->fd (), POLLIN, 0}};
        taken = _mailbox->take_or_watch ();
        ready = taken ? 0 : poll (items, 2, left);
        _mailbox->watch_no_more ();
        if (ready > 0 && !items[0].revents && lead () == io_poller_t::busy) {
            //  That one will be done soon, but for a name that it looks up, say.
            if (++busy < most_busy)
                sched_yield ();
            else {
                taken = _mailbox->take_or_watch ();
                if (!taken)
                    ppoll (items, 1, &nap, NULL);
                _mailbox->watch_no_more ();
            }
        }
        if (ready >= 0)
            taken = taken || _mailbox->take_now ();
        if (timeout_ > 0) {
            const uint64_t now = clock_t::now_us ();
            left = now < end ? static_cast<int> ((end - now + 999) / 1000) : 0;
        }
    }
    //  A signal has come (EINTR), or nobody leads for it.
    if (!taken && !_acted && ready >= 0)
        taken = _mailbox->sleep (left);
    end_to_wait ();
    //  There is nothing to take of what is done already.
    if (!taken && _acted)
        errno = EAGAIN;
    return taken;
}

#endif

#if defined(LIBZMQ_SRC_LOCKSTEP_HPP) && defined(LIBZMQ_SRC_MEND_SHARED_H)

namespace
{
//  None of a socket that threads share.
zmq::lockstep_t *lockstep (void *socket_)
{
    zmq::socket_base_t *const socket =
      static_cast<zmq::socket_base_t *> (socket_);
    return socket->is_thread_safe ()
             ? NULL
             : &static_cast<zmq::mailbox_t *> (socket->get_mailbox ())->lockstep;
}
}

//  Who asks and answers by that socket does the work of the context's I/O thread, if it has but
//  one; without a context, nobody.
extern "C" void libzmq_src_set_lockstep (void *socket_, void *context_)
{
    zmq::lockstep_t *const it = lockstep (socket_);
    if (!it)
        return;
    zmq::ctx_t *const context = static_cast<zmq::ctx_t *> (context_);
    const bool is_on = context && !context->choose_io_thread (2);
    it->set_thread (is_on ? context->choose_io_thread (1) : NULL,
                    &static_cast<zmq::socket_base_t *> (socket_)->lockstep);
}

extern "C" int libzmq_src_begin_to_wait (void *socket_)
{
    zmq::lockstep_t *const it = lockstep (socket_);
    return it && it->is_on () ? it->begin_to_wait () : zmq::retired_fd;
}

//  To be called after the former has given a descriptor.
extern "C" int libzmq_src_lead (void *socket_)
{
    return lockstep (socket_)->lead_unwatched ();
}

extern "C" void libzmq_src_end_to_wait (void *socket_)
{
    zmq::lockstep_t *const it = lockstep (socket_);
    if (it && it->is_on ())
        it->end_to_wait ();
}

//  Whether who waits by that socket asks and answers in turns.
extern "C" int libzmq_src_in_turns (void *socket_)
{
    zmq::lockstep_t *const it = lockstep (socket_);
    return it && it->leads ();
}

extern "C" void libzmq_src_wake_into (const void **woken_)
{
    zmq::lockstep_t::wake_into (woken_);
}

#else

extern "C" void libzmq_src_set_lockstep (void *, void *)
{
}

extern "C" int libzmq_src_begin_to_wait (void *)
{
    return -1;
}

extern "C" int libzmq_src_lead (void *)
{
    return 0;
}

extern "C" void libzmq_src_end_to_wait (void *)
{
}

extern "C" int libzmq_src_in_turns (void *)
{
    return 0;
}

extern "C" void libzmq_src_wake_into (const void **)
{
}

#endif
