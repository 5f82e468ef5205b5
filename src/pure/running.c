/*
 * running.c: the walk of the running account.
 *
 * From one day on which something happens to the next: entries, a change of where the interest
 * goes, a judgment.  Between them interest is a power for as many intervals of capitalisation as
 * share one factor.  So the work follows the entries, the changes of rate and the ends of leap
 * years; and where interest is capitalised by months or longer, the intervals.
 *
 * Must not know: what the entries are for, PostgreSQL.
 */
#include "running.h"
#include "promise.h"

_Static_assert(PENCE_LIMIT < INT64_C(1) << (128 - MONEY_BITS - 8),
               "money under the limit, and sums of a little of it, fit 128 bits");

static day_t
earlier(day_t left, day_t right)
{
    return left < right ? left : right;
}

static bool
is_owed(const struct running_account *account)
{
    return account->principal != 0 || account->interest != 0;
}

/* What is owed, rounded to the penny, half up; see MONEY_BITS for the tolerance at a half. */
static bool
owed_pence(const struct running_account *account, int64_t *pence)
{
    static const u128 rounding =
        ((u128)1 << (MONEY_BITS - 1)) + ((u128)1 << (MONEY_BITS - HALF_PENNY_TOLERANCE_BITS));
    u128 owed;

    if (__builtin_add_overflow(account->principal, account->interest, &owed) ||
        __builtin_add_overflow(owed, rounding, &owed) || owed >> MONEY_BITS > (u128)PENCE_LIMIT)
        return false;
    *pence = (int64_t)(owed >> MONEY_BITS);
    return true;
}

/* What is owed becomes one amount in whole pence. */
static bool
crystallise(struct running_account *account)
{
    int64_t pence = 0;

    if (!owed_pence(account, &pence))
        return false;
    account->principal = (u128)pence << MONEY_BITS;
    account->interest = 0;
    return true;
}

/* The end of an interval of capitalisation. */
static bool
capitalise(struct running_account *account)
{
    if (__builtin_add_overflow(account->principal, account->interest, &account->principal))
        return false;
    account->interest = 0;
    return true;
}

/* All that is entered for a day, at its start. */
static bool
move(struct running_account *account, const struct movement *movement)
{
    int64_t owed = 0;
    int64_t change;
    int64_t due;
    u128 fall;
    u128 from_principal;

    if (!owed_pence(account, &owed) ||
        __builtin_sub_overflow(movement->pence, account->held, &change) ||
        __builtin_add_overflow(owed, change, &due) || due > PENCE_LIMIT || due < -PENCE_LIMIT)
        return false;
    if (due <= 0) {
        if (is_owed(account))
            account->settled_on = movement->day;
        account->principal = 0;
        account->interest = 0;
        account->held = -due;
        return true;
    }
    account->held = 0;
    account->settled_on = NOT_SETTLED;
    if (change >= 0) {
        account->principal += (u128)change << MONEY_BITS;
        return true;
    }
    /* a fall that leaves half a penny or more, as due says */
    fall = (u128)-change << MONEY_BITS;
    from_principal = fall < account->principal ? fall : account->principal;
    PROMISE(fall - from_principal <= account->interest);
    account->principal -= from_principal;
    account->interest -= fall - from_principal;
    return true;
}

/* Interest on the principal over days of one interval, not yet capitalised. */
static bool
earn(struct running_account *account, const struct growth_terms *terms, day_t from_day,
     day_t to_day, struct fault *fault)
{
    growth_t growth = GROWTH_ONE;
    u128 earned = 0;

    if (account->principal == 0)
        return true;
    if (!growth_simple(terms, from_day, to_day, &growth, fault))
        return false;
    if (!growth_times(account->principal, growth - GROWTH_ONE, &earned) ||
        __builtin_add_overflow(account->interest, earned, &account->interest))
        return fault_at(fault, FAULT_OUT_OF_RANGE, "balance", from_day);
    return true;
}

/* Interest of some days, added to the debt. */
static bool
bear(struct running_account *account, const struct growth_terms *terms, day_t from_day,
     day_t to_day, struct fault *fault)
{
    for (day_t day = from_day; day <= to_day && is_owed(account);) {
        day_t end = growth_period_end(terms, day);

        if (account->interest == 0 && end <= to_day) {
            struct growth_block block;

            if (!growth_block_from(terms, day, to_day, &block, fault))
                return false;
            if (!growth_times_power(&account->principal, block.factor,
                                    (block.last_day - day + 1) / block.period_days))
                return fault_at(fault, FAULT_OUT_OF_RANGE, "balance", day);
            day = block.last_day + 1;
            continue;
        }
        if (!earn(account, terms, day, earlier(end, to_day), fault))
            return false;
        if (end <= to_day && !capitalise(account))
            return fault_at(fault, FAULT_OUT_OF_RANGE, "balance", day);
        day = earlier(end, to_day) + 1;
    }
    return true;
}

