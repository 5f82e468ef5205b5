/*
 * points.c: schedules in the plainest form there is.
 */
#include <assert.h>

#include "points.h"

/* The value on a day; false before the first. */
bool
points_value(const struct points *points, day_t day, int64_t *value)
{
    bool found = false;

    for (int32_t i = 0; i < points->count; i++)
        if (points->at[i].day <= day) {
            *value = points->at[i].value;
            found = true;
        }
    return found;
}

/* Add a point after the last, unless it repeats the value. */
void
points_append(struct points *points, day_t day, int64_t value)
{
    if (points->count > 0 && points->at[points->count - 1].value == value)
        return;
    assert(points->count < POINTS_LIMIT);
    points->at[points->count++] = (struct point){.day = day, .value = value};
}

/* Points of a shape, at least one. */
struct points
points_random(struct random *random, const struct points_shape *shape)
{
    struct points points = {.count = 0};
    int32_t steps = 1 + random_below(random, shape->steps_limit);
    day_t day = shape->first_day;

    if (shape->beginning_once_in > 0 && random_once_in(random, shape->beginning_once_in))
        points_append(&points, DAY_BEGINNING, shape->value(random));
    for (int32_t left = steps; left > 0 && day <= shape->last_day; left--) {
        /* spread over what is left of the days, but often one after the other */
        int32_t reach = (shape->last_day - day) * 2 / left;

        if (points.count > 0 || random_once_in(random, 2))
            day += random_once_in(random, 4) ? 0 : random_below(random, reach + 1);
        if (day <= shape->last_day)
            points_append(&points, day, shape->value(random));
        day++;
    }
    if (points.count == 0)
        points_append(&points, shape->last_day, shape->value(random));
    return points;
}

/* The packed form, written without the help of the core. */
struct schedule
points_pack(const struct points *points, struct packed *packed)
{
    uint8_t *to = packed->bytes + 1;

    for (int32_t i = 0; i < points->count; i++) {
        memcpy(to, &points->at[i].day, 4);
        memcpy(to + 4, &points->at[i].value, 8);
        to += 12;
    }
    return (struct schedule){.steps = packed->bytes + 1, .count = points->count};
}

/* Is the schedule these points, byte for byte? */
bool
points_match(const struct points *points, struct schedule schedule)
{
    struct packed packed;
    struct schedule expected = points_pack(points, &packed);

    return schedule.count == expected.count &&
           memcmp(schedule.steps, expected.steps, (size_t)expected.count * 12) == 0;
}

/* A writer with all the room of a packed schedule. */
struct schedule_writer
packed_writer(struct packed *packed)
{
    return (struct schedule_writer){.steps = packed->bytes + 1, .capacity = POINTS_LIMIT};
}

/* A schedule as an example writes it; the text must be good. */
struct schedule
schedule_of(const char *text, struct packed *packed)
{
    struct schedule_writer writer = packed_writer(packed);
    struct fault fault;
    bool good = schedule_parse(text, strlen(text), &writer, &fault);

    assert(good);
    (void)good;
    return schedule_written(&writer);
}

/* The first of so many days in a row: anywhere, or where calendars go wrong. */
day_t
random_window(struct random *random, int32_t days)
{
    static const int32_t centuries[] = {1600, 1700, 1900, 2000, 2100, 2400};
    int32_t century = centuries[random_below(random, 6)];

    switch (random_below(random, 6)) {
    case 0:
        return DAY_FIRST;
    case 1:
        return DAY_LAST - days + 1;
    case 2:
        return day_of(century, 2, 29 - (century % 400 != 0)) - random_below(random, days);
    case 3:
        return day_of(2000 + random_below(random, 60), 1, 1) - random_below(random, days);
    case 4:
        return day_of(2016 + random_below(random, 20), 1, 1) + random_below(random, 365);
    default:
        return (day_t)random_between(random, DAY_FIRST, DAY_LAST - days + 1);
    }
}
