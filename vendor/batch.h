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
 * it looked: it writes these first.
 *
 * A message that is larger than a batch libzmq copies as far as there is room, and writes the rest
 * of it when it is told once more that it can. For one that is alone, as a request is, that takes
 * longer than all else. It is left where it is, apart from its header and what was gathered before
 * that, and all is written at once (batch.cpp). Where others follow, it is copied: that brings it
 * into the caches of the processor which then has the system copy it. So is one that is larger than
 * two batches: written at once it takes the system longer than in two parts. */

#ifndef LIBZMQ_SRC_BATCH_H
#define LIBZMQ_SRC_BATCH_H

#include <zmq.h>
#include <stddef.h>

#include "copy.h"

//  A quarter of what is queued by default.
#define LIBZMQ_SRC_MOST_GATHERED 256

//  Whether there is an item that needs no look at what the writer has written meanwhile.
#define unwrite(value)                                                         \
    has_next () const = 0;                                                     \
    virtual bool unwrite (value)
#include "ypipe_base.hpp"
#undef unwrite
#include "spaced_ypipe.hpp"
#define unwrite(value)                                                         \
    has_next () const                                                          \
    {                                                                          \
        return true;                                                           \
    }                                                                          \
    bool unwrite (value)
#include "ypipe_conflate.hpp"
#undef unwrite

//  What is left apart of the message that was loaded last, if it may be: how much, if there is any.
#define load_msg(message)                                                      \
    load_msg (message) = 0;                                                    \
    virtual void may_leave_apart (bool may_) = 0;                              \
    virtual size_t apart (const unsigned char **data_) const
#include "i_encoder.hpp"
#undef load_msg
#include "err.hpp"
#include "msg.hpp"
#define encode(data, size)                                                     \
    apart (const unsigned char **data_) const ZMQ_FINAL                        \
    {                                                                          \
        *data_ = _write_pos;                                                   \
        return _may_leave_apart && _to_write >= _buf_size ? _to_write : 0;     \
    }                                                                          \
    void may_leave_apart (bool may_) ZMQ_FINAL { _may_leave_apart = may_; }    \
    bool _may_leave_apart = false;                                             \
    size_t encode (data, size)
/*  Not what has no header (STREAM), or there would be nothing to be written. And not if the header was
 *  begun in the batch before, when no size is given: it may be a heartbeat that is gathered next. */
#define memcpy(to, from, size)                                                 \
    if (_may_leave_apart && _to_write >= _buf_size && pos && size_)            \
        break;                                                                 \
    copy_bytes (to, from, size)
#include "encoder.hpp"
#undef memcpy
#undef encode

#endif
