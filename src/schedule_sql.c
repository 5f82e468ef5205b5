/*
 * schedule_sql.c: care.schedule as PostgreSQL meets it.
 *
 * Thin wrappers over schedule.c and schedule_io.c: arguments in, faults to errors, results out.
 *
 * Must not know: what a value means, integrals.
 */
#include "postgres.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "numeric_io.h"
#include "schedule_arg.h"

/* The binary form's first byte: a later form would begin with another. */
#define BINARY_FORM 1

/* A new stored schedule with room for so many steps, and where to write them. */
struct varlena *
care_schedule_allocate(int32_t capacity, struct schedule_writer *writer)
{
    struct varlena *stored = palloc0(STORED_SIZE(capacity));

    writer->steps = (uint8_t *)VARDATA(stored) + STORED_HEADER_SIZE;
    writer->count = 0;
    writer->capacity = capacity;
    return stored;
}

/* Close it at the steps that were written. */
Datum
care_schedule_finish(struct varlena *stored, const struct schedule_writer *writer)
{
    uint16 header[2] = {0, (uint16)writer->count};

    SET_VARSIZE(stored, STORED_SIZE(writer->count));
    memcpy(VARDATA(stored), header, sizeof header);
    return PointerGetDatum(stored);
}

/* Read text; every step has a colon, so colons bound the room that is needed. */
static Datum
parse_schedule(char *text, struct Node *context)
{
    struct fault fault = {0};
    struct schedule_writer writer;
    struct varlena *stored;
    int32_t colons = 0;

    for (const char *at = text; *at != '\0' && colons <= SCHEDULE_MAX_STEPS; at++)
        colons += *at == ':';
    stored = care_schedule_allocate(colons, &writer);
    if (!schedule_parse(text, strlen(text), &writer, &fault))
        return care_report_input(&fault, text, context);
    return care_schedule_finish(stored, &writer);
}

PG_FUNCTION_INFO_V1(care_schedule_in);
Datum
care_schedule_in(PG_FUNCTION_ARGS)
{
    return parse_schedule(PG_GETARG_CSTRING(0), fcinfo->context);
}

PG_FUNCTION_INFO_V1(care_schedule_out);
Datum
care_schedule_out(PG_FUNCTION_ARGS)
{
    struct schedule schedule = PG_GETARG_SCHEDULE(0);
    char *text = palloc(schedule_format_limit(schedule));

    schedule_format(schedule, text);
    PG_RETURN_CSTRING(text);
}

PG_FUNCTION_INFO_V1(care_schedule_recv);
Datum
care_schedule_recv(PG_FUNCTION_ARGS)
{
    StringInfo message = (StringInfo)PG_GETARG_POINTER(0);
    struct fault fault = {0};
    struct schedule_writer writer = {0};
    struct varlena *stored = NULL;
    int form = pq_getmsgbyte(message);
    int32_t count = (int32_t)pq_getmsgint(message, sizeof(int32_t));
    int length = message->len - message->cursor;

    if (form == BINARY_FORM && count >= 1 && count <= SCHEDULE_MAX_STEPS)
        stored = care_schedule_allocate(count, &writer);
    if (stored == NULL || !schedule_load((const uint8_t *)pq_getmsgbytes(message, length),
                                         (size_t)length, count, &writer, &fault))
        ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                        errmsg("invalid binary form of a schedule")));
    return care_schedule_finish(stored, &writer);
}

PG_FUNCTION_INFO_V1(care_schedule_send);
Datum
care_schedule_send(PG_FUNCTION_ARGS)
{
    struct schedule schedule = PG_GETARG_SCHEDULE(0);
    int length = schedule.count * SCHEDULE_STEP_SIZE;
    StringInfoData message;

    pq_begintypsend(&message);
    pq_sendbyte(&message, BINARY_FORM);
    pq_sendint32(&message, (uint32)schedule.count);
    enlargeStringInfo(&message, length);
    schedule_store(schedule, (uint8_t *)message.data + message.len);
    message.len += length;
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(care_schedule_from_jsonb);
Datum
care_schedule_from_jsonb(PG_FUNCTION_ARGS)
{
    Jsonb *json = PG_GETARG_JSONB_P(0);

    /* jsonb keeps shorter keys first and the rest in order: -infinity, then the days as they come
     */
    return parse_schedule(JsonbToCString(NULL, &json->root, VARSIZE(json)), NULL);
}

PG_FUNCTION_INFO_V1(care_schedule_to_jsonb);
Datum
care_schedule_to_jsonb(PG_FUNCTION_ARGS)
{
    struct schedule schedule = PG_GETARG_SCHEDULE(0);
    char *text = palloc(schedule_format_limit(schedule));

    schedule_format(schedule, text);
    return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}

/* Canonical form: equal functions are equal bytes. */
static bool
schedules_equal(struct schedule left, struct schedule right)
{
    return left.count == right.count &&
           memcmp(left.steps, right.steps, (size_t)left.count * SCHEDULE_STEP_SIZE) == 0;
}

PG_FUNCTION_INFO_V1(care_schedule_eq);
Datum
care_schedule_eq(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(schedules_equal(PG_GETARG_SCHEDULE(0), PG_GETARG_SCHEDULE(1)));
}

PG_FUNCTION_INFO_V1(care_schedule_ne);
Datum
care_schedule_ne(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(!schedules_equal(PG_GETARG_SCHEDULE(0), PG_GETARG_SCHEDULE(1)));
}

PG_FUNCTION_INFO_V1(care_schedule_hash);
Datum
care_schedule_hash(PG_FUNCTION_ARGS)
{
    struct schedule schedule = PG_GETARG_SCHEDULE(0);

    return hash_any(schedule.steps, schedule.count * SCHEDULE_STEP_SIZE);
}

PG_FUNCTION_INFO_V1(care_schedule_hash_extended);
Datum
care_schedule_hash_extended(PG_FUNCTION_ARGS)
{
    struct schedule schedule = PG_GETARG_SCHEDULE(0);

    return hash_any_extended(schedule.steps, schedule.count * SCHEDULE_STEP_SIZE,
                             (uint64)PG_GETARG_INT64(1));
}

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

/* The steps as rows (valid_from date, value numeric). */
PG_FUNCTION_INFO_V1(care_steps);
Datum
care_steps(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    struct schedule schedule = PG_GETARG_SCHEDULE(0);

    InitMaterializedSRF(fcinfo, 0);
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

/*
 * schedule_agg.  Its state is the points in the order they came, in the aggregate's memory; they
 * are sorted into a schedule once, at the end, in a copy.
 */
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
                (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("valid_from must not be null"),
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

    aggregate_memory(fcinfo);
    if (length % SCHEDULE_STEP_SIZE != 0)
        elog(ERROR, "invalid state of schedule_agg");
    points = new_points(CurrentMemoryContext);
    reserve_points(points, (int32_t)(length / SCHEDULE_STEP_SIZE));
    memcpy(points->steps, VARDATA_ANY(bytes), length);
    points->count = (int32_t)(length / SCHEDULE_STEP_SIZE);
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
