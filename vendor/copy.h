/* memcpy for what may be large. Included by platform.hpp, in C++ only, before all that copies.
 *
 * glibc's copies a few KiB and more by "rep movsb". AMD's Zen 3 and Zen 4 have it copy a byte at a time,
 * 20 times as slowly, where the destination lies 1 to 31 bytes after the source within their pages
 * (https://sourceware.org/bugzilla/show_bug.cgi?id=30994). Blocks of malloc's that it maps begin at the
 * same place of their pages, and what is read is copied from a few bytes after the begin of the one to a
 * few bytes after that of another: so it is not now and then, but all or none of what a program
 * receives. In pieces that are too small for that it is as fast as elsewhere. */

#ifndef LIBZMQ_SRC_COPY_H
#define LIBZMQ_SRC_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace zmq
{
#if defined(__x86_64__) && defined(__GLIBC__)
//  What fits into half of what glibc copies so at least.
const size_t piece_to_copy = 1024;

__attribute__ ((noinline)) inline void
copy_pieces (char *to_, const char *from_, size_t size_)
{
    //  The compiler has "rep movs" for pieces whose size it knows.
    static void *(*const volatile copy) (void *, const void *, size_t) = memcpy;
    for (; size_ > piece_to_copy; size_ -= piece_to_copy) {
        copy (to_, from_, piece_to_copy);
        to_ += piece_to_copy;
        from_ += piece_to_copy;
    }
    copy (to_, from_, size_);
}

//  As memcpy, which copies few bytes.
inline void copy_bytes (void *to_, const void *from_, size_t size_)
{
    const size_t page = 4096, near = 32;
    char *const to = static_cast<char *> (to_);
    const char *const from = static_cast<const char *> (from_);
    if (__builtin_expect (size_ > piece_to_copy, false)) {
        const size_t after = reinterpret_cast<uintptr_t> (to)
                             - reinterpret_cast<uintptr_t> (from);
        if (after % page != 0 && after % page < near) {
            copy_pieces (to, from, size_);
            return;
        }
    }
    memcpy (to, from, size_);
}
#else
inline void copy_bytes (void *to_, const void *from_, size_t size_)
{
    memcpy (to_, from_, size_);
}
#endif
}

#endif
