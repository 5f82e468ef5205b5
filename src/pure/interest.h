/*
 * interest.h: the product integral, what £1 owed becomes with interest.
 *
 * A debt with interest is linear in its amounts, whatever the interval of capitalisation: an amount
 * owed from day d is worth amount * G(d) at the close of day T, and G is the same for every
 * agreement on the same terms.  Here are G, in fixed point, and the exact sum of amounts times G.
 * The law is doc/calculations section 4.
 *
 * Must not know: what the amounts are for, agreements, PostgreSQL.
 */
#ifndef CARE_INTEREST_H
#define CARE_INTEREST_H

#include "schedule.h"

/*
 * A growth: how many pounds one pound has become, an unsigned number with 96 bits after the binary
 * point, so below 2^32.  Every operation on it rounds down.
 *
 * Error.  With u = 2^-96: the factor of one period is short by less than u; the product of two
 * factors that are short by at most a*u and b*u of themselves is short by at most (a + b + 1)*u of
 * itself, since no factor is below 1.  So G over n periods is short by less than 2n*u of itself.
 * A century of daily interest has n = 36,525: G is short by less than 2^17 * 2^-96 = 2^-79 of
 * itself.  For a debt grown to 10^12 pence (£10,000 million, the limit of money here) that is less
 * than 2^-39 of a penny.
 *
 * So a computed sum of pence can be on the wrong side of a half penny only if it is within 2^-39 of
 * it; real halves do occur (simple interest on a round sum), and rounding counts everything from
 * 2^-36 of a penny below a half as that half.  The shown penny is right for every debt that does
 * not truly lie in those 2^-36 (one in seventy thousand million) below a half penny without being
 * one.
 */
typedef u128 growth_t;

#define GROWTH_BITS 96
#define GROWTH_ONE ((growth_t)1 << GROWTH_BITS)
#define HALF_PENNY_TOLERANCE_BITS 36

/* Schedule units of a rate of 100 per cent: also, units of rate in a fraction of 1. */
#define RATE_UNITS_IN_ONE INT64_C(1000000)

/*
 * Simple interest over a span is (sum of rate * days / days in the year) / RATE_UNITS_IN_ONE: a
 * whole number over this common denominator, below 2^37.
 */
#define YEAR_DAYS INT64_C(365)
#define LEAP_YEAR_DAYS INT64_C(366)
#define INTEREST_DENOMINATOR (RATE_UNITS_IN_ONE * YEAR_DAYS * LEAP_YEAR_DAYS)

enum day_count { DAY_COUNT_ACT_ACT, DAY_COUNT_ACT_365F };

enum capitalised {
    CAPITALISED_DAILY,
    CAPITALISED_WEEKLY, /* Sundays */
    CAPITALISED_MONTHLY,
    CAPITALISED_QUARTERLY,
    CAPITALISED_HALF_YEARLY,
    CAPITALISED_YEARLY, /* calendar ends all, unless the terms have another beginning */
    CAPITALISED_NEVER   /* simple interest */
};

struct growth_terms {
    struct schedule rates; /* per cent a year, 0 to 100 */
    enum day_count day_count;
    enum capitalised capitalised;
    struct year_day begins; /* of an interval of months, and so of the others; nought: 1 January */
};

/* Capitalisation periods in a row, all of one length and one factor. */
struct growth_block {
    day_t first_day;
    day_t last_day;
    int32_t period_days; /* of each period; the block is a whole number of them */
    growth_t factor;     /* of one whole period */
    growth_t after;      /* growth from the day after the block to the close of the last day */
};

/* Everything needed to answer G(d) for any d from from_day to to_day. */
struct growth_table {
    struct growth_terms terms;
    day_t from_day;
    day_t to_day;
    struct growth_block *blocks;
    int32_t count;
    int32_t capacity;
};

/*
 * An exact sum of pence * growth, in 2^-96 of a penny: `high` counts the upper 64 bits of each
 * growth, `low` the lower.  One product is below 2^40 * 2^64, so 2^23 of the largest amounts there
 * are at the largest growth there is still fit; growth_sum_add notices more.
 */
struct growth_sum {
    i128 high;
    i128 low;
};

day_t growth_period_end(const struct growth_terms *terms, day_t day);
bool interest_numerator(const struct growth_terms *terms, day_t first_day, day_t last_day,
                        int64_t *numerator, struct fault *fault);
bool growth_simple(const struct growth_terms *terms, day_t first_day, day_t last_day,
                   growth_t *growth, struct fault *fault);
bool growth_times(u128 left, growth_t right, u128 *product);
bool growth_times_power(u128 *left, growth_t base, int32_t exponent);
bool growth_block_from(const struct growth_terms *terms, day_t day, day_t to_day,
                       struct growth_block *block, struct fault *fault);
int32_t growth_blocks_limit(const struct growth_terms *terms, day_t from_day, day_t to_day);
bool growth_prepare(struct growth_table *table, struct fault *fault);
bool growth_from(const struct growth_table *table, day_t day, growth_t *growth,
                 struct fault *fault);
bool growth_sum_add(struct growth_sum *sum, int64_t pence, growth_t growth);
bool growth_sum_merge(struct growth_sum *sum, const struct growth_sum *other);
bool growth_sum_pence(const struct growth_sum *sum, int64_t *pence);

#endif
