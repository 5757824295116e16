/* Who asks and waits for the answer, or waits for a question and answers it, in turns, does
 * the I/O thread's work meanwhile, though it does not spin. Included by io_mailbox.hpp, for each
 * mailbox has one of these; used where a socket is told to (libzmq_src_set_lockstep).
 *
 * In libzmq four threads are woken for a question and its answer. Here a thread that has just
 * sent writes it to the connection itself, and who waits sleeps until something comes from the
 * connections, reads that itself, and nobody else is woken: two. That is for those who do it
 * all the time: who sends one message, waits a short while, does little, and so on, several times
 * in a row. Then the I/O thread leaves its work to such a one (io_poller.hpp, is_lent()), and looks
 * every few milliseconds whether that still does it.
 *
 * It is for one of a context, or for both ends of its only connection: where several ask, one works
 * on its answer while that of another waits, and nobody reads it. Of two ends one leads: it waits for
 * the connections, and for its own mailbox; the other waits for its mailbox alone. Who writes to the one
 * end reads from the other at once, and if it is a task that waits there, and a task that sends, the one
 * has the other polled by a mere call: its descriptor would be written to, watched and read.
 *
 * Who leads is woken for all that comes. That costs what it would cost the I/O thread, as long as
 * most of it is for who asks in turns; if not, or as soon as it does not any more, the I/O thread gets
 * its work back at once, and after a failure it takes more turns than before until it leaves it to
 * somebody again. */

#ifndef LIBZMQ_SRC_LOCKSTEP_HPP
#define LIBZMQ_SRC_LOCKSTEP_HPP

#include "command.hpp"
#include "fd.hpp"
#include "likely.hpp"
#include "macros.hpp"
#include "stdint.hpp"
#include <zmq.h>

namespace zmq
{
class io_thread_t;
class mailbox_t;

//  All by the thread that has the socket, but for takes() and is_muted().
class lockstep_t
{
  public:
    explicit lockstep_t (mailbox_t *mailbox_);

    //  The I/O thread of the socket's connections, all of them; NULL, as at first, leaves it its
    //  work. And where the socket has whom to tell of what it sends, if anybody.
    void set_thread (io_thread_t *thread_, lockstep_t **told_);
    bool is_on () const { return _thread != NULL; }

    //  Whether it is one of those who do its work.
    bool leads () const { return _leads; }
    //  After a frame was sent, with these flags. Two messages are one too many, and of more it
    //  need not hear before it has waited again.
    void has_sent (int flags_)
    {
        if (!(flags_ & ZMQ_SNDMORE) && ++_sent == 2)
            *_told = NULL;
    }
    //  Before and after that, if it leads; the one returns what the other is to be given.
    lockstep_t *begin_to_send (int flags_);
    void end_to_send (lockstep_t *outer_);
    //  Whether this thread sees itself to what it sends to that mailbox.
    static bool is_muted (const mailbox_t *mailbox_)
    {
        return unlikely (_sender != NULL) && _sender->_io_mailbox == mailbox_;
    }
    //  Whether that needs no mailbox, for this thread does it: at once, if it is the one that reads
    //  the mailbox and is not about anything else, or when it delivers.
    static bool takes (mailbox_t *mailbox_, const command_t &command_)
    {
        return (unlikely (_leader != NULL) && _leader->acts (mailbox_, command_))
               || (unlikely (_sender != NULL)
                   && _sender->keeps (mailbox_, command_));
    }

    //  From here on this thread wakes the first task by itself that it sends something to, whose
    //  name it finds there, a NULL before; until this is NULL.
    static void wake_into (const void **woken_) { _woken = woken_; }
    static bool wakes (const void *task_);

    //  Sees to it now, for this thread is about to wait.
    static void deliver ();

    //  Sleeps until there is news in the mailbox, and takes it, as mailbox_t::sleep() does.
    bool wait (int timeout_);

    //  Whether it has done something that the socket has not looked at.
    bool has_acted () const { return _acted; }
    void look () { _acted = false; }

    //  The same in parts, for who waits otherwise. If this is not retired_fd, it also waits
    //  for that to be readable, and then leads, which says whether it is to go on. The mailbox is not
    //  watched any more then.
    fd_t begin_to_wait ();
    bool lead_unwatched ();
    void end_to_wait ();

  private:
    void count_wait ();
    void set_turns (uint32_t turns_);
    bool claim ();
    int lead ();
    //  Until it has proved itself anew.
    void give_up ();
    void release ();
    bool acts (const mailbox_t *mailbox_, const command_t &command_);
    bool keeps (mailbox_t *mailbox_, const command_t &command_);

    //  Who is sending, in this thread, and who does the I/O thread's work for itself.
    static thread_local lockstep_t *_sender;
    static thread_local lockstep_t *_leader;
    static thread_local const void **_woken;

    mailbox_t *const _mailbox;
    io_thread_t *_thread;
    const mailbox_t *_io_mailbox;
    lockstep_t **_told;
    //  How many messages were sent since it last waited, and how often it has waited since.
    uint32_t _sent;
    uint32_t _waits;
    //  How many turns in a row were as they have to be, and how many that takes.
    uint32_t _turns;
    uint32_t _needed;
    bool _leads;
    //  When it began to wait, when it last had waited, and whether that was short; in
    //  microseconds.
    uint64_t _began;
    uint64_t _ended;
    bool _was_short;
    //  Whether it leads now, and has found news by that since it began to wait.
    bool _claimed;
    bool _found;
    bool _acted;
    //  What is to be delivered, and whether there is any.
    command_t _kept;
    bool _keeps;

    ZMQ_NON_COPYABLE_NOR_MOVABLE (lockstep_t)
};
}

#endif
