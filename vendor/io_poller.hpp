/* What moves the bytes of a context: our own poller for Linux, in the place of
 * libzmq's epoll_t (see poller_base.hpp for what a poller has to be). Included by
 * platform.hpp, before poller.hpp would choose another.
 *
 * In libzmq a thread that waits for a message sleeps until the I/O thread has read it
 * and wakes it up, and the I/O thread sleeps until there is something to read. Waking a
 * thread costs more than all the rest of a round trip. With this poller a thread that
 * waits may do the I/O thread's work itself for a while: drive(). Who does so was asked to
 * (Socket::set_spin), or asks and answers in turns (lockstep.hpp). It is only to read from connections
 * and write to them: the I/O thread is left what may take long, as looking up a name does, what may have
 * to wait for somebody, as accepting and greeting peers does, what runs code of others, and timers.
 * Who reads and finds that a connection has just broken off tells its monitor, though.
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
#include <zmq.h>
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

    //  As the base class does, which has no virtual one.
    void add_timer (int timeout_, i_poll_events *sink_, int id_);

    //  The rest: any thread, as long as the context has an open socket.

    //  Takes a turn if there is none now, without waiting for anything: handles what
    //  is ready.
    void drive ();
    //  Has the I/O thread go on at once; it would find out by itself, a little later.
    void hand_back ();

    //  The same for who does not spin (lockstep.hpp). How many of those there are now, more or less.
    void add_askers (int more_);
    //  As hand_back(), if it is not so already.
    void take_back ();
    //  Whether the I/O thread leaves its work to others now, and may.
    bool is_lent () const;
    //  Writes what this thread has sent, of which the I/O thread was not told; and what was to be
    //  sent to it last, if that was not.
    void deliver (const command_t *kept_);
    //  Whether the reader of that mailbox is the one to wait for fd(); until it is released, or has
    //  done nothing for so long that the I/O thread took its work back.
    bool claim (const mailbox_t *who_);
    void release (const mailbox_t *who_);
    fd_t fd () const;
    //  Handles what is ready, unless another thread does, which then does it once more.
    enum led_t
    {
        led,
        busy,
        //  It is too much that is not for those who claim it.
        in_vain
    };
    led_t lead (mailbox_t *who_);
    //  Something was for them, or not. Whether there is enough that is.
    bool pay (int amount_);

    //  Whether this thread has a turn that is not its own; then the I/O thread will free this, for it
    //  runs code of others, who do not know what this thread is about.
    static bool free_later (zmq_free_fn *free_, void *data_, void *hint_);

    //  How many turns were taken by others than the I/O thread, and how long it was to sleep at most
    //  before it looks whether they still do so, in nanoseconds; for tests.
    uint32_t driven () const;
    long longest_tick () const;

  private:
    struct entry_t;

    void loop () ZMQ_OVERRIDE;
    //  Handles what is ready, or will be within the milliseconds given (-1: for ever).
    //  To be followed by execute_timers(). Who is not the I/O thread leaves it what may take long,
    //  or has to wait for somebody: all but what is read from connections and written to them.
    void turn (int timeout_, bool is_io_thread_);
    void work_off_commands ();
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
    //  Sleeps until it is the I/O thread's turn again.
    void wait ();
    void take ();
    bool try_take ();
    void give ();
    //  Of another than the I/O thread: begins a turn, if there is none; gives it away, and takes
    //  another if somebody wanted one meanwhile.
    bool try_drive ();
    void end_drive ();
    //  Whether the I/O thread may leave its work to who asks. To one, or to both ends of the only
    //  connection: else one works on an answer, and nobody reads that of another.
    bool may_lend () const;
    //  Whether the I/O thread itself waits for connections, or works.
    bool is_watching () const;
    //  After there is another connection, or one less.
    void look_for_pair ();
    void free_all ();
    void change (handle_t handle_, uint32_t set_, uint32_t reset_);

    const fd_t _epoll_fd;
    //  The I/O thread that this is the poller of, and its mailbox's entry.
    io_thread_t *_thread;
    entry_t *_commands;
    //  Wakes up the I/O thread. Opened when threads begin to drive.
    std::atomic<fd_t> _bell;
    //  A thread has tried to.
    std::atomic<bool> _tried;
    //  A thread has a turn.
    std::atomic<bool> _turn;
    //  What is to be done once more by who has it: nothing, commands, or all there is. Who wants it
    //  says so and then tries to take the turn; who has it gives it away and then looks.
    enum wanted_t
    {
        nothing = 0,
        commands = 1,
        all = 2
    };
    std::atomic<int> _wanted;
    //  Who leads; only compared.
    std::atomic<const mailbox_t *> _leader;
    std::atomic<int> _askers;
    //  The only two connections are one: its ends.
    std::atomic<bool> _is_pair;
    std::atomic<int> _credit;
    //  Who took the last turn, as an address of its own, and when that ended.
    std::atomic<const char *> _driver;
    std::atomic<uint64_t> _drove_at;
    std::atomic<uint32_t> _driven;
    //  What that was when the I/O thread last looked; its own.
    uint32_t _last_driven;
    std::atomic<long> _longest_tick;
    //  When the I/O thread will look for timers, in milliseconds. Written by who has the turn.
    std::atomic<uint64_t> _wakes_at;
    //  When the first of those is due that were added since it looked.
    uint64_t _next_timer;
    //  Entries of engines, in no order.
    std::vector<entry_t *> _connections;
    //  How often something was expected.
    uint32_t _passes;
    //  What the I/O thread is to free, and whether there is any.
    struct unused_t
    {
        zmq_free_fn *free;
        void *data;
        void *hint;
    };
    std::vector<unused_t> _unused;
    std::atomic<bool> _has_unused;
    //  The one that this thread drives.
    static thread_local io_poller_t *_driving;
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
