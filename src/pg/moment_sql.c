/*
 * moment_sql.c: the moment at which a row is recorded.
 *
 * The clock of a machine may be set back, and the rows of a database must still stand in the order
 * in which they were recorded.  So a moment is what the clock says, but always later than every
 * moment given before in this database, in whichever session: the last one is kept in a sequence.
 * A statement that records many rows is given the moments of several at a time: they are later than
 * every moment given before them, and no other session is given one of them.
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
 * The moments that one statement has been given and not used yet.  A row takes longer than a
 * microsecond, so they do not run ahead of the clock; and they are not kept for long enough to fall
 * behind it by more than MAX_AGE.
 */
#define MAX_GIVEN 64
#define MAX_AGE INT64CONST(10000) /* microseconds */
struct given {
    TimestampTz next;
    TimestampTz end; /* the first that is not given */
    TimestampTz asked;
    int count;
};

/*
 * One session at a time reads the last moment and writes the next: the lock is held no longer than
 * that.  Microseconds since 2000 fit a sequence for 292,000 years.
 */
static TimestampTz
next_moments(Relation sequence, int count, TimestampTz now)
{
    Oid id = RelationGetRelid(sequence);
    TimestampTz moment;

    LockPage(sequence, 0, ExclusiveLock);
    moment = DatumGetInt64(DirectFunctionCall1(pg_sequence_last_value, ObjectIdGetDatum(id))) + 1;
    moment = Max(moment, now);
    DirectFunctionCall2(setval_oid, ObjectIdGetDatum(id), Int64GetDatum(moment + count - 1));
    UnlockPage(sequence, 0, ExclusiveLock);
    return moment;
}

/* Whoever records need have no right on the sequence. */
static TimestampTz
ask_moments(int count, TimestampTz now)
{
    Relation sequence;
    TimestampTz moment;
    Oid user;
    int context;

    sequence = relation_open(get_relname_relid("moment", get_namespace_oid("care_internal", false)),
                             RowExclusiveLock);
    GetUserIdAndSecContext(&user, &context);
    SetUserIdAndSecContext(sequence->rd_rel->relowner, context | SECURITY_LOCAL_USERID_CHANGE);
    moment = next_moments(sequence, count, now);
    SetUserIdAndSecContext(user, context);
    relation_close(sequence, NoLock);
    return moment;
}

PG_FUNCTION_INFO_V1(care_moment);
/*
 * The first row of a statement asks for one moment, the next ones for twice as many each time: a
 * statement that records one row is given one.
 */
Datum
care_moment(PG_FUNCTION_ARGS)
{
    static bool registered = false;
    struct given *given = fcinfo->flinfo->fn_extra;
    TimestampTz now = GetCurrentTimestamp();
    TimestampTz moment;

    if (!registered) {
        RegisterXactCallback(forget_given, NULL);
        registered = true;
    }
    if (given == NULL) {
        given = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof *given);
        fcinfo->flinfo->fn_extra = given;
    }
    if (given->next == given->end || first_given == 0 || now < given->asked ||
        now - given->asked > MAX_AGE) {
        given->count = Min(MAX_GIVEN, Max(1, given->count * 2));
        given->next = ask_moments(given->count, now);
        given->end = given->next + given->count;
        given->asked = now;
    }
    moment = given->next++;
    if (first_given == 0)
        first_given = moment;
    last_given = Max(last_given, moment);
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
