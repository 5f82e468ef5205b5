/*
 * schedule_sql.c: the type care.schedule: stored, text, binary and jsonb forms, equality, order and
 * hash.
 *
 * Must not know: the algebra, what a value means.
 */
#include "postgres.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "entry.h"
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

/*
 * What indexes, sorts and hash tables call: in memory that may live as long as they do, so a copy
 * that was made to detoast an argument is freed.
 */
static bool
arguments_are_equal(FunctionCallInfo fcinfo)
{
    struct varlena *left = PG_GETARG_VARLENA_PP(0);
    struct varlena *right = PG_GETARG_VARLENA_PP(1);
    bool equal = schedules_equal(care_stored_view(left), care_stored_view(right));

    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return equal;
}

static int
compare_arguments(FunctionCallInfo fcinfo)
{
    struct varlena *left = PG_GETARG_VARLENA_PP(0);
    struct varlena *right = PG_GETARG_VARLENA_PP(1);
    int order = schedule_compare(care_stored_view(left), care_stored_view(right));

    PG_FREE_IF_COPY(left, 0);
    PG_FREE_IF_COPY(right, 1);
    return order;
}

#define COMPARISON(name, result)                                                                   \
    PG_FUNCTION_INFO_V1(care_schedule_##name);                                                     \
    Datum care_schedule_##name(PG_FUNCTION_ARGS)                                                   \
    {                                                                                              \
        PG_RETURN_BOOL(result);                                                                    \
    }

COMPARISON(eq, arguments_are_equal(fcinfo))
COMPARISON(ne, !arguments_are_equal(fcinfo))
COMPARISON(lt, compare_arguments(fcinfo) < 0)
COMPARISON(le, compare_arguments(fcinfo) <= 0)
COMPARISON(gt, compare_arguments(fcinfo) > 0)
COMPARISON(ge, compare_arguments(fcinfo) >= 0)

PG_FUNCTION_INFO_V1(care_schedule_cmp);
Datum
care_schedule_cmp(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(compare_arguments(fcinfo));
}

PG_FUNCTION_INFO_V1(care_schedule_hash);
Datum
care_schedule_hash(PG_FUNCTION_ARGS)
{
    struct varlena *stored = PG_GETARG_VARLENA_PP(0);
    struct schedule schedule = care_stored_view(stored);
    Datum hash = hash_any(schedule.steps, schedule.count * SCHEDULE_STEP_SIZE);

    PG_FREE_IF_COPY(stored, 0);
    return hash;
}

PG_FUNCTION_INFO_V1(care_schedule_hash_extended);
Datum
care_schedule_hash_extended(PG_FUNCTION_ARGS)
{
    struct varlena *stored = PG_GETARG_VARLENA_PP(0);
    struct schedule schedule = care_stored_view(stored);
    Datum hash = hash_any_extended(schedule.steps, schedule.count * SCHEDULE_STEP_SIZE,
                                   (uint64)PG_GETARG_INT64(1));

    PG_FREE_IF_COPY(stored, 0);
    return hash;
}
