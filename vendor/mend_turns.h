/* What is mended in how the sockets of libzmq 4.3.5 take turns with their connections while it
 * is compiled; apart from mend.h, for it needs the classes. Included by platform.hpp.
 *
 * Sockets keep those connections together that have, or take, messages, and note which one's
 * turn it is. When one of these ends, the last takes its place; if it was that one's turn, it
 * becomes the first one's instead (fq.cpp and lb.cpp, pipe_terminated). In the midst of a message
 * of several frames, what follows is then received from the first, or sent to it; and if it has
 * nothing, this ends the process (fq.cpp, recvpipe). The turn stays with the one that has moved.
 * The functions of old are called under another name (unity.cpp). */

#ifndef LIBZMQ_SRC_MEND_TURNS_H
#define LIBZMQ_SRC_MEND_TURNS_H

#define pipe_terminated(pipe)                                                  \
    pipe_terminated (pipe);                                                    \
    void unmended_pipe_terminated (pipe)
#include "fq.hpp"
#include "lb.hpp"
#undef pipe_terminated

inline void zmq::fq_t::pipe_terminated (pipe_t *pipe_)
{
    const pipes_t::size_type index = _pipes.index (pipe_);
    const bool moves = index < _current && _current + 1 == _active;
    unmended_pipe_terminated (pipe_);
    if (moves)
        _current = index;
}

inline void zmq::lb_t::pipe_terminated (pipe_t *pipe_)
{
    const pipes_t::size_type index = _pipes.index (pipe_);
    const bool moves = index < _current && _current + 1 == _active;
    unmended_pipe_terminated (pipe_);
    if (moves)
        _current = index;
}

#endif
