/*
 * terms_arg.h: the words in which callers say how interest is reckoned.
 *
 * Must not know: what they do to the interest.
 */
#ifndef CARE_TERMS_ARG_H
#define CARE_TERMS_ARG_H

#include "postgres.h"

#include "../pure/interest.h"

/* A word of a closed list, and what stands for it in C. */
struct care_word {
    const char *name;
    size_t length;
    int value;
};

#define CARE_WORD(name, value)                                                                     \
    {                                                                                              \
        name, sizeof name - 1, value                                                               \
    }

extern int care_word_argument(Datum word, const struct care_word *words, int count,
                              const char *what);
extern enum day_count care_day_count_argument(Datum word);
extern void care_capitalised_argument(Datum word, struct growth_terms *terms);

#endif
