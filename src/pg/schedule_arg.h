/*
 * schedule_arg.h: a schedule as PostgreSQL stores it, and how the wrappers get at it.
 *
 * Must not know: what a value means.
 */
#ifndef CARE_SCHEDULE_ARG_H
#define CARE_SCHEDULE_ARG_H

#include "postgres.h"
#include "fmgr.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include "report.h"
#include "../pure/schedule.h"

/*
 * After the varlena header, of either length: 16 bits of flags, all reserved and nought; the number
 * of steps in 16 bits; the packed steps.  Nothing in it needs alignment.
 */
#define STORED_HEADER_SIZE (2 * sizeof(uint16))
#define STORED_SIZE(count) (VARHDRSZ + STORED_HEADER_SIZE + (Size)(count)*SCHEDULE_STEP_SIZE)

StaticAssertDecl(SCHEDULE_MAX_STEPS <= PG_UINT16_MAX, "the number of steps is kept in 16 bits");

/* The view of a stored schedule. */
static inline struct schedule
care_stored_view(const struct varlena *stored)
{
    const uint8_t *at = (const uint8_t *)VARDATA_ANY(stored);
    uint16 header[2] = {1, 0};

    if (likely(VARSIZE_ANY_EXHDR(stored) >= STORED_HEADER_SIZE))
        memcpy(header, at, sizeof header);
    if (unlikely(header[0] != 0 || VARSIZE_ANY_EXHDR(stored) !=
                                       STORED_HEADER_SIZE + (Size)header[1] * SCHEDULE_STEP_SIZE))
        ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("a stored schedule is damaged")));
    return (struct schedule){.steps = at + STORED_HEADER_SIZE, .count = header[1]};
}

#define PG_GETARG_SCHEDULE(n) care_stored_view(PG_GETARG_VARLENA_PP(n))

/* The same for an argument that may be NULL: no steps. */
static inline struct schedule
care_optional_schedule(FunctionCallInfo fcinfo, int argument)
{
    if (PG_ARGISNULL(argument))
        return (struct schedule){0};
    return PG_GETARG_SCHEDULE(argument);
}

extern struct varlena *care_schedule_allocate(int32_t capacity, struct schedule_writer *writer);
extern Datum care_schedule_finish(struct varlena *stored, const struct schedule_writer *writer);

#endif
