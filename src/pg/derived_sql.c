/*
 * derived_sql.c: the derived columns of the heads of records.
 *
 * They change only in an UPDATE that is run here, with values that are worked out from the facts,
 * whoever asks for it and however: a row trigger refuses every other.
 *
 * Must not know: any class of record, what the columns mean.
 */
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "entry.h"
#include "replay.h"
#include "report.h"

static bool writing_derived = false;

/*
 * The plan of a class, kept for the session until its head table changes.  A class is registered by
 * a script, so they are few.
 */
struct class_plan {
    char class[NAMEDATALEN];
    Oid head;
    SPIPlanPtr plan;
    bool stale;
};
static HTAB *plans = NULL;

static void
forget_plans(Datum argument, Oid relation)
{
    HASH_SEQ_STATUS scan;
    struct class_plan *known;

    hash_seq_init(&scan, plans);
    while ((known = hash_seq_search(&scan)) != NULL)
        if (!OidIsValid(relation) || known->head == relation)
            known->stale = true;
}

/* The command of a class, from its registry. */
static SPIPlanPtr
prepare_command(const char *class, Oid *head)
{
    Oid text_type = TEXTOID;
    Oid keys_type = INT8ARRAYOID;
    Datum of_class = CStringGetTextDatum(class);
    SPIPlanPtr plan;
    char *command = NULL;

    if (SPI_execute_with_args(
            "SELECT care_internal.derived_command(c.class), c.head::pg_catalog.oid"
            " FROM care_internal.record_class AS c WHERE c.class OPERATOR(pg_catalog.=) $1",
            1, &text_type, &of_class, NULL, true, 1) == SPI_OK_SELECT &&
        SPI_processed == 1) {
        bool is_null;

        command = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
        *head = DatumGetObjectId(
            SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null));
    }
    if (command == NULL)
        ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), care_errconstraint("class_exists"),
                        errmsg("no class of record with derived columns: \"%s\"", class)));
    plan = SPI_prepare(command, 1, &keys_type);
    if (plan == NULL || SPI_keepplan(plan) != 0)
        elog(ERROR, "could not prepare: %s", SPI_result_code_string(SPI_result));
    return plan;
}

static void
make_plans(void)
{
    HASHCTL control = {
        .keysize = NAMEDATALEN, .entrysize = sizeof(struct class_plan), .hcxt = CacheMemoryContext};

    plans = hash_create("care_account derived columns", 8, &control,
                        HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
    CacheRegisterRelcacheCallback(forget_plans, (Datum)0);
}

static SPIPlanPtr
command_of(const char *class)
{
    struct class_plan *known;
    SPIPlanPtr plan;
    Oid head;

    if (plans == NULL)
        make_plans();
    known = strlen(class) < NAMEDATALEN ? hash_search(plans, class, HASH_FIND, NULL) : NULL;
    if (known != NULL && !known->stale)
        return known->plan;
    plan = prepare_command(class, &head);
    if (known != NULL)
        SPI_freeplan(known->plan);
    else
        known = hash_search(plans, class, HASH_ENTER, NULL);
    known->plan = plan;
    known->head = head;
    known->stale = false;
    return plan;
}

/* Run a command; while it runs, and only then, derived columns may change. */
static void
run_command(SPIPlanPtr plan, Datum keys)
{
    int result;

    writing_derived = true;
    PG_TRY();
    {
        result = SPI_execute_plan(plan, &keys, NULL, false, 0);
    }
    PG_FINALLY();
    {
        writing_derived = false;
    }
    PG_END_TRY();
    if (result != SPI_OK_UPDATE)
        elog(ERROR, "could not write: %s", SPI_result_code_string(result));
}

PG_FUNCTION_INFO_V1(care_write_derived);
Datum
care_write_derived(PG_FUNCTION_ARGS)
{
    char *class = text_to_cstring(PG_GETARG_TEXT_PP(0));

    SPI_connect();
    run_command(command_of(class), PG_GETARG_DATUM(1));
    SPI_finish();
    PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(care_refuse_update);
/*
 * A row that is replicated brings its derived columns along: statement triggers do not fire for it.
 */
Datum
care_refuse_update(PG_FUNCTION_ARGS)
{
    const TriggerData *trigger = (TriggerData *)fcinfo->context;
    TupleDesc columns;

    if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ||
        !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
        trigger->tg_trigger->tgnargs != 1)
        ereport(ERROR,
                (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                 errmsg("%s is for a row trigger before UPDATE", "care_internal.refuse_update()")));
    columns = RelationGetDescr(trigger->tg_relation);
    if (!writing_derived && !care_session_replays() &&
        DatumGetBool(OidFunctionCall2(F_RECORD_IMAGE_NE,
                                      heap_copy_tuple_as_datum(trigger->tg_trigtuple, columns),
                                      heap_copy_tuple_as_datum(trigger->tg_newtuple, columns))))
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                        errtable(trigger->tg_relation), care_errconstraint("facts_are_added"),
                        errmsg("rows of %s are never changed or removed",
                               quote_qualified_identifier(SPI_getnspname(trigger->tg_relation),
                                                          SPI_getrelname(trigger->tg_relation))),
                        errhint("Add the fact that corrects it with %s.",
                                trigger->tg_trigger->tgargs[0])));
    return PointerGetDatum(trigger->tg_newtuple);
}
