/*
 * care_account.c: the library's entry.
 */
#include "postgres.h"

#include "entry.h"
#include "numeric_io.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
    care_numeric_self_check();
}
