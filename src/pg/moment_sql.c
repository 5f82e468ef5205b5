/*
 * moment_sql.c: the moment at which a row is recorded.
 *
 * The clock of a machine may be set back, and the rows of a database must still stand in the order
 * in which they were recorded.  So a moment is what the clock says, but always later than every
 * moment given before in this database, in whichever session: the last one is kept in a sequence.
 *
 * A row that comes from a dump, a publisher or another system brings its moment along; one that is
 * recorded here has one that was given in its own transaction.  That is how the two are told apart,
 * whatever the clock says.
 *
 * Must not know: what is recorded.
 */
#include "postgres.h"
#include "access/relation.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "entry.h"

/* The moments given in this transaction, from the first to the last; none: both nought. */
static TimestampTz first_given = 0;
static TimestampTz last_given = 0;

static void
forget_given(XactEvent event, void *argument)
{
    if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
        first_given = last_given = 0;
}

/*
 * One session at a time reads the last moment and writes the next: the lock is held no longer than
 * that.  Microseconds since 2000 fit a sequence for 292,000 years.
 */
static TimestampTz
next_moment(Relation sequence)
{
    Oid id = RelationGetRelid(sequence);
    TimestampTz moment;

    LockPage(sequence, 0, ExclusiveLock);
    moment = DatumGetInt64(DirectFunctionCall1(pg_sequence_last_value, ObjectIdGetDatum(id))) + 1;
    moment = Max(moment, GetCurrentTimestamp());
    DirectFunctionCall2(setval_oid, ObjectIdGetDatum(id), Int64GetDatum(moment));
    UnlockPage(sequence, 0, ExclusiveLock);
    return moment;
}

PG_FUNCTION_INFO_V1(care_moment);
/* Whoever records need have no right on the sequence. */
Datum
care_moment(PG_FUNCTION_ARGS)
{
    static bool registered = false;
    Relation sequence;
    TimestampTz moment;
    Oid user;
    int context;

    if (!registered) {
        RegisterXactCallback(forget_given, NULL);
        registered = true;
    }
    sequence = relation_open(get_relname_relid("moment", get_namespace_oid("care_internal", false)),
                             RowExclusiveLock);
    GetUserIdAndSecContext(&user, &context);
    SetUserIdAndSecContext(sequence->rd_rel->relowner, context | SECURITY_LOCAL_USERID_CHANGE);
    moment = next_moment(sequence);
    SetUserIdAndSecContext(user, context);
    relation_close(sequence, NoLock);
    if (first_given == 0)
        first_given = moment;
    last_given = moment;
    PG_RETURN_TIMESTAMPTZ(moment);
}

PG_FUNCTION_INFO_V1(care_is_new);
/* Was this moment given in this transaction? */
Datum
care_is_new(PG_FUNCTION_ARGS)
{
    TimestampTz moment = PG_GETARG_TIMESTAMPTZ(0);

    PG_RETURN_BOOL(first_given != 0 && moment >= first_given && moment <= last_given);
}
