/*
 * replay_sql.c: whether a session applies what was done elsewhere.
 *
 * What has been recorded, derived or disposed of in another database was judged there; here it is
 * only repeated, and a refusal would stop the subscriber for good.
 *
 * Must not know: what is applied.
 */
#include "postgres.h"
#include "commands/trigger.h"
#include "replication/logicalworker.h"
#include "replication/origin.h"

#include "entry.h"
#include "replay.h"

/*
 * The server's own worker, or one of another program: it says where its changes come from, and is
 * in the replica role.  To be either takes a superuser.
 */
bool
care_session_replays(void)
{
    return IsLogicalWorker() || (replorigin_session_origin != InvalidRepOriginId &&
                                 SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA);
}

PG_FUNCTION_INFO_V1(care_is_replaying);
Datum
care_is_replaying(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(care_session_replays());
}
