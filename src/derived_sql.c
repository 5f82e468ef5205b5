/*
 * derived_sql.c: the derived columns of accounts and agreements.
 *
 * They change only in an UPDATE that is run here, with values that are worked out from the facts,
 * whoever asks for it and however: a row trigger refuses every other.
 *
 * Must not know: what the columns mean.
 */
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "replication/logicalworker.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "report.h"

static bool writing_derived = false;

/* Run one of our commands; while it runs, and only then, derived columns may change. */
static void
write_derived(SPIPlanPtr *plan, const char *command, Datum keys)
{
    Oid type = INT8ARRAYOID;
    int result;

    SPI_connect();
    if (*plan == NULL) {
        *plan = SPI_prepare(command, 1, &type);
        if (*plan == NULL || SPI_keepplan(*plan) != 0)
            elog(ERROR, "could not prepare: %s", SPI_result_code_string(SPI_result));
    }
    writing_derived = true;
    PG_TRY();
    {
        result = SPI_execute_plan(*plan, &keys, NULL, false, 0);
    }
    PG_FINALLY();
    {
        writing_derived = false;
    }
    PG_END_TRY();
    if (result != SPI_OK_UPDATE)
        elog(ERROR, "could not write: %s", SPI_result_code_string(result));
    SPI_finish();
}

PG_FUNCTION_INFO_V1(care_write_accounts);
Datum
care_write_accounts(PG_FUNCTION_ARGS)
{
    static SPIPlanPtr plan = NULL;

    write_derived(
        &plan,
        "UPDATE care.account AS a"
        " SET counting_from = d.counting_from, cap_on = d.cap_on, person_reference = "
        "d.person_reference,"
        " reach = d.reach, weekly_rate = d.weekly_rate, cap = d.cap, cap_scales = d.cap_scales,"
        " adjusted = d.adjusted, weekly_cost = d.weekly_cost, weekly_counted = d.weekly_counted,"
        " daily_living_cost = d.daily_living_cost"
        " FROM care_internal.derived_account($1, 'infinity') AS d"
        " WHERE d.account_id = a.account_id",
        PG_GETARG_DATUM(0));
    PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(care_write_agreements);
Datum
care_write_agreements(PG_FUNCTION_ARGS)
{
    static SPIPlanPtr plan = NULL;

    write_derived(
        &plan,
        "UPDATE care.agreement AS a"
        " SET signed_on = d.signed_on, secured_on = d.secured_on, ended_on = d.ended_on,"
        " released_on = d.released_on, day_count = d.day_count, capitalised = d.capitalised,"
        " charged = d.charged, court_from = d.court_from, court_rate = d.court_rate"
        " FROM care_internal.derived_agreement($1) AS d"
        " WHERE d.agreement_id = a.agreement_id",
        PG_GETARG_DATUM(0));
    PG_RETURN_VOID();
}

/*
 * A row that is replicated brings its derived columns along: statement triggers do not fire for it.
 */
PG_FUNCTION_INFO_V1(care_refuse_update);
Datum
care_refuse_update(PG_FUNCTION_ARGS)
{
    const TriggerData *trigger = (TriggerData *)fcinfo->context;
    TupleDesc columns;

    if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ||
        !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || !TRIGGER_FIRED_BEFORE(trigger->tg_event))
        ereport(ERROR,
                (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                 errmsg("%s is for a row trigger before UPDATE", "care_internal.refuse_update()")));
    columns = RelationGetDescr(trigger->tg_relation);
    if (!writing_derived && !IsLogicalWorker() &&
        DatumGetBool(OidFunctionCall2(F_RECORD_IMAGE_NE,
                                      heap_copy_tuple_as_datum(trigger->tg_trigtuple, columns),
                                      heap_copy_tuple_as_datum(trigger->tg_newtuple, columns))))
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                        errtable(trigger->tg_relation), care_errconstraint("facts_are_added"),
                        errmsg("rows of care.%s are never changed or removed",
                               RelationGetRelationName(trigger->tg_relation)),
                        errhint("Add the fact that corrects it with a function of care.")));
    return PointerGetDatum(trigger->tg_newtuple);
}
