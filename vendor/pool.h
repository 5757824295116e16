/* Whether libzmq's memory comes from our pool, pool.cpp, and how it gets there.
 *
 * libzmq's calls are renamed, all four, for what one has allocated another frees.
 * Some headers come first: <cstdlib> undoes such a renaming, and libsodium's has an
 * attribute of the name. std::malloc is one of ours as well, then. What else
 * allocates for free() to take, as strdup does, libzmq does not use. One function
 * of its own hands memory to free(), zmq_recviov: see recviov.cpp.
 *
 * Only on Linux, where it was measured. Not under a sanitizer, which finds nothing
 * in memory that is kept; and ZMQ_POOL may be defined as 0, which the build script
 * does for LIBZMQ_NO_POOL=1.
 *
 * Included by platform.hpp before any other header, by C files too. */

#ifndef LIBZMQ_SRC_POOL_H
#define LIBZMQ_SRC_POOL_H

#if defined(__linux__) && !defined(__ANDROID__)

#if !defined(ZMQ_POOL)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_HWADDRESS__)           \
  || defined(__SANITIZE_THREAD__)
#define ZMQ_POOL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(hwaddress_sanitizer)     \
  || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define ZMQ_POOL 0
#endif
#endif
#endif
#if !defined(ZMQ_POOL)
#define ZMQ_POOL 1
#endif

#include <stdlib.h>
#ifdef ZMQ_USE_LIBSODIUM
#include <sodium.h>
#endif
#ifdef __cplusplus
#include <cstdlib>
#define ZMQ_POOL_NOEXCEPT noexcept
extern "C" {
#else
#define ZMQ_POOL_NOEXCEPT
#endif

/* As the standard library's without the prefix. */
void *zmq_pool_malloc (size_t size) ZMQ_POOL_NOEXCEPT;
void zmq_pool_free (void *memory) ZMQ_POOL_NOEXCEPT;
void *zmq_pool_realloc (void *memory, size_t size) ZMQ_POOL_NOEXCEPT;
int zmq_pool_posix_memalign (void **memory,
                             size_t alignment,
                             size_t size) ZMQ_POOL_NOEXCEPT;
/* How many bytes wait in the depot; for tests. */
size_t zmq_pool_kept (void) ZMQ_POOL_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#if ZMQ_POOL
#ifdef __cplusplus
namespace std
{
using ::zmq_pool_malloc;
using ::zmq_pool_free;
using ::zmq_pool_realloc;
}
#endif
#define malloc zmq_pool_malloc
#define free zmq_pool_free
#define realloc zmq_pool_realloc
#define posix_memalign zmq_pool_posix_memalign
#define zmq_recviov zmq_pool_recviov
#endif

#endif /* Linux */

#endif /* LIBZMQ_SRC_POOL_H */
