/* A pipe, who writes into it and who reads from it. Usage: exercise CASE HOW_OFTEN */

#include "precompiled.hpp"

#include <stdlib.h>
#include <string.h>
#include <atomic>
#include <thread>

#include "err.cpp"
#include "spaced_ypipe.hpp"
#include "../common/exercise.hpp"

namespace
{
//  As large as a message.
struct item_t
{
    uint64_t numbers[8];
};

item_t item (uint64_t number_)
{
    item_t item;
    for (int i = 0; i != 8; ++i)
        item.numbers[i] = number_ + i;
    return item;
}

void require_item (const item_t &item_, uint64_t number_)
{
    for (int i = 0; i != 8; ++i)
        require (item_.numbers[i] == number_ + i, "it is that item, whole");
}

bool is_even (const item_t &item_)
{
    return item_.numbers[0] % 2 == 0;
}

//  As a connection's: many are written that are taken back, some are passed on one by one, and the
//  reader, who finds nothing, sleeps until it is told.
template <int N> void items_pass ()
{
    const uint64_t items = 200000;
    zmq::ypipe_t<item_t, N> pipe;
    std::atomic<uint32_t> told (0);
    std::thread writer ([&pipe, &told]() {
        dice_t dice = {N};
        uint64_t written = 0;
        while (written != items) {
            item_t taken;
            const uint32_t incomplete = dice.roll (3 * N);
            for (uint32_t i = 0; i != incomplete; ++i)
                pipe.write (item (written + i), true);
            if (dice.roll (2) || written + incomplete >= items) {
                for (uint32_t i = incomplete; i--;) {
                    require (pipe.unwrite (&taken), "it is incomplete");
                    require_item (taken, written + i);
                }
            } else
                written += incomplete;
            pipe.write (item (written++), false);
            require (!pipe.unwrite (&taken), "it is complete");
            if ((dice.roll (4) == 0 || written == items) && !pipe.flush ())
                told.fetch_add (1);
        }
        require (pipe.flush () || told.fetch_add (1) + 1, "all are passed on");
    });
    dice_t dice = {0};
    uint32_t heard = 0;
    for (uint64_t read = 0; read != items;) {
        if (!pipe.check_read ()) {
            require (!pipe.has_next (), "there is none");
            for (++heard; told.load () < heard;)
                std::this_thread::yield ();
            require (pipe.check_read (), "it was told so");
        }
        require (pipe.has_next (), "there is one");
        if (dice.roll (2))
            require (pipe.probe (is_even) == (read % 2 == 0), "it is next");
        item_t next;
        require (pipe.read (&next), "it is there");
        require_item (next, read++);
    }
    writer.join ();
    require (!pipe.check_read (), "nothing is left");
}

//  Whoever is done with it leaves items in it.
template <int N> void items_stay ()
{
    for (int left = 0; left != 3 * N + 2; ++left)
        for (int read = 0; read <= left; ++read) {
            zmq::ypipe_t<item_t, N> pipe;
            require (!pipe.check_read (), "it is empty");
            for (int i = 0; i != left; ++i)
                pipe.write (item (i), i % 2);
            if (left)
                require (!pipe.flush (), "the reader is to be told");
            require (pipe.flush (), "once");
            item_t next;
            int i = 0;
            while (i != read && pipe.read (&next))
                require_item (next, i++);
            const int complete = left % 2 ? left : left - 1;
            require (i == read || i == complete || left == 0, "what is complete");
        }
}

void all_items_pass ()
{
    items_pass<1> ();
    items_pass<2> ();
    items_pass<16> ();
    items_pass<256> ();
}

void all_items_stay ()
{
    items_stay<1> ();
    items_stay<3> ();
    items_stay<16> ();
}
}

int main (int, char **args_)
{
    const case_t cases[] = {
      {"items_pass", all_items_pass},
      {"items_stay", all_items_stay},
    };
    return run_case (cases, args_);
}
