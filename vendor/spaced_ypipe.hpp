/* What messages and commands pass through from thread to thread: our own ypipe_t, in the place of
 * libzmq's and of its yqueue_t (see ypipe_base.hpp for what a pipe has to be). Included by batch.h,
 * before ypipe.hpp would define it.
 *
 * A pipe has one writer and one reader, and what they both touch is little: where the reader may
 * go to. In libzmq's the rest lies beside it, on the same lines of the cache. So for each
 * message that is written the reader has to fetch anew what it alone changes, from the other
 * processor, and for each that is read the writer. Here there is room in between, twice a
 * line, for processors fetch them in pairs. */

#ifndef LIBZMQ_SRC_SPACED_YPIPE_HPP
#define LIBZMQ_SRC_SPACED_YPIPE_HPP

#define __ZMQ_YPIPE_HPP_INCLUDED__

#include <stdlib.h>

#include "atomic_ptr.hpp"
#include "err.hpp"
#include "macros.hpp"
#include "ypipe_base.hpp"

namespace zmq
{
template <typename T, int N> class ypipe_t ZMQ_FINAL : public ypipe_base_t<T>
{
  public:
    ypipe_t ()
    {
        chunk_t *const first = allocate ();
        _front = _back = _prefetched = _flushed = _complete = first->items;
        _front_end = _back_end = first->items + N;
        _last.set (_back);
    }

    ~ypipe_t ()
    {
        chunk_t *chunk = chunk_of (_front_end);
        while (chunk != chunk_of (_back_end)) {
            chunk_t *const next = chunk->next;
            free (chunk);
            chunk = next;
        }
        free (chunk);
        free (_spare.xchg (NULL));
    }

    //  By the writer: an item, which follows those before; if it is incomplete, it is not passed
    //  on before the next that is not.
    void write (const T &value_, bool incomplete_)
    {
        *_back = value_;
        if (++_back == _back_end)
            append ();
        if (!incomplete_)
            _complete = _back;
    }

    //  Takes back the last item, if it is incomplete, or a next one would be.
    bool unwrite (T *value_)
    {
        if (_complete == _back)
            return false;
        if (_back == chunk_of (_back_end)->items) {
            //  The reader does not know of it.
            chunk_t *const unused = chunk_of (_back_end);
            _back = _back_end = unused->before->items + N;
            free (unused);
        }
        *value_ = *--_back;
        return true;
    }

    //  Passes on what is complete. If this is false, the reader has found nothing, and is to be
    //  told that there is something.
    bool flush ()
    {
        if (_flushed == _complete)
            return true;
        const bool is_awake = _last.cas (_flushed, _complete) == _flushed;
        if (!is_awake)
            _last.set (_complete);
        _flushed = _complete;
        return is_awake;
    }

    //  By the reader: whether there is an item. If not, the writer is to tell it of the next.
    bool check_read ()
    {
        if (has_next ())
            return true;
        _prefetched = _last.cas (_front, NULL);
        return has_next ();
    }

    bool read (T *value_)
    {
        if (!check_read ())
            return false;
        *value_ = *_front;
        if (++_front == _front_end)
            drop ();
        return true;
    }

    //  What a function says of the next item, which there has to be.
    bool probe (bool (*fn_) (const T &))
    {
        const bool rc = check_read ();
        zmq_assert (rc);
        return (*fn_) (*_front);
    }

    //  Whether there is an item that needs no look at what the writer has written meanwhile.
    bool has_next () const { return _prefetched && _prefetched != _front; }

  private:
    struct chunk_t
    {
        T items[N];
        chunk_t *before;
        chunk_t *next;
    };

    //  The one that ends there: it begins with its items.
    static chunk_t *chunk_of (T *end_)
    {
        return reinterpret_cast<chunk_t *> (end_ - N);
    }

    static chunk_t *allocate ()
    {
        void *memory = NULL;
#if defined HAVE_POSIX_MEMALIGN
        if (posix_memalign (&memory, ZMQ_CACHELINE_SIZE, sizeof (chunk_t)) != 0)
            memory = NULL;
#else
        memory = malloc (sizeof (chunk_t));
#endif
        alloc_assert (memory);
        return static_cast<chunk_t *> (memory);
    }

    void append ()
    {
        chunk_t *const last = chunk_of (_back_end);
        chunk_t *next = _spare.xchg (NULL);
        if (!next)
            next = allocate ();
        last->next = next;
        next->before = last;
        _back = next->items;
        _back_end = next->items + N;
    }

    void drop ()
    {
        chunk_t *const read = chunk_of (_front_end);
        _front = read->next->items;
        _front_end = _front + N;
        //  What was used last is likely to be in the cache.
        free (_spare.xchg (read));
    }

    typedef char apart_t[2 * ZMQ_CACHELINE_SIZE];

    //  What is called by who is both, and is not written to, is in between, too.
    apart_t _apart_from_table;

    //  The writer's: where the next item goes, and the end of its chunk; where those end that were
    //  passed on, and those that are complete.
    T *_back;
    T *_back_end;
    T *_flushed;
    T *_complete;
    apart_t _apart_from_writer;

    //  Where those end that were passed on; NULL if the reader has found nothing. And a chunk
    //  that the reader was done with.
    atomic_ptr_t<T> _last;
    atomic_ptr_t<chunk_t> _spare;
    apart_t _apart_from_both;

    //  The reader's: the next item, and the end of its chunk; where those end that it knows of.
    T *_front;
    T *_front_end;
    T *_prefetched;
    apart_t _apart_from_others;

    ZMQ_NON_COPYABLE_NOR_MOVABLE (ypipe_t)
};
}

#endif
