/*
 * interest_test.c: growth, against interest reckoned day by day with 320 bits after the point.
 *
 * The twin below keeps a capital and the interest on it that is not capitalised yet, as
 * doc/calculations section 4 says, and adds a day's interest every day; its calendar is the
 * almanac.  It knows nothing of blocks, powers or rounding, which is all that interest.c is about.
 */
#include <stdlib.h>

#include "almanac.h"
#include "check.h"
#include "daily_rates.h"
#include "fixed.h"
#include "interest.h"
#include "points.h"

#define WINDOW_DAYS 1200
#define TEN_MILLION_POUNDS_PENCE 1000000000
#define CAPITALISED_KINDS (CAPITALISED_NEVER + 1)
#define DAY_COUNTS (DAY_COUNT_ACT_365F + 1)

void
free_rates(struct daily_rates *rates)
{
    free(rates->rate);
    free((void *)(uintptr_t)rates->schedule.steps);
}

/*
 * The schedule of the rates.  What comes before and after the window, which nobody asks for, may be
 * anything: here it is not known, or above 100 per cent, or there is nothing.
 */
static void
pack_rates(struct daily_rates *rates, int64_t before, bool has_before)
{
    uint8_t *steps = malloc(((size_t)rates->days + 2) * SCHEDULE_STEP_SIZE);
    struct schedule_writer writer = {.steps = steps, .capacity = rates->days + 2};
    struct fault fault;

    if (has_before)
        CHECK(schedule_append(&writer, DAY_BEGINNING, before, &fault));
    for (int32_t i = 0; i < rates->days; i++)
        CHECK(schedule_append(&writer, rates->first_day + i, rates->rate[i], &fault));
    if (rates->first_day + rates->days <= DAY_LAST)
        CHECK(schedule_append(&writer, rates->first_day + rates->days, VALUE_NOT_KNOWN, &fault));
    rates->schedule = schedule_written(&writer);
}

/* Rates that change after so many days at most, up to so much. */
struct daily_rates
random_rates(struct random *random, day_t first_day, int32_t days, int32_t run_limit,
             int64_t rate_limit)
{
    struct daily_rates rates = {.first_day = first_day, .days = days};
    int64_t rate = 0;
    int32_t left = 0;

    rates.rate = malloc((size_t)days * sizeof *rates.rate);
    for (int32_t i = 0; i < days; i++) {
        if (left == 0) {
            rate = random_once_in(random, 8) ? (random_once_in(random, 2) ? 0 : rate_limit)
                                             : random_between(random, 0, rate_limit);
            left = 1 + random_below(random, run_limit);
        }
        rates.rate[i] = rate;
        left--;
    }
    pack_rates(&rates, random_once_in(random, 2) ? VALUE_NOT_KNOWN : RATE_LIMIT + 1,
               random_once_in(random, 2));
    return rates;
}

/* Does an interval of so many months begin on the day? */
static bool
begins_interval(const struct growth_terms *terms, int32_t months, day_t day)
{
    const struct almanac_day *date = almanac(day);
    int32_t first_day = terms->begins.day == 0 ? 1 : terms->begins.day;
    int32_t first_month = terms->begins.month == 0 ? 1 : terms->begins.month;

    return (date->month - first_month + 12) % months == 0 &&
           (date->day == first_day || (date->ends_month && date->day < first_day));
}

/* Is interest capitalised at the close of the day? */
bool
capitalises(const struct growth_terms *terms, day_t day)
{
    const struct almanac_day *date = almanac(day);

    switch (terms->capitalised) {
    case CAPITALISED_DAILY:
        return true;
    case CAPITALISED_WEEKLY:
        return date->weekday == SUNDAY;
    case CAPITALISED_MONTHLY:
        return day < DAY_LAST && begins_interval(terms, 1, day + 1);
    case CAPITALISED_QUARTERLY:
        return day < DAY_LAST && begins_interval(terms, 3, day + 1);
    case CAPITALISED_HALF_YEARLY:
        return day < DAY_LAST && begins_interval(terms, 6, day + 1);
    case CAPITALISED_YEARLY:
        return day < DAY_LAST && begins_interval(terms, 12, day + 1);
    case CAPITALISED_NEVER:
        break;
    }
    return false;
}

/* What £1 owed from a day has become, and in how many periods of capitalisation. */
struct twin {
    struct fixed growth;
    int32_t periods;
};

static struct twin
twin_growth(const struct daily_rates *rates, const struct growth_terms *terms, day_t from_day,
            day_t to_day)
{
    struct fixed capital = fixed_of(1);
    struct fixed interest = fixed_of(0);
    struct twin twin = {.periods = 0};

    for (day_t day = from_day; day <= to_day; day++) {
        const struct almanac_day *date = almanac(day);
        uint32_t rate = (uint32_t)rates->rate[day - rates->first_day];
        uint32_t year_days =
            terms->day_count == DAY_COUNT_ACT_ACT && date->in_leap_year ? 366 : 365;

        interest = fixed_add(interest,
                             fixed_divide(fixed_multiply(capital, rate), RATE_LIMIT * year_days));
        if (capitalises(terms, day)) {
            capital = fixed_add(capital, interest);
            interest = fixed_of(0);
            twin.periods++;
        } else if (day == to_day) {
            twin.periods++;
        }
    }
    twin.growth = fixed_add(capital, interest);
    return twin;
}

/*
 * The promise of interest.h: never above the truth, and short of it by less than 2n * 2^-96 of
 * itself.  The twin loses up to 2^-280, which is allowed for.
 */
