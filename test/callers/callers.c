/*
 * callers.c: calls into the library as other extensions make them, for the tests; never installed.
 *
 * relay           an aggregate over another: it has arguments of its own, hands the other's on from
 *                 a row, and may look the function up anew for each of them, as Citus does
 * kept            what a function leaves behind in memory where it is called many times
 * stored_*        a value of any bytes, such as a disk can bring back
 * schedule_find   has the name of a function of the library, and must not take its place
 *
 * Must not know: what any function of the library does.
 */
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

PG_MODULE_MAGIC;

extern int schedule_find(void);

int
schedule_find(void)
{
    return -1;
}

/* The state of the outer aggregate: the inner one's, and how it is called. */
struct relay {
    Oid transition;
    Oid final;
    Oid deserial;
    FmgrInfo *function; /* NULL if it is looked up anew for each row */
    Datum state;
    bool is_null;
};

static struct relay *
new_relay(MemoryContext context, Oid aggregate, bool anew)
{
    struct relay *relay = MemoryContextAllocZero(context, sizeof *relay);
    HeapTuple tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
    Form_pg_aggregate form;

    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "no such aggregate: %u", aggregate);
    form = (Form_pg_aggregate)GETSTRUCT(tuple);
    relay->transition = form->aggtransfn;
    relay->final = form->aggfinalfn;
    relay->deserial = form->aggdeserialfn;
    relay->is_null = true;
    if (!anew) {
        relay->function = MemoryContextAlloc(context, sizeof *relay->function);
        fmgr_info_cxt(relay->transition, relay->function, context);
    }
    ReleaseSysCache(tuple);
    return relay;
}

static Datum
relay_row(FunctionCallInfo fcinfo, bool anew)
{
    LOCAL_FCINFO(inner, FUNC_MAX_ARGS);
    HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(2);
    TupleDesc columns =
        lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
    HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row), .t_data = row};
    MemoryContext context;
    MemoryContext scratch;
    struct relay *relay;
    FmgrInfo *function;
    Datum values[FUNC_MAX_ARGS];
    bool nulls[FUNC_MAX_ARGS];

    if (!AggCheckCallContext(fcinfo, &context))
        elog(ERROR, "relay is an aggregate");
    relay = PG_ARGISNULL(0) ? new_relay(context, PG_GETARG_OID(1), anew)
                            : (struct relay *)PG_GETARG_POINTER(0);
    heap_deform_tuple(&tuple, columns, values, nulls);
    /* what the function keeps beside itself is gone when the row is done, and written over */
    scratch = AllocSetContextCreate(CurrentMemoryContext, "a row", ALLOCSET_DEFAULT_SIZES);
    function = relay->function;
    if (function == NULL) {
        function = MemoryContextAlloc(scratch, sizeof *function);
        fmgr_info_cxt(relay->transition, function, scratch);
    }
    InitFunctionCallInfoData(*inner, function, columns->natts + 1, PG_GET_COLLATION(),
                             fcinfo->context, NULL);
    inner->args[0].value = relay->state;
    inner->args[0].isnull = relay->is_null;
    for (int i = 0; i < columns->natts; i++) {
        inner->args[i + 1].value = values[i];
        inner->args[i + 1].isnull = nulls[i];
    }
    relay->state = FunctionCallInvoke(inner);
    relay->is_null = inner->isnull;
    MemoryContextDelete(scratch);
    PG_RETURN_POINTER(relay);
}

/* relay_add(internal, aggregate regprocedure, arguments record) */
PG_FUNCTION_INFO_V1(relay_add);
Datum
relay_add(PG_FUNCTION_ARGS)
{
    return relay_row(fcinfo, false);
}

PG_FUNCTION_INFO_V1(relay_add_anew);
Datum
relay_add_anew(PG_FUNCTION_ARGS)
{
    return relay_row(fcinfo, true);
}

/* relay_read(internal, aggregate regprocedure, state bytea): a state as a worker sent it. */
PG_FUNCTION_INFO_V1(relay_read);
Datum
relay_read(PG_FUNCTION_ARGS)
{
    LOCAL_FCINFO(inner, 2);
    MemoryContext context;
    MemoryContext caller;
    struct relay *relay;
    FmgrInfo function;

    if (!AggCheckCallContext(fcinfo, &context))
        elog(ERROR, "relay is an aggregate");
    relay = new_relay(context, PG_GETARG_OID(1), true);
    fmgr_info(relay->deserial, &function);
    InitFunctionCallInfoData(*inner, &function, 2, InvalidOid, fcinfo->context, NULL);
    inner->args[0].value = PG_GETARG_DATUM(2);
    inner->args[0].isnull = false;
    inner->args[1].value = (Datum)0;
    inner->args[1].isnull = false;
    caller = MemoryContextSwitchTo(context);
    relay->state = FunctionCallInvoke(inner);
    relay->is_null = inner->isnull;
    MemoryContextSwitchTo(caller);
    PG_RETURN_POINTER(relay);
}

