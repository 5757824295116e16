/* What libzmq may use on each platform: the answers its own CMake build finds
 * by probing, written down once. libzmq's sources include it by this name.
 * What a `-D` on the command line already decided is left alone.
 *
 * The names are those of libzmq 4.3.5's builds/cmake/platform.hpp.in, in its
 * order. To check them on a platform: run libzmq's CMake there and compare
 * the platform.hpp it writes.
 *
 * Read as C too, by libzmq's tests, so: preprocessor only, up to the last lines. */

#ifndef LIBZMQ_SRC_PLATFORM_HPP
#define LIBZMQ_SRC_PLATFORM_HPP

/* ---- every platform ---------------------------------------------------- */

#ifndef ZMQ_STATIC
#define ZMQ_STATIC 1
#endif

/* The draft API changes no stable behaviour; the Rust feature `draft` decides
 * whether its surface is visible. */
#ifndef ZMQ_BUILD_DRAFT_API
#define ZMQ_BUILD_DRAFT_API 1
#endif

/* C++11 is the oldest standard we compile with: condition variables, atomics
 * and `noexcept` come from it. */
#ifndef ZMQ_USE_CV_IMPL_STL11
#define ZMQ_USE_CV_IMPL_STL11 1
#endif
#ifndef ZMQ_HAVE_NOEXCEPT
#define ZMQ_HAVE_NOEXCEPT 1
#endif

/* What keeps fields of different threads apart. Apple's ARM cores have lines
 * of 128 bytes, everybody else we know 64. */
#ifndef ZMQ_CACHELINE_SIZE
#if defined(__APPLE__) && defined(__aarch64__)
#define ZMQ_CACHELINE_SIZE 128
#else
#define ZMQ_CACHELINE_SIZE 64
#endif
#endif

#ifndef ZMQ_HAVE_WS
#define ZMQ_HAVE_WS 1
#endif
#ifndef ZMQ_USE_BUILTIN_SHA1
#define ZMQ_USE_BUILTIN_SHA1 1
#endif

/* ---- every Unix -------------------------------------------------------- */

#if defined(__unix__) || defined(__APPLE__)

#ifndef ZMQ_POLL_BASED_ON_POLL
#define ZMQ_POLL_BASED_ON_POLL 1
#endif
#ifndef HAVE_POSIX_MEMALIGN
#define HAVE_POSIX_MEMALIGN 1
#endif
#ifndef HAVE_FORK
#define HAVE_FORK 1
#endif
#ifndef HAVE_CLOCK_GETTIME
#define HAVE_CLOCK_GETTIME 1
#endif
#ifndef HAVE_MKDTEMP
#define HAVE_MKDTEMP 1
#endif
#ifndef ZMQ_HAVE_UIO
#define ZMQ_HAVE_UIO 1
#endif
#ifndef ZMQ_HAVE_IFADDRS
#define ZMQ_HAVE_IFADDRS 1
#endif
#ifndef HAVE_IF_NAMETOINDEX
#define HAVE_IF_NAMETOINDEX 1
#endif
#ifndef ZMQ_HAVE_SO_KEEPALIVE
#define ZMQ_HAVE_SO_KEEPALIVE 1
#endif
#ifndef ZMQ_HAVE_TCP_KEEPCNT
#define ZMQ_HAVE_TCP_KEEPCNT 1
#endif
#ifndef ZMQ_HAVE_TCP_KEEPINTVL
#define ZMQ_HAVE_TCP_KEEPINTVL 1
#endif
#ifndef HAVE_STRNLEN
#define HAVE_STRNLEN 1
#endif
#ifndef ZMQ_HAVE_IPC
#define ZMQ_HAVE_IPC 1
#endif
#ifndef ZMQ_HAVE_STRUCT_SOCKADDR_UN
#define ZMQ_HAVE_STRUCT_SOCKADDR_UN 1
#endif
#ifndef ZMQ_HAVE_O_CLOEXEC
#define ZMQ_HAVE_O_CLOEXEC 1
#endif

#endif /* every Unix */

/* ---- Linux: glibc, musl, Android --------------------------------------- */

#if defined(__linux__)

#ifndef ZMQ_HAVE_LINUX
#define ZMQ_HAVE_LINUX 1
#endif
/* The poller is our own: io_poller.hpp. */
#ifndef ZMQ_HAVE_EVENTFD
#define ZMQ_HAVE_EVENTFD 1
#endif
#ifndef ZMQ_HAVE_EVENTFD_CLOEXEC
#define ZMQ_HAVE_EVENTFD_CLOEXEC 1
#endif
#ifndef ZMQ_HAVE_SOCK_CLOEXEC
#define ZMQ_HAVE_SOCK_CLOEXEC 1
#endif
#ifndef ZMQ_HAVE_SO_BINDTODEVICE
#define ZMQ_HAVE_SO_BINDTODEVICE 1
#endif
#ifndef ZMQ_HAVE_SO_PEERCRED
#define ZMQ_HAVE_SO_PEERCRED 1
#endif
#ifndef ZMQ_HAVE_SO_PRIORITY
#define ZMQ_HAVE_SO_PRIORITY 1
#endif
#ifndef ZMQ_HAVE_BUSY_POLL
#define ZMQ_HAVE_BUSY_POLL 1
#endif
#ifndef ZMQ_HAVE_TCP_KEEPIDLE
#define ZMQ_HAVE_TCP_KEEPIDLE 1
#endif
#ifndef HAVE_ACCEPT4
#define HAVE_ACCEPT4 1
#endif
#ifndef ZMQ_HAVE_PTHREAD_SETNAME_2
#define ZMQ_HAVE_PTHREAD_SETNAME_2 1
#endif