static void
check_bound(const struct twin *twin, growth_t growth)
{
    struct fixed computed = fixed_of_growth(growth);
    struct fixed slack = fixed_power_of_half(280);
    struct fixed truth = fixed_add(twin->growth, slack);
    struct fixed bound =
        fixed_shift_down(fixed_multiply(twin->growth, 2 * (uint32_t)twin->periods), 3);

    if (CHECK(!fixed_is_below(truth, computed)))
        CHECK(fixed_is_below(fixed_subtract(truth, computed), bound));
}

/* A sum of one amount, in pence. */
static int64_t
pence_of(int64_t owed, growth_t growth)
{
    struct growth_sum sum = {0};
    int64_t pence = -1;

    CHECK(growth_sum_add(&sum, owed, growth));
    CHECK(growth_sum_pence(&sum, &pence));
    return pence;
}

/*
 * The penny that an exact amount rounds to, half away from nought; and whether it is so close below
 * a half, within 2^-36 of a penny, that interest.h allows it to be the next.
 */
static i128
exact_penny(struct fixed exact, bool *is_doubtful)
{
    i128 whole = (i128)fixed_whole(exact);
    struct fixed half = fixed_power_of_half(1);
    struct fixed tolerance =
        fixed_add(fixed_power_of_half(HALF_PENNY_TOLERANCE_BITS), fixed_power_of_half(50));
    bool is_half;

    for (int32_t i = FIXED_FRACTION_PIECES; i < FIXED_PIECES; i++)
        exact.piece[i] = 0;
    /* the twin itself is short by up to 2^-280 of a pound, so 2^-240 is a half and no doubt */
    is_half = !fixed_is_below(fixed_add(exact, fixed_power_of_half(240)), half);
    *is_doubtful = !is_half && !fixed_is_below(fixed_add(exact, tolerance), half);
    return is_half ? whole + 1 : whole;
}

/* The pence that are shown of a debt, on either side of nought, or that it is out of range. */
static void
check_penny(const struct twin *twin, uint32_t owed, growth_t growth)
{
    bool is_doubtful;
    i128 expected = exact_penny(fixed_multiply(twin->growth, owed), &is_doubtful);

    for (int32_t sign = -1; sign <= 1; sign += 2) {
        struct growth_sum sum = {0};
        int64_t pence = 0;

        CHECK(growth_sum_add(&sum, sign * (int64_t)owed, growth));
        if (expected + is_doubtful > PENCE_LIMIT)
            CHECK(is_doubtful || !growth_sum_pence(&sum, &pence));
        else if (CHECK(growth_sum_pence(&sum, &pence)) && is_doubtful)
            CHECK(sign * pence == expected || sign * pence == expected + 1);
        else
            CHECK_EQUAL_I128(sign * expected, pence);
    }
}

/* The blocks follow each other from the first day to the last, each of whole periods. */
static void
check_blocks(const struct growth_table *table)
{
    day_t next = table->from_day;

    CHECK(table->count <= growth_blocks_limit(&table->terms, table->from_day, table->to_day));
    for (int32_t i = 0; i < table->count; i++) {
        const struct growth_block *block = &table->blocks[i];

        CHECK_EQUAL_INT(next, block->first_day);
        CHECK(block->last_day >= block->first_day);
        CHECK_EQUAL_INT(0, (block->last_day - block->first_day + 1) % block->period_days);
        next = block->last_day + 1;
    }
    CHECK_EQUAL_INT(table->to_day + 1, next);
}

/* A table for a period, filled; its blocks are to be freed. */
static bool
prepare(struct growth_table *table, const struct growth_terms *terms, day_t from_day, day_t to_day,
        struct fault *fault)
{
    int32_t limit = growth_blocks_limit(terms, from_day, to_day);

    *table = (struct growth_table){.terms = *terms, .from_day = from_day, .to_day = to_day};
    table->capacity = limit + 1000; /* so that a limit too low is told, not asserted */
    table->blocks = malloc((size_t)table->capacity * sizeof *table->blocks);
    return growth_prepare(table, fault);
}

/* Growth and pence from one day, against the twin. */
static void
check_day(struct random *random, const struct growth_table *table, const struct daily_rates *rates,
          day_t day)
{
    struct twin twin = twin_growth(rates, &table->terms, day, table->to_day);
    uint32_t owed = (uint32_t)random_between(random, 0, TEN_MILLION_POUNDS_PENCE);
    growth_t growth = 0;
    struct fault fault;

    if (!CHECK(growth_from(table, day, &growth, &fault)))
        return;
    check_bound(&twin, growth);
    if (random_once_in(random, 2))
        owed %= 1000000; /* £10,000 is usual */
    check_penny(&twin, owed, growth);
    check_penny(&twin, TEN_MILLION_POUNDS_PENCE, growth);
}

struct growth_terms
random_terms(struct random *random, struct schedule rates)
{
    static const int32_t lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct growth_terms terms = {.rates = rates,
                                 .day_count = (enum day_count)random_below(random, DAY_COUNTS),
                                 .capitalised =
                                     (enum capitalised)random_below(random, CAPITALISED_KINDS)};

    if (random_once_in(random, 2)) {
        terms.begins.month = 1 + random_below(random, 12);
        terms.begins.day = random_once_in(random, 2)
                               ? lengths[terms.begins.month - 1]
                               : 1 + random_below(random, lengths[terms.begins.month - 1]);
    }
    return terms;
}

