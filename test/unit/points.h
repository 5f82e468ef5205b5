/*
 * points.h: schedules in the plainest form there is, to compare the packed ones with.
 *
 * A list of days and values that is searched from its beginning, day after day.  Random ones are
 * drawn here for every module, with a taste for the edges of the calendar.
 */
#ifndef CARE_TEST_POINTS_H
#define CARE_TEST_POINTS_H

#include "random.h"
#include "schedule.h"

#define POINTS_LIMIT 24

struct point {
    day_t day;
    int64_t value;
};

struct points {
    int32_t count;
    struct point at[POINTS_LIMIT];
};

/* Room for packed steps, which begin at an odd address: none of the core may mind. */
struct packed {
    _Alignas(16) uint8_t bytes[1 + POINTS_LIMIT * SCHEDULE_STEP_SIZE];
};

/* What random points to draw. */
struct points_shape {
    day_t first_day; /* no step before this, but for -infinity */
    day_t last_day;
    int32_t steps_limit;
    int32_t beginning_once_in; /* how often the first step is at -infinity; 0 for never */
    int64_t (*value)(struct random *random);
};

bool points_value(const struct points *points, day_t day, int64_t *value);
void points_append(struct points *points, day_t day, int64_t value);
struct points points_random(struct random *random, const struct points_shape *shape);
struct schedule points_pack(const struct points *points, struct packed *packed);
bool points_match(const struct points *points, struct schedule schedule);
struct schedule_writer packed_writer(struct packed *packed);
struct schedule schedule_of(const char *text, struct packed *packed);
day_t random_window(struct random *random, int32_t days);

#endif
