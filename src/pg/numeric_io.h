/*
 * numeric_io.h: PostgreSQL's numeric to and from whole numbers of pence and units.
 *
 * Reading.  A million budgets or ledger entries are a million numerics, and asking the server to
 * multiply and cast each costs more than all the rest of the work.  So the stored form is read
 * where it lies: a 16-bit header (or two), then digits to the base 10,000.  That form is on the
 * disks of every cluster since 9.1 and survives pg_upgrade, so it cannot change without the server
 * converting tables; care_numeric_self_check() compares it with the server's own conversions when
 * the library is loaded, and refuses to go on if they differ.
 *
 * Must not know: what the amounts are for.
 */
#ifndef CARE_NUMERIC_IO_H
#define CARE_NUMERIC_IO_H

#include "postgres.h"
#include "fmgr.h"

#include "../pure/money.h"

/* Finite, in range and with no more decimals than it may have, else an error naming the argument.
 */
extern int64_t care_numeric_units(Datum numeric, const char *name);
extern int64_t care_numeric_fraction(Datum numeric, int limit, const char *name);
extern int64_t care_numeric_pence(Datum numeric, const char *name);

extern Datum care_pence_numeric(int64_t pence);
extern Datum care_units_numeric(int64_t units);
extern void care_numeric_self_check(void);

#endif