/* Any terms, any rates, any period of up to 1,200 days, from any day of it. */
static void
test_twin(void)
{
    struct random random;

    while (next_case(&random)) {
        int32_t days = 1 + random_below(&random, random_once_in(&random, 4) ? WINDOW_DAYS : 100);
        day_t start = random_window(&random, days);
        int32_t run_limit = 1 << random_below(&random, 10);
        struct daily_rates rates = random_rates(&random, start, days, run_limit,
                                                random_once_in(&random, 2) ? RATE_LIMIT : 80000);
        struct growth_terms terms = random_terms(&random, rates.schedule);
        day_t from_day = (day_t)random_between(&random, start, start + days - 1);
        day_t to_day = (day_t)random_between(&random, from_day, start + days - 1);
        struct growth_table table;
        struct fault fault;

        if (CHECK(prepare(&table, &terms, from_day, to_day, &fault))) {
            check_blocks(&table);
            check_day(&random, &table, &rates, from_day);
            check_day(&random, &table, &rates, (day_t)random_between(&random, from_day, to_day));
            check_day(&random, &table, &rates, to_day);
        }
        free(table.blocks);
        free_rates(&rates);
    }
}

/* Long periods on all terms: a century of days, about as many steps as there may be. */
static void
test_century(void)
{
    struct random random;
    int32_t days = 36525;

    while (next_case_in(&random, 5000)) {
        day_t start = day_of(1990, 1, 1) + random_below(&random, 3000);
        struct daily_rates rates =
            random_rates(&random, start, days, 8, random_once_in(&random, 2) ? 60000 : 200000);

        CHECK(rates.schedule.count < SCHEDULE_MAX_STEPS);
        for (int32_t kind = 0; kind < CAPITALISED_KINDS * DAY_COUNTS; kind++) {
            struct growth_terms terms = {.rates = rates.schedule,
                                         .capitalised = (enum capitalised)(kind / DAY_COUNTS),
                                         .day_count = (enum day_count)(kind % DAY_COUNTS)};
            struct growth_table table;
            struct fault fault;

            if (CHECK(prepare(&table, &terms, start, start + days - 1, &fault))) {
                check_blocks(&table);
                check_day(&random, &table, &rates, start);
                check_day(&random, &table, &rates, start + random_below(&random, days));
                check_day(&random, &table, &rates, start + days - 1);
            }
            free(table.blocks);
        }
        free_rates(&rates);
    }
}

/* Every day there is: the most periods that a growth can be made of. */
static void
test_all_of_time(void)
{
    struct random random = {.state = 9999};
    int32_t days = DAY_LAST - DAY_FIRST + 1;
    struct daily_rates rates = random_rates(&random, DAY_FIRST, days, 1000, 1000);
    struct growth_terms terms = {
        .rates = rates.schedule, .day_count = DAY_COUNT_ACT_ACT, .capitalised = CAPITALISED_DAILY};
    struct growth_table table;
    struct fault fault;

    if (CHECK(prepare(&table, &terms, DAY_FIRST, DAY_LAST, &fault))) {
        check_blocks(&table);
        check_day(&random, &table, &rates, DAY_FIRST);
    }
    free(table.blocks);
    free_rates(&rates);
}

/* The rates, the terms and the period of an example. */
struct example {
    const char *rates;
    enum day_count day_count;
    enum capitalised capitalised;
    day_t from_day;
    day_t to_day;
};

static growth_t
growth_of(const struct example *example)
{
    struct packed packed;
    struct growth_terms terms = {.rates = schedule_of(example->rates, &packed),
                                 .day_count = example->day_count,
                                 .capitalised = example->capitalised};
    struct growth_table table;
    struct fault fault;
    growth_t growth = 0;

    if (CHECK(prepare(&table, &terms, example->from_day, example->to_day, &fault)))
        CHECK(growth_from(&table, example->from_day, &growth, &fault));
    free(table.blocks);
    return growth;
}

/* Debts at the national maximum rate: national_max_rate.csv. */
static void
test_known_debts(void)
{
    static const char half_year[] = "{\"2021-01-01\": 0.45, \"2021-07-01\": 0.75}";
    static const char year[] = "{\"2024-01-01\": 4.65, \"2024-07-01\": 4.05, \"2025-01-01\": null}";
    const struct {
        struct example terms;
        int64_t owed;
        int64_t pence;
    } debts[] = {
        {{half_year, DAY_COUNT_ACT_ACT, CAPITALISED_DAILY, day_of(2021, 1, 1), day_of(2021, 6, 30)},
         60000,
         60134},
        {{year, DAY_COUNT_ACT_ACT, CAPITALISED_DAILY, day_of(2024, 1, 1), day_of(2024, 12, 31)},
         1000000,
         1044440},
        {{year, DAY_COUNT_ACT_365F, CAPITALISED_DAILY, day_of(2024, 1, 1), day_of(2024, 12, 31)},
         1000000,
         1044565},
        /* simple: 182 days at 4.65 and 184 at 4.05, of 366: 4.34836 per cent */
        {{year, DAY_COUNT_ACT_ACT, CAPITALISED_NEVER, day_of(2024, 1, 1), day_of(2024, 12, 31)},
         1000000,
         1043484},
        /* half-yearly: 1 + 0.0465 * 182/366, times 1 + 0.0405 * 184/366 */
        {{year, DAY_COUNT_ACT_ACT, CAPITALISED_HALF_YEARLY, day_of(2024, 1, 1),
          day_of(2024, 12, 31)},
         1000000,
         1043954},
        /* to the same day: one day of interest */
        {{year, DAY_COUNT_ACT_ACT, CAPITALISED_DAILY, day_of(2024, 1, 1), day_of(2024, 1, 1)},
         1000000,
         1000127},
        /* the court's 8 per cent, simple, a year of 365 days */
        {{"{\"-infinity\": 8}", DAY_COUNT_ACT_365F, CAPITALISED_NEVER, day_of(2023, 3, 1),
          day_of(2024, 2, 29)},
         1000000,
         1080219},
    };

    for (size_t i = 0; i < sizeof debts / sizeof debts[0]; i++) {
        growth_t growth = growth_of(&debts[i].terms);

        check_about(debts[i].terms.rates);
        CHECK_EQUAL_INT(debts[i].pence, pence_of(debts[i].owed, growth));
        CHECK_EQUAL_INT(-debts[i].pence, pence_of(-debts[i].owed, growth));
    }
}

