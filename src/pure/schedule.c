/*
 * schedule.c: building schedules and the algebra on them.
 *
 * Each function takes canonical schedules and makes canonical ones.
 *
 * Must not know: text or binary forms (schedule_io.c), what a value means, PostgreSQL.
 */
#include <stdlib.h>

#include "schedule.h"
#include "promise.h"

_Static_assert(sizeof(day_t) + sizeof(int64_t) == SCHEDULE_STEP_SIZE, "a step is packed");
_Static_assert(SCHEDULE_VALUE_LIMIT / UNITS_PER_POUND == PENCE_LIMIT / 100,
               "values and pence have the same range in pounds");

/* Index of the step in force on the day, or -1 before the first. */
int32_t
schedule_find(struct schedule schedule, day_t day)
{
    int32_t low = 0;
    int32_t high = schedule.count;

    while (low < high) {
        int32_t middle = low + (high - low) / 2;

        if (schedule_day(schedule, middle) <= day)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

/* Do the steps keep every promise of schedule.h?  Asked of every stored schedule: so one pass. */
bool
schedule_is_canonical(struct schedule schedule)
{
    day_t day;
    int64_t value;

    if (schedule.count < 1 || schedule.count > SCHEDULE_MAX_STEPS)
        return false;
    day = schedule_day(schedule, 0);
    value = schedule_value(schedule, 0);
    if (!step_is_valid(day, value))
        return false;
    for (int32_t i = 1; i < schedule.count; i++) {
        day_t next_day = schedule_day(schedule, i);
        int64_t next_value = schedule_value(schedule, i);

        /* later than a day, so not -infinity */
        if (next_day <= day || next_value == value || !step_is_valid(next_day, next_value))
            return false;
        day = next_day;
        value = next_value;
    }
    return true;
}

/* -1, 0 or 1: no value is before not known, which is before every value. */
static int
compare_held(struct schedule left, int32_t left_step, struct schedule right, int32_t right_step)
{
    int64_t left_value;
    int64_t right_value;

    if (left_step < 0 || right_step < 0)
        return (left_step >= 0) - (right_step >= 0);
    /* VALUE_NOT_KNOWN is the least of 64 bits */
    left_value = schedule_value(left, left_step);
    right_value = schedule_value(right, right_step);
    return (left_value > right_value) - (left_value < right_value);
}

/*
 * The order of schedules, for indexes and sorts, frozen: by what they hold on the first day on
 * which they differ.  Nought when they are the same on every day.  Where one has a step before the
 * other does, the other still holds what both held.
 */
int
schedule_compare(struct schedule left, struct schedule right)
{
    int32_t shared = left.count < right.count ? left.count : right.count;
    int32_t same = 0;
    bool steps_left;
    bool steps_right;

    while (same < shared &&
           memcmp(left.steps + (size_t)same * SCHEDULE_STEP_SIZE,
                  right.steps + (size_t)same * SCHEDULE_STEP_SIZE, SCHEDULE_STEP_SIZE) == 0)
        same++;
    if (same == left.count && same == right.count)
        return 0;
    steps_left = same < left.count &&
                 (same == right.count || schedule_day(left, same) <= schedule_day(right, same));
    steps_right = same < right.count &&
                  (same == left.count || schedule_day(right, same) <= schedule_day(left, same));
    return compare_held(left, steps_left ? same : same - 1, right, steps_right ? same : same - 1);
}

/* Write one step as it is given. */
static bool
write_step(struct schedule_writer *writer, day_t day, int64_t value, struct fault *fault)
{
    uint8_t *step = writer->steps + (size_t)writer->count * SCHEDULE_STEP_SIZE;

    if (writer->count >= writer->capacity || writer->count >= SCHEDULE_MAX_STEPS)
        return fault_at(fault, FAULT_TOO_MANY_STEPS, "schedule", day);
    memcpy(step, &day, sizeof day);
    memcpy(step + sizeof day, &value, sizeof value);
    writer->count++;
    return true;
}

/* Add a step after the last; one that repeats the value before it says nothing and is left out. */
bool
schedule_append(struct schedule_writer *writer, day_t day, int64_t value, struct fault *fault)
{
    struct schedule written = schedule_written(writer);

    PROMISE(value_is_valid(value));
    PROMISE(writer->count == 0 || day > schedule_day(written, writer->count - 1));
    if (writer->count > 0 && schedule_value(written, writer->count - 1) == value)
        return true;
    return write_step(writer, day, value, fault);
}

/*
 * One value of a combination; not known if either is not known.  Sums and differences of two valid
 * values stay far inside 64 bits; a product needs 128 bits and must come out whole: it is never
 * rounded.
 */
static bool
combine_values(enum schedule_operator operator, int64_t left, int64_t right, int64_t *result,
               enum fault_code *code)
{
    i128 value = 0;

    if (left == VALUE_NOT_KNOWN || right == VALUE_NOT_KNOWN) {
        *result = VALUE_NOT_KNOWN;
        return true;
    }
    switch (operator) {
    case SCHEDULE_ADD:
        value = (i128)left + right;
        break;
    case SCHEDULE_SUBTRACT:
        value = (i128)left - right;
        break;
    case SCHEDULE_MULTIPLY:
        value = (i128)left * right;
        if (value % UNITS_PER_POUND != 0) {
            *code = FAULT_INEXACT;
            return false;
        }
        value /= UNITS_PER_POUND;
        break;
    case SCHEDULE_LEAST:
        value = left < right ? left : right;
        break;
    case SCHEDULE_GREATEST:
        value = left > right ? left : right;
        break;
    }
    if (value < -SCHEDULE_VALUE_LIMIT || value > SCHEDULE_VALUE_LIMIT) {
        *code = FAULT_OUT_OF_RANGE;
        return false;
    }
    *result = (int64_t)value;
    return true;
}

/*
 * Combine two schedules day by day.  The result has a value where both have one, so it begins at
 * the later of their first days.  Room for left.count + right.count steps is always enough.
 */
bool
schedule_combine(enum schedule_operator operator, struct schedule left, struct schedule right,
                 struct schedule_writer *result, struct fault *fault)
{
    struct schedule_cursor left_cursor = cursor_at_start(left);
    struct schedule_cursor right_cursor = cursor_at_start(right);
    day_t day =
        left_cursor.next_day > right_cursor.next_day ? left_cursor.next_day : right_cursor.next_day;

    PROMISE(schedule_is_canonical(left) && schedule_is_canonical(right));
    while (day <= DAY_LAST) {
        enum fault_code code = FAULT_NONE;
        int64_t value = VALUE_NOT_KNOWN;

        cursor_move(&left_cursor, day);
        cursor_move(&right_cursor, day);
        if (!combine_values(operator, left_cursor.value, right_cursor.value, &value, &code))
            return fault_at(fault, code, "schedule", day);
        if (!schedule_append(result, day, value, fault))
            return false;
        day = left_cursor.next_day < right_cursor.next_day ? left_cursor.next_day
                                                           : right_cursor.next_day;
    }
    PROMISE(schedule_is_canonical(schedule_written(result)));
    return true;
}

static int
compare_steps(const void *left, const void *right)
{
    day_t left_day;
    day_t right_day;

    memcpy(&left_day, left, sizeof left_day);
    memcpy(&right_day, right, sizeof right_day);
    return (left_day > right_day) - (left_day < right_day);
}

/*
 * Make a schedule, in place, of points that came in any order.  A day given twice is refused even
 * when both values agree: one of the two rows is a mistake.
 */
bool
schedule_sort(struct schedule_writer *points, struct fault *fault)
{
    struct schedule_writer result = {.steps = points->steps, .capacity = points->capacity};
    struct schedule all = schedule_written(points);
    day_t last_day = 0;

    qsort(points->steps, (size_t)points->count, SCHEDULE_STEP_SIZE, compare_steps);
    for (int32_t i = 0; i < all.count; i++) {
        day_t day = schedule_day(all, i);

        if (i > 0 && day == last_day)
            return fault_at(fault, FAULT_DAY_TWICE, "schedule", day);
        last_day = day;
        /* the write position is never past the read position */
        if (!schedule_append(&result, day, schedule_value(all, i), fault))
            return false;
    }
    points->count = result.count;
    return true;
}
