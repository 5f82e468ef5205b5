/*
 * random.h: random numbers for property tests, the same on every machine for the same seed.
 *
 * The generator is splitmix64: one word of state, any seed is a good one.
 */
#ifndef CARE_TEST_RANDOM_H
#define CARE_TEST_RANDOM_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t
random_next(struct random *random)
{
    uint64_t word = random->state += UINT64_C(0x9E3779B97F4A7C15);

    word = (word ^ word >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ word >> 27) * UINT64_C(0x94D049BB133111EB);
    return word ^ word >> 31;
}

/* From low to high, both possible.  The bias of the remainder does not matter here. */
static inline int64_t
random_between(struct random *random, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)high - (uint64_t)low + 1;

    assert(low <= high && span != 0);
    return (int64_t)((uint64_t)low + random_next(random) % span);
}

static inline int32_t
random_below(struct random *random, int32_t limit)
{
    return (int32_t)random_between(random, 0, limit - 1);
}

/* True once in so many times. */
static inline bool
random_once_in(struct random *random, int32_t times)
{
    return random_below(random, times) == 0;
}

#endif
