/*
 * worked_test.c: a debt as a spreadsheet may have worked it: where its convention is the law's, it
 * is the running account; else, examples worked by hand.
 */
#include "check.h"
#include "daily_rates.h"
#include "worked.h"

#define WINDOW_DAYS 900
#define MOVEMENTS_LIMIT 60

struct drawn {
    struct daily_rates rates;
    struct worked_terms terms;
    struct running_terms law;
    struct movement movements[MOVEMENTS_LIMIT];
    int32_t count;
    day_t last_day;
};

static void
draw(struct random *random, struct drawn *drawn)
{
    day_t first_day = day_of((int32_t)random_between(random, 2015, 2024), 1, 1);

    drawn->rates = random_rates(random, first_day, WINDOW_DAYS, 200, RATE_LIMIT / 5);
    drawn->law = (struct running_terms){.contract = random_terms(random, drawn->rates.schedule),
                                        .court_from = NO_JUDGMENT};
    drawn->terms = (struct worked_terms){
        .rates = drawn->rates.schedule,
        .year = drawn->law.contract.day_count == DAY_COUNT_ACT_ACT ? YEAR_ACTUAL : YEAR_OF_365,
        .capitalised = drawn->law.contract};
    drawn->count = 0;
    for (day_t day = first_day; drawn->count < MOVEMENTS_LIMIT; drawn->count++) {
        day += random_below(random, 30) + 1;
        if (day >= first_day + WINDOW_DAYS - 40)
            break;
        drawn->movements[drawn->count] = (struct movement){
            .day = day,
            .pence = random_between(random, random_once_in(random, 3) ? -90000 : 1, 90000)};
        if (drawn->movements[drawn->count].pence == 0)
            drawn->movements[drawn->count].pence = 1;
    }
    drawn->last_day = first_day + WINDOW_DAYS - 1 - random_below(random, 30);
}

static int64_t
by_law(const struct drawn *drawn, int32_t later, bool at_start)
{
    struct movement movements[MOVEMENTS_LIMIT];
    struct running_account account;
    struct running_figures figures = {0};
    struct fault fault;

    for (int32_t i = 0; i < drawn->count; i++)
        movements[i] = (struct movement){.day = drawn->movements[i].day + later,
                                         .pence = drawn->movements[i].pence};
    CHECK(running_walk(&drawn->law, movements, drawn->count, drawn->last_day, at_start, &account,
                       &fault));
    CHECK(running_figures(&account, &figures));
    return figures.balance - figures.held;
}

/* Every interval of capitalisation and both lengths of a year, whichever days count. */
static void
test_as_the_law(void)
{
    struct random random;

    while (next_case_in(&random, 4)) {
        struct drawn drawn;
        struct fault fault;
        int64_t pence = 0;

        draw(&random, &drawn);
        drawn.terms.ends = ENDS_BOTH;
        CHECK(worked_balance(&drawn.terms, drawn.movements, drawn.count, drawn.last_day, &pence,
                             &fault));
        CHECK_EQUAL_INT(by_law(&drawn, 0, false), pence);
        drawn.terms.ends = ENDS_LAST_LEFT_OUT;
        CHECK(worked_balance(&drawn.terms, drawn.movements, drawn.count, drawn.last_day, &pence,
                             &fault));
        CHECK_EQUAL_INT(by_law(&drawn, 0, true), pence);
        drawn.terms.ends = ENDS_FIRST_LEFT_OUT;
        CHECK(worked_balance(&drawn.terms, drawn.movements, drawn.count, drawn.last_day, &pence,
                             &fault));
        CHECK_EQUAL_INT(by_law(&drawn, 1, false), pence);
        free_rates(&drawn.rates);
    }
}