/* The inner aggregate's result as text. */
PG_FUNCTION_INFO_V1(relay_final);
Datum
relay_final(PG_FUNCTION_ARGS)
{
    LOCAL_FCINFO(inner, 1);
    const struct relay *relay = PG_ARGISNULL(0) ? NULL : (struct relay *)PG_GETARG_POINTER(0);
    FmgrInfo function;
    Oid output;
    bool is_varlena;
    Datum result;

    if (relay == NULL)
        PG_RETURN_NULL();
    fmgr_info(relay->final, &function);
    InitFunctionCallInfoData(*inner, &function, 1, PG_GET_COLLATION(), fcinfo->context, NULL);
    inner->args[0].value = relay->state;
    inner->args[0].isnull = relay->is_null;
    result = FunctionCallInvoke(inner);
    if (inner->isnull)
        PG_RETURN_NULL();
    getTypeOutputInfo(get_func_rettype(relay->final), &output, &is_varlena);
    PG_RETURN_TEXT_P(cstring_to_text(OidOutputFunctionCall(output, result)));
}

/*
 * kept(function regproc, times integer, VARIADIC "any"): bytes that are still allocated in the
 * memory in which a function was called so many times, where its results are freed if they are
 * by reference; arguments are handed on as they are stored.
 */
PG_FUNCTION_INFO_V1(kept);
Datum
kept(PG_FUNCTION_ARGS)
{
    LOCAL_FCINFO(inner, FUNC_MAX_ARGS);
    int32 times = PG_GETARG_INT32(1);
    MemoryContext scratch =
        AllocSetContextCreate(CurrentMemoryContext, "calls", ALLOCSET_DEFAULT_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(scratch);
    FmgrInfo function;
    Size before = 0;
    Size after;
    int16 length;
    bool by_value;

    fmgr_info_cxt(PG_GETARG_OID(0), &function, caller);
    get_typlenbyval(get_func_rettype(function.fn_oid), &length, &by_value);
    for (int32 i = 0; i <= times; i++) {
        Datum result;

        InitFunctionCallInfoData(*inner, &function, PG_NARGS() - 2, PG_GET_COLLATION(), NULL, NULL);
        for (int argument = 2; argument < PG_NARGS(); argument++) {
            inner->args[argument - 2].value = PG_GETARG_DATUM(argument);
            inner->args[argument - 2].isnull = PG_ARGISNULL(argument);
        }
        result = FunctionCallInvoke(inner);
        if (!by_value && !inner->isnull)
            pfree(DatumGetPointer(result));
        /* what the first call sets up for all of them does not count */
        if (i == 0)
            before = MemoryContextMemAllocated(scratch, true);
    }
    after = MemoryContextMemAllocated(scratch, true);
    MemoryContextSwitchTo(caller);
    MemoryContextDelete(scratch);
    PG_RETURN_INT64((int64)(after - before));
}

/* stored_bytes(anyelement) → bytea: a value that is not passed by value, as it is stored. */
PG_FUNCTION_INFO_V1(stored_bytes);
Datum
stored_bytes(PG_FUNCTION_ARGS)
{
    int16 length = get_typlen(get_fn_expr_argtype(fcinfo->flinfo, 0));

    if (length < 0)
        PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P(0));
    PG_RETURN_BYTEA_P(cstring_to_text_with_len(PG_GETARG_POINTER(0), length));
}

/* stored_as(bytes bytea, like anyelement) → anyelement: whatever they mean to it. */
PG_FUNCTION_INFO_V1(stored_as);
Datum
stored_as(PG_FUNCTION_ARGS)
{
    int16 length = get_typlen(get_fn_expr_argtype(fcinfo->flinfo, 1));
    bytea *bytes = PG_GETARG_BYTEA_P(0);

    if (length >= 0 && VARSIZE_ANY_EXHDR(bytes) != (Size)length)
        elog(ERROR, "a value of %d bytes", length);
    PG_RETURN_POINTER(length < 0 ? (char *)bytes : VARDATA(bytes));
}
