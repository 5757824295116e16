/* What programs that exercise a part of ours have in common. */

#ifndef EXERCISE_HPP
#define EXERCISE_HPP

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

inline void require (bool true_, const char *what_)
{
    if (!true_) {
        fprintf (stderr, "not so: %s\n", what_);
        abort ();
    }
}

//  The same numbers in each run; each thread has its own.
struct dice_t
{
    uint32_t state;
    uint32_t roll (uint32_t sides_)
    {
        state = state * 1664525 + 1013904223;
        return (state >> 8) % sides_;
    }
};

#endif
