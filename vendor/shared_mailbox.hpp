/* How sockets that threads share are told what to do: our own mailbox_safe_t, in the place
 * of libzmq's (see i_mailbox.hpp for what a mailbox has to be). Included by platform.hpp,
 * before mailbox_safe.hpp would define it.
 *
 * Such a socket is locked while a thread is in libzmq with it, and libzmq's mailbox has no
 * lock but that one. So who sends from one such socket to another, as over inproc, holds
 * the lock of its own and wants the other's; two that do so to each other wait for ever.
 * This mailbox has a lock of its own, within which nobody waits for another: it comes after
 * all others, and a sender never needs the socket's. */

#ifndef LIBZMQ_SRC_SHARED_MAILBOX_HPP
#define LIBZMQ_SRC_SHARED_MAILBOX_HPP

#define __ZMQ_MAILBOX_SAFE_HPP_INCLUDED__

#include <vector>

#include "command.hpp"
#include "condition_variable.hpp"
#include "config.hpp"
#include "i_mailbox.hpp"
#include "macros.hpp"
#include "mutex.hpp"
#include "signaler.hpp"
#include "spaced_ypipe.hpp"

namespace zmq
{
class mailbox_safe_t ZMQ_FINAL : public i_mailbox
{
  public:
    explicit mailbox_safe_t (mutex_t *socket_);
    ~mailbox_safe_t ();

    //  Any thread.
    void send (const command_t &cmd_);

    //  Who has the socket's lock, once. It is given up while there is nothing to receive,
    //  and had again when this returns.
    int recv (command_t *cmd_, int timeout_);

    //  Those who are signaled when there is something to receive, until they are removed.
    void add_signaler (signaler_t *signaler_);
    void remove_signaler (signaler_t *signaler_);
    void clear_signalers ();

#ifdef HAVE_FORK
    void forked () ZMQ_FINAL {}
#endif

  private:
    //  Guards all that follows.
    mutex_t _sync;

    typedef ypipe_t<command_t, command_pipe_granularity> cpipe_t;
    cpipe_t _cpipe;

    //  Told when there is something to receive and the last who looked found nothing:
    //  whoever waits in recv, and who watches a descriptor.
    condition_variable_t _news;
    std::vector<signaler_t *> _signalers;

    //  The lock of the socket whose mailbox this is.
    mutex_t *const _socket;

    ZMQ_NON_COPYABLE_NOR_MOVABLE (mailbox_safe_t)
};
}

#endif
