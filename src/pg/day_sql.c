/*
 * day_sql.c: days on which something falls due, as SQL functions.
 *
 * Must not know: schedules, what is due.
 */
#include "postgres.h"
#include "fmgr.h"

#include "../pure/day.h"
#include "report.h"

/*
 * The last day on or before as_at that is one or more times so many months after starts_on, counted
 * from it so that the 31st stays the 31st; NULL before the first.
 */
PG_FUNCTION_INFO_V1(care_last_due_date);
Datum
care_last_due_date(PG_FUNCTION_ARGS)
{
    day_t starts_on = care_day(PG_GETARG_DATEADT(0), "starts_on");
    int32_t months = PG_GETARG_INT32(1);
    day_t as_at = care_day(PG_GETARG_DATEADT(2), "as_at");
    int32_t times;

    if (months < 1 || months > 1200)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("months must be from 1 to 1200")));
    if (as_at <= starts_on)
        PG_RETURN_NULL();
    times = ((calendar_of(as_at).year - calendar_of(starts_on).year) * 12 +
             calendar_of(as_at).month - calendar_of(starts_on).month) /
            months;
    if (times > 0 && day_after_months(starts_on, times * months) > as_at)
        times--;
    if (times < 1)
        PG_RETURN_NULL();
    PG_RETURN_DATEADT(day_after_months(starts_on, times * months));
}

/* The day itself, or an error: a figure as at no day is none. */
PG_FUNCTION_INFO_V1(care_required_day);
Datum
care_required_day(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"as_at"};

    care_require(fcinfo, lengthof(names), names);
    PG_RETURN_DATEADT(care_day(PG_GETARG_DATEADT(0), names[0]));
}
