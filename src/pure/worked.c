/*
 * worked.c: a debt with interest, day by day, by one of many conventions.
 *
 * Must not know: which convention is right, PostgreSQL.
 */
#include "worked.h"

struct worked_account {
    i128 principal; /* in 1 / WORKED_SCALE of a penny, as interest is */
    i128 interest;  /* earned, not yet capitalised */
    int64_t held;   /* pence */
};

_Static_assert(PENCE_LIMIT < INT64_C(1) << 40, "pence * scale * rate is below 2^(40 + 50 + 20)");

/* Whole pence, half up; a half that was rounded away on the way is a half. */
static int64_t
whole_pence(i128 amount)
{
    return (int64_t)((amount + WORKED_SCALE / 2 + WORKED_TOLERANCE) / WORKED_SCALE);
}

static bool
is_within_limit(const struct worked_account *account)
{
    return account->principal + account->interest <= PENCE_LIMIT * WORKED_SCALE;
}

/* All that is entered for a day: the law of running.h. */
static bool
enter(struct worked_account *account, int64_t pence)
{
    int64_t change = pence - account->held;
    int64_t due = whole_pence(account->principal + account->interest) + change;
    i128 fall;

    if (due > PENCE_LIMIT || due < -PENCE_LIMIT)
        return false;
    if (due <= 0) {
        *account = (struct worked_account){.held = -due};
        return true;
    }
    account->held = 0;
    if (change >= 0) {
        account->principal += change * WORKED_SCALE;
        return true;
    }
    fall = -change * WORKED_SCALE;
    if (fall <= account->principal) {
        account->principal -= fall;
    } else {
        account->interest -= fall - account->principal;
        account->principal = 0;
    }
    return true;
}

/* The days of the year, and the last day for which that holds. */
static int64_t
length_of_year(enum worked_year year, day_t day, day_t *last_day)
{
    int32_t calendar_year;

    *last_day = DAY_LAST;
    if (year != YEAR_ACTUAL)
        return year == YEAR_OF_365 ? YEAR_DAYS : LEAP_YEAR_DAYS;
    calendar_year = calendar_of(day).year;
    *last_day = day_of(calendar_year, 12, 31);
    return year_is_leap(calendar_year) ? LEAP_YEAR_DAYS : YEAR_DAYS;
}

/* The interest of one day. */
static bool
earn(struct worked_account *account, const struct worked_terms *terms,
     struct schedule_cursor *rates, int64_t year_days, day_t day, struct fault *fault)
{
    i128 earned;

    if (account->principal == 0)
        return true;
    if (!cursor_move(rates, day) || rates->value == VALUE_NOT_KNOWN)
        return fault_at(fault, FAULT_NOT_KNOWN, "interest rate", day);
    if (rates->value < 0)
        return fault_at(fault, FAULT_NEGATIVE, "interest rate", day);
    if (rates->value > RATE_UNITS_IN_ONE)
        return fault_at(fault, FAULT_ABOVE_HUNDRED, "interest rate", day);
    earned = divide_half_away(account->principal * rates->value, RATE_UNITS_IN_ONE * year_days);
    if (terms->rounding == ROUNDED_DAILY)
        earned = whole_pence(earned) * WORKED_SCALE;
    account->interest += earned;
    return is_within_limit(account) || fault_at(fault, FAULT_OUT_OF_RANGE, "balance", day);
}

/*
 * What is owed at the close of a day, less what is held, in pence.  Movements are in the order of
 * their days, one a day; those after as_at do not count.
 */
bool
worked_balance(const struct worked_terms *terms, const struct movement *movements, int32_t count,
               day_t as_at, int64_t *pence, struct fault *fault)
{
    struct worked_account account = {0};
    struct schedule_cursor rates = cursor_at_start(terms->rates);
    day_t interval_ends_on = DAY_FIRST - 1;
    day_t month_ends_on = DAY_FIRST - 1;
    day_t year_ends_on = DAY_FIRST - 1;
    int64_t year_days = YEAR_DAYS;
    int32_t next = 0;

    for (day_t day = count > 0 ? movements[0].day : as_at + 1; day <= as_at; day++) {
        if (day > interval_ends_on)
            interval_ends_on = growth_period_end(&terms->capitalised, day);
        if (day > month_ends_on)
            month_ends_on = interval_end(day, 1, (struct year_day){0});
        if (day > year_ends_on)
            year_days = length_of_year(terms->year, day, &year_ends_on);
        if (terms->ends != ENDS_FIRST_LEFT_OUT && next < count && movements[next].day == day &&
            !enter(&account, movements[next++].pence))
            return fault_at(fault, FAULT_OUT_OF_RANGE, "balance", day);
        if ((terms->ends != ENDS_LAST_LEFT_OUT || day < as_at) &&
            !earn(&account, terms, &rates, year_days, day, fault))
            return false;
        if (day == interval_ends_on) {
            account.principal += account.interest;
            account.interest = 0;
        }
        if (day == month_ends_on && terms->rounding == ROUNDED_MONTHLY) {
            account.principal = whole_pence(account.principal) * WORKED_SCALE;
            account.interest = whole_pence(account.interest) * WORKED_SCALE;
        }
        if (next < count && movements[next].day == day && !enter(&account, movements[next++].pence))
            return fault_at(fault, FAULT_OUT_OF_RANGE, "balance", day);
    }
    *pence = whole_pence(account.principal + account.interest) - account.held;
    return true;
}
