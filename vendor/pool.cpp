/* A pool of memory between libzmq and malloc.
 *
 * libzmq allocates a message in one thread and frees it in another, and a malloc
 * that gives memory back to where it came from has these threads meet at one lock
 * for each. Here a freed block stays with the thread that freed it, and whole
 * lists of blocks change hands, as in Bonwick and Adams, "Magazines and Vmem"
 * (USENIX 2001):
 *
 * - Blocks come in classes of size, four per doubling, so at most a quarter of one
 *   is wasted.
 * - Of each class up to `thread_largest`, a thread has two magazines, lists of
 *   `magazine_bytes`: one to take from and add to, and one that is full, or none.
 * - All threads share a depot, which has further magazines, and larger blocks one
 *   by one: `depot_bytes` in all. When something new would be too much, what the
 *   depot has of other classes makes room, so what a program does no more does not
 *   stay in its way.
 * - Nobody waits. A class of the depot that another thread is at is passed by, and
 *   malloc and free serve instead, as they do when it has nothing or no room.
 *
 * So what is kept is bounded: by `depot_bytes`, and per thread by two magazines
 * of each class that it uses. Up to that much is not given back before the process
 * ends, but for a thread's magazines, which go to the depot when it ends.
 *
 * Threads that end: blocks may be freed, and allocated, after a thread's magazines
 * were given up, by destructors that run later. `gone` marks such a thread, and it
 * keeps nothing.
 *
 * fork: the child has the memory as it was at one moment, and the one thread that
 * forked, which was not in here. A class that another thread was changing then stays
 * busy in the child for ever, so nobody looks at it, and nobody waits for it. What
 * other threads kept is lost to the child, within the bounds above.
 *
 * Nothing here has a constructor that runs: libzmq may be used by those of
 * others. */

#include "pool.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <atomic>

namespace
{
//  ---- what is kept at most --------------------------------------------------

//  Of a magazine, of which each thread has up to two per class.
const size_t magazine_bytes = 16 * 1024;
//  Of a block that threads keep: one magazine.
const size_t thread_largest = magazine_bytes;
//  Of any block; larger ones are malloc's. libzmq receives into 128 KiB and some,
//  with large batches 256 KiB and some.
const size_t largest = 1024 * 1024;
//  Of all magazines and blocks in the depot, for the whole process.
const size_t depot_bytes = 8 * 1024 * 1024;

//  ---- classes ---------------------------------------------------------------

//  The sizes of blocks, headers included: 64, 80, 96, 112, 128, 160, ...
constexpr unsigned log2_of (unsigned n)
{
    return 31 - __builtin_clz (n);
}
//  With e = log2 (n), the two bits after the first one of n tell which quarter of
//  2^e to 2^(e+1) it is in.
constexpr unsigned quarter_of (unsigned n)
{
    return 4 * log2_of (n) + (n >> (log2_of (n) - 2));
}
constexpr unsigned class_of (size_t size)
{
    return quarter_of (size <= 64 ? 63 : (unsigned) size - 1) - quarter_of (63);
}
constexpr size_t size_of (unsigned cls)
{
    return (size_t) (5 + (cls + 3) % 4) << ((cls + 3) / 4 + 3);
}

const unsigned classes = class_of (largest) + 1;
const unsigned thread_classes = class_of (thread_largest) + 1;
static_assert (size_of (0) == 64 && size_of (1) == 80 && size_of (5) == 160, "");
static_assert (size_of (classes - 1) == largest, "");
static_assert (size_of (thread_classes - 1) == thread_largest, "");

constexpr size_t capacity_of (unsigned cls)
{
    return magazine_bytes / size_of (cls);
}

//  ---- blocks ----------------------------------------------------------------

//  In `kind`, after the classes:
const unsigned malloced = classes; // too large for any class
const unsigned within = classes + 1; // aligned, somewhere in another block

//  A block's header, followed by what its user has.
struct block_t
{
    unsigned kind;
    union
    {
        block_t *next; // of a class, when nobody uses it
        size_t room;   // malloced: bytes for its user
        size_t offset; // within: of this header in the other block
    };
    //  Of the first block in a magazine that is in the depot.
    size_t count;
    block_t *rest; // of the depot's magazines
};

//  As malloc aligns, so that what follows is as aligned as the header.
const size_t header = 16;
static_assert (offsetof (block_t, count) <= header, "");
static_assert (sizeof (block_t) <= size_of (0), "");
static_assert (alignof (max_align_t) <= header, "");

void *memory_of (block_t *block)
{
    return (char *) block + header;
}

block_t *block_of (void *memory)
{
    return (block_t *) ((char *) memory - header);
}

//  The builtins are libc's, whatever the names mean here.
void *malloc_block (size_t size, unsigned kind, size_t room)
{
    block_t *const block = (block_t *) __builtin_malloc (size);
    if (!block)
        return NULL;
    block->kind = kind;
    block->room = room;
    return memory_of (block);
}

void free_blocks (block_t *block)
{
    while (block) {
        block_t *const next = block->next;
        __builtin_free (block);
        block = next;
    }
}

//  ---- the depot -------------------------------------------------------------

//  What `busy` guards is written and read by who has changed it from false to
//  true, which acquires, and released by changing it back: so who takes a
//  magazine sees all that was done to its blocks. `first` is atomic only because it
//  is also looked at from outside, to see whether there is anything to be had.
struct alignas (64) depot_t
{
    std::atomic<bool> busy{false};
    std::atomic<block_t *> first{NULL};

