/*
 * running_fuzz.c: the running account, over any entries, rates, terms and days.
 *
 * What must hold: it is what a spreadsheet that goes by the law would have, day by day, to the
 * penny, whichever days bear interest; where falls never reach the principal, it is the sum of the
 * entries times their growth; and never is something owed while something is held.
 */
#include "fuzz.h"
#include "running.h"
#include "worked.h"

#define MOVEMENTS_LIMIT 40

/* Up to here, the growth of what is owed is below what worked.h promises for: e cubed. */
#define SPAN_LIMIT 1024

/* Pence, not nought: mostly what a week defers, now and then near the limit of money. */
static int64_t
take_pence(struct input *input)
{
    uint8_t kind = take_byte(input);
    int64_t pence = 1 + (int64_t)(kind < 240 ? take_number(input, 3)
                                             : take_number(input, 5) % (uint64_t)PENCE_LIMIT);

    return kind % 3 == 0 ? -pence : pence;
}

static int32_t
take_movements(struct input *input, day_t day, struct movement *movements)
{
    int32_t count = 0;

    for (; count < MOVEMENTS_LIMIT && input->left > 0; count++) {
        uint8_t gap = take_byte(input);

        movements[count] = (struct movement){.day = day, .pence = take_pence(input)};
        day += 1 + gap % 64;
        if (day > DAY_LAST)
            return count + 1;
    }
    return count;
}

static void
require_known_fault(const struct fault *fault)
{
    REQUIRE(fault->code == FAULT_BEFORE_FIRST_STEP || fault->code == FAULT_NOT_KNOWN ||
            fault->code == FAULT_ABOVE_HUNDRED || fault->code == FAULT_GROWTH_TOO_LARGE ||
            fault->code == FAULT_OUT_OF_RANGE);
}

/* What is owed less what is held at the close of the day, or at its start; false: a fault. */
static bool
balance_of(const struct running_terms *terms, const struct movement *movements, int32_t count,
           day_t as_at, bool at_start, int64_t *balance)
{
    struct running_account account;
    struct running_figures figures = {0};
    struct fault fault = {.code = FAULT_NONE};

    if (!running_walk(terms, movements, count, as_at, at_start, &account, &fault)) {
        require_known_fault(&fault);
        return false;
    }
    REQUIRE(account.held >= 0 &&
            (account.held == 0 || (account.principal == 0 && account.interest == 0)));
    if (!running_figures(&account, &figures))
        return false;
    REQUIRE(figures.balance >= 0 && figures.held == account.held);
    *balance = figures.balance - figures.held;
    return true;
}

/*
 * By the law.  Where the day of an entry does not count, entries are a day later, and it is looked
 * at before the next day counts.
 */
static bool
by_law(const struct running_terms *terms, const struct movement *movements, int32_t count,
       day_t as_at, enum worked_ends ends, int64_t *balance)
{
    struct movement moved[MOVEMENTS_LIMIT];

    if (ends != ENDS_FIRST_LEFT_OUT)
        return balance_of(terms, movements, count, as_at, ends == ENDS_LAST_LEFT_OUT, balance);
    for (int32_t i = 0; i < count; i++)
        moved[i] = (struct movement){.day = movements[i].day + 1, .pence = movements[i].pence};
    return as_at < DAY_LAST && balance_of(terms, moved, count, as_at + 1, true, balance);
}

static void
require_worked(const struct running_terms *law, const struct movement *movements, int32_t count,
               day_t as_at, enum worked_ends ends)
{
    struct worked_terms terms = {.rates = law->contract.rates,
                                 .ends = ends,
                                 .year = law->contract.day_count == DAY_COUNT_ACT_ACT ? YEAR_ACTUAL
                                                                                      : YEAR_OF_365,
                                 .capitalised = law->contract};
    struct fault fault = {.code = FAULT_NONE};
    int64_t expected;
    int64_t worked = 0;

    if (!worked_balance(&terms, movements, count, as_at, &worked, &fault))
        require_known_fault(&fault);
    else if (by_law(law, movements, count, as_at, ends, &expected))
        REQUIRE(worked == expected);
}

/* By the conventions that the law does not have, nothing must be but an end. */
static void
require_an_end(const struct running_terms *law, const struct movement *movements, int32_t count,
               day_t as_at, uint8_t shape)
{
    struct worked_terms terms = {.rates = law->contract.rates,
                                 .ends = (enum worked_ends)(shape % 3),
                                 .year = (enum worked_year)(shape / 3 % 3),
                                 .rounding = (enum worked_rounding)(shape / 9 % 3),
                                 .capitalised = law->contract};
    struct fault fault = {.code = FAULT_NONE};
    int64_t worked = 0;

    if (!worked_balance(&terms, movements, count, as_at, &worked, &fault))
        require_known_fault(&fault);
}

static void
require_sum(const struct running_terms *terms, const struct movement *movements, int32_t count,
            day_t as_at)
{
    struct growth_table table = {
        .terms = terms->contract, .from_day = movements[0].day, .to_day = as_at};
    struct growth_sum sum = {0};
    struct fault fault = {.code = FAULT_NONE};
    int64_t expected;
    int64_t added = 0;

    table.capacity = growth_blocks_limit(&table.terms, table.from_day, table.to_day);
    table.blocks = exact_memory((size_t)table.capacity * sizeof *table.blocks);
    if (growth_prepare(&table, &fault) &&
        balance_of(terms, movements, count, as_at, false, &expected)) {
        for (int32_t i = 0; i < count; i++) {
            growth_t growth;

            REQUIRE(growth_from(&table, movements[i].day, &growth, &fault));
            REQUIRE(growth_sum_add(&sum, movements[i].pence, growth));
        }
        if (growth_sum_pence(&sum, &added))
            REQUIRE(added == expected);
    }
    free(table.blocks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = {.at = bytes, .left = length};
    uint8_t shape = take_byte(&input);
    day_t from_day = take_day(&input);
    int32_t days = (int32_t)(take_number(&input, 2) % SPAN_LIMIT);
    day_t as_at = days <= DAY_LAST - from_day ? from_day + days : DAY_LAST;
    struct packed packed;
    struct running_terms terms = {
        .contract = {.rates = take_schedule(&input, from_day, take_rate, &packed),
                     .day_count = shape & 16 ? DAY_COUNT_ACT_365F : DAY_COUNT_ACT_ACT,
                     .capitalised = (enum capitalised)(shape % (CAPITALISED_NEVER + 1)),
                     .begins = {.month = 1 + shape / 16 % 12, .day = 1 + (days + shape) % 31}},
        .court_from = NO_JUDGMENT};
    struct movement movements[MOVEMENTS_LIMIT];
    int32_t count = take_movements(&input, from_day, movements);

    while (count > 0 && movements[count - 1].day > as_at)
        count--;
    for (int ends = ENDS_BOTH; ends <= ENDS_LAST_LEFT_OUT; ends++)
        require_worked(&terms, movements, count, as_at, (enum worked_ends)ends);
    require_an_end(&terms, movements, count, as_at, shape);
    if (count > 0 && running_is_linear(movements, count))
        require_sum(&terms, movements, count, as_at);
    return 0;
}