/*
 * Intervals that begin on a chosen day of the month or year.  £10,000 through 2024, 14 days of it
 * before 15 January: 1 + 0.0465 * 14/366, times 1 + 0.0465 * 168/366 + 0.0405 * 184/366.  £10,000
 * at 3.66 per cent, so 0.01 per cent a day, from 9 January to 10 February: 1.0001 * 1.0031
 * * 1.0001.
 */
static void
test_chosen_beginnings(void)
{
    const struct {
        const char *rates;
        enum capitalised capitalised;
        struct year_day begins;
        day_t from_day;
        day_t to_day;
        int64_t pence;
    } debts[] = {
        {"{\"2024-01-01\": 4.65, \"2024-07-01\": 4.05}",
         CAPITALISED_YEARLY,
         {1, 15},
         day_of(2024, 1, 1),
         day_of(2024, 12, 31),
         1043558},
        {"{\"2024-01-01\": 3.66}",
         CAPITALISED_MONTHLY,
         {0, 10},
         day_of(2024, 1, 9),
         day_of(2024, 2, 10),
         1003301},
    };

    for (size_t i = 0; i < sizeof debts / sizeof debts[0]; i++) {
        struct packed packed;
        struct growth_terms terms = {.rates = schedule_of(debts[i].rates, &packed),
                                     .capitalised = debts[i].capitalised,
                                     .begins = debts[i].begins};
        struct growth_table table;
        struct fault fault;
        growth_t growth = 0;

        if (CHECK(prepare(&table, &terms, debts[i].from_day, debts[i].to_day, &fault)))
            CHECK(growth_from(&table, debts[i].from_day, &growth, &fault));
        CHECK_EQUAL_INT(debts[i].pence, pence_of(1000000, growth));
        free(table.blocks);
    }
}

/* The digits of growth less one after the point, rounded to so many. */
static int64_t
decimals(growth_t growth, int32_t digits)
{
    u128 fraction = growth - GROWTH_ONE;
    int64_t number = 0;

    for (int32_t i = 0; i < digits; i++) {
        fraction *= 10;
        number = number * 10 + (int64_t)(fraction >> GROWTH_BITS);
        fraction &= GROWTH_ONE - 1;
    }
    return number + (fraction >= GROWTH_ONE / 2 ? 1 : 0);
}

/* At 100 per cent, simple interest is the fraction of a year: example Q1 of dpa_examples.csv. */
static void
test_year_fractions(void)
{
    struct example example = {"{\"-infinity\": 100}", DAY_COUNT_ACT_ACT, CAPITALISED_NEVER,
                              day_of(2011, 8, 29), day_of(2012, 8, 28)};
    growth_t growth = growth_of(&example);

    CHECK_EQUAL_U128(2, growth >> GROWTH_BITS);
    CHECK_EQUAL_INT(INT64_C(93569877985), decimals(growth - GROWTH_ONE, 14)); /* 1.00093569877985 */
    example.day_count = DAY_COUNT_ACT_365F;
    growth = growth_of(&example);
    CHECK_EQUAL_INT(INT64_C(273972602740),
                    decimals(growth - GROWTH_ONE, 14)); /* 1.00273972602740 */
    /* whole years of either length are one, exactly */
    example.day_count = DAY_COUNT_ACT_ACT;
    for (int32_t year = 1899; year <= 2001; year++) {
        example.from_day = day_of(year, 1, 1);
        example.to_day = day_of(year, 12, 31);
        CHECK_EQUAL_U128(2 * GROWTH_ONE, growth_of(&example));
    }
    /* 4 per cent, rounded down in the last bit */
    example.rates = "{\"-infinity\": 4}";
    CHECK_EQUAL_U128(GROWTH_ONE + GROWTH_ONE * 4 / 100, growth_of(&example));
}

/* Nought per cent is no growth at all, on any terms. */
static void
test_no_interest(void)
{
    for (int32_t kind = 0; kind < CAPITALISED_KINDS * DAY_COUNTS; kind++) {
        struct example example = {"{\"-infinity\": 0}", (enum day_count)(kind % DAY_COUNTS),
                                  (enum capitalised)(kind / DAY_COUNTS), DAY_FIRST, DAY_LAST};

        CHECK_EQUAL_U128(GROWTH_ONE, growth_of(&example));
    }
}

/*
 * Simple interest on round sums does come to half a penny exactly, and a growth is rounded down: it
 * must be taken for the half that it is.
 */
