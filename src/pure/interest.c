/*
 * interest.c: the product integral.
 *
 * Time is cut into blocks of capitalisation periods that share one factor: a run of days at one
 * rate and one length of year, when interest is capitalised daily; a run of whole weeks; else one
 * period.  Growth over a block is a power, by repeated squaring, so the work is proportional to the
 * changes of rate and the ends of leap years, never to days.
 *
 * Must not know: what the amounts are for, PostgreSQL.
 */
#include "interest.h"
#include "promise.h"

_Static_assert(RATE_UNITS_IN_ONE == UNITS_PER_POUND * 100, "a rate is per cent with 4 decimals");
_Static_assert(INTEREST_DENOMINATOR < INT64_C(1) << 37, "remainders shifted by 64 fit 128 bits");

static day_t
earlier(day_t left, day_t right)
{
    return left < right ? left : right;
}

/* The day on which the capitalisation period that holds this day ends. */
day_t
growth_period_end(const struct growth_terms *terms, day_t day)
{
    switch (terms->capitalised) {
    case CAPITALISED_DAILY:
        return day;
    case CAPITALISED_WEEKLY:
        return earlier(day + days_to_sunday(day), DAY_LAST);
    case CAPITALISED_MONTHLY:
        return interval_end(day, 1, terms->begins);
    case CAPITALISED_QUARTERLY:
        return interval_end(day, 3, terms->begins);
    case CAPITALISED_HALF_YEARLY:
        return interval_end(day, 6, terms->begins);
    case CAPITALISED_YEARLY:
        return interval_end(day, 12, terms->begins);
    case CAPITALISED_NEVER:
        break;
    }
    return DAY_LAST;
}

/* The last day of the run of years as long as this day's year, by the day count. */
static day_t
year_length_end(enum day_count day_count, day_t day)
{
    int32_t year;

    if (day_count == DAY_COUNT_ACT_365F)
        return DAY_LAST;
    year = calendar_of(day).year;
    if (year_is_leap(year))
        return day_of(year, 12, 31);
    while (year < 9999 && !year_is_leap(year + 1))
        year++;
    return day_of(year, 12, 31);
}

/* The days the day's year is divided by. */
static int64_t
year_days(enum day_count day_count, day_t day)
{
    return day_count == DAY_COUNT_ACT_ACT && year_is_leap(calendar_of(day).year) ? LEAP_YEAR_DAYS
                                                                                 : YEAR_DAYS;
}

/* The rate in force on a day, known and within 0 and 100; and the last day it holds. */
static bool
rate_on(struct schedule rates, day_t day, int64_t *rate, day_t *last_day, struct fault *fault)
{
    int32_t step = schedule_find(rates, day);

    if (step < 0)
        return fault_at(fault, FAULT_BEFORE_FIRST_STEP, "interest rate",
                        rates.count > 0 ? schedule_day(rates, 0) : DAY_LAST);
    *rate = schedule_value(rates, step);
    *last_day = step + 1 < rates.count ? schedule_day(rates, step + 1) - 1 : DAY_LAST;
    if (*rate == VALUE_NOT_KNOWN)
        return fault_at(fault, FAULT_NOT_KNOWN, "interest rate", day);
    if (*rate < 0)
        return fault_at(fault, FAULT_NEGATIVE, "interest rate", day);
    if (*rate > RATE_UNITS_IN_ONE)
        return fault_at(fault, FAULT_ABOVE_HUNDRED, "interest rate", day);
    return true;
}

/* The last day up to which rate and length of year stay as they are on a day. */
static bool
run_end(const struct growth_terms *terms, day_t day, int64_t *rate, day_t *last_day,
        struct fault *fault)
{
    if (!rate_on(terms->rates, day, rate, last_day, fault))
        return false;
    *last_day = earlier(*last_day, year_length_end(terms->day_count, day));
    return true;
}

/*
 * Simple interest on 1 from first_day to last_day, both counted, as a whole number over
 * INTEREST_DENOMINATOR: below 10^6 * 366 * 3.7 * 10^6 < 2^51.
 */
bool
interest_numerator(const struct growth_terms *terms, day_t first_day, day_t last_day,
                   int64_t *numerator, struct fault *fault)
{
    *numerator = 0;
    for (day_t day = first_day; day <= last_day;) {
        int64_t rate = 0;
        day_t run = DAY_LAST;

        if (!run_end(terms, day, &rate, &run, fault))
            return false;
        run = earlier(run, last_day);
        *numerator += rate * (run - day + 1) *
                      (INTEREST_DENOMINATOR / RATE_UNITS_IN_ONE / year_days(terms->day_count, day));
        day = run + 1;
    }
    return true;
}

