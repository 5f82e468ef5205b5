/*
 * accrual_sql.c: the sum integral and the law of the care account, as SQL functions.
 *
 * Must not know: tables; how the law works (accrual.c).
 */
#include "postgres.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "accrual.h"
#include "cap_progress.h"
#include "numeric_io.h"
#include "schedule_arg.h"

PG_FUNCTION_INFO_V1(care_accrued);
Datum
care_accrued(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"weekly", "from_day", "to_day"};
    struct fault fault = {0};
    int64_t pence = 0;

    care_require(fcinfo, lengthof(names), names);
    if (!accrued_pence(PG_GETARG_SCHEDULE(0), care_day(PG_GETARG_DATEADT(1), "from_day"),
                       care_day(PG_GETARG_DATEADT(2), "to_day"), &pence, &fault))
        care_report(&fault);
    return care_pence_numeric(pence);
}

/* reach: 'reach' when accrued >= cap counts as reached, 'exceed' when only accrued > cap does. */
static bool
reach_by_exceeding(FunctionCallInfo fcinfo, int argument)
{
    const text *word = PG_ARGISNULL(argument) ? NULL : PG_GETARG_TEXT_PP(argument);
    size_t length = word == NULL ? 0 : VARSIZE_ANY_EXHDR(word);

    if (length == 5 && memcmp(VARDATA_ANY(word), "reach", length) == 0)
        return false;
    if (length == 6 && memcmp(VARDATA_ANY(word), "exceed", length) == 0)
        return true;
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("reach must be 'reach' or 'exceed'")));
}

/* The arguments that every function of the law has: the first two and three of the last. */
static struct cap_law
law_arguments(FunctionCallInfo fcinfo, int adjusted, int scales, int reach)
{
    return (struct cap_law){
        .weekly = PG_GETARG_SCHEDULE(0),
        .cap = PG_GETARG_SCHEDULE(1),
        .adjusted = care_optional_schedule(fcinfo, adjusted),
        .scales = care_optional_schedule(fcinfo, scales),
        .reach_by_exceeding = reach_by_exceeding(fcinfo, reach),
    };
}

static struct cap_state
run_law(const struct cap_law *law, const struct accrual_walk *walk)
{
    struct fault fault = {0};
    struct cap_state state;

    if (!accrue(law, walk, &state, &fault))
        care_report(&fault);
    return state;
}

PG_FUNCTION_INFO_V1(care_cap_progress);
Datum
care_cap_progress(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"weekly", "cap", "from_day", "to_day"};
    struct cap_progress *progress;
    struct cap_law law;
    struct cap_state state;
    struct accrual_walk walk = {.stop_when_reached_after = DAY_LAST};

    care_require(fcinfo, lengthof(names), names);
    law = law_arguments(fcinfo, 4, 5, 6);
    walk.from_day = care_day(PG_GETARG_DATEADT(2), "from_day");
    walk.to_day = care_day(PG_GETARG_DATEADT(3), "to_day");
    state = run_law(&law, &walk);
    progress = palloc0(sizeof *progress);
    progress->accrued_pence = (int64_t)pence_from_sevenths(state.accrued_sevenths);
    progress->cap_pence = state.cap / UNITS_PER_PENNY; /* exact: the law checks caps for it */
    if (!state.reached && progress->accrued_pence == progress->cap_pence)
        progress->flags = CAP_NOT_REACHED;
    PG_RETURN_POINTER(progress);
}

/* The day the cap was reached, as things stand at the close of to_day; NULL if it was not. */
PG_FUNCTION_INFO_V1(care_cap_reached_on);
Datum
care_cap_reached_on(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"weekly", "cap", "from_day"};
    struct cap_law law;
    struct cap_state state;
    struct accrual_walk walk = {0};

    care_require(fcinfo, lengthof(names), names);
    law = law_arguments(fcinfo, 3, 4, 5);
    walk.from_day = care_day(PG_GETARG_DATEADT(2), "from_day");
    walk.to_day = PG_ARGISNULL(6) ? DAY_LAST : care_day(PG_GETARG_DATEADT(6), "to_day");
    walk.stop_when_reached_after = PG_ARGISNULL(6) ? walk.from_day : DAY_LAST;
    state = run_law(&law, &walk);
    if (!state.reached)
        PG_RETURN_NULL();
    PG_RETURN_DATEADT(state.reached_on);
}

