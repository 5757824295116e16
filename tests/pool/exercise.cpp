/* Works vendor/pool.cpp hard: exercise CASE [HOW_OFTEN]. Compiled by ../pool.rs, with
   and without sanitizers. Ends with 0 if everything was right. */

#include "pool.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#define MUST(what)                                                             \
    do {                                                                       \
        if (!(what)) {                                                         \
            fprintf (stderr, "line %d: %s\n", __LINE__, #what);                \
            abort ();                                                          \
        }                                                                      \
    } while (0)

static const size_t depot_bytes = 8 << 20;

/* ---- blocks that know what they are --------------------------------------- */

//  In the first bytes of a block: its size, if it has room for that.
static unsigned char mark (size_t size, size_t at)
{
    return (unsigned char) (size * 31 + at);
}

static void *written (void *block, size_t size)
{
    MUST (block && (uintptr_t) block % alignof (max_align_t) == 0);
    unsigned char *const bytes = (unsigned char *) block;
    for (size_t at = sizeof size; at < size; at++)
        bytes[at] = mark (size, at);
    if (size >= sizeof size)
        memcpy (block, &size, sizeof size);
    return block;
}

//  Whether `size` bytes of a block that was written for `was` are as they were.
static bool intact (const void *block, size_t was, size_t size)
{
    const unsigned char *const bytes = (const unsigned char *) block;
    for (size_t at = sizeof size; at < size; at++)
        if (bytes[at] != mark (was, at))
            return false;
    return size < sizeof was || memcmp (block, &was, sizeof was) == 0;
}

static void *make (size_t size)
{
    return written (zmq_pool_malloc (size), size);
}

static void unmake (void *block, size_t size)
{
    MUST (intact (block, size, size));
    zmq_pool_free (block);
}

/* ---- one thread ------------------------------------------------------------ */

//  All small sizes, and those around where classes may begin, up to 2 MiB.
static std::vector<size_t> sizes ()
{
    std::vector<size_t> all;
    for (size_t size = 0; size < 300; size++)
        all.push_back (size);
    for (size_t power = 256; power < 2 << 20; power *= 2)
        for (size_t quarter = 4; quarter < 8; quarter++)
            for (int by = -17; by <= 1; by++)
                all.push_back (power / 4 * quarter + by);
    all.push_back (2 << 20);
    return all;
}

static void each_size (int)
{
    for (int twice = 0; twice < 2; twice++)
        for (size_t size : sizes ()) {
            void *const one = make (size), *const other = make (size);
            MUST (one != other);
            unmake (one, size);
            unmake (other, size);
        }
    zmq_pool_free (NULL);
}

static void reallocation (int)
{
    const size_t some[] = {0, 1, 47, 48, 49, 500, 5000, 70000, 1 << 20, 3 << 20};
    for (size_t from : some)
        for (size_t to : some) {
            void *const moved = zmq_pool_realloc (make (from), to);
            MUST (moved && intact (moved, from, from < to ? from : to));
            unmake (written (moved, to), to);
        }
    unmake (written (zmq_pool_realloc (NULL, 100), 100), 100);
    void *aligned;
    MUST (zmq_pool_posix_memalign (&aligned, 256, 1000) == 0);
    void *const moved = zmq_pool_realloc (written (aligned, 1000), 5000);
    MUST (intact (moved, 1000, 1000));
    zmq_pool_free (moved);
}

static void alignment (int)
{
    for (size_t align = sizeof (void *); align <= 1 << 16; align *= 2)
        for (size_t size : {0, 1, 64, 1000, 16400, 200000, 2 << 20}) {
            void *blocks[5];
            for (void *&block : blocks) {
                MUST (zmq_pool_posix_memalign (&block, align, size) == 0);
                MUST ((uintptr_t) block % align == 0);
                written (block, size);
            }
            for (void *block : blocks)
                unmake (block, size);
        }
    void *untouched = &untouched;
    for (size_t wrong : {(size_t) 0, (size_t) 1, (size_t) 24, (size_t) 65})
        MUST (zmq_pool_posix_memalign (&untouched, wrong, 1) == EINVAL);
    MUST (untouched == &untouched);
}

static void too_large (int)
{
    for (size_t less : {0, 1, 15, 16, 17, 4096}) {
        errno = 0;
        MUST (!zmq_pool_malloc (SIZE_MAX - less) && errno == ENOMEM);
        void *none;
        MUST (zmq_pool_posix_memalign (&none, 64, SIZE_MAX - less) == ENOMEM);
        void *const kept = make (100);
        errno = 0;
        MUST (!zmq_pool_realloc (kept, SIZE_MAX - less) && errno == ENOMEM);
        unmake (kept, 100);
    }
}

/* ---- many ------------------------------------------------------------------ */

//  Blocks on their way from one thread to another.
static std::atomic<void *> slots[64];

static void hand_over (void *block)
{
    static std::atomic<unsigned> turn{0};
    void *const old =
      slots[turn++ % 64].exchange (block, std::memory_order_acq_rel);
    if (old) {
        size_t size;
        memcpy (&size, old, sizeof size);
        unmake (old, size);
    }
}

static void hand_over_some (unsigned seed, int count)
{
    std::minstd_rand random (seed);
    while (count--) {
        //  As many of each power of two, but seldom large ones.
        const unsigned powers = random () % 32 == 0 ? 21 : 12;
        const size_t most = (size_t) 1 << (4 + random () % (powers - 3));
        const size_t size = sizeof (size_t) + random () % most;
        void *block;
        switch (random () % 8) {
            case 0:
                MUST (zmq_pool_posix_memalign (&block, 64, size) == 0);
                break;
            case 1:
                block = zmq_pool_realloc (make (size / 3), size);
                break;
            default:
                block = zmq_pool_malloc (size);
        }
        hand_over (written (block, size));
    }
}

static void in_threads (int count, std::function<void (int)> work)
{
    std::vector<std::thread> threads;
    for (int i = 0; i < count; i++)
        threads.emplace_back (work, i);
    for (std::thread &thread : threads)
        thread.join ();
}

static void threads_come_and_go (int often)
{
    for (int i = 0; i < often; i++)
        in_threads (4, [i] (int n) { hand_over_some (4 * i + n + 1, 500); });
    for (int i = 0; i < 64; i++)
        hand_over (make (sizeof (size_t)));
    MUST (zmq_pool_kept () <= depot_bytes);
}

//  Used before the pool, so it ends after what the pool has for its thread.
struct late_t
{
    void *block;
    ~late_t ()
    {
        unmake (block, 100);
        for (size_t size : {8, 300, 30000, 2000000})
            for (int i = 0; i < 5; i++)
                unmake (make (size), size);
        hand_over (make (100));
    }
};

static void threads_that_end (int often)
{
    for (int i = 0; i < often; i++) {
        in_threads (2, [] (int) {
            static thread_local late_t late;
            late.block = NULL; // which is a use of it
            late.block = make (100);
            hand_over_some (7, 50);
        });
        //  The first use of the pool may be then, too.
        in_threads (1, [] (int) {
            static thread_local late_t late;
            void *&block = late.block;
            std::thread ([&] { block = make (100); }).join ();
        });
    }
}

/* ---- what is kept ---------------------------------------------------------- */

//  Another thread frees what this one has allocated: twice what the depot takes.
static void pass_on (size_t size)
{
    std::vector<void *> blocks (2 * depot_bytes / (size + 16));
    for (void *&block : blocks)
        block = zmq_pool_malloc (size);
    in_threads (1, [&] (int) {
        for (void *block : blocks)
            zmq_pool_free (block);
    });
}

static void the_depot_has_a_limit (int)
{
    size_t before = zmq_pool_kept ();
    MUST (before == 0);
    for (size_t size : {200, 65000, 500000, 3000, 16, 1000000}) {
        pass_on (size);
        const size_t kept = zmq_pool_kept ();
        MUST (kept <= depot_bytes && kept > depot_bytes / 4 * 3);
        //  It is of this size, whatever there was before.
        std::vector<void *> blocks (depot_bytes / 2 / (size + 16) + 1);
        for (void *&block : blocks)
            block = zmq_pool_malloc (size);
        MUST (zmq_pool_kept () <= kept - depot_bytes / 8 * 3);
        for (void *block : blocks)
            zmq_pool_free (block);
    }
}

static size_t peak_kib ()
{
    rusage usage;
    MUST (getrusage (RUSAGE_SELF, &usage) == 0);
    return usage.ru_maxrss;
}

//  100,000 messages from one new thread to another, at most 1024 at a time.
static void stream (int round)
{
    static std::atomic<void *> ring[1024];
    const size_t size = 200 + round % 5 * 100;
    in_threads (2, [=] (int reader) {
        for (int i = 0; i < 100000; i++) {
            std::atomic<void *> &place = ring[i % 1024];
            void *const block = reader ? NULL : zmq_pool_malloc (size);
            while (!place.load (std::memory_order_acquire) == !!reader)
                sched_yield ();
            if (reader)
                zmq_pool_free (place.exchange (NULL, std::memory_order_acq_rel));
            else
                place.store (memset (block, round, size),
                             std::memory_order_release);
        }
    });
}

static void memory_is_bounded (int often)
{
    stream (0);
    const size_t before = peak_kib ();
    for (int i = 0; i < often; i++)
        stream (i);
    //  What the depot may have, and as much for malloc's own ways.
    MUST (peak_kib () - before < 2 * depot_bytes / 1024);
}

/* ---- fork ------------------------------------------------------------------ */

//  So that somebody is at the depot nearly always.
static void take_and_give_large_ones ()
{
    for (int i = 0; i < 5000; i++)
        zmq_pool_free (zmq_pool_malloc (20000 << i % 6));
}

static void forks (int often)
{
    std::atomic<bool> done{false};
    std::thread others ([&] {
        in_threads (3, [&] (int n) {
            while (!done.load ()) {
                hand_over_some (n + 1, 10);
                take_and_give_large_ones ();
            }
        });
    });
    for (int i = 0; i < often; i++) {
        hand_over_some (i + 1, 50);
        const pid_t child = fork ();
        MUST (child != -1);
        if (child == 0) {
            alarm (20);
            take_and_give_large_ones ();
            for (size_t size = 1; size < 2 << 20; size += size / 8 + 1)
                unmake (make (size), size);
            _exit (0);
        }
        int status;
        MUST (waitpid (child, &status, 0) == child && status == 0);
    }
    done.store (true);
    others.join ();
}

static const struct
{
    const char *name;
    void (*run) (int often);
} cases[] = {
  {"each_size", each_size},
  {"reallocation", reallocation},
  {"alignment", alignment},
  {"too_large", too_large},
  {"threads_come_and_go", threads_come_and_go},
  {"threads_that_end", threads_that_end},
  {"the_depot_has_a_limit", the_depot_has_a_limit},
  {"memory_is_bounded", memory_is_bounded},
  {"forks", forks},
};

int main (int argc, char **argv)
{
    for (const auto &one : cases)
        if (argc > 1 && strcmp (argv[1], one.name) == 0) {
            one.run (argc > 2 ? atoi (argv[2]) : 1);
            return 0;
        }
    fprintf (stderr, "no such case\n");
    return 2;
}
