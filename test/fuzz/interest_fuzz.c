/*
 * interest_fuzz.c: the product integral, over any rates, terms and days.
 *
 * What must hold: growth is never below one and never less for a day that is earlier; growth over
 * two periods that meet where interest is capitalised is the product of theirs, and without
 * capitalisation their interest adds up; sums are linear in the amounts, and rounded once.  Each is
 * required to within the error that interest.h promises.
 */
#include "fixed.h"
#include "fuzz.h"
#include "interest.h"

/* A table for a period; its blocks are to be freed. */
static bool
prepare(const struct growth_terms *terms, day_t from_day, day_t to_day, struct growth_table *table,
        struct fault *fault)
{
    *table = (struct growth_table){.terms = *terms, .from_day = from_day, .to_day = to_day};
    table->capacity = growth_blocks_limit(terms, from_day, to_day);
    table->blocks = exact_memory((size_t)table->capacity * sizeof *table->blocks);
    return growth_prepare(table, fault);
}

static growth_t
growth_on(const struct growth_table *table, day_t day)
{
    growth_t growth = 0;
    struct fault fault;

    REQUIRE(growth_from(table, day, &growth, &fault));
    REQUIRE(growth >= GROWTH_ONE);
    return growth;
}

/* Growth over a period whose rates are all good and that is part of one that fits. */
static growth_t
growth_over(const struct growth_terms *terms, day_t from_day, day_t to_day)
{
    struct growth_table table;
    struct fault fault;
    growth_t growth;

    REQUIRE(prepare(terms, from_day, to_day, &table, &fault));
    growth = growth_on(&table, from_day);
    free(table.blocks);
    return growth;
}

/* Is interest capitalised at the close of the day? */
static bool
capitalised_on(const struct growth_terms *terms, day_t day)
{
    static const int32_t months[] = {[CAPITALISED_MONTHLY] = 1,
                                     [CAPITALISED_QUARTERLY] = 3,
                                     [CAPITALISED_HALF_YEARLY] = 6,
                                     [CAPITALISED_YEARLY] = 12};
    struct calendar_day next;

    if (terms->capitalised == CAPITALISED_DAILY)
        return true;
    if (terms->capitalised == CAPITALISED_WEEKLY)
        return days_to_sunday(day) == 0;
    if (terms->capitalised == CAPITALISED_NEVER || day == DAY_LAST)
        return false;
    next = calendar_of(day + 1);
    return (next.month - terms->begins.month + 12) % months[terms->capitalised] == 0 &&
           (next.day == terms->begins.day ||
            (next.day < terms->begins.day && next.day == days_in_month(next.year, next.month)));
}

static struct fixed
fixed_product(growth_t left, growth_t right)
{
    struct fixed product = {.piece = {0}};

    for (int32_t i = 0; i < 4; i++)
        product = fixed_add(product, fixed_shift_down(fixed_multiply(fixed_of_growth(left),
                                                                     (uint32_t)(right >> 32 * i)),
                                                      3 - i));
    return product;
}

/* More than the error of two growths over so many periods, of which this is the larger. */
static struct fixed
error_limit(struct fixed growth, int32_t periods)
{
    return fixed_shift_down(fixed_multiply(growth, 8 * (uint32_t)(periods + 1)), 3);
}

static void
require_near(struct fixed left, struct fixed right, int32_t periods)
{
    struct fixed larger = fixed_is_below(left, right) ? right : left;
    struct fixed smaller = fixed_is_below(left, right) ? left : right;

    REQUIRE(fixed_is_below(fixed_subtract(larger, smaller), error_limit(larger, periods)));
}

/* The growth of two adjoining periods against that of both. */
static void
require_parts(const struct growth_table *table, day_t split)
{
    const struct growth_terms *terms = &table->terms;
    int32_t days = table->to_day - table->from_day + 1;
    growth_t whole = growth_on(table, table->from_day);
    growth_t first = growth_over(terms, table->from_day, split);
    growth_t rest = growth_over(terms, split + 1, table->to_day);
    struct fixed product = fixed_product(first, rest);

    REQUIRE(whole >= first && whole >= rest);
    if (terms->capitalised == CAPITALISED_NEVER)
        require_near(fixed_of_growth(whole), fixed_of_growth(first + rest - GROWTH_ONE), days);
    else if (capitalised_on(terms, split))
        require_near(fixed_of_growth(whole), product, days);
    else
        /* interest on the interest of the split period comes too early */
        REQUIRE(!fixed_is_below(fixed_add(product, error_limit(product, days)),
                                fixed_of_growth(whole)));
}

