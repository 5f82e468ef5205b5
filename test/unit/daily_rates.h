/*
 * daily_rates.h: random rates and terms of interest, for the tests of growth and of the running
 * account.
 */
#ifndef CARE_TEST_DAILY_RATES_H
#define CARE_TEST_DAILY_RATES_H

#include "interest.h"
#include "random.h"

#define RATE_LIMIT 1000000 /* 100 per cent, in units of a schedule */

/* A rate for every day of a window, and the schedule of them with something odd on either side. */
struct daily_rates {
    day_t first_day;
    int32_t days;
    int64_t *rate;
    struct schedule schedule;
};

struct daily_rates random_rates(struct random *random, day_t first_day, int32_t days,
                                int32_t run_limit, int64_t rate_limit);
void free_rates(struct daily_rates *rates);
struct growth_terms random_terms(struct random *random, struct schedule rates);
bool capitalises(const struct growth_terms *terms, day_t day);

#endif