static void
test_ties(void)
{
    static const struct {
        const char *rates;
        enum day_count day_count;
        int32_t days;
        int64_t owed;
        int64_t pence;
    } ties[] = {
        {"{\"-infinity\": 3.65}", DAY_COUNT_ACT_365F, 1, 5000, 5001},
        {"{\"-infinity\": 3.65}", DAY_COUNT_ACT_365F, 1, -5000, -5001},
        {"{\"-infinity\": 3.65}", DAY_COUNT_ACT_365F, 1, 4999, 4999},
        {"{\"-infinity\": 3.65}", DAY_COUNT_ACT_365F, 1, -4999, -4999},
        {"{\"-infinity\": 3.65}", DAY_COUNT_ACT_365F, 1, 15000, 15002},
        {"{\"-infinity\": 3.65}", DAY_COUNT_ACT_365F, 3, 5000, 5002},
        {"{\"-infinity\": 3.65}", DAY_COUNT_ACT_365F, 2, 5000, 5001},
        {"{\"-infinity\": 3.66}", DAY_COUNT_ACT_ACT, 1, 5000, 5001},
        {"{\"-infinity\": 3.66}", DAY_COUNT_ACT_ACT, 1, -5000, -5001},
        /* £10 million and half a penny: the largest amount, the rarest rate */
        {"{\"-infinity\": 0.0073}", DAY_COUNT_ACT_365F, 1, 999997500, 999997700},
        {"{\"-infinity\": 0.0073}", DAY_COUNT_ACT_365F, 1, 2500, 2500},
        {"{\"-infinity\": 0.0073}", DAY_COUNT_ACT_365F, 1, 2502500, 2502501},
    };

    for (size_t i = 0; i < sizeof ties / sizeof ties[0]; i++) {
        day_t from_day = day_of(2024, 3, 1);
        struct example example = {ties[i].rates, ties[i].day_count, CAPITALISED_NEVER, from_day,
                                  from_day + ties[i].days - 1};

        check_about(ties[i].rates);
        CHECK_EQUAL_INT(ties[i].pence, pence_of(ties[i].owed, growth_of(&example)));
    }
}

/* £100 owed for two days less £50 owed for one: 10002 - 5000.5 pence, a tie made of two errors. */
static void
test_tie_of_both_signs(void)
{
    struct packed packed;
    struct growth_terms terms = {.rates = schedule_of("{\"-infinity\": 3.65}", &packed),
                                 .day_count = DAY_COUNT_ACT_365F,
                                 .capitalised = CAPITALISED_NEVER};
    struct growth_table table;
    struct growth_sum sum = {0};
    struct growth_sum opposite = {0};
    struct fault fault;
    growth_t two_days = 0;
    growth_t one_day = 0;
    int64_t pence = 0;

    CHECK(prepare(&table, &terms, 0, 1, &fault));
    CHECK(growth_from(&table, 0, &two_days, &fault));
    CHECK(growth_from(&table, 1, &one_day, &fault));
    CHECK(growth_sum_add(&sum, 10000, two_days) && growth_sum_add(&sum, -5000, one_day));
    CHECK(growth_sum_pence(&sum, &pence));
    CHECK_EQUAL_INT(5002, pence);
    CHECK(growth_sum_add(&opposite, -10000, two_days) && growth_sum_add(&opposite, 5000, one_day));
    CHECK(growth_sum_pence(&opposite, &pence));
    CHECK_EQUAL_INT(-5002, pence);
    free(table.blocks);
}

/* The tolerance itself: what is within 2^-36 below a half is the half, and nothing further away. */
static void
test_tolerance(void)
{
    growth_t half = GROWTH_ONE / 2;
    growth_t tolerance = GROWTH_ONE >> 36;

    CHECK_EQUAL_INT(36, HALF_PENNY_TOLERANCE_BITS);
    CHECK_EQUAL_INT(0, pence_of(1, half - tolerance - 1));
    CHECK_EQUAL_INT(1, pence_of(1, half - tolerance));
    CHECK_EQUAL_INT(1, pence_of(1, half));
    CHECK_EQUAL_INT(1, pence_of(1, GROWTH_ONE + half - tolerance - 1));
    CHECK_EQUAL_INT(2, pence_of(1, GROWTH_ONE + half - tolerance));
    CHECK_EQUAL_INT(0, pence_of(-1, half - tolerance - 1));
    CHECK_EQUAL_INT(-1, pence_of(-1, half - tolerance));
    CHECK_EQUAL_INT(-1, pence_of(-1, half));
    CHECK_EQUAL_INT(-1, pence_of(-1, GROWTH_ONE + half - tolerance - 1));
    CHECK_EQUAL_INT(-2, pence_of(-1, GROWTH_ONE + half - tolerance));
    CHECK_EQUAL_INT(0, pence_of(0, half));
    CHECK_EQUAL_INT(1, pence_of(1, GROWTH_ONE));
    CHECK_EQUAL_INT(-1, pence_of(-1, GROWTH_ONE));
    CHECK_EQUAL_INT(2, pence_of(1, 2 * GROWTH_ONE - 1));
}

/* Two sums of the same value, however their halves are made up. */
static bool
same_sum(const struct growth_sum *left, const struct growth_sum *right)
{
    return left->high + (left->low >> 64) == right->high + (right->low >> 64) &&
           (uint64_t)left->low == (uint64_t)right->low;
}

static growth_t
random_growth(struct random *random)
{
    u128 growth = (u128)random_next(random) << 64 | random_next(random);

    return growth >> random_below(random, 40);
}

/*
 * Sums are exact: in any order and any parts they are the same, what is taken away again leaves
 * nothing, and amounts at one growth may be added up first.
 */
static void
test_linear(void)
{
    struct random random;

    while (next_case(&random)) {
        struct growth_sum all = {0};
        struct growth_sum parts[2] = {{0}};
        struct growth_sum gathered = {0};
        growth_t common = random_growth(&random);
        growth_t growths[8];
        int64_t amounts[8];
        int64_t total = 0;

        for (int32_t i = 0; i < 8; i++) {
            growths[i] = i < 4 ? common : random_growth(&random);
            amounts[i] = random_between(&random, -PENCE_LIMIT, PENCE_LIMIT);
            total += i < 4 ? amounts[i] : 0;
            CHECK(growth_sum_add(&all, amounts[i], growths[i]));
            CHECK(growth_sum_add(&parts[random_below(&random, 2)], amounts[i], growths[i]));
        }
        CHECK(growth_sum_merge(&parts[0], &parts[1]));
        CHECK(same_sum(&all, &parts[0]));
        CHECK(growth_sum_add(&gathered, total, common));
        for (int32_t i = 7; i >= 4; i--)
            CHECK(growth_sum_add(&gathered, amounts[i], growths[i]));
        CHECK(same_sum(&all, &gathered));
        for (int32_t i = 0; i < 8; i++)
            CHECK(growth_sum_add(&all, -amounts[i], growths[i]));
        CHECK(same_sum(&all, &(struct growth_sum){0}));
    }
}

