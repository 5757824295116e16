/* zmq_recviov as its callers know it: what it hands out is for free() to take.
 *
 * libzmq's own, which is compiled as zmq_pool_recviov, fills buffers of the pool's
 * (pool.h). They are copied: nobody asks for speed here, for the function has no
 * manual page. */

#include "pool.h"

#if ZMQ_POOL

#undef zmq_recviov

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

extern "C" int
zmq_pool_recviov (void *socket, iovec *buffers, size_t *count, int flags);

extern "C" int
zmq_recviov (void *socket, iovec *buffers, size_t *count, int flags)
{
    //  Also when it fails, some buffers may be filled: these it has changed.
    const size_t most = count && buffers ? *count : 0;
    for (size_t i = 0; i < most; i++)
        buffers[i].iov_base = NULL;
    int rc = zmq_pool_recviov (socket, buffers, count, flags);
    for (size_t i = 0; i < most && buffers[i].iov_base; i++) {
        void *const filled = buffers[i].iov_base;
        //  The builtin is libc's malloc, whatever the name means here.
        buffers[i].iov_base = __builtin_malloc (buffers[i].iov_len);
        if (buffers[i].iov_base)
            memcpy (buffers[i].iov_base, filled, buffers[i].iov_len);
        else
            rc = -1, errno = ENOMEM;
        zmq_pool_free (filled);
    }
    return rc;
}

#endif