/* The first day after as_at on which the cap will be reached; NULL if it is already, or never. */
PG_FUNCTION_INFO_V1(care_cap_projected_on);
Datum
care_cap_projected_on(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"weekly", "cap", "from_day", "as_at"};
    struct cap_law law;
    struct cap_state state;
    struct accrual_walk walk = {.to_day = DAY_LAST};
    day_t as_at;

    care_require(fcinfo, lengthof(names), names);
    law = law_arguments(fcinfo, 4, 5, 6);
    walk.from_day = care_day(PG_GETARG_DATEADT(2), "from_day");
    as_at = care_day(PG_GETARG_DATEADT(3), "as_at");
    walk.stop_when_reached_after = Max(as_at, walk.from_day);
    state = run_law(&law, &walk);
    if (!state.reached || state.reached_on <= as_at)
        PG_RETURN_NULL();
    PG_RETURN_DATEADT(state.reached_on);
}

/* Where the lines of a working go, and the running total the last one closed at. */
struct working {
    ReturnSetInfo *result;
    int64_t closing_pence;
};

static const char *const line_names[] = {
    [LINE_METERED] = "metered",
    [LINE_UPRATING] = "uprating",
    [LINE_ADJUSTMENT] = "adjustment",
    [LINE_HELD] = "held at the cap",
};

/*
 * A line of the working.  Its amount is the difference of two rounded running totals, so the lines
 * add up to what is shown: doc/calculations.md section 1.
 */
static bool
put_line(void *context, const struct accrual_line *line)
{
    struct working *working = context;
    int64_t pence = (int64_t)pence_from_sevenths(line->accrued_sevenths);
    bool counted = line->kind == LINE_METERED || line->kind == LINE_HELD;
    bool nulls[8] = {false};
    Datum columns[8] = {
        DateADTGetDatum(line->first_day),
        DateADTGetDatum(line->last_day),
        Int32GetDatum(counted ? line->last_day - line->first_day + 1 : 0),
        CStringGetTextDatum(line_names[line->kind]),
        care_units_numeric(line->weekly),
        care_units_numeric(line->cap),
        care_pence_numeric(pence - working->closing_pence),
        care_pence_numeric(pence),
    };

    working->closing_pence = pence;
    tuplestore_putvalues(working->result->setResult, working->result->setDesc, columns, nulls);
    return true;
}

PG_FUNCTION_INFO_V1(care_cap_working);
Datum
care_cap_working(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"weekly", "cap", "from_day", "to_day"};
    struct cap_law law;
    struct working working = {.result = (ReturnSetInfo *)fcinfo->resultinfo};
    struct accrual_walk walk = {
        .stop_when_reached_after = DAY_LAST, .sink = put_line, .context = &working};

    care_require(fcinfo, lengthof(names), names);
    law = law_arguments(fcinfo, 4, 5, 6);
    walk.breaks = care_optional_schedule(fcinfo, 7);
    walk.from_day = care_day(PG_GETARG_DATEADT(2), "from_day");
    walk.to_day = care_day(PG_GETARG_DATEADT(3), "to_day");
    InitMaterializedSRF(fcinfo, 0);
    run_law(&law, &walk);
    return (Datum)0;
}

PG_FUNCTION_INFO_V1(care_uprate);
Datum
care_uprate(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"accrued", "old_cap", "new_cap"};
    int64_t amounts[3];
    int64_t pence = 0;

    care_require(fcinfo, lengthof(names), names);
    for (int i = 0; i < 3; i++) {
        amounts[i] = care_numeric_pence(PG_GETARG_DATUM(i), names[i]);
        if (amounts[i] < 0)
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("%s must not be negative", names[i])));
    }
    if (!uprated_pence(amounts[0], amounts[1], amounts[2], &pence))
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("accrued is above old_cap"),
                 errdetail("Accrued costs are held at the cap once they reach it.")));
    return care_pence_numeric(pence);
}
