/* See io_poller.hpp. On other systems threads cannot drive. */

#include "precompiled.hpp"

#if defined(LIBZMQ_SRC_IO_POLLER_HPP)

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <algorithm>
#include <limits>
#include <new>
#include <string>

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
//  The longer others drive the less often, since looking takes a processor from somebody; and
//  less where nobody has ever spun, for who leads writes what it sends itself, and at once.
const long tick_ns = 500 * 1000;
const long longest_tick_ns = 2 * tick_ns;
const long longest_led_tick_ns = 8 * tick_ns;

//  How long another thread than the one that drove last waits for that one. What both
//  ends of a connection do stays in the caches of one processor that way.
const uint64_t patience_us = 5;

//  Of how many turns of who drives one asks epoll what is ready, where something is expected.
const uint32_t passes_per_look = 32;

//  What another than the I/O thread handles at most in one turn.
const int most_driven = 8;

//  Of what those who lead have waited for, so much more may be for others than for them.
const int most_credit = 16;

const uint64_t never = std::numeric_limits<uint64_t>::max ();

uint64_t now_ms ()
{
    return zmq::clock_t::now_us () / 1000;
}

//  The milliseconds until then, as poll() takes them.
int until (uint64_t then_)
{
    const uint64_t now = now_ms ();
    if (then_ == never)
        return -1;
    const uint64_t most = std::numeric_limits<int>::max ();
    return then_ > now ? static_cast<int> (std::min (then_ - now, most)) : 0;
}

//  What a socket is called, or its peer.
std::string name (zmq::fd_t fd_, int (*whose_) (int, sockaddr *, socklen_t *))
{
    sockaddr_storage name;
    sockaddr *const start = reinterpret_cast<sockaddr *> (&name);
    socklen_t size = sizeof name;
    if (whose_ (fd_, start, &size) != 0)
        return std::string ();
    return std::string (reinterpret_cast<char *> (start), size);
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
    //  Which connection it is, if it is one, and its place among them.
    size_t place;
    stream_engine_base_t *connection;
    //  epoll does not have it, for all that it could say is that the peer has gone.
    bool is_silent;
    bool is_hopeful;

    //  Whether others than the I/O thread may read from it and write to it.
    bool is_for_all () const;
    void tell (fd_t epoll_fd_);
    void silence (fd_t epoll_fd_);
};

thread_local zmq::io_poller_t *zmq::io_poller_t::_driving = NULL;

zmq::io_poller_t::io_poller_t (const thread_ctx_t &ctx_) :
    worker_poller_base_t (ctx_),
    _epoll_fd (epoll_create1 (EPOLL_CLOEXEC)),
    _thread (NULL),
    _commands (NULL),
    _bell (retired_fd),
    _tried (false),
    _turn (false),
    _wanted (nothing),
    _leader (NULL),
    _askers (0),
    _is_pair (false),
    _credit (most_credit),
    _driver (NULL),
    _drove_at (0),
    _driven (0),
    _last_driven (0),
    _longest_tick (0),
    _wakes_at (never),
    _next_timer (never),
    _passes (0),
    _has_unused (false),
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
    entry->connection = dynamic_cast<stream_engine_base_t *> (events_);
    if (entry->connection) {
        entry->place = _connections.size ();
        _connections.push_back (entry);
        look_for_pair ();
    }
    if (io_thread_t *const thread = dynamic_cast<io_thread_t *> (events_)) {
        _thread = thread;
        _commands = entry;
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
    if (entry->connection) {
        entry_t *const last = _connections.back ();
        last->place = entry->place;
        _connections[entry->place] = last;
        _connections.pop_back ();
        look_for_pair ();
    }
    _retired.push_back (entry);
    adjust_load (-1);
}

bool zmq::io_poller_t::entry_t::is_for_all () const
{
#if defined(ZMQ_UNMENDED)
    return false;
#else
    return connection && connection->is_established ();
#endif
}

void zmq::io_poller_t::look_for_pair ()
{
    if (_connections.size () != 2) {
        _is_pair = false;
        return;
    }
    const fd_t fds[] = {_connections[0]->fd, _connections[1]->fd};
    //  The client's name over ipc is empty, and so is that of its server's peer.
    _is_pair = name (fds[0], getsockname) == name (fds[1], getpeername)
               && name (fds[1], getsockname) == name (fds[0], getpeername);
}

