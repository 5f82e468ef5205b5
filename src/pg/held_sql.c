/*
 * held_sql.c: what holds for every new account of a scheme, asked for once in a transaction.
 *
 * It is asked for by whoever has locked the schemes, so nobody else changes it meanwhile; a
 * transaction that changes it itself says so.  A row that is loaded costs a look-up here, and no
 * query.
 *
 * Must not know: what the terms of a scheme are.
 */
#include "postgres.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "entry.h"

/* In the memory of the transaction; schemes are few. */
struct held_terms {
    char *scheme;
    Datum terms;
    struct held_terms *next;
};
static struct held_terms *held = NULL;

static void
forget_at_end(XactEvent event, void *argument)
{
    if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
        held = NULL;
}

/* What a subtransaction that is rolled back had recorded, or locked, holds no more. */
static void
forget_at_rollback(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
                   void *argument)
{
    if (event == SUBXACT_EVENT_ABORT_SUB)
        held = NULL;
}

/* Ask for the terms of a scheme, and hold them; none for one that is not there. */
static struct held_terms *
ask_terms(const char *scheme)
{
    static SPIPlanPtr plan = NULL;
    struct held_terms *found = NULL;
    Datum argument = CStringGetTextDatum(scheme);

    SPI_connect();
    if (plan == NULL) {
        Oid text_type = TEXTOID;
        SPIPlanPtr made =
            SPI_prepare("SELECT t FROM care_internal.scheme_terms($1) AS t", 1, &text_type);

        if (made == NULL || SPI_keepplan(made) != 0)
            elog(ERROR, "could not prepare: %s", SPI_result_code_string(SPI_result));
        plan = made;
    }
    if (SPI_execute_plan(plan, &argument, NULL, false, 1) == SPI_OK_SELECT && SPI_processed == 1) {
        bool is_null;
        Datum terms = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);

        if (!is_null) {
            MemoryContext caller = MemoryContextSwitchTo(TopTransactionContext);

            found = palloc(sizeof *found);
            found->scheme = pstrdup(scheme);
            found->terms = datumCopy(terms, false, -1);
            found->next = held;
            MemoryContextSwitchTo(caller);
            held = found;
        }
    }
    SPI_finish();
    return found;
}

PG_FUNCTION_INFO_V1(care_held_terms);
Datum
care_held_terms(PG_FUNCTION_ARGS)
{
    static bool registered = false;
    char *scheme = text_to_cstring(PG_GETARG_TEXT_PP(0));
    struct held_terms *found = held;

    if (!registered) {
        RegisterXactCallback(forget_at_end, NULL);
        RegisterSubXactCallback(forget_at_rollback, NULL);
        registered = true;
    }
    while (found != NULL && strcmp(found->scheme, scheme) != 0)
        found = found->next;
    if (found == NULL)
        found = ask_terms(scheme);
    pfree(scheme);
    if (found == NULL)
        PG_RETURN_NULL();
    PG_RETURN_DATUM(found->terms);
}

PG_FUNCTION_INFO_V1(care_forget_terms);
Datum
care_forget_terms(PG_FUNCTION_ARGS)
{
    held = NULL;
    PG_RETURN_VOID();
}
