/*
 * schedule_agg_sql.c: the aggregate schedule_agg(valid_from, value).
 *
 * Its state is the points in the order they came, in the aggregate's memory; they are sorted into a
 * schedule once, at the end, in a copy.
 *
 * Must not know: what a value means.
 */
#include "postgres.h"

#include "entry.h"
#include "numeric_io.h"
#include "schedule_arg.h"

#define FIRST_CAPACITY 8

static struct schedule_writer *
new_points(MemoryContext context)
{
    struct schedule_writer *points = MemoryContextAllocZero(context, sizeof *points);

    points->capacity = FIRST_CAPACITY;
    points->steps = MemoryContextAlloc(context, (Size)FIRST_CAPACITY * SCHEDULE_STEP_SIZE);
    return points;
}

/* Room for so many more points; a limit of twice the steps lets both halves of a combination in. */
static void
reserve_points(struct schedule_writer *points, int32_t more)
{
    int32_t needed = points->count + more;

    if (needed > SCHEDULE_MAX_STEPS) {
        struct fault fault = {.code = FAULT_TOO_MANY_STEPS};

        care_report(&fault);
    }
    if (needed <= points->capacity)
        return;
    points->capacity = Max(points->capacity * 2, needed);
    points->steps = repalloc(points->steps, (Size)points->capacity * SCHEDULE_STEP_SIZE);
}

static void
add_point(struct schedule_writer *points, day_t day, int64_t value)
{
    uint8_t *step;

    reserve_points(points, 1);
    step = points->steps + (size_t)points->count * SCHEDULE_STEP_SIZE;
    memcpy(step, &day, sizeof day);
    memcpy(step + sizeof day, &value, sizeof value);
    points->count++;
}

static MemoryContext
aggregate_memory(FunctionCallInfo fcinfo)
{
    MemoryContext context;

    if (!AggCheckCallContext(fcinfo, &context))
        elog(ERROR, "aggregate function called in non-aggregate context");
    return context;
}

PG_FUNCTION_INFO_V1(care_schedule_agg_add);
Datum
care_schedule_agg_add(PG_FUNCTION_ARGS)
{
    MemoryContext context = aggregate_memory(fcinfo);
    struct schedule_writer *points;
    DateADT day;
    int64_t value = VALUE_NOT_KNOWN;

    points = PG_ARGISNULL(0) ? new_points(context) : (struct schedule_writer *)PG_GETARG_POINTER(0);
    if (PG_ARGISNULL(1))
        ereport(ERROR,
                (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), care_errconstraint("argument_not_null"),
                 errmsg("valid_from must not be null"),
                 errhint("To leave rows out, use FILTER (WHERE ...).")));
    day = PG_GETARG_DATEADT(1);
    if (day != DAY_BEGINNING)
        day = care_day(day, "valid_from");
    if (!PG_ARGISNULL(2))
        value = care_numeric_units(PG_GETARG_DATUM(2), "value");
    add_point(points, day, value);
    PG_RETURN_POINTER(points);
}

PG_FUNCTION_INFO_V1(care_schedule_agg_combine);
Datum
care_schedule_agg_combine(PG_FUNCTION_ARGS)
{
    MemoryContext context = aggregate_memory(fcinfo);
    struct schedule_writer *left =
        PG_ARGISNULL(0) ? NULL : (struct schedule_writer *)PG_GETARG_POINTER(0);
    struct schedule_writer *right =
        PG_ARGISNULL(1) ? NULL : (struct schedule_writer *)PG_GETARG_POINTER(1);

    if (right == NULL) {
        if (left == NULL)
            PG_RETURN_NULL();
        PG_RETURN_POINTER(left);
    }
    if (left == NULL)
        left = new_points(context);
    reserve_points(left, right->count);
    memcpy(left->steps + (size_t)left->count * SCHEDULE_STEP_SIZE, right->steps,
           (size_t)right->count * SCHEDULE_STEP_SIZE);
    left->count += right->count;
    PG_RETURN_POINTER(left);
}

PG_FUNCTION_INFO_V1(care_schedule_agg_serial);
Datum
care_schedule_agg_serial(PG_FUNCTION_ARGS)
{
    struct schedule_writer *points = (struct schedule_writer *)PG_GETARG_POINTER(0);
    Size length = (Size)points->count * SCHEDULE_STEP_SIZE;
    bytea *bytes = palloc(VARHDRSZ + length);

    SET_VARSIZE(bytes, VARHDRSZ + length);
    memcpy(VARDATA(bytes), points->steps, length);
    PG_RETURN_BYTEA_P(bytes);
}

PG_FUNCTION_INFO_V1(care_schedule_agg_deserial);
Datum
care_schedule_agg_deserial(PG_FUNCTION_ARGS)
{
    bytea *bytes = PG_GETARG_BYTEA_PP(0);
    Size length = VARSIZE_ANY_EXHDR(bytes);
    struct schedule_writer *points;
    bool valid = length % SCHEDULE_STEP_SIZE == 0;

    aggregate_memory(fcinfo);
    points = new_points(CurrentMemoryContext);
    reserve_points(points, (int32_t)(length / SCHEDULE_STEP_SIZE));
    memcpy(points->steps, VARDATA_ANY(bytes), (Size)(length - length % SCHEDULE_STEP_SIZE));
    points->count = (int32_t)(length / SCHEDULE_STEP_SIZE);
    for (int32_t i = 0; i < points->count; i++)
        valid = valid && step_is_valid(schedule_day(schedule_written(points), i),
                                       schedule_value(schedule_written(points), i));
    if (!valid)
        ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                        errmsg("invalid binary form of a state of schedule_agg")));
    PG_RETURN_POINTER(points);
}

PG_FUNCTION_INFO_V1(care_schedule_agg_final);
Datum
care_schedule_agg_final(PG_FUNCTION_ARGS)
{
    struct schedule_writer *points =
        PG_ARGISNULL(0) ? NULL : (struct schedule_writer *)PG_GETARG_POINTER(0);
    struct fault fault = {0};
    struct schedule_writer writer;
    struct varlena *stored;

    if (points == NULL)
        PG_RETURN_NULL();
    stored = care_schedule_allocate(points->count, &writer);
    memcpy(writer.steps, points->steps, (size_t)points->count * SCHEDULE_STEP_SIZE);
    writer.count = points->count;
    if (!schedule_sort(&writer, &fault))
        care_report(&fault);
    return care_schedule_finish(stored, &writer);
}
