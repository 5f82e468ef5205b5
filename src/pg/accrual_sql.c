/*
 * accrual_sql.c: the sum integral and the law of the care account, as SQL functions.
 *
 * Must not know: tables; how the law works (accrual.c).
 */
#include "postgres.h"
#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "../pure/accrual.h"
#include "../pure/cap_progress.h"
#include "entry.h"
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
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("argument_is_known_word"),
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
 * add up to what is shown: doc/calculations section 1.
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
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    run_law(&law, &walk);
    return (Datum)0;
}

/* The row type of a statement's lines; kept beside the function for the query. */
struct line_type {
    Oid row;
    TupleDesc columns;
};

/* Where the lines of a statement go, what it follows from, and the running total so far. */
struct statement {
    const struct line_type *type;
    ArrayBuildState *lines;
    day_t last_on; /* DAY_BEGINNING: it follows from none */
    int64_t closing_pence;
};

/* A line without a rate is about the last statement, and has no period either. */
static void
add_line(struct statement *statement, const char *what, day_t first_day, day_t last_day, int days,
         Datum rate, int64_t amount_pence)
{
    bool about_last = rate == (Datum)0;
    bool nulls[6] = {false, about_last, false, about_last, about_last, false};
    Datum columns[6] = {
        CStringGetTextDatum(what),
        DateADTGetDatum(first_day),
        DateADTGetDatum(last_day),
        Int32GetDatum(days),
        rate,
        care_pence_numeric(amount_pence),
    };
    HeapTuple line = heap_form_tuple(statement->type->columns, columns, nulls);

    statement->lines = accumArrayResult(statement->lines, HeapTupleGetDatum(line), false,
                                        statement->type->row, CurrentMemoryContext);
}

/* What follows the last statement; a line that began before it is cut. */
static bool
state_line(void *context, const struct accrual_line *line)
{
    struct statement *statement = context;
    int64_t pence = (int64_t)pence_from_sevenths(line->accrued_sevenths);
    bool counted = line->kind == LINE_METERED || line->kind == LINE_HELD;
    day_t first_day = Max(line->first_day, statement->last_on + 1);

    if (line->last_day <= statement->last_on)
        return true;
    add_line(statement, line_names[line->kind], first_day, line->last_day,
             counted ? line->last_day - first_day + 1 : 0, care_units_numeric(line->weekly),
             pence - statement->closing_pence);
    statement->closing_pence = pence;
    return true;
}

/* What the last statement said, and how that differs from what is known now of its day. */
static void
follow_statement(struct statement *statement, const struct cap_law *law, day_t from_day,
                 int64_t said_pence)
{
    struct accrual_walk walk = {
        .from_day = from_day, .to_day = statement->last_on, .stop_when_reached_after = DAY_LAST};

    if (statement->last_on >= from_day)
        statement->closing_pence =
            (int64_t)pence_from_sevenths(run_law(law, &walk).accrued_sevenths);
    add_line(statement, "on the last statement", 0, statement->last_on, 0, (Datum)0, said_pence);
    if (statement->closing_pence != said_pence)
        add_line(statement, "correction of the last statement", 0, statement->last_on, 0, (Datum)0,
                 statement->closing_pence - said_pence);
}

/* The row type whose array the function was declared to return. */
static const struct line_type *
line_type(FmgrInfo *function)
{
    struct line_type *type = function->fn_extra;

    if (type == NULL) {
        MemoryContext caller = MemoryContextSwitchTo(function->fn_mcxt);

        type = palloc(sizeof *type);
        type->row = get_element_type(get_fn_expr_rettype(function));
        type->columns = lookup_rowtype_tupdesc_copy(type->row, -1);
        function->fn_extra = type;
        MemoryContextSwitchTo(caller);
    }
    return type;
}

PG_FUNCTION_INFO_V1(care_statement_lines);
Datum
care_statement_lines(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"weekly", "cap", "from_day", "to_day"};
    struct cap_law law;
    struct statement statement = {.type = line_type(fcinfo->flinfo), .last_on = DAY_BEGINNING};
    struct accrual_walk walk = {
        .stop_when_reached_after = DAY_LAST, .sink = state_line, .context = &statement};

    care_require(fcinfo, lengthof(names), names);
    law = law_arguments(fcinfo, 4, 5, 6);
    walk.from_day = care_day(PG_GETARG_DATEADT(2), "from_day");
    walk.to_day = care_day(PG_GETARG_DATEADT(3), "to_day");
    statement.lines = initArrayResult(statement.type->row, CurrentMemoryContext, false);
    if (!PG_ARGISNULL(7) && !PG_ARGISNULL(8)) {
        statement.last_on = care_day(PG_GETARG_DATEADT(7), "last_on");
        follow_statement(&statement, &law, walk.from_day,
                         care_numeric_pence(PG_GETARG_DATUM(8), "last_accrued"));
    }
    run_law(&law, &walk);
    PG_RETURN_DATUM(makeArrayResult(statement.lines, CurrentMemoryContext));
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
                            care_errconstraint("argument_not_below"),
                            errmsg("%s must not be negative", names[i])));
    }
    if (!uprated_pence(amounts[0], amounts[1], amounts[2], &pence))
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), care_errconstraint("accrued_within_cap"),
                 errmsg("accrued is above old_cap"),
                 errdetail("Accrued costs are held at the cap once they reach it.")));
    return care_pence_numeric(pence);
}
