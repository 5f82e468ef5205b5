/*
 * day_sql.c: days, as SQL functions: the day it is in London, a day as text, and days on which
 * something falls due.
 *
 * Must not know: schedules, what is due.
 */
#include "postgres.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "../pure/day.h"
#include "entry.h"
#include "report.h"

/*
 * The day it is in London at a moment.  The same moment is asked about row after row, so the last
 * answer is kept; the server keeps a zone for the life of the process.
 */
static DateADT
day_in_london(TimestampTz moment)
{
    static pg_tz *london = NULL;
    static TimestampTz last_moment;
    static DateADT last_day;
    struct pg_tm local;
    fsec_t fraction;
    int offset;

    if (TIMESTAMP_IS_NOBEGIN(moment))
        return DATEVAL_NOBEGIN;
    if (TIMESTAMP_IS_NOEND(moment))
        return DATEVAL_NOEND;
    if (london != NULL && moment == last_moment)
        return last_day;
    if (london == NULL && (london = pg_tzset("Europe/London")) == NULL)
        ereport(ERROR, (errcode(ERRCODE_CONFIG_FILE_ERROR),
                        errmsg("the server does not know the time zone \"%s\"", "Europe/London")));
    if (timestamp2tm(moment, &offset, &local, &fraction, NULL, london) != 0)
        ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
                        care_errconstraint("day_in_range"), errmsg("timestamp out of range")));
    last_day = date2j(local.tm_year, local.tm_mon, local.tm_mday) - POSTGRES_EPOCH_JDATE;
    last_moment = moment;
    return last_day;
}

PG_FUNCTION_INFO_V1(care_day_of);
Datum
care_day_of(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATEADT(day_in_london(PG_GETARG_TIMESTAMPTZ(0)));
}

/* The day it was in London when the transaction began. */
PG_FUNCTION_INFO_V1(care_today);
Datum
care_today(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATEADT(day_in_london(GetCurrentTransactionStartTimestamp()));
}

/* A day as ISO writes it, whatever the session's settings; or null. */
PG_FUNCTION_INFO_V1(care_day_text);
Datum
care_day_text(PG_FUNCTION_ARGS)
{
    char written[MAXDATELEN + 1] = "null";

    if (!PG_ARGISNULL(0)) {
        DateADT day = PG_GETARG_DATEADT(0);
        struct pg_tm date = {0};

        if (DATE_NOT_FINITE(day)) {
            EncodeSpecialDate(day, written);
        } else {
            j2date(day + POSTGRES_EPOCH_JDATE, &date.tm_year, &date.tm_mon, &date.tm_mday);
            EncodeDateOnly(&date, USE_ISO_DATES, written);
        }
    }
    PG_RETURN_TEXT_P(cstring_to_text(written));
}

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
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_in_range"),
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
