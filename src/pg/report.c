/*
 * report.c: the one place where a fault of the mathematics becomes an error message.
 *
 * SQLSTATEs: 22P02 and 22P03 malformed input, 22003 out of range, 22004 a missing argument, 22023 a
 * bad argument, 54000 a limit of the product, 55000 a value that nobody has entered yet.
 *
 * Must not know: how anything is worked out.
 */
#include "postgres.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "../pure/interest.h"
#include "report.h"
#include "../pure/schedule.h"

/* Bytes of a malformed input that an error repeats. */
#define SHOWN_TEXT_LIMIT 80

/* A day as text, whatever the session's DateStyle. */
static char *
day_text(day_t day)
{
    struct calendar_day date;

    if (day == DAY_BEGINNING)
        return pstrdup("-infinity");
    if (!day_is_valid(day))
        return pstrdup("infinity");
    date = calendar_of(day);
    return psprintf("%04d-%02d-%02d", date.year, date.month, date.day);
}

int
care_errconstraint(const char *name)
{
    return err_generic_string(PG_DIAG_CONSTRAINT_NAME, name);
}

/* For an interest rate that is not known: the half-year of the national maximum it falls in. */
static int
hint_half_year(day_t day)
{
    int32_t year = calendar_of(day).year;
    bool first_half = calendar_of(day).month <= 6;

    return errhint("If the national maximum rate for %d-%s to %d-%s has been published, enter it "
                   "with care.record_national_max_rate().",
                   year, first_half ? "01-01" : "07-01", year, first_half ? "06-30" : "12-31");
}

static void
report_value(const struct fault *fault)
{
    const char *what = fault->what;
    char *day = day_text(fault->day);

    switch (fault->code) {
    case FAULT_BEFORE_FIRST_STEP:
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        care_errconstraint("schedule_begins_in_time"),
                        errmsg("the %s has no value before %s", what, day),
                        errhint("Begin the period on or after that day, or give the schedule an "
                                "earlier first step.")));
        break;
    case FAULT_NOT_KNOWN:
        ereport(ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                 care_errconstraint(strcmp(what, "interest rate") == 0 ? "interest_rate_known"
                                                                       : "value_known"),
                 errmsg("the %s is not known on %s", what, day),
                 strcmp(what, "interest rate") == 0
                     ? hint_half_year(fault->day)
                     : errhint("Enter the value that holds from that day.")));
        break;
    case FAULT_NEGATIVE:
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        care_errconstraint("schedule_not_negative"),
                        errmsg("the %s is negative on %s", what, day)));
        break;
    case FAULT_NOT_PENCE:
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("schedule_in_pence"),
                 errmsg("the %s is not in whole pence on %s", what, day)));
        break;
    case FAULT_ABOVE_HUNDRED:
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        care_errconstraint("schedule_is_percent"),
                        errmsg("the %s is above 100 per cent on %s", what, day)));
        break;
    case FAULT_OUT_OF_RANGE:
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        care_errconstraint("schedule_in_range"),
                        errmsg("the %s is out of range on %s", what, day),
                        errdetail("Amounts must be under 10000000000.")));
        break;
    case FAULT_INEXACT:
        ereport(ERROR,
                (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                 care_errconstraint("schedule_decimals"),
                 errmsg("a product on %s needs more than %d decimals", day, SCHEDULE_DECIMALS),
                 errhint("Values are never rounded unasked: multiply and round the rows of "
                         "care.steps() and gather them with care.schedule_agg().")));
        break;
    case FAULT_GROWTH_TOO_LARGE:
        ereport(ERROR,
                (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), care_errconstraint("growth_in_range"),
                 errmsg("growth from %s is out of range", day),
                 errdetail("Growth must be under 4294967296.")));
        break;
    default:
        elog(ERROR, "unexpected fault %d", (int)fault->code);
    }
}

/* Raise the error for a fault of an argument. */
void
care_report(const struct fault *fault)
{
    switch (fault->code) {
    case FAULT_FROM_AFTER_TO:
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("period_in_order"),
                 errmsg("the period ends before it begins on %s", day_text(fault->day)),
                 errhint("Both days count: for a single day, give it twice.")));
        break;
    case FAULT_DAY_OUT_OF_RANGE:
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        care_errconstraint("day_in_range"), errmsg("day out of range"),
                        errdetail("Days must be from 0001-01-01 to 9999-12-31.")));
        break;
    case FAULT_TOO_MANY_STEPS:
        ereport(ERROR,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), care_errconstraint("schedule_steps"),
                 errmsg("a schedule has more than %d steps", SCHEDULE_MAX_STEPS)));
        break;
    case FAULT_DAY_TWICE:
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        care_errconstraint("schedule_one_value_a_day"),
                        errmsg("a schedule has two values from %s", day_text(fault->day)),
                        errhint("Leave one of them out.")));
        break;
    default:
        report_value(fault);
    }
    pg_unreachable();
}

/* The same for text or bytes that came from outside; softly where the caller can take it softly. */
Datum
care_report_input(const struct fault *fault, const char *text, struct Node *context)
{
    int code = ERRCODE_INVALID_TEXT_REPRESENTATION;
    char *detail = NULL;
    int shown;

    switch (fault->code) {
    case FAULT_SYNTAX:
        detail = psprintf("At character %d: expected JSON such as {\"2015-04-01\": 2.65}.",
                          fault->position + 1);
        break;
    case FAULT_NO_SUCH_DAY:
        detail = psprintf("At character %d: there is no such day.", fault->position + 1);
        break;
    case FAULT_TOO_PRECISE:
        detail = psprintf("At character %d: a value has at most %d decimals.", fault->position + 1,
                          SCHEDULE_DECIMALS);
        break;
    case FAULT_OUT_OF_RANGE:
        code = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
        detail =
            psprintf("At character %d: values must be under 10000000000.", fault->position + 1);
        break;
    case FAULT_NO_STEPS:
        detail = pstrdup("A schedule has at least one step.");
        break;
    case FAULT_DAY_TWICE:
        detail = psprintf("The day %s stands twice.", day_text(fault->day));
        break;
    case FAULT_UNSORTED:
        detail = psprintf("The day %s stands after a later one.", day_text(fault->day));
        break;
    case FAULT_TOO_MANY_STEPS:
        code = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
        detail = psprintf("A schedule has at most %d steps.", SCHEDULE_MAX_STEPS);
        break;
    default:
        care_report(fault);
    }
    shown = pg_mbcliplen(text, (int)strlen(text), SHOWN_TEXT_LIMIT);
    care_return_error(context, (errcode(code),
                                errmsg("invalid schedule: \"%.*s%s\"", shown, text,
                                       text[shown] == '\0' ? "" : "..."),
                                errdetail("%s", detail)));
}

void
care_require_slow(FunctionCallInfo fcinfo, int count, const char *const *names)
{
    for (int i = 0; i < count; i++)
        if (PG_ARGISNULL(i))
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                            care_errconstraint("argument_not_null"),
                            errmsg("%s must not be null", names[i])));
    pg_unreachable();
}

/* A date as a day, within the calendar. */
day_t
care_day(DateADT date, const char *name)
{
    if (!day_is_valid(date))
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                        care_errconstraint("argument_is_day"), errmsg("%s is out of range", name),
                        errdetail("Days must be from 0001-01-01 to 9999-12-31.")));
    return date;
}
