/* See io_poller.hpp. On other systems threads cannot drive. */

#include "precompiled.hpp"

#if defined(LIBZMQ_SRC_IO_POLLER_HPP)

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <algorithm>
#include <limits>
#include <new>

#include "clock.hpp"
#include "config.hpp"
#include "err.hpp"
#include "i_poll_events.hpp"
#include "io_thread.hpp"
#include "socket_base.hpp"
#include "stream_engine_base.hpp"

namespace
{
//  How often the I/O thread looks whether others still drive: what is sent by a thread
//  that drove, and then neither drives nor hands back, leaves at most two of these later.
//  The longer others drive the less often, since looking takes a processor from somebody.
const long tick_ns = 500 * 1000;
const long longest_tick_ns = 4 * tick_ns;

//  How long another thread than the one that drove last waits for that one. What both
//  ends of a connection do stays in the caches of one processor that way.
const uint64_t patience_us = 5;

//  Of how many turns of who drives one asks epoll what is ready, where something is expected.
const uint32_t passes_per_look = 8;

const uint64_t never = std::numeric_limits<uint64_t>::max ();

uint64_t now_ms ()
{
    return zmq::clock_t::now_us () / 1000;
}

//  Whether `fd_` is readable, within the time given, or without one whenever it is.
bool readable (zmq::fd_t fd_, const timespec *timeout_)
{
    pollfd item = {fd_, POLLIN, 0};
    return ppoll (&item, 1, timeout_, NULL) == 1;
}
}

struct zmq::io_poller_t::entry_t
{
    fd_t fd;
    i_poll_events *events;
    //  What it wants to hear of, and what epoll was told of that.
    uint32_t wanted;
    uint32_t told;
    //  It is a connection, or listens: it has wanted to read.
    bool reads;
    //  Its place among the connections, if it is one.
    size_t place;
    bool is_connection;
    //  epoll does not have it, for all that it could say is that the peer has gone.
    bool is_silent;
    bool is_hopeful;

    void tell (fd_t epoll_fd_);
    void silence (fd_t epoll_fd_);
};

zmq::io_poller_t::io_poller_t (const thread_ctx_t &ctx_) :
    worker_poller_base_t (ctx_),
    _epoll_fd (epoll_create1 (EPOLL_CLOEXEC)),
    _bell (retired_fd),
    _turn (false),
    _mailbox (NULL),
    _driver (NULL),
    _drove_at (0),
    _driven (0),
    _last_driven (0),
    _wakes_at (never),
    _passes (0),
    _process (getpid ())
{
    errno_assert (_epoll_fd != retired_fd);
}

zmq::io_poller_t::~io_poller_t ()
{
    stop_worker ();
    close (_epoll_fd);
    if (_bell.load () != retired_fd)
        close (_bell.load ());
    for (size_t i = 0; i != _retired.size (); i++)
        delete _retired[i];
}

zmq::io_poller_t::handle_t zmq::io_poller_t::add_fd (fd_t fd_,
                                                     i_poll_events *events_)
{
    entry_t *const entry = new (std::nothrow) entry_t ();
    alloc_assert (entry);
    entry->fd = fd_;
    entry->events = events_;
    entry->is_connection = dynamic_cast<stream_engine_base_t *> (events_);
    if (entry->is_connection) {
        entry->place = _connections.size ();
        _connections.push_back (entry);
    }
    epoll_event event = {0, {entry}};
    const int rc = epoll_ctl (_epoll_fd, EPOLL_CTL_ADD, fd_, &event);
    errno_assert (rc != -1);
    adjust_load (1);
    return entry;
}

void zmq::io_poller_t::rm_fd (handle_t handle_)
{
    entry_t *const entry = static_cast<entry_t *> (handle_);
    if (!entry->is_silent)
        entry->silence (_epoll_fd);
    entry->fd = retired_fd;
    if (entry->is_connection) {
        entry_t *const last = _connections.back ();
        last->place = entry->place;
        _connections[entry->place] = last;
        _connections.pop_back ();
    }
    _retired.push_back (entry);
    adjust_load (-1);
}

void zmq::io_poller_t::entry_t::tell (fd_t epoll_fd_)
{
    if (told == wanted)
        return;
    epoll_event event = {wanted, {this}};
    const int how = is_silent ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    const int rc = epoll_ctl (epoll_fd_, how, fd, &event);
    errno_assert (rc != -1);
    told = wanted;
    is_silent = false;
}

//  Whoever wants to hear of nothing hears all the same that its peer has gone, again and
//  again.
void zmq::io_poller_t::entry_t::silence (fd_t epoll_fd_)
{
    epoll_event event;
    const int rc = epoll_ctl (epoll_fd_, EPOLL_CTL_DEL, fd, &event);
    errno_assert (rc != -1);
    is_silent = true;
}

