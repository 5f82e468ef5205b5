/*
 * running_test.c: the running account, against one that is kept day by day with 320 bits after the
 * point.
 *
 * The twin below does on each day what doc/calculations section 4.6 says, in its order.  It knows
 * nothing of blocks, powers, phases or sums.  What is entered is drawn as it goes, so that payments
 * of exactly what is owed, a penny more and a penny less are as frequent as any.
 */
#include <stdlib.h>

#include "almanac.h"
#include "check.h"
#include "daily_rates.h"
#include "fixed.h"
#include "running.h"

#define WINDOW_DAYS 800
#define MOVEMENTS_LIMIT 120

/* What the twin has at a moment of a day. */
struct twin_figures {
    int64_t balance;
    int64_t held;
    int64_t separate;
    day_t settled_on;
};

struct twin {
    struct fixed principal;
    struct fixed interest;
    struct fixed separate;
    int64_t held;
    day_t settled_on;
};

/* Pence, half up; a half that the last of 320 bits missed is a half. */
static int64_t
pence_of(struct fixed amount)
{
    return (int64_t)fixed_whole(
        fixed_add(fixed_add(amount, fixed_power_of_half(1)), fixed_power_of_half(200)));
}

static struct fixed
fixed_pence(int64_t pence)
{
    struct fixed number = fixed_of((uint32_t)pence);

    number.piece[FIXED_FRACTION_PIECES + 1] = (uint32_t)(pence >> 32);
    return number;
}

static int64_t
twin_owed(const struct twin *twin)
{
    return pence_of(fixed_add(twin->principal, twin->interest));
}

static struct twin_figures
twin_figures(const struct twin *twin)
{
    return (struct twin_figures){.balance = twin_owed(twin),
                                 .held = twin->held,
                                 .separate = pence_of(twin->separate),
                                 .settled_on = twin->settled_on};
}

static void
twin_crystallise(struct twin *twin)
{
    twin->principal = fixed_pence(twin_owed(twin));
    twin->interest = fixed_of(0);
}

/* Rises and falls of a day, together: steps 1 and 2 of the law. */
static void
twin_move(struct twin *twin, day_t day, int64_t rises, int64_t falls)
{
    struct fixed risen = fixed_add(twin->principal, fixed_pence(rises));
    int64_t owed_before = twin_owed(twin);
    int64_t owed = pence_of(fixed_add(risen, twin->interest));

    falls += twin->held;
    if (falls >= owed) {
        if (owed_before > 0)
            twin->settled_on = day;
        twin->principal = twin->interest = fixed_of(0);
        twin->held = falls - owed;
        return;
    }
    twin->held = 0;
    twin->settled_on = NOT_SETTLED;
    if (fixed_is_below(risen, fixed_pence(falls))) {
        twin->interest = fixed_subtract(fixed_add(risen, twin->interest), fixed_pence(falls));
        twin->principal = fixed_of(0);
    } else {
        twin->principal = fixed_subtract(risen, fixed_pence(falls));
    }
}

/* A random account: its terms, and where interest goes on each day of the window. */
struct random_account {
    struct running_terms terms;
    struct daily_rates rates;
    day_t first_day;
    int32_t days;
    uint8_t charged_steps[8 * SCHEDULE_STEP_SIZE];
    enum charged charged[WINDOW_DAYS];
    struct movement movements[MOVEMENTS_LIMIT + 1]; /* room for one that a test adds */
    int32_t count;
    struct twin_figures at_start[WINDOW_DAYS];
    struct twin_figures at_close[WINDOW_DAYS];
};

static void
draw_charged(struct random *random, struct random_account *account)
{
    struct schedule_writer writer = {.steps = account->charged_steps, .capacity = 8};
    enum charged charged = CHARGED_TO_DEBT;
    struct fault fault;

    account->terms.charged = (struct schedule){0};
    if (random_once_in(random, 2)) {
        for (int32_t i = 0; i < account->days; i++)
            account->charged[i] = CHARGED_TO_DEBT;
        return;
    }
    if (random_once_in(random, 2)) {
        charged = (enum charged)random_below(random, 3);
        CHECK(schedule_append(&writer, DAY_BEGINNING, charged * UNITS_PER_POUND, &fault));
    }
    for (int32_t i = 0; i < account->days; i++) {
        if (writer.count < writer.capacity && random_once_in(random, 1 + account->days / 5)) {
            enum charged other = (enum charged)random_below(random, 3);

            if (other != charged || writer.count == 0) {
                charged = other;
                CHECK(schedule_append(&writer, account->first_day + i, charged * UNITS_PER_POUND,
                                      &fault));
            }
        }
        account->charged[i] = charged;
    }
    account->terms.charged = schedule_written(&writer);
}

