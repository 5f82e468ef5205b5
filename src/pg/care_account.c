/*
 * care_account.c: the library's entry.
 */
#include "postgres.h"
#include "fmgr.h"

#include "numeric_io.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void
_PG_init(void)
{
    care_numeric_self_check();
}