/* One product, against the long multiplication of the twin. */
static void
test_product(void)
{
    struct random random;

    while (next_case(&random)) {
        growth_t growth = random_growth(&random);
        uint32_t owed = (uint32_t)random_next(&random);
        struct fixed exact = fixed_multiply(fixed_of_growth(growth), owed);
        struct growth_sum sum = {0};
        u128 fraction = 0;

        for (int32_t i = FIXED_FRACTION_PIECES - 1; i >= FIXED_FRACTION_PIECES - 3; i--)
            fraction = fraction << 32 | exact.piece[i];
        CHECK(growth_sum_add(&sum, owed, growth));
        sum.high += sum.low >> 64;
        sum.low = (uint64_t)sum.low;
        CHECK_EQUAL_U128(fixed_whole(exact), sum.high >> 32);
        CHECK_EQUAL_U128(fraction, (u128)(uint32_t)sum.high << 64 | (uint64_t)sum.low);
    }
}

/* Merging empty sums, and both sides of the limit of money. */
static void
test_sum_limits(void)
{
    struct growth_sum sum = {0};
    struct growth_sum empty = {0};
    growth_t most = ~(growth_t)0;
    int64_t pence = 7;

    CHECK(growth_sum_merge(&sum, &empty));
    CHECK(growth_sum_pence(&sum, &pence));
    CHECK_EQUAL_INT(0, pence);
    CHECK_EQUAL_INT(PENCE_LIMIT, pence_of(PENCE_LIMIT, GROWTH_ONE));
    CHECK_EQUAL_INT(-PENCE_LIMIT, pence_of(-PENCE_LIMIT, GROWTH_ONE));
    for (int32_t sign = -1; sign <= 1; sign += 2) {
        sum = (struct growth_sum){0};
        CHECK(growth_sum_add(&sum, sign * PENCE_LIMIT, GROWTH_ONE));
        CHECK(growth_sum_add(&sum, sign, GROWTH_ONE / 2 - (GROWTH_ONE >> 35)));
        CHECK(growth_sum_pence(&sum, &pence));
        CHECK_EQUAL_INT(sign * PENCE_LIMIT, pence);
        CHECK(growth_sum_add(&sum, sign, GROWTH_ONE >> 35));
        CHECK(!growth_sum_pence(&sum, &pence));

        /* 2^23 of the largest amounts at the largest growth fit, it is said; not twice as many */
        sum = (struct growth_sum){0};
        CHECK(growth_sum_add(&sum, sign * PENCE_LIMIT, most));
        for (int32_t i = 0; i < 23; i++) {
            struct growth_sum copy = sum;

            CHECK(growth_sum_merge(&sum, &copy));
            CHECK(!growth_sum_pence(&sum, &pence));
        }
        empty = sum;
        CHECK(!growth_sum_merge(&sum, &empty));
    }
}

/* A sum that has become too large to hold is noticed in either half, added or merged. */
static void
test_sum_overflow(void)
{
    const growth_t halves[] = {(growth_t)UINT64_MAX << 64, UINT64_MAX};

    for (int32_t i = 0; i < 2; i++)
        for (int32_t sign = -1; sign <= 1; sign += 2) {
            struct growth_sum sum = {0};
            struct growth_sum other = {0};

            CHECK(growth_sum_add(&sum, sign * INT64_MAX, halves[i]));
            other = sum;
            CHECK(!growth_sum_merge(&other, &sum));
            other = sum;
            CHECK(!growth_sum_add(&other, sign * INT64_MAX, halves[i]));
            /* the other way there is room */
            CHECK(growth_sum_add(&sum, -sign * INT64_MAX, halves[i]));
            CHECK(same_sum(&sum, &(struct growth_sum){0}));
        }
}

/* The first day on which the twin says that a growth from a day no longer fits. */
static day_t
first_day_too_large(const struct daily_rates *rates, const struct growth_terms *terms)
{
    struct fixed capital = fixed_of(1);
    day_t day = rates->first_day;

    for (;; day++) {
        uint32_t year_days =
            terms->day_count == DAY_COUNT_ACT_ACT && almanac(day)->in_leap_year ? 366 : 365;

        capital = fixed_add(capital, fixed_divide(capital, year_days));
        if (fixed_whole(capital) >> 32 != 0)
            return day;
    }
}

/* Growth of 2^32 and more does not fit, and is noticed on the day it no longer does. */
static void
test_too_large(void)
{
    int32_t days = 24 * 366; /* at 100 per cent a day is worth e in a year, and e^22.2 = 2^32 */
    struct daily_rates rates = {.first_day = day_of(1999, 5, 5), .days = days};
    struct growth_terms terms = {.capitalised = CAPITALISED_DAILY};

    rates.rate = malloc((size_t)days * sizeof *rates.rate);
    for (int32_t i = 0; i < days; i++)
        rates.rate[i] = RATE_LIMIT;
    pack_rates(&rates, VALUE_NOT_KNOWN, true);
    terms.rates = rates.schedule;
    for (int32_t day_count = 0; day_count < DAY_COUNTS; day_count++) {
        struct growth_table table;
        struct fault fault = {.code = FAULT_NONE};
        day_t too_late;

        terms.day_count = (enum day_count)day_count;
        too_late = first_day_too_large(&rates, &terms);
        CHECK(prepare(&table, &terms, rates.first_day, too_late - 1, &fault));
        free(table.blocks);
        CHECK(prepare(&table, &terms, rates.first_day + 1, too_late, &fault));
        free(table.blocks);
        CHECK(!prepare(&table, &terms, rates.first_day, too_late, &fault));
        CHECK_EQUAL_INT(FAULT_GROWTH_TOO_LARGE, fault.code);
        CHECK_EQUAL_INT(rates.first_day, fault.day);
        free(table.blocks);
    }
    free_rates(&rates);
}