/*
 * Interest of some days that is paid separately: simple, on a principal in whole pence.  Below
 * 2^40 pence * 2^51 for all days there are.  A rate that is not known leaves the debt known.
 */
static bool
bear_separately(struct running_account *account, const struct growth_terms *terms, day_t from_day,
                day_t to_day, struct fault *fault)
{
    int64_t numerator = 0;

    PROMISE(account->interest == 0 && account->principal << (128 - MONEY_BITS) == 0);
    if (account->principal == 0 || account->separate_fault.code != FAULT_NONE)
        return true;
    if (!interest_numerator(terms, from_day, to_day, &numerator, fault)) {
        if (!fault_is_unknown(fault))
            return false;
        if (fault->code == FAULT_BEFORE_FIRST_STEP)
            fault->day = from_day;
        account->separate_fault = *fault;
        return true;
    }
    account->separate += (i128)(account->principal >> MONEY_BITS) * numerator;
    return true;
}

/* Days without interest: what was earned before is capitalised when its interval ends. */
static bool
bear_nothing(struct running_account *account, const struct growth_terms *terms, day_t from_day,
             day_t to_day, struct fault *fault)
{
    if (account->interest == 0 || growth_period_end(terms, from_day) > to_day)
        return true;
    if (!capitalise(account))
        return fault_at(fault, FAULT_OUT_OF_RANGE, "balance", from_day);
    return true;
}

/* Days on which interest goes the same way. */
struct phase {
    day_t first_day; /* or before all */
    day_t last_day;
    enum charged charged;
    bool by_court;
};

static bool
phase_of(const struct running_terms *terms, day_t day, struct phase *phase, struct fault *fault)
{
    int32_t step = schedule_find(terms->charged, day);
    int32_t next = step + 1;

    if (day >= terms->court_from) {
        *phase = (struct phase){.first_day = terms->court_from,
                                .last_day = DAY_LAST,
                                .charged = CHARGED_TO_DEBT,
                                .by_court = true};
        return true;
    }
    *phase = (struct phase){
        .first_day = DAY_FIRST - 1, .last_day = terms->court_from - 1, .charged = CHARGED_TO_DEBT};
    if (next < terms->charged.count)
        phase->last_day = earlier(phase->last_day, schedule_day(terms->charged, next) - 1);
    if (step >= 0) {
        int64_t value = schedule_value(terms->charged, step);

        if (value % UNITS_PER_POUND != 0 || value / UNITS_PER_POUND < CHARGED_NOTHING ||
            value / UNITS_PER_POUND > CHARGED_SEPARATELY)
            return fault_at(fault, FAULT_OUT_OF_RANGE, "charged", day);
        phase->first_day = schedule_day(terms->charged, step);
        phase->charged = (enum charged)(value / UNITS_PER_POUND);
    }
    return true;
}

/* The interest of some days of a phase. */
static bool
bear_as(struct running_account *account, const struct growth_terms *terms, enum charged charged,
        day_t from_day, day_t to_day, struct fault *fault)
{
    switch (charged) {
    case CHARGED_NOTHING:
        return bear_nothing(account, terms, from_day, to_day, fault);
    case CHARGED_SEPARATELY:
        return bear_separately(account, terms, from_day, to_day, fault);
    case CHARGED_TO_DEBT:
        break;
    }
    return bear(account, terms, from_day, to_day, fault);
}

/*
 * Is the account a sum of amounts times growth?  So if, without any interest, something is owed
 * from the first movement on: interest only adds to it, so no fall reaches the principal.
 */
bool
running_is_linear(const struct movement *movements, int32_t count)
{
    int64_t owed = 0;

    for (int32_t i = 0; i < count; i++)
        if (__builtin_add_overflow(owed, movements[i].pence, &owed) || owed <= 0)
            return false;
    return true;
}

/*
 * Where the account stands at the close of a day, or at its start (what is entered for it counts,
 * its interest does not).  Movements are in the order of their days, one a day; those after as_at
 * do not count.
 */
