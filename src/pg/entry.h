/*
 * entry.h: fmgr.h, for a library whose symbols are hidden but for what the server calls.
 *
 * A library that somebody loads first would otherwise take the place of any function of ours by
 * its name.  From PostgreSQL 16 on fmgr.h shows the functions it is told of by itself; here it is
 * taught to in 15.
 *
 * Must not know: any function.
 */
#ifndef CARE_ENTRY_H
#define CARE_ENTRY_H

#include "postgres.h"
#include "fmgr.h"

#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#undef PG_FUNCTION_INFO_V1
#define PG_FUNCTION_INFO_V1(function)                                                              \
    extern PGDLLEXPORT Datum function(PG_FUNCTION_ARGS);                                           \
    extern PGDLLEXPORT const Pg_finfo_record *CppConcat(pg_finfo_, function)(void);                \
    const Pg_finfo_record *CppConcat(pg_finfo_, function)(void)                                    \
    {                                                                                              \
        static const Pg_finfo_record version_1 = {1};                                              \
                                                                                                   \
        return &version_1;                                                                         \
    }                                                                                              \
    extern int no_such_variable
#endif

#endif
