/* What is gathered before it is written. Included by platform.hpp, in C++ only, before all that
 * knows the queues between threads.
 *
 * An engine fills a batch from the queue of its connection (stream_engine_base.cpp, out_event), as
 * long as there is anything. With small messages, and batches that are larger than libzmq's own,
 * it then takes each as soon as it is there, and every time the queue's end moves from the one
 * processor to the other; or it takes all that is queued, and more than who receives has room
 * for. Then both ends wait for each other, and most messages for the memory.
 *
 * So there is a most that is gathered, and of the smallest it gathers no more than were there when
 * it looked: it writes these first. */

#ifndef LIBZMQ_SRC_BATCH_H
#define LIBZMQ_SRC_BATCH_H

#include <zmq.h>

//  A quarter of what is queued by default.
#define LIBZMQ_SRC_MOST_GATHERED 256

//  Whether there is an item that needs no look at what the writer has written meanwhile.
#define unwrite(value)                                                         \
    has_next () const = 0;                                                     \
    virtual bool unwrite (value)
#include "ypipe_base.hpp"
#undef unwrite
#define unwrite(value)                                                         \
    has_next () const                                                          \
    {                                                                          \
        return _r && _r != &const_cast<yqueue_t<T, N> &> (_queue).front ();    \
    }                                                                          \
    bool unwrite (value)
#include "ypipe.hpp"
#undef unwrite
#define unwrite(value)                                                         \
    has_next () const                                                          \
    {                                                                          \
        return true;                                                           \
    }                                                                          \
    bool unwrite (value)
#include "ypipe_conflate.hpp"
#undef unwrite

#endif
