/*
 * schedule.h: a value that holds from a day until the next step.
 *
 * The one data structure of the product.  A schedule is a sorted run of steps, each a day and the
 * value from that day on, to 4 decimals or not known; the first day may be -infinity.  Before its
 * first step a schedule has no value at all.  It is kept canonical, no step repeating the value of
 * the step before, so equal functions are equal bytes.
 *
 * Steps are packed (12 bytes, native order, not aligned), because a stored value may begin at any
 * address; they are read and written by memcpy only.
 *
 * Must not know: what a value means (a budget, a cap, a rate), integrals, PostgreSQL.
 */
#ifndef CARE_SCHEDULE_H
#define CARE_SCHEDULE_H

#include <stddef.h>
#include <string.h>

#include "day.h"
#include "fault.h"
#include "money.h"

#define SCHEDULE_STEP_SIZE 12
#define SCHEDULE_MAX_STEPS 10000

/* Values are under ten thousand million either way, with 4 decimals. */
#define SCHEDULE_DECIMALS 4
#define SCHEDULE_VALUE_LIMIT INT64_C(99999999999999)
#define VALUE_NOT_KNOWN INT64_MIN

/* A view of packed steps that somebody else owns. */
struct schedule {
    const uint8_t *steps;
    int32_t count; /* at least 1 for a schedule that has a value anywhere */
};

/* Where steps are written: room for `capacity` of them. */
struct schedule_writer {
    uint8_t *steps;
    int32_t count;
    int32_t capacity;
};

enum schedule_operator {
    SCHEDULE_ADD,
    SCHEDULE_SUBTRACT,
    SCHEDULE_MULTIPLY,
    SCHEDULE_LEAST,
    SCHEDULE_GREATEST
};

static inline day_t
schedule_day(struct schedule schedule, int32_t index)
{
    day_t day;

    memcpy(&day, schedule.steps + (size_t)index * SCHEDULE_STEP_SIZE, sizeof day);
    return day;
}

static inline int64_t
schedule_value(struct schedule schedule, int32_t index)
{
    int64_t value;

    memcpy(&value, schedule.steps + (size_t)index * SCHEDULE_STEP_SIZE + sizeof(day_t),
           sizeof value);
    return value;
}

static inline bool
value_is_valid(int64_t value)
{
    return value == VALUE_NOT_KNOWN ||
           (value >= -SCHEDULE_VALUE_LIMIT && value <= SCHEDULE_VALUE_LIMIT);
}

/* May a step say so?  -infinity is for the first of a schedule only. */
static inline bool
step_is_valid(day_t day, int64_t value)
{
    return (day_is_valid(day) || day == DAY_BEGINNING) && value_is_valid(value);
}

static inline struct schedule
schedule_written(const struct schedule_writer *writer)
{
    return (struct schedule){.steps = writer->steps, .count = writer->count};
}

/*
 * A position in a schedule that only moves forward: the value from the day it was last moved to,
 * and the day of the next step.
 */
struct schedule_cursor {
    struct schedule schedule;
    int32_t next;   /* index of the next step */
    day_t next_day; /* its day; after DAY_LAST when there is none */
    int64_t value;
};

/* Move to a day; false before the first step. */
static inline bool
cursor_move(struct schedule_cursor *cursor, day_t day)
{
    while (cursor->next_day <= day) {
        cursor->value = schedule_value(cursor->schedule, cursor->next);
        cursor->next++;
        cursor->next_day = cursor->next < cursor->schedule.count
                               ? schedule_day(cursor->schedule, cursor->next)
                               : DAY_LAST + 1;
    }
    return cursor->next > 0;
}

static inline struct schedule_cursor
cursor_at_start(struct schedule schedule)
{
    return (struct schedule_cursor){.schedule = schedule,
                                    .next_day = schedule.count > 0 ? schedule_day(schedule, 0)
                                                                   : DAY_LAST + 1,
                                    .value = VALUE_NOT_KNOWN};
}

int32_t schedule_find(struct schedule schedule, day_t day);
bool schedule_is_canonical(struct schedule schedule);
int schedule_compare(struct schedule left, struct schedule right);
bool schedule_append(struct schedule_writer *writer, day_t day, int64_t value, struct fault *fault);
bool schedule_combine(enum schedule_operator operator, struct schedule left, struct schedule right,
                      struct schedule_writer *result, struct fault *fault);
bool schedule_sort(struct schedule_writer *points, struct fault *fault);
bool schedule_parse(const char *text, size_t length, struct schedule_writer *result,
                    struct fault *fault);
size_t schedule_format(struct schedule schedule, char *text);
size_t schedule_format_limit(struct schedule schedule);
bool schedule_load(const uint8_t *bytes, size_t length, int32_t count,
                   struct schedule_writer *result, struct fault *fault);
void schedule_store(struct schedule schedule, uint8_t *bytes);

#endif
