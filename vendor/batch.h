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
 * into the caches of the processor which then has the system copy it.
 *
 * Of two batches and more it is most of a message that need not be copied. Of such a one as much is
 * written with its header as libzmq's own batches have, 8 KiB, and then the rest from where it is. All
 * at once, or the header alone before the rest, takes the system longer than that. */

#ifndef LIBZMQ_SRC_BATCH_H
#define LIBZMQ_SRC_BATCH_H

#include <zmq.h>
#include <stddef.h>
#include <algorithm>
#include <limits>

#include "copy.h"

//  A quarter of what is queued by default.
#define LIBZMQ_SRC_MOST_GATHERED 256

namespace zmq
{
//  How much is written first of what is two batches and more, and read of what does not fit into a
//  buffer (large.h): as much as libzmq's own have.
const size_t first_part = 8192;
//  For copy_up_to(): all that there is room for.
const size_t whole = std::numeric_limits<size_t>::max ();
}

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

//  Up to where in a batch a message that is larger is copied, if it has a header (STREAM's have none) or
//  is the first; what is left apart of it if it is not at all, to be written with the batch; and whether
//  anything of it is left, and not for want of room.
#define load_msg(message)                                                      \
    load_msg (message) = 0;                                                    \
    virtual void copy_up_to (size_t most_) = 0;                                \
    virtual size_t apart (const unsigned char **data_) const = 0;              \
    virtual bool is_amid () const
#include "i_encoder.hpp"
#undef load_msg
#include "err.hpp"
#include "msg.hpp"
#define encode(data, size)                                                     \
    apart (const unsigned char **data_) const ZMQ_FINAL                        \
    {                                                                          \
        *data_ = _write_pos;                                                   \
        return _most == 0 && _to_write >= _buf_size ? _to_write : 0;           \
    }                                                                          \
    void copy_up_to (size_t most_) ZMQ_FINAL { _most = most_; }                \
    bool is_amid () const ZMQ_FINAL { return _to_write != 0; }                 \
    size_t _most = whole;                                                      \
    size_t encode (data, size)
/*  Not if the header was begun in the batch before, when no size is given: it may be a heartbeat that is
 *  gathered next. */
#define memcpy(to, from, size)                                                 \
    if (_most != whole && _to_write >= _buf_size && size_                      \
        && (pos || (_most && buffer == _buf))) {                               \
        const size_t before = buffer + pos - _buf;                             \
        const size_t part =                                                    \
          std::min (before < _most ? _most - before : 0, size);                \
        copy_bytes (to, from, part);                                           \
        pos += part;                                                           \
        _write_pos += part;                                                    \
        _to_write -= part;                                                     \
        break;                                                                 \
    }                                                                          \
    copy_bytes (to, from, size)
#include "encoder.hpp"
#undef memcpy
#undef encode

#endif
