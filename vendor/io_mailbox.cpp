/* See io_mailbox.hpp. On other systems there is libzmq's own. */

#include "precompiled.hpp"

#if defined(LIBZMQ_SRC_IO_MAILBOX_HPP)

#include <errno.h>
#include <sched.h>
#include <algorithm>

#include "clock.hpp"
#include "err.hpp"

//  io_poller.cpp
extern "C" void libzmq_src_drive (void *context_);
extern "C" void libzmq_src_hand_back (void *context_);

namespace
{
//  Yielding costs as much as looking does, and is rarely of use.
const unsigned looks_per_yield = 16;
}

zmq::mailbox_t::mailbox_t () :
    lockstep (this),
    _task (NULL),
    _news (none),
    _watched (0),
    _active (false),
    _exported (false),
    _asked (false),
    _spin (0),
    _context (NULL),
    _process (getpid ())
{
    //  The pipe begins as one whose reader has found nothing.
    const bool ok = _cpipe.check_read ();
    zmq_assert (!ok);
}

zmq::mailbox_t::~mailbox_t ()
{
    //  Senders may still be in send(), with news that the reader has taken already.
    _sync.lock ();
    _sync.unlock ();
}

void zmq::mailbox_t::send (const command_t &cmd_)
{
    if (!lockstep_t::takes (this, cmd_))
        put (cmd_);
}

void zmq::mailbox_t::put (const command_t &cmd_)
{
    bool signals = false;
    _sync.lock ();
    _cpipe.write (cmd_, false);
    if (!_cpipe.flush ()) {
        _news.store (quiet);
        int expected = quiet;
        signals = _watched.load () && !lockstep_t::is_muted (this)
                  && !(_task && lockstep_t::wakes (_task))
                  && _news.compare_exchange_strong (expected, signaled);
    }
    _sync.unlock ();
    //  The reader waits for this before it goes on, so the mailbox is still there.
    if (signals)
        _signaler.send ();
}

int zmq::mailbox_t::recv (command_t *cmd_, int timeout_)
{
    if (_active && _cpipe.read (cmd_))
        return 0;
    //  Here there is nothing left of what has come.
    _active = false;
    _active = take_news (timeout_);
    if (!_active)
        return -1;
    const bool ok = _cpipe.read (cmd_);
    zmq_assert (ok);
    return 0;
}

bool zmq::mailbox_t::recv_light (command_t *cmd_)
{
    while (!_active || !_cpipe.check_read ()) {
        _active = take_now ();
        if (!_active)
            return false;
    }
    return _cpipe.probe (is_light) && _cpipe.read (cmd_);
}

bool zmq::mailbox_t::take_news (int timeout_)
{
    //  In a forked child there is nobody who sends.
    if (unlikely (getpid () != _process)) {
        errno = EINTR;
        return false;
    }
    if (timeout_ == 0) {
        lockstep.look ();
        return take_now ();
    }
    lockstep_t::deliver ();
    if (_spin && spin (&timeout_))
        return true;
    return lockstep.is_on () ? lockstep.wait (timeout_) : sleep (timeout_);
}

bool zmq::mailbox_t::sleep (int timeout_)
{
    const bool taken = take_or_watch ()
                       || (_signaler.wait (timeout_) == 0 && take_signal ());
    watch_no_more ();
    return taken;
}

bool zmq::mailbox_t::take_or_watch ()
{
    _watched.fetch_or (reader);
    return take_quiet ();
}

void zmq::mailbox_t::watch_no_more ()
{
    if (!_exported)
        _watched.fetch_and (~reader, std::memory_order_relaxed);
}

bool zmq::mailbox_t::take_now ()
{
    if (take_quiet ())
        return true;
    if (_news.load (std::memory_order_relaxed) == signaled)
        return take_signal ();
    errno = EAGAIN;
    return false;
}

bool zmq::mailbox_t::spin (int *timeout_)
{
    const uint64_t begin = clock_t::now_us ();
    uint64_t limit = _spin;
    if (*timeout_ > 0)
        limit = std::min (limit, static_cast<uint64_t> (*timeout_) * 1000);
    uint64_t passed = 0;
    for (unsigned i = 1; !take_now (); i++) {
        passed = clock_t::now_us () - begin;
        if (passed >= limit) {
            if (_context)
                libzmq_src_hand_back (_context);
            if (*timeout_ > 0)
                *timeout_ -= static_cast<int> (limit / 1000);
            return false;
        }
        if (_context)
            libzmq_src_drive (_context);
        //  Who has to answer may need this processor.
        if (i % looks_per_yield == 0)
            sched_yield ();
    }
    return true;
}

bool zmq::mailbox_t::take_quiet ()
{
    int expected = quiet;
    return _news.load () == quiet
           && _news.compare_exchange_strong (expected, none);
}

bool zmq::mailbox_t::take_signal ()
{
    if (_signaler.recv_failable () != 0) {
        errno_assert (errno == EAGAIN);
        return false;
    }
    _news.store (none);
    return true;
}

zmq::fd_t zmq::mailbox_t::get_fd ()
{
    _exported = _exported || _asked;
    _asked = true;
    if (_exported)
        set_watched (true);
    return _signaler.get_fd ();
}

void zmq::mailbox_t::set_watched (bool watched_, watcher_t by_)
{
    if (watched_)
        _watched.fetch_or (by_);
    else
        _watched.fetch_and (~by_);
    int expected = quiet;
    if (watched_ && _news.compare_exchange_strong (expected, signaled))
        _signaler.send ();
}

void zmq::mailbox_t::set_task (const void *task_)
{
    _sync.lock ();
    _task = task_;
    _sync.unlock ();
    //  Those who were to wake it may find nobody.
    if (!task_ && is_watched (reader))
        set_watched (true);
}

void zmq::mailbox_t::set_spin (uint32_t time_, void *context_)
{
    _spin = time_;
    _context = context_;
}

bool zmq::mailbox_t::valid () const
{
    return _signaler.valid ();
}

#ifdef HAVE_FORK
void zmq::mailbox_t::forked ()
{
    _signaler.forked ();
}
#endif

#endif