bool
running_walk(const struct running_terms *terms, const struct movement *movements, int32_t count,
             day_t as_at, bool at_start, struct running_account *account, struct fault *fault)
{
    uint8_t court_step[SCHEDULE_STEP_SIZE];
    struct schedule_writer court_rates = {.steps = court_step, .capacity = 1};
    struct growth_terms court = {.day_count = terms->contract.day_count,
                                 .capitalised = CAPITALISED_NEVER};
    int32_t next = 0;

    *account = (struct running_account){.settled_on = NOT_SETTLED,
                                        .walked_to = count > 0 ? movements[0].day : as_at + 1};
    if (!schedule_append(&court_rates, DAY_BEGINNING, terms->court_rate, fault))
        return false;
    court.rates = schedule_written(&court_rates);
    for (day_t day = account->walked_to; day <= as_at; day = account->walked_to) {
        struct phase phase;
        day_t to_day;

        if (!phase_of(terms, day, &phase, fault))
            return false;
        if (day == phase.first_day && (phase.by_court || phase.charged == CHARGED_SEPARATELY) &&
            !crystallise(account))
            return fault_at(fault, FAULT_OUT_OF_RANGE, "balance", day);
        if (next < count && movements[next].day == day && !move(account, &movements[next++]))
            return fault_at(fault, FAULT_OUT_OF_RANGE, "balance", day);
        to_day = earlier(earlier(as_at - at_start, phase.last_day),
                         next < count ? movements[next].day - 1 : DAY_LAST);
        if (to_day < day)
            break; /* the start of as_at */
        if (!bear_as(account, phase.by_court ? &court : &terms->contract, phase.charged, day,
                     to_day, fault))
            return false;
        account->walked_to = to_day + 1;
    }
    return true;
}

/* What an account comes to; false if it is out of range. */
bool
running_figures(const struct running_account *account, struct running_figures *figures)
{
    i128 separate = divide_half_away(account->separate, INTEREST_DENOMINATOR);

    if (!owed_pence(account, &figures->balance) || separate > PENCE_LIMIT)
        return false;
    figures->held = account->held;
    figures->separate = (int64_t)separate;
    return true;
}

/* The day of the addition of the n-th year; after the last day there is: none. */
static day_t
next_year(const struct additions *added, int32_t n)
{
    if (added->yearly == 0 || calendar_of(added->since).year + n > 9999)
        return DAY_LAST + 1;
    return day_after_months(added->since, 12 * n);
}

/*
 * A debt after the interest of some days, and whether it has come to a limit by then; one that is
 * too large for money has passed any.
 */
static bool
bear_to_limit(const struct running_account *before, const struct growth_terms *terms,
              day_t from_day, day_t to_day, int64_t limit, struct running_account *after,
              bool *reached, struct fault *fault)
{
    int64_t pence = 0;

    *after = *before;
    if (!bear(after, terms, from_day, to_day, fault)) {
        *reached = true;
        return fault->code == FAULT_OUT_OF_RANGE;
    }
    *reached = !owed_pence(after, &pence) || pence >= limit;
    return true;
}

/*
 * The first day at whose close a debt has come to a limit, by last_day; else NOT_REACHED.  It is so
 * many pence at the close of the day since which additions are counted.  Nothing lowers it, so
 * between two additions the day is found by halving.
 */
bool
running_reach(const struct growth_terms *terms, int64_t pence, const struct additions *added,
              int64_t limit, day_t last_day, day_t *reached_on, struct fault *fault)
{
    struct running_account account = {.principal = (u128)(uint64_t)pence << MONEY_BITS};
    day_t week = added->weekly == 0 ? DAY_LAST + 1 : added->since + 7;
    int32_t years = 1;
    bool reached = false;

    for (day_t day = added->since + 1; day <= last_day;) {
        day_t year = next_year(added, years);
        day_t end = earlier(earlier(week, year) - 1, last_day);
        struct running_account after;

        if (!bear_to_limit(&account, terms, day, end, limit, &after, &reached, fault))
            return false;
        while (reached && day < end) {
            day_t middle = day + (end - day) / 2;
            struct running_account then;
            bool by_then = false;

            if (!bear_to_limit(&account, terms, day, middle, limit, &then, &by_then, fault))
                return false;
            if (by_then) {
                end = middle;
            } else {
                account = then;
                day = middle + 1;
            }
        }
        if (reached) {
            *reached_on = end;
            return true;
        }
        account = after;
        day = end + 1;
        if (day == week) {
            account.principal += (u128)(uint64_t)added->weekly << MONEY_BITS;
            week += 7;
        }
        if (day == year) {
            account.principal += (u128)(uint64_t)added->yearly << MONEY_BITS;
            years++;
        }
    }
    *reached_on = NOT_REACHED;
    return true;
}