/* The worst rates there can be, over all of time: too large wherever interest bears interest. */
static void
test_largest_rates(void)
{
    for (int32_t kind = 0; kind < CAPITALISED_KINDS; kind++) {
        struct packed packed;
        struct growth_terms terms = {.rates = schedule_of("{\"-infinity\": 100}", &packed),
                                     .day_count = DAY_COUNT_ACT_ACT,
                                     .capitalised = (enum capitalised)kind};
        struct growth_table table;
        struct fault fault = {.code = FAULT_NONE};
        growth_t growth = 0;

        if (kind == CAPITALISED_NEVER) {
            CHECK(prepare(&table, &terms, DAY_FIRST, DAY_LAST, &fault));
            CHECK(growth_from(&table, DAY_FIRST, &growth, &fault));
            CHECK_EQUAL_U128(10000 * GROWTH_ONE, growth); /* 1 and 9999 years */
        } else {
            CHECK(!prepare(&table, &terms, DAY_FIRST, DAY_LAST, &fault));
            CHECK_EQUAL_INT(FAULT_GROWTH_TOO_LARGE, fault.code);
        }
        free(table.blocks);
    }
}

/* The room for blocks is enough even where the rate changes every day, or just before each end. */
static void
test_blocks_limit(void)
{
    struct random random;

    while (next_case_in(&random, 4)) {
        int32_t days = 1 + random_below(&random, random_once_in(&random, 4) ? 3000 : 60);
        day_t start = random_window(&random, days);
        int32_t run_limit = 1 << random_below(&random, 12);
        struct daily_rates rates = random_rates(&random, start, days, run_limit, 10);

        for (int32_t kind = 0; kind < CAPITALISED_KINDS * DAY_COUNTS; kind++) {
            struct growth_terms terms = {.rates = rates.schedule,
                                         .capitalised = (enum capitalised)(kind / DAY_COUNTS),
                                         .day_count = (enum day_count)(kind % DAY_COUNTS)};
            struct growth_table table;
            struct fault fault;

            if (CHECK(prepare(&table, &terms, start, start + days - 1, &fault)))
                check_blocks(&table);
            free(table.blocks);
        }
        free_rates(&rates);
    }
}

/*
 * A step every day, with a period of every short length from every day of four years: nothing is
 * left to chance about where weeks, months and leap years lie.
 */
static void
test_blocks_limit_every_start(void)
{
    struct random random = {.state = 1461};
    day_t start = day_of(2095, 12, 1);
    struct daily_rates rates = random_rates(&random, start, 5000, 1, RATE_LIMIT);
    struct daily_rates steady = {.first_day = start, .days = 5000};

    steady.rate = malloc(5000 * sizeof *steady.rate);
    for (int32_t i = 0; i < 5000; i++)
        steady.rate[i] = 30000;
    pack_rates(&steady, VALUE_NOT_KNOWN, false);
    for (int32_t at = 0; at < 1461; at += 21) {
        static const int32_t lengths[] = {1, 2, 7, 8, 13, 30, 62, 367, 1096, 1097, 1463, 2923};

        for (int32_t kind = 0; kind < CAPITALISED_KINDS * 12 * 2; kind++) {
            struct growth_terms terms = {.rates = kind % 2 == 0 ? rates.schedule : steady.schedule,
                                         .day_count = DAY_COUNT_ACT_ACT,
                                         .capitalised = (enum capitalised)(kind / 24)};
            struct growth_table table;
            struct fault fault;
            int32_t shift = kind % 7; /* every weekday meets every length in the end */
            int32_t days = lengths[kind / 2 % 12];

            if (CHECK(prepare(&table, &terms, start + at + shift, start + at + shift + days - 1,
                              &fault)))
                check_blocks(&table);
            free(table.blocks);
        }
    }
    free_rates(&rates);
    free_rates(&steady);
}

/* What is wrong with a rate, if anything. */
static enum fault_code
rate_fault(int64_t rate)
{
    if (rate == VALUE_NOT_KNOWN)
        return FAULT_NOT_KNOWN;
    if (rate < 0)
        return FAULT_NEGATIVE;
    return rate > RATE_LIMIT ? FAULT_ABOVE_HUNDRED : FAULT_NONE;
}

/* Of several bad rates the first in the period is named, on any terms; outside they do no harm. */
static void
test_random_faults(void)
{
    static const int64_t bad[] = {VALUE_NOT_KNOWN, -1, RATE_LIMIT + 1, -SCHEDULE_VALUE_LIMIT,
                                  SCHEDULE_VALUE_LIMIT};
    struct random random;

    while (next_case(&random)) {
        int32_t days = 1 + random_below(&random, 400);
        day_t start = random_window(&random, days);
        struct daily_rates rates = random_rates(&random, start, days, 40, RATE_LIMIT);
        day_t from_day = (day_t)random_between(&random, start, start + days - 1);
        day_t to_day = (day_t)random_between(&random, from_day, start + days - 1);
        enum fault_code expected = FAULT_NONE;
        struct growth_terms terms;
        struct growth_table table;
        struct fault fault = {.code = FAULT_NONE};
        day_t day = from_day - 1;

        for (int32_t times = random_below(&random, 4); times > 0; times--)
            rates.rate[random_below(&random, days)] = bad[random_below(&random, 5)];
        free((void *)(uintptr_t)rates.schedule.steps);
        pack_rates(&rates, 0, true);
        while (day < to_day && expected == FAULT_NONE) {
            day++;
            expected = rate_fault(rates.rate[day - start]);
        }
        terms = random_terms(&random, rates.schedule);
        CHECK_EQUAL_INT(expected == FAULT_NONE, prepare(&table, &terms, from_day, to_day, &fault));
        CHECK_EQUAL_INT(expected, fault.code);
        if (fault.code != FAULT_NONE) {
            CHECK_EQUAL_INT(day, fault.day);
            CHECK_EQUAL_TEXT("interest rate", fault.what);
        }
        free(table.blocks);
        free_rates(&rates);
    }
}