void zmq::io_poller_t::change (handle_t handle_, uint32_t set_, uint32_t reset_)
{
    entry_t *const entry = static_cast<entry_t *> (handle_);
    entry->wanted = (entry->wanted | set_) & ~reset_;
    entry->reads = entry->reads || (entry->wanted & EPOLLIN);
    //  A connection that both reads and writes most often has nothing more to write once
    //  it has written the message that it wants this for. What only writes may wait for
    //  being connected.
    const bool is_hopeful = set_ == EPOLLOUT && !(entry->told & EPOLLOUT)
                            && (entry->wanted & EPOLLIN);
    if (!is_hopeful)
        entry->tell (_epoll_fd);
    else if (!entry->is_hopeful) {
        entry->is_hopeful = true;
        _hopeful.push_back (entry);
    }
}

void zmq::io_poller_t::set_pollin (handle_t handle_)
{
    change (handle_, EPOLLIN, 0);
}

void zmq::io_poller_t::reset_pollin (handle_t handle_)
{
    change (handle_, 0, EPOLLIN);
}

void zmq::io_poller_t::set_pollout (handle_t handle_)
{
    change (handle_, EPOLLOUT, 0);
}

void zmq::io_poller_t::reset_pollout (handle_t handle_)
{
    change (handle_, 0, EPOLLOUT);
}

void zmq::io_poller_t::settle ()
{
    for (size_t i = 0; i != _hopeful.size (); i++) {
        entry_t *const entry = _hopeful[i];
        if (entry->fd != retired_fd && (entry->wanted & EPOLLOUT))
            entry->events->out_event ();
        entry->is_hopeful = false;
        if (entry->fd != retired_fd)
            entry->tell (_epoll_fd);
    }
    _hopeful.clear ();
}

void zmq::io_poller_t::stop ()
{
    //  The loop ends when nothing is left to poll.
}

int zmq::io_poller_t::max_fds ()
{
    return -1;
}

int zmq::io_poller_t::timeout (uint64_t until_timer_)
{
    return until_timer_ ? static_cast<int> (until_timer_) : -1;
}

void zmq::io_poller_t::turn (int timeout_)
{
    epoll_event events[max_io_events];
    const int n = epoll_wait (_epoll_fd, events, max_io_events, timeout_);
    errno_assert (n != -1 || errno == EINTR);

    for (int i = 0; i < n; i++) {
        entry_t *const entry = static_cast<entry_t *> (events[i].data.ptr);
        const uint32_t ready = events[i].events;
        const bool is_over = ready & (EPOLLERR | EPOLLHUP);
        //  Each call may remove the entry, or change what it wants. A connection that does not
        //  want to read, because nobody has room for what it has, does not want to hear either
        //  that its peer has gone: there may be more to read before that (libzmq issue 4660).
        if (entry->fd != retired_fd && is_over
            && (!entry->reads || (entry->wanted & EPOLLIN)))
            entry->events->in_event ();
        if (entry->fd != retired_fd && (ready & EPOLLOUT))
            entry->events->out_event ();
        if (entry->fd != retired_fd && (ready & entry->wanted & EPOLLIN))
            entry->events->in_event ();
        if (entry->fd != retired_fd && is_over && !entry->wanted
            && !entry->is_silent)
            entry->silence (_epoll_fd);
    }
    end_turn ();
}

void zmq::io_poller_t::end_turn ()
{
    settle ();
    for (size_t i = 0; i != _retired.size (); i++)
        delete _retired[i];
    _retired.clear ();
}

bool zmq::io_poller_t::read_expected ()
{
    const size_t n = _connections.size ();
    if (n == 0 || n > 2 || ++_passes % passes_per_look == 0)
        return false;
    entry_t *expected = _connections[0];
    if (n == 2) {
        if (_hopeful.size () != 1)
            return false;
        if (expected == _hopeful[0])
            expected = _connections[1];
    }
    //  Who does not want to read would take it for an error.
    if (!(expected->wanted & EPOLLIN))
        return false;
    expected->events->in_event ();
    end_turn ();
    return true;
}

uint64_t zmq::io_poller_t::run_timers ()
{
    const uint64_t due = execute_timers ();
    settle ();
    return due;
}

bool zmq::io_poller_t::try_take ()
{
    return !_turn.exchange (true, std::memory_order_acquire);
}

void zmq::io_poller_t::take ()
{
    //  Turns are short, but one may have to resolve a host's name.
    const timespec nap = {0, tick_ns / 10};
    for (int i = 0; !try_take (); i++)
        if (i < 100)
            sched_yield ();
        else
            nanosleep (&nap, NULL);
}

void zmq::io_poller_t::give ()
{
    _turn.store (false, std::memory_order_release);
}

void zmq::io_poller_t::loop ()
{
    take ();
    int until_timer = timeout (run_timers ());
    while (get_load () != 0 || until_timer != -1) {
        if (_bell.load (std::memory_order_relaxed) == retired_fd) {
            //  Nobody drives: waiting is part of the turn, as in libzmq's pollers.
            turn (until_timer);
            if (_mailbox.load (std::memory_order_relaxed))
                //  There may be none to be had; then nobody will drive.
                _bell.store (eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK),
                             std::memory_order_release);
        } else {
            _wakes_at = until_timer == -1 ? never : now_ms () + until_timer;
            give ();
            wait (until_timer);
            take ();
            turn (0);
        }
        until_timer = timeout (run_timers ());
    }
    give ();
}

