/*
 * reach_sql.c: the day on which a debt comes to a limit, for SQL.
 *
 * Must not know: tables; how a debt grows (running.c).
 */
#include "postgres.h"
#include "utils/date.h"

#include "entry.h"
#include "numeric_io.h"
#include "report.h"
#include "schedule_arg.h"
#include "terms_arg.h"
#include "../pure/running.h"

enum {
    REACH_BALANCE,
    REACH_WEEKLY,
    REACH_YEARLY,
    REACH_RATES,
    REACH_DAY_COUNT,
    REACH_CAPITALISED,
    REACH_SINCE,
    REACH_LAST_DAY,
    REACH_LIMIT,
    REACH_ARGUMENTS
};

static const char *const names[] = {"balance", "weekly_amount", "yearly_charges",
                                    "rates",   "day_count",     "capitalised",
                                    "as_at",   "last_day",      "equity_limit"};

StaticAssertDecl(lengthof(names) == REACH_ARGUMENTS, "every argument has a name");

static int64_t
pence_added(FunctionCallInfo fcinfo, int argument)
{
    int64_t pence = care_numeric_pence(PG_GETARG_DATUM(argument), names[argument]);

    if (pence < 0)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_not_below"),
                 errmsg("%s must not be negative", names[argument])));
    return pence;
}

/* The first such day, no later than last_day; NULL if there is none. */
PG_FUNCTION_INFO_V1(care_limit_reached_on);
Datum
care_limit_reached_on(PG_FUNCTION_ARGS)
{
    struct growth_terms terms = {0};
    struct additions added = {0};
    struct fault fault = {0};
    day_t reached_on = NOT_REACHED;
    int64_t balance;
    int64_t limit;

    care_require(fcinfo, REACH_ARGUMENTS, names);
    balance = pence_added(fcinfo, REACH_BALANCE);
    added.weekly = pence_added(fcinfo, REACH_WEEKLY);
    added.yearly = pence_added(fcinfo, REACH_YEARLY);
    terms.rates = PG_GETARG_SCHEDULE(REACH_RATES);
    terms.day_count = care_day_count_argument(PG_GETARG_DATUM(REACH_DAY_COUNT));
    care_capitalised_argument(PG_GETARG_DATUM(REACH_CAPITALISED), &terms);
    added.since = care_day(PG_GETARG_DATEADT(REACH_SINCE), names[REACH_SINCE]);
    limit = care_numeric_pence(PG_GETARG_DATUM(REACH_LIMIT), names[REACH_LIMIT]);
    if (balance >= limit)
        PG_RETURN_DATEADT(added.since);
    if (!running_reach(&terms, balance, &added, limit,
                       care_day(PG_GETARG_DATEADT(REACH_LAST_DAY), names[REACH_LAST_DAY]),
                       &reached_on, &fault))
        care_report(&fault);
    if (reached_on == NOT_REACHED)
        PG_RETURN_NULL();
    PG_RETURN_DATEADT(reached_on);
}