/*
 * 1 plus simple interest from first_day to last_day, both counted; the whole part of the quotient
 * is below 2^14.
 */
bool
growth_simple(const struct growth_terms *terms, day_t first_day, day_t last_day, growth_t *growth,
              struct fault *fault)
{
    int64_t numerator;
    int64_t remainder;
    u128 high;
    u128 low;

    if (!interest_numerator(terms, first_day, last_day, &numerator, fault))
        return false;
    /* long division, rounded down: 64 bits after the point, then 32 more */
    remainder = numerator % INTEREST_DENOMINATOR;
    high = ((u128)(uint64_t)remainder << 64) / (u128)INTEREST_DENOMINATOR;
    low = ((u128)(uint64_t)remainder << 64) % (u128)INTEREST_DENOMINATOR;
    low = (low << 32) / (u128)INTEREST_DENOMINATOR;
    *growth = GROWTH_ONE + ((u128)(uint64_t)(numerator / INTEREST_DENOMINATOR) << GROWTH_BITS) +
              (high << 32) + low;
    return true;
}

/* Anything times a growth, in the bits of the former, rounded down; false if it does not fit. */
bool
growth_times(u128 left, growth_t right, u128 *product)
{
    uint64_t left_high = (uint64_t)(left >> 64);
    uint64_t left_low = (uint64_t)left;
    uint64_t right_high = (uint64_t)(right >> 64);
    uint64_t right_low = (uint64_t)right;
    u128 low = (u128)left_low * right_low;
    u128 cross = (u128)left_high * right_low;
    u128 middle = (u128)left_low * right_high;
    u128 high = (u128)left_high * right_high;
    u128 carried = (low >> 64) + (uint64_t)cross + (uint64_t)middle; /* below 3 * 2^64 */

    high += (cross >> 64) + (middle >> 64) + (carried >> 64);
    /* the 256-bit product is high * 2^128 + (carried mod 2^64) * 2^64 + (low mod 2^64) */
    if (high >> GROWTH_BITS != 0)
        return false;
    *product = (high << (128 - GROWTH_BITS)) | ((uint64_t)carried >> (GROWTH_BITS - 64));
    return true;
}

/* Anything times base^exponent, by repeated squaring; false if it does not fit. */
bool
growth_times_power(u128 *left, growth_t base, int32_t exponent)
{
    for (;;) {
        if (exponent % 2 == 1 && !growth_times(*left, base, left))
            return false;
        exponent /= 2;
        if (exponent == 0)
            return true;
        if (!growth_times(base, base, &base))
            return false;
    }
}

/* Blocks that growth_prepare may need for a period. */
int32_t
growth_blocks_limit(const struct growth_terms *terms, day_t from_day, day_t to_day)
{
    int32_t days = to_day - from_day + 1;
    /* every run ends at a step or at the start or end of a leap year */
    int32_t runs = terms->rates.count + days / 1461 * 2 + 4;

    switch (terms->capitalised) {
    case CAPITALISED_DAILY:
        return runs;
    case CAPITALISED_WEEKLY:
        return runs * 2 + 2; /* each run: its whole weeks, and the week across its end */
    case CAPITALISED_MONTHLY:
        return days / 28 + 2;
    case CAPITALISED_QUARTERLY:
        return days / 89 + 2; /* from 1 February to 30 April */
    case CAPITALISED_HALF_YEARLY:
        return days / 181 + 2;
    case CAPITALISED_YEARLY:
        return days / 365 + 2;
    case CAPITALISED_NEVER:
        break;
    }
    return 1;
}

/*
 * The block that begins on a day: as many whole periods as rate and year allow, else the one period
 * or what is left of it; no further than to_day.
 */
bool
growth_block_from(const struct growth_terms *terms, day_t day, day_t to_day,
                  struct growth_block *block, struct fault *fault)
{
    day_t end = earlier(growth_period_end(terms, day), to_day);
    int64_t rate = 0;
    day_t run = DAY_LAST;

    *block = (struct growth_block){.first_day = day, .last_day = end, .period_days = end - day + 1};
    if (terms->capitalised == CAPITALISED_DAILY ||
        (terms->capitalised == CAPITALISED_WEEKLY && block->period_days == 7)) {
        if (!run_end(terms, day, &rate, &run, fault))
            return false;
        run = earlier(run, to_day);
        if (run > end)
            block->last_day = day + (run - day + 1) / block->period_days * block->period_days - 1;
    }
    return growth_simple(terms, day, end, &block->factor, fault);
}