    bool try_lock () { return !busy.exchange (true, std::memory_order_acquire); }
    void unlock () { busy.store (false, std::memory_order_release); }
};
depot_t depots[classes];

//  Bytes in the depot, and those about to be. It guards nothing, so relaxed.
std::atomic<size_t> kept{0};

//  A magazine of the depot's, or NULL; its first block says how many it has.
block_t *take (unsigned cls)
{
    depot_t &depot = depots[cls];
    if (!depot.first.load (std::memory_order_relaxed) || !depot.try_lock ())
        return NULL;
    block_t *const first = depot.first.load (std::memory_order_relaxed);
    if (first)
        depot.first.store (first->rest, std::memory_order_relaxed);
    depot.unlock ();
    if (first)
        kept.fetch_sub (first->count * size_of (cls), std::memory_order_relaxed);
    return first;
}

bool too_much ()
{
    return kept.load (std::memory_order_relaxed) > depot_bytes;
}

//  To the depot, or to free.
void give (unsigned cls, block_t *first, size_t count)
{
    depot_t &depot = depots[cls];
    const size_t bytes = count * size_of (cls);
    kept.fetch_add (bytes, std::memory_order_relaxed);
    for (unsigned other = 0; other < classes && too_much (); other++)
        while (other != cls && too_much ()) {
            block_t *const old = take (other);
            if (!old)
                break;
            free_blocks (old);
        }
    if (too_much () || !depot.try_lock ()) {
        kept.fetch_sub (bytes, std::memory_order_relaxed);
        free_blocks (first);
        return;
    }
    first->count = count;
    first->rest = depot.first.load (std::memory_order_relaxed);
    depot.first.store (first, std::memory_order_relaxed);
    depot.unlock ();
}

//  ---- threads ---------------------------------------------------------------

struct magazine_t
{
    block_t *first;
    size_t room;   // for so many more
    block_t *full; // the other one, or NULL
};

//  All zero when a thread begins: no blocks and no room, which takes it to the
//  functions below for the first of each class. It has no destructor, so it may be
//  used as long as the thread runs.
struct thread_t
{
    enum
    {
        fresh,
        here,
        gone
    } state;
    magazine_t magazines[thread_classes];
};
thread_local thread_t thread;

//  Gives a thread's magazines up when it ends.
struct farewell_t
{
    void expect () { thread.state = thread_t::here; }
    ~farewell_t ()
    {
        thread.state = thread_t::gone;
        for (unsigned cls = 0; cls < thread_classes; cls++) {
            magazine_t &magazine = thread.magazines[cls];
            if (magazine.full)
                give (cls, magazine.full, capacity_of (cls));
            if (magazine.first)
                give (cls, magazine.first, capacity_of (cls) - magazine.room);
            magazine = magazine_t ();
        }
    }
};
thread_local farewell_t farewell;

//  Whether this thread may keep anything.
bool keeps ()
{
    if (thread.state == thread_t::fresh)
        farewell.expect ();
    return thread.state == thread_t::here;
}

void *pop (magazine_t &magazine)
{
    block_t *const block = magazine.first;
    magazine.first = block->next;
    magazine.room++;
    return memory_of (block);
}

void push (magazine_t &magazine, block_t *block)
{
    block->next = magazine.first;
    magazine.first = block;
    magazine.room--;
}

//  ---- what is not the fast way ----------------------------------------------

#define SELDOM __attribute__ ((noinline, cold))

//  When the magazine is empty.
SELDOM void *refill (unsigned cls)
{
    magazine_t &magazine = thread.magazines[cls];
    if (magazine.full) {
        magazine.first = magazine.full;
        magazine.room = 0;
        magazine.full = NULL;
        return pop (magazine);
    }
    block_t *const first = keeps () ? take (cls) : NULL;
    if (!first)
        return malloc_block (size_of (cls), cls, 0);
    magazine.first = first;
    magazine.room = capacity_of (cls) - first->count;
    return pop (magazine);
}

//  When the magazine has no room, being full or a thread's first.
SELDOM void replace (unsigned cls, block_t *block)
{
    magazine_t &magazine = thread.magazines[cls];
    if (!keeps ()) {
        __builtin_free (block);
        return;
    }
    if (magazine.first) {
        if (magazine.full)
            give (cls, magazine.full, capacity_of (cls));
        magazine.full = magazine.first;
        magazine.first = NULL;
    }
    magazine.room = capacity_of (cls);
    push (magazine, block);
}

//  Of more than threads keep.
SELDOM void *allocate_large (size_t size)
{
    if (size > SIZE_MAX - header) {
        errno = ENOMEM;
        return NULL;
    }
    if (size > largest - header)
        return malloc_block (size + header, malloced, size);
    const unsigned cls = class_of (size + header);
    block_t *const block = take (cls);
    return block ? memory_of (block) : malloc_block (size_of (cls), cls, 0);
}

//  What the user of a block can have, from `memory` on.
size_t room_at (void *memory)
{
    block_t *const block = block_of (memory);
    switch (block->kind) {
        case within:
            return room_at ((char *) memory - block->offset) - block->offset;
        case malloced:
            return block->room;
        default:
            return size_of (block->kind) - header;
    }
}
}

