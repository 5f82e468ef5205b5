/*
 * balance_sql.c: the aggregate balance(amount, on_day, rates, day_count, capitalised, as_at).
 *
 * Whoever calls its parts may be another aggregate, with arguments of its own, and may make the
 * function's FmgrInfo anew for each row; so nothing is kept beside the function and nothing is
 * judged by how the query is written.  A group's state is in the aggregate's memory, what rows of
 * all groups share in growth_cache.c.
 *
 * Must not know: tables; how growth is worked out (interest.c).
 */
#include "postgres.h"
#include "libpq/pqformat.h"

#include "balance_state.h"
#include "entry.h"
#include "numeric_io.h"
#include "schedule_arg.h"

void
care_sum_too_large(void)
{
    ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                    care_errconstraint("balance_in_range"), errmsg("the balance is out of range"),
                    errdetail("Amounts must be under 10000000000.")));
}

MemoryContext
care_aggregate_memory(FunctionCallInfo fcinfo)
{
    MemoryContext context;

    if (!AggCheckCallContext(fcinfo, &context))
        elog(ERROR, "aggregate function called in non-aggregate context");
    return context;
}

static void
require_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
    if (unlikely(PG_ARGISNULL(argument)))
        ereport(ERROR,
                (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), care_errconstraint("argument_not_null"),
                 errmsg("%s must not be null", name)));
}

/*
 * Add (or, for a moving window, take away) so many pence from the day in argument 2, on the terms
 * in arguments 3 to 6; where a rate is not known and that is to be no error, note it.
 */
void
care_balance_count(FunctionCallInfo fcinfo, struct balance_state *state, int64_t pence,
                   bool if_known)
{
    static const char *const names[] = {"on_day", "rates", "day_count", "capitalised", "as_at"};
    struct growth_key key;
    growth_t growth;
    day_t on_day;

    for (int i = 0; i < (int)lengthof(names); i++)
        require_argument(fcinfo, 2 + i, names[i]);
    on_day = care_day(PG_GETARG_DATEADT(2), "on_day");
    for (int i = 0; i < GROWTH_KEY_PARTS; i++)
        key.given[i] = PG_GETARG_VARLENA_PP(3 + i);
    key.as_at = care_day(PG_GETARG_DATEADT(6), "as_at");
    care_refer_to_growth(&state->terms, &key);
    growth = care_cached_growth(&state->terms, &key, on_day, if_known);
    if (unlikely(growth == 0))
        state->not_known = true;
    else if (!growth_sum_add(&state->sum, pence, growth))
        care_sum_too_large();
}

/* Add a row; one without an amount is passed over, as sum() does. */
static Datum
add_row(FunctionCallInfo fcinfo, bool if_known)
{
    MemoryContext context = care_aggregate_memory(fcinfo);
    struct balance_state *state = BALANCE_ARGUMENT(0);

    if (state == NULL)
        state = MemoryContextAllocZero(context, sizeof *state);
    if (!PG_ARGISNULL(1)) {
        care_balance_count(fcinfo, state, care_numeric_pence(PG_GETARG_DATUM(1), "amount"),
                           if_known);
        state->rows++;
    }
    PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(care_balance_add);
Datum
care_balance_add(PG_FUNCTION_ARGS)
{
    return add_row(fcinfo, false);
}

/* The same for balance_if_known, whose result is null where a rate that it needs is not known. */
PG_FUNCTION_INFO_V1(care_balance_add_if_known);
Datum
care_balance_add_if_known(PG_FUNCTION_ARGS)
{
    return add_row(fcinfo, true);
}

/* Take a row away again, for a moving window: exact, so nothing is lost. */
PG_FUNCTION_INFO_V1(care_balance_remove);
Datum
care_balance_remove(PG_FUNCTION_ARGS)
{
    struct balance_state *state = BALANCE_ARGUMENT(0);

    care_aggregate_memory(fcinfo);
    if (state == NULL)
        elog(ERROR, "balance has no state to take a row from");
    if (!PG_ARGISNULL(1)) {
        care_balance_count(fcinfo, state, -care_numeric_pence(PG_GETARG_DATUM(1), "amount"), false);
        state->rows--;
    }
    PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(care_balance_combine);
Datum
care_balance_combine(PG_FUNCTION_ARGS)
{
    MemoryContext context = care_aggregate_memory(fcinfo);
    struct balance_state *left = BALANCE_ARGUMENT(0);
    const struct balance_state *right = BALANCE_ARGUMENT(1);

    if (left == NULL)
        left = MemoryContextAllocZero(context, sizeof *left);
    if (right != NULL) {
        if (!growth_sum_merge(&left->sum, &right->sum))
            care_sum_too_large();
        left->rows += right->rows;
        left->not_known |= right->not_known;
    }
    PG_RETURN_POINTER(left);
}

static void
send_i128(StringInfo message, i128 number)
{
    pq_sendint64(message, (uint64)((u128)number >> 64));
    pq_sendint64(message, (uint64)(u128)number);
}

static i128
receive_i128(StringInfo message)
{
    u128 high = (u128)(uint64)pq_getmsgint64(message) << 64;

    return (i128)(high | (uint64)pq_getmsgint64(message));
}

PG_FUNCTION_INFO_V1(care_balance_serial);
Datum
care_balance_serial(PG_FUNCTION_ARGS)
{
    const struct balance_state *state = (struct balance_state *)PG_GETARG_POINTER(0);
    StringInfoData message;

    pq_begintypsend(&message);
    send_i128(&message, state->sum.high);
    send_i128(&message, state->sum.low);
    pq_sendint64(&message, state->rows);
    pq_sendbyte(&message, state->not_known);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(care_balance_deserial);
Datum
care_balance_deserial(PG_FUNCTION_ARGS)
{
    const bytea *bytes = PG_GETARG_BYTEA_PP(0);
    struct balance_state *state = palloc0(sizeof *state);
    StringInfoData message;

    care_aggregate_memory(fcinfo);
    initStringInfo(&message);
    appendBinaryStringInfo(&message, VARDATA_ANY(bytes), (int)VARSIZE_ANY_EXHDR(bytes));
    state->sum.high = receive_i128(&message);
    state->sum.low = receive_i128(&message);
    state->rows = pq_getmsgint64(&message);
    state->not_known = pq_getmsgbyte(&message) != 0;
    pq_getmsgend(&message);
    PG_RETURN_POINTER(state);
}

/* The balance, rounded once; NULL when there was no amount, or a rate it needs is not known. */
PG_FUNCTION_INFO_V1(care_balance_final);
Datum
care_balance_final(PG_FUNCTION_ARGS)
{
    const struct balance_state *state = BALANCE_ARGUMENT(0);
    int64_t pence = 0;

    if (state == NULL || state->rows == 0 || state->not_known)
        PG_RETURN_NULL();
    if (!growth_sum_pence(&state->sum, &pence))
        care_sum_too_large();
    return care_pence_numeric(pence);
}
