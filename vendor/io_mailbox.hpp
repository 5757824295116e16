/* How sockets and I/O threads are told what to do: our own mailbox_t for Linux, in the
 * place of libzmq's (see i_mailbox.hpp for what a mailbox has to be). Included by
 * platform.hpp, before mailbox.hpp would define it.
 *
 * libzmq makes a system call to look whether there is something in a mailbox, another to
 * put something into an empty one, and a third to take it out, whether somebody waits for
 * it or not. Here there is a descriptor for those who wait, and none of these calls
 * otherwise. */

#ifndef LIBZMQ_SRC_IO_MAILBOX_HPP
#define LIBZMQ_SRC_IO_MAILBOX_HPP

#define __ZMQ_MAILBOX_HPP_INCLUDED__

#include <sys/types.h>
#include <atomic>

#include "command.hpp"
#include "config.hpp"
#include "fd.hpp"
#include "i_mailbox.hpp"
#include "lockstep.hpp"
#include "macros.hpp"
#include "mutex.hpp"
#include "signaler.hpp"
#include "stdint.hpp"
#include "spaced_ypipe.hpp"

namespace zmq
{
class mailbox_t ZMQ_FINAL : public i_mailbox
{
  public:
    mailbox_t ();
    ~mailbox_t ();

    //  Any thread.
    void send (const command_t &cmd_);
    //  The same for what nobody does without a mailbox (lockstep_t::takes()).
    void put (const command_t &cmd_);
    //  Whether it is of the kind that comes with messages, which takes no time, and which whoever does
    //  the I/O thread's work may do.
    static bool is_light (const command_t &cmd_)
    {
        return cmd_.type == command_t::activate_read
               || cmd_.type == command_t::activate_write;
    }
    //  Whether somebody watches the descriptor now; what somebody does watch may do without
    //  for a while. Any thread, but one at a time for each watcher.
    enum watcher_t
    {
        reader = 1,
        //  Who does an I/O thread's work, and waits for more (lockstep.hpp).
        leader = 2
    };
    void set_watched (bool watched_, watcher_t by_ = reader);
    bool is_watched (watcher_t by_) const { return _watched.load () & by_; }
    //  The reader is a task, by this name, or is none any more: who says so wakes it without the
    //  descriptor (lockstep_t::wakes()).
    void set_task (const void *task_);

    //  All others: the reader, which is one thread at a time.
    int recv (command_t *cmd_, int timeout_);
    //  Receives the next command, unless it is not light: one that might take long, or has to be for
    //  the I/O thread. Such a one stays where it is.
    bool recv_light (command_t *cmd_);
    //  Whether the last of these has left one.
    bool has_more () const { return _active; }
    bool has_news () const
    {
        return _news.load () != none || lockstep.has_acted ();
    }
    //  Whether everything that was sent has been received, as far as the reader knows.
    bool is_worked_off () const { return !_active && _news.load () == none; }
    //  From its second call on, the descriptor is one that somebody watches: it becomes
    //  readable when there is something to receive. The first only asks whether there is one.
    fd_t get_fd ();
    //  For so many microseconds, and then no more, who waits does the work of the I/O
    //  threads of `context_`, if it is given, instead of sleeping.
    void set_spin (uint32_t time_, void *context_);
    bool valid () const;
#ifdef HAVE_FORK
    void forked () ZMQ_FINAL;
#endif
    //  Whether the reader asks and answers in turns.
    lockstep_t lockstep;

  private:
    friend class lockstep_t;

    //  What was sent since the reader found nothing.
    enum news_t
    {
        none,
        //  Something, and the descriptor does not know.
        quiet,
        //  Something, and the descriptor is readable, or is about to be.
        signaled
    };

    //  Waits until there is news, and takes it. Sets errno if there is none.
    bool take_news (int timeout_);
    //  The same, asleep.
    bool sleep (int timeout_);
    //  Takes what comes while spinning, of whose time the timeout then has less.
    bool spin (int *timeout_);
    bool take_now ();
    //  The reader is about to sleep, unless there is news, which this takes; or does no more.
    bool take_or_watch ();
    void watch_no_more ();
    bool take_quiet ();
    bool take_signal ();

    typedef ypipe_t<command_t, command_pipe_granularity> cpipe_t;
    cpipe_t _cpipe;
    const void *_task;
    //  There are many senders, and a pipe has one. For what is above.
    mutex_t _sync;

    signaler_t _signaler;
    std::atomic<int> _news;
    //  For whom senders are to signal. They put news first and look then; who begins to watch
    //  does it the other way round, so one of them sees the other.
    std::atomic<int> _watched;

    //  The reader's own: whether the pipe may have more, whether somebody has the
    //  descriptor, whether it was asked for at all, and how to spin.
    bool _active;
    bool _exported;
    bool _asked;
    //  In microseconds.
    uint32_t _spin;
    void *_context;
    const pid_t _process;

    ZMQ_NON_COPYABLE_NOR_MOVABLE (mailbox_t)
};
}

#endif
