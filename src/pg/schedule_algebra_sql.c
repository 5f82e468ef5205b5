/*
 * schedule_algebra_sql.c: sums, products and the like of schedules, their values and their steps,
 * as SQL functions.
 *
 * Must not know: how a schedule is stored, what a value means, integrals.
 */
#include "postgres.h"
#include "funcapi.h"

#include "entry.h"
#include "numeric_io.h"
#include "schedule_arg.h"

/* left operator right, as a new stored schedule. */
static Datum
combine(enum schedule_operator operator, struct schedule left, struct schedule right)
{
    struct fault fault = {0};
    struct schedule_writer writer;
    struct varlena *stored =
        care_schedule_allocate(Min(left.count + right.count, SCHEDULE_MAX_STEPS), &writer);

    if (!schedule_combine(operator, left, right, &writer, &fault))
        care_report(&fault);
    return care_schedule_finish(stored, &writer);
}

/* A number is a schedule of one step; `step` is where it is kept. */
static struct schedule
constant_schedule(Datum number, uint8_t *step)
{
    struct fault fault = {0};
    struct schedule_writer writer = {.steps = step, .capacity = 1};

    if (!schedule_append(&writer, DAY_BEGINNING, care_numeric_units(number, "the number"), &fault))
        care_report(&fault);
    return schedule_written(&writer);
}

#define SCHEDULE_OPERATOR(name, operator)                                                          \
    PG_FUNCTION_INFO_V1(care_schedule_##name);                                                     \
    Datum care_schedule_##name(PG_FUNCTION_ARGS)                                                   \
    {                                                                                              \
        return combine(operator, PG_GETARG_SCHEDULE(0), PG_GETARG_SCHEDULE(1));                    \
    }

#define SCHEDULE_NUMBER_OPERATOR(name, operator)                                                   \
    PG_FUNCTION_INFO_V1(care_schedule_##name##_number);                                            \
    Datum care_schedule_##name##_number(PG_FUNCTION_ARGS)                                          \
    {                                                                                              \
        uint8_t step[SCHEDULE_STEP_SIZE];                                                          \
        struct schedule number = constant_schedule(PG_GETARG_DATUM(1), step);                      \
        return combine(operator, PG_GETARG_SCHEDULE(0), number);                                   \
    }

#define NUMBER_SCHEDULE_OPERATOR(name, operator)                                                   \
    PG_FUNCTION_INFO_V1(care_number_##name##_schedule);                                            \
    Datum care_number_##name##_schedule(PG_FUNCTION_ARGS)                                          \
    {                                                                                              \
        uint8_t step[SCHEDULE_STEP_SIZE];                                                          \
        struct schedule number = constant_schedule(PG_GETARG_DATUM(0), step);                      \
        return combine(operator, number, PG_GETARG_SCHEDULE(1));                                   \
    }

SCHEDULE_OPERATOR(add, SCHEDULE_ADD)
SCHEDULE_OPERATOR(subtract, SCHEDULE_SUBTRACT)
SCHEDULE_OPERATOR(multiply, SCHEDULE_MULTIPLY)
SCHEDULE_OPERATOR(least, SCHEDULE_LEAST)
SCHEDULE_OPERATOR(greatest, SCHEDULE_GREATEST)
SCHEDULE_NUMBER_OPERATOR(add, SCHEDULE_ADD)
SCHEDULE_NUMBER_OPERATOR(subtract, SCHEDULE_SUBTRACT)
SCHEDULE_NUMBER_OPERATOR(multiply, SCHEDULE_MULTIPLY)
SCHEDULE_NUMBER_OPERATOR(least, SCHEDULE_LEAST)
SCHEDULE_NUMBER_OPERATOR(greatest, SCHEDULE_GREATEST)
NUMBER_SCHEDULE_OPERATOR(add, SCHEDULE_ADD)
NUMBER_SCHEDULE_OPERATOR(subtract, SCHEDULE_SUBTRACT)
NUMBER_SCHEDULE_OPERATOR(multiply, SCHEDULE_MULTIPLY)

/* Steps 0, 1, 2 ... on the days on which either schedule has one. */
PG_FUNCTION_INFO_V1(care_schedule_changes);
Datum
care_schedule_changes(PG_FUNCTION_ARGS)
{
    struct fault fault = {0};
    struct schedule_cursor left = cursor_at_start(PG_GETARG_SCHEDULE(0));
    struct schedule_cursor right = cursor_at_start(PG_GETARG_SCHEDULE(1));
    struct schedule_writer writer;
    struct varlena *stored = care_schedule_allocate(
        Min(left.schedule.count + right.schedule.count, SCHEDULE_MAX_STEPS), &writer);
    day_t day;

    while ((day = Min(left.next_day, right.next_day)) <= DAY_LAST) {
        cursor_move(&left, day);
        cursor_move(&right, day);
        if (!schedule_append(&writer, day, writer.count, &fault))
            care_report(&fault);
    }
    return care_schedule_finish(stored, &writer);
}

/* The value on a day; NULL before the first step and where it is not known. */
PG_FUNCTION_INFO_V1(care_value_on);
Datum
care_value_on(PG_FUNCTION_ARGS)
{
    struct schedule schedule = PG_GETARG_SCHEDULE(0);
    int32_t step = schedule_find(schedule, care_day(PG_GETARG_DATEADT(1), "day"));

    if (step < 0 || schedule_value(schedule, step) == VALUE_NOT_KNOWN)
        PG_RETURN_NULL();
    return care_units_numeric(schedule_value(schedule, step));
}

/* The steps as rows (valid_from date, value numeric). */
PG_FUNCTION_INFO_V1(care_steps);
Datum
care_steps(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    struct schedule schedule = PG_GETARG_SCHEDULE(0);

    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    for (int32_t i = 0; i < schedule.count; i++) {
        int64_t value = schedule_value(schedule, i);
        Datum columns[2] = {DateADTGetDatum(schedule_day(schedule, i)), (Datum)0};
        bool nulls[2] = {false, value == VALUE_NOT_KNOWN};

        if (!nulls[1])
            columns[1] = care_units_numeric(value);
        tuplestore_putvalues(result->setResult, result->setDesc, columns, nulls);
    }
    return (Datum)0;
}