//  ---- what libzmq calls -----------------------------------------------------

extern "C" {

void *zmq_pool_malloc (size_t size) noexcept
{
    if (size > thread_largest - header)
        return allocate_large (size);
    const unsigned cls = class_of (size + header);
    magazine_t &magazine = thread.magazines[cls];
    return magazine.first ? pop (magazine) : refill (cls);
}

SELDOM static void free_other (block_t *block)
{
    if (block->kind == within)
        zmq_pool_free ((char *) memory_of (block) - block->offset);
    else {
        block->next = NULL;
        if (block->kind == malloced)
            free_blocks (block);
        else
            give (block->kind, block, 1);
    }
}

void zmq_pool_free (void *memory) noexcept
{
    if (!memory)
        return;
    block_t *const block = block_of (memory);
    const unsigned cls = block->kind;
    if (cls >= thread_classes)
        return free_other (block);
    magazine_t &magazine = thread.magazines[cls];
    if (!magazine.room)
        return replace (cls, block);
    push (magazine, block);
}

//  A size of 0 is a size as any other, as the C standard allows.
void *zmq_pool_realloc (void *memory, size_t size) noexcept
{
    if (!memory)
        return zmq_pool_malloc (size);
    const size_t room = room_at (memory);
    if (size <= room && size >= room / 2)
        return memory;
    void *const moved = zmq_pool_malloc (size);
    if (moved) {
        memcpy (moved, memory, size < room ? size : room);
        zmq_pool_free (memory);
    }
    return moved;
}

//  In a larger block, to which a header before the aligned place leads back.
int zmq_pool_posix_memalign (void **memory,
                             size_t alignment,
                             size_t size) noexcept
{
    if (alignment % sizeof (void *) || !alignment || alignment & (alignment - 1))
        return EINVAL;
    if (size > SIZE_MAX - header - alignment)
        return ENOMEM;
    char *const begin = (char *) zmq_pool_malloc (size + header + alignment);
    if (!begin)
        return ENOMEM;
    char *const first = begin + header;
    char *const aligned = first + -(uintptr_t) first % alignment;
    block_of (aligned)->kind = within;
    block_of (aligned)->offset = aligned - begin;
    *memory = aligned;
    return 0;
}

size_t zmq_pool_kept () noexcept
{
    return kept.load (std::memory_order_relaxed);
}
}