/* Growth from a day within a block to the close of the table's last day: the law of section 4. */
static bool
growth_in_block(const struct growth_table *table, const struct growth_block *block, day_t day,
                growth_t *growth, struct fault *fault)
{
    int32_t period = (day - block->first_day) / block->period_days;
    day_t end = block->first_day + (period + 1) * block->period_days - 1;
    int32_t periods_after = (block->last_day - end) / block->period_days;

    if (day == end - block->period_days + 1)
        *growth = block->factor; /* of the whole period: always so when interest is daily */
    else if (!growth_simple(&table->terms, day, end, growth, fault))
        return false;
    if (!growth_times(*growth, block->after, growth) ||
        !growth_times_power(growth, block->factor, periods_after))
        return fault_at(fault, FAULT_GROWTH_TOO_LARGE, "growth", table->from_day);
    return true;
}

/* Fill a table whose terms, period and room for blocks are set.  Every rate in it must be known. */
bool
growth_prepare(struct growth_table *table, struct fault *fault)
{
    growth_t after = GROWTH_ONE;

    if (!day_is_valid(table->from_day) || !day_is_valid(table->to_day))
        return fault_at(fault, FAULT_DAY_OUT_OF_RANGE, "period", 0);
    if (table->from_day > table->to_day)
        return fault_at(fault, FAULT_FROM_AFTER_TO, "period", table->from_day);
    table->count = 0;
    for (day_t day = table->from_day; day <= table->to_day;) {
        PROMISE(table->count < table->capacity);
        if (!growth_block_from(&table->terms, day, table->to_day, &table->blocks[table->count],
                               fault))
            return false;
        day = table->blocks[table->count++].last_day + 1;
    }
    for (int32_t i = table->count - 1; i >= 0; i--) {
        struct growth_block *block = &table->blocks[i];

        block->after = after;
        if (!growth_in_block(table, block, block->first_day, &after, fault))
            return false;
    }
    return true;
}

/*
 * What £1 owed from the start of a day has become at the close of the table's last day; both days
 * bear interest.
 */
bool
growth_from(const struct growth_table *table, day_t day, growth_t *growth, struct fault *fault)
{
    int32_t low = 0;
    int32_t high = table->count - 1;

    PROMISE(day >= table->from_day && day <= table->to_day);
    while (low < high) {
        int32_t middle = low + (high - low + 1) / 2;

        if (table->blocks[middle].first_day <= day)
            low = middle;
        else
            high = middle - 1;
    }
    return growth_in_block(table, &table->blocks[low], day, growth, fault);
}

/* Add pence * growth, exactly; false if the sum has become too large to hold. */
bool
growth_sum_add(struct growth_sum *sum, int64_t pence, growth_t growth)
{
    i128 high = (i128)pence * (uint64_t)(growth >> 64);
    i128 low = (i128)pence * (uint64_t)growth;

    return !__builtin_add_overflow(sum->high, high, &sum->high) &&
           !__builtin_add_overflow(sum->low, low, &sum->low);
}

bool
growth_sum_merge(struct growth_sum *sum, const struct growth_sum *other)
{
    return !__builtin_add_overflow(sum->high, other->high, &sum->high) &&
           !__builtin_add_overflow(sum->low, other->low, &sum->low);
}

/*
 * The sum rounded to the penny, half away from nought; see growth_t for the tolerance at a half.
 * False if it is out of range.
 */
bool
growth_sum_pence(const struct growth_sum *sum, int64_t *pence)
{
    uint64_t low = (uint64_t)sum->low;
    bool negative;
    u128 fraction;
    i128 whole;
    i128 high;

    /* rounded down, so that what is left of low is not negative */
    if (__builtin_add_overflow(sum->high, sum->low >> 64, &high) || high == I128_MIN)
        return false;
    negative = high < 0;
    if (negative) {
        /* negate high * 2^64 + low */
        high = low == 0 ? -high : -high - 1;
        low = 0 - low;
    }
    whole = high >> (GROWTH_BITS - 64);
    fraction = (u128)(high & (((i128)1 << (GROWTH_BITS - 64)) - 1)) << 64 | low;
    if (fraction + (GROWTH_ONE >> HALF_PENNY_TOLERANCE_BITS) >= GROWTH_ONE / 2)
        whole++;
    if (whole > PENCE_LIMIT)
        return false;
    *pence = (int64_t)(negative ? -whole : whole);
    return true;
}
