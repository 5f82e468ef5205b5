/*
 * balance_state.h: the state of the aggregate balance(), which ledger() has in its own.
 *
 * Must not know: where the rows come from.
 */
#ifndef CARE_BALANCE_STATE_H
#define CARE_BALANCE_STATE_H

#include "postgres.h"
#include "fmgr.h"

#include "growth_cache.h"

/* One group's state: an exact sum. */
struct balance_state {
    struct growth_sum sum;
    int64 rows;
    bool not_known;                /* a rate it needs is not */
    struct growth_reference terms; /* of the last row */
};

#define BALANCE_ARGUMENT(n) (PG_ARGISNULL(n) ? NULL : (struct balance_state *)PG_GETARG_POINTER(n))

extern void care_balance_count(FunctionCallInfo fcinfo, struct balance_state *state, int64_t pence,
                               bool if_known);
extern MemoryContext care_aggregate_memory(FunctionCallInfo fcinfo);
extern _Noreturn void care_sum_too_large(void);

#endif