/* Interest of a day. */
static void
twin_bear(struct twin *twin, const struct random_account *account, int32_t i)
{
    day_t day = account->first_day + i;
    bool by_court = day >= account->terms.court_from;
    const struct growth_terms *terms = &account->terms.contract;
    uint32_t year_days =
        terms->day_count == DAY_COUNT_ACT_ACT && almanac(day)->in_leap_year ? 366 : 365;
    uint32_t rate = (uint32_t)(by_court ? account->terms.court_rate : account->rates.rate[i]);
    struct fixed interest =
        fixed_divide(fixed_multiply(twin->principal, rate), RATE_LIMIT * year_days);

    if (by_court || account->charged[i] == CHARGED_TO_DEBT)
        twin->interest = fixed_add(twin->interest, interest);
    else if (account->charged[i] == CHARGED_SEPARATELY)
        twin->separate = fixed_add(twin->separate, interest);
    if (!by_court && capitalises(terms, day)) {
        twin->principal = fixed_add(twin->principal, twin->interest);
        twin->interest = fixed_of(0);
    }
}

/* What is entered for a day, for what is owed at its start. */
static void
draw_movement(struct random *random, const struct twin *twin, int64_t *rises, int64_t *falls)
{
    int64_t owed = twin_owed(twin);

    *rises = random_once_in(random, 3) ? 0 : random_between(random, 1, 100000);
    *falls = 0;
    if (random_once_in(random, 4))
        *falls = owed + *rises + random_between(random, -1, 1);
    else if (random_once_in(random, 4))
        *falls = random_between(random, 0, 2 * (owed + *rises));
    else if (random_once_in(random, 12))
        *falls = *rises;
    /* more than the principal, and less than what is owed */
    else if (random_once_in(random, 6))
        *falls = owed + *rises - random_between(random, 1, 300);
    if (*falls < 0)
        *falls = 0;
}

static void
draw_account(struct random *random, struct random_account *account)
{
    struct twin twin = {.settled_on = NOT_SETTLED};
    int32_t gap = 1 + random_below(random, 40);

    account->days = 1 + random_below(random, random_once_in(random, 3) ? WINDOW_DAYS : 60);
    account->first_day = (day_t)random_between(random, day_of(2015, 1, 1), day_of(2030, 1, 1));
    account->rates =
        random_rates(random, account->first_day, account->days, 1 << random_below(random, 9),
                     random_once_in(random, 4) ? RATE_LIMIT : 80000);
    account->terms.contract = random_terms(random, account->rates.schedule);
    account->terms.court_from = random_once_in(random, 4)
                                    ? account->first_day + random_below(random, account->days)
                                    : NO_JUDGMENT;
    account->terms.court_rate = random_between(random, 0, 100000);
    draw_charged(random, account);
    account->count = 0;
    for (int32_t i = 0; i < account->days; i++) {
        day_t day = account->first_day + i;
        bool separate =
            day < account->terms.court_from && account->charged[i] == CHARGED_SEPARATELY;

        if (day == account->terms.court_from ||
            (separate && (i == 0 || account->charged[i - 1] != CHARGED_SEPARATELY)))
            twin_crystallise(&twin);
        if (account->count < MOVEMENTS_LIMIT && random_once_in(random, gap)) {
            int64_t rises;
            int64_t falls;

            draw_movement(random, &twin, &rises, &falls);
            if (rises != falls) {
                twin_move(&twin, day, rises, falls);
                account->movements[account->count++] =
                    (struct movement){.day = day, .pence = rises - falls};
            }
        }
        account->at_start[i] = twin_figures(&twin);
        twin_bear(&twin, account, i);
        account->at_close[i] = twin_figures(&twin);
    }
}

static void
check_figures(const struct random_account *account, int32_t i, bool at_start)
{
    const struct twin_figures *expected = at_start ? &account->at_start[i] : &account->at_close[i];
    struct running_account walked;
    struct running_figures figures;
    struct fault fault;

    if (!CHECK(running_walk(&account->terms, account->movements, account->count,
                            account->first_day + i, at_start, &walked, &fault)) ||
        !CHECK(running_figures(&walked, &figures)))
        return;
    CHECK_EQUAL_INT(expected->balance, figures.balance);
    CHECK_EQUAL_INT(expected->held, figures.held);
    CHECK_EQUAL_INT(expected->separate, figures.separate);
    CHECK_EQUAL_INT(expected->settled_on, walked.settled_on);
    CHECK(figures.held == 0 || figures.balance == 0);
}

static void
test_day_by_day(void)
{
    struct random random;
    struct random_account *account = malloc(sizeof *account);

    while (next_case(&random)) {
        draw_account(&random, account);
        for (int32_t n = 0; n < 6; n++)
            check_figures(account, random_below(&random, account->days), n % 2 == 0);
        check_figures(account, account->days - 1, false);
        free_rates(&account->rates);
    }
    free(account);
}

