/*
 * ledger_sql.c: the aggregate ledger(amount, on_day, rates, day_count, capitalised, as_at, kind,
 * owed): in one pass the balance of the entries that are still owed, and the plain sums of all of
 * them by kind.  The balance is NULL where a rate that it needs is not known: of many agreements
 * none fails the others.
 *
 * Must not know: tables; how a balance is worked out (balance_sql.c).
 */
#include "postgres.h"
#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"

#include "balance_state.h"
#include "numeric_io.h"
#include "terms_arg.h"

enum ledger_kind {
    LEDGER_CARE_FEES,
    LEDGER_ADMINISTRATION_CHARGE,
    LEDGER_OPENING_BALANCE,
    LEDGER_PAYMENT,
    LEDGER_WRITE_OFF,
    LEDGER_CARRIED,
    LEDGER_KINDS
};

static const struct care_word ledger_kinds[] = {
    CARE_WORD("care_fees", LEDGER_CARE_FEES),
    CARE_WORD("payment", LEDGER_PAYMENT),
    CARE_WORD("administration_charge", LEDGER_ADMINISTRATION_CHARGE),
    CARE_WORD("carried", LEDGER_CARRIED),
    CARE_WORD("opening_balance", LEDGER_OPENING_BALANCE),
    CARE_WORD("write_off", LEDGER_WRITE_OFF)};

struct ledger_state {
    struct balance_state balance;
    int64_t sums[LEDGER_KINDS]; /* pence */
};

PG_FUNCTION_INFO_V1(care_ledger_add);
Datum
care_ledger_add(PG_FUNCTION_ARGS)
{
    MemoryContext context = care_aggregate_memory(fcinfo);
    struct ledger_state *state = (struct ledger_state *)BALANCE_ARGUMENT(0);
    int64_t pence;
    int kind;

    if (state == NULL)
        state = MemoryContextAllocZero(context, sizeof *state);
    if (PG_ARGISNULL(1) || PG_ARGISNULL(7))
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                        errmsg("amount and kind must not be null")));
    pence = care_numeric_pence(PG_GETARG_DATUM(1), "amount");
    kind = care_word_argument(PG_GETARG_DATUM(7), ledger_kinds, lengthof(ledger_kinds), "kind");
    if (__builtin_add_overflow(state->sums[kind], pence, &state->sums[kind]))
        care_sum_too_large();
    if (!PG_ARGISNULL(8) && PG_GETARG_BOOL(8))
        care_balance_count(fcinfo, &state->balance, pence, true);
    PG_RETURN_POINTER(state);
}

/* A row of ledger_totals, all in pounds; noughts when there was no entry. */
PG_FUNCTION_INFO_V1(care_ledger_final);
Datum
care_ledger_final(PG_FUNCTION_ARGS)
{
    static const struct ledger_state none = {0};
    const struct ledger_state *state =
        PG_ARGISNULL(0) ? &none : (struct ledger_state *)PG_GETARG_POINTER(0);
    TupleDesc row;
    int64_t balance = 0;
    int64_t entries = 0;
    Datum values[6];
    bool nulls[6] = {false};

    if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE || row->natts != 6)
        elog(ERROR, "ledger must return a row of ledger_totals");
    if (!growth_sum_pence(&state->balance.sum, &balance))
        care_sum_too_large();
    for (int kind = 0; kind < LEDGER_KINDS; kind++)
        if (__builtin_add_overflow(entries, state->sums[kind], &entries))
            care_sum_too_large();
    values[0] =
        care_pence_numeric(state->sums[LEDGER_CARE_FEES] + state->sums[LEDGER_OPENING_BALANCE]);
    values[1] = care_pence_numeric(state->sums[LEDGER_ADMINISTRATION_CHARGE]);
    values[2] = care_pence_numeric(-state->sums[LEDGER_PAYMENT]);
    values[3] = care_pence_numeric(-state->sums[LEDGER_WRITE_OFF]);
    values[4] = care_pence_numeric(entries);
    values[5] = care_pence_numeric(balance);
    nulls[5] = state->balance.not_known;
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}
