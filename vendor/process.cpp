/* See process.hpp. */

#if defined(LIBZMQ_SRC_PROCESS_HPP)

#include <pthread.h>

#undef getpid

std::atomic<pid_t> libzmq_src_process (0);

static void in_child ()
{
    libzmq_src_process.store (getpid (), std::memory_order_relaxed);
}

pid_t libzmq_src_find_process ()
{
    //  Not remembered if nobody would correct it in a child.
    static const bool is_told = pthread_atfork (NULL, NULL, in_child) == 0;
    if (is_told)
        in_child ();
    return getpid ();
}

#endif