/* Where falls do not reach the principal, the account is the sum of amounts times growth. */
static void
test_linear(void)
{
    struct random random;
    struct random_account *account = malloc(sizeof *account);

    while (next_case(&random)) {
        int64_t owed = 0;

        draw_account(&random, account);
        account->terms.charged = (struct schedule){0};
        account->terms.court_from = NO_JUDGMENT;
        for (int32_t i = 0; i < account->count; i++) {
            owed += account->movements[i].pence;
            if (owed <= 0) {
                account->movements[i].pence += 1 - owed;
                owed = 1;
            }
        }
        if (CHECK(running_is_linear(account->movements, account->count)) && account->count > 0) {
            struct growth_table table = {.terms = account->terms.contract,
                                         .from_day = account->first_day,
                                         .to_day = account->first_day + account->days - 1};
            struct growth_sum sum = {0};
            struct running_account walked;
            struct running_figures figures = {.balance = -1};
            struct fault fault;
            int64_t balance = 0;

            table.capacity = growth_blocks_limit(&table.terms, table.from_day, table.to_day);
            table.blocks = malloc((size_t)table.capacity * sizeof *table.blocks);
            CHECK(growth_prepare(&table, &fault));
            for (int32_t i = 0; i < account->count; i++) {
                growth_t growth = 0;

                CHECK(growth_from(&table, account->movements[i].day, &growth, &fault));
                CHECK(growth_sum_add(&sum, account->movements[i].pence, growth));
            }
            CHECK(growth_sum_pence(&sum, &balance));
            CHECK(running_walk(&account->terms, account->movements, account->count, table.to_day,
                               false, &walked, &fault));
            CHECK(running_figures(&walked, &figures));
            CHECK_EQUAL_INT(balance, figures.balance);
            free(table.blocks);
        }
        free_rates(&account->rates);
    }
    free(account);
}

/* Paying what is owed, as it is rounded, ends the debt; a penny more is held, a penny less owed. */
static void
test_redeemed(void)
{
    struct random random;
    struct random_account *account = malloc(sizeof *account);

    while (next_case(&random)) {
        draw_account(&random, account);
        for (int64_t more = -1; more <= 1; more++) {
            struct movement last = {.day = account->first_day + account->days};
            struct running_account walked;
            struct running_figures before = {0};
            struct running_figures after = {0};
            struct fault fault;

            CHECK(running_walk(&account->terms, account->movements, account->count, last.day - 1,
                               false, &walked, &fault));
            CHECK(running_figures(&walked, &before));
            last.pence = -before.balance - more;
            account->movements[account->count] = last;
            CHECK(running_walk(&account->terms, account->movements, account->count + 1, last.day,
                               true, &walked, &fault));
            CHECK(running_figures(&walked, &after));
            CHECK_EQUAL_INT(before.held + more < 0, after.balance);
            CHECK_EQUAL_INT(before.held + more < 0 ? 0 : before.held + more, after.held);
        }
        free_rates(&account->rates);
    }
    free(account);
}

/* What cannot be: a rate that is not known where something is owed, amounts past the limit. */
static void
test_refused(void)
{
    uint8_t steps[2 * SCHEDULE_STEP_SIZE];
    uint8_t separately[SCHEDULE_STEP_SIZE];
    struct schedule_writer writer = {.steps = steps, .capacity = 2};
    struct schedule_writer charged = {.steps = separately, .capacity = 1};
    struct running_terms terms = {.court_from = NO_JUDGMENT};
    struct movement movements[] = {{.day = 1000, .pence = 500}, {.day = 1100, .pence = -500}};
    struct running_account account;
    struct running_figures figures;
    struct fault fault = {0};

    CHECK(schedule_append(&charged, DAY_BEGINNING, CHARGED_SEPARATELY * UNITS_PER_POUND, &fault));
    CHECK(schedule_append(&writer, 900, 0, &fault));
    CHECK(schedule_append(&writer, 1100, VALUE_NOT_KNOWN, &fault));
    terms.contract.rates = schedule_written(&writer);
    CHECK(running_walk(&terms, movements, 1, 1099, false, &account, &fault));
    CHECK(running_walk(&terms, movements, 1, 1100, true, &account, &fault));
    CHECK(!running_walk(&terms, movements, 1, 1100, false, &account, &fault));
    CHECK_EQUAL_INT(FAULT_NOT_KNOWN, fault.code);
    CHECK_EQUAL_INT(1100, fault.day);
    /* nothing is owed from that day on: no rate is needed */
    CHECK(running_walk(&terms, movements, 2, DAY_LAST, false, &account, &fault));
    CHECK_EQUAL_INT(1100, account.settled_on);
    /* what is paid separately is not known; the debt is */
    terms.charged = (struct schedule){.steps = separately, .count = 1};
    CHECK(running_walk(&terms, movements, 1, 1100, false, &account, &fault));
    CHECK(running_figures(&account, &figures));
    CHECK_EQUAL_INT(500, figures.balance);
    CHECK_EQUAL_INT(FAULT_NOT_KNOWN, account.separate_fault.code);
    CHECK_EQUAL_INT(1100, account.separate_fault.day);
    terms.charged = (struct schedule){0};
    movements[0].day = 899;
    CHECK(!running_walk(&terms, movements, 2, 1099, false, &account, &fault));
    CHECK_EQUAL_INT(FAULT_BEFORE_FIRST_STEP, fault.code);
    movements[0].day = 1000;
    for (int64_t more = 0; more < 2; more++) {
        movements[0].pence = PENCE_LIMIT + more;
        CHECK_EQUAL_INT(more == 0,
                        running_walk(&terms, movements, 1, 1000, false, &account, &fault));
        movements[0].pence = -PENCE_LIMIT - more;
        CHECK_EQUAL_INT(more == 0,
                        running_walk(&terms, movements, 1, 1000, false, &account, &fault));
    }
    CHECK_EQUAL_INT(FAULT_OUT_OF_RANGE, fault.code);
    movements[0].pence = PENCE_LIMIT;
    CHECK(running_walk(&terms, movements, 1, 1000, false, &account, &fault));
    CHECK(running_figures(&account, &figures));
    CHECK_EQUAL_INT(PENCE_LIMIT, figures.balance);
}

