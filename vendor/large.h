/* Receiving messages that are larger than what is read at a time. Included by platform.hpp, in C++
 * only, before all that knows decoders.
 *
 * A connection reads as much as fits into its buffer (ZMQ_IN_BATCH_SIZE). When a message has begun that
 * does not fit, what was read of it is copied to where it is to be, and the rest is read to there, if
 * that is at least another buffer. With libzmq's own buffers, of 8 KiB, that is little to copy; with
 * those of 128 KiB it is much of a message, or all. So after such a message, where another one may
 * follow, 8 KiB are read first, and the rest is read to where it is to be, in as many parts as it comes,
 * but for what is less than 8 KiB; of what does fit the rest is, if that is half a buffer. */

#ifndef LIBZMQ_SRC_LARGE_H
#define LIBZMQ_SRC_LARGE_H

#include <zmq.h>
#include <stddef.h>
#include <algorithm>
#include <cstring>
#include <limits>

#include "batch.h"
#include "copy.h"
#include "decoder_allocators.hpp"
#include "i_decoder.hpp"

#define get_buffer(data, size)                                                 \
    get_buffer (unsigned char **data_, std::size_t *size_) ZMQ_FINAL           \
    {                                                                          \
        const std::size_t header = 9;                                          \
        unmended_get_buffer (data_, size_);                                    \
        if (*data_ != _buf)                                                    \
            return;                                                            \
        _fits = *size_ - std::min (*size_, header);                            \
        if (_to_read >= (_is_large ? first_part                                \
                                  : std::max (*size_ / 2, first_part))) {      \
            *data_ = _read_pos;                                                \
            *size_ = _to_read;                                                 \
        } else if (_was_large) {                                               \
            _was_large = _is_large;                                            \
            *size_ = std::min (*size_, first_part);                            \
        }                                                                      \
    }                                                                          \
    /*  How much of a message fits into the buffer, whether one did not, and   \
     *  whether it is the one that is being read. */                           \
    std::size_t _fits = std::numeric_limits<std::size_t>::max ();              \
    bool _was_large = false;                                                   \
    bool _is_large = false;                                                    \
    virtual void unmended_get_buffer (data, size)
#define next_step(position, size, next)                                        \
    next_step (void *read_pos_, std::size_t to_read_, step_t next_)            \
    {                                                                          \
        _is_large = to_read_ > _fits;                                          \
        if (_is_large)                                                         \
            _was_large = true;                                                 \
        unmended_next_step (read_pos_, to_read_, next_);                       \
    }                                                                          \
    void unmended_next_step (position, size, next)
#define memcpy copy_bytes
#include "decoder.hpp"
#undef memcpy
#undef next_step
#undef get_buffer

#endif
