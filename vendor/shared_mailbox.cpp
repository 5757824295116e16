/* See shared_mailbox.hpp. */

#include "precompiled.hpp"

#if defined(LIBZMQ_SRC_SHARED_MAILBOX_HPP)

#include <errno.h>
#include <algorithm>

#include "err.hpp"

zmq::mailbox_safe_t::mailbox_safe_t (mutex_t *socket_) : _socket (socket_)
{
    //  The pipe begins as one whose reader has found nothing.
    const bool ok = _cpipe.check_read ();
    zmq_assert (!ok);
}

zmq::mailbox_safe_t::~mailbox_safe_t ()
{
    //  Senders may still be in send(), with what the reader has taken already.
    scoped_lock_t lock (_sync);
}

void zmq::mailbox_safe_t::send (const command_t &cmd_)
{
    scoped_lock_t lock (_sync);
    _cpipe.write (cmd_, false);
    if (_cpipe.flush ())
        return;
    //  Within the lock: the mailbox, and who is to be signaled, are there as long as it is
    //  held.
    _news.broadcast ();
    for (size_t i = 0; i != _signalers.size (); i++)
        _signalers[i]->send ();
}

int zmq::mailbox_safe_t::recv (command_t *cmd_, int timeout_)
{
    _sync.lock ();
    bool received = _cpipe.read (cmd_);
    if (!received && timeout_ != 0) {
        //  Nobody can send between having found nothing and waiting for news.
        _socket->unlock ();
        _news.wait (&_sync, timeout_);
        _sync.unlock ();
        //  The socket's lock comes before this one.
        _socket->lock ();
        _sync.lock ();
        //  Another thread may have been quicker.
        received = _cpipe.read (cmd_);
    }
    _sync.unlock ();
    if (received)
        return 0;
    errno = EAGAIN;
    return -1;
}

void zmq::mailbox_safe_t::add_signaler (signaler_t *signaler_)
{
    scoped_lock_t lock (_sync);
    _signalers.push_back (signaler_);
}

void zmq::mailbox_safe_t::remove_signaler (signaler_t *signaler_)
{
    scoped_lock_t lock (_sync);
    const std::vector<signaler_t *>::iterator found =
      std::find (_signalers.begin (), _signalers.end (), signaler_);
    if (found != _signalers.end ())
        _signalers.erase (found);
}

void zmq::mailbox_safe_t::clear_signalers ()
{
    scoped_lock_t lock (_sync);
    _signalers.clear ();
}

#endif