void zmq::io_poller_t::entry_t::tell (fd_t epoll_fd_)
{
    if (told == wanted)
        return;
    //  Only who reads is to hear that there will be nothing more to read.
    const uint32_t asked = wanted & EPOLLIN ? wanted | EPOLLRDHUP : wanted;
    epoll_event event = {asked, {this}};
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

void zmq::io_poller_t::add_timer (int timeout_, i_poll_events *sink_, int id_)
{
    worker_poller_base_t::add_timer (timeout_, sink_, id_);
    _next_timer = std::min (_next_timer, now_ms () + timeout_);
}

void zmq::io_poller_t::work_off_commands ()
{
    command_t command;
    mailbox_t *const mailbox = _thread->get_mailbox ();
    while (mailbox->recv_light (&command))
        command.destination->process_command (command);
    if (mailbox->has_more ())
        hand_back ();
}

void zmq::io_poller_t::turn (int timeout_, bool is_io_thread_)
{
    epoll_event events[max_io_events];
    const int most = is_io_thread_ ? int (max_io_events) : most_driven;
    const int n = epoll_wait (_epoll_fd, events, most, timeout_);
    errno_assert (n != -1 || errno == EINTR);
    bool leaves = !is_io_thread_ && n == most;

    for (int i = 0; i < n; i++) {
        entry_t *const entry = static_cast<entry_t *> (events[i].data.ptr);
        if (entry->fd == retired_fd)
            continue;
        const uint32_t ready = events[i].events;
        const bool is_over = ready & (EPOLLERR | EPOLLHUP);
        if (!is_io_thread_) {
            if (entry == _commands) {
                work_off_commands ();
                continue;
            }
            if (is_over || (ready & EPOLLRDHUP) || !entry->is_for_all ()) {
                leaves = true;
                continue;
            }
        }
        //  Each call may remove the entry, or change what it wants. A connection that does not
        //  want to read, because nobody has room for what it has, does not want to hear either
        //  that its peer has gone: there may be more to read before that (libzmq issue 4660).
        if (is_over && (!entry->reads || (entry->wanted & EPOLLIN)))
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
    if (leaves)
        hand_back ();
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
    if (!(expected->wanted & EPOLLIN) || !expected->is_for_all ())
        return false;
    expected->events->in_event ();
    end_turn ();
    return true;
}

uint64_t zmq::io_poller_t::run_timers ()
{
    const uint64_t due = execute_timers ();
    settle ();
    _next_timer = never;
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
    _turn.store (false);
}

bool zmq::io_poller_t::try_drive ()
{
    //  A forked child has this process's connections, but not its sockets.
    if (getpid () != _process || !try_take ())
        return false;
    _driven.fetch_add (1, std::memory_order_relaxed);
    _driving = this;
    return true;
}

void zmq::io_poller_t::end_drive ()
{
    bool rings = false;
    while (true) {
        //  Those that are due before the I/O thread would look.
        if (_next_timer < _wakes_at) {
            _wakes_at = _next_timer;
            rings = true;
        }
        _driving = NULL;
        give ();
        if (_wanted.load () == nothing || !try_drive ())
            break;
        const bool looks = _wanted.exchange (nothing) & all;
        work_off_commands ();
        if (looks)
            turn (0, false);
        else
            end_turn ();
    }
    if (rings)
        hand_back ();
}

void zmq::io_poller_t::loop ()
{
    take ();
    int until_timer = timeout (run_timers ());
    while (get_load () != 0 || until_timer != -1) {
        if (_bell.load (std::memory_order_relaxed) == retired_fd) {
            //  Nobody drives: waiting is part of the turn, as in libzmq's pollers.
            turn (until_timer, true);
            if (_tried.load (std::memory_order_relaxed))
                //  There may be none to be had; then nobody will drive.
                _bell.store (eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK),
                             std::memory_order_release);
        } else {
            _wakes_at = until_timer == -1 ? never : now_ms () + until_timer;
            free_all ();
            wait ();
            take ();
            //  Others may have heard of them, and left them.
            _thread->in_event ();
            turn (0, true);
        }
        until_timer = timeout (run_timers ());
    }
    free_all ();
}

void zmq::io_poller_t::wait ()
{
    timespec tick = {0, tick_ns};
    const fd_t bell = _bell.load (std::memory_order_relaxed);
    mailbox_t *const mailbox = _thread->get_mailbox ();
    bool rang = false;
    bool ours = _wanted.exchange (nothing) != nothing || _has_unused;
    while (!rang && !ours) {
        const uint32_t driven = _driven.load (std::memory_order_relaxed);
        if (driven != _last_driven) {
            //  What is ready now is what others are about to handle: not looked at, and
            //  they look into the mailbox in any case.
            _last_driven = driven;
            mailbox->set_watched (false);
            rang = readable (bell, &tick);
            const bool spun = _driver.load (std::memory_order_relaxed) != NULL;
            const long longest = spun ? longest_tick_ns : longest_led_tick_ns;
            tick.tv_nsec = std::min (2 * tick.tv_nsec, longest);
            if (_longest_tick < tick.tv_nsec)
                _longest_tick = tick.tv_nsec;
        } else {
            mailbox->set_watched (true);
            //  Who leads still waits, but may not be there any more.
            _leader.store (NULL);
            mailbox->set_watched (false, mailbox_t::leader);
            if (_has_unused)
                break;
            pollfd items[] = {{_epoll_fd, POLLIN, 0}, {bell, POLLIN, 0}};
            poll (items, 2, until (_wakes_at));
            rang = items[1].revents != 0;
        }
        ours = _driven.load (std::memory_order_relaxed) == _last_driven
               || _has_unused || now_ms () >= _wakes_at;
    }
    mailbox->set_watched (true);
    uint64_t rings;
    if (rang && read (bell, &rings, sizeof rings) > 0)
        //  Who rang no longer drives.
        _last_driven = _driven.load (std::memory_order_relaxed);
}

void zmq::io_poller_t::drive ()
{
    if (_bell.load (std::memory_order_acquire) == retired_fd) {
        _tried.store (true, std::memory_order_relaxed);
        return;
    }
    static thread_local char self;
    if (_driver.load (std::memory_order_relaxed) != &self
        && clock_t::now_us () - _drove_at.load (std::memory_order_relaxed)
             < patience_us)
        return;
    if (!try_drive ())
        return;
    _driver.store (&self, std::memory_order_relaxed);
    work_off_commands ();
    if (!read_expected ())
        turn (0, false);
    _drove_at.store (clock_t::now_us (), std::memory_order_relaxed);
    end_drive ();
}

void zmq::io_poller_t::add_askers (int more_)
{
    _askers.fetch_add (more_);
}

bool zmq::io_poller_t::may_lend () const
{
    const int askers = _askers.load ();
    return askers == 1 || (askers == 2 && _is_pair);
}

bool zmq::io_poller_t::is_lent () const
{
    return may_lend () && !is_watching ();
}

void zmq::io_poller_t::take_back ()
{
    if (!is_watching ())
        hand_back ();
}

bool zmq::io_poller_t::is_watching () const
{
    return _bell.load (std::memory_order_acquire) == retired_fd
           || _thread->get_mailbox ()->is_watched (mailbox_t::reader);
}

void zmq::io_poller_t::deliver (const command_t *kept_)
{
    mailbox_t *const mailbox = _thread->get_mailbox ();
    if (!try_drive ()) {
        //  For who does.
        if (kept_)
            mailbox->put (*kept_);
        kept_ = NULL;
        _wanted.fetch_or (commands);
        if (!try_drive ())
            return;
    }
    const bool looks = _wanted.exchange (nothing) & all;
    work_off_commands ();
    if (kept_ && !mailbox->has_more ())
        kept_->destination->process_command (*kept_);
    else if (kept_) {
        //  What comes before is for the I/O thread.
        mailbox->put (*kept_);
        hand_back ();
    }
    if (!_hopeful.empty ())
        pay (1);
    if (looks)
        turn (0, false);
    //  Who is at the other end of it, perhaps in this very thread, has it already.
    else if (!_is_pair)
        end_turn ();
    else if (!read_expected ())
        turn (0, false);
    end_drive ();
}

bool zmq::io_poller_t::claim (const mailbox_t *who_)
{
    if (_bell.load (std::memory_order_acquire) == retired_fd) {
        _tried.store (true, std::memory_order_relaxed);
        return false;
    }
    if (!may_lend ()) {
        take_back ();
        return false;
    }
    const mailbox_t *leader = NULL;
    if (!_leader.compare_exchange_strong (leader, who_) && leader != who_)
        return false;
    _thread->get_mailbox ()->set_watched (true, mailbox_t::leader);
    return true;
}

void zmq::io_poller_t::release (const mailbox_t *who_)
{
    if (_leader.load () != who_)
        return;
    _thread->get_mailbox ()->set_watched (false, mailbox_t::leader);
    _leader.compare_exchange_strong (who_, NULL);
}

zmq::fd_t zmq::io_poller_t::fd () const
{
    return _epoll_fd;
}

zmq::io_poller_t::led_t zmq::io_poller_t::lead (mailbox_t *who_)
{
    _wanted.fetch_or (all);
    if (!try_drive ())
        return busy;
    _wanted.store (nothing);
    work_off_commands ();
    if (_connections.size () != 1 || !read_expected ())
        turn (0, false);
    const bool enough = pay (who_->has_news () ? 1 : -1);
    end_drive ();
    return enough ? led : in_vain;
}

bool zmq::io_poller_t::free_later (zmq_free_fn *free_, void *data_, void *hint_)
{
    io_poller_t *const it = _driving;
    if (!it)
        return false;
    const unused_t unused = {free_, data_, hint_};
    it->_unused.push_back (unused);
    //  Who leaves its work to others looks within a few milliseconds; who watches first says so.
    if (!it->_has_unused.exchange (true) && it->is_watching ())
        it->hand_back ();
    return true;
}

void zmq::io_poller_t::free_all ()
{
    std::vector<unused_t> unused;
    if (_has_unused.exchange (false))
        unused.swap (_unused);
    give ();
    for (size_t i = 0; i != unused.size (); i++)
        unused[i].free (unused[i].data, unused[i].hint);
}

bool zmq::io_poller_t::pay (int amount_)
{
    //  Threads may pay at once; it need not be exact.
    const int credit = _credit.load (std::memory_order_relaxed) + amount_;
    const bool enough = credit > 0;
    _credit.store (enough ? std::min (credit, most_credit) : most_credit,
                   std::memory_order_relaxed);
    return enough;
}

uint32_t zmq::io_poller_t::driven () const
{
    return _driven.load (std::memory_order_relaxed);
}

long zmq::io_poller_t::longest_tick () const
{
    return _longest_tick;
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
        it->get_poller ()->drive ();
}

extern "C" void libzmq_src_hand_back (void *context_)
{
    zmq::io_thread_t *it;
    for (unsigned i = 0; (it = io_thread (context_, i)); i++)
        it->get_poller ()->hand_back ();
}

//  What was given to a message for memory that is not needed any more calls this first: if this is
//  so, it will be called again.
extern "C" int
libzmq_src_free_later (zmq_free_fn *free_, void *data_, void *hint_)
{
    return zmq::io_poller_t::free_later (free_, data_, hint_);
}

extern "C" uint32_t libzmq_src_driven (void *context_)
{
    uint32_t driven = 0;
    zmq::io_thread_t *it;
    for (unsigned i = 0; (it = io_thread (context_, i)); i++)
        driven += it->get_poller ()->driven ();
    return driven;
}

//  Of the first of them.
extern "C" uint32_t libzmq_src_longest_tick (void *context_)
{
    return io_thread (context_, 0)->get_poller ()->longest_tick ();
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

extern "C" int libzmq_src_has_news (void *socket_)
{
    const zmq::mailbox_t *const it = mailbox (socket_);
    return it && it->has_news ();
}

//  Tasks wait for that socket, or no more.
extern "C" void libzmq_src_set_task (void *socket_, int is_task_)
{
    if (zmq::mailbox_t *const it = mailbox (socket_))
        it->set_task (is_task_ ? socket_ : NULL);
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

extern "C" int libzmq_src_has_news (void *)
{
    return 0;
}

extern "C" void libzmq_src_set_task (void *, int)
{
}

extern "C" void libzmq_src_set_spin (void *, uint32_t, void *)
{
}

extern "C" uint32_t libzmq_src_driven (void *)
{
    return 0;
}

extern "C" uint32_t libzmq_src_longest_tick (void *)
{
    return 0;
}

extern "C" int libzmq_src_free_later (zmq_free_fn *, void *, void *)
{
    return 0;
}

#endif