void zmq::io_poller_t::wait (int timeout_)
{
    timespec tick = {0, tick_ns};
    const fd_t bell = _bell.load (std::memory_order_relaxed);
    mailbox_t *const mailbox = _mailbox.load (std::memory_order_relaxed);
    bool rang = false;
    bool ours = false;
    while (!rang && !ours) {
        const uint32_t driven = _driven.load (std::memory_order_relaxed);
        if (driven != _last_driven) {
            //  What is ready now is what others are about to handle: not looked at, and
            //  they look into the mailbox in any case.
            _last_driven = driven;
            mailbox->set_watched (false);
            rang = readable (bell, &tick);
            tick.tv_nsec = std::min (2 * tick.tv_nsec, longest_tick_ns);
        } else {
            mailbox->set_watched (true);
            pollfd items[] = {{_epoll_fd, POLLIN, 0}, {bell, POLLIN, 0}};
            poll (items, 2, timeout_);
            rang = items[1].revents != 0;
        }
        ours = _driven.load (std::memory_order_relaxed) == _last_driven;
    }
    mailbox->set_watched (true);
    uint64_t rings;
    if (rang && read (bell, &rings, sizeof rings) > 0)
        //  Who rang no longer drives.
        _last_driven = _driven.load (std::memory_order_relaxed);
}

void zmq::io_poller_t::drive (io_thread_t *thread_)
{
    if (_bell.load (std::memory_order_acquire) == retired_fd) {
        _mailbox.store (thread_->get_mailbox (), std::memory_order_relaxed);
        return;
    }
    static thread_local char self;
    if (_driver.load (std::memory_order_relaxed) != &self
        && clock_t::now_us () - _drove_at.load (std::memory_order_relaxed)
             < patience_us)
        return;
    //  A forked child has this process's connections, but not its sockets.
    if (getpid () != _process || !try_take ())
        return;
    _driver.store (&self, std::memory_order_relaxed);
    _driven.fetch_add (1, std::memory_order_relaxed);
    thread_->in_event ();
    if (!read_expected ())
        turn (0);
    const uint64_t until_timer = run_timers ();
    //  A timer that is new, and due before the I/O thread would look.
    const bool early = until_timer && now_ms () + until_timer < _wakes_at;
    if (early)
        _wakes_at = 0;
    _drove_at.store (clock_t::now_us (), std::memory_order_relaxed);
    give ();
    if (early)
        hand_back ();
}

uint32_t zmq::io_poller_t::driven () const
{
    return _driven.load (std::memory_order_relaxed);
}

void zmq::io_poller_t::hand_back ()
{
    const fd_t bell = _bell.load (std::memory_order_acquire);
    if (bell != retired_fd) {
        const uint64_t one = 1;
        //  Fails only if it rings already.
        const ssize_t rc = write (bell, &one, sizeof one);
        LIBZMQ_UNUSED (rc);
    }
}

namespace
{
//  The context's I/O thread `i_`; none if it has no such thread.
zmq::io_thread_t *io_thread (void *context_, unsigned i_)
{
    zmq::ctx_t *const context = static_cast<zmq::ctx_t *> (context_);
    return i_ < 64 ? context->choose_io_thread (static_cast<uint64_t> (1) << i_)
                   : NULL;
}
}

extern "C" void libzmq_src_drive (void *context_)
{
    zmq::io_thread_t *it;
    for (unsigned i = 0; (it = io_thread (context_, i)); i++)
        it->get_poller ()->drive (it);
}

extern "C" void libzmq_src_hand_back (void *context_)
{
    zmq::io_thread_t *it;
    for (unsigned i = 0; (it = io_thread (context_, i)); i++)
        it->get_poller ()->hand_back ();
}

extern "C" uint32_t libzmq_src_driven (void *context_)
{
    uint32_t driven = 0;
    zmq::io_thread_t *it;
    for (unsigned i = 0; (it = io_thread (context_, i)); i++)
        driven += it->get_poller ()->driven ();
    return driven;
}

namespace
{
//  None of a socket that threads share: that has a mailbox_safe_t.
zmq::mailbox_t *mailbox (void *socket_)
{
    zmq::socket_base_t *const socket =
      static_cast<zmq::socket_base_t *> (socket_);
    return socket->is_thread_safe ()
             ? NULL
             : static_cast<zmq::mailbox_t *> (socket->get_mailbox ());
}
}

extern "C" void libzmq_src_set_watched (void *socket_, int watched_)
{
    if (zmq::mailbox_t *const it = mailbox (socket_))
        it->set_watched (watched_ != 0);
}

extern "C" void
libzmq_src_set_spin (void *socket_, uint32_t time_, void *context_)
{
    if (zmq::mailbox_t *const it = mailbox (socket_))
        it->set_spin (time_, context_);
}

#else

extern "C" void libzmq_src_drive (void *)
{
}

extern "C" void libzmq_src_hand_back (void *)
{
}

extern "C" void libzmq_src_set_watched (void *, int)
{
}

extern "C" void libzmq_src_set_spin (void *, uint32_t, void *)
{
}

extern "C" uint32_t libzmq_src_driven (void *)
{
    return 0;
}

#endif
