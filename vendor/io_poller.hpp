/* What moves the bytes of a context: our own poller for Linux, in the place of
 * libzmq's epoll_t (see poller_base.hpp for what a poller has to be). Included by
 * platform.hpp, before poller.hpp would choose another.
 *
 * In libzmq a thread that waits for a message sleeps until the I/O thread has read it
 * and wakes it up, and the I/O thread sleeps until there is something to read. Waking a
 * thread costs more than all the rest of a round trip. With this poller a thread that
 * waits may do the I/O thread's work itself for a while: drive(). Nobody does unless
 * asked to (Socket::set_spin).
 *
 * In two things it is not like epoll_t, whoever does the work. A connection that wants to
 * write is let write once more before epoll is asked to watch for that: mostly it has
 * nothing left then, and two system calls are spared. And a connection that does not want
 * to read does not hear that its peer has gone before it reads again.
 *
 * One thread at a time takes a turn. What a turn touches, here and in all objects that
 * live in the I/O thread, is guarded by _turn, which nobody waits for while holding any
 * other lock: a driver that does not get it goes on without, and the I/O thread sleeps. */

#ifndef LIBZMQ_SRC_IO_POLLER_HPP
#define LIBZMQ_SRC_IO_POLLER_HPP

#define __ZMQ_POLLER_HPP_INCLUDED__

#include <sys/epoll.h>
#include <sys/types.h>
#include <atomic>
#include <vector>

#include "ctx.hpp"
#include "fd.hpp"
#include "macros.hpp"
#include "poller_base.hpp"

namespace zmq
{
class io_thread_t;
class mailbox_t;
struct i_poll_events;

class io_poller_t ZMQ_FINAL : public worker_poller_base_t
{
  public:
    typedef void *handle_t;

    io_poller_t (const thread_ctx_t &ctx_);
    ~io_poller_t () ZMQ_OVERRIDE;

    //  The "poller" concept. By the thread whose turn it is, and before start().
    handle_t add_fd (fd_t fd_, i_poll_events *events_);
    void rm_fd (handle_t handle_);
    void set_pollin (handle_t handle_);
    void reset_pollin (handle_t handle_);
    void set_pollout (handle_t handle_);
    void reset_pollout (handle_t handle_);
    void stop ();
    static int max_fds ();

    //  Takes a turn if there is none now, without waiting for anything: handles what
    //  is ready. Any thread, as long as the context has an open socket. The I/O thread is
    //  the one that this is the poller of.
    void drive (io_thread_t *thread_);
    //  Has the I/O thread go on at once; it would find out by itself, a little later.
    void hand_back ();
    //  How many turns were taken by others than the I/O thread; for tests.
    uint32_t driven () const;

  private:
    struct entry_t;

    void loop () ZMQ_OVERRIDE;
    //  Handles what is ready, or will be within the milliseconds given (-1: for ever).
    //  To be followed by execute_timers().
    void turn (int timeout_);
    void end_turn ();
    //  Reads from where something is expected, unless it is time to ask epoll: from the only
    //  connection, or, of two, from the other one than was just written to, for they may well be
    //  both ends of one. To ask first takes as long as to read.
    bool read_expected ();
    //  When the next timer is due, in milliseconds; 0 if there is none.
    uint64_t run_timers ();
    //  Lets those who want to write do so once; only who then still wants to has to wait.
    void settle ();
    //  What poll() and epoll_wait() take, from what execute_timers() says.
    static int timeout (uint64_t until_timer_);
    //  Sleeps until it is the I/O thread's turn again. `timeout_` as above.
    void wait (int timeout_);
    void take ();
    bool try_take ();
    void give ();
    void change (handle_t handle_, uint32_t set_, uint32_t reset_);

    const fd_t _epoll_fd;
    //  Wakes up the I/O thread. Opened when threads begin to drive.
    std::atomic<fd_t> _bell;
    //  A thread has a turn.
    std::atomic<bool> _turn;
    //  A thread has tried to drive: the I/O thread's mailbox, which that does not know.
    std::atomic<mailbox_t *> _mailbox;
    //  Who took the last turn, as an address of its own, and when that ended.
    std::atomic<const char *> _driver;
    std::atomic<uint64_t> _drove_at;
    std::atomic<uint32_t> _driven;
    //  What that was when the I/O thread last looked; its own.
    uint32_t _last_driven;
    //  When the I/O thread will look for timers, in milliseconds; guarded by _turn.
    uint64_t _wakes_at;
    //  Entries of engines, in no order.
    std::vector<entry_t *> _connections;
    //  How often something was expected.
    uint32_t _passes;
    //  Entries that want to write, and most likely can.
    std::vector<entry_t *> _hopeful;
    //  Entries that are no more, but that a turn may still have events of.
    std::vector<entry_t *> _retired;
    const pid_t _process;

    ZMQ_NON_COPYABLE_NOR_MOVABLE (io_poller_t)
};

typedef io_poller_t poller_t;
}

#endif
