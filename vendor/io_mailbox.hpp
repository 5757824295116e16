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
#include "macros.hpp"
#include "mutex.hpp"
#include "signaler.hpp"
#include "stdint.hpp"
#include "ypipe.hpp"

namespace zmq
{
class mailbox_t ZMQ_FINAL : public i_mailbox
{
  public:
    mailbox_t ();
    ~mailbox_t ();

    //  Any thread.
    void send (const command_t &cmd_);
    //  Whether somebody watches the descriptor now; what somebody does watch may do without
    //  for a while. Any thread, but one at a time.
    void set_watched (bool watched_);

    //  All others: the reader, which is one thread at a time.
    int recv (command_t *cmd_, int timeout_);
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

  private:
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
    //  Takes what comes while spinning, of whose time the timeout then has less.
    bool spin (int *timeout_);
    bool take_now ();
    bool take_quiet ();
    bool take_signal ();

    typedef ypipe_t<command_t, command_pipe_granularity> cpipe_t;
    cpipe_t _cpipe;
    //  There are many senders, and a pipe has one.
    mutex_t _sync;

    signaler_t _signaler;
    std::atomic<int> _news;
    //  Senders are to signal. They put news first and look then; who begins to watch
    //  does it the other way round, so one of them sees the other.
    std::atomic<bool> _watched;

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
