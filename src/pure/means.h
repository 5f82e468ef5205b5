/*
 * means.h: a means-tested projection, week by week, of charge, capital and accrued costs.
 *
 * For planning under a scheme that counts what a person is charged: doc/calculations section 2,
 * "means-tested projection".  All amounts are pence, not negative and at most PENCE_LIMIT; weekly
 * ones a week.
 *
 * Must not know: dates, PostgreSQL.
 */
#ifndef CARE_MEANS_H
#define CARE_MEANS_H

#include "charging.h"

/* A hundred years: a projection that has not reached the cap by then does not reach it. */
#define MEANS_WEEKS_LIMIT 5218

struct means_case {
    int64_t weekly_cost;
    int64_t daily_living_cost;
    int64_t weekly_income;
    int64_t allowance_kept;
    int64_t top_up; /* paid by the person, never counted */
    int64_t lower_limit;
    int64_t upper_limit;
    int64_t cap;
};

struct means_week {
    int64_t tariff_income; /* nought where the person pays in full */
    int64_t charge;
    int64_t capital; /* at the end of the week */
    int64_t accrued; /* at the end of the week; the cap itself once it is reached */
};

/*
 * The week after one with this capital and accrued amount.  The charge is the cost above the upper
 * limit, else income above the allowance and tariff income, at most the cost; capital falls by what
 * income does not cover; what is charged above daily living costs counts.
 */
static inline struct means_week
means_next(const struct means_case *means, int64_t capital, int64_t accrued)
{
    int64_t income = means->weekly_income - means->allowance_kept;
    struct means_week week = {.charge = means->weekly_cost};

    if (capital <= means->upper_limit) {
        week.tariff_income = tariff_income_pence(capital, means->lower_limit);
        week.charge = income + week.tariff_income;
        if (week.charge < 0)
            week.charge = 0;
        if (week.charge > means->weekly_cost)
            week.charge = means->weekly_cost;
    }
    week.capital = capital - (week.charge + means->top_up - income);
    if (week.capital < 0)
        week.capital = 0;
    if (week.capital > PENCE_LIMIT)
        week.capital = PENCE_LIMIT;
    week.accrued = accrued;
    if (week.charge > means->daily_living_cost)
        week.accrued += week.charge - means->daily_living_cost;
    if (week.accrued > means->cap)
        week.accrued = means->cap;
    return week;
}

#endif