/* One amount from 1 January of a year for so many days, by hand. */
static const struct example {
    const char *name;
    int64_t pence;
    int64_t rate; /* schedule units */
    int32_t year;
    int32_t days;
    struct worked_terms terms;
    int64_t balance;
} examples[] = {
    {"half a year of 0.45 per cent",
     60000,
     4500,
     2021,
     181,
     {.capitalised.capitalised = CAPITALISED_NEVER},
     60134},
    /* 0.74 of a penny a day is a penny */
    {"rounded daily",
     60000,
     4500,
     2021,
     181,
     {.rounding = ROUNDED_DAILY, .capitalised.capitalised = CAPITALISED_NEVER},
     60181},
    /* 0.49 of a penny a day is none */
    {"rounded daily to nothing",
     40000,
     4500,
     2021,
     181,
     {.rounding = ROUNDED_DAILY, .capitalised.capitalised = CAPITALISED_NEVER},
     40000},
    /* fifty pence, and exactly half a penny, which is one */
    {"fifty pence", 18250 * 100, 10000, 2021, 1, {.rounding = ROUNDED_DAILY}, 1825050},
    {"half a penny exactly", 18250, 10000, 2021, 1, {.rounding = ROUNDED_DAILY}, 18251},
    {"a leap year",
     36600,
     1000000,
     2024,
     366,
     {.capitalised.capitalised = CAPITALISED_NEVER},
     73200},
    {"a leap year of 365 days",
     36500,
     1000000,
     2024,
     366,
     {.year = YEAR_OF_365, .capitalised.capitalised = CAPITALISED_NEVER},
     73100},
    {"a year of 366 days",
     36600,
     1000000,
     2023,
     365,
     {.year = YEAR_OF_366, .capitalised.capitalised = CAPITALISED_NEVER},
     73100},
    {"the last day left out",
     36500,
     1000000,
     2023,
     365,
     {.ends = ENDS_LAST_LEFT_OUT, .capitalised.capitalised = CAPITALISED_NEVER},
     72900},
    {"the first day left out",
     36500,
     1000000,
     2023,
     365,
     {.ends = ENDS_FIRST_LEFT_OUT, .capitalised.capitalised = CAPITALISED_NEVER},
     72900},
    /* 14.6 pence a day: 452.6 in January and 408.8 in February, which are 453 and 862 */
    {"rounded monthly",
     14600 * 365 / 100,
     100000,
     2023,
     59,
     {.rounding = ROUNDED_MONTHLY, .capitalised.capitalised = CAPITALISED_NEVER},
     53290 + 862},
};

static void
test_examples(void)
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *example = &examples[i];
        uint8_t step[SCHEDULE_STEP_SIZE];
        struct schedule_writer writer = {.steps = step, .capacity = 1};
        struct worked_terms terms = example->terms;
        struct movement movement = {.day = day_of(example->year, 1, 1), .pence = example->pence};
        struct fault fault;
        int64_t pence = 0;

        check_about(example->name);
        CHECK(schedule_append(&writer, DAY_BEGINNING, example->rate, &fault));
        terms.rates = schedule_written(&writer);
        CHECK(
            worked_balance(&terms, &movement, 1, movement.day + example->days - 1, &pence, &fault));
        CHECK_EQUAL_INT(example->balance, pence);
    }
    check_about(NULL);
}

/* A rate that is not known where something is owed, and amounts past the limit. */
static void
test_refused(void)
{
    uint8_t steps[2 * SCHEDULE_STEP_SIZE];
    struct schedule_writer writer = {.steps = steps, .capacity = 2};
    struct worked_terms terms = {0};
    struct movement movements[] = {{.day = 1000, .pence = 500}, {.day = 1100, .pence = -500}};
    struct fault fault = {0};
    int64_t pence = 0;

    CHECK(schedule_append(&writer, 900, 0, &fault));
    CHECK(schedule_append(&writer, 1100, VALUE_NOT_KNOWN, &fault));
    terms.rates = schedule_written(&writer);
    CHECK(worked_balance(&terms, movements, 1, 1099, &pence, &fault));
    CHECK_EQUAL_INT(500, pence);
    CHECK(!worked_balance(&terms, movements, 1, 1100, &pence, &fault));
    CHECK_EQUAL_INT(FAULT_NOT_KNOWN, fault.code);
    CHECK_EQUAL_INT(1100, fault.day);
    /* nothing is owed from that day on: no rate is needed, and what is over is held */
    movements[1].pence = -600;
    CHECK(worked_balance(&terms, movements, 2, 1200, &pence, &fault));
    CHECK_EQUAL_INT(-100, pence);
    movements[0].day = 899;
    CHECK(!worked_balance(&terms, movements, 1, 1000, &pence, &fault));
    CHECK_EQUAL_INT(FAULT_NOT_KNOWN, fault.code);
    movements[0].day = 1000;
    for (int64_t more = 0; more < 2; more++) {
        movements[0].pence = PENCE_LIMIT + more;
        CHECK_EQUAL_INT(more == 0, worked_balance(&terms, movements, 1, 1000, &pence, &fault));
        movements[0].pence = -PENCE_LIMIT - more;
        CHECK_EQUAL_INT(more == 0, worked_balance(&terms, movements, 1, 1000, &pence, &fault));
    }
    CHECK_EQUAL_INT(FAULT_OUT_OF_RANGE, fault.code);
    CHECK(worked_balance(&terms, movements, 0, 1000, &pence, &fault));
    CHECK_EQUAL_INT(0, pence);
}

const struct test worked_tests[] = {{"worked: as the law has it", test_as_the_law},
                                    {"worked: examples", test_examples},
                                    {"worked: faults", test_refused},
                                    {0}};