/* Growth from a day inside a table against a table of its own; none from an earlier day is less. */
static void
require_inside(const struct growth_table *table, day_t day)
{
    int32_t days = table->to_day - day + 1;
    growth_t growth = growth_on(table, day);

    require_near(fixed_of_growth(growth),
                 fixed_of_growth(growth_over(&table->terms, day, table->to_day)), days);
    if (day > table->from_day)
        REQUIRE(!fixed_is_below(fixed_add(fixed_of_growth(growth_on(table, day - 1)),
                                          error_limit(fixed_of_growth(growth), days)),
                                fixed_of_growth(growth)));
}

static int64_t
take_pence(struct input *input)
{
    int64_t pence = (int64_t)(take_number(input, 5) % (PENCE_LIMIT / 2));

    return take_byte(input) % 2 == 0 ? pence : -pence;
}

static struct growth_sum
sum_of(int64_t left_pence, growth_t left, int64_t right_pence, growth_t right)
{
    struct growth_sum sum = {0};

    REQUIRE(growth_sum_add(&sum, left_pence, left));
    REQUIRE(growth_sum_add(&sum, right_pence, right));
    return sum;
}

/* The order of amounts, how they are merged, and which of two equal ways they are given in. */
static void
require_linear(int64_t left_pence, int64_t right_pence, growth_t left, growth_t right)
{
    struct growth_sum sum = sum_of(left_pence, left, right_pence, right);
    struct growth_sum turned = sum_of(right_pence, right, left_pence, left);
    struct growth_sum negative = sum_of(-left_pence, left, -right_pence, right);
    struct growth_sum both = sum_of(left_pence, left, right_pence, left);
    struct growth_sum once = sum_of(left_pence + right_pence, left, 0, left);
    struct growth_sum merged = sum;
    int64_t pence = 0;
    int64_t opposite = 0;

    REQUIRE(sum.high == turned.high && sum.low == turned.low);
    REQUIRE(both.high == once.high && both.low == once.low);
    REQUIRE(growth_sum_merge(&merged, &negative) && merged.high == 0 && merged.low == 0);
    if (!growth_sum_pence(&sum, &pence)) {
        REQUIRE(!growth_sum_pence(&negative, &opposite));
        return;
    }
    REQUIRE(growth_sum_pence(&negative, &opposite) && opposite == -pence);
}

/* A penny more is at least a penny more at the close. */
static void
require_monotone(int64_t pence, growth_t growth)
{
    struct growth_sum sum = sum_of(pence, growth, 0, growth);
    struct growth_sum more = sum_of(pence + 1, growth, 0, growth);
    int64_t low;
    int64_t high;

    if (!growth_sum_pence(&sum, &low) || !growth_sum_pence(&more, &high))
        return;
    REQUIRE(high > low);
    REQUIRE(pence < 0 ? low <= pence : low >= pence);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = {.at = bytes, .left = length};
    uint8_t shape = take_byte(&input);
    day_t from_day = take_day(&input);
    /* long periods are dear */
    int32_t days = (int32_t)(take_number(&input, 2) % (shape < 8 ? 65536 : 1024));
    day_t to_day = days <= DAY_LAST - from_day ? from_day + days : DAY_LAST;
    day_t split = from_day + (day_t)(take_number(&input, 2) % (uint64_t)(to_day - from_day + 1));
    int64_t left_pence = take_pence(&input);
    int64_t right_pence = take_pence(&input);
    struct packed packed;
    struct growth_terms terms = {
        .rates = take_schedule(&input, from_day, take_rate, &packed),
        .day_count = shape & 16 ? DAY_COUNT_ACT_365F : DAY_COUNT_ACT_ACT,
        .capitalised = (enum capitalised)(shape % (CAPITALISED_NEVER + 1)),
        .begins = {.month = 1 + shape / 16 % 12, .day = 1 + (days + shape) % 31},
    };
    struct growth_table table;
    struct fault fault = {.code = FAULT_NONE};

    if (prepare(&terms, from_day, to_day, &table, &fault)) {
        require_inside(&table, split);
        if (split < to_day)
            require_parts(&table, split);
        require_linear(left_pence, right_pence, growth_on(&table, from_day),
                       growth_on(&table, split));
        require_monotone(left_pence, growth_on(&table, split));
    } else {
        REQUIRE(fault.code == FAULT_BEFORE_FIRST_STEP || fault.code == FAULT_NOT_KNOWN ||
                fault.code == FAULT_ABOVE_HUNDRED || fault.code == FAULT_GROWTH_TOO_LARGE);
    }
    free(table.blocks);
    return 0;
}