/*
 * The day a growing debt comes to a limit: the walk of the same additions has come to
 * it at its close, and not on the day before.
 */
static int64_t
grown(const struct running_terms *terms, const struct movement *movements, int32_t count, day_t day)
{
    struct running_account account;
    struct running_figures figures = {.balance = PENCE_LIMIT};
    struct fault fault;

    if (!running_walk(terms, movements, count, day, false, &account, &fault)) {
        CHECK_EQUAL_INT(FAULT_OUT_OF_RANGE, fault.code);
        return PENCE_LIMIT;
    }
    return running_figures(&account, &figures) ? figures.balance : PENCE_LIMIT;
}

static void
test_reach(void)
{
    struct random random;

    while (next_case(&random)) {
        day_t since = (day_t)random_between(&random, day_of(2015, 1, 1), day_of(2030, 1, 1));
        int32_t days = 1 + random_below(&random, WINDOW_DAYS);
        struct daily_rates rates =
            random_rates(&random, since + 1, days, 1 << random_below(&random, 9),
                         random_once_in(&random, 4) ? RATE_LIMIT : 80000);
        struct running_terms terms = {.contract = random_terms(&random, rates.schedule),
                                      .court_from = NO_JUDGMENT};
        int64_t balance = random_once_in(&random, 3) ? 0 : random_between(&random, 0, 1000000);
        struct additions added = {
            .since = since,
            .weekly = random_once_in(&random, 3) ? 0 : random_between(&random, 0, 60000),
            .yearly = random_once_in(&random, 3) ? 0 : random_between(&random, 0, 60000)};
        int64_t most = 4000000 / (1 + random_below(&random, 100));
        int64_t limit = balance + random_between(&random, 1, most);
        struct movement movements[WINDOW_DAYS / 7 + 8];
        int32_t count = 0;
        day_t reached_on = 0;
        struct fault fault;

        for (int32_t i = 1; i <= days; i++) {
            int32_t years = i / 365;
            int64_t pence = (i == 1 ? balance : 0) + (i % 7 == 0 ? added.weekly : 0);

            if (years > 0 && day_after_months(since, 12 * years) == since + i)
                pence += added.yearly;
            if (pence > 0)
                movements[count++] = (struct movement){.day = since + i, .pence = pence};
        }
        if (CHECK(running_reach(&terms.contract, balance, &added, limit, since + days, &reached_on,
                                &fault))) {
            if (reached_on == NOT_REACHED) {
                CHECK(grown(&terms, movements, count, since + days) < limit);
            } else {
                CHECK(reached_on > since && reached_on <= since + days);
                CHECK(grown(&terms, movements, count, reached_on) >= limit);
                if (reached_on > since + 1)
                    CHECK(grown(&terms, movements, count, reached_on - 1) < limit);
            }
        }
        free_rates(&rates);
    }
}

const struct test running_tests[] = {{"running: day by day", test_day_by_day},
                                     {"running: a sum of amounts times growth", test_linear},
                                     {"running: what is owed is paid", test_redeemed},
                                     {"running: faults", test_refused},
                                     {"running: the day of a limit", test_reach},
                                     {0}};
