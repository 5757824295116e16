/* How far who sends is ahead of a connection that takes what it sends about as fast as memory
 * gives it. Included by platform.hpp, in C++ only, before all that knows pipes and sockets;
 * pace.cpp has the functions.
 *
 * A thousand messages may wait for a connection (ZMQ_SNDHWM). Large ones have left the caches by
 * then, and to write them is to fetch them from memory, which takes longer than all else. So
 * who waits anyhow where there is no room waits for the connection, too, as soon as a mebibyte
 * is ahead, until half of that is left.
 *
 * Nobody waits for long: only as long as the connection takes half a mebibyte in each tick of
 * the clock, a millisecond; a large message may take as many ticks as that makes of it. When it
 * takes less, as over most networks, or with a peer that does not receive, twice as much may be
 * ahead, and so on up to ZMQ_SNDHWM, until it has caught up.
 * Who does not want to wait (ZMQ_DONTWAIT), or no longer (ZMQ_SNDTIMEO), sends as ever.
 *
 * This is for the kinds that choose one of their connections and wait for it (lb.cpp), for PAIR
 * and CHANNEL, and where an I/O thread reads what they write: not over inproc. A connection
 * that has to be waited for is like one without room: another one is chosen, if there is any.
 *
 * The end of a pipe that writes counts bytes, and so does the one that reads. The former notes
 * in the latter what it waits for, and rings (activate_read), since the last message before that
 * may have been read meanwhile. The answer is activate_write, as when there is room again. */

#ifndef LIBZMQ_SRC_PACE_H
#define LIBZMQ_SRC_PACE_H

#include <zmq.h>
#include <stdint.h>
#include <atomic>

#include "i_poll_events.hpp"
#include "macros.hpp"
#include "msg.hpp"

//  A function that is called for each message, and that gcc would not inline by itself.
#if defined(__GNUC__)
#define LIBZMQ_SRC_INLINE inline __attribute__ ((always_inline))
#else
#define LIBZMQ_SRC_INLINE inline
#endif

//  For zmq_send, with ZMQ_DONTWAIT: EAGAIN also where who waits would wait for what is ahead.
#define LIBZMQ_SRC_IN_PACE 0x4000

namespace zmq
{
class io_thread_t;
class pipe_t;

//  What an end of a pipe knows of the bytes that it writes, and of those that it reads.
class pace_t ZMQ_FINAL : public i_poll_events
{
  public:
    explicit pace_t (pipe_t *pipe_);
    ~pace_t () ZMQ_OVERRIDE;

    //  Whether a frame may be written, of a message that is begun always.
    bool may_write ()
    {
        return _written - _seen < _allowance || _in_midst || may_begin ();
    }
    void wrote (const msg_t &msg_)
    {
        _in_midst = (msg_.flags () & msg_t::more) != 0;
        _written += size (msg_);
    }
    //  Whether somebody had to wait, who need not any more.
    bool let_go ();
    //  Whoever sends may have to wait, or never.
    void set (bool paces_);

    //  A frame has been read.
    void took (const msg_t &msg_);
    //  The end that writes has rung.
    void rung ();

  private:
    //  Those that are kept where the pipe has its messages anyway count nothing, nor do those
    //  that are none and have no size, as what a DISH joins.
    static int64_t size (const msg_t &msg_)
    {
        if (msg_.is_vsm ())
            return 0;
        return msg_.is_lmsg () || msg_.is_cmsg () || msg_.is_zcmsg ()
                 ? static_cast<int64_t> (msg_.size ())
                 : 0;
    }
    bool may_begin ();
    //  Whether somebody waits for the reader.
    bool is_awaited () const;
    void answer (int64_t awaited_, int64_t answer_);
    //  The I/O thread that this end is of, or none.
    io_thread_t *thread () const;
    void start_tick ();

    void in_event () ZMQ_OVERRIDE {}
    void out_event () ZMQ_OVERRIDE {}
    void timer_event (int id_) ZMQ_OVERRIDE;

    pipe_t *const _pipe;
    //  Ends of inproc change hands later, but not to an I/O thread.
    const uint32_t _tid;

    //  The writer's: bytes written; those of them that were read when it last looked; how many
    //  may be ahead; whether more frames of the message are to be written, and whether it has
    //  to wait.
    int64_t _written;
    int64_t _seen;
    int64_t _allowance;
    bool _in_midst;
    bool _waits;

    //  The reader's: bytes read, those of them that the last frame had, and how many have to be read
    //  by the next tick; whether there will be one, and whether it is the first since somebody waits.
    std::atomic<int64_t> _taken;
    int64_t _taken_last;
    int64_t _due;
    bool _ticks;
    bool _is_first;
    //  How many bytes the writer wants the reader to have read: it waits until then. Or the
    //  answer, if it does not wait.
    std::atomic<int64_t> _awaited;

    ZMQ_NON_COPYABLE_NOR_MOVABLE (pace_t)
};
}

#endif