/* musl and Bionic always had strlcpy; glibc has it since 2.38. */
#include <features.h>
#if !defined(__GLIBC__) || __GLIBC_PREREQ(2, 38)
#ifndef ZMQ_HAVE_STRLCPY
#define ZMQ_HAVE_STRLCPY 1
#endif
#endif

#if defined(__ANDROID__)
#ifndef ZMQ_HAVE_ANDROID
#define ZMQ_HAVE_ANDROID 1
#endif
#else
/* Bionic has no pthread_setaffinity_np, and linux/tipc.h only of late. */
#ifndef ZMQ_HAVE_PTHREAD_SET_AFFINITY
#define ZMQ_HAVE_PTHREAD_SET_AFFINITY 1
#endif
#ifndef ZMQ_HAVE_PPOLL
#define ZMQ_HAVE_PPOLL 1
#endif
#ifndef ZMQ_HAVE_TIPC
#define ZMQ_HAVE_TIPC 1
#endif
#endif

#endif /* Linux */

/* On macOS and FreeBSD there is also LOCAL_PEERCRED, and on FreeBSD
 * pthread_set_name_np. But the sources use them without the headers that
 * declare them, sys/un.h and pthread_np.h, so ZMQ_HAVE_LOCAL_PEERCRED and
 * ZMQ_HAVE_PTHREAD_SET_NAME do not compile. libzmq's CMake never finds them. */

/* ---- macOS and iOS ----------------------------------------------------- */

#if defined(__APPLE__)

#ifndef ZMQ_HAVE_OSX
#define ZMQ_HAVE_OSX 1
#endif
#ifndef ZMQ_IOTHREAD_POLLER_USE_KQUEUE
#define ZMQ_IOTHREAD_POLLER_USE_KQUEUE 1
#endif
#ifndef ZMQ_HAVE_PPOLL
#define ZMQ_HAVE_PPOLL 1
#endif
/* Darwin's name for TCP_KEEPIDLE. */
#ifndef ZMQ_HAVE_TCP_KEEPALIVE
#define ZMQ_HAVE_TCP_KEEPALIVE 1
#endif
#ifndef ZMQ_HAVE_PTHREAD_SETNAME_1
#define ZMQ_HAVE_PTHREAD_SETNAME_1 1
#endif
#ifndef ZMQ_HAVE_STRLCPY
#define ZMQ_HAVE_STRLCPY 1
#endif

#endif /* Apple */

/* ---- FreeBSD ----------------------------------------------------------- */

#if defined(__FreeBSD__)

#ifndef ZMQ_HAVE_FREEBSD
#define ZMQ_HAVE_FREEBSD 1
#endif
#ifndef ZMQ_IOTHREAD_POLLER_USE_KQUEUE
#define ZMQ_IOTHREAD_POLLER_USE_KQUEUE 1
#endif
#ifndef ZMQ_HAVE_PPOLL
#define ZMQ_HAVE_PPOLL 1
#endif
#ifndef ZMQ_HAVE_SOCK_CLOEXEC
#define ZMQ_HAVE_SOCK_CLOEXEC 1
#endif
#ifndef ZMQ_HAVE_TCP_KEEPIDLE
#define ZMQ_HAVE_TCP_KEEPIDLE 1
#endif
#ifndef HAVE_ACCEPT4
#define HAVE_ACCEPT4 1
#endif
#ifndef ZMQ_HAVE_STRLCPY
#define ZMQ_HAVE_STRLCPY 1
#endif

#endif /* FreeBSD */

/* ---- Windows: msvc, mingw ---------------------------------------------- */

#if defined(_WIN32)

#ifndef ZMQ_HAVE_WINDOWS
#define ZMQ_HAVE_WINDOWS 1
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0601
#endif
/* epoll is wepoll, which libzmq carries. */
#ifndef ZMQ_IOTHREAD_POLLER_USE_EPOLL
#define ZMQ_IOTHREAD_POLLER_USE_EPOLL 1
#endif
#ifndef ZMQ_POLL_BASED_ON_POLL
#define ZMQ_POLL_BASED_ON_POLL 1
#endif
#ifndef HAVE_STRNLEN
#define HAVE_STRNLEN 1
#endif
#ifndef HAVE_IF_NAMETOINDEX
#define HAVE_IF_NAMETOINDEX 1
#endif
#ifndef ZMQ_HAVE_STRUCT_SOCKADDR_UN
#define ZMQ_HAVE_STRUCT_SOCKADDR_UN 1
#endif
#if defined(__MINGW32__)
#ifndef ZMQ_HAVE_MINGW32
#define ZMQ_HAVE_MINGW32 1
#endif
/* For ipc libzmq 4.3.5 includes afunix.h, which Windows has had since 10, with
 * msvc alone, and Unix headers everywhere else. */
#undef ZMQ_HAVE_IPC
#elif !defined(ZMQ_HAVE_IPC) && !defined(ZMQ_HAVE_WINDOWS_UWP) && defined(__has_include)
#if __has_include(<afunix.h>)
#define ZMQ_HAVE_IPC 1
#endif
#endif

#endif /* Windows */

#include "pool.h"
#include "mend.h"

#if defined(__cplusplus) && !defined(ZMQ_UNMENDED)
#include "copy.h"
#include "batch.h"
#include "large.h"
#if defined(HAVE_FORK)
#include "process.hpp"
#endif
#if defined(__linux__)
#include "io_mailbox.hpp"
#endif
#include "pace.h"
#include "mend_inproc.h"
#if defined(__linux__)
#include "io_poller.hpp"
#endif
#include "shared_mailbox.hpp"
#include "mend_shared.h"
#include "mend_turns.h"
#include "mend_session.h"
#include "mend_router.h"
#include "mend_peers.h"
#endif

#endif /* LIBZMQ_SRC_PLATFORM_HPP */
