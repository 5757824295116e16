/* What programs that exercise a part of ours have in common. */

#ifndef EXERCISE_HPP
#define EXERCISE_HPP

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

struct case_t
{
    const char *name;
    void (*run) ();
};

//  What main() is to do, and return: the arguments are a case's name and how often.
template <size_t count>
int run_case (const case_t (&cases_)[count], char **args_)
{
    for (const case_t &one : cases_)
        if (!strcmp (args_[1], one.name)) {
            for (int i = atoi (args_[2]); i; --i)
                one.run ();
            return 0;
        }
    return 2;
}

#endif
