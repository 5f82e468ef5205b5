/*
 * fuzz.h: what the fuzz targets share.
 *
 * A target takes bytes from libFuzzer and makes of them whatever it needs; when they are used up it
 * goes on with noughts, so every input means something.  What must hold is required: if it does
 * not, the run stops and libFuzzer keeps the input.
 *
 * Must not know: what is fuzzed.
 */
#ifndef CARE_FUZZ_H
#define CARE_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "schedule.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s: is not so\n", __FILE__, __LINE__, #condition);             \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Each target is one of these. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The input that is left. */
struct input {
    const uint8_t *at;
    size_t left;
};

static inline uint64_t
take_number(struct input *input, size_t bytes)
{
    uint64_t number = 0;

    for (; bytes > 0 && input->left > 0; bytes--, input->left--)
        number = number << 8 | *input->at++;
    return number;
}

static inline uint8_t
take_byte(struct input *input)
{
    return (uint8_t)take_number(input, 1);
}

/* A day: with a taste for the edges of the calendar and for our years. */
static inline day_t
take_day(struct input *input)
{
    uint8_t where = take_byte(input);
    int32_t days = (int32_t)take_number(input, 2);

    if (where < 16)
        return DAY_FIRST + days;
    if (where < 32)
        return DAY_LAST - days;
    if (where < 64)
        return DAY_FIRST + (day_t)(take_number(input, 4) % (DAY_LAST - DAY_FIRST + 1));
    return days;
}

/* A rate of interest: mostly what is charged, now and then nought, 100 per cent, or a fault. */
static inline int64_t
take_rate(struct input *input)
{
    uint8_t kind = take_byte(input);
    int64_t rate = (int64_t)take_number(input, 2);

    if (kind < 200)
        return rate;
    if (kind < 220)
        return 0;
    if (kind < 250)
        return 100 * UNITS_PER_POUND - rate;
    return kind < 253 ? VALUE_NOT_KNOWN : 100 * UNITS_PER_POUND + 1;
}

/* Memory of exactly the size, so that the sanitizer sees a byte too far. */
static inline void *
exact_memory(size_t size)
{
    void *memory = malloc(size);

    REQUIRE(memory != NULL || size == 0);
    return memory;
}

#define STEPS_LIMIT 12

/* Steps at an odd address: none of the core may mind. */
struct packed {
    _Alignas(16) uint8_t bytes[1 + 2 * STEPS_LIMIT * SCHEDULE_STEP_SIZE];
};

static inline struct schedule_writer
packed_writer(struct packed *packed)
{
    return (struct schedule_writer){.steps = packed->bytes + 1, .capacity = 2 * STEPS_LIMIT};
}

/*
 * A schedule of values of a kind, from a day near the first of a period.  Most begin at -infinity:
 * what begins later is refused by the integrals and shows little.
 */
static inline struct schedule
take_schedule(struct input *input, day_t first_day, int64_t (*take_value)(struct input *input),
              struct packed *packed)
{
    struct schedule_writer writer = packed_writer(packed);
    uint8_t shape = take_byte(input);
    day_t day = shape < 240 ? DAY_BEGINNING : first_day;
    struct fault fault;

    for (int32_t steps = shape % STEPS_LIMIT; steps >= 0 && day <= DAY_LAST; steps--) {
        uint8_t gap = take_byte(input);

        REQUIRE(schedule_append(&writer, day, take_value(input), &fault));
        day = day == DAY_BEGINNING ? first_day : day;
        day += gap < 200 ? 1 + gap : (gap - 199) * 64;
    }
    return schedule_written(&writer);
}

#endif
