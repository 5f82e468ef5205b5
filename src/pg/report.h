/*
 * report.h: errors in PostgreSQL's form, and the argument checks every wrapper shares.
 *
 * Must not know: how anything is worked out.
 */
#ifndef CARE_REPORT_H
#define CARE_REPORT_H

#include "postgres.h"
#include "fmgr.h"
#include "utils/date.h"

#include "../pure/fault.h"

/* Soft errors came with PostgreSQL 16; before it, every error is hard. */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#define care_return_error(context, ...) ereturn(context, (Datum)0, __VA_ARGS__)
#else
#define care_return_error(context, ...)                                                            \
    do {                                                                                           \
        (void)(context);                                                                           \
        ereport(ERROR, __VA_ARGS__);                                                               \
    } while (0)
#endif

/* Raise the error for a fault; text names the input for a malformed one, and may be NULL. */
extern _Noreturn void care_report(const struct fault *fault);
extern Datum care_report_input(const struct fault *fault, const char *text, struct Node *context);

/* Refuse a NULL argument by name: a figure that depends on what is not known is not known either.
 */
extern _Noreturn void care_require_slow(FunctionCallInfo fcinfo, int count,
                                        const char *const *names);

static inline void
care_require(FunctionCallInfo fcinfo, int count, const char *const *names)
{
    for (int i = 0; i < count; i++)
        if (unlikely(PG_ARGISNULL(i)))
            care_require_slow(fcinfo, count, names);
}

/* In an ereport: the name of the rule that was broken, by which a program tells two errors apart.
 */
extern int care_errconstraint(const char *name);

/* A date as a day: PostgreSQL counts from the same day. */
extern day_t care_day(DateADT date, const char *name);

#endif