static void
test_faults(void)
{
    static const struct {
        const char *rates;
        day_t from_day;
        day_t to_day;
        enum fault_code code;
        day_t day;
    } faulty[] = {
        {"{\"2000-01-11\": 1}", 9, 20, FAULT_BEFORE_FIRST_STEP, 10},
        {"{\"2000-01-11\": 1}", 10, 20, FAULT_NONE, 0},
        {"{\"-infinity\": 1, \"2000-01-11\": null}", 0, 20, FAULT_NOT_KNOWN, 10},
        {"{\"-infinity\": 1, \"2000-01-11\": null}", 0, 9, FAULT_NONE, 0},
        {"{\"-infinity\": null, \"2000-01-11\": 5}", 3, 20, FAULT_NOT_KNOWN, 3},
        {"{\"-infinity\": 1, \"2000-01-11\": -0.0001}", 0, 20, FAULT_NEGATIVE, 10},
        {"{\"-infinity\": 1, \"2000-01-11\": 100.0001}", 0, 20, FAULT_ABOVE_HUNDRED, 10},
        {"{\"-infinity\": 1, \"2000-01-11\": 100}", 0, 20, FAULT_NONE, 0},
        {"{\"-infinity\": 1}", 5, 4, FAULT_FROM_AFTER_TO, 5},
        {"{\"-infinity\": 1}", DAY_FIRST - 1, DAY_FIRST, FAULT_DAY_OUT_OF_RANGE, 0},
        {"{\"-infinity\": 1}", DAY_LAST, DAY_LAST + 1, FAULT_DAY_OUT_OF_RANGE, 0},
        {"{\"-infinity\": 1}", DAY_LAST, DAY_LAST, FAULT_NONE, 0},
        {"{\"-infinity\": 1}", DAY_FIRST, DAY_FIRST, FAULT_NONE, 0},
    };

    for (size_t i = 0; i < sizeof faulty / sizeof faulty[0]; i++)
        for (int32_t kind = 0; kind < CAPITALISED_KINDS; kind++) {
            struct packed packed;
            struct growth_terms terms = {.rates = schedule_of(faulty[i].rates, &packed),
                                         .capitalised = (enum capitalised)kind};
            struct growth_table table;
            struct fault fault = {.code = FAULT_NONE};

            check_about(faulty[i].rates);
            CHECK_EQUAL_INT(faulty[i].code == FAULT_NONE,
                            prepare(&table, &terms, faulty[i].from_day, faulty[i].to_day, &fault));
            CHECK_EQUAL_INT(faulty[i].code, fault.code);
            if (fault.code != FAULT_NONE)
                CHECK_EQUAL_INT(faulty[i].day, fault.day);
            free(table.blocks);
        }
}

/* What is owed for longer has never grown less. */
static void
test_monotone(void)
{
    struct random random;

    while (next_case_in(&random, 20)) {
        int32_t days = 1 + random_below(&random, WINDOW_DAYS);
        day_t start = random_window(&random, days);
        struct daily_rates rates = random_rates(&random, start, days, 90, RATE_LIMIT);
        struct growth_terms terms = random_terms(&random, rates.schedule);
        struct growth_table table;
        struct fault fault;
        growth_t shorter = GROWTH_ONE;

        CHECK(prepare(&table, &terms, start, start + days - 1, &fault));
        for (day_t day = start + days - 1; day >= start; day--) {
            growth_t growth = 0;

            CHECK(growth_from(&table, day, &growth, &fault));
            /* rounding down may cost the longer one some of its last bits */
            CHECK(growth + 2048 >= shorter);
            shorter = growth;
        }
        free(table.blocks);
        free_rates(&rates);
    }
}

const struct test interest_tests[] = {
    {"interest: growth against day by day, and the penny it shows", test_twin},
    {"interest: a century on all terms", test_century},
    {"interest: all of time", test_all_of_time},
    {"interest: known debts", test_known_debts},
    {"interest: chosen beginnings", test_chosen_beginnings},
    {"interest: fractions of a year", test_year_fractions},
    {"interest: none at nought per cent", test_no_interest},
    {"interest: half pennies", test_ties},
    {"interest: half pennies of both signs", test_tie_of_both_signs},
    {"interest: the tolerance at a half penny", test_tolerance},
    {"interest: sums are linear", test_linear},
    {"interest: products are exact", test_product},
    {"interest: limits of a sum", test_sum_limits},
    {"interest: sums too large to hold", test_sum_overflow},
    {"interest: growth that is too large", test_too_large},
    {"interest: the largest rates", test_largest_rates},
    {"interest: room for blocks", test_blocks_limit},
    {"interest: room for blocks from every start", test_blocks_limit_every_start},
    {"interest: random faults", test_random_faults},
    {"interest: faults", test_faults},
    {"interest: longer is more", test_monotone},
    {NULL, NULL},
};
