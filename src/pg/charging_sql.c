/*
 * charging_sql.c: the small sums of the charging rules as SQL functions.
 *
 * Must not know: the rules themselves (charging.h).
 */
#include "postgres.h"
#include "funcapi.h"
#include "miscadmin.h"

#include "../pure/charging.h"
#include "../pure/means.h"
#include "entry.h"
#include "numeric_io.h"
#include "report.h"

/* An amount in pounds as pence, not negative. */
static int64_t
amount_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
    int64_t pence = care_numeric_pence(PG_GETARG_DATUM(argument), name);

    if (pence < 0)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_not_below"),
                 errmsg("%s must not be negative", name)));
    return pence;
}

/* NULL above the upper limit: there the person pays in full and no tariff applies. */
PG_FUNCTION_INFO_V1(care_tariff_income);
Datum
care_tariff_income(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"capital", "lower_limit", "upper_limit"};
    int64_t amounts[3];

    care_require(fcinfo, lengthof(names), names);
    for (int i = 0; i < 3; i++)
        amounts[i] = amount_argument(fcinfo, i, names[i]);
    if (amounts[1] > amounts[2])
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("limits_in_order"),
                 errmsg("lower_limit is above upper_limit")));
    if (amounts[0] > amounts[2])
        PG_RETURN_NULL();
    return care_pence_numeric(tariff_income_pence(amounts[0], amounts[1]));
}

PG_FUNCTION_INFO_V1(care_weekly_deferral);
Datum
care_weekly_deferral(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"weekly_cost", "weekly_income", "allowance_kept",
                                        "third_party"};
    int64_t amounts[4];

    care_require(fcinfo, lengthof(names), names);
    for (int i = 0; i < 4; i++)
        amounts[i] = amount_argument(fcinfo, i, names[i]);
    return care_pence_numeric(
        weekly_deferral_pence(amounts[0], amounts[1], amounts[2], amounts[3]));
}

PG_FUNCTION_INFO_V1(care_equity_limit);
Datum
care_equity_limit(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"value", "share", "prior_charges", "lower_capital_limit",
                                        "margin_percent"};

    care_require(fcinfo, lengthof(names), names);
    return care_pence_numeric(equity_limit_pence(
        amount_argument(fcinfo, 0, names[0]),
        care_numeric_fraction(PG_GETARG_DATUM(1), 1, names[1]),
        amount_argument(fcinfo, 2, names[2]), amount_argument(fcinfo, 3, names[3]),
        care_numeric_fraction(PG_GETARG_DATUM(4), 100, names[4])));
}

/*
 * means_tested_projection: a row a week, up to the week in which the cap is reached, or for a
 * hundred years.
 */
PG_FUNCTION_INFO_V1(care_means_tested_projection);
Datum
care_means_tested_projection(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {
        "weekly_cost", "daily_living_cost", "weekly_income", "allowance_kept", "capital",
        "lower_limit", "upper_limit",       "cap",           "top_up"};
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    int64_t amounts[lengthof(names)];
    struct means_case means;
    struct means_week week = {0};

    care_require(fcinfo, lengthof(names), names);
    for (int i = 0; i < (int)lengthof(names); i++)
        amounts[i] = amount_argument(fcinfo, i, names[i]);
    if (amounts[5] > amounts[6])
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("limits_in_order"),
                 errmsg("lower_limit is above upper_limit")));
    means = (struct means_case){.weekly_cost = amounts[0],
                                .daily_living_cost = amounts[1],
                                .weekly_income = amounts[2],
                                .allowance_kept = amounts[3],
                                .lower_limit = amounts[5],
                                .upper_limit = amounts[6],
                                .cap = amounts[7],
                                .top_up = amounts[8]};
    week.capital = amounts[4];
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    for (int number = 1; number <= MEANS_WEEKS_LIMIT; number++) {
        bool nulls[5] = {false};
        Datum columns[5];

        CHECK_FOR_INTERRUPTS();
        week = means_next(&means, week.capital, week.accrued);
        columns[0] = Int32GetDatum(number);
        columns[1] = care_pence_numeric(week.tariff_income);
        columns[2] = care_pence_numeric(week.charge);
        columns[3] = care_pence_numeric(week.capital);
        columns[4] = care_pence_numeric(week.accrued);
        tuplestore_putvalues(result->setResult, result->setDesc, columns, nulls);
        if (week.accrued == means.cap)
            break;
    }
    return (Datum)0;
}
