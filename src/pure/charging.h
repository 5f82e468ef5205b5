/*
 * charging.h: the small sums of the charging rules, in pence.
 *
 * Each is one line of doc/calculations sections 2 and 4.  Amounts are not negative and at most
 * PENCE_LIMIT.
 *
 * Must not know: dates, PostgreSQL.
 */
#ifndef CARE_CHARGING_H
#define CARE_CHARGING_H

#include "money.h"

#define TARIFF_STEP_PENCE INT64_C(25000) /* each £250 of capital, or part of it, */
#define TARIFF_INCOME_PENCE INT64_C(100) /* counts as £1 of income a week */

/*
 * Weekly income counted on capital between the limits: none at or below the lower.  Above the upper
 * there is no such figure, the person pays in full: the caller asks first.
 */
static inline int64_t
tariff_income_pence(int64_t capital, int64_t lower_limit)
{
    if (capital <= lower_limit)
        return 0;
    return (int64_t)divide_up(capital - lower_limit, TARIFF_STEP_PENCE) * TARIFF_INCOME_PENCE;
}

/* Weekly amount deferred: cost less income above the allowance, less third parties; never negative.
 */
static inline int64_t
weekly_deferral_pence(int64_t weekly_cost, int64_t weekly_income, int64_t allowance_kept,
                      int64_t third_party)
{
    int64_t contribution = weekly_income > allowance_kept ? weekly_income - allowance_kept : 0;
    int64_t deferral = weekly_cost - contribution - third_party;

    return deferral > 0 ? deferral : 0;
}

/*
 * Equity limit: (100 - margin) per cent of the person's share of the value, rounded to the penny,
 * less the lower capital limit and prior charges; never negative.  `share` (of 1) and
 * `margin` (of 100) are in units of 1/FRACTION_ONE.  The product is below 2^40 * 2^27 * 2^34.
 */
static inline int64_t
equity_limit_pence(int64_t value, int64_t share, int64_t prior_charges, int64_t lower_capital_limit,
                   int64_t margin)
{
    i128 usable = divide_half_away((i128)value * share * (100 * FRACTION_ONE - margin),
                                   (i128)FRACTION_ONE * FRACTION_ONE * 100);
    int64_t limit = (int64_t)usable - lower_capital_limit - prior_charges;

    return limit > 0 ? limit : 0;
}

#endif
