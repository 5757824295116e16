/* The number of this process, without a system call: libzmq asks for it twice whenever
 * a thread looks into its mailbox, to notice that it was forked. Included by platform.hpp. */

#ifndef LIBZMQ_SRC_PROCESS_HPP
#define LIBZMQ_SRC_PROCESS_HPP

#include <sys/types.h>
#include <unistd.h>
#include <atomic>

//  0 until it was asked for.
extern std::atomic<pid_t> libzmq_src_process;

pid_t libzmq_src_find_process ();

inline pid_t libzmq_src_getpid ()
{
    const pid_t known = libzmq_src_process.load (std::memory_order_relaxed);
    return known ? known : libzmq_src_find_process ();
}

#define getpid libzmq_src_getpid

#endif
